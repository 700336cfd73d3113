"""Whether an alpha rises where the true one does: blurred and torn edges that a sum of differences hardly sees."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from deepetch.arrays import Alpha, Mask
from deepetch.measure.alpha import require_alphas

SIGMA = 1.4  # of the Gaussian, in pixels (Rhemann et al. 2009)
FAINT = 0.01  # the window ends where the Gaussian falls below this


def gradient_error(predicted: Alpha, true: Alpha, *, within: Mask | None = None) -> float:
    """Sum of (|grad p| - |grad t|)^2, in thousands (Rhemann et al. 2009).

    predicted, true  (h, w) float32 in [0, 1], of one shape, else InvalidArray.
    within           (h, w) bool, the pixels that count, such as a trimap's unknown ones; None: all.
    Gradients are those of a Gaussian of sigma 1.4: derivative times Gaussian, a kernel whose squares add up to 1, so
    that numbers compare with those published. Beyond the frame its pixels repeat. Without pixels: 0. An empty alpha is
    no special case: both empty is 0, one empty is all of the other's gradient.
    """
    require_alphas(predicted, true, within)
    if not true.size:
        return 0.0
    squares = np.square(_magnitude(predicted) - _magnitude(true))
    return float(squares.sum(dtype=np.float64, where=True if within is None else within) / 1000)


def _magnitude(alpha: Alpha) -> Alpha:
    smooth, slope = _kernels()
    across = cv2.sepFilter2D(alpha, cv2.CV_32F, slope, smooth, borderType=cv2.BORDER_REPLICATE)
    down = cv2.sepFilter2D(alpha, cv2.CV_32F, smooth, slope, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.magnitude(across, down), np.float32)


def _kernels() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The Gaussian and its derivative, each with squares that add up to 1."""
    # g(r) = FAINT  <=>  r = sigma sqrt(-2 ln(sqrt(2 pi) sigma FAINT))
    radius = math.ceil(SIGMA * math.sqrt(-2 * math.log(math.sqrt(2 * math.pi) * SIGMA * FAINT)))
    x = np.arange(-radius, radius + 1)
    smooth = np.exp(-(x**2) / (2 * SIGMA**2))
    slope = x * smooth
    return tuple((kernel / np.linalg.norm(kernel)).astype(np.float32) for kernel in (smooth, slope))  # type: ignore[return-value]
