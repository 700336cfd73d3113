"""Whether alpha means what it says: of the pixels at 0.7, is 0.7 subject?"""

from __future__ import annotations

from dataclasses import dataclass
from operator import add

import numpy as np

from deepetch.arrays import Alpha
from deepetch.measure.alpha import require_alphas

BINS = 15  # equal widths of alpha (Guo et al. 2017)


@dataclass(frozen=True)
class Reliability:
    """Pixels of one or many pictures, in equal bins of predicted alpha; those of two sets are added with `+`.

    pixels     of each bin.
    predicted  the sum of predicted alpha in each bin.
    true       the sum of true alpha in each bin: for a hard mask, the pixels of the subject.
    """

    pixels: tuple[int, ...]
    predicted: tuple[float, ...]
    true: tuple[float, ...]

    def __add__(self, other: Reliability) -> Reliability:
        return Reliability(
            tuple(map(add, self.pixels, other.pixels)),
            tuple(map(add, self.predicted, other.predicted)),
            tuple(map(add, self.true, other.true)),
        )

    @property
    def error(self) -> float:
        """Expected calibration error (Guo et al. 2017, eq. 3), in [0, 1]; 0 when there are no pixels.

        The mean over pixels of |mean predicted - mean true alpha| of their bin.
        """
        gaps = sum(abs(p - t) for p, t in zip(self.predicted, self.true, strict=True))
        return gaps / max(1, sum(self.pixels))

    @property
    def points(self) -> list[tuple[float, float, int]]:
        """The curve, for bins that hold pixels: the bin's centre, the share of subject observed in it, its pixels."""
        bins = len(self.pixels)
        return [
            ((index + 0.5) / bins, true / pixels, pixels)
            for index, (pixels, true) in enumerate(zip(self.pixels, self.true, strict=True))
            if pixels
        ]


NO_PIXELS = Reliability((0,) * BINS, (0.0,) * BINS, (0.0,) * BINS)


def reliability(predicted: Alpha, true: Alpha) -> Reliability:
    """Sort the pixels of one picture into BINS bins of predicted alpha, the last with 1.0 in it.

    predicted, true  (h, w) float32 in [0, 1], of one shape, else InvalidArray. Without pixels: NO_PIXELS.
    """
    require_alphas(predicted, true)
    bins = np.minimum((predicted * np.float32(BINS)).astype(np.uint8), BINS - 1).ravel()
    return Reliability(
        tuple(np.bincount(bins, minlength=BINS).tolist()),
        tuple(np.bincount(bins, predicted.ravel(), minlength=BINS).tolist()),
        tuple(np.bincount(bins, true.ravel(), minlength=BINS).tolist()),
    )


def calibration_error(predicted: Alpha, true: Alpha) -> float:
    """Expected calibration error over the pixels of one picture (Guo et al. 2017, eq. 3), in [0, 1].

    predicted, true  (h, w) float32 in [0, 1], of one shape, else InvalidArray.
    Without pixels: 0. An empty alpha is no special case: both empty is 0, one empty the other's mean.
    """
    return reliability(predicted, true).error
