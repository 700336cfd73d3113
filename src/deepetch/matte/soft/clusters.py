"""k-means, seeded, for the layers to begin with."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.vq import vq

SAMPLED = 20_000  # points at most that the centres are found from
ITERATIONS = 30
TRIED = 4  # candidates for each new centre; the one that leaves the least is taken


def cluster(
    points: NDArray[Any], count: int, *, weights: NDArray[Any] | None = None, seed: int = 0
) -> NDArray[np.int64]:
    """Divide points into at most `count` clusters: k-means, begun by k-means++ (Arthur, Vassilvitskii 2007).

    points   (n, c), n at least 1.
    weights  (n,) at least 0, not all 0; None: all alike.
    Returns  (n,) numbers of clusters from 0, all in use; fewer than `count` where there are fewer different points.
    """
    random = np.random.default_rng(seed)
    points = np.asarray(points, np.float64)
    weight = np.ones(len(points)) if weights is None else np.asarray(weights, np.float64)
    chosen = np.arange(len(points))
    if len(points) > SAMPLED:
        chosen = np.sort(random.choice(len(points), SAMPLED, replace=False))
    centres = _centres(points[chosen], weight[chosen], count, random)
    return np.unique(vq(points, centres)[0], return_inverse=True)[1].astype(np.int64)


def _centres(
    points: NDArray[np.float64], weight: NDArray[np.float64], count: int, random: np.random.Generator
) -> NDArray[np.float64]:
    centres = points[[random.choice(len(points), p=weight / weight.sum())]]
    distance = ((points - centres[0]) ** 2).sum(1)
    while len(centres) < count and (weight * distance).sum() > 1e-12 * weight.sum():
        share = weight * distance
        tried = random.choice(len(points), TRIED, p=share / share.sum())
        distances = [np.minimum(distance, ((points - points[one]) ** 2).sum(1)) for one in tried]
        best = int(np.argmin([(weight * each).sum() for each in distances]))
        centres, distance = np.concatenate([centres, points[tried[[best]]]]), distances[best]
    for _ in range(ITERATIONS):
        labels = vq(points, centres)[0]
        mass = np.bincount(labels, weight, len(centres))
        sums = np.stack([np.bincount(labels, weight * points[:, i], len(centres)) for i in range(points.shape[1])], -1)
        moved = np.where(mass[:, None] > 0, sums / np.maximum(mass, 1e-300)[:, None], centres)
        if np.allclose(moved, centres, rtol=0, atol=1e-6):
            break
        centres = moved
    return centres
