"""Scenes are read back from where they were kept."""

from __future__ import annotations

import pytest

from deepetch.errors import StudioError
from deepetch.options import StudioOptions
from deepetch.studio.recipes import read_recipes, recipe_lines
from deepetch.studio.scene import to_json
from deepetch.studio.scenes import draw_scene

SCENES = [draw_scene(index, StudioOptions(seed=2, size=64)) for index in range(3)]


def test_lines_are_read_back(tmp_path):
    (tmp_path / "some.jsonl").write_text(recipe_lines(SCENES))
    assert read_recipes(tmp_path / "some.jsonl") == SCENES


def test_folder_is_read_back_by_name(tmp_path):
    for scene in reversed(SCENES):
        (tmp_path / f"{scene.name}.json").write_text(to_json(scene))
    (tmp_path / "notes.txt").write_text("no recipe")
    assert read_recipes(tmp_path) == SCENES


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "cannot be read"), (b"", "no scenes are in it"), (b"{}\n", "no scene"), (b"\xff", "no")],
)
def test_what_holds_no_scenes_is_one_line(tmp_path, content, said):
    if content is not None:
        (tmp_path / "some.jsonl").write_bytes(content)
    with pytest.raises(StudioError, match=said) as error:
        read_recipes(tmp_path / "some.jsonl")
    assert "\n" not in str(error.value)


def test_empty_folder_is_one_line(tmp_path):
    with pytest.raises(StudioError, match="no scenes are in it"):
        read_recipes(tmp_path)
