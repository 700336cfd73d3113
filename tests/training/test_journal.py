from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest
import torch
from tensorboardX.proto.event_pb2 import Event

from deepetch.errors import TrainingError
from deepetch.training.checkpoint import BEST, LAST, read_checkpoint
from deepetch.training.fit import fit
from deepetch.training.metrics import EVENTS, METRICS, Metrics, read_metrics
from deepetch.training.weights import trained_network


def scores(run, name):
    return {int(row["step"]): float(row[name]) for row in read_metrics(run / METRICS) if row.get(name)}


def test_best_checkpoint_is_that_of_the_best_validation(tmp_path, pack, options):
    fit(pack, tmp_path, replace(options, steps=40, warmup_steps=1, learning_rate=0.02, averaging=0.5, validate_every=8))
    found = scores(tmp_path, "val_iou")
    best = read_checkpoint(tmp_path / BEST)
    first_best = min(step for step, score in found.items() if score == max(found.values()))
    assert (best["global_step"], best["val_iou"]) == (first_best, found[first_best])
    stored = {name.removeprefix("network."): value for name, value in best["state_dict"].items()}
    assert all(torch.equal(value, stored[name]) for name, value in trained_network(tmp_path).state_dict().items())


@pytest.mark.parametrize(("monitor", "better"), [("val_loss", min), ("val_accuracy", max)])
def test_the_monitored_score_decides(tmp_path, pack, options, monitor, better):
    fit(pack, tmp_path, replace(options, steps=6, validate_every=2, learning_rate=0.05, averaging=0.0, monitor=monitor))
    assert read_checkpoint(tmp_path / BEST)[monitor] == better(scores(tmp_path, monitor).values())


def test_run_without_a_better_validation_stops_early_and_says_so(tmp_path, pack, options):
    lines = []
    still = replace(options, steps=50, learning_rate=1e-12, averaging=0.0, validate_every=2, patience=3, workers=0)
    fit(pack, tmp_path, replace(still, network="unet", channels=(4, 4), weight_decay=0.0), report=lines.append)
    # nothing moves: the first validation is the best, and three more change nothing
    assert read_checkpoint(tmp_path / LAST)["global_step"] == 8
    assert lines[-1].startswith("stopped early at step 8: 3 validations without a better val_iou than")


def test_accumulated_batches_make_one_step(tmp_path, pack, options):
    plain = replace(options, augmentation="none", steps=2, batch=1)
    for name, accumulate in (("one", 1), ("two", 2)):
        fit(pack, tmp_path / name, replace(plain, accumulate=accumulate))
        assert read_checkpoint(tmp_path / name / LAST)["global_step"] == 2
    one, two = (read_metrics(tmp_path / name / METRICS)[-1] for name in ("one", "two"))
    assert float(two["epoch"]) == pytest.approx(2 * float(one["epoch"]))
    # the loss shown is the mean over the batches of a step, not their sum, and not divided twice
    assert float(two["loss"]) == pytest.approx(float(one["loss"]), rel=0.2)


def test_epochs_set_the_number_of_steps(tmp_path, pack, options):
    classic = replace(options, augmentation="classic", epochs=2, batch=3, validate_every=None)
    fit(pack, tmp_path, classic)
    labelled = sum(row["split"] == "train" and row["kind"] != "backgrounds" for row in pack.rows)
    per_epoch = math.ceil(labelled / 3)
    assert read_checkpoint(tmp_path / LAST)["global_step"] == 2 * per_epoch
    assert list(scores(tmp_path, "val_iou")) == [per_epoch, 2 * per_epoch]  # validated after each epoch


def test_rows_behind_the_checkpoint_are_written_anew(tmp_path):
    first = Metrics(tmp_path, ["step", "loss"], first_step=0)
    for step in (50, 100, 150):
        first.add({"step": step, "loss": step / 100})
    first.close()
    again = Metrics(tmp_path, ["step", "loss", "val_iou"], first_step=100)
    again.add({"step": 150, "loss": 9.5, "val_iou": 0.5})
    again.close()
    assert (tmp_path / METRICS).read_text() == "step,loss,val_iou\n50,0.5,\n100,1.0,\n150,9.5,0.5\n"


def test_tensorboard_gets_the_numbers_of_the_table(tmp_path, pack, options):
    fit(pack, tmp_path, replace(options, steps=2))
    found = {}
    for file in (tmp_path / EVENTS).iterdir():
        for event in events(file):
            for value in event.summary.value:
                found[value.tag, event.step] = value.simple_value
    (row,) = read_metrics(tmp_path / METRICS)
    assert {tag for tag, _ in found} == row.keys() - {"step"}
    for name in row.keys() - {"step"}:
        assert found[name, 2] == pytest.approx(float(row[name]), rel=1e-6)


def events(file):
    """The events of a TensorBoard file: each a length of eight bytes, its checksum of four, the event, its checksum."""
    with file.open("rb") as stream:
        while header := stream.read(12):
            event = Event()
            event.ParseFromString(stream.read(int.from_bytes(header[:8], "little")))
            stream.read(4)
            yield event


def test_a_table_that_is_none_is_said(tmp_path):
    (tmp_path / METRICS).write_text("colour\nred\n")
    with pytest.raises(TrainingError, match=r"metrics.csv: cannot be read as the metrics of a run"):
        Metrics(tmp_path, ["step"], first_step=5)
    assert (tmp_path / METRICS).read_text() == "colour\nred\n"


def test_progress_is_told_every_step(tmp_path, pack, options):
    told = []
    fit(pack, tmp_path, replace(options, steps=3), progress=lambda step, steps, loss: told.append((step, steps, loss)))
    assert [(step, steps) for step, steps, _ in told] == [(1, 3), (2, 3), (3, 3)]
    assert all(0 < loss < 10 for *_, loss in told)


def test_resuming_in_mid_epoch_continues_the_curve(tmp_path, pack, options):
    """The rows of a run that was stopped twice are those of one that was not."""
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    classic = replace(options, augmentation="classic", epochs=3, batch=2, validate_every=1, averaging=0.9)
    fit(pack, whole, classic)
    for _ in range(2):
        fit(pack, parts, replace(classic, minutes=1e-9))  # one step
    assert read_checkpoint(parts / LAST)["global_step"] == 2
    fit(pack, parts, classic)
    for name in ("loss", "iou", "val_loss", "val_iou", "epoch", "learning_rate"):
        expected, found = scores(whole, name), scores(parts, name)
        assert expected.keys() == found.keys()
        assert list(found.values()) == pytest.approx(list(expected.values()), rel=1e-4)


def test_report_is_the_rows_as_json(tmp_path, pack, options):
    lines = []
    fit(pack, tmp_path, replace(options, steps=2), report=lines.append)
    assert [json.loads(line)["step"] for line in lines] == [2]
