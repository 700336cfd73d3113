from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from deepetch.compare.cost import how_timed, measure_cost, peak_memory, work
from deepetch.errors import ModelMismatch
from deepetch.plan.machine import processor_name
from drawn_subjects import disc_photo, save_photo
from models import colour_key, constant

ORDER = {"threads": 1, "folder": None, "refine": "none"}


@pytest.fixture
def photo(tmp_path):
    return save_photo(tmp_path / "photo.png", disc_photo(64, 64))


def test_a_process_of_its_own_tells_seconds_and_memory(tmp_path, photo):
    held = np.ones(64 * 2**20, np.uint8)  # what this process holds is not counted there
    cost = measure_cost(str(colour_key(tmp_path / "m.onnx")), [photo] * 3, threads=1)
    assert 0 < cost.ms_per_picture < 60_000
    assert 20e6 < cost.peak_bytes < 2e9
    assert cost.measured_on == f"{processor_name()}, 1 thread"
    assert (cost.file_bytes, cost.parameters, held[-1]) == (None, None, 1)


def test_answer_has_a_figure_a_photo(tmp_path, photo):
    answer = work(ORDER | {"given": str(colour_key(tmp_path / "m.onnx")), "photos": [str(photo)] * 3})
    assert len(answer["seconds"]) == 3
    assert answer["peak_bytes"] >= 20e6
    assert json.loads(json.dumps(answer)) == answer


def test_what_fails_there_is_one_line_here(tmp_path, photo):
    nan = str(constant(tmp_path / "nan.onnx", float("nan")))
    assert "no numbers" in work(ORDER | {"given": nan, "photos": [str(photo)]})["error"]
    with pytest.raises(ModelMismatch, match=r"^mine: could not be timed in a process of its own: .*nosuch") as caught:
        measure_cost(str(tmp_path / "nosuch.onnx"), [photo], name="mine")
    assert "\n" not in str(caught.value)


def test_nothing_to_measure_on_is_a_mistake_of_ours(tmp_path):
    with pytest.raises(ValueError, match="one photo or more"):
        measure_cost("default", [])


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="there /proc tells")
def test_peak_is_of_this_program_and_not_of_what_started_it():
    held = np.ones(300 * 2**20, np.uint8)
    before = peak_memory()
    assert before > 300 * 2**20
    code = "from deepetch.compare.cost import peak_memory; print(peak_memory())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) < before
    assert held[-1] == 1


def test_how_it_was_timed_is_in_words():
    assert "on the same 5 pictures" in how_timed(5)
    assert "on the same one picture" in how_timed(1)
