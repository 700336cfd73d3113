from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch
from safetensors.torch import save_file

from deepetch.errors import DatasetError, InvalidOptions, OutputFailed, TrainingError
from deepetch.training.checkpoint import LAST, read_checkpoint
from deepetch.training.networks.compact import CompactOptions, CompactUNet
from deepetch.training.run import open_run, start_run
from deepetch.training.weights import trained_network, write_weights
from drawn_subjects import save_data_set


@pytest.fixture
def lines():
    return []


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def step_of(run):
    return read_checkpoint(run / LAST)["global_step"]


def test_run_from_a_pack_stores_its_options(tmp_path, pack_file, options, lines):
    run = tmp_path / "deep" / "run"
    start_run(pack_file, run, {"run": replace(options, steps=2)}, report=lines.append)
    stored = json.loads((run / "options.json").read_text())
    assert stored["pack"] == str(pack_file)
    assert stored["channels"] == list(options.channels)
    assert stored["steps"] == 2
    assert step_of(run) == 2
    assert len(lines) == 1


def test_run_from_a_data_set_packs_it_first(tmp_path, options, lines):
    data = save_data_set(tmp_path / "data", train=3, val=1, test=1)
    start_run(data, tmp_path / "run", {"run": replace(options, steps=1)}, report=lines.append)
    assert (tmp_path / "run" / "data.pack").exists()
    assert step_of(tmp_path / "run") == 1


def test_run_goes_on_with_its_own_options(tmp_path, pack_file, options, lines):
    start_run(pack_file, tmp_path / "run", {"run": replace(options, steps=2)}, report=lines.append)
    open_run(tmp_path / "run", {"steps": 4}, report=lines.append)
    assert step_of(tmp_path / "run") == 4
    assert json.loads((tmp_path / "run" / "options.json").read_text())["steps"] == 4
    assert trained_network(tmp_path / "run").options.channels == options.channels


def test_run_of_before_channels_could_be_chosen_has_the_default_ones(tmp_path, pack_file, options, lines):
    default = replace(options, channels=CompactOptions().channels, steps=1, batch=2)
    start_run(pack_file, tmp_path / "run", {"run": default}, report=lines.append)
    stored = json.loads((tmp_path / "run" / "options.json").read_text())
    del stored["channels"]
    (tmp_path / "run" / "options.json").write_text(json.dumps(stored))
    checkpoint = torch.load(tmp_path / "run" / LAST, weights_only=True)
    del checkpoint["channels"]
    torch.save(checkpoint, tmp_path / "run" / LAST)
    open_run(tmp_path / "run", {"steps": 2}, report=lines.append)
    assert step_of(tmp_path / "run") == 2


def test_run_stopped_before_its_first_checkpoint_begins_anew(tmp_path, pack_file, options, lines):
    start_run(pack_file, tmp_path / "run", {"run": replace(options, steps=1)}, report=lines.append)
    (tmp_path / "run" / LAST).unlink()
    open_run(tmp_path / "run", {}, report=lines.append)
    assert any("begins anew" in line for line in lines)
    assert step_of(tmp_path / "run") == 1


def test_existing_run_is_refused_and_stays(tmp_path, pack_file, options, lines):
    start_run(pack_file, tmp_path / "run", {"run": replace(options, steps=1)}, report=lines.append)
    before = contents(tmp_path / "run")
    with pytest.raises(TrainingError, match="Go on with `deepetch train --resume"):
        start_run(pack_file, tmp_path / "run", {"run": options}, report=lines.append)
    assert contents(tmp_path / "run") == before


def test_nothing_is_no_run(tmp_path, lines):
    with pytest.raises(TrainingError, match="no run lies here"):
        open_run(tmp_path, {}, report=lines.append)


@pytest.mark.parametrize("text", ["{", "[]", "7", '"run"', "{}", '{"pack": "p", "colour": 7}', '{"pack": 7}'])
def test_options_that_cannot_be_read_are_said(tmp_path, lines, text):
    (tmp_path / "options.json").write_text(text)
    with pytest.raises(TrainingError, match="cannot be read as the options of a run"):
        open_run(tmp_path, {}, report=lines.append)


def test_changed_options_are_checked(tmp_path, pack_file, options, lines):
    start_run(pack_file, tmp_path / "run", {"run": replace(options, steps=1)}, report=lines.append)
    with pytest.raises(InvalidOptions, match="steps: expected more than 0"):
        open_run(tmp_path / "run", {"steps": 0}, report=lines.append)


def test_run_may_begin_with_stored_weights_and_takes_their_channels(tmp_path, pack_file, options, lines):
    network = CompactUNet(CompactOptions(channels=(4, 8, 8, 8, 12)))
    write_weights(network, tmp_path / "w.safetensors")
    start_run(
        pack_file, tmp_path / "run", {"run": replace(options, steps=1)}, init_from=str(tmp_path / "w.safetensors"),
        report=lines.append,
    )  # fmt: skip
    assert trained_network(tmp_path / "run").options.channels == (4, 8, 8, 8, 12)


def test_wrong_weights_are_refused_before_a_folder_is_made(tmp_path, pack_file, options, lines):
    save_file({"weight": torch.zeros(3)}, tmp_path / "other.safetensors")
    (tmp_path / "text.safetensors").write_text("no weights")
    for name, said in (("other", "another network"), ("text", "no weights"), ("none", "no weights")):
        with pytest.raises(TrainingError, match=said):
            start_run(
                pack_file, tmp_path / "run", {"run": options}, init_from=str(tmp_path / f"{name}.safetensors"),
                report=lines.append,
            )  # fmt: skip
    assert not (tmp_path / "run").exists()


def test_data_that_cannot_be_used_are_said_before_options_are_stored(tmp_path, options, lines):
    (tmp_path / "text.pack").write_text("no pack")
    (tmp_path / "empty").mkdir()
    for data in ("text.pack", "empty", "none"):
        with pytest.raises(DatasetError):
            start_run(tmp_path / data, tmp_path / "run", {"run": options}, report=lines.append)
    assert not (tmp_path / "run" / "options.json").exists()


def test_file_in_the_place_of_the_run_is_said(tmp_path, pack_file, options, lines):
    (tmp_path / "run").write_text("a file")
    with pytest.raises(OutputFailed, match="cannot be made"):
        start_run(pack_file, tmp_path / "run" / "sub", {"run": options}, report=lines.append)
    assert (tmp_path / "run").read_text() == "a file"
