"""packshot-bench is what it says."""

from __future__ import annotations

import numpy as np
import pytest

from deepetch.options import StudioOptions
from deepetch.studio.bench import BENCH_CLASSES, EACH, RECIPE_FILE, bench_scenes, draw_bench
from deepetch.studio.catalogue import FAMILIES, KINDS, build
from deepetch.studio.lights import HELD_OUT_LIGHTS, LIGHTS
from deepetch.studio.recipes import read_recipes
from deepetch.studio.scenes import draw_scene


@pytest.fixture(scope="module")
def bench():
    return read_recipes(RECIPE_FILE)


def of(bench, *names):
    return [scene for scene in bench if scene.kind in names]


def test_twelve_pictures_of_twelve_classes_at_640(bench):
    assert len(bench) == len({scene.name for scene in bench}) == 144
    assert list(dict.fromkeys(scene.kind for scene in bench)) == list(BENCH_CLASSES)
    assert {len(of(bench, name)) for name in BENCH_CLASSES} == {EACH}
    assert {max(scene.width, scene.height) for scene in bench} == {640}
    assert {scene.split for scene in bench} == {"test"}


def test_recipe_file_holds_what_the_classes_draw(bench):
    drawn = draw_bench(("glass", "clutter"), each=3)
    by_name = {scene.name: scene for scene in bench}
    assert [by_name[scene.name] for scene in drawn] == drawn


def test_smaller_pictures_are_of_the_same_scenes(bench):
    small = bench_scenes(("film", "glass"), each=2, size=160)
    assert [scene.name for scene in small] == ["glass-00", "glass-01", "film-00", "film-01"]
    by_name = {scene.name: scene for scene in bench}
    for scene in small:
        full = by_name[scene.name]
        assert max(scene.width, scene.height) == 160
        assert scene.width / scene.height == pytest.approx(full.width / full.height, rel=0.02)
        assert (scene.camera, scene.products) == (full.camera, full.products)
        assert scene.flaws.noise == pytest.approx(full.flaws.noise / 4)


def test_training_pictures_share_no_family_artwork_or_light_with_it(bench):
    options = StudioOptions(seed=5, size=64)
    training = [draw_scene(index, options) for index in range(150)]
    for one, other in (("family", "family"), ("artwork_seed", "artwork_seed")):
        of_bench = {getattr(placed, one) for scene in bench for placed in scene.products}
        assert of_bench.isdisjoint(getattr(placed, other) for scene in training for placed in scene.products)
    assert {scene.light for scene in bench} <= set(HELD_OUT_LIGHTS)
    assert {scene.light for scene in training} <= set(LIGHTS)
    assert all(placed.held_out for scene in bench for placed in scene.products)
    assert not any(placed.held_out for scene in training for placed in scene.products)


def test_other_test_pictures_are_held_out_as_well():
    scenes = [draw_scene(index, StudioOptions(seed=5, size=64, split="test")) for index in range(30)]
    assert all(FAMILIES[placed.family].held_out and placed.held_out for scene in scenes for placed in scene.products)
    assert {scene.light for scene in scenes} <= set(HELD_OUT_LIGHTS)


@pytest.mark.parametrize(
    ("name", "trait"), [("glass", "glass"), ("film", "film"), ("holes", "hole"), ("thin parts", "thin")]
)
def test_every_product_of_a_class_shows_what_the_class_is_about(bench, name, trait):
    for scene in of(bench, name):
        assert all(trait in FAMILIES[placed.family].traits for placed in scene.products)


def test_opaque_classes_let_no_light_through(bench):
    for scene in of(bench, "plain", "white on white", "shadows", "several products"):
        assert not any(build(placed.family, placed.shape_seed).transparent for placed in scene.products)


def test_classes_are_varied(bench):
    for name in BENCH_CLASSES:
        families = [placed.family for scene in of(bench, name) for placed in scene.products]
        assert len(set(families)) >= 2
    assert {placed.kind for scene in bench for placed in scene.products} >= set(KINDS) - {"jar"}
    assert all(3 <= len(scene.products) <= 5 for scene in of(bench, "several products"))
    assert {placed.hand is None for scene in of(bench, "clutter") for placed in scene.products} == {True, False}
    assert np.mean([scene.camera.f_stop is None for scene in bench]) > 0.3
