from __future__ import annotations

import itertools
import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from deepetch.errors import InvalidOptions, OutputFailed, TrainingError
from deepetch.options import TrainOptions
from deepetch.training.checkpoint import BEST, LAST, read_checkpoint
from deepetch.training.fit import fit
from deepetch.training.learner import schedule
from deepetch.training.metrics import EVENTS, METRICS, read_metrics
from deepetch.training.networks.compact import CompactOptions, CompactUNet
from deepetch.training.weights import trained_network
from small_disk import fill, small_disk


def weights(run):
    return {name: value.float() for name, value in read_checkpoint(run / LAST)["state_dict"].items()}


def test_short_run_leaves_checkpoints_and_metrics(tmp_path, pack, options):
    lines = []
    fit(pack, tmp_path / "run", replace(options, steps=3), report=lines.append)
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == [BEST, LAST, METRICS, EVENTS]
    rows = read_metrics(tmp_path / "run" / METRICS)
    assert [{name: float(value) for name, value in row.items()} for row in rows] == [json.loads(line) for line in lines]
    assert [row["step"] for row in rows] == ["2", "3"]
    last = {name: float(value) for name, value in rows[-1].items()}
    assert list(last) == [
        "step", "epoch", "seconds", "learning_rate", "loss", "iou",
        "val_loss", "val_accuracy", "val_iou", "val_iou_cutouts", "val_iou_people",
    ]  # fmt: skip
    assert 0 < last["loss"] < 10
    assert last["val_iou"] == pytest.approx((last["val_iou_people"] + last["val_iou_cutouts"]) / 2, abs=1e-4)
    assert read_checkpoint(tmp_path / "run" / LAST)["global_step"] == 3


def test_resumed_run_equals_the_uninterrupted_one(tmp_path, pack, options):
    fit(pack, tmp_path / "whole", options)
    # a stop after three of five steps, as a time limit makes it: the schedule still ends at five
    fit(pack, tmp_path / "parts", replace(options, minutes=1e-9))
    stopped = read_checkpoint(tmp_path / "parts" / LAST)["global_step"]
    assert stopped < 5
    fit(pack, tmp_path / "parts", options)
    whole, parts = weights(tmp_path / "whole"), weights(tmp_path / "parts")
    assert whole.keys() == parts.keys()
    for name in whole:
        # one thread, the same batches and the same arithmetic: the same sums to the last float32 digits
        assert torch.allclose(whole[name], parts[name], rtol=1e-5, atol=1e-7), name


def test_learning_rate_given_on_resuming_holds(tmp_path, pack, options):
    fit(pack, tmp_path, replace(options, steps=2))
    still = replace(options, steps=4, learning_rate=1e-12, weight_decay=0.0)
    before = torch.load(tmp_path / LAST, weights_only=True)["current_model_state"]
    fit(pack, tmp_path, still)
    after = torch.load(tmp_path / LAST, weights_only=True)["current_model_state"]
    assert torch.allclose(before["network.stem.0.weight"], after["network.stem.0.weight"], atol=1e-7)


@pytest.mark.parametrize("precision", ["bf16-mixed", "32-true"])
@pytest.mark.parametrize("optimizer", ["muon", "adam"])
def test_every_optimizer_learns_in_every_precision_and_resumes(tmp_path, pack, options, optimizer, precision):
    chosen = replace(options, optimizer=optimizer, precision=precision, averaging=0.0, learning_rate=0.01)
    fit(pack, tmp_path, replace(chosen, steps=20, schedule="constant"))
    assert fit(pack, tmp_path, replace(chosen, steps=30, schedule="constant"))
    first, *_, last = read_metrics(tmp_path / METRICS)
    assert float(last["loss"]) < float(first["loss"])


def test_same_seed_gives_the_same_weights_and_another_seed_others(tmp_path, pack, options):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        fit(pack, tmp_path / name, replace(options, steps=2, seed=seed))
    a, b, c = (weights(tmp_path / name) for name in "abc")
    assert all(torch.equal(a[name], b[name]) for name in a)
    assert any(not torch.equal(a[name], c[name]) for name in a)


def test_worker_processes_change_nothing(tmp_path, pack, options):
    for name, workers in (("none", 0), ("one", 1)):
        fit(pack, tmp_path / name, replace(options, steps=2, workers=workers))
    none, one = weights(tmp_path / "none"), weights(tmp_path / "one")
    assert all(torch.equal(none[name], one[name]) for name in none)


def test_finished_run_stays_as_it_is(tmp_path, pack, options):
    fit(pack, tmp_path, replace(options, steps=2))
    before = weights(tmp_path)
    fit(pack, tmp_path, replace(options, steps=2))
    after = weights(tmp_path)
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_run_learns(tmp_path, pack, options):
    fit(pack, tmp_path, replace(options, steps=60, validate_every=60, averaging=0.9))
    rows = read_metrics(tmp_path / METRICS)
    assert float(rows[-1]["loss"]) < float(rows[0]["loss"])
    assert float(rows[-1]["val_iou_people"]) > 0.5


def test_initial_weights_are_begun_with(tmp_path, pack, options):
    network = CompactUNet(CompactOptions(channels=options.channels))
    begun = [parameter.detach().clone() for parameter in network.parameters()]
    slow = replace(options, steps=1, learning_rate=1e-12)
    fit(pack, tmp_path, slow, network=network)
    trained = trained_network(tmp_path)
    for old, new in zip(begun, trained.parameters(), strict=True):
        assert torch.allclose(old, new, atol=1e-6)


def test_loss_that_is_no_number_ends_the_run(tmp_path, pack, options):
    network = CompactUNet(CompactOptions(channels=options.channels))
    name, bias = list(network.named_parameters())[-1]
    network.load_state_dict(network.state_dict() | {name: torch.full_like(bias, float("nan"))})
    with pytest.raises(TrainingError, match="the loss became nan at step 0"):
        fit(pack, tmp_path, options, network=network)
    assert not (tmp_path / LAST).exists()


@pytest.mark.parametrize("damage", [b"", b"text", None])
def test_damaged_checkpoint_is_refused_and_stays(tmp_path, pack, options, damage):
    fit(pack, tmp_path, replace(options, steps=1))
    checkpoint = tmp_path / LAST
    damaged = checkpoint.read_bytes()[:1000] if damage is None else damage
    checkpoint.write_bytes(damaged)
    with pytest.raises(TrainingError, match="damaged"):
        fit(pack, tmp_path, options)
    assert checkpoint.read_bytes() == damaged


def test_checkpoint_of_another_network_is_refused_and_stays(tmp_path, pack, options):
    fit(pack, tmp_path, replace(options, steps=1))
    before = (tmp_path / LAST).read_bytes()
    for other in ({"channels": (8, 8, 8, 8, 8)}, {"network": "unet", "channels": (4, 4)}):
        with pytest.raises(TrainingError, match=r"last.ckpt: a checkpoint of another network"):
            fit(pack, tmp_path, replace(options, **other))
    assert (tmp_path / LAST).read_bytes() == before


def test_a_full_disk_ends_the_run_and_leaves_the_last_checkpoint(tmp_path, pack, options):
    with small_disk(tmp_path / "disk", 4096) as disk:
        fit(pack, disk / "run", replace(options, steps=1))
        before = (disk / "run" / LAST).read_bytes()
        fill(disk)
        with pytest.raises(OutputFailed, match="not written; the disk is full"):
            fit(pack, disk / "run", replace(options, steps=2, checkpoint_minutes=1e-9))
        assert (disk / "run" / LAST).read_bytes() == before
        (disk / "filler").unlink()
        fit(pack, disk / "run", replace(options, steps=2))
        assert read_checkpoint(disk / "run" / LAST)["global_step"] == 2


def test_a_disk_too_full_for_a_row_of_metrics_ends_the_run(tmp_path, pack, options):
    with small_disk(tmp_path / "disk", 4096) as disk:
        fill(disk)
        with pytest.raises(OutputFailed, match=r"metrics.csv: not written"):
            fit(pack, disk / "run", replace(options, steps=1))


def test_no_temporary_file_stays_beside_the_checkpoint(tmp_path, pack, options):
    fit(pack, tmp_path, replace(options, steps=2, checkpoint_minutes=1e-9))
    assert sorted(path.name for path in tmp_path.iterdir()) == [BEST, LAST, METRICS, EVENTS]


def test_validation_without_pictures_writes_rows_without_scores(tmp_path, pack, options):
    rows = [row | {"split": "none" if row["split"] == "val" else row["split"]} for row in pack.rows]
    fit(replace(pack, rows=rows), tmp_path, replace(options, steps=1))
    (row,) = read_metrics(tmp_path / METRICS)
    assert list(row) == ["step", "epoch", "seconds", "learning_rate", "loss", "iou"]
    assert not (tmp_path / BEST).exists()
    assert trained_network(tmp_path).options.channels == options.channels


def test_schedule_warms_up_and_falls_to_zero():
    options = TrainOptions(steps=100, warmup_steps=10)
    shares = [schedule(step, options, steps=100) for step in range(101)]
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
