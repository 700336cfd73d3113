"""What several products draw: one of several things, colours, crumples."""

from __future__ import annotations

import colorsys
import math
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from deepetch.studio.shapes.sheet import Points

Colour = tuple[float, float, float]  # encoded sRGB
T = TypeVar("T")


def chosen(draw: np.random.Generator, options: Sequence[T]) -> T:
    """One of the options, each as likely."""
    return options[int(draw.integers(len(options)))]


def pigment(draw: np.random.Generator) -> Colour:
    """A colour of plastic or print: white, black, grey, pale or strong."""
    kind = draw.uniform()
    if kind < 0.25:
        return _grey(draw.uniform(0.85, 0.97))
    if kind < 0.4:
        return _grey(draw.uniform(0.03, 0.15))
    if kind < 0.5:
        return _grey(draw.uniform(0.3, 0.7))
    saturation = draw.uniform(0.1, 0.35) if kind < 0.7 else draw.uniform(0.5, 0.95)
    return colorsys.hsv_to_rgb(draw.uniform(), saturation, draw.uniform(0.35, 0.95))


def metal_tint(draw: np.random.Generator) -> Colour:
    """Steel and aluminium, gold, copper, or something anodised."""
    kind = draw.uniform()
    if kind < 0.6:
        return _grey(draw.uniform(0.78, 0.93))
    if kind < 0.8:
        return 0.93, draw.uniform(0.72, 0.82), draw.uniform(0.4, 0.55)
    if kind < 0.88:
        return 0.9, 0.62, 0.48
    return colorsys.hsv_to_rgb(draw.uniform(), draw.uniform(0.3, 0.8), draw.uniform(0.3, 0.9))


def glass_tint(draw: np.random.Generator) -> Colour:
    """Flint, green, amber, and now and then blue or pink."""
    kind = draw.uniform()
    if kind < 0.5:
        return draw.uniform(0.95, 0.99), draw.uniform(0.98, 1.0), draw.uniform(0.96, 1.0)
    if kind < 0.68:
        return draw.uniform(0.25, 0.6), draw.uniform(0.6, 0.8), draw.uniform(0.2, 0.45)
    if kind < 0.88:
        return draw.uniform(0.6, 0.75), draw.uniform(0.3, 0.42), draw.uniform(0.05, 0.15)
    return colorsys.hsv_to_rgb(draw.uniform(), draw.uniform(0.2, 0.5), 0.95)


def drink_tint(draw: np.random.Generator) -> Colour:
    """Water, oil, tea, juice, wine, syrup."""
    kind = draw.uniform()
    if kind < 0.3:
        return 0.97, 0.99, 1.0
    if kind < 0.45:
        return draw.uniform(0.85, 0.95), draw.uniform(0.75, 0.85), draw.uniform(0.2, 0.5)
    if kind < 0.6:
        return draw.uniform(0.7, 0.85), draw.uniform(0.35, 0.5), draw.uniform(0.05, 0.2)
    return colorsys.hsv_to_rgb(draw.uniform(), draw.uniform(0.4, 0.9), draw.uniform(0.5, 0.95))


def crumple(draw: np.random.Generator, x: Points, z: Points, *, wave: float, amount: float) -> Points:
    """Heights of an uneven surface over x and z, metres: waves about as long as `wave`, `amount` their rms."""
    height = np.zeros(np.broadcast_shapes(x.shape, z.shape))
    for _ in range(6):
        direction, length = draw.uniform(0, math.tau), wave * draw.uniform(0.6, 2.0)
        phase = (x * math.cos(direction) + z * math.sin(direction)) * math.tau / length + draw.uniform(0, math.tau)
        height += np.sin(phase)
    return np.asarray(height * amount / math.sqrt(3))


def _grey(level: float) -> Colour:
    return level, level, level
