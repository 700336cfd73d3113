"""How much ink a picture lays on one spot of paper: too much dries too slowly, and comes off on the next sheet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deepetch.arrays import Levels, Samples, full_scale
from deepetch.errors import InvalidArray

ROUNDING = 2  # levels that the sum of four rounded samples may be off
STRIP_ROWS = 512


@dataclass(frozen=True, kw_only=True)
class TotalInk:
    """The total area coverage of a CMYK picture: the sum of its four inks.

    largest  of any pixel, in percent: 0 to 400; 0 where no pixel counts.
    over     share of the pixels that count, in [0, 1], with more than the limit.
    """

    largest: float
    over: float


def total_ink(samples: Samples, limit: float = 400.0, *, alpha: Levels | None = None) -> TotalInk:
    """Measure the total area coverage of CMYK samples.

    samples  (h, w, 4) uint8 or uint16, 0 = no ink.
    limit    in percent; what rounding alone puts above it is not over.
    alpha    (h, w) in the same depth: pixels that are not fully opaque do not count. None: all do.
    Raises   InvalidArray if a shape differs.
    Memory   some strips of rows.
    """
    if samples.ndim != 3 or samples.shape[2] != 4:
        raise InvalidArray(f"inks: expected (h, w, 4); got {samples.shape}.")
    if alpha is not None and alpha.shape != samples.shape[:2]:
        raise InvalidArray(f"alpha: expected {samples.shape[:2]} as the inks have it; got {alpha.shape}.")
    full = full_scale(samples)
    largest = over = counted = 0
    for top in range(0, samples.shape[0], STRIP_ROWS):
        rows = slice(top, top + STRIP_ROWS)
        sums = samples[rows].sum(axis=2, dtype=np.uint32)
        if alpha is not None:
            sums = sums[alpha[rows] == full]
        largest = max(largest, int(sums.max(initial=0)))
        over += int(np.count_nonzero(sums > limit / 100 * full + ROUNDING))
        counted += sums.size
    return TotalInk(largest=100 * largest / full, over=over / counted if counted else 0.0)
