"""Alphas whose shape is known: soft discs with and without holes, and what is no alpha; nothing here uses deepetch."""

from __future__ import annotations

from typing import Any

import numpy as np


def soft_disc(height: int = 40, width: int = 50, *, y: float = 0.5, x: float = 0.5, r: float = 0.3, ramp=4.0) -> Any:
    """(h, w) float32: 1 inside a disc at shares y, x of the sides, radius r of the height, soft over `ramp` pixels."""
    rows, columns = np.mgrid[0:height, 0:width] + 0.5
    inside = r * height - np.hypot(rows - y * height, columns - x * width)
    return np.clip(inside / ramp + 0.5, 0, 1).astype(np.float32)


def holed_disc(height: int = 40, width: int = 50, **place: Any) -> Any:
    """`soft_disc` with a soft hole in its middle."""
    hole = soft_disc(height, width, **(place | {"r": 0.1}))
    return np.minimum(soft_disc(height, width, **place), 1 - hole)


def noise(seed: int, height: int = 40, width: int = 50) -> Any:
    return np.random.default_rng(seed).random((height, width), np.float32)


def in_levels(alpha: Any) -> Any:
    """The alpha as a file of 8 bits gives it back."""
    return np.rint(alpha * 255).astype(np.float32) / np.float32(255)


WRONG: dict[str, Any] = {
    "above 1": np.full((40, 50), 1.5, np.float32),
    "below 0": np.full((40, 50), -0.1, np.float32),
    "no number": np.full((40, 50), np.nan, np.float32),
    "double precision": np.ones((40, 50)),
    "three axes": np.ones((40, 50, 1), np.float32),
}
