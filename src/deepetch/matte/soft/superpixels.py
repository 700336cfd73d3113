"""Superpixels: small patches of one colour, by SLIC.

Achanta et al. 2012, "SLIC Superpixels Compared to State-of-the-Art Superpixel Methods"; every pixel looks at the
centres that began in its own cell of the grid and in the eight around it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from deepetch.arrays import View, require_view

COMPACTNESS = 10.0  # colour differences in CIELAB that weigh as much as one side of a superpixel
ITERATIONS = 10


@dataclass(frozen=True, eq=False)
class Superpixels:
    """labels (h, w) int64: 0 to n - 1, all in use; centres (n, 2) float64: mean row and column of each."""

    labels: NDArray[np.int64]
    centres: NDArray[np.float64]

    def mean(self, planes: NDArray[Any]) -> NDArray[np.float64]:
        """Means (n, c) of the planes (h, w, c) over each superpixel."""
        flat, count = self.labels.ravel(), len(self.centres)
        sums = [np.bincount(flat, planes[..., i].ravel(), count) for i in range(planes.shape[2])]
        return np.stack(sums, -1) / np.bincount(flat, minlength=count)[:, None]

    def pixels(self) -> NDArray[np.int64]:
        """(n,) position in the flattened picture of the pixel of each superpixel that is nearest to its centre."""
        rows, columns = np.indices(self.labels.shape)
        flat = self.labels.ravel()
        distance = (rows.ravel() - self.centres[flat, 0]) ** 2 + (columns.ravel() - self.centres[flat, 1]) ** 2
        order = np.lexsort((distance, flat))
        first = np.searchsorted(flat[order], np.arange(len(self.centres)))
        return np.asarray(order[first], np.int64)

    def neighbours(self) -> NDArray[np.int64]:
        """(m, 2) pairs of superpixels that touch, by a side or a corner, each once, the smaller number first."""
        labels = self.labels
        sides = [(labels[1:], labels[:-1]), (labels[:, 1:], labels[:, :-1])]
        sides += [(labels[1:, 1:], labels[:-1, :-1]), (labels[1:, :-1], labels[:-1, 1:])]
        pairs = np.concatenate([np.stack([a.ravel(), b.ravel()], -1) for a, b in sides])
        pairs = pairs[pairs[:, 0] != pairs[:, 1]]
        return np.unique(np.sort(pairs, axis=1), axis=0)


def superpixels(view: View, count: int) -> Superpixels:
    """Divide a picture into about `count` superpixels.

    view     (h, w, 3) float32 in [0, 1], not empty.
    Returns  connected patches but for stray pixels; the same for the same picture.
    Raises   InvalidArray if shape or dtype differ.
    """
    require_view(view)
    height, width = view.shape[:2]
    side = max(1.0, (height * width / max(1, count)) ** 0.5)
    down, across = max(1, round(height / side)), max(1, round(width / side))
    rows, columns = np.indices((height, width))
    cell_row, cell_column = rows * down // height, columns * across // width
    lab = np.asarray(cv2.cvtColor(view, cv2.COLOR_RGB2Lab))
    place = np.stack([rows, columns], -1) * (COMPACTNESS / side)
    points = np.concatenate([lab, place], -1).reshape(-1, 5).astype(np.float32)
    candidates = np.stack(
        [
            np.clip(cell_row + row, 0, down - 1) * across + np.clip(cell_column + column, 0, across - 1)
            for row in (0, -1, 1)
            for column in (0, -1, 1)
        ],
        -1,
    ).reshape(-1, 9)
    labels = candidates[:, 0]
    for _ in range(ITERATIONS):
        centres = _means(points, labels, down * across)
        distances = np.stack([((points - centres[candidates[:, i]]) ** 2).sum(-1) for i in range(9)], -1)
        labels = candidates[np.arange(len(points)), distances.argmin(-1)]
    whole = _largest_parts(labels.reshape(height, width))
    _, compact = np.unique(whole, return_inverse=True)
    compact = compact.reshape(height, width).astype(np.int64)
    return Superpixels(
        compact, _means(np.stack([rows, columns], -1).reshape(-1, 2), compact.ravel(), compact.max() + 1)
    )


def _means(points: NDArray[Any], labels: NDArray[np.int64], count: int) -> NDArray[Any]:
    """(count, c) means of points (n, c) with the same label; far away for a label without any."""
    sizes = np.bincount(labels, minlength=count)
    sums = np.stack([np.bincount(labels, points[:, i], count) for i in range(points.shape[1])], -1)
    means = np.where(sizes[:, None] > 0, sums / np.maximum(sizes, 1)[:, None], 1e6)
    return means.astype(np.float32) if points.dtype == np.float32 else means


def _largest_parts(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give every pixel outside the largest connected part of its label the label of the nearest such part."""
    # two pixels are one part where they touch by a side and share a label: on a grid with walls between labels
    height, width = labels.shape
    open_ = np.ones((2 * height - 1, 2 * width - 1), bool)
    open_[1::2, ::2] = labels[1:] == labels[:-1]
    open_[::2, 1::2] = labels[:, 1:] == labels[:, :-1]
    open_[1::2, 1::2] = False
    parts = ndimage.label(open_)[0][::2, ::2].ravel() - 1
    sizes = np.bincount(parts)
    owner = np.empty(len(sizes), np.int64)
    owner[parts] = labels.ravel()
    order = np.lexsort((sizes, owner))
    last = np.append(owner[order][1:] != owner[order][:-1], True)
    kept = np.zeros(len(sizes), bool)
    kept[order[last]] = True
    stray = ~kept[parts].reshape(labels.shape)
    if not stray.any():
        return labels
    nearest = ndimage.distance_transform_edt(stray, return_distances=False, return_indices=True)
    return np.asarray(labels[tuple(nearest)], np.int64)
