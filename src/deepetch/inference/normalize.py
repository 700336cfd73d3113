"""Array to network tensor, for which training and inference call the same function, and the answer to alpha."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from deepetch.arrays import Alpha, View, require_view

Answer = Literal["alpha", "logits", "minmax"]

# Means and deviations of natural pictures in encoded sRGB (those of ImageNet, as every published network uses).
MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)


def to_tensor(
    view: View, mean: tuple[float, float, float] = MEAN, std: tuple[float, float, float] = STD
) -> NDArray[np.float32]:
    """Turn a working view (h, w, 3) into a normalised batch of one, (1, 3, h, w) float32, c-contiguous."""
    require_view(view)
    centred = (view - np.asarray(mean, np.float32)) / np.asarray(std, np.float32)
    return np.ascontiguousarray(centred.transpose(2, 0, 1)[None])


def to_alpha(answer: NDArray[np.float32], values: Answer) -> Alpha:
    """Turn a network's answer (h, w) float32, finite, into alpha.

    values   "alpha": it is one already. "logits": the sigmoid of it is. "minmax": its own least value becomes 0 and its
             greatest 1, as some networks are published; that shows something on every picture, be there a subject or
             not. The same everywhere it stays as it is.
    Returns  (h, w) float32; in [0, 1] unless the answer was none, or the same everywhere and out of it.
    """
    alpha: Alpha = answer
    if values == "logits":
        alpha = np.float32(0.5) * (1 + np.tanh(np.float32(0.5) * answer))
    elif values == "minmax":
        low, high = answer.min(), answer.max()
        alpha = answer if low == high else (answer - low) / (high - low)
    return alpha
