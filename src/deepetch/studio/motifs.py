"""Drawn food and things: what a front shows when it shows no person and no photograph."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from deepetch.studio.paint import (
    Box,
    Canvas,
    ellipse,
    fill,
    part,
    rectangle,
    rounded_curve,
    shifted,
    star,
    stroke,
    turned,
)
from deepetch.studio.palette import Colour, Palette, lighter
from deepetch.studio.symbols import drop_outline, heart_outline

Motif = Callable[[np.random.Generator, Canvas, float, float, float, Palette], None]

LEAF_GREEN: Colour = (76, 138, 62)


def print_motif(draw: np.random.Generator, canvas: Canvas, box: Box, palette: Palette, name: str) -> None:
    """One of MOTIFS in the middle of a box of a canvas, as large as the box."""
    spot = part(canvas, box)
    height, width = spot.shape[:2]
    MOTIFS[name](draw, spot, width / 2, height / 2, min(height, width) * 0.42, palette)


def print_motifs(draw: np.random.Generator, canvas: Canvas, palette: Palette, name: str) -> None:
    """Fill a canvas with a motif: one large, a heap, or a row."""
    height, width = canvas.shape[:2]
    if min(height, width) < 8:
        return
    kind = draw.random()
    if kind < 0.5:
        MOTIFS[name](draw, canvas, width / 2, height / 2, min(height, width) * 0.4, palette)
    elif kind < 0.8:
        radius = min(height, width) * draw.uniform(0.16, 0.26)
        for _ in range(int(draw.integers(5, 10))):
            x, y = draw.uniform(0.15, 0.85) * width, draw.uniform(0.3, 0.85) * height
            MOTIFS[name](draw, canvas, x, y, radius * draw.uniform(0.8, 1.2), palette)
    else:
        count = max(round(width / height * 2), 1) + 1
        radius = min(width / count * 0.42, height * 0.4)
        for place in range(count):
            MOTIFS[name](draw, canvas, (place + 0.5) * width / count, height / 2, radius, palette)


def print_leaf(canvas: Canvas, x: float, y: float, length: float, turn: float, colour: Colour) -> None:
    """A leaf from its stem at x, y; `turn` degrees clockwise from pointing right."""
    side = np.array([(0, 0), (0.3, -0.24), (0.65, -0.22), (1, 0)]) * length
    outline = np.concatenate([rounded_curve(side, closed=False), rounded_curve(side * (1, -1), closed=False)[::-1]])
    fill(canvas, shifted(turned(outline, turn), x, y), colour, shade=0.3)
    stroke(
        canvas, shifted(turned(np.array([(0, 0), (0.85 * length, 0)]), turn), x, y), lighter(colour, 0.3), length / 30
    )


def _apple(draw: np.random.Generator, canvas: Canvas, x: float, y: float, r: float, palette: Palette) -> None:
    colour: Colour = ((206, 40, 44), (120, 176, 56), (240, 196, 70))[draw.integers(3)]
    body = [(0, -0.6), (0.5, -0.8), (0.9, -0.3), (0.75, 0.5), (0.3, 0.92), (0, 0.82), (-0.3, 0.92), (-0.75, 0.5)]
    body += [(-0.9, -0.3), (-0.5, -0.8)]
    fill(canvas, rounded_curve(body) * r + (x, y), colour, shade=0.7)
    stroke(canvas, np.array([(0, -0.6), (0.08, -1.0)]) * r + (x, y), (96, 62, 38), r * 0.08)
    print_leaf(canvas, x + 0.06 * r, y - 0.85 * r, 0.7 * r, -24, LEAF_GREEN)
    fill(canvas, ellipse(x - 0.42 * r, y - 0.35 * r, 0.16 * r, 0.26 * r, 24), (255, 255, 255), alpha=0.35)


def _orange(draw: np.random.Generator, canvas: Canvas, x: float, y: float, r: float, palette: Palette) -> None:
    colour: Colour = ((244, 148, 36), (250, 214, 60), (150, 196, 60), (232, 110, 90))[draw.integers(4)]
    fill(canvas, ellipse(x, y, 0.9 * r, 0.86 * r), colour, shade=0.6)
    print_leaf(canvas, x, y - 0.8 * r, 0.75 * r, float(draw.uniform(-50, 10)), LEAF_GREEN)


def _slice(draw: np.random.Generator, canvas: Canvas, x: float, y: float, r: float, palette: Palette) -> None:
    colour: Colour = ((244, 148, 36), (250, 220, 80), (164, 206, 80), (240, 106, 96))[draw.integers(4)]
    fill(canvas, ellipse(x, y, r, r), colour, shade=0.2)
    fill(canvas, ellipse(x, y, 0.88 * r, 0.88 * r), (255, 248, 228))
    for wedge in range(9):
        angles = np.radians(wedge * 40 + np.array((4, 14, 26, 36)))
        rim = np.stack([np.cos(angles), np.sin(angles)], 1) * 0.8 * r
        tip = np.array([(math.cos(math.radians(wedge * 40 + 20)), math.sin(math.radians(wedge * 40 + 20)))]) * 0.12 * r
        fill(canvas, shifted(np.concatenate([tip, rim]), x, y), lighter(colour, 0.15))


def _berries(draw: np.random.Generator, canvas: Canvas, x: float, y: float, r: float, palette: Palette) -> None:
    colour: Colour = ((62, 70, 140), (170, 26, 60), (92, 40, 110))[draw.integers(3)]
    for turn in (-150, -30, -90):
        print_leaf(canvas, x, y - 0.2 * r, 0.9 * r, turn + draw.uniform(-10, 10), LEAF_GREEN)
    for px, py in ((-0.5, 0.1), (0.5, 0.1), (0, -0.15), (-0.28, 0.5), (0.28, 0.52)):
        fill(canvas, ellipse(x + px * r, y + py * r, 0.36 * r, 0.36 * r), colour, shade=0.8)
        fill(canvas, star(x + px * r, y + (py - 0.16) * r, 0.1 * r, 0.05 * r, 5), lighter(colour, -0.4))


def _cherries(draw: np.random.Generator, canvas: Canvas, x: float, y: float, r: float, palette: Palette) -> None:
    for px, py in ((-0.45, 0.45), (0.4, 0.55)):
        stem = rounded_curve([(px, py - 0.3), (px * 0.4, -0.5), (0.1, -0.95)], closed=False)
        stroke(canvas, stem * r + (x, y), (90, 120, 50), r * 0.06)
        fill(canvas, ellipse(x + px * r, y + py * r, 0.42 * r, 0.4 * r), (196, 24, 44), shade=0.8)
    print_leaf(canvas, x + 0.1 * r, y - 0.9 * r, 0.8 * r, 20, LEAF_GREEN)


def _strawberry(draw: np.random.Generator, canvas: Canvas, x: float, y: float, r: float, palette: Palette) -> None:
    body = [(0, -0.62), (0.6, -0.62), (0.78, -0.1), (0.35, 0.7), (0, 1), (-0.35, 0.7), (-0.78, -0.1), (-0.6, -0.62)]
    fill(canvas, rounded_curve(body) * r + (x, y), (222, 44, 52), shade=0.6)
    for row, columns in enumerate((4, 5, 4, 3, 2)):
        for column in range(columns):
            seed_x = (column - (columns - 1) / 2) * 0.27
            fill(canvas, ellipse(x + seed_x * r, y + (-0.35 + row * 0.26) * r, 0.035 * r, 0.06 * r), (252, 220, 120))
    fill(canvas, star(x, y - 0.62 * r, 0.62 * r, 0.24 * r, 7), LEAF_GREEN)


def _sprig(draw: np.random.Generator, canvas: Canvas, x: float, y: float, r: float, palette: Palette) -> None:
    colour: Colour = (LEAF_GREEN, (60, 110, 80), (140, 160, 90), palette.accent)[draw.integers(4)]
    bent = draw.uniform(-0.3, 0.3)
    stem = np.array([(bent * t * t, 1 - 2 * t) for t in np.linspace(0, 1, 9)]) * r + (x, y)
    stroke(canvas, stem, lighter(colour, -0.2), r * 0.05)
    for place in range(1, 8):
        for side in (-1, 1):
            turn = -90 + side * 52
            print_leaf(
                canvas,
                stem[place, 0],
                stem[place, 1],
                (0.62 - 0.04 * place) * r,
                turn,
                lighter(colour, 0.06 * (place % 3)),
            )
    print_leaf(canvas, stem[-1, 0], stem[-1, 1], 0.3 * r, -90, colour)


def _wheat(draw: np.random.Generator, canvas: Canvas, x: float, y: float, r: float, palette: Palette) -> None:
    colour: Colour = ((214, 164, 66), (190, 134, 48), palette.accent)[draw.integers(3)]
    for lean in (-0.5, 0.0, 0.5):
        stem = np.array([(lean * t * t, 1 - 1.7 * t) for t in np.linspace(0, 1, 12)]) * r + (x, y)
        stroke(canvas, stem, colour, r * 0.035)
        for place in range(5, 12):
            for side in (-1, 1):
                turn = -90 + lean * 60 + side * 30
                grain = ellipse(0.12 * r, 0, 0.14 * r, 0.06 * r)
                fill(
                    canvas,
                    shifted(turned(grain, turn), stem[place, 0], stem[place, 1]),
                    lighter(colour, 0.1 * (side > 0)),
                )


def _cup(draw: np.random.Generator, canvas: Canvas, x: float, y: float, r: float, palette: Palette) -> None:
    colour = (palette.accent, palette.paper, palette.second)[draw.integers(3)]
    handle = ellipse(x + 0.72 * r, y + 0.1 * r, 0.32 * r, 0.34 * r)
    stroke(canvas, handle, lighter(colour, -0.2), r * 0.13, closed=True)
    body = [(-0.75, -0.3), (0.75, -0.3), (0.68, 0.4), (0.4, 0.75), (-0.4, 0.75), (-0.68, 0.4)]
    fill(canvas, np.array(body) * r + (x, y), colour, shade=0.35)
    fill(canvas, ellipse(x, y - 0.3 * r, 0.75 * r, 0.17 * r), lighter(colour, -0.15))
    fill(
        canvas,
        ellipse(x, y - 0.28 * r, 0.66 * r, 0.13 * r),
        ((88, 52, 30), (190, 130, 50), (140, 170, 80))[draw.integers(3)],
    )
    fill(canvas, ellipse(x, y + 0.84 * r, 0.95 * r, 0.1 * r), lighter(colour, -0.1))
    for px in (-0.25, 0.1, 0.4):
        steam = rounded_curve([(px, -0.5), (px - 0.1, -0.7), (px + 0.1, -0.88), (px, -1.05)], closed=False)
        stroke(canvas, steam * r + (x, y), lighter(colour, 0.4), r * 0.05)


def _drop(draw: np.random.Generator, canvas: Canvas, x: float, y: float, r: float, palette: Palette) -> None:
    colour: Colour = ((70, 150, 220), palette.accent, (240, 190, 60))[draw.integers(3)]
    fill(canvas, drop_outline(x, y, 0.85 * r), colour, shade=0.6)
    fill(canvas, ellipse(x - 0.25 * r, y + 0.2 * r, 0.1 * r, 0.26 * r, 14), (255, 255, 255), alpha=0.6)


def _biscuit(draw: np.random.Generator, canvas: Canvas, x: float, y: float, r: float, palette: Palette) -> None:
    dough: Colour = ((214, 160, 96), (150, 98, 56), (236, 204, 150))[draw.integers(3)]
    angles = np.linspace(0, 2 * math.pi, 90, endpoint=False)
    edge = r * (0.9 + 0.03 * np.sin(angles * draw.integers(9, 22)))
    fill(canvas, np.stack([x + edge * np.cos(angles), y + edge * np.sin(angles)], 1), dough, shade=0.5)
    for _ in range(14):
        away, angle = 0.75 * r * math.sqrt(draw.random()), draw.uniform(0, 2 * math.pi)
        size = r * draw.uniform(0.06, 0.13)
        spot = ellipse(x + away * math.cos(angle), y + away * math.sin(angle), size, size * 0.8, draw.uniform(0, 180))
        fill(canvas, spot, (74, 44, 30), shade=0.4)


def _bowl(draw: np.random.Generator, canvas: Canvas, x: float, y: float, r: float, palette: Palette) -> None:
    colour = (palette.accent, palette.second, (244, 242, 238))[draw.integers(3)]
    food: Colour = ((214, 60, 36), (226, 180, 90), (120, 160, 60), (246, 236, 210))[draw.integers(4)]
    fill(canvas, ellipse(x, y - 0.1 * r, r, 0.36 * r), lighter(colour, -0.15))
    fill(canvas, ellipse(x, y - 0.08 * r, 0.9 * r, 0.3 * r), food, shade=0.4)
    for _ in range(16):
        spot = x + draw.uniform(-0.65, 0.65) * r, y + draw.uniform(-0.27, 0.06) * r
        fill(canvas, ellipse(*spot, 0.1 * r, 0.06 * r, draw.uniform(0, 180)), lighter(food, draw.uniform(-0.3, 0.4)))
    lower = np.radians(np.linspace(0, 180, 30))
    body = np.stack([np.cos(lower), 0.9 * np.sin(lower) ** 0.8], 1)
    brim = np.stack([np.cos(lower[::-1]), 0.36 * np.sin(lower[::-1])], 1)
    fill(canvas, np.concatenate([body, brim]) * r + (x, y - 0.1 * r), colour, shade=0.5)


def _flower(draw: np.random.Generator, canvas: Canvas, x: float, y: float, r: float, palette: Palette) -> None:
    colour = (palette.accent, palette.second, (236, 120, 160), (250, 250, 246))[draw.integers(4)]
    petals = int(draw.integers(5, 12))
    for petal in range(petals):
        outline = shifted(turned(ellipse(0.58 * r, 0, 0.4 * r, 1.7 * r / petals), 360 * petal / petals), x, y)
        fill(canvas, outline, lighter(colour, 0.12 * (petal % 2)), shade=0.25)
    fill(canvas, ellipse(x, y, 0.26 * r, 0.26 * r), (242, 190, 60), shade=0.4)


def _mountain(draw: np.random.Generator, canvas: Canvas, x: float, y: float, r: float, palette: Palette) -> None:
    fill(canvas, ellipse(x + 0.35 * r, y - 0.4 * r, 0.3 * r, 0.3 * r), palette.accent)
    for peak, high, dark in ((-0.4, 0.7, -0.1), (0.35, 0.5, -0.25), (0.0, 1.0, 0.0)):
        colour = lighter(palette.second, dark)
        rock = np.array([(peak - 0.65, 0.7), (peak, 0.7 - 1.3 * high), (peak + 0.65, 0.7)])
        fill(canvas, rock * r + (x, y), colour)
        top = 0.7 - 1.3 * high
        snow = [(peak, top), (peak + 0.2, top + 0.4 * high), (peak + 0.05, top + 0.3 * high)]
        snow += [(peak - 0.05, top + 0.42 * high), (peak - 0.2, top + 0.4 * high)]
        fill(canvas, np.array(snow) * r + (x, y), (250, 250, 250))


def _bottle(draw: np.random.Generator, canvas: Canvas, x: float, y: float, r: float, palette: Palette) -> None:
    colour = (palette.accent, (70, 120, 70), (230, 190, 90))[draw.integers(3)]
    half = [(0.16, -1.0), (0.16, -0.55), (0.42, -0.25), (0.42, 0.95), (0, 1.0)]
    outline = np.array([*half, *((-px, py) for px, py in reversed(half))])
    fill(canvas, outline * r + (x, y), colour, shade=0.6)
    fill(canvas, rectangle(x - 0.42 * r, y + 0.02 * r, x + 0.42 * r, y + 0.6 * r), palette.paper)
    fill(canvas, ellipse(x, y + 0.3 * r, 0.18 * r, 0.18 * r), palette.ink)
    fill(canvas, rectangle(x - 0.2 * r, y - 1.12 * r, x + 0.2 * r, y - 0.95 * r), palette.ink)


def _heart(draw: np.random.Generator, canvas: Canvas, x: float, y: float, r: float, palette: Palette) -> None:
    fill(canvas, heart_outline(x, y, 0.9 * r), palette.accent, shade=0.5)


def _sun(draw: np.random.Generator, canvas: Canvas, x: float, y: float, r: float, palette: Palette) -> None:
    fill(canvas, star(x, y, r, 0.68 * r, int(draw.integers(12, 24))), palette.accent)
    fill(canvas, ellipse(x, y, 0.55 * r, 0.55 * r), lighter(palette.accent, 0.4), shade=0.2)


def _tomato(draw: np.random.Generator, canvas: Canvas, x: float, y: float, r: float, palette: Palette) -> None:
    fill(canvas, ellipse(x, y, 0.95 * r, 0.8 * r), (218, 46, 34), shade=0.7)
    fill(canvas, star(x, y - 0.62 * r, 0.5 * r, 0.12 * r, 6), LEAF_GREEN)
    fill(canvas, ellipse(x - 0.4 * r, y - 0.28 * r, 0.2 * r, 0.12 * r, -28), (255, 255, 255), alpha=0.4)


def _chilli(draw: np.random.Generator, canvas: Canvas, x: float, y: float, r: float, palette: Palette) -> None:
    pod = [(-0.75, -0.6), (-0.35, -0.75), (0.15, -0.25), (0.55, 0.4), (0.95, 0.7), (0.4, 0.62), (-0.3, 0.1)]
    fill(canvas, rounded_curve(pod) * r + (x, y), (206, 30, 34), shade=0.6)
    fill(canvas, ellipse(x - 0.6 * r, y - 0.68 * r, 0.26 * r, 0.14 * r, -20), LEAF_GREEN)
    stroke(canvas, np.array([(-0.65, -0.7), (-0.85, -1.0)]) * r + (x, y), LEAF_GREEN, r * 0.09)


def _fish(draw: np.random.Generator, canvas: Canvas, x: float, y: float, r: float, palette: Palette) -> None:
    colour: Colour = ((90, 140, 180), (240, 130, 90), palette.accent)[draw.integers(3)]
    fill(canvas, np.array([(0.55, 0), (1, -0.42), (0.88, 0), (1, 0.42)]) * r + (x, y), lighter(colour, -0.2))
    fill(canvas, np.array([(-0.2, -0.3), (0.25, -0.62), (0.3, -0.2)]) * r + (x, y), lighter(colour, -0.2))
    fill(canvas, ellipse(x - 0.12 * r, y, 0.8 * r, 0.42 * r), colour, shade=0.5)
    fill(canvas, ellipse(x - 0.6 * r, y - 0.08 * r, 0.09 * r, 0.09 * r), (255, 255, 255))
    fill(canvas, ellipse(x - 0.61 * r, y - 0.08 * r, 0.05 * r, 0.05 * r), (20, 20, 20))
    gill = rounded_curve([(-0.35, -0.28), (-0.25, 0), (-0.35, 0.28)], closed=False)
    stroke(canvas, gill * r + (x, y), lighter(colour, -0.3), r * 0.04)


def _beans(draw: np.random.Generator, canvas: Canvas, x: float, y: float, r: float, palette: Palette) -> None:
    for px, py, turn in ((-0.35, 0.2, 30), (0.35, 0.3, -40), (0.0, -0.4, 80)):
        bean = shifted(turned(ellipse(0, 0, 0.48 * r, 0.33 * r), turn), x + px * r, y + py * r)
        fill(canvas, bean, (104, 62, 36), shade=0.7)
        crease = rounded_curve([(-0.45, 0.03), (-0.15, -0.06), (0.15, 0.06), (0.45, -0.03)], closed=False)
        stroke(canvas, shifted(turned(crease * r, turn), x + px * r, y + py * r), (54, 30, 18), r * 0.05)


MOTIFS: dict[str, Motif] = {
    "apple": _apple,
    "orange": _orange,
    "slice": _slice,
    "berries": _berries,
    "cherries": _cherries,
    "strawberry": _strawberry,
    "tomato": _tomato,
    "chilli": _chilli,
    "sprig": _sprig,
    "wheat": _wheat,
    "beans": _beans,
    "cup": _cup,
    "bowl": _bowl,
    "biscuit": _biscuit,
    "bottle": _bottle,
    "drop": _drop,
    "flower": _flower,
    "mountain": _mountain,
    "heart": _heart,
    "sun": _sun,
    "fish": _fish,
}
HELD_OUT_MOTIFS = frozenset({"tomato", "cherries", "cup", "drop", "flower", "fish"})

# What suits the trades of `wording.TRADES`, on both sides; anything suits the others.
FITTING: dict[str, tuple[str, ...]] = {
    "food": ("apple", "berries", "strawberry", "tomato", "chilli", "wheat", "bowl", "biscuit", "mountain", "fish"),
    "drink": ("apple", "orange", "slice", "berries", "cherries", "strawberry", "beans", "cup", "bottle", "sprig"),
    "care": ("slice", "sprig", "drop", "flower", "heart", "bottle", "berries"),
    "house": ("slice", "drop", "flower", "sun", "sprig", "mountain"),
}
