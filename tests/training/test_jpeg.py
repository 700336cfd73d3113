from __future__ import annotations

import io

import numpy as np
import pytest
import torch
from PIL import Image

from deepetch.training.jpeg import jpeg_artefacts


def smooth_picture(size=64):
    """(size, size, 3) uint8: soft waves of different colours and an edge, as photographs have them."""
    y, x = np.mgrid[:size, :size] / size
    waves = np.stack([np.sin(7 * x + 3 * y), np.cos(5 * y - x), np.sin(9 * x * y)], -1)
    waves[:, size // 3 :] *= -0.6
    return np.rint(127 + 100 * waves).astype(np.uint8)


def through_a_file(picture, quality):
    stored = io.BytesIO()
    Image.fromarray(picture).save(stored, "JPEG", quality=quality, subsampling="4:2:0")
    return np.asarray(Image.open(stored)).astype(np.float32)


def ours(picture, quality):
    pictures = torch.from_numpy(picture.astype(np.float32) / 255).permute(2, 0, 1)[None]
    return (jpeg_artefacts(pictures, torch.tensor([float(quality)]))[0].permute(1, 2, 0) * 255).numpy()


@pytest.mark.parametrize("quality", [25, 50, 75, 95])
def test_artefacts_are_those_of_a_file(quality):
    picture = smooth_picture()
    written, made = through_a_file(picture, quality), ours(picture, quality)
    # a file rounds to whole levels at every stage, and its reader enlarges colours in its own way; a
    # coefficient near a half goes up in one and down in the other
    assert np.abs(made - written).mean() < 1.25
    change = np.abs(written - picture).mean()
    assert abs(np.abs(made - picture).mean() - change) < 0.25 * change + 0.3


def test_lower_quality_changes_more():
    picture = smooth_picture()
    changes = [np.abs(ours(picture, quality) - picture).mean() for quality in (95, 60, 30, 10)]
    assert changes == sorted(changes)


def test_each_picture_has_its_own_quality():
    pictures = torch.from_numpy(smooth_picture().astype(np.float32) / 255).permute(2, 0, 1)[None].repeat(2, 1, 1, 1)
    both = jpeg_artefacts(pictures, torch.tensor([10.0, 90.0]))
    assert torch.allclose(both[:1], jpeg_artefacts(pictures[:1], torch.tensor([10.0])), atol=1e-5)
    assert torch.allclose(both[1:], jpeg_artefacts(pictures[1:], torch.tensor([90.0])), atol=1e-5)


def test_grey_stays_grey_and_no_picture_is_none():
    grey = torch.full((1, 3, 32, 32), 0.5)
    assert torch.allclose(jpeg_artefacts(grey, torch.tensor([50.0])), grey, atol=2 / 255)
    assert jpeg_artefacts(torch.zeros(0, 3, 32, 32), torch.zeros(0)).shape == (0, 3, 32, 32)
