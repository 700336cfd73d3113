"""A scene survives being written down."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from deepetch.errors import InvalidOptions, StudioError
from deepetch.options import StudioOptions
from deepetch.studio.arrange import turned
from deepetch.studio.catalogue import KINDS, build, families
from deepetch.studio.scene import from_json, to_json
from deepetch.studio.scenes import draw_scene
from deepetch.studio.settings import SETTINGS
from deepetch.studio.view import extent

WHERE = Path("recipe.json")
SMALL = StudioOptions(seed=3, size=256, samples=4)


@pytest.fixture(scope="module")
def scenes():
    return [draw_scene(index, SMALL, rooms=[Path("a.jpg"), Path("b.jpg")]) for index in range(60)]


def test_scene_is_the_same_after_json(scenes):
    for scene in scenes:
        assert from_json(to_json(scene), WHERE) == scene


@pytest.mark.parametrize(
    "change",
    [
        lambda said: said.pop("camera"),
        lambda said: said["camera"].update(focal=3),
        lambda said: said.update(version=99),
        lambda said: said.update(products=7),
        lambda said: said.pop("version"),
    ],
)
def test_damaged_recipe_is_one_line(scenes, change):
    said = json.loads(to_json(scenes[0]))
    change(said)
    with pytest.raises(StudioError, match=r"recipe\.json") as error:
        from_json(json.dumps(said), WHERE)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("text", ["", "{", "[]", "null"])
def test_text_that_is_no_recipe_is_one_line(text):
    with pytest.raises(StudioError, match="no scene of the studio"):
        from_json(text, WHERE)


def test_scene_depends_on_seed_and_index_alone(scenes):
    assert draw_scene(7, SMALL, rooms=[Path("a.jpg"), Path("b.jpg")]) == scenes[7]
    other = draw_scene(7, StudioOptions(seed=4, size=256, samples=4))
    assert other.camera != scenes[7].camera
    assert len({scene.name for scene in scenes}) == len(scenes)


def test_scenes_show_variety(scenes):
    assert {scene.stage.ground for scene in scenes} >= {"white sweep", "table", "coloured paper"}
    assert {len(scene.products) for scene in scenes} >= {1, 2}
    assert len({placed.kind for scene in scenes for placed in scene.products}) > len(KINDS) / 2
    assert {scene.camera.f_stop is None for scene in scenes} == {True, False}


def test_products_are_in_the_frame_and_the_camera_above_the_ground(scenes):
    for scene in scenes:
        assert scene.camera.position[2] > scene.stage.floor
        middles = np.stack(
            [
                (turned(build(placed.family, placed.shape_seed), placed.turn) + placed.position).mean(0)
                for placed in scene.products
            ]
        )
        camera = scene.camera
        seen = extent(
            middles, np.array(camera.position), np.array(camera.target), camera.focal_mm, scene.width / scene.height
        )
        assert seen < 1.3


def test_without_photographs_there_is_no_room():
    grounds = {draw_scene(index, SMALL).stage.ground for index in range(40)}
    assert "room" not in grounds
    assert any(row.ground == "room" for row in SETTINGS.values())


def test_kinds_are_those_asked_for():
    options = StudioOptions(kinds=("can", "mug"), size=256)
    kinds = {placed.kind for index in range(20) for placed in draw_scene(index, options).products}
    assert kinds == {"can", "mug"}
    with pytest.raises(InvalidOptions, match=r"expected carton.*got 'spoon'"):
        draw_scene(0, StudioOptions(kinds=("spoon",)))


def test_all_families_of_a_kind_that_are_not_held_out_come():
    options = StudioOptions(kinds=("ring",), size=256)
    shown = {placed.family for index in range(40) for placed in draw_scene(index, options).products}
    assert shown == set(families(("ring",), held_out=False))


def test_label_files_are_wrapped_on_some():
    labels = [Path("label.png")]
    used = {placed.artwork for index in range(20) for placed in draw_scene(index, SMALL, artwork=labels).products}
    assert used == {None, "label.png"}


@pytest.mark.parametrize("wrong", [{"size": 8}, {"samples": 0}, {"seed": -1}])
def test_options_that_make_no_sense_are_refused(wrong):
    with pytest.raises(InvalidOptions):
        StudioOptions(**wrong)
