"""What the network saw, as a few planes at the picture's size whose edges follow the picture's.

Aksoy et al. 2018, "Semantic Soft Segmentation", the section on feature vectors: guided filtered with the picture,
reduced to three dimensions by principal components, each scaled to [0, 1].
"""

from __future__ import annotations

from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from deepetch.arrays import Alpha, View, require_alpha, require_view
from deepetch.errors import InvalidArray
from deepetch.matte.guided_filter import filter_guided

Features: TypeAlias = NDArray[np.float32]  # (h, w, c)

DIMENSIONS = 3
FILTERED = 12  # leading components that are filtered: the filter is linear, and the others hold next to nothing
RADIUS = 10 / 640  # of the guided filter, in longer sides of the picture
EPS = 0.01  # of the guided filter


def semantic_features(view: View, features: Features, coarse: Alpha, *, alpha_weight: float) -> Features:
    """Bring a network's deep features to the picture, reduced to three planes and one of the coarse alpha.

    view      (h, w, 3) float32 in [0, 1].
    features  (h', w', c) float32, any scale, of the same picture on any grid.
    coarse    (h'', w'') float32 in [0, 1], likewise.
    alpha_weight  what the alpha's 0 to 1 counts for beside the features' 0 to 1; 0 leaves it out, as in the paper.
    Returns   (h, w, 4) float32: three planes in [0, 1], constant ones 0, then alpha in [0, alpha_weight].
    Raises    InvalidArray if a shape, dtype or range differs, anything is not finite, or an array is empty.
    """
    require_features(features)
    require_view(view)
    require_alpha(coarse, "coarse alpha")
    if view.size == 0 or coarse.size == 0:
        raise InvalidArray(f"view and coarse alpha: expected at least a pixel; got {view.shape}, {coarse.shape}.")
    height, width = view.shape[:2]
    radius = max(1, round(RADIUS * max(height, width)))
    flat = features.reshape(-1, features.shape[2]).astype(np.float64)
    leading = principal_components(flat, FILTERED).reshape(*features.shape[:2], -1)
    scale = max(float(np.ptp(leading, axis=(0, 1)).max()), 1e-12)  # one for all, so that their shares stay
    leading = (leading - leading.min(axis=(0, 1))) / scale
    filtered = [
        filter_guided(view, _enlarged(leading[..., i], height, width), radius=radius, eps=EPS)
        for i in range(leading.shape[2])
    ]
    three = principal_components(np.stack(filtered, -1).reshape(height * width, -1), DIMENSIONS)
    low, spread = three.min(axis=0), np.ptp(three, axis=0)
    three = np.where(spread > 1e-4, (three - low) / np.maximum(spread, 1e-4), 0)
    planes = np.zeros((height, width, DIMENSIONS + 1), np.float32)
    planes[..., : three.shape[1]] = three.reshape(height, width, -1)
    alpha = filter_guided(view, _enlarged(coarse, height, width), radius=max(1, radius // 3), eps=EPS)
    planes[..., -1] = np.float32(alpha_weight) * alpha
    return planes


def principal_components(points: NDArray[Any], count: int) -> NDArray[np.float64]:
    """Points (n, c) on their `count` axes of greatest variance (all c of them if fewer), centred; (n, count).

    The sign of an axis is chosen so that its largest entry is positive.
    """
    centred = points.astype(np.float64) - points.mean(axis=0, dtype=np.float64)
    _, axes = np.linalg.eigh(centred.T @ centred)
    axes = axes[:, ::-1][:, :count]
    largest = np.abs(axes).argmax(axis=0)
    return np.asarray(centred @ (axes * np.sign(axes[largest, np.arange(axes.shape[1])])))


def require_features(features: Features) -> None:
    """Raise InvalidArray unless `features` is finite float32 (h, w, c), none of them 0."""
    if features.ndim != 3 or features.dtype != np.float32 or features.size == 0:
        raise InvalidArray(
            f"features: expected float32 (h, w, c) with at least one of each; got {features.dtype} {features.shape}."
        )
    if not np.isfinite(features).all():
        raise InvalidArray("features: expected finite numbers; got NaN or infinity. Does the model fit the picture?")


def _enlarged(plane: NDArray[Any], height: int, width: int) -> Alpha:
    resized = cv2.resize(plane.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.clip(resized, 0, 1), np.float32)
