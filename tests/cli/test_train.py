from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from drawn_subjects import save_data_set, save_photo

TINY = ["--channels", "8,8,8,8,8", "--size", 64, "--batch", 2, "--steps", 2, "--workers", 0]


@pytest.fixture
def pack(deepetch, tmp_path):
    data = save_data_set(tmp_path / "data", train=3, val=1, test=1)
    assert deepetch("data", "pack", data, "-o", tmp_path / "d.pack", "--size", 64).status == 0
    return tmp_path / "d.pack"


def rows(answer):
    """The metrics that a run printed."""
    return [json.loads(line) for line in answer.out.splitlines() if line.startswith("{")]


def test_run_is_trained_and_goes_on(deepetch, pack, tmp_path):
    answer = deepetch("train", pack, "-o", tmp_path / "run", *TINY)
    assert (answer.status, answer.err) == (0, "")
    assert rows(answer)[-1]["step"] == 2
    assert answer.out.splitlines()[-1] == f"report: {tmp_path / 'run' / 'report.html'}"
    answer = deepetch("train", "--resume", tmp_path / "run", "--steps", 3)
    assert (answer.status, answer.err) == (0, "")
    assert rows(answer)[-1]["step"] == 3
    stored = json.loads((tmp_path / "run" / "options.json").read_text())
    assert (stored["steps"], stored["size"], stored["channels"]) == (3, 64, [8] * 5)


def test_new_process_trains_without_a_word_on_standard_error(pack, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "deepetch", "train", pack, "-o", tmp_path / "run", *map(str, TINY)],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def test_existing_run_is_one_line(deepetch, pack, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "options.json").write_text("{}")
    answer = deepetch("train", pack, "-o", tmp_path / "run", *TINY)
    assert (answer.status, answer.err.count("\n")) == (1, 1)
    assert "--resume" in answer.err


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        ["d.pack"],
        ["-o", "run"],
        ["d.pack", "--resume", "run"],
        ["--resume", "run", "-o", "other"],
        ["--resume", "run", "--channels", "8,8,8,8,8"],
        ["d.pack", "-o", "run", "--network", "vit"],
        ["d.pack", "-o", "run", "--size", "100"],
        ["d.pack", "-o", "run", "--batch", "0"],
        ["d.pack", "-o", "run", "--steps", "-5"],
        ["d.pack", "-o", "run", "--minutes", "0"],
        ["d.pack", "-o", "run", "--channels", "many"],
        ["d.pack", "-o", "run", "--channels", "8,8"],
        ["d.pack", "-o", "run", "--channels", "8,8,8,8,8", "--init-from", "default"],
    ],
)
def test_wrong_call_is_one_line_and_makes_nothing(deepetch, tmp_path, monkeypatch, wrong):
    monkeypatch.chdir(tmp_path)
    answer = deepetch("train", *wrong)
    assert (answer.status, answer.out, answer.err.count("\n")) == (2, "", 1)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["none.pack", "-o", "run"],
        ["text", "-o", "run"],
        ["text", "-o", "run", "--init-from", "text"],
        ["--resume", "none"],
        ["--resume", "text"],
    ],
)
def test_what_cannot_be_trained_is_one_line(deepetch, tmp_path, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text").write_text("no pack, no weights, no run")
    answer = deepetch("train", *arguments)
    assert (answer.status, answer.out, answer.err.count("\n")) == (1, "", 1)
    assert [path.name for path in tmp_path.iterdir()] == ["text"]


def damage(data, how):
    """Spoil a drawn set in one way; what the command must name."""
    if how == "missing mask":
        (data / "masks" / "train0.png").unlink()
        return "train0"
    if how == "half a mask":
        mask = data / "masks" / "train0.png"
        mask.write_bytes(mask.read_bytes()[:60])
        return "train0"
    if how == "mask of another size":
        save_photo(data / "masks" / "train0.png", np.zeros((7, 9, 1), np.uint8))
        return "train0"
    index = data / "index.csv"
    index.write_text(index.read_text().replace(",train\n", ",val\n").replace(",train\r\n", ",val\r\n"))
    return "train split"


@pytest.mark.parametrize("how", ["missing mask", "half a mask", "mask of another size", "empty split"])
def test_bad_data_are_one_line_and_no_run_begins(deepetch, tmp_path, how):
    data = save_data_set(tmp_path / "data", train=3, val=1, test=1)
    named = damage(data, how)
    answer = deepetch("train", data, "-o", tmp_path / "run", *TINY)
    assert (answer.status, answer.out, answer.err.count("\n")) == (1, "", 1)
    assert named in answer.err
    assert not (tmp_path / "run" / "options.json").exists()


def test_bad_pictures_are_skipped_only_when_asked(deepetch, tmp_path):
    data = save_data_set(tmp_path / "data", train=4, val=1, test=1)
    damage(data, "half a mask")
    answer = deepetch("train", data, "-o", tmp_path / "run", *TINY, "--skip-bad", "--no-report")
    assert answer.status == 0
    assert answer.err.startswith("skipped: ")
    assert "train0" in answer.err


def test_class_that_does_not_exist_is_one_line(deepetch, tmp_path):
    data = save_data_set(tmp_path / "data", train=3, val=1, test=1)
    assert deepetch("data", "convert", data, "--to", "coco", "-o", tmp_path / "coco").status == 0
    answer = deepetch("train", tmp_path / "coco", "-o", tmp_path / "run", *TINY, "--categories", "spaceship")
    assert (answer.status, answer.out, answer.err.count("\n")) == (1, "", 1)
    assert "spaceship" in answer.err


def test_a_plan_is_taken_and_the_command_line_comes_first(deepetch, pack, tmp_path):
    (tmp_path / "plan.toml").write_text(
        "[train]\nchannels = [8, 8, 8, 8, 8]\nsize = 64\nbatch = 4\nepochs = 9\nworkers = 0\n"
    )
    answer = deepetch(
        "train",
        pack,
        "-o",
        tmp_path / "run",
        "--plan",
        tmp_path / "plan.toml",
        "--batch",
        2,
        "--steps",
        1,
        "--no-report",
    )
    assert (answer.status, answer.err) == (0, "")
    stored = json.loads((tmp_path / "run" / "options.json").read_text())
    assert (stored["batch"], stored["steps"], stored["epochs"], stored["size"]) == (2, 1, None, 64)


@pytest.mark.parametrize("command", [["train", "d.pack", "-o", "run"], ["export", "run", "-o", "m.onnx"]])
def test_without_the_extra_packages_one_line_says_how_to_get_them(command):
    # a module that is None in sys.modules cannot be imported: what an environment without torch looks like
    code = (
        "import sys; sys.modules['torch'] = None\n"
        f"sys.argv = ['deepetch', *{command!r}]\nfrom deepetch.cli.main import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr == ("deepetch: training needs torch, which is not installed: pip install 'deepetch[train]'.\n")
