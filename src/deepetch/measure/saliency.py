"""What papers on salient objects report: structure (S), enhanced alignment (E) and the weighted F-measure.

All take a soft alpha and a mask. An alpha is empty when it nowhere reaches 0.5, as for the measures of masks: both
empty is 1 and one empty is 0, whatever the formulas would say.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from deepetch.arrays import Alpha, Mask, require_alpha, require_mask
from deepetch.errors import InvalidArray

BALANCE = 0.5  # of S: the share of the object's part, the rest is the regions'
THRESHOLDS = 256  # of E: 0/255 to 255/255
REACH = 3  # of the weighted F: half-width of the window in which errors are smeared, in pixels
SMEAR = 5.0  # sigma of that window, in pixels
HALF_WAY = 5.0  # at this distance from the subject, in pixels, a false pixel weighs 1.5; far away 2
EPS = float(np.finfo(np.float64).eps)


def s_measure(predicted: Alpha, true: Mask) -> float:
    """Structure-measure (Fan et al. 2017), in [0, 1]: half likeness of object and ground, half likeness of regions.

    predicted  (h, w) float32 in [0, 1].
    true       (h, w) bool, of the same shape, else InvalidArray.
    A true mask without background: the mean of `predicted`. Both empty, or no pixels: 1; one empty: 0.
    """
    answer = _empty_answer(predicted, true)
    if answer is not None:
        return answer
    if true.all():
        return _mean(predicted)
    share = np.count_nonzero(true) / true.size
    mean, deviation = _mean_and_deviation(predicted, true)
    rest, rest_deviation = _mean_and_deviation(predicted, ~true)
    objects = share * _uniform(mean, deviation) + (1 - share) * _uniform(1 - rest, rest_deviation)
    return max(0.0, BALANCE * objects + (1 - BALANCE) * _regions(predicted, true))


def e_measure(predicted: Alpha, true: Mask) -> float:
    """Enhanced-alignment measure (Fan et al. 2018), in [0, 1]: its mean over the thresholds 0/255 to 255/255.

    predicted  (h, w) float32 in [0, 1].
    true       (h, w) bool, of the same shape, else InvalidArray.
    Papers call it mean E. The threshold 0 takes every pixel, so that a perfect mask reaches 0.997. Both empty, or no
    pixels: 1; one empty: 0.
    """
    answer = _empty_answer(predicted, true)
    if answer is not None:
        return answer
    levels = (predicted * np.float32(255)).astype(np.uint8)  # exact for alphas that are k/255
    of_all = np.bincount(levels.ravel(), minlength=THRESHOLDS)
    of_subject = np.bincount(levels[true], minlength=THRESHOLDS)
    right = np.cumsum(of_subject[::-1])
    wrong = np.cumsum((of_all - of_subject)[::-1])
    return float(_alignment(right, wrong, int(np.count_nonzero(true)), true.size).mean())


def adaptive_e_measure(predicted: Alpha, true: Mask) -> float:
    """Enhanced-alignment measure (Fan et al. 2018) at one threshold: twice the mean alpha, at most 1. In [0, 1].

    predicted  (h, w) float32 in [0, 1].
    true       (h, w) bool, of the same shape, else InvalidArray.
    Both empty, or no pixels: 1; one empty: 0.
    """
    answer = _empty_answer(predicted, true)
    if answer is not None:
        return answer
    mask = predicted >= min(2 * _mean(predicted), 1.0)
    right = np.count_nonzero(mask & true)
    counts = np.array([right]), np.array([np.count_nonzero(mask) - right])
    return float(_alignment(*counts, int(np.count_nonzero(true)), true.size)[0])


def weighted_f(predicted: Alpha, true: Mask) -> float:
    """Weighted F-measure (Margolin et al. 2014, beta 1), in [0, 1]: F of soft errors, weighed by where they are.

    predicted  (h, w) float32 in [0, 1].
    true       (h, w) bool, of the same shape, else InvalidArray.
    On the subject an error among right pixels weighs less than a whole missing part; beside it one near the border
    weighs 1 and one far away 2. Both empty, or no pixels: 1; one empty: 0.
    """
    answer = _empty_answer(predicted, true)
    if answer is not None:
        return answer
    error = np.where(true, 1 - predicted, predicted)
    # E' = E, but beside the subject that of the nearest pixel of it; E^A = E' smeared; min(E, E^A) on the subject
    smeared = _smear(_continued(error, true))
    missed = float(np.minimum(error, smeared)[true].sum(dtype=np.float64))
    distance = cv2.distanceTransform((~true).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    weight = 2 - np.exp(distance * np.float32(math.log(0.5) / HALF_WAY))
    false = float((error * weight).sum(dtype=np.float64, where=~true))
    size = np.count_nonzero(true)
    recall = 1 - missed / size
    precision = (size - missed) / (size - missed + false + EPS)
    return 2 * recall * precision / (recall + precision + EPS)


def _empty_answer(predicted: Alpha, true: Mask) -> float | None:
    """The measure when a side is empty; None when neither is. Raises InvalidArray for what is no alpha or mask."""
    require_alpha(predicted, "predicted")
    require_mask(true, "true")
    if predicted.shape != true.shape:
        raise InvalidArray(f"expected an alpha and a mask of one shape; got {predicted.shape} and {true.shape}.")
    empty = not predicted.size or not predicted.max() >= 0.5, not true.any()
    return float(all(empty)) if any(empty) else None


def _mean(alpha: Alpha) -> float:
    return float(alpha.mean(dtype=np.float64))


def _mean_and_deviation(alpha: Alpha, where: Mask) -> tuple[float, float]:
    """Mean and sample deviation of `alpha` there; of one pixel the deviation is 0."""
    mean, deviation = cv2.meanStdDev(alpha, mask=where.astype(np.uint8))
    count = int(np.count_nonzero(where))
    return float(mean[0, 0]), float(deviation[0, 0]) * math.sqrt(count / max(count - 1, 1))


def _uniform(mean: float, deviation: float) -> float:
    """How near to 1, and how even, a region is (Fan et al. 2017, with lambda 0.5)."""
    return 2 * mean / (mean**2 + 1 + deviation + EPS)


def _regions(predicted: Alpha, true: Mask) -> float:
    """SSIM of the four parts that a cross through the subject's centroid makes, weighted by their areas."""
    row, column = _after_centroid(true)
    parts = [np.s_[y, x] for y in (np.s_[:row], np.s_[row:]) for x in (np.s_[:column], np.s_[column:])]
    return sum(true[part].size / true.size * _ssim(predicted[part], true[part]) for part in parts if true[part].size)


def _after_centroid(true: Mask) -> tuple[int, int]:
    """Row and column that follow the centroid's: where the lower and the right parts begin."""
    rows, columns = np.count_nonzero(true, axis=1), np.count_nonzero(true, axis=0)
    y, x = (float(np.average(np.arange(len(counts)), weights=counts)) for counts in (rows, columns))
    return round(y) + 1, round(x) + 1


def _ssim(predicted: Alpha, true: Mask) -> float:
    """4 x y cov / ((x^2 + y^2) (var x + var y)) (Fan et al. 2017); 1 where neither varies, 0 where only one does."""
    count = true.size
    y = np.count_nonzero(true) / count
    x, deviation = (float(value[0, 0]) for value in cv2.meanStdDev(np.ascontiguousarray(predicted)))
    flat = bool(predicted.min() == predicted.max())  # deviations cannot tell: they round
    if flat or y in (0, 1):
        return float(flat and y in (0, 1))
    unbiased = count / (count - 1)
    covariance = unbiased * (float(predicted.sum(dtype=np.float64, where=true)) / count - x * y)
    variances = unbiased * (deviation**2 + y * (1 - y))
    return 4 * x * y * covariance / ((x**2 + y**2) * variances + EPS)


def _alignment(right: NDArray[np.int64], wrong: NDArray[np.int64], subject: int, size: int) -> NDArray[np.float64]:
    """E of binary masks that take `right` pixels of the subject and `wrong` ones beside it (Fan et al. 2018).

    The two masks, less their means, have four pairs of values; each pixel counts (1 + 2 p t / (p^2 + t^2))^2 / 4.
    A true mask without background has no such pairs: E is the share taken, as in the authors' program.
    """
    if subject == size:
        return right / size
    p, t = (right + wrong) / size, subject / size
    pairs = (
        (right, 1 - p, 1 - t),
        (wrong, 1 - p, -t),
        (subject - right, -p, 1 - t),
        (size - subject - wrong, -p, -t),
    )
    aligned = [number * np.square(1 + 2 * a * b / (a * a + b * b)) for number, a, b in pairs]
    return np.asarray(np.sum(aligned, axis=0) / (4 * size), np.float64)


def _continued(error: Alpha, true: Mask) -> Alpha:
    """`error`, but within REACH of the subject the error at its nearest pixel: the one leftmost, then topmost."""
    inside = true.astype(np.uint8)
    side = 2 * REACH + 1
    beside = (cv2.dilate(inside, np.ones((side, side), np.uint8)) > 0) & ~true
    result, (height, width) = error.copy(), true.shape
    rows, columns = np.nonzero(beside)
    for dy, dx in _offsets():
        y, x = rows + dy, columns + dx
        hit = (y >= 0) & (y < height) & (x >= 0) & (x < width)
        hit[hit] = true[y[hit], x[hit]]
        result[rows[hit], columns[hit]] = error[y[hit], x[hit]]
        rows, columns = rows[~hit], columns[~hit]
    return result


def _offsets() -> list[tuple[int, int]]:
    """Steps of rows and columns to every pixel as near as a corner of the window, nearest first, then leftmost."""
    furthest = math.ceil(math.hypot(REACH, REACH))
    steps = range(-furthest, furthest + 1)
    found = [(dy, dx) for dx in steps for dy in steps if 0 < dx * dx + dy * dy <= 2 * REACH**2]
    return sorted(found, key=lambda step: step[0] ** 2 + step[1] ** 2)


def _smear(error: Alpha) -> Alpha:
    """Gaussian of sigma SMEAR cut off beyond REACH pixels; nothing lies beyond the frame."""
    kernel = cv2.getGaussianKernel(2 * REACH + 1, SMEAR, cv2.CV_32F)
    return np.asarray(cv2.sepFilter2D(error, cv2.CV_32F, kernel, kernel, borderType=cv2.BORDER_CONSTANT), np.float32)
