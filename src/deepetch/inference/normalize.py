"""Array to network tensor: training and inference call the same function."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from deepetch.arrays import View, require_view

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
