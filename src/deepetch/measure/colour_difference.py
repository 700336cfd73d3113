"""How different two colours look: CIEDE2000, of which 1 is about what an eye can just see."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from deepetch.errors import InvalidArray

Numbers: TypeAlias = NDArray[np.float64]

# linear sRGB to CIE XYZ (IEC 61966-2-1), each row divided by that of D65's white: white is (1, 1, 1)
RGB_TO_XYZ = np.array([(0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505)])
RGB_TO_XYZ = RGB_TO_XYZ / RGB_TO_XYZ.sum(axis=1, keepdims=True)
EPSILON, KAPPA = 216 / 24389, 24389 / 27  # CIE 15: where the cube root gives way to a straight line
FAR = 25.0**7


def lab_from_srgb(colours: NDArray[np.floating]) -> Numbers:
    """CIELAB (..., 3) of encoded sRGB (..., 3) in [0, 1], under D65. Raises InvalidArray for another last axis."""
    if colours.ndim < 1 or colours.shape[-1] != 3:
        raise InvalidArray(f"colours: expected (..., 3); got {colours.shape}.")
    encoded = np.asarray(colours, np.float64)
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((np.maximum(encoded, 0) + 0.055) / 1.055) ** 2.4)
    xyz = linear @ RGB_TO_XYZ.T
    x, y, z = np.moveaxis(np.where(xyz > EPSILON, np.cbrt(xyz), (KAPPA * xyz + 16) / 116), -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def colour_difference(first: NDArray[np.floating], second: NDArray[np.floating]) -> Numbers:
    """CIEDE2000 (...) of colours in CIELAB (..., 3), k_L = k_C = k_H = 1.

    Raises  InvalidArray if the shapes differ or the last axis is not 3. Empty in, empty out.
    Sharma, Wu, Dalal 2005, "The CIEDE2000 Color-Difference Formula"; the numbers are its equations.
    """
    if first.shape != second.shape or first.ndim < 1 or first.shape[-1] != 3:
        raise InvalidArray(f"colours: expected two of one shape (..., 3); got {first.shape} and {second.shape}.")
    lightness_1, a_1, b_1 = np.moveaxis(np.asarray(first, np.float64), -1, 0)
    lightness_2, a_2, b_2 = np.moveaxis(np.asarray(second, np.float64), -1, 0)
    mean_chroma = (np.hypot(a_1, b_1) + np.hypot(a_2, b_2)) / 2  # (2), (3)
    stretch = 1 + 0.5 * (1 - _saturation(mean_chroma))  # (4), (5)
    chroma_1, hue_1 = _chroma_and_hue(stretch * a_1, b_1)  # (6), (7)
    chroma_2, hue_2 = _chroma_and_hue(stretch * a_2, b_2)
    coloured = chroma_1 * chroma_2 > 0
    # (8) to (11): the shorter way around the circle
    apart = hue_2 - hue_1
    turn = np.where(coloured, apart - np.where(np.abs(apart) > 180, 360 * np.sign(apart), 0), 0.0)
    by_lightness, by_chroma = lightness_2 - lightness_1, chroma_2 - chroma_1
    by_hue = 2 * np.sqrt(chroma_1 * chroma_2) * np.sin(np.radians(turn) / 2)
    lightness, chroma = (lightness_1 + lightness_2) / 2, (chroma_1 + chroma_2) / 2  # (12), (13)
    # (14): in the middle of that way, or the one hue that there is
    hue = np.where(coloured, (hue_1 + turn / 2) % 360, hue_1 + hue_2)
    weight = (  # (15)
        1
        - 0.17 * np.cos(np.radians(hue - 30))
        + 0.24 * np.cos(np.radians(2 * hue))
        + 0.32 * np.cos(np.radians(3 * hue + 6))
        - 0.20 * np.cos(np.radians(4 * hue - 63))
    )
    square = (lightness - 50) ** 2
    by_lightness /= 1 + 0.015 * square / np.sqrt(20 + square)  # (18)
    by_chroma /= 1 + 0.045 * chroma  # (19)
    by_hue /= 1 + 0.015 * chroma * weight  # (20)
    rotation = 60 * np.exp(-(((hue - 275) / 25) ** 2))  # (16), twice
    coupling = -2 * _saturation(chroma) * np.sin(np.radians(rotation))  # (17), (21)
    squares = by_lightness**2 + by_chroma**2 + by_hue**2 + coupling * by_chroma * by_hue  # (22)
    return np.asarray(np.sqrt(np.maximum(squares, 0)), np.float64)


def _saturation(chroma: Numbers) -> Numbers:
    return np.asarray(np.sqrt(chroma**7 / (chroma**7 + FAR)), np.float64)


def _chroma_and_hue(a: Numbers, b: Numbers) -> tuple[Numbers, Numbers]:
    """Hue in degrees, [0, 360); 0 where there is no chroma."""
    return np.hypot(a, b), np.degrees(np.arctan2(b, a)) % 360
