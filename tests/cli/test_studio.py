"""`deepetch studio render`, with a drawing program in Blender's place."""

from __future__ import annotations

import shutil
import signal
import sys
import tempfile
from functools import partial
from pathlib import Path

import pytest

from deepetch.cli import arguments
from deepetch.studio import blender_process
from deepetch.studio import render as rendering
from deepetch.studio.blender_process import Blender
from deepetch.studio.catalogue import KINDS
from drawn_subjects import disc_photo, save_photo
from small_disk import small_disk

DRAWING = Path(__file__).parents[1] / "studio" / "drawing_worker.py"


@pytest.fixture
def studio(deepetch, tmp_path, monkeypatch):
    """Call `deepetch studio render -o tmp_path/set` with small pictures."""
    program = tmp_path / "worker" / "drawing_worker.py"
    program.parent.mkdir()
    shutil.copyfile(DRAWING, program)
    monkeypatch.setattr(rendering, "Blender", partial(Blender, worker=program))
    monkeypatch.setattr(blender_process, "can_render", lambda python: True)

    def call(*arguments, output=tmp_path / "set"):
        return deepetch(
            "studio", "render", "-o", output, "--size", 64, "--blender", sys.executable, "--seed", 1, *arguments
        )

    return call


def test_pictures_are_said_and_not_rendered_twice(studio, deepetch, tmp_path):
    first = studio("--count", 2, "--kind", "can,mug")
    assert (first.status, first.err) == (0, "")
    lines = first.out.splitlines()
    assert lines[0].startswith(f"{tmp_path / 'set' / 'images' / '0001-000000.jpg'}  ")
    assert lines[-1] == f"{tmp_path / 'set'}: 2 rendered, 0 were there"
    again = studio("--count", 2, "--kind", "can,mug")
    assert again.out == f"{tmp_path / 'set'}: 0 rendered, 2 were there\n"
    assert deepetch("data", "inspect", tmp_path / "set").status == 0


def test_layers_left_out_before_are_said_to_be_rendered(studio):
    assert studio("--count", 2, "--kind", "can", "--no-layers").status == 0
    again = studio("--count", 3, "--kind", "can")
    assert again.out.splitlines()[0] == "2 pictures lack layers and are rendered again; --no-layers leaves them"
    assert again.out.endswith("3 rendered, 0 were there\n")


def test_labels_of_the_users_own_are_wrapped(studio, tmp_path):
    save_photo(tmp_path / "labels" / "mine.png", disc_photo())
    assert studio("--count", 3, "--artwork", tmp_path / "labels", "--no-layers", "--kind", "carton").status == 0
    recipes = [path.read_text() for path in (tmp_path / "set" / "recipes").glob("*.json")]
    assert any("mine.png" in text for text in recipes)


def test_recipes_are_rendered_again(studio, deepetch, tmp_path):
    assert studio("--count", 2, "--kind", "can").status == 0
    common = ["studio", "render", "--blender", sys.executable, "--recipes"]
    again = deepetch(*common, tmp_path / "set" / "recipes", "-o", tmp_path / "again")
    assert again.out.splitlines()[-1] == f"{tmp_path / 'again'}: 2 rendered, 0 were there"
    for path in (tmp_path / "set" / "images").iterdir():
        assert (tmp_path / "again" / "images" / path.name).read_bytes() == path.read_bytes()
    missing = deepetch(*common, tmp_path / "none", "-o", tmp_path / "third")
    assert (missing.status, missing.out, missing.err.count("\n")) == (1, "", 1)
    for other in (["--size", 64], ["--kind", "can"], ["--rooms", tmp_path], ["--pictures", tmp_path], ["--count", 2]):
        answer = deepetch(*common, tmp_path / "set" / "recipes", "-o", tmp_path / "third", *other)
        assert (answer.status, answer.out, answer.err.count("\n")) == (2, "", 1)
    assert not (tmp_path / "third").exists()


def test_recipes_are_found_again_from_another_folder(studio, deepetch, tmp_path, monkeypatch):
    save_photo(tmp_path / "labels" / "mine.png", disc_photo())
    monkeypatch.chdir(tmp_path)
    assert studio("--count", 3, "--artwork", "labels", "--kind", "carton").status == 0
    monkeypatch.chdir("/")
    common = ["studio", "render", "--blender", sys.executable]
    again = deepetch(*common, "--recipes", tmp_path / "set" / "recipes", "-o", tmp_path / "again")
    assert (again.status, again.err) == (0, "")


def test_other_options_in_the_same_folder_are_one_line(studio, tmp_path):
    assert studio("--count", 1, "--kind", "can").status == 0
    other = studio("--count", 2, "--kind", "mug")
    assert (other.status, other.out, other.err.count("\n")) == (1, "", 1)
    assert "other options" in other.err


def test_validation_pictures_are_not_those_of_training(studio, tmp_path):
    for split in ("train", "val", "test"):
        assert studio("--count", 2, "--split", split, output=tmp_path / split).status == 0
    seen = {(tmp_path / split / "clean" / "0001-000000.png").read_bytes() for split in ("train", "val", "test")}
    assert len(seen) == 3


def test_a_render_that_is_stopped_says_so_and_goes_on(studio, tmp_path):
    (tmp_path / "worker" / "stop").touch()
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # started in the background tests ignore it
    try:
        answer = studio("--count", 4, "--kind", "can")
    finally:
        signal.signal(signal.SIGINT, before)
    assert answer.status != 0
    assert "the same call goes on" in answer.err
    assert len((tmp_path / "set" / "index.csv").read_text().splitlines()) == 3
    (tmp_path / "worker" / "stop").unlink()
    assert studio("--count", 4, "--kind", "can").out.endswith("2 rendered, 2 were there\n")


def test_a_missing_extra_is_one_line_before_anything_else(studio, tmp_path, monkeypatch):
    monkeypatch.setattr(arguments, "find_spec", lambda name: None if name == "OpenEXR" else object())
    answer = studio("--count", 1)
    assert (answer.status, answer.out, answer.err.count("\n")) == (1, "", 1)
    assert "OpenEXR" in answer.err
    assert "deepetch[studio]" in answer.err
    assert not (tmp_path / "set").exists()


def test_help_names_every_kind(deepetch):
    said = " ".join(deepetch("studio", "render", "--help").out.replace("│", " ").split())
    assert ", ".join(KINDS) in said


def test_bench_is_evaluated_by_class(studio, deepetch, tmp_path):
    bench = tmp_path / "bench"
    common = ["studio", "bench", "-o", bench, "--blender", sys.executable, "--size", 64, "--no-layers"]
    made = deepetch(*common, "--classes", "glass,holes", "--each", 2)
    assert (made.status, made.err) == (0, "")
    assert made.out.splitlines()[-1] == f"{bench}: 4 rendered, 0 were there"
    judged = deepetch("evaluate", "default", bench)
    assert judged.status == 0
    assert {line.split("  ")[0] for line in judged.out.splitlines()} >= {"glass", "holes"}
    wrong = deepetch(*common, "--classes", "spoons")
    assert (wrong.status, wrong.err.count("\n")) == (2, 1)
    assert "expected one of plain, white on white" in wrong.err
    assert deepetch(*common, "--classes", ",").status == 2


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["--kind", "spoon"], 2, "expected carton"),
        (["--kind", ","], 2, "expected one or more"),
        (["--artwork", "texts/label.png"], 1, "expected a folder"),
        (["--artwork", "a" * 300], 1, "cannot be read"),
        (["--size", "3"], 2, "size"),
        (["--split", "exam"], 2, "--split"),
        (["--artwork", "none"], 1, "none: cannot be read"),
        (["--artwork", "empty"], 1, "no picture in this folder"),
        (["--artwork", "texts"], 1, "not a picture"),
        (["--rooms", "texts"], 1, "not a picture"),
    ],
)
def test_wrong_call_is_one_line_and_nothing_is_rendered(studio, tmp_path, monkeypatch, arguments, status, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "label.png").write_text("I am a picture, honestly.")
    answer = studio("--count", 1, *arguments)
    assert (answer.status, answer.out, answer.err.count("\n")) == (status, "", 1)
    assert said in answer.err
    assert not (tmp_path / "set").exists()


def test_python_without_blender_is_one_line(deepetch, tmp_path):
    answer = deepetch("studio", "render", "-o", tmp_path / "set", "--blender", sys.executable)
    assert (answer.status, answer.err.count("\n")) == (1, 1)
    assert "cannot import bpy" in answer.err
    assert not (tmp_path / "set").exists()


def test_full_disk_is_one_line_and_finished_pictures_stay(studio, tmp_path):
    with small_disk(tmp_path / "disk", kilobytes=600) as disk:
        answer = studio("--count", 60, "--kind", "can", "--size", 128, output=disk / "set")
        assert (answer.status, answer.err.count("\n")) == (1, 1)
        assert "full" in answer.err
        finished = sorted((disk / "set" / "recipes").glob("*.json"))
        assert finished
        for recipe in finished:
            assert (disk / "set" / "masks" / f"{recipe.stem}.png").stat().st_size > 0


def test_full_disk_of_temporary_files_is_one_line(studio, tmp_path, monkeypatch):
    with small_disk(tmp_path / "disk", kilobytes=200) as disk:
        monkeypatch.setattr(tempfile, "tempdir", str(disk))
        answer = studio("--count", 1, "--kind", "can", "--size", 64)
    assert (answer.status, answer.out, answer.err.count("\n")) == (1, "", 1)
    assert "Make room" in answer.err or "full" in answer.err
    assert not list((tmp_path / "set").rglob("*.json"))
