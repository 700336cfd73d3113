"""How well two masks agree where it matters to a retoucher: at their borders."""

from __future__ import annotations

import math

import cv2
import numpy as np

from deepetch.arrays import Mask
from deepetch.errors import InvalidOptions
from deepetch.measure.region import intersection_over_union, require_pair

TOLERANCE = 2 / 512  # of the longer side
WIDTH = 0.02  # of the diagonal (Cheng et al. 2021)


def boundary_f(predicted: Mask, true: Mask, *, tolerance_px: float | None = None) -> float:
    """F-measure of border pixels that have one of the other mask within a distance (Martin et al. 2004), in [0, 1].

    predicted, true  (h, w) bool, of one shape, else InvalidArray.
    tolerance_px     Euclidean distance in pixels; None: 2/512 of the longer side.
    Every border pixel may serve several of the other side (no one-to-one matching). The frame is no border. Both
    without border: 1 when the masks are equal, else 0; one without border: 0.
    """
    require_pair(predicted, true)
    if not predicted.any() and not true.any():
        return 1.0
    tolerance = TOLERANCE * max(true.shape) if tolerance_px is None else tolerance_px
    predicted_border, true_border = mask_border(predicted), mask_border(true)
    if not predicted_border.any() or not true_border.any():
        return float(not predicted_border.any() and not true_border.any() and np.array_equal(predicted, true))
    precision = float(np.mean(_distance_to(true_border)[predicted_border] <= tolerance))
    recall = float(np.mean(_distance_to(predicted_border)[true_border] <= tolerance))
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def boundary_iou(predicted: Mask, true: Mask, *, width_px: float | None = None) -> float:
    """IoU of the two bands inside the masks along their borders (Cheng et al. 2021), in [0, 1].

    predicted, true  (h, w) bool, of one shape, else InvalidArray.
    width_px         of the bands, in pixels, at least 1, else InvalidOptions; None: 2 % of the diagonal, rounded.
    A pixel of a mask belongs to its band when one outside the mask is no more than `width_px` rows and columns away;
    so the authors' own program counts, and like it this takes the frame for a border. Both masks empty: 1; one: 0.
    """
    require_pair(predicted, true)
    width = max(1, round(WIDTH * math.hypot(*true.shape))) if width_px is None else width_px
    if not width >= 1:
        raise InvalidOptions(f"width_px: expected at least 1 pixel; got {width_px}.")
    if not predicted.any() and not true.any():
        return 1.0
    return intersection_over_union(_inner_band(predicted, width), _inner_band(true, width))


def mask_border(mask: Mask) -> Mask:
    """Pixels of `mask` with a 4-neighbour outside it; the frame does not count as outside. (h, w) bool."""
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    inner = cv2.erode(mask.astype(np.uint8), cross, borderType=cv2.BORDER_CONSTANT, borderValue=1)
    border: Mask = mask & (inner == 0)
    return border


def _inner_band(mask: Mask, width: float) -> Mask:
    # exact in whole numbers: the 3 x 3 transform of the chessboard distance takes every step it needs
    framed = cv2.copyMakeBorder(mask.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    depth = cv2.distanceTransform(framed, cv2.DIST_C, cv2.DIST_MASK_3)[1:-1, 1:-1]
    band: Mask = mask & (depth <= width)
    return band


def _distance_to(border: Mask) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Euclidean distance of every pixel to the nearest one of `border`, in pixels."""
    return np.asarray(cv2.distanceTransform((~border).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE))
