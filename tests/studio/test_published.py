"""Pictures of packshot-bench that are not the published ones are told."""

from __future__ import annotations

import numpy as np
import pytest

from deepetch.options import SaveOptions
from deepetch.photo.write import write_picture
from deepetch.studio.bench import LARGE, RECIPE_FILE, large_scenes
from deepetch.studio.published import TOLERANCE, measure, read_measures, unlike, write_measures
from deepetch.studio.recipes import read_recipes


def save(folder, name, colour, alpha):
    for sort in ("images", "masks"):
        (folder / sort).mkdir(exist_ok=True)
    options = SaveOptions(overwrite=True, quality=98)
    write_picture(folder / "images" / f"{name}.jpg", np.full((16, 24, 3), colour, np.uint8), "rgb", options=options)
    write_picture(folder / "masks" / f"{name}.png", np.full((16, 24, 1), alpha, np.uint8), "grey", options=options)


def test_measures_are_means_of_alpha_and_colours(tmp_path):
    save(tmp_path, "grey", (51, 102, 204), 51)
    assert measure(tmp_path, "grey") == pytest.approx((0.2, 0.2, 0.4, 0.8), abs=1.5 / 255)


def test_what_was_written_is_read_back(tmp_path):
    save(tmp_path, "one", (10, 20, 30), 0)
    save(tmp_path, "two", (200, 100, 0), 255)
    write_measures(tmp_path, ["one", "two"], tmp_path / "measures.csv")
    kept = read_measures(tmp_path / "measures.csv")
    assert list(kept) == ["one", "two"]
    assert kept["two"] == pytest.approx(measure(tmp_path, "two"), abs=1e-5)
    assert unlike(tmp_path, ["one", "two"], kept) == []


@pytest.mark.parametrize(("colour", "alpha"), [((101, 101, 101), 100), ((100, 100, 100), 101)])
def test_a_level_more_in_one_measure_is_told(tmp_path, colour, alpha):
    save(tmp_path, "same", (100, 100, 100), 100)
    save(tmp_path, "other", (100, 100, 100), 100)
    published = {name: measure(tmp_path, name) for name in ("same", "other")}
    save(tmp_path, "other", colour, alpha)
    assert TOLERANCE < 1 / 255
    assert unlike(tmp_path, ["same", "other", "unpublished"], published) == ["other"]


def test_ten_large_pictures_show_scenes_of_the_bench():
    scenes, kept = large_scenes(), {scene.name: scene for scene in read_recipes(RECIPE_FILE)}
    assert len({scene.kind for scene in scenes}) == 10
    assert len(scenes) == len(LARGE)
    for scene in scenes:
        small, megapixels = kept[scene.name.rpartition("-")[0]], scene.width * scene.height / 1e6
        assert 11.9 < megapixels < 48.1
        assert scene.name.endswith(f"-{megapixels:.0f}mp")
        assert (scene.camera, scene.products, scene.kind) == (small.camera, small.products, small.kind)
        assert scene.width / scene.height == pytest.approx(small.width / small.height, rel=0.001)
        assert scene.flaws.softness <= 1.5
        assert scene.flaws.noise <= max(6, small.flaws.noise)
