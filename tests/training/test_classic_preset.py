from __future__ import annotations

import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from deepetch.errors import TrainingError
from deepetch.training.augment import warp
from deepetch.training.classic_preset import ROTATION, SHEAR, SHIFT, ZOOM, ClassicBatches, affine, keras_affine
from deepetch.training.validate import ValidationSet


def classic(pack, *, seed=3, augmented=True, batch=2):
    return ClassicBatches(pack, size=64, batch=batch, seed=seed, augmented=augmented)


def test_geometry_is_that_of_keras(tmp_path):
    rng = np.random.default_rng(0)
    picture = rng.random((48, 48, 3)).astype(np.float32)
    draws = np.array([[rng.uniform(-20, 20), rng.uniform(-15, 15), *rng.uniform(-9, 9, 2), *rng.uniform(0.8, 1.2, 2)]
                      for _ in range(6)])  # fmt: skip
    np.savez(tmp_path / "w.npz", picture=picture, draws=draws)
    program = Path(__file__).parent / "warp_with_keras.py"
    subprocess.run([sys.executable, program, tmp_path / "w.npz"], check=True, capture_output=True, timeout=120)
    expected = np.load(tmp_path / "w.npz")["warped"]

    angle, shear, tx, ty, zx, zy = torch.from_numpy(draws).float().unbind(1)
    shift = torch.stack([tx, ty], 1) / 24  # pixels, of a picture that is 2 wide
    maps = affine(angle * math.pi / 180, shift, shear * math.pi / 180, torch.stack([zx, zy], 1))
    ours = warp(torch.from_numpy(picture).permute(2, 0, 1)[None].repeat(6, 1, 1, 1), maps, 48)
    # float32 positions of up to 48 pixels: their rounding, times the steepest slope between neighbours
    assert np.abs(ours.permute(0, 2, 3, 1).numpy() - expected).max() < 2e-4


def test_draws_stay_in_the_studys_ranges():
    maps = keras_affine(2000, torch.Generator().manual_seed(0))
    linear = maps[:, :, :2]
    zoom_x = linear[:, :, 0].norm(dim=1)
    assert zoom_x.min() >= ZOOM[0] - 1e-5
    assert zoom_x.max() <= ZOOM[1] + 1e-5
    angle = torch.atan2(linear[:, 1, 0], linear[:, 0, 0]) * 180 / math.pi
    assert angle.abs().max() <= ROTATION + 1e-3
    assert angle.abs().max() > 0.9 * ROTATION
    shift = maps[:, :, 2].norm(dim=1)  # rotated, so only its length is bounded: sqrt(2) x 0.2 of a side that is 2 long
    assert shift.max() <= 2 * SHIFT * math.sqrt(2) + 1e-5
    assert (linear.det() > 0).all()  # never mirrored
    lean = torch.asin((torch.nn.functional.normalize(linear, dim=1).prod(2)).sum(1)) * 180 / math.pi
    assert lean.abs().max() <= SHEAR + 0.05


def test_every_picture_comes_once_an_epoch_in_an_order_of_its_own(pack):
    made = classic(pack, augmented=False)
    whole = [made.draw(index).images for index in range(2 * made.per_epoch)]
    epochs = [torch.cat(whole[: made.per_epoch]), torch.cat(whole[made.per_epoch :])]
    assert [len(epoch) for epoch in epochs] == [len(made.members)] * 2
    first, second = (sorted(float(picture.sum()) for picture in epoch) for epoch in epochs)
    assert first == pytest.approx(second, rel=1e-5)
    assert not torch.equal(*epochs)
    last = whole[made.per_epoch - 1]
    assert len(last) == (len(made.members) - 1) % 2 + 1


def test_batch_depends_on_seed_and_number_alone(pack):
    first = classic(pack).draw(1)
    assert torch.equal(first.images, classic(pack).draw(1).images)
    assert not torch.equal(first.images, classic(pack, seed=4).draw(1).images)


def test_picture_and_mask_get_the_same_map(pack):
    same = replace(pack, images=np.ascontiguousarray(np.repeat(pack.alphas[..., None], 3, 3)))
    made = classic(same).draw(0)
    from deepetch.training.batch import normalise

    assert torch.allclose(made.images, normalise(made.alphas.repeat(1, 3, 1, 1)), atol=1e-5)


def test_validation_pictures_are_never_changed(pack, options):
    plain, augmented = (ValidationSet(pack, replace(options, augmentation=name)) for name in ("none", "classic"))
    for kind, group in plain.groups.items():
        rows = pack.select(split="val", kind=kind)
        assert torch.equal(group.images, torch.from_numpy(pack.images[rows]).permute(0, 3, 1, 2))
        assert torch.equal(augmented.groups[kind].images, group.images)


def test_pack_without_a_labelled_training_picture_is_refused(pack):
    with pytest.raises(TrainingError, match="no labelled picture in its train split"):
        classic(replace(pack, rows=[row | {"split": "val"} for row in pack.rows]))
