"""Which method draws the border, and what it is given."""

from __future__ import annotations

from typing import get_args

import cv2
import numpy as np
import pytest

from deepetch.errors import InvalidArray, InvalidOptions, MattingFailed
from deepetch.matte.clean import clear_veil
from deepetch.matte.refine import MASK_SIDE, refine_alpha, refine_mask, refine_softly, refine_trimap
from deepetch.matte.trimap import border_uncertainty, trimap_from_alpha
from deepetch.matte.upsample import upsample_alpha
from deepetch.options import ClassicalMethod, MatteOptions

CLASSICAL = get_args(ClassicalMethod)


@pytest.fixture(scope="module")
def disc():
    """A light disc with an edge four pixels soft over dark ground: its true alpha, and the photo of it."""
    rows, columns = np.ogrid[:96, :120]
    alpha = np.clip((30 - np.hypot(rows - 48, columns - 60)) / 4 + 0.5, 0, 1)
    colours = alpha[..., None] * (230, 180, 90) + (1 - alpha[..., None]) * (20, 40, 70)
    return alpha.astype(np.float32), np.rint(colours).astype(np.uint8)


@pytest.fixture(scope="module")
def coarse(disc):
    return np.clip(cv2.resize(disc[0], (30, 24), interpolation=cv2.INTER_AREA), 0, 1)


@pytest.mark.parametrize("method", ["none", "guided"])
def test_enlarging_is_what_it_was(disc, coarse, method):
    enlarged = upsample_alpha(disc[1], coarse, guided=method == "guided")
    assert np.array_equal(refine_alpha(disc[1], coarse, MatteOptions(refine=method, veil=0)), enlarged)
    clear_veil(enlarged)
    assert np.array_equal(refine_alpha(disc[1], coarse, MatteOptions(refine=method)), enlarged)


@pytest.mark.parametrize("method", CLASSICAL)
def test_a_classical_method_solves_the_band_of_the_enlarged_alpha(disc, coarse, method):
    truth, samples = disc
    alpha = refine_alpha(samples, coarse, MatteOptions(refine=method))
    trimap = trimap_from_alpha(upsample_alpha(samples, coarse), band_px=8, uncertainty=border_uncertainty(coarse))
    assert np.array_equal(alpha[trimap == 0], np.zeros((trimap == 0).sum(), np.uint8))
    assert (alpha[trimap == 255] == 255).all()
    assert np.abs(alpha / 255 - truth).mean() < 0.03
    if method in ("closed-form", "learning-based"):
        bilinear = upsample_alpha(samples, coarse, guided=False)
        assert np.abs(alpha / 255 - truth).mean() < np.abs(bilinear / 255 - truth).mean()


def test_a_wider_radius_leaves_more_to_be_solved(disc, coarse):
    enlarged = upsample_alpha(disc[1], coarse)
    changed = [
        (refine_alpha(disc[1], coarse, MatteOptions(refine="closed-form"), radius=r) != enlarged).sum()
        for r in (1.0, 15.0)
    ]
    assert changed[0] < changed[1]


def test_a_mask_is_left_alone_or_drawn_again(disc):
    truth, samples = disc
    rough = np.where(cv2.dilate(truth, np.ones((5, 5))) >= 0.5, 255, 0).astype(np.uint8)
    assert refine_mask(samples, rough, MatteOptions(refine="none")) is rough
    solved = refine_mask(samples, rough, MatteOptions(refine="closed-form"), radius=6.0)
    assert np.abs(solved / 255 - truth).mean() < 0.3 * np.abs(rough / 255 - truth).mean()
    guided = refine_mask(samples, rough, MatteOptions(refine="guided"), radius=6.0)
    assert guided.dtype == np.uint8
    assert np.abs(guided / 255 - truth).mean() < np.abs(rough / 255 - truth).mean()


def test_a_large_mask_is_reduced_for_the_guided_filter():
    mask = np.zeros((40, 3 * MASK_SIDE), np.uint16)
    mask[:, : 2 * MASK_SIDE] = 65535
    samples = np.repeat(mask[..., None] // 2, 3, axis=2)
    refined = refine_mask(samples, mask)
    assert refined.dtype == np.uint16
    assert np.abs(refined.astype(int) - mask).mean() < 0.001 * 65535


def test_a_mask_without_an_edge_stays(disc):
    full = np.full(disc[0].shape, 255, np.uint8)
    assert np.array_equal(refine_mask(disc[1], full, MatteOptions(refine="closed-form")), full)


def test_a_subject_narrower_than_the_band_is_said(disc, coarse):
    with pytest.raises(MattingFailed, match="smaller radius"):
        refine_alpha(disc[1], coarse, MatteOptions(refine="closed-form"), radius=200.0)


def test_a_trimap_needs_a_method_that_solves(disc):
    trimap = trimap_from_alpha(np.rint(disc[0] * 255).astype(np.uint8), band_px=4)
    assert np.abs(refine_trimap(disc[1], trimap, MatteOptions(refine="closed-form")) / 255 - disc[0]).mean() < 0.01
    for method in ("none", "guided"):
        with pytest.raises(InvalidOptions, match="closed-form"):
            refine_trimap(disc[1], trimap, MatteOptions(refine=method))


@pytest.mark.parametrize("mask", [np.zeros((96, 119), np.uint8), np.zeros((96, 120), np.uint16)])
def test_a_mask_of_another_size_or_depth_is_refused(disc, mask):
    with pytest.raises(InvalidArray, match="mask"):
        refine_mask(disc[1], mask)


def test_soft_layers_change_the_band_alone(disc, coarse):
    truth, samples = disc
    view = samples.astype(np.float32) / 255
    # features that say nothing, and a stranger of the disc's colour far from it
    view[2:12, 2:12], samples = view[48, 60], samples.copy()
    samples[2:12, 2:12] = samples[48, 60]
    alpha = refine_softly(samples, view, np.zeros((6, 8, 4), np.float32), coarse, MatteOptions(refine="soft"))
    assert (alpha[2:12, 2:12] == 0).all()
    assert (alpha[40:56, 52:68] == 255).all()
    assert np.abs(alpha / 255 - truth).mean() < 0.03
    bilinear = upsample_alpha(samples, coarse, guided=False)
    assert np.abs(alpha / 255 - truth).mean() < np.abs(bilinear / 255 - truth).mean()
