import sys
from dataclasses import replace

import numpy as np
import pytest

from deepetch.errors import InvalidArray, InvalidOptions, MissingExtra
from deepetch.matte import soft_segmentation
from deepetch.matte.soft_segmentation import alpha_of_layers, soft_alpha, soft_layers, subject_share
from deepetch.options import SoftOptions

QUICK = SoftOptions(eigenvectors=20, initial_layers=6, iterations=6, layers=4)


def soft_edged(height=30, width=36):
    """A picture of two colours, textured, with an edge 6 pixels soft; its true alpha, coarse alpha and features."""
    alpha = np.clip((np.arange(width, dtype=np.float32) - 12.5) / 6, 0, 1)
    alpha = np.broadcast_to(alpha, (height, width))
    noise = np.random.default_rng(0).normal(0, 0.01, (height, width, 3)).astype(np.float32)
    view = alpha[..., None] * np.float32([0.8, 0.3, 0.2]) + (1 - alpha[..., None]) * np.float32([0.2, 0.4, 0.6])
    coarse = np.zeros((6, 9), np.float32)
    coarse[:, 4:] = 1  # from column 16 on
    features = np.stack([coarse * 3, 1 - coarse, coarse * 0 + 2], -1)
    return np.clip(view + noise, 0, 1), alpha, coarse, features


def test_a_soft_edge_between_two_regions_is_found():
    view, alpha, coarse, features = soft_edged()
    found = soft_alpha(view, features, coarse, options=replace(QUICK, initial_layers=2, iterations=20))
    assert found.shape == alpha.shape
    assert found.dtype == np.float32
    hard = np.abs(np.repeat(coarse, 4, axis=1)[0] - alpha[0]).mean()
    assert np.abs(found - alpha).mean() < 0.25 * hard
    # what is below 0.1 before the refinement is taken away, and comes back in part
    assert np.abs(found.mean(axis=0) - alpha[0]).max() < 0.07


def test_many_layers_make_one_edge_too():
    view, alpha, coarse, features = soft_edged()
    found = soft_alpha(view, features, coarse, options=replace(QUICK, initial_layers=20, eigenvectors=50))
    soft = (alpha > 0) & (alpha < 1)
    assert np.corrcoef(found[soft], alpha[soft])[0, 1] > 0.8
    assert found[:, :8].mean() < 0.1
    assert found[:, -8:].mean() > 0.9


def test_layers_add_up_to_one_are_in_range_and_the_largest_comes_first():
    view, _, coarse, features = soft_edged()
    layers = soft_layers(view, features, coarse, options=QUICK)
    assert layers.dtype == np.float32
    assert layers.shape[:2] == view.shape[:2]
    assert 2 <= layers.shape[2] <= 4
    assert layers.min() >= 0
    assert layers.max() <= 1
    np.testing.assert_allclose(layers.sum(axis=-1), 1, atol=1e-5)
    sizes = layers.sum(axis=(0, 1))
    assert (np.diff(sizes) <= 0).all()


def test_the_same_seed_gives_the_same_layers():
    view, _, coarse, features = soft_edged(12, 36)
    first, second = (soft_layers(view, features, coarse, options=QUICK) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_progress_rises_to_one():
    view, _, coarse, features = soft_edged(12, 36)
    told = []
    soft_layers(view, features, coarse, options=QUICK, progress=lambda stage, share: told.append((stage, share)))
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert shares[0] == 0
    assert told[-1] == ("layers", 1.0)


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_a_constant_picture_is_all_subject_or_none(value):
    view = np.full((12, 14, 3), 0.5, np.float32)
    features = np.ones((2, 2, 5), np.float32)
    found = soft_alpha(view, features, np.full((3, 3), value, np.float32), options=QUICK)
    np.testing.assert_allclose(found, value, atol=1e-6)


def test_the_smallest_picture():
    view = np.random.default_rng(0).random((5, 5, 3), np.float32)
    layers = soft_layers(view, np.ones((1, 1, 1), np.float32), np.zeros((1, 1), np.float32))
    np.testing.assert_allclose(layers.sum(axis=-1), 1, atol=1e-5)


@pytest.mark.parametrize("shape", [(4, 9), (9, 4), (0, 9), (700, 700)])
def test_a_picture_too_small_or_too_large_is_refused(shape):
    with pytest.raises(InvalidArray, match="Resize it first"):
        soft_layers(np.zeros((*shape, 3), np.float32), np.ones((1, 1, 1), np.float32), np.zeros((1, 1), np.float32))


def test_nan_and_wrong_shapes_are_refused():
    view, _, coarse, features = soft_edged(12, 36)
    broken = view.copy()
    broken[3, 3, 1] = np.nan
    with pytest.raises(InvalidArray, match="view"):
        soft_layers(broken, features, coarse)
    with pytest.raises(InvalidArray, match="coarse alpha"):
        soft_layers(view, features, np.full_like(coarse, np.nan))
    with pytest.raises(InvalidArray, match="features"):
        soft_layers(view, features[..., 0], coarse)
    with pytest.raises(InvalidArray, match="features"):
        soft_layers(view, np.full_like(features, np.nan), coarse)
    with pytest.raises(InvalidArray, match="at least a pixel"):
        soft_layers(view, features, np.zeros((0, 3), np.float32))


def test_layers_whose_coarse_alpha_is_over_a_half_are_the_subject():
    layers = np.zeros((2, 4, 3), np.float32)
    layers[:, 0, 0] = 1
    layers[:, 1:3, 1] = 1
    layers[:, 3, 2] = 0.7
    layers[:, 3, 0] = 0.3
    coarse = np.array([[0, 1, 0.2, 0.9]], np.float32)
    np.testing.assert_allclose(subject_share(layers, coarse), [0.3 * 0.9 / 1.3, 0.6, 0.9], atol=1e-6)
    np.testing.assert_allclose(alpha_of_layers(layers, coarse), [[0, 1, 1, 0.7]] * 2, atol=1e-6)


def test_grouping_refuses_other_forms():
    with pytest.raises(InvalidArray, match="layers and coarse alpha"):
        alpha_of_layers(np.zeros((3, 3), np.float32), np.zeros((3, 3), np.float32))


@pytest.mark.parametrize(
    "wrong",
    [
        {"layers": 0},
        {"initial_layers": 0},
        {"eigenvectors": 1},
        {"iterations": 0},
        {"alpha_weight": -1},
        {"colour_weight": float("nan")},
        {"sparsity": 0},
        {"sparsity": 1.1},
    ],
)
def test_options_that_make_no_sense_are_refused(wrong):
    with pytest.raises(InvalidOptions, match=next(iter(wrong))):
        SoftOptions(**wrong)


def test_without_scipy_the_extra_is_named(monkeypatch):
    monkeypatch.setattr(soft_segmentation, "find_spec", lambda name: None)
    view, _, coarse, features = soft_edged(12, 36)
    with pytest.raises(MissingExtra, match=r"deepetch\[matting\]"):
        soft_layers(view, features, coarse)


def test_the_module_itself_loads_no_scipy():
    import subprocess

    code = "import sys, deepetch.matte.soft_segmentation; sys.exit('scipy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
