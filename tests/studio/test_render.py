"""From scenes to a labelled set, with a drawing program in Blender's place."""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from deepetch.datasets.coco import read_coco
from deepetch.datasets.example import read_example
from deepetch.datasets.read import read_dataset
from deepetch.errors import PhotoError, StudioError
from deepetch.options import StudioOptions
from deepetch.studio import render as rendering
from deepetch.studio.blender_process import Blender, can_render, python_with_blender, require_blender
from deepetch.studio.catalogue import build
from deepetch.studio.render import printed, render, unrendered
from deepetch.studio.scene import from_json
from deepetch.studio.scenes import draw_scene
from drawn_subjects import disc_photo, save_photo

OPTIONS = StudioOptions(seed=1, size=96, samples=1, kinds=("carton", "can", "mug"))


@pytest.fixture
def worker(tmp_path, monkeypatch):
    """The drawing program, in a folder of its own, in Blender's place."""
    program = tmp_path / "worker" / "drawing_worker.py"
    program.parent.mkdir()
    shutil.copyfile(Path(__file__).with_name("drawing_worker.py"), program)
    monkeypatch.setattr(rendering, "Blender", partial(Blender, worker=program))
    return program


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "set"


def shot(folder, count=3, options=OPTIONS, **more):
    names = []
    scenes = [draw_scene(index, options) for index in range(count)]
    made = render(folder, scenes, python=lambda: Path(sys.executable), report=lambda n, s: names.append(n), **more)
    assert made == len(names)
    return names


def grey(path):
    with Image.open(path) as picture:
        return np.asarray(picture)


def test_set_can_be_read_by_its_index_and_as_coco(folder, worker):
    names = shot(folder)
    examples = read_dataset(folder)
    assert [example.name for example in examples] == names
    for example in examples:
        photo, alpha = read_example(example)
        assert alpha.shape == (photo.height, photo.width)
        assert set(np.unique(alpha)) == {0.0, 1.0}
    coco = read_coco(folder / "annotations" / "instances_train.json")
    assert len(coco) == 3
    for example, other in zip(examples, coco, strict=True):
        assert np.array_equal(read_example(example)[1], read_example(other)[1])


def test_recipe_makes_the_picture_it_lies_beside(folder, worker):
    (name, *_) = shot(folder, 1)
    recipe = folder / "recipes" / f"{name}.json"
    scene = from_json(recipe.read_text(), recipe)
    assert grey(folder / "images" / f"{name}.jpg").shape == (scene.height, scene.width, 3)
    assert set(np.unique(grey(folder / "instances" / f"{name}.png"))) == set(range(len(scene.products) + 1))
    for placed in scene.products:
        assert build(placed.family, placed.shape_seed).kind == placed.kind


def test_layers_compose_the_clean_picture(folder, worker):
    for name in shot(folder, 3):
        front = grey(folder / "foreground" / f"{name}.png").astype(float)
        behind, clean = (grey(folder / sort / f"{name}.png").astype(float) for sort in ("background", "clean"))
        alpha = front[..., 3:] / 255
        again = alpha * front[..., :3] + (1 - alpha) * behind
        # each of the three is rounded to a level
        assert np.abs(again - clean).max() <= 1.5
        shadow = grey(folder / "shadow" / f"{name}.png")
        # half the light is 0.735 of an encoded value: 1 - 188 / 255.9 of the stage's
        assert 60 <= shadow.max() <= 80


def test_depth_is_in_tenths_of_a_millimetre(folder, worker):
    (name, *_) = shot(folder, 1)
    depth, mask = grey(folder / "depth" / f"{name}.png"), grey(folder / "masks" / f"{name}.png")
    assert set(np.unique(depth[mask == 255])) == {8000}
    assert set(np.unique(depth[mask == 0])) == {65535}


def test_glass_gets_the_alpha_of_two_grounds(folder, worker):
    for name in shot(folder, 2, StudioOptions(seed=1, size=96, kinds=("tumbler",))):
        assert set(np.unique(grey(folder / "masks" / f"{name}.png"))) == {0, 191}  # 0.75


def test_second_call_renders_what_is_missing_alone(folder, worker):
    names = shot(folder, 2)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert shot(folder, 2) == []
    (folder / "recipes" / f"{names[1]}.json").unlink()
    assert shot(folder, 3) == [names[1], "0001-000002"]
    after = {path: path.read_bytes() for path in before}
    pictures = [path for path in before if path.parent.name not in ("annotations", "set")]
    assert all(after[path] == before[path] for path in pictures)  # the same again, byte for byte
    assert len((folder / "index.csv").read_text().splitlines()) == 4


def test_without_layers_there_are_none(folder, worker):
    (name, *_) = shot(folder, 1, StudioOptions(seed=1, size=96, kinds=("can",)), layers=False)
    assert {path.name for path in folder.iterdir() if path.is_dir()} == {
        "annotations", "clean", "depth", "images", "instances", "masks", "recipes",
    }  # fmt: skip
    assert (folder / "masks" / f"{name}.png").exists()


def test_blender_that_ends_is_one_line_and_finished_pictures_stay(folder, worker):
    worker.with_name("die").touch()
    with pytest.raises(StudioError, match="Blender ended: Out of memory") as error:
        shot(folder, 4)
    assert "\n" not in str(error.value)
    assert len(list((folder / "recipes").glob("*.json"))) == len(read_dataset(folder)) == 2
    worker.with_name("die").unlink()
    assert len(shot(folder, 4)) == 2


def test_blender_that_is_killed_says_so(folder, worker):
    worker.with_name("kill").touch()
    with pytest.raises(StudioError, match=r"Blender ended: killed by SIGKILL; systems do so when memory runs out"):
        shot(folder, 4)
    assert len(read_dataset(folder)) == 2


def test_last_words_of_blender_are_no_report_of_progress(folder, worker):
    worker.with_name("die").write_text("Fra:1 Mem:20.79M (Peak 20.79M) | Sample 1/64")
    with pytest.raises(StudioError, match="Blender ended: Out of memory"):
        shot(folder, 4)


def test_pictures_of_other_options_are_not_taken_for_these(folder, worker):
    names = shot(folder, 2)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    others = {"size": 64, "samples": 2, "kinds": ("jar",), "split": "val"}
    for field, value in others.items():
        with pytest.raises(StudioError, match="rendered with other options") as error:
            shot(folder, 3, replace(OPTIONS, **{field: value}))
        assert f"{names[0]}.json" in str(error.value)
        assert "\n" not in str(error.value)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_arithmetic_of_another_machine_and_a_moved_folder_are_no_other_options(folder, worker, tmp_path):
    def scenes(labels):
        return [
            draw_scene(index, replace(OPTIONS, kinds=("carton",)), artwork=[labels / "mine.png"]) for index in range(3)
        ]

    save_photo(tmp_path / "before" / "mine.png", disc_photo())
    drawn = scenes(tmp_path / "before")
    assert any(scene.pictures() for scene in drawn)
    assert render(folder, drawn, python=lambda: Path(sys.executable), layers=False) == 3
    (tmp_path / "before").rename(tmp_path / "after")
    again = scenes(tmp_path / "after")
    nudged = [
        replace(scene, camera=replace(scene.camera, focus=float(np.nextafter(scene.camera.focus, 9))))
        for scene in again
    ]
    assert unrendered(folder, nudged, layers=False) == []
    turned = [replace(scene, camera=replace(scene.camera, focus=1.001 * scene.camera.focus)) for scene in again]
    with pytest.raises(StudioError, match=r"differs in camera\)"):
        unrendered(folder, turned, layers=False)


def test_two_scenes_of_one_name_are_one_line(folder):
    scene = draw_scene(0, OPTIONS)
    with pytest.raises(StudioError, match="the name of two scenes"):
        unrendered(folder, [scene, scene])


def test_layers_asked_for_later_are_rendered(folder, worker):
    names = shot(folder, 2, layers=False)
    assert shot(folder, 2, layers=False) == []
    assert shot(folder, 2) == names
    assert len(list((folder / "foreground").iterdir())) == 2
    assert shot(folder, 2) == []


def test_what_is_no_recipe_is_said_before_anything_is_rendered(folder, worker):
    (folder / "recipes").mkdir(parents=True)
    (folder / "recipes" / "x.json").write_text("{}")
    with pytest.raises(StudioError, match=r"x\.json: no scene"):
        shot(folder, 1)
    assert not (folder / "images").exists()


def test_damaged_picture_of_the_users_own_is_said_before_anything_is_rendered(folder, worker, tmp_path):
    whole = save_photo(tmp_path / "label.png", disc_photo()).read_bytes()
    label = tmp_path / "label.png"
    label.write_bytes(whole[: len(whole) // 2])  # it begins as a picture does
    for field in ("artwork", "pictures"):
        with pytest.raises(PhotoError, match=r"label\.png"):
            render(folder, [draw_scene(2, OPTIONS, **{field: [label] * 9})], python=lambda: Path(sys.executable))
        assert not folder.exists()


def test_blender_is_not_looked_for_when_all_is_there(folder, worker):
    shot(folder, 1)

    def none():
        raise AssertionError

    assert render(folder, [draw_scene(0, OPTIONS)], python=none) == 0


def test_photographs_are_printed_on_artwork(tmp_path):
    scene = draw_scene(0, OPTIONS)
    placed = scene.products[0]
    product = build(placed.family, placed.shape_seed)
    photographs = [save_photo(tmp_path / f"{level}.png", np.full((60, 90, 3), level, np.uint8)) for level in (60, 200)]
    shown = 0
    for seed in range(24):
        dark, light = (
            printed(replace(placed, artwork_seed=seed, picture=str(path)), product).astype(int) for path in photographs
        )
        shown += bool((np.abs(dark - light) > 100).mean() > 0.02)
    assert 5 <= shown <= 19  # one in two or three


def test_blender_that_fails_is_one_line(folder, worker):
    worker.with_name("fail").touch()
    with pytest.raises(StudioError, match="Blender failed: no texture"):
        shot(folder, 2)
    assert not (folder / "index.csv").exists()


def test_program_that_is_no_python_is_one_line(tmp_path):
    with pytest.raises(StudioError, match="no Python that can be run"):
        Blender(tmp_path / "none")
    assert not can_render(tmp_path / "none")
    assert not can_render(Path(sys.executable))  # our own has no Blender


def other_python(folder, lines):
    """A program that answers as a Python might."""
    program = folder / "python"
    program.write_text("#!/bin/sh\n" + lines)
    program.chmod(0o755)
    return program


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("echo 'ImportError: libSM.so.6: cannot open shared object file' >&2; exit 1", "apt-get install"),
        (
            "echo \"ModuleNotFoundError: No module named 'bpy'\" >&2; exit 1",
            r"No module named 'bpy'\)\. Run `.* install",
        ),
        ("echo 4.2.0", r"it is of version 4\.2\.0"),
    ],
)
def test_python_that_cannot_import_blender_says_why(tmp_path, lines, said):
    with pytest.raises(StudioError, match=said) as error:
        require_blender(other_python(tmp_path, lines))
    assert "\n" not in str(error.value)


def test_an_environment_that_misses_libraries_is_not_installed_again(tmp_path):
    (tmp_path / "bin").mkdir()
    other_python(tmp_path / "bin", "echo 'ImportError: libSM.so.6: cannot open shared object file' >&2; exit 1")
    with pytest.raises(StudioError, match="apt-get install"):
        python_with_blender(tmp_path, report=lambda line: pytest.fail(line))


def test_python_with_blender_is_taken(tmp_path):
    program = other_python(tmp_path, "echo some noise; echo 4.5.3")
    assert require_blender(program) == program


def test_environment_that_cannot_be_made_is_one_line(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StudioError) as error:
        python_with_blender(tmp_path / "file")
    assert "\n" not in str(error.value)
