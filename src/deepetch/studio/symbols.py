"""Small signs on packaging: seals, star rows, badges, round labels, pictograms."""

from __future__ import annotations

import math

import numpy as np

from deepetch.studio.paint import Box, Canvas, Points, ellipse, fill, rectangle, rounded_curve, star, stroke, turned
from deepetch.studio.palette import Colour, Palette, legible, lighter
from deepetch.studio.typography import Lettering, bend, fit_line, print_at, rotate
from deepetch.studio.wording import CLAIMS, invent_word, one_of


def print_badge(draw: np.random.Generator, canvas: Canvas, x: float, y: float, radius: float, palette: Palette) -> None:
    """A burst, disc, ribbon or seal with a claim in it, around x, y."""
    ground = (palette.accent, palette.second, palette.ink)[draw.integers(3)]
    ink = legible(palette, ground, palette.paper)
    claim = one_of(draw, CLAIMS)
    kind = draw.integers(5)
    tilt = float(draw.uniform(-18, 18)) if draw.random() < 0.6 else 0.0
    if kind == 0:
        tips = int(draw.integers(10, 28))
        fill(canvas, star(x, y, radius, radius * draw.uniform(0.75, 0.92), tips), ground)
    elif kind == 1:
        fill(canvas, ellipse(x, y, radius, radius), ground)
        stroke(canvas, ellipse(x, y, radius * 0.88, radius * 0.88), ink, radius * 0.04, closed=True)
    elif kind == 2:
        ribbon = np.array([(-1, -0.3), (1, -0.3), (0.85, 0), (1, 0.3), (-1, 0.3), (-0.85, 0)]) * radius + (x, y)
        fill(canvas, turned(ribbon, tilt, (x, y)), ground)
    elif kind == 3:
        print_seal(draw, canvas, x, y, radius, ground, ink)
        return
    else:
        fill(
            canvas,
            turned(rectangle(x - radius, y - radius * 0.4, x + radius, y + radius * 0.4, radius * 0.4), tilt, (x, y)),
            ground,
        )
    line = fit_line(claim, Lettering(weight=0.06), radius * 1.35, radius * (0.36 if kind in (2, 4) else 0.6))
    print_at(canvas, rotate(line, tilt), x, y, ink)


def print_seal(
    draw: np.random.Generator, canvas: Canvas, x: float, y: float, radius: float, ground: Colour, ink: Colour
) -> None:
    """A scalloped disc with words around a star."""
    angles = np.linspace(0, 2 * math.pi, 144, endpoint=False)
    edge = radius * (0.96 + 0.04 * np.cos(angles * 24))
    fill(canvas, np.stack([x + edge * np.cos(angles), y + edge * np.sin(angles)], 1), ground)
    stroke(canvas, ellipse(x, y, radius * 0.88, radius * 0.88), ink, radius * 0.03, closed=True)
    words = f"{one_of(draw, CLAIMS)} * QUALITY"
    line = fit_line(words, Lettering(weight=0.04, spacing=0.1), radius * 2.2, radius * 0.22)
    print_at(canvas, bend(line, radius * 0.56), x, y, ink)
    lower = fit_line(invent_word(draw).upper(), Lettering(spacing=0.1), radius * 1.4, radius * 0.18)
    print_at(canvas, bend(lower, radius * 0.6, upward=False), x, y, ink)
    fill(canvas, star(x, y, radius * 0.34, radius * 0.14, 5), ink)


def print_stars(canvas: Canvas, x: float, y: float, size: float, count: int, colour: Colour) -> None:
    """A row of five-pointed stars in the middle of x, y, each `size` wide."""
    for place in range(count):
        fill(canvas, star(x + (place - (count - 1) / 2) * size * 1.15, y, size / 2, size / 5, 5), colour)


PICTOGRAMS = ("arrows", "leaf", "drop", "flame", "snowflake", "cup", "sun", "bin", "heart")


def print_pictogram(name: str, canvas: Canvas, x: float, y: float, radius: float, colour: Colour) -> None:
    """One of PICTOGRAMS in a ring around x, y, in one colour."""
    thick = max(radius * 0.12, 1)
    if name not in ("arrows", "bin"):
        stroke(canvas, ellipse(x, y, radius, radius), colour, thick, closed=True)
    at = np.array((x, y))
    r = radius * 0.6
    if name == "arrows":  # three arrows chasing each other round a triangle
        for turn in (0, 120, 240):
            shaft = np.array([(-0.55, 0.75), (0.35, 0.75)]) * radius + at
            head = np.array([(0.3, 0.5), (0.3, 1.0), (0.75, 0.75)]) * radius + at
            stroke(canvas, turned(shaft, turn, (x, y)), colour, radius * 0.22)
            fill(canvas, turned(head, turn, (x, y)), colour)
    elif name == "leaf":
        leaf = rounded_curve(np.array([(-0.9, 0.8), (-0.8, -0.2), (0.2, -0.9), (0.9, -0.9), (0.8, 0.1), (0.0, 0.8)]))
        fill(canvas, leaf * r + at, colour)
    elif name == "drop":
        fill(canvas, drop_outline(x, y, r), colour)
    elif name == "flame":
        flame = rounded_curve(np.array([(0, -1.1), (0.5, -0.2), (0.75, 0.5), (0, 1), (-0.75, 0.5), (-0.4, 0)]))
        fill(canvas, flame * r + at, colour)
    elif name == "snowflake":
        for turn in (0, 60, 120):
            stroke(canvas, turned(np.array([(x - r, y), (x + r, y)]), turn + 30, (x, y)), colour, thick)
    elif name == "cup":
        fill(
            canvas,
            np.array(
                [(-0.7, -0.8), (0.7, -0.8), (0.2, 0.1), (0.2, 0.7), (0.5, 0.9), (-0.5, 0.9), (-0.2, 0.7), (-0.2, 0.1)]
            )
            * r
            + at,
            colour,
        )
    elif name == "sun":
        fill(canvas, star(x, y, r * 1.1, r * 0.6, 10), colour)
    elif name == "bin":
        fill(canvas, np.array([(-0.7, -0.4), (0.7, -0.4), (0.5, 1), (-0.5, 1)]) * radius + at, colour)
        fill(canvas, rectangle(x - radius * 0.8, y - radius * 0.7, x + radius * 0.8, y - radius * 0.5), colour)
        fill(canvas, ellipse(x, y - radius * 0.9, radius * 0.18, radius * 0.18), colour)
    elif name == "heart":
        fill(canvas, heart_outline(x, y, r), colour)


def drop_outline(x: float, y: float, radius: float) -> Points:
    """A drop that hangs from its tip."""
    corners = np.array(
        [(0, -1.25), (0.08, -1.05), (0.6, -0.1), (0.68, 0.4), (0, 1), (-0.68, 0.4), (-0.6, -0.1), (-0.08, -1.05)]
    )
    return rounded_curve(corners) * radius + (x, y)


def heart_outline(x: float, y: float, radius: float) -> Points:
    """A heart, as a curve of the sixth degree: x = sin^3 t, y = (13 cos t - 5 cos 2t - 2 cos 3t - cos 4t) / 16."""
    t = np.linspace(0, 2 * math.pi, 60, endpoint=False)
    up = (13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)) / 16
    return np.stack([x + radius * np.sin(t) ** 3, y - radius * up], 1)


def print_emblem(
    draw: np.random.Generator, canvas: Canvas, words: tuple[str, str], lettering: Lettering, palette: Palette
) -> Box | None:
    """A round label in the middle of a canvas: rings, one text over its top and one under.

    Returns  where its open middle is; None, and prints nothing, where the canvas is too small.
    """
    height, width = canvas.shape[:2]
    radius, x, y = min(height, width) / 2 - 1, width / 2, height / 2
    if radius < 20:
        return None
    ground = (palette.paper, palette.ink, palette.accent)[draw.integers(3)]
    ink = legible(palette, ground, palette.accent)
    fill(canvas, ellipse(x, y, radius, radius), ground)
    stroke(canvas, ellipse(x, y, radius * 0.94, radius * 0.94), ink, radius * 0.025, closed=True)
    stroke(canvas, ellipse(x, y, radius * 0.58, radius * 0.58), ink, radius * 0.02, closed=True)
    fill(canvas, ellipse(x, y, radius * 0.54, radius * 0.54), lighter(ground, -0.06))
    upper = fit_line(words[0], lettering, radius * 2.3, radius * 0.24)
    print_at(canvas, bend(upper, radius * 0.65), x, y, ink)
    lower = fit_line(words[1].upper(), Lettering(spacing=0.1, weight=0.03), radius * 1.7, radius * 0.14)
    print_at(canvas, bend(lower, radius * 0.7, upward=False), x, y, ink)
    half = 0.38 * radius
    return (x - half) / width, (y - half) / height, (x + half) / width, (y + half) / height
