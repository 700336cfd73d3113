"""Semantic soft segmentation: a picture as layers with soft borders, each of one meaning.

Aksoy, Oh, Paris, Pollefeys, Matusik 2018, "Semantic Soft Segmentation", ACM Transactions on Graphics 37 (4). The
meaning comes from the segmenter: its deep features and, which the paper had not, its coarse alpha.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from deepetch.arrays import Alpha, View, require_alpha, require_view
from deepetch.errors import InvalidArray, MattingFailed, MissingExtra
from deepetch.options import SoftOptions

Layers: TypeAlias = NDArray[np.float32]  # (h, w, n) float32 in [0, 1], adding up to 1
StageProgress: TypeAlias = Callable[[str, float], None]  # what is being done, and the share of all that is done

LEAST_SIDE = 5  # pixels: two windows of the matting Laplacian in a row
MOST_PIXELS = 640 * 640  # 640 x 480 takes 3 GB at the peak
LEAST_SUPERPIXEL = 25  # pixels: smaller ones are noise
INITIAL_GAMMA = 0.8  # of the first sparsification: from 40 layers to those that the picture has
STEEP = 0.1  # colour gradient at which a pixel may be as soft as it likes


def unseen(stage: str, share: float) -> None:
    """Progress that nobody watches."""


def soft_layers(
    view: View,
    features: NDArray[np.float32],
    coarse: Alpha,
    *,
    options: SoftOptions = SoftOptions(),
    progress: StageProgress = unseen,
) -> Layers:
    """Divide a picture into layers, each the opacity of one thing in it.

    view      (h, w, 3) float32 in [0, 1], 5 pixels a side to 409,600 in all: about 320 pixels a side is meant.
    features  (h', w', c) float32: the segmenter's deep features, of the same picture, on any grid.
    coarse    (h'', w'') float32 in [0, 1]: its alpha, likewise.
    progress  called with a few words and the share in [0, 1] that is done.
    Returns   (h, w, n) float32 in [0, 1], each pixel adding up to 1; the largest layer first. n is at most
              `options.layers`, and less where the picture has less; where neither colours, features nor alpha vary
              the layers mean nothing.
    Raises    InvalidArray if a shape, dtype or range differs or anything is NaN; MissingExtra without scipy;
              MattingFailed when the equations cannot be solved.
    """
    require_scipy()
    _require_arrays(view, coarse)
    try:
        return _solve(view, features, coarse, options, progress)
    except (RuntimeError, np.linalg.LinAlgError) as error:  # SuperLU's, ARPACK's
        raise MattingFailed(
            f"soft segmentation: its equations cannot be solved ({error}). Try another size."
        ) from error


def _solve(
    view: View, features: NDArray[np.float32], coarse: Alpha, options: SoftOptions, progress: StageProgress
) -> Layers:
    from deepetch.matte.soft.clusters import cluster
    from deepetch.matte.soft.eigen import smallest_eigenvectors
    from deepetch.matte.soft.features import semantic_features
    from deepetch.matte.soft.laplacian import soft_laplacian
    from deepetch.matte.soft.sparse_layers import cleaned, constrained_layers, relaxed_layers

    height, width = view.shape[:2]
    progress("affinities", 0.0)
    semantics = semantic_features(view, features, coarse, alpha_weight=options.alpha_weight)
    count = max(1, min(options.superpixels, height * width // LEAST_SUPERPIXEL))
    matrix, joined = soft_laplacian(view, semantics, count, options.colour_weight, options.semantic_weight)
    progress("eigenvectors", 0.05)
    values, vectors = smallest_eigenvectors(matrix, options.eigenvectors, (height, width), joined, seed=options.seed)
    flat = semantics.reshape(height * width, -1)
    labels = cluster(flat, options.initial_layers, seed=options.seed)
    first = constrained_layers(
        values,
        vectors,
        np.eye(labels.max() + 1)[labels],
        gamma=INITIAL_GAMMA,
        iterations=2 * options.iterations,
        seed=options.seed,
        told=lambda share: progress("first layers", 0.5 + 0.2 * share),
    )
    opacity = np.maximum(first, 0)
    means = (opacity.T @ flat) / np.maximum(opacity.sum(axis=0), 1e-9)[:, None]
    groups = cluster(means, options.layers, seed=options.seed)
    grouped = cleaned(first @ np.eye(groups.max() + 1)[groups])
    gamma = np.minimum(options.sparsity + np.minimum(_gradient(view), STEEP), 1).ravel()
    refined = relaxed_layers(
        matrix,
        grouped,
        gamma,
        iterations=options.iterations,
        told=lambda share: progress("refinement", 0.7 + 0.3 * share),
    )
    progress("layers", 1.0)
    largest_first = np.argsort(-refined.sum(axis=0), kind="stable")
    return refined[:, largest_first].reshape(height, width, -1).astype(np.float32)


def soft_alpha(
    view: View,
    features: NDArray[np.float32],
    coarse: Alpha,
    *,
    options: SoftOptions = SoftOptions(),
    progress: StageProgress = unseen,
) -> Alpha:
    """The subject's alpha: the sum of the layers that are the subject's by the segmenter's alpha.

    Arguments and errors as for `soft_layers`.
    Returns  (h, w) float32 in [0, 1], at the size of `view`.
    """
    layers = soft_layers(view, features, coarse, options=options, progress=progress)
    return alpha_of_layers(layers, coarse)


def alpha_of_layers(layers: Layers, coarse: Alpha) -> Alpha:
    """Add up the layers under which the mean of the coarse alpha is over 1/2.

    layers   (h, w, n) float32 in [0, 1], adding up to 1.
    coarse   (h', w') float32 in [0, 1] of the same picture, on any grid.
    Returns  (h, w) float32 in [0, 1].
    Raises   InvalidArray if a shape, dtype or range differs.
    """
    subject = subject_share(layers, coarse) > 0.5
    return np.asarray(np.clip(layers[..., subject].sum(axis=-1, dtype=np.float32), 0, 1), np.float32)


def subject_share(layers: Layers, coarse: Alpha) -> NDArray[np.float64]:
    """(n,) mean of the coarse alpha under each layer, weighted by it; an empty layer has 0. As `alpha_of_layers`."""
    require_alpha(coarse, "coarse alpha")
    if layers.ndim != 3 or layers.dtype != np.float32 or layers.size == 0 or coarse.size == 0:
        raise InvalidArray(
            f"layers and coarse alpha: expected float32 (h, w, n) and (h, w), not empty; "
            f"got {layers.dtype} {layers.shape} and {coarse.shape}."
        )
    height, width = layers.shape[:2]
    enlarged = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
    under = np.einsum("hwn,hw->n", layers, enlarged, dtype=np.float64)
    return np.asarray(under / np.maximum(layers.sum(axis=(0, 1), dtype=np.float64), 1e-9))


def require_scipy() -> None:
    """Raise MissingExtra unless scipy is installed; does not load it."""
    if find_spec("scipy") is None:
        raise MissingExtra("soft segmentation needs scipy, which is not installed: pip install 'deepetch[matting]'.")


def _require_arrays(view: View, coarse: Alpha) -> None:
    require_view(view)
    require_alpha(coarse, "coarse alpha")
    height, width = view.shape[:2]
    if min(height, width) < LEAST_SIDE or height * width > MOST_PIXELS:
        raise InvalidArray(
            f"view: soft segmentation takes pictures from {LEAST_SIDE} pixels a side to {MOST_PIXELS:,} in all; "
            f"got {height} x {width}. Resize it first."
        )
    if not (view.min() >= 0 and view.max() <= 1):
        raise InvalidArray(f"view: expected numbers in [0, 1]; got {view.min():g} to {view.max():g}.")


def _gradient(view: View) -> NDArray[np.float64]:
    """(h, w) length of the colours' gradient, per pixel, over all channels."""
    down, across = np.gradient(view.astype(np.float64), axis=(0, 1))
    return np.asarray(np.sqrt((down**2 + across**2).sum(axis=-1)))
