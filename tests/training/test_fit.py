from __future__ import annotations

import itertools
import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from deepetch.datasets.pack import open_pack
from deepetch.errors import InvalidOptions, OutputFailed, TrainingError
from deepetch.options import TrainOptions
from deepetch.training.export import trained_network
from deepetch.training.fit import CHECKPOINT, fit, read_checkpoint, schedule
from deepetch.training.networks.compact import CompactOptions, CompactUNet
from small_disk import fill, small_disk


def weights(run):
    return {name: value.float() for name, value in read_checkpoint(run / CHECKPOINT)["state_dict"].items()}


def test_short_run_leaves_checkpoint_and_metrics(tmp_path, pack_file, options):
    lines = []
    fit(pack_file, tmp_path / "run", replace(options, steps=3), report=lines.append)
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == [CHECKPOINT, "metrics.jsonl"]
    rows = [json.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()]
    assert rows == [json.loads(line) for line in lines]
    assert rows[-1]["step"] == 3
    assert rows[-1].keys() == {"step", "seconds", "loss", "people", "cutouts", "score"}
    assert 0 < rows[-1]["loss"] < 10
    assert rows[-1]["score"] == pytest.approx((rows[-1]["people"] + rows[-1]["cutouts"]) / 2, abs=1e-4)
    assert read_checkpoint(tmp_path / "run" / CHECKPOINT)["global_step"] == 3


def test_resumed_run_equals_the_uninterrupted_one(tmp_path, pack_file, options):
    fit(pack_file, tmp_path / "whole", options)
    # a stop after three of five steps, as a time limit makes it: the schedule still ends at five
    fit(pack_file, tmp_path / "parts", replace(options, minutes=1e-9))
    stopped = read_checkpoint(tmp_path / "parts" / CHECKPOINT)["global_step"]
    assert stopped < 5
    fit(pack_file, tmp_path / "parts", options)
    whole, parts = weights(tmp_path / "whole"), weights(tmp_path / "parts")
    assert whole.keys() == parts.keys()
    for name in whole:
        # one thread, the same batches and the same arithmetic: the same sums to the last float32 digits
        assert torch.allclose(whole[name], parts[name], rtol=1e-5, atol=1e-7), name


def test_learning_rate_given_on_resuming_holds(tmp_path, pack_file, options):
    fit(pack_file, tmp_path, replace(options, steps=2))
    still = replace(options, steps=4, learning_rate=1e-12, weight_decay=0.0)
    before = torch.load(tmp_path / CHECKPOINT, weights_only=True)["current_model_state"]
    fit(pack_file, tmp_path, still)
    after = torch.load(tmp_path / CHECKPOINT, weights_only=True)["current_model_state"]
    assert torch.allclose(before["network.stem.0.weight"], after["network.stem.0.weight"], atol=1e-7)


def test_same_seed_gives_the_same_weights_and_another_seed_others(tmp_path, pack_file, options):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        fit(pack_file, tmp_path / name, replace(options, steps=2, seed=seed))
    a, b, c = (weights(tmp_path / name) for name in "abc")
    assert all(torch.equal(a[name], b[name]) for name in a)
    assert any(not torch.equal(a[name], c[name]) for name in a)


def test_worker_processes_change_nothing(tmp_path, pack_file, options):
    for name, workers in (("none", 0), ("one", 1)):
        fit(pack_file, tmp_path / name, replace(options, steps=2, workers=workers))
    none, one = weights(tmp_path / "none"), weights(tmp_path / "one")
    assert all(torch.equal(none[name], one[name]) for name in none)


def test_finished_run_stays_as_it_is(tmp_path, pack_file, options):
    fit(pack_file, tmp_path, replace(options, steps=2))
    before = weights(tmp_path)
    fit(pack_file, tmp_path, replace(options, steps=2))
    after = weights(tmp_path)
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_run_learns(tmp_path, pack_file, options):
    fit(pack_file, tmp_path, replace(options, steps=60, validate_every=60, averaging=0.9))
    rows = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    assert rows[-1]["loss"] < rows[0]["loss"]
    assert rows[-1]["people"] > 0.5


def test_initial_weights_are_begun_with(tmp_path, pack_file, options):
    network = CompactUNet(CompactOptions(channels=options.channels))
    slow = replace(options, steps=1, learning_rate=1e-12)
    fit(pack_file, tmp_path, slow, initial=network.state_dict())
    trained = trained_network(tmp_path)
    for (name, old), new in zip(network.named_parameters(), trained.parameters(), strict=True):
        assert torch.allclose(old, new, atol=1e-6), name


def test_initial_weights_of_another_network_are_refused(tmp_path, pack_file, options):
    other = CompactUNet(CompactOptions(channels=(8, 8, 8, 8, 8)))
    with pytest.raises(TrainingError, match="do not fit the compact network"):
        fit(pack_file, tmp_path, options, initial=other.state_dict())


def test_loss_that_is_no_number_ends_the_run(tmp_path, pack_file, options):
    network = CompactUNet(CompactOptions(channels=options.channels))
    name, bias = list(network.named_parameters())[-1]
    state = network.state_dict() | {name: torch.full_like(bias, float("nan"))}
    with pytest.raises(TrainingError, match="the loss became nan at step 0"):
        fit(pack_file, tmp_path, options, initial=state)
    assert not (tmp_path / CHECKPOINT).exists()


@pytest.mark.parametrize("damage", [b"", b"text", None])
def test_damaged_checkpoint_is_refused_and_stays(tmp_path, pack_file, options, damage):
    fit(pack_file, tmp_path, replace(options, steps=1))
    checkpoint = tmp_path / CHECKPOINT
    damaged = checkpoint.read_bytes()[:1000] if damage is None else damage
    checkpoint.write_bytes(damaged)
    with pytest.raises(TrainingError, match="damaged"):
        fit(pack_file, tmp_path, options)
    assert checkpoint.read_bytes() == damaged


def test_a_full_disk_ends_the_run_and_leaves_the_last_checkpoint(tmp_path, pack_file, options):
    with small_disk(tmp_path / "disk", 4096) as disk:
        fit(pack_file, disk / "run", replace(options, steps=1))
        before = (disk / "run" / CHECKPOINT).read_bytes()
        fill(disk)
        with pytest.raises(OutputFailed, match=f"{CHECKPOINT}: not written; the disk is full"):
            fit(pack_file, disk / "run", replace(options, steps=2, checkpoint_minutes=1e-9))
        assert (disk / "run" / CHECKPOINT).read_bytes() == before
        (disk / "filler").unlink()
        fit(pack_file, disk / "run", replace(options, steps=2))
        assert read_checkpoint(disk / "run" / CHECKPOINT)["global_step"] == 2


def test_a_disk_too_full_for_a_row_of_metrics_ends_the_run(tmp_path, pack_file, options):
    with small_disk(tmp_path / "disk", 4096) as disk:
        fill(disk)
        with pytest.raises(OutputFailed, match=r"metrics.jsonl: not written \(No space left on device\)"):
            fit(pack_file, disk / "run", replace(options, steps=1))


def test_no_temporary_file_stays_beside_the_checkpoint(tmp_path, pack_file, options):
    fit(pack_file, tmp_path, replace(options, steps=2, checkpoint_minutes=1e-9))
    assert sorted(path.name for path in tmp_path.iterdir()) == [CHECKPOINT, "metrics.jsonl"]


def test_validation_without_pictures_writes_rows_without_scores(tmp_path, pack_file, options):
    text = bytearray(pack_file.read_bytes())
    train_only = tmp_path / "train.pack"
    train_only.write_bytes(bytes(text).replace(b'\\"split\\": \\"val\\"', b'\\"split\\": \\"tst\\"'))
    assert not len(open_pack(train_only).select(split="val"))
    fit(train_only, tmp_path / "run", replace(options, steps=1))
    row = json.loads((tmp_path / "run" / "metrics.jsonl").read_text())
    assert row.keys() == {"step", "seconds", "loss"}


def test_schedule_warms_up_and_falls_to_zero():
    options = TrainOptions(steps=100, warmup_steps=10)
    shares = [schedule(step, options) for step in range(101)]
    assert shares[:10] == pytest.approx(np.arange(1, 11) / 10)
    assert shares[10] == 1
    assert shares[55] == pytest.approx(0.5)
    assert shares[100] == 0
    assert all(a >= b for a, b in itertools.pairwise(shares[10:]))


@pytest.mark.parametrize(
    "wrong",
    [
        {"size": 100},
        {"size": 32},
        {"batch": 0},
        {"steps": 0},
        {"learning_rate": 0.0},
        {"learning_rate": float("nan")},
        {"validate_every": 0},
        {"minutes": -1.0},
        {"channels": (8, 8, 8)},
        {"channels": (8, 8, 8, 8, 0)},
    ],
)
def test_options_no_run_can_have_are_refused(wrong):
    with pytest.raises(InvalidOptions, match=f"{next(iter(wrong))}: expected"):
        TrainOptions(**wrong)
