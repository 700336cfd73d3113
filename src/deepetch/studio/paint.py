"""Outlines, and filling them with paint on a canvas of pixels."""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from deepetch.studio.palette import Colour, lighter, mixed

Canvas: TypeAlias = NDArray[np.uint8]  # (h, w, 3), painted in place; a part of a larger one clips what is painted
Points: TypeAlias = NDArray[np.float64]  # (n, 2) x and y in pixels; 0, 0 is the first pixel's middle
Coverage: TypeAlias = NDArray[np.uint8]  # (h, w), 0 nothing to 255 all of the paint

Box: TypeAlias = tuple[float, float, float, float]  # left, top, right, bottom as shares of a canvas

SHIFT = 4  # fractional bits of the coordinates that OpenCV takes


def part(canvas: Canvas, box: Box) -> Canvas:
    """What of a canvas lies in a box; the same memory."""
    height, width = canvas.shape[:2]
    left, top, right, bottom = box
    return canvas[round(top * height) : round(bottom * height), round(left * width) : round(right * width)]


def mean_colour(canvas: Canvas) -> Colour:
    """Mean of what is painted; white for an empty canvas."""
    if not canvas.size:
        return 255, 255, 255
    red, green, blue = (round(value) for value in cv2.mean(np.ascontiguousarray(canvas))[:3])
    return red, green, blue


def ellipse(x: float, y: float, rx: float, ry: float, turn: float = 0.0) -> Points:
    """48 points of an ellipse with half-axes `rx`, `ry`, turned clockwise by `turn` degrees."""
    angles = np.linspace(0, 2 * math.pi, 48, endpoint=False)
    return turned(np.stack([x + rx * np.cos(angles), y + ry * np.sin(angles)], 1), turn, (x, y))


def rectangle(left: float, top: float, right: float, bottom: float, rounded: float = 0.0) -> Points:
    """The outline of a rectangle, with corners of radius `rounded`."""
    radius = max(min(rounded, (right - left) / 2, (bottom - top) / 2), 0.0)
    if radius == 0:
        return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float64)
    corners = ((right, bottom), (left, bottom), (left, top), (right, top))
    ways = ((-1, -1), (1, -1), (1, 1), (-1, 1))
    arcs = []
    for quarter, ((x, y), (to_x, to_y)) in enumerate(zip(corners, ways, strict=True)):
        angles = (quarter + np.linspace(0, 1, 9)) * math.pi / 2
        arcs.append(
            np.stack([x + to_x * radius + radius * np.cos(angles), y + to_y * radius + radius * np.sin(angles)], 1)
        )
    return np.concatenate(arcs)


def star(x: float, y: float, outer: float, inner: float, tips: int, turn: float = 0.0) -> Points:
    """A star of `tips` points, the first upward."""
    angles = np.arange(2 * tips) * math.pi / tips - math.pi / 2
    radii = np.where(np.arange(2 * tips) % 2, inner, outer)
    return turned(np.stack([x + radii * np.cos(angles), y + radii * np.sin(angles)], 1), turn, (x, y))


def rounded_curve(corners: Any, *, closed: bool = True, steps: int = 8) -> Points:
    """A smooth curve through points (n, 2): Catmull and Rom's (1974) cubic, `steps` points from one to the next."""
    points = np.asarray(corners, np.float64)
    if closed:
        points = np.concatenate([points[-1:], points, points[:2]])
    else:
        points = np.concatenate([points[:1], points, points[-1:]])
    before, start, end, after = points[:-3, None], points[1:-2, None], points[2:-1, None], points[3:, None]
    t = np.linspace(0, 1, steps, endpoint=False)[None, :, None]
    curve = 0.5 * (
        2 * start
        + (end - before) * t
        + (2 * before - 5 * start + 4 * end - after) * t**2
        + (3 * start - before - 3 * end + after) * t**3
    )
    smooth: Points = curve.reshape(-1, 2)
    return smooth if closed else np.concatenate([smooth, points[-1:]])


def turned(points: Points, degrees: float, about: tuple[float, float] = (0.0, 0.0)) -> Points:
    """Points turned clockwise on the canvas."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    result: Points = (points - about) @ np.array([[cos, sin], [-sin, cos]]) + about
    return result


def shifted(points: Points, x: float, y: float) -> Points:
    """Points moved to the right by x and down by y."""
    moved: Points = points + np.array((x, y))
    return moved


def fill(canvas: Canvas, points: Points, colour: Colour, *, alpha: float = 1.0, shade: float = 0.0) -> None:
    """Paint the inside of an outline.

    alpha  opacity in [0, 1].
    shade  how much lighter it gets to the upper left and darker to the lower right, as a round thing does; in [0, 1].
    """
    if not canvas.size:
        return
    if alpha == 1 and shade == 0:
        cv2.fillPoly(canvas, [_fixed(points)], colour, cv2.LINE_AA, SHIFT)
        return
    height, width = canvas.shape[:2]
    left, top = np.clip(np.floor(points.min(0)).astype(int) - 1, 0, (width, height))
    right, bottom = np.clip(np.ceil(points.max(0)).astype(int) + 2, 0, (width, height))
    if right <= left or bottom <= top:
        return
    coverage = np.zeros((bottom - top, right - left), np.uint8)
    cv2.fillPoly(coverage, [_fixed(points - (left, top))], 255, cv2.LINE_AA, SHIFT)
    paint: Any = colour
    if shade:
        low, high = points.min(0), points.max(0)
        size = np.maximum(high - low, 1.0)
        x = (np.arange(left, right) - low[0] - 0.36 * size[0]) / size[0]
        y = (np.arange(top, bottom) - low[1] - 0.3 * size[1]) / size[1]
        far = np.clip(np.hypot(x[None], y[:, None]) / 0.85, 0, 1)[..., None]
        light, dark = np.array(lighter(colour, 0.45 * shade)), np.array(lighter(colour, -0.6 * shade))
        paint = light + (dark - light) * far
    blend(canvas[top:bottom, left:right], coverage, paint, alpha)


def stroke(canvas: Canvas, points: Points, colour: Colour, width: float, *, closed: bool = False) -> None:
    """Draw a line with round ends along points; never thinner than a pixel."""
    if canvas.size:
        cv2.polylines(canvas, [_fixed(points)], closed, colour, max(round(width), 1), cv2.LINE_AA, SHIFT)


def blend(canvas: Canvas, coverage: NDArray[Any], paint: Any, alpha: float = 1.0) -> None:
    """Lay paint, one colour or a picture of the canvas' size, over a canvas where coverage (uint8 or [0, 1]) says."""
    share = coverage.astype(np.float32) * np.float32(alpha / 255 if coverage.dtype == np.uint8 else alpha)
    share = share[..., None]
    canvas[:] = np.rint(canvas + (np.asarray(paint, np.float32) - canvas) * share).astype(np.uint8)


def coverage_of(points: Points, shape: tuple[int, int]) -> Coverage:
    """How much of each pixel of an array (h, w) lies inside an outline."""
    coverage = np.zeros(shape, np.uint8)
    cv2.fillPoly(coverage, [_fixed(points)], 255, cv2.LINE_AA, SHIFT)
    return coverage


def two_inks(canvas: Canvas, dark: Colour, light: Colour) -> None:
    """Print what is painted anew in two inks: its luminance becomes the way from the dark one to the light one."""
    if canvas.size:
        grey = cv2.cvtColor(np.ascontiguousarray(canvas), cv2.COLOR_RGB2GRAY)
        inks = np.array([mixed(dark, light, level / 255) for level in range(256)], np.uint8)
        canvas[:] = inks[grey]


def _fixed(points: Points) -> NDArray[np.int32]:
    """Points as OpenCV's numbers with fractional bits; far outside clipped, lest they overflow."""
    return np.rint(np.clip(points, -8000, 8000) * (1 << SHIFT)).astype(np.int32)
