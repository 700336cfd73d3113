"""How wrong an alpha is, near the true border and far from it: who draws borders badly, and who misses whole parts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from deepetch.arrays import Alpha, Mask, require_mask
from deepetch.errors import InvalidArray
from deepetch.measure.alpha import require_alphas
from deepetch.measure.boundary import TOLERANCE

Side = Literal["inside", "outside"]
BandMap: TypeAlias = NDArray[np.uint8]

NEAREST = 0.5  # pixels between the border, a line, and the middle of a pixel beside it


@dataclass(frozen=True)
class Band:
    """Pixels on one side of the true border, further than `nearest` from it and at most `furthest`.

    nearest, furthest  shares of the picture's longer side.
    """

    side: Side
    nearest: float
    furthest: float


@dataclass(frozen=True)
class BandError:
    """What an alpha does in a band of one picture.

    pixels  that the band has there.
    mae     the mean of |predicted - true| over them; NaN without any.
    wrong   the share of them that the prediction, at 0.5, puts on the other side; NaN without any.
    """

    band: Band
    pixels: int
    mae: float
    wrong: float


# As far as boundary F allows, then four times as far, and again. Shares of the side, for a picture at twice the size is
# to have the same row; bands of pixels, as in Kohli et al. 2009, compare pictures of one size only.
EDGES = (0.0, TOLERANCE, 4 * TOLERANCE, 16 * TOLERANCE, math.inf)
RINGS = tuple(pairwise(EDGES))
# from the heart of the subject, across its border, to the far background
BANDS: tuple[Band, ...] = (
    *(Band("inside", near, far) for near, far in reversed(RINGS)),
    *(Band("outside", near, far) for near, far in RINGS),
)


def distance_bands(truth: Mask) -> BandMap:
    """Each pixel's band: (h, w) uint8, an index into BANDS.

    truth  (h, w) bool, the true mask, else InvalidArray.
    The border is the line between pixels of the subject and others; a pixel's distance is the Euclidean one from its
    middle to the nearest pixel's on the other side, less half a pixel. The pixels along the border always belong to the
    nearest bands, however small the picture. The frame is no border; without one all pixels are in the furthest bands.
    """
    require_mask(truth, "truth")
    if not truth.size:
        return np.zeros(truth.shape, np.uint8)
    edges = np.maximum(NEAREST, np.array(EDGES[1:-1]) * max(truth.shape))
    if truth.all() or not truth.any():
        ring = np.full(truth.shape, len(edges), np.uint8)
    else:
        inner, outer = (
            cv2.distanceTransform(side.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE) for side in (truth, ~truth)
        )
        distance = np.asarray(inner + outer)  # one of the two is 0 at every pixel
        ring = np.sum([distance > edge + NEAREST for edge in edges.tolist()], axis=0, dtype=np.uint8)
    return np.where(truth, np.uint8(len(RINGS) - 1) - ring, np.uint8(len(RINGS)) + ring)


def error_by_distance(predicted: Alpha, true: Alpha, bands: BandMap | None = None) -> tuple[BandError, ...]:
    """The error in every one of BANDS, in their order.

    predicted, true  (h, w) float32 in [0, 1], of one shape, else InvalidArray.
    bands            `distance_bands` of the true mask, alpha >= 0.5, for who has them already.
    """
    require_alphas(predicted, true)
    truth = true >= 0.5
    bands = distance_bands(truth) if bands is None else bands
    if bands.shape != true.shape or bands.dtype != np.uint8:
        raise InvalidArray(f"bands: expected uint8 {true.shape} like the alphas; got {bands.dtype} {bands.shape}.")
    which, count = bands.ravel(), len(BANDS)
    pixels = np.bincount(which, minlength=count)
    error = np.bincount(which, np.abs(predicted - true).ravel(), minlength=count)
    wrong = np.bincount(which[((predicted >= 0.5) != truth).ravel()], minlength=count)
    return tuple(
        BandError(band, int(n), float(e) / n if n else math.nan, int(w) / n if n else math.nan)
        for band, n, e, w in zip(BANDS, pixels.tolist(), error, wrong, strict=True)
    )


def band_name(band: Band) -> str:
    """A band in few words: "inside 0.4-1.6 %", of the longer side."""
    if math.isinf(band.furthest):
        return f"{band.side} over {100 * band.nearest:.1f} %"
    if not band.nearest:
        return f"{band.side} to {100 * band.furthest:.1f} %"
    return f"{band.side} {100 * band.nearest:.1f}-{100 * band.furthest:.1f} %"
