"""The border refiner's network, its batches, and runs of it."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Generator

from deepetch.errors import InvalidOptions, TrainingError
from deepetch.inference.refiner import load_refiner
from deepetch.options import REFINER
from deepetch.run_report import report_run
from deepetch.training.augment import gaussian_blur
from deepetch.training.border_preset import BEGUN, SQUARE, BorderBatches, border_squares, turned
from deepetch.training.border_validation import BorderValidation
from deepetch.training.corrupt import bend, corrupt
from deepetch.training.export import export_network
from deepetch.training.loss import alpha_loss, drawn_band, mendable, nearly_right
from deepetch.training.networks.build import build_network
from deepetch.training.networks.compact import CompactOptions, CompactUNet
from deepetch.training.networks.refiner import BorderRefiner, RefinerOptions, join
from deepetch.training.run import open_run, start_run
from deepetch.training.weights import write_weights

NARROW = (8, 8, 16, 16)


def narrow():
    torch.manual_seed(0)
    return BorderRefiner(RefinerOptions(channels=NARROW))


def seeded(seed=0):
    return Generator().manual_seed(seed)


def soft_disc(n=2, size=96, radius=28.0):
    rows, columns = torch.meshgrid(torch.arange(size) + 0.5, torch.arange(size) + 0.5, indexing="ij")
    distance = torch.hypot(rows - size / 2, columns - size / 2)
    return (radius - distance + 0.5).clamp(0, 1).expand(n, 1, size, size).clone()


@pytest.fixture(scope="module")
def segmenter():
    torch.manual_seed(0)
    return CompactUNet(CompactOptions(channels=(8, 8, 8, 16, 16))).eval()


@pytest.fixture
def refining(segmenter, tmp_path):
    write_weights(segmenter, tmp_path / "segmenter.safetensors")
    return replace(
        REFINER,
        channels=NARROW,
        size=96,
        batch=32,
        steps=3,
        validate_every=3,
        workers=0,
        segmenter=str(tmp_path / "segmenter.safetensors"),
    )


def test_default_network_has_333_860_parameters():
    # the shipped weights have this form: a change here makes them useless
    assert sum(parameter.numel() for parameter in build_network("refiner").parameters()) == 333_860


@pytest.mark.parametrize("size", [(64, 64), (16, 48)])
def test_outputs_have_their_shapes(size):
    with torch.no_grad():
        prediction = narrow().eval()(torch.zeros(3, 4, *size))
    assert prediction.logits.shape == (3, 1, *size)
    assert prediction.auxiliary is None


def test_an_untrained_refiner_changes_nothing():
    coarse = torch.rand(2, 1, 64, 64, generator=seeded())
    with torch.no_grad():
        found = torch.sigmoid(narrow().eval()(join(torch.zeros(2, 3, 64, 64), coarse)).logits)
    assert (found - coarse).abs().max() < 0.0026


def test_a_few_steps_learn_to_sharpen():
    network = narrow()
    truth = soft_disc(4, 64, 20)
    seen = join(truth.repeat(1, 3, 1, 1) - 0.5, gaussian_blur(truth, 3.0))
    optimizer = torch.optim.AdamW(network.parameters(), lr=5e-3)
    losses = []
    for _ in range(20):
        loss = alpha_loss(network(seen).logits, truth, torch.ones_like(truth))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.6 * losses[0]
    assert [name for name, parameter in network.named_parameters() if not parameter.grad.any()] == []


def test_a_better_alpha_costs_less():
    truth = soft_disc()
    costs = [
        alpha_loss(torch.logit(alpha.clamp(1e-3, 1 - 1e-3)), truth, torch.ones_like(truth)).item()
        for alpha in (truth, gaussian_blur(truth, 1.0), gaussian_blur(truth, 3.0), 1 - truth)
    ]
    assert costs == sorted(costs)


def test_only_the_band_counts():
    truth = soft_disc()
    wrong = torch.where(drawn_band(truth) > 0, truth, 1 - truth)
    weights = drawn_band(truth)
    logits = [torch.logit(alpha.clamp(1e-3, 1 - 1e-3)) for alpha in (truth, wrong)]
    right = alpha_loss(logits[0], truth, weights)
    assert alpha_loss(logits[1], truth, weights) < right + 0.2  # a step out of the band is one of its gradients
    assert alpha_loss(logits[1], truth, torch.ones_like(truth)) > right + 1
    assert 0 < weights.mean() < 0.4


def test_what_is_sure_and_was_nearly_handed_on_so_is_neither_wrong_nor_soft():
    coarse = torch.tensor([0.9, 0.6, 0.9, 0.2, 0.6, 0.2, 0.0]).reshape(1, 1, 1, 7)
    truth = torch.tensor([1.0, 1.0, 0.5, 0.0, 0.0, 0.5, 0.0]).reshape(1, 1, 1, 7)
    assert nearly_right(coarse, truth).flatten().tolist() == [True, False, False, True, False, False, False]


def test_corrupted_alphas_are_alphas_and_depend_on_the_generator_alone():
    truth = soft_disc(16)
    wrong = corrupt(truth, seeded(1))
    assert wrong.shape == truth.shape
    assert wrong.min() >= 0
    assert wrong.max() <= 1
    assert torch.equal(wrong, corrupt(truth, seeded(1)))
    assert not torch.equal(wrong, corrupt(truth, seeded(2)))
    changed = (wrong - truth).abs().mean((1, 2, 3))
    assert changed.min() > 0
    assert changed.max() < 0.15


def test_a_bent_contour_moves_by_little_more_than_a_pixel():
    bent = bend(soft_disc(8), seeded()) >= 0.5
    assert (bent <= (soft_disc(8, radius=30.5) > 0)).all()
    assert (bent >= (soft_disc(8, radius=25.5) == 1)).all()


def test_squares_lie_inside_and_on_the_border():
    coarse = soft_disc(3, 192, 60)
    rows, columns, pictures = border_squares(coarse, 20, seeded())
    picked = coarse[:, 0][pictures, rows, columns]
    assert picked.shape == (60, SQUARE, SQUARE)
    assert rows.min() >= 0
    assert rows.max() < 192
    assert (pictures.flatten() == torch.arange(3).repeat_interleave(20)).all()
    middle = picked[:, 16:48, 16:48]
    assert ((middle.amax((1, 2)) == 1) & (middle.amin((1, 2)) == 0)).float().mean() > 0.95


def test_what_a_square_cannot_show_is_told_from_what_it_can():
    truth = soft_disc(1, 64, 20)
    shifted = soft_disc(1, 64, 22)  # a border two pixels off
    gone = truth.clone()
    gone[..., :32] = 0  # half of the subject
    assert mendable(shifted, truth).all()
    assert not mendable(gone, truth)[0, 0, 20:44, 16:30].any()
    assert mendable(gone, truth)[0, 0, :, 42:].all()


def test_turning_keeps_every_square_whole():
    squares = torch.rand(19, 2, 8, 8, generator=seeded())
    found = turned(squares, seeded(1))
    ways = torch.stack([squares.rot90(k, (2, 3)).flip(axes) for k in range(4) for axes in ([], [3])])
    assert ((ways == found).flatten(2).all(2)).any(0).all()
    assert len({int((ways[:, n] == found[n]).flatten(1).all(1).int().argmax()) for n in range(19)}) > 4


def test_squares_are_kept_for_several_batches_and_replaced(pack, segmenter):
    batches = BorderBatches(pack, segmenter, size=96, batch=640, seed=1)
    composed = []
    compose = batches._compose
    batches._compose = lambda number: composed.append(number) or compose(number)
    for index in range(5):
        batches.draw(index)
    assert composed == list(range(BEGUN + 1))  # one of 256 squares for every four batches, each used ten times


def test_squares_of_an_empty_alpha_lie_anywhere():
    rows, columns, _ = border_squares(torch.zeros(2, 1, 96, 96), 5, seeded())
    assert rows.shape[0] == columns.shape[0] == 10


@pytest.mark.parametrize("split", ["train", "val"])
def test_batches_depend_on_seed_and_number_alone(pack, segmenter, split):
    def drawn(index, seed=1):
        return BorderBatches(pack, segmenter, size=96, batch=32, seed=seed, split=split).draw(index)

    first = drawn(0)
    assert first.images.shape == (32, 4, SQUARE, SQUARE)
    assert first.alphas.shape == (32, 1, SQUARE, SQUARE)
    assert torch.equal(first.images, drawn(0).images)
    assert not torch.equal(first.images, drawn(1).images)
    assert not torch.equal(first.images, drawn(0, seed=2).images)
    coarse = (first.images[:, 3:] + 1) / 2
    assert 0 < (coarse - first.alphas).abs().mean() < 0.3


def test_a_validation_always_sees_the_same(pack, segmenter, refining):
    first, second = (BorderValidation(pack, segmenter, refining).measure(narrow().eval()) for _ in range(2))
    assert first == second
    assert list(first) == ["val_loss", "val_accuracy", "val_iou", "val_mse", "val_mse_before"]
    assert first["val_mse_before"] > 0


def test_a_run_trains_exports_and_reports(tmp_path, pack_file, refining):
    lines = []
    run = tmp_path / "run"
    start_run(pack_file, run, {"run": refining}, report=lines.append)
    Path(refining.segmenter).unlink()  # the run has its own copy
    open_run(run, {"steps": 4}, report=lines.append)
    rows = list(csv.DictReader((run / "metrics.csv").read_text().splitlines()))
    assert rows[-1]["step"] == "4"
    assert float(rows[-1]["val_mse"]) > 0
    assert report_run(run).exists()
    refiner = load_refiner(str(run / "model.onnx"))
    colours, coarse = np.random.default_rng(0).random((2, 64, 64, 4), np.float32)[..., :3], np.zeros((2, 64, 64))
    assert refiner.refine(colours, coarse.astype(np.float32)).shape == (2, 64, 64)


def test_export_agrees_with_torch_and_weights_go_on(tmp_path, pack_file, refining):
    write_weights(narrow(), tmp_path / "w.safetensors")
    said = export_network(
        tmp_path / "w.safetensors", tmp_path / "r.onnx", input_size=64, weights=tmp_path / "w2.safetensors"
    )
    assert float(said.split()[4]) < 1e-3
    start_run(
        pack_file,
        tmp_path / "run",
        {"run": replace(refining, channels=(), steps=1)},
        init_from=str(tmp_path / "w2.safetensors"),
        report=lambda line: None,
    )
    assert (tmp_path / "run" / "last.ckpt").exists()


def test_weights_of_another_kind_folds_and_losses_are_refused(tmp_path, pack_file, refining, segmenter, options):
    segmenter_file = refining.segmenter
    with pytest.raises(InvalidOptions, match="no refiner"):
        start_run(pack_file, tmp_path / "a", {"run": refining}, init_from=segmenter_file, report=print)
    write_weights(narrow(), tmp_path / "w.safetensors")
    with pytest.raises(InvalidOptions, match="--network refiner"):
        start_run(pack_file, tmp_path / "b", {"run": options}, init_from=str(tmp_path / "w.safetensors"), report=print)
    with pytest.raises(InvalidOptions, match="no --folds"):
        start_run(pack_file, tmp_path / "c", {"run": refining}, folds=2, report=print)
    refiner = replace(refining, segmenter=str(tmp_path / "w.safetensors"))
    with pytest.raises(TrainingError, match="a refiner, not the segmenter"):
        start_run(pack_file, tmp_path / "e", {"run": refiner}, report=print)
    with pytest.raises(InvalidOptions, match="four widths"):
        replace(refining, channels=(8, 8, 8, 8, 8))
    with pytest.raises(InvalidOptions, match="no --int8"):
        export_network(tmp_path / "w.safetensors", tmp_path / "r.onnx", input_size=64, calibration_pack=pack_file)
    with pytest.raises(InvalidOptions, match="no --calibrate"):
        export_network(tmp_path / "w.safetensors", tmp_path / "r.onnx", input_size=64, to_calibrate=True)
    assert not (tmp_path / "r.onnx").exists()
    with pytest.raises(InvalidOptions, match="segmenter"):
        replace(options, segmenter=segmenter_file)
    with pytest.raises(TrainingError, match=r"nowhere\.safetensors"):
        start_run(pack_file, tmp_path / "d", {"run": replace(refining, segmenter="nowhere.safetensors")}, report=print)
    with pytest.raises(InvalidOptions, match="loss"):
        replace(options, loss="alpha")
