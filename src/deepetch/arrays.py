"""The forms an array may have inside deepetch, and the checks that hold them to it.

View     (h, w, 3) float32 in [0, 1], encoded sRGB: what networks and matting look at
Alpha    (h, w) float32 in [0, 1], straight: alpha at the network's or a reduced size
Mask     (h, w) bool
Samples  (h, w, c) uint8 or uint16, c = 1 grey, 3 RGB or 4 CMYK: the photo's own values
Levels   (h, w) uint8 or uint16: alpha at full size, in the depth of the source
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from deepetch.errors import InvalidArray

View: TypeAlias = NDArray[np.float32]
Alpha: TypeAlias = NDArray[np.float32]
Mask: TypeAlias = NDArray[np.bool_]
Samples: TypeAlias = NDArray[np.uint8] | NDArray[np.uint16]
Levels: TypeAlias = NDArray[np.uint8] | NDArray[np.uint16]


def require_alpha(alpha: Alpha, name: str = "alpha") -> None:
    """Raise InvalidArray unless `alpha` is (h, w) float32 in [0, 1]; an empty array passes."""
    if alpha.ndim != 2 or alpha.dtype != np.float32:
        raise InvalidArray(f"{name}: expected float32 (h, w) in [0, 1]; got {alpha.dtype} {alpha.shape}.")
    if alpha.size and not (alpha.min() >= 0 and alpha.max() <= 1):
        raise InvalidArray(f"{name}: expected values in [0, 1]; got {alpha.min():g} to {alpha.max():g}.")


def require_view(view: View, name: str = "view") -> None:
    """Raise InvalidArray unless `view` is (h, w, 3) float32; the range is trusted, since checking it is slow."""
    if view.ndim != 3 or view.shape[2] != 3 or view.dtype != np.float32:
        raise InvalidArray(f"{name}: expected float32 (h, w, 3) in [0, 1]; got {view.dtype} {view.shape}.")


def require_mask(mask: Mask, name: str = "mask") -> None:
    """Raise InvalidArray unless `mask` is (h, w) bool."""
    if mask.ndim != 2 or mask.dtype != np.bool_:
        raise InvalidArray(f"{name}: expected bool (h, w); got {mask.dtype} {mask.shape}.")


def full_scale(levels: Samples) -> int:
    """The value that means 1.0 in an array of samples or levels: 255 for uint8, 65535 for uint16."""
    if levels.dtype == np.uint8:
        return 255
    if levels.dtype == np.uint16:
        return 65535
    raise InvalidArray(f"expected uint8 or uint16 samples; got {levels.dtype}.")
