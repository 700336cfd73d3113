"""Each measure against its paper's formula written out here, and against pysodmetrics where that is installed.

pysodmetrics asks for other versions of NumPy and OpenCV than ours, so `pip install --no-deps pysodmetrics` is a step of
its own; it runs with ours all the same.
"""

from __future__ import annotations

import numpy as np
import pytest
from drawn_alphas import WRONG, holed_disc, in_levels, noise, soft_disc

from deepetch.errors import InvalidArray
from deepetch.measure.saliency import adaptive_e_measure, e_measure, s_measure, weighted_f

MEASURES = [s_measure, e_measure, adaptive_e_measure, weighted_f]


def edge_disc():
    """A disc cut by the frame, in whose corner lies its centroid."""
    return soft_disc(y=0.02, x=0.97, r=0.4)


def specks(seed):
    return noise(seed) > 0.97


def lonely(y, x):
    mask = np.zeros((40, 50), bool)
    mask[y, x] = True
    return mask


def patchwork():
    """An alpha that is 0, 1 or flat in many places."""
    alpha = np.zeros((40, 50), np.float32)
    alpha[:20, :25], alpha[5:15, 30:45], alpha[25:, 10:40] = 1, 0.75, 0.5
    return alpha


PAIRS = {
    "noise on disc": (noise(0), soft_disc() >= 0.5),
    "noise on specks": (noise(1), specks(2)),
    "noise on noise": (noise(3), noise(4) > 0.5),
    "disc on disc": (soft_disc(ramp=9), soft_disc() >= 0.5),
    "shifted": (soft_disc(x=0.55, y=0.45), holed_disc() >= 0.5),
    "far off": (soft_disc(x=0.15, y=0.2, r=0.1), soft_disc(x=0.8, y=0.8, r=0.1) >= 0.5),
    "holes": (holed_disc(ramp=7), holed_disc(y=0.52) >= 0.5),
    "filled hole": (soft_disc(), holed_disc() >= 0.5),
    "at the frame": (edge_disc(), soft_disc(y=0.05, x=0.95, r=0.4) >= 0.5),
    "levels": (in_levels(soft_disc(ramp=15)), soft_disc(x=0.48) >= 0.5),
    "hard and right": ((soft_disc() >= 0.5).astype(np.float32), soft_disc() >= 0.5),
    "hard and wrong": ((soft_disc() < 0.5).astype(np.float32), soft_disc() >= 0.5),
    "flat": (np.full((40, 50), 0.6, np.float32), holed_disc() >= 0.5),
    "patchwork": (patchwork(), holed_disc() >= 0.5),
    "all subject": (noise(5), np.ones((40, 50), bool)),
    "all but one": (noise(6), ~lonely(20, 20)),
    "one pixel": (noise(7), lonely(20, 30)),
    "one pixel in the first corner": (noise(8), lonely(0, 0)),
    "one pixel in the last corner": (noise(9), lonely(39, 49)),
}
every_pair = pytest.mark.parametrize(("predicted", "true"), PAIRS.values(), ids=PAIRS)


def s_by_hand(predicted, true):
    """Fan et al. 2017 by the sample moments of every part."""
    p, t = predicted.astype(float), true.astype(float)
    if true.all():
        return p.mean()

    def evenness(values):
        spread = values.std(ddof=1) if len(values) > 1 else 0.0
        return 2 * values.mean() / (values.mean() ** 2 + 1 + spread)

    def likeness(x, y):
        if x.size < 2:
            return 1.0
        cov = np.cov(x.ravel(), y.ravel())
        if np.ptp(x) == 0 or np.ptp(y) == 0:
            cov[0, 1] = 0
        above = 4 * x.mean() * y.mean() * cov[0, 1]
        varying = (0 if np.ptp(x) == 0 else cov[0, 0]) + (0 if np.ptp(y) == 0 else cov[1, 1])
        below = (x.mean() ** 2 + y.mean() ** 2) * varying
        return above / below if below else 1.0

    objects = t.mean() * evenness(p[true]) + (1 - t.mean()) * evenness(1 - p[~true])
    y, x = (round(float(mean)) + 1 for mean in np.argwhere(true).mean(0))
    regions = 0.0
    for rows in (slice(0, y), slice(y, None)):
        for columns in (slice(0, x), slice(x, None)):
            if t[rows, columns].size:
                regions += t[rows, columns].size / t.size * likeness(p[rows, columns], t[rows, columns])
    return max(0.0, 0.5 * objects + 0.5 * regions)


def alignment_by_hand(mask, true):
    """Fan et al. 2018, as matrices."""
    if true.all():
        return mask.mean()
    p, t = mask - mask.mean(), true - true.mean()
    return (np.square(1 + 2 * p * t / (p * p + t * t)) / 4).mean()


def weighted_f_by_hand(predicted, true):
    """Margolin et al. 2014 with every pair of pixels compared."""
    p, subject = predicted.astype(float), np.argwhere(true)
    error = np.abs(p - true)
    # the leftmost, then topmost of equally near pixels: the order in which the authors' language counts
    subject = subject[np.lexsort((subject[:, 0], subject[:, 1]))]
    carried, distance = error.copy(), np.zeros(true.shape)
    squares = ((np.argwhere(~true)[:, None] - subject) ** 2).sum(-1)
    if squares.size:
        distance[~true] = np.sqrt(squares.min(1))
        carried[~true] = error[tuple(subject[squares.argmin(1)].T)]
    dy, dx = np.mgrid[-3:4, -3:4]
    kernel = np.exp(-(dy**2 + dx**2) / 50)
    kernel /= kernel.sum()
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(carried, 3), (7, 7))
    spread = (windows * kernel).sum((2, 3))
    weighed = np.where(true, np.minimum(error, spread), error * (2 - 0.5 ** (distance / 5)))
    hit = true.sum() - weighed[true].sum()
    found, sure = hit / true.sum(), hit / (hit + weighed[~true].sum())
    return 2 * found * sure / (found + sure) if found + sure else 0.0


# float32 inside, and 2000 pixels: about six digits
TOLERANCE = 1e-6


@every_pair
def test_s_equals_its_formula(predicted, true):
    assert s_measure(predicted, true) == pytest.approx(s_by_hand(predicted, true), abs=TOLERANCE)


@every_pair
def test_e_equals_its_formula_at_every_threshold(predicted, true):
    thresholds = [np.float32(level) / np.float32(255) for level in range(256)]
    expected = np.mean([alignment_by_hand(predicted >= threshold, true) for threshold in thresholds])
    assert e_measure(predicted, true) == pytest.approx(expected, abs=TOLERANCE)


@every_pair
def test_adaptive_e_equals_its_formula_at_twice_the_mean(predicted, true):
    threshold = min(2 * predicted.astype(float).mean(), 1)
    expected = alignment_by_hand(predicted.astype(float) >= threshold, true)
    assert adaptive_e_measure(predicted, true) == pytest.approx(expected, abs=TOLERANCE)


@every_pair
def test_weighted_f_equals_its_formula(predicted, true):
    assert weighted_f(predicted, true) == pytest.approx(weighted_f_by_hand(predicted, true), abs=TOLERANCE)


@pytest.fixture
def sod():
    return pytest.importorskip("py_sod_metrics", reason="pip install --no-deps -c constraints.txt pysodmetrics")


def answer_of(oracle, predicted, true):
    oracle.step(predicted, true, normalize=False)
    return oracle.get_results()


# of one pixel pysodmetrics takes a deviation that is no number
@pytest.mark.parametrize("name", [name for name in PAIRS if "one" not in name])
def test_s_equals_pysodmetrics(sod, name):
    predicted, true = PAIRS[name]
    expected = answer_of(sod.Smeasure(), predicted.astype(float), true)["sm"]
    assert s_measure(predicted, true) == pytest.approx(expected, abs=TOLERANCE)


@every_pair
def test_e_equals_pysodmetrics(sod, predicted, true):
    # there the sum is divided by one pixel less than there are, here by all of them, as in the paper
    fewer = (true.size - 1) / true.size
    curve = answer_of(sod.Emeasure(), predicted, true)["em"]["curve"]
    assert e_measure(predicted, true) == pytest.approx(curve.mean() * fewer, abs=TOLERANCE)
    adaptive = answer_of(sod.Emeasure(), predicted.astype(float), true)["em"]["adp"]
    assert adaptive_e_measure(predicted, true) == pytest.approx(adaptive * fewer, abs=TOLERANCE)


@every_pair
def test_weighted_f_equals_pysodmetrics(sod, predicted, true):
    expected = answer_of(sod.WeightedFmeasure(), predicted.astype(float), true)["wfm"]
    assert weighted_f(predicted, true) == pytest.approx(expected, abs=TOLERANCE)


@pytest.mark.parametrize("measure", MEASURES)
def test_both_empty_is_perfect_and_one_empty_is_worst(measure):
    nothing, faint = np.zeros((40, 50), np.float32), np.full((40, 50), 0.49, np.float32)
    for alpha in (nothing, faint):  # empty is what nowhere reaches 0.5
        assert measure(alpha, nothing > 0) == 1
        assert measure(alpha, soft_disc() >= 0.5) == 0
    assert measure(soft_disc(), nothing > 0) == 0
    assert measure(noise(0), nothing > 0) == 0


@pytest.mark.parametrize("measure", MEASURES)
def test_arrays_without_pixels_are_perfect(measure):
    assert measure(np.zeros((0, 4), np.float32), np.zeros((0, 4), bool)) == 1


def test_right_mask_is_perfect_but_for_the_threshold_of_zero():
    mask = holed_disc() >= 0.5
    alpha = mask.astype(np.float32)
    assert s_measure(alpha, mask) == pytest.approx(1)
    assert weighted_f(alpha, mask) == pytest.approx(1)
    assert adaptive_e_measure(alpha, mask) == pytest.approx(1)
    # taking every pixel has an alignment of a quarter
    assert e_measure(alpha, mask) == pytest.approx((255 + 0.25) / 256)


def test_full_frame_of_subject_scores_the_share_that_is_taken():
    full, half = np.ones((40, 50), bool), np.zeros((40, 50), np.float32)
    half[:20] = 1
    assert s_measure(half, full) == pytest.approx(0.5)
    assert adaptive_e_measure(half, full) == pytest.approx(0.5)
    assert s_measure(np.ones_like(half), full) == weighted_f(np.ones_like(half), full) == 1


@pytest.mark.parametrize("measure", MEASURES)
def test_all_are_the_same_however_the_array_lies_in_memory(measure):
    predicted, true = noise(0), holed_disc() >= 0.5
    turned = measure(np.asfortranarray(predicted), np.asfortranarray(true))
    assert turned == pytest.approx(measure(predicted, true))
    parts = np.tile(predicted, (1, 2))[:, :50], np.tile(true, (1, 2))[:, :50]
    assert measure(*parts) == pytest.approx(measure(predicted, true))


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_what_is_no_alpha_is_refused(measure, wrong):
    with pytest.raises(InvalidArray, match=r"predicted: expected"):
        measure(wrong, soft_disc() >= 0.5)


@pytest.mark.parametrize("measure", MEASURES)
def test_what_is_no_mask_of_that_shape_is_refused(measure):
    with pytest.raises(InvalidArray, match=r"true: expected bool"):
        measure(noise(0), noise(1))
    with pytest.raises(InvalidArray, match="one shape"):
        measure(noise(0), (noise(1) > 0.5)[:, :9])
