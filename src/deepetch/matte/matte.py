"""What matte/ makes: alpha at full size, and the true colours of the pixels that are neither in nor out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepetch.arrays import Levels, Samples


@dataclass(frozen=True, eq=False)
class BorderColours:
    """Foreground colours inside the border band, nowhere else.

    index    (n,) int64, ascending: positions in the flattened (h * w) picture where 0 < alpha < full.
    colours  (n, c) in the dtype and space of the photo's samples: the subject's own colour, spill removed.
    """

    index: NDArray[np.int64]
    colours: Samples


@dataclass(frozen=True, eq=False)
class Matte:
    """alpha (h, w) uint8, or uint16 for 16-bit sources, straight; `border` as estimated for that alpha."""

    alpha: Levels
    border: BorderColours
