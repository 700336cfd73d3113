"""How sure a prediction is of itself, as the IoU that one should expect of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from deepetch.arrays import Alpha, require_alpha

Knots = Sequence[tuple[float, float]]


def expected_iou(alpha: Alpha) -> float:
    """The IoU of the mask alpha >= 0.5 if every alpha were the true probability of its pixel, in [0, 1].

    E|P and T| / E|P or T| = sum of alpha inside the mask / (pixels of the mask + sum of alpha outside it), the first-
    order value of the ratio. 0 when the mask is empty.
    """
    require_alpha(alpha)
    mask = alpha >= 0.5
    size = np.count_nonzero(mask)
    if not size:
        return 0.0
    inside = float(alpha[mask].sum(dtype=np.float64))
    outside = float(alpha.sum(dtype=np.float64)) - inside
    return inside / (size + outside)


def calibrated(raw: float, knots: Knots) -> float:
    """Map a raw confidence to the IoU observed at it: piecewise linear through `knots`. No knots: `raw`.

    Above the last knot flat; below the first a line to 0 at 0, since knots come from pictures that show a subject: flat
    there, no picture without one could ever be told by a low confidence.
    """
    if not knots:
        return raw
    points = np.asarray(knots, np.float64)
    if points[0, 0] > 0:
        points = np.vstack([np.zeros(2), points])
    return float(np.interp(raw, points[:, 0], points[:, 1]))


def calibrate(raw: NDArray[np.float64], observed: NDArray[np.float64], *, bins: int = 8) -> list[tuple[float, float]]:
    """Fit knots for `calibrated`: means of equally filled bins, made monotone by pooling adjacent violators.

    raw, observed  (n,) raw confidences and the IoU each picture really had. Empty: no knots.
    """
    if not len(raw):
        return []
    order = np.argsort(raw)
    pools = [
        [float(raw[part].mean()), float(observed[part].mean()), float(len(part))]
        for part in np.array_split(order, min(bins, len(raw)))
    ]
    merged: list[list[float]] = []
    for pool in pools:
        merged.append(pool)
        while len(merged) > 1 and merged[-2][1] > merged[-1][1]:
            (x1, y1, n1), (x2, y2, n2) = merged[-2:]
            total = n1 + n2
            merged[-2:] = [[(x1 * n1 + x2 * n2) / total, (y1 * n1 + y2 * n2) / total, total]]
    return [(round(x, 4), round(y, 4)) for x, y, _ in merged]
