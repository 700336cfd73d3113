"""One thing in a picture, as a network that tells things apart says it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False, kw_only=True)
class Instance:
    """name   its class.
    score  how sure the network is, in [0, 1].
    box    left, top, right, bottom as shares of the picture's width and height; it may reach beyond them.
    mask   (s, s) float32 in [0, 1], the alpha inside the box on a grid of its own.
    """

    name: str
    score: float
    box: tuple[float, float, float, float]
    mask: NDArray[np.float32]
