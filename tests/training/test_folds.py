from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import onnxruntime
import pytest
import torch

from deepetch.errors import InvalidOptions, TrainingError
from deepetch.training.checkpoint import BEST, LAST, read_checkpoint
from deepetch.training.cross_validation import CROSS_VALIDATION, fold_folder
from deepetch.training.ensemble import Ensemble, choose_weights, ensemble_of
from deepetch.training.export import export_network
from deepetch.training.folds import KEPT, fold_packs
from deepetch.training.networks.compact import CompactOptions, CompactUNet
from deepetch.training.networks.prediction import Prediction
from deepetch.training.run import open_run, start_run
from deepetch.training.weights import trained_network, write_weights

NAMES = ("small", "slow")


def splits(pack):
    return [row["split"] for row in pack.rows]


def test_every_training_picture_is_judged_in_one_fold_and_trained_on_in_the_others(pack):
    packs = fold_packs(pack, 3)
    for index, split in enumerate(splits(pack)):
        seen = [splits(fold)[index] for fold in packs]
        if split == "train":
            assert sorted(seen) == ["train", "train", "val"]
        else:
            assert seen == [KEPT if split == "val" else split] * 3
    assert all(fold.images is pack.images for fold in packs)


def test_pictures_of_a_group_stay_in_one_fold(pack):
    rows = [row | {"group": "bottle"} if row["split"] == "train" and index % 2 else row
            for index, row in enumerate(pack.rows)]  # fmt: skip
    for fold in fold_packs(replace(pack, rows=rows), 2):
        assert len({row["split"] for row in fold.rows if row.get("group") == "bottle"}) == 1


@pytest.mark.parametrize("k", [1, 1000])
def test_folds_that_cannot_be_are_refused(pack, k):
    with pytest.raises(InvalidOptions, match="folds: expected at"):
        fold_packs(pack, k)


@pytest.fixture(scope="module")
def cross_validation(tmp_path_factory, pack_file):
    """Two folds of two configurations, one of which cannot learn."""
    from deepetch.options import TrainOptions

    run, lines = tmp_path_factory.mktemp("cv") / "run", []
    small = TrainOptions(
        channels=(8, 8, 8, 8, 8), size=64, batch=4, steps=25, warmup_steps=2, averaging=0.5, learning_rate=0.02,
        augmentation="none", workers=0, precision="32-true",
    )  # fmt: skip
    slow = replace(small, learning_rate=1e-9)
    start_run(pack_file, run, dict(zip(NAMES, (small, slow), strict=True)), folds=2, report=lines.append)
    return run, lines


def test_the_configuration_that_does_best_on_unseen_pictures_is_named(cross_validation):
    run, lines = cross_validation
    stored = json.loads((run / CROSS_VALIDATION).read_text())
    assert (stored["best"], stored["folds"], stored["monitor"]) == ("small", 2, "val_iou")
    for name in NAMES:
        found = [read_checkpoint(fold_folder(run, name, number) / BEST)["val_iou"] for number in (1, 2)]
        assert stored["scores"][name] == pytest.approx(found)
    assert np.mean(stored["scores"]["small"]) > np.mean(stored["scores"]["slow"])
    assert lines[-2].startswith("small: val_iou 0.")
    assert lines[-2].endswith("<- best")


def test_finished_cross_validation_stays_as_it_is(cross_validation):
    run, _ = cross_validation
    before = {path: path.stat().st_mtime_ns for path in run.rglob("*.ckpt")}
    open_run(run, {}, report=lambda line: None)
    assert {path: path.stat().st_mtime_ns for path in run.rglob("*.ckpt")} == before


def test_ensemble_is_the_weighted_mean_of_its_folds_in_torch_and_onnx(cross_validation, tmp_path):
    run, _ = cross_validation
    ensemble = ensemble_of(run)
    assert sum(ensemble.weights) == pytest.approx(1, abs=1e-6)
    picture = torch.randn(1, 3, 64, 96)
    with torch.no_grad():
        folds = [trained_network(fold_folder(run, "small", number))(picture).logits for number in (1, 2)]
        expected = sum(w * torch.sigmoid(x) for w, x in zip(ensemble.weights, folds, strict=True))
        assert torch.allclose(torch.sigmoid(ensemble(picture).logits), expected, atol=2e-6)
    export_network(run, tmp_path / "m.onnx", input_size=64)
    session = onnxruntime.InferenceSession(tmp_path / "m.onnx", providers=["CPUExecutionProvider"])
    (alpha,) = session.run(["alpha"], {"picture": picture.numpy()})
    assert np.abs(alpha - expected.numpy()).max() < 2e-3  # weights are stored as float16
    with pytest.raises(InvalidOptions, match="--weights: an ensemble has several networks"):
        export_network(run, tmp_path / "n.onnx", input_size=64, weights=tmp_path / "w.safetensors")


def test_stopped_cross_validation_goes_on_with_the_fold_it_was_in(tmp_path, pack_file, options):
    run = tmp_path / "run"
    start_run(pack_file, run, {"run": replace(options, minutes=1e-9)}, folds=2, report=lambda line: None)
    assert read_checkpoint(fold_folder(run, "run", 1) / LAST)["global_step"] == 1
    assert not fold_folder(run, "run", 2).exists()
    with pytest.raises(TrainingError, match="no finished cross-validation; go on with"):
        ensemble_of(run)
    open_run(run, {}, report=lambda line: None)
    for number in (1, 2):
        assert read_checkpoint(fold_folder(run, "run", number) / LAST)["global_step"] == options.steps
    assert ensemble_of(run).name == "ensemble"


def test_every_fold_begins_with_the_given_weights(tmp_path, pack_file, options):
    network = CompactUNet(CompactOptions(channels=(4, 8, 8, 8, 12)))
    write_weights(network, tmp_path / "w.safetensors")
    still = replace(options, steps=1, learning_rate=1e-12)
    start_run(
        pack_file, tmp_path / "run", {"run": still}, folds=2, init_from=str(tmp_path / "w.safetensors"),
        report=lambda line: None,
    )  # fmt: skip
    for number in (1, 2):
        found = trained_network(fold_folder(tmp_path / "run", "run", number))
        for old, new in zip(network.parameters(), found.parameters(), strict=True):
            assert torch.allclose(old, new, atol=2e-3)  # stored as float16


def test_several_plans_need_folds(tmp_path, pack_file, options):
    with pytest.raises(InvalidOptions, match="compared by cross-validation"):
        start_run(pack_file, tmp_path / "run", {"a": options, "b": options}, report=lambda line: None)
    assert not (tmp_path / "run").exists()


class Says(torch.nn.Module):
    """A network that answers the brightness of its picture, or the contrary."""

    def __init__(self, sign):
        super().__init__()
        self.sign = sign

    def forward(self, x):
        return Prediction(self.sign * 4 * x.mean(1, keepdim=True), None, x)


def test_the_network_that_is_right_gets_the_weight(pack):
    bright = replace(pack, images=np.ascontiguousarray(np.repeat(pack.alphas[..., None], 3, 3)))
    weights = choose_weights([Says(1.0), Says(-1.0)], bright, size=64)
    assert weights[0] > 0.95
    assert sum(weights) == pytest.approx(1, abs=1e-6)


def test_without_validation_all_weigh_the_same(pack):
    unseen = replace(pack, rows=[row | {"split": "train"} for row in pack.rows])
    assert choose_weights([Says(1.0), Says(-1.0)], unseen, size=64) == [0.5, 0.5]
    assert Ensemble([Says(1.0)], [1.0]).weights == (1.0,)
