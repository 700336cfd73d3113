"""Layers of a reduced picture carried to the photo's full size, along its own edges.

He, Sun 2015, "Fast Guided Filter": each layer is fitted as a linear function of the colours in small windows of the
reduced picture; the coefficients are enlarged, and applied to the photo's own colours.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from deepetch.arrays import Samples, full_scale
from deepetch.errors import InvalidArray
from deepetch.matte.guided_filter import apply_coefficients, guide_of, guided_coefficients

RADIUS = 1  # of the windows, in pixels of the layers: the same lines of colour that the matting Laplacian knows
EPS = 1e-5  # contrasts below 0.3 % do not attract a border
BLOCK_ROWS = 64  # rows of the photo made at a time


def enlarge_layers(samples: Samples, layers: NDArray[np.float32]) -> NDArray[Any]:
    """Bring layers to the size and depth of a photo.

    samples  (H, W, c) uint8 or uint16, c = 1 grey, 3 RGB or 4 CMYK, not smaller than the layers.
    layers   (h, w, n) float32 in [0, 1], adding up to 1, of the same picture.
    Returns  (H, W, n) in the dtype of `samples`, adding up to full but for rounding. Memory: the result, and some rows.
    Raises   InvalidArray if shapes or dtypes differ or an array is empty.
    """
    full = full_scale(samples)
    if samples.ndim != 3 or samples.shape[2] not in (1, 3, 4) or samples.size == 0:
        raise InvalidArray(f"samples: expected (h, w, 1, 3 or 4), not empty; got {samples.shape}.")
    if layers.ndim != 3 or layers.dtype != np.float32 or layers.size == 0:
        raise InvalidArray(f"layers: expected float32 (h, w, n), not empty; got {layers.dtype} {layers.shape}.")
    (height, width), (rows, columns) = samples.shape[:2], layers.shape[:2]
    if height < rows or width < columns:
        raise InvalidArray(f"samples: expected at least the layers' {rows} x {columns}; got {height} x {width}.")
    small = cv2.resize(samples, (columns, rows), interpolation=cv2.INTER_AREA).reshape(rows, columns, -1)
    guide = guide_of(small, full)
    fits = [
        np.ascontiguousarray(guided_coefficients(guide, np.ascontiguousarray(layers[..., i]), radius=RADIUS, eps=EPS))
        for i in range(layers.shape[2])
    ]
    enlarged = np.empty((height, width, layers.shape[2]), samples.dtype)
    for top in range(0, height, BLOCK_ROWS):
        bottom = min(top + BLOCK_ROWS, height)
        colours = guide_of(samples[top:bottom], full)
        planes = [apply_coefficients(_rows_of(fit, top, bottom, height, width), colours) for fit in fits]
        block = np.stack(planes, -1)
        total = block.sum(axis=-1, keepdims=True)
        block = np.where(total > 1e-3, block / np.maximum(total, 1e-3), 1 / block.shape[-1])
        enlarged[top:bottom] = np.rint(block * full)
    return enlarged


def _rows_of(fit: NDArray[np.float32], top: int, bottom: int, height: int, width: int) -> NDArray[np.float32]:
    """Rows `top` to `bottom` of coefficients enlarged to (height, width), bilinear, centres on centres."""
    down, across = fit.shape[0] / height, fit.shape[1] / width
    matrix = np.array([[across, 0, 0.5 * across - 0.5], [0, down, (top + 0.5) * down - 0.5]])
    sampled = cv2.warpAffine(
        fit,
        matrix,
        (width, bottom - top),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(sampled, np.float32).reshape(bottom - top, width, -1)
