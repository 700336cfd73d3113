"""What runs over a whole sheet: gradients, and patterns of two or three colours."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from deepetch.studio.held_out import offered
from deepetch.studio.paint import Canvas, blend, ellipse, fill, rectangle, rounded_curve, shifted, star, stroke, turned
from deepetch.studio.palette import Colour, Palette, lighter, mixed
from deepetch.studio.wording import one_of

Field = NDArray[np.float32]
Painter = Callable[[np.random.Generator, Canvas, Palette], None]

FLAT_SHARE, GRADIENT_SHARE = 0.36, 0.14  # of the bases; the other ones carry a pattern


def paint_base(draw: np.random.Generator, canvas: Canvas, palette: Palette, *, held_out: bool = False) -> bool:
    """Cover a canvas with the base colour, a gradient or a pattern.

    held_out  whether the pattern is of those kept for the benchmark, or of the others.
    Returns   whether it is so lively that text on it needs a ground of its own.
    """
    canvas[:] = palette.base
    kind = draw.random()
    if kind < FLAT_SHARE:
        return False
    if kind < FLAT_SHARE + GRADIENT_SHARE:
        paint_gradient(draw, canvas, palette.base, palette.second)
        return False
    soft = draw.random() < 0.35  # tone in tone
    if soft:
        palette = Palette(
            mood=palette.mood,
            base=palette.base,
            second=mixed(palette.base, palette.second, 0.3),
            accent=mixed(palette.base, palette.accent, 0.3),
            ink=mixed(palette.base, palette.ink, 0.2),
            paper=mixed(palette.base, palette.paper, 0.4),
        )
    PATTERNS[one_of(draw, offered(PATTERNS, HELD_OUT_PATTERNS, held_out))](draw, canvas, palette)
    return not soft


def paint_gradient(draw: np.random.Generator, canvas: Canvas, start: Colour, end: Colour) -> None:
    """From one colour to the other in a direction drawn, or from a point outward."""
    x, y = _unit_grid(canvas)
    if draw.random() < 0.3:
        way = np.hypot(x - draw.uniform(0.2, 0.8), y - draw.uniform(0.2, 0.8)) * 1.2
    else:
        angle = draw.choice([0.0, 0.5, 0.5, 0.5, 0.25, 0.75]) * math.pi
        way = x * math.cos(angle) + y * math.sin(angle)
        low, high = float(way.min(initial=np.inf)), float(way.max(initial=-np.inf))
        way = (way - low) / max(high - low, 1e-6)
    if draw.random() < 0.5:
        way = 1 - way
    blend(canvas, np.clip(way, 0, 1), end)
    if draw.random() < 0.4:
        return
    blend(canvas, np.clip(1 - way, 0, 1), start)


def _stripes(draw: np.random.Generator, canvas: Canvas, palette: Palette) -> None:
    angle = float(draw.choice([0, 0, 90, 90, 45, -45, 60, draw.uniform(0, 180)]))
    period = _longer(canvas) / draw.integers(6, 40)
    share = draw.uniform(0.2, 0.6)
    along = _along(canvas, angle)
    blend(canvas, _bars(along, period, share), palette.second)
    if draw.random() < 0.4:
        blend(canvas, _bars(along + period / 2, period, share * 0.25), palette.accent)


def _checks(draw: np.random.Generator, canvas: Canvas, palette: Palette) -> None:
    angle = float(draw.choice([0, 45]))
    period = _longer(canvas) / draw.integers(6, 30)
    across, along = _bars(_along(canvas, angle), period, 0.5), _bars(_along(canvas, angle + 90), period, 0.5)
    if draw.random() < 0.5:  # gingham: half strength where only one of the two lies
        blend(canvas, (across + along) / 2, palette.second)
    else:
        blend(canvas, np.abs(across - along), palette.second)


def _plaid(draw: np.random.Generator, canvas: Canvas, palette: Palette) -> None:
    period = _longer(canvas) / draw.integers(4, 12)
    for angle in (0, 90):
        along = _along(canvas, angle)
        blend(canvas, _bars(along, period, 0.4), palette.second, 0.5)
        blend(canvas, _bars(along + period * 0.3, period, 0.08), palette.accent, 0.7)
        blend(canvas, _bars(along - period * 0.1, period, 0.05), palette.ink, 0.4)


def _waves(draw: np.random.Generator, canvas: Canvas, palette: Palette) -> None:
    angle = float(draw.choice([0, 90, draw.uniform(0, 180)]))
    longer = _longer(canvas)
    period, length = longer / draw.integers(5, 25), longer / draw.integers(3, 20)
    bent = period * draw.uniform(0.2, 0.9) * np.sin(_along(canvas, angle + 90) * np.float32(2 * math.pi / length))
    blend(canvas, _bars(_along(canvas, angle) + bent, period, draw.uniform(0.2, 0.6)), palette.second)


def _zigzag(draw: np.random.Generator, canvas: Canvas, palette: Palette) -> None:
    longer = _longer(canvas)
    period = longer / draw.integers(6, 24)
    across = _along(canvas, float(draw.choice([0, 90])))
    down = _along(canvas, 90) if across[0, -1] != across[0, 0] else _along(canvas, 0)
    folded = np.abs(np.mod(across, period * 2) - period)
    blend(canvas, _bars(down + folded, period, draw.uniform(0.3, 0.5)), palette.second)


def _rays(draw: np.random.Generator, canvas: Canvas, palette: Palette) -> None:
    x, y = _unit_grid(canvas)
    away_x, away_y = x - draw.uniform(0.1, 0.9) * x[0, -1], y - draw.uniform(0.2, 1.0) * y[-1, 0]
    rays = int(draw.integers(8, 30))
    angle = np.arctan2(away_y, away_x) * np.float32(rays)
    # how many radians of the phase one pixel spans, so that edges stay one pixel wide
    pixel = rays / np.maximum(np.hypot(away_x, away_y) * _longer(canvas), 1)
    blend(canvas, np.clip(0.5 + np.sin(angle) / pixel, 0, 1), palette.second)


def _rings(draw: np.random.Generator, canvas: Canvas, palette: Palette) -> None:
    x, y = _unit_grid(canvas)
    away = np.hypot(x - draw.uniform(0, 1) * x[0, -1], y - draw.uniform(0, 1) * y[-1, 0]) * _longer(canvas)
    blend(canvas, _bars(away, _longer(canvas) / draw.integers(8, 40), draw.uniform(0.15, 0.5)), palette.second)


def _dots(draw: np.random.Generator, canvas: Canvas, palette: Palette) -> None:
    period = _longer(canvas) / draw.integers(8, 50)
    _print_dots(canvas, period, period * draw.uniform(0.15, 0.42), palette.second, float(draw.choice([0, 45])))


def _halftone(draw: np.random.Generator, canvas: Canvas, palette: Palette) -> None:
    x, y = _unit_grid(canvas)
    way = float(draw.choice([0, 1]))
    share = np.abs(way - (y / max(float(y[-1, 0]), 1e-6)) * 0.8 - (x / max(float(x[0, -1]), 1e-6)) * 0.2)
    period = _longer(canvas) / draw.integers(25, 70)
    _print_dots(canvas, period, period * 0.72 * share, palette.second, 45)


def _scales(draw: np.random.Generator, canvas: Canvas, palette: Palette) -> None:
    """Rows of overlapping discs, each with rings, the lower rows in front."""
    radius = _longer(canvas) / draw.integers(8, 26)
    height, width = canvas.shape[:2]
    colours = [palette.second, palette.base, mixed(palette.base, palette.accent, 0.5)]
    for row in range(int(height / (radius * 0.5)) + 3):
        for column in range(int(width / (2 * radius)) + 2):
            x = (2 * column + row % 2) * radius
            for ring, size in enumerate((1.0, 0.75, 0.45)):
                fill(
                    canvas, ellipse(x, row * radius * 0.5, radius * size, radius * size), colours[ring % 2 + ring // 2]
                )


def _triangles(draw: np.random.Generator, canvas: Canvas, palette: Palette) -> None:
    side = _longer(canvas) / draw.integers(4, 16)
    height, width = canvas.shape[:2]
    step = side * math.sqrt(3) / 2
    colours = (palette.base, palette.second, palette.accent, palette.paper, mixed(palette.base, palette.second, 0.5))
    weights = np.array([0.3, 0.3, 0.08, 0.1, 0.22])
    for row in range(int(height / step) + 1):
        for column in range(-1, int(2 * width / side) + 2):
            down = (row + column) % 2
            left, top = column * side / 2, row * step
            corners = [(0, 0), (side, 0), (side / 2, step)] if down else [(0, step), (side, step), (side / 2, 0)]
            fill(canvas, shifted(np.array(corners), left, top), colours[draw.choice(5, p=weights)])


def _terrazzo(draw: np.random.Generator, canvas: Canvas, palette: Palette) -> None:
    size = _longer(canvas) / draw.integers(20, 60)
    for x, y, colour in _strewn(draw, canvas, palette, spread=size * 2.4):
        angles = np.sort(draw.uniform(0, 2 * math.pi, draw.integers(4, 8)))
        radii = size * draw.uniform(0.5, 1.1, len(angles)) * draw.uniform(0.4, 1)
        fill(canvas, np.stack([x + radii * np.cos(angles), y + radii * np.sin(angles)], 1), colour)


def _blobs(draw: np.random.Generator, canvas: Canvas, palette: Palette) -> None:
    size = _longer(canvas) / draw.integers(4, 12)
    for x, y, colour in _strewn(draw, canvas, palette, spread=size * 1.8):
        angles = np.linspace(0, 2 * math.pi, 7, endpoint=False)
        radii = size * draw.uniform(0.55, 1.2, 7)
        fill(canvas, rounded_curve(np.stack([x + radii * np.cos(angles), y + radii * np.sin(angles)], 1)), colour)


def _confetti(draw: np.random.Generator, canvas: Canvas, palette: Palette) -> None:
    size = _longer(canvas) / draw.integers(30, 80)
    for x, y, colour in _strewn(draw, canvas, palette, spread=size * 3):
        kind, turn = draw.integers(5), draw.uniform(0, 360)
        if kind == 0:
            fill(canvas, ellipse(x, y, size * 0.6, size * 0.6), colour)
        elif kind == 1:
            fill(canvas, star(x, y, size, size * 0.45, 3, turn), colour)
        elif kind == 2:
            fill(canvas, turned(rectangle(x - size, y - size / 4, x + size, y + size / 4), turn, (x, y)), colour)
        elif kind == 3:
            stroke(canvas, ellipse(x, y, size * 0.6, size * 0.6), colour, size * 0.25, closed=True)
        else:
            zigzag = np.array([(-1.2, -0.3), (-0.4, 0.3), (0.4, -0.3), (1.2, 0.3)]) * size + (x, y)
            stroke(canvas, turned(zigzag, turn, (x, y)), colour, size * 0.25)


def _leaves(draw: np.random.Generator, canvas: Canvas, palette: Palette) -> None:
    size = _longer(canvas) / draw.integers(8, 22)
    veins = draw.random() < 0.6
    for x, y, colour in _strewn(draw, canvas, palette, spread=size * 1.25):
        turn = draw.uniform(0, 360)
        half = draw.uniform(0.2, 0.42) * size
        side = np.array([(-size, 0), (-size / 2, -half), (size / 3, -half * 0.9), (size, 0)])
        outline = np.concatenate([rounded_curve(side, closed=False), rounded_curve(side * (1, -1), closed=False)[::-1]])
        fill(canvas, shifted(turned(outline, turn), x, y), colour)
        if veins:
            vein = turned(np.array([(x - size * 1.15, y), (x + size * 0.7, y)]), turn, (x, y))
            stroke(canvas, vein, lighter(colour, -0.25), size / 24)


def _flowers(draw: np.random.Generator, canvas: Canvas, palette: Palette) -> None:
    size = _longer(canvas) / draw.integers(16, 44)
    petals = int(draw.integers(4, 9))
    for x, y, colour in _strewn(draw, canvas, palette, spread=size * 2.3):
        start = draw.uniform(0, 360)
        for petal in range(petals):
            angle = start + 360 * petal / petals
            fill(canvas, turned(ellipse(x + size * 0.55, y, size * 0.45, size * 0.25), angle, (x, y)), colour)
        fill(canvas, ellipse(x, y, size * 0.25, size * 0.25), palette.paper)


def _marble(draw: np.random.Generator, canvas: Canvas, palette: Palette) -> None:
    clouds = _clouds(draw, canvas, coarse=3) + 0.35 * _clouds(draw, canvas, coarse=9)
    veins = np.clip(1 - np.abs(clouds) * draw.uniform(3, 9), 0, 1)
    blend(canvas, np.clip(0.5 + clouds, 0, 1), mixed(palette.base, palette.second, 0.5))
    blend(canvas, veins, palette.second)


def _wash(draw: np.random.Generator, canvas: Canvas, palette: Palette) -> None:
    """Watercolour: clouds of the second colour and the accent with soft borders."""
    for colour in (palette.second, palette.accent):
        blend(canvas, np.clip(_clouds(draw, canvas, coarse=4) * 2.5, 0, 1), colour, 0.7)


def _camouflage(draw: np.random.Generator, canvas: Canvas, palette: Palette) -> None:
    for colour in (palette.second, palette.ink, palette.accent):
        clouds = _clouds(draw, canvas, coarse=int(draw.integers(4, 10)))
        blend(canvas, np.clip((clouds - 0.15) * 40, 0, 1), colour)


def _hills(draw: np.random.Generator, canvas: Canvas, palette: Palette) -> None:
    """Rows of hills one before the other, from the middle of the sheet down."""
    height, width = canvas.shape[:2]
    x = np.linspace(-2, width + 2, 60)
    for row in range(4):
        swing, waves, phase = draw.uniform(0.02, 0.08) * height, draw.integers(1, 5), draw.uniform(0, 6)
        edge = height * (0.4 + 0.16 * row) + swing * np.sin(x / width * 2 * math.pi * waves + phase)
        outline = np.concatenate([np.stack([x, edge], 1), [(width + 2, height + 2), (-2, height + 2)]])
        fill(canvas, outline, mixed(palette.second, palette.accent, row / 3))


def _blocks(draw: np.random.Generator, canvas: Canvas, palette: Palette) -> None:
    """Large fields of plain colour, as a poster's."""
    height, width = canvas.shape[:2]
    for colour in (palette.second, palette.accent, palette.paper):
        x, y, size = draw.uniform(0, width), draw.uniform(0, height), _longer(canvas) * draw.uniform(0.15, 0.5)
        kind = draw.integers(3)
        if kind == 0:
            fill(canvas, ellipse(x, y, size / 2, size / 2), colour)
        elif kind == 1:
            turn = float(draw.choice([0, 45, draw.uniform(0, 90)]))
            fill(canvas, turned(rectangle(x - size, y - size / 4, x + size, y + size / 4), turn, (x, y)), colour)
        else:
            fill(canvas, star(x, y, size * 0.7, size * 0.35, 3, draw.uniform(0, 120)), colour)


PATTERNS: dict[str, Painter] = {
    "stripes": _stripes,
    "checks": _checks,
    "plaid": _plaid,
    "waves": _waves,
    "zigzag": _zigzag,
    "rays": _rays,
    "rings": _rings,
    "dots": _dots,
    "halftone": _halftone,
    "scales": _scales,
    "triangles": _triangles,
    "terrazzo": _terrazzo,
    "blobs": _blobs,
    "confetti": _confetti,
    "leaves": _leaves,
    "flowers": _flowers,
    "marble": _marble,
    "wash": _wash,
    "camouflage": _camouflage,
    "hills": _hills,
    "blocks": _blocks,
}
HELD_OUT_PATTERNS = frozenset({"plaid", "halftone", "scales", "terrazzo", "leaves", "hills"})


def _longer(canvas: Canvas) -> int:
    return int(max(canvas.shape[:2]))


def _unit_grid(canvas: Canvas) -> tuple[Field, Field]:
    """x and y of every pixel, in units of the longer side."""
    height, width = canvas.shape[:2]
    longer = np.float32(max(height, width, 1))
    x, y = np.arange(width, dtype=np.float32) / longer, np.arange(height, dtype=np.float32) / longer
    return np.broadcast_to(x, (height, width)), np.broadcast_to(y[:, None], (height, width))


def _along(canvas: Canvas, angle: float) -> Field:
    """Distance in pixels along a direction, `angle` degrees clockwise from x."""
    height, width = canvas.shape[:2]
    x, y = np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)[:, None]
    way: Field = x * np.float32(math.cos(math.radians(angle))) + y * np.float32(math.sin(math.radians(angle)))
    return way


def _bars(along: Any, period: float, share: float) -> Field:
    """1 inside bars that take `share` of the period, 0 outside, and one pixel's way between."""
    from_middle = np.abs(np.mod(along, period) - period / 2)
    bars: Field = np.clip(0.5 + period * share / 2 - from_middle, 0, 1).astype(np.float32)
    return bars


def _print_dots(canvas: Canvas, period: float, radius: Any, colour: Colour, angle: float) -> None:
    """Round dots on a square grid turned by `angle`; the radius may differ from pixel to pixel."""
    from_x = np.mod(_along(canvas, angle), period) - period / 2
    from_y = np.mod(_along(canvas, angle + 90), period) - period / 2
    blend(canvas, np.clip(0.5 + radius - np.hypot(from_x, from_y), 0, 1).astype(np.float32), colour)


def _strewn(
    draw: np.random.Generator, canvas: Canvas, palette: Palette, *, spread: float
) -> list[tuple[float, float, Colour]]:
    """Places about `spread` apart, one to each cell of a grid and moved within it, each with a colour; 900 at most."""
    height, width = canvas.shape[:2]
    spread = max(spread, math.sqrt(height * width / 900))
    colours = (palette.second, palette.second, palette.accent, palette.paper)
    return [
        (
            (column + draw.uniform(0.1, 0.9)) * spread,
            (row + draw.uniform(0.1, 0.9)) * spread,
            colours[draw.integers(len(colours))],
        )
        for row in range(-1, int(height / spread) + 1)
        for column in range(-1, int(width / spread) + 1)
    ]


def _clouds(draw: np.random.Generator, canvas: Canvas, *, coarse: int) -> Field:
    """Smooth noise about 0, its hills a `coarse`-th of the longer side wide."""
    height, width = canvas.shape[:2]
    longer = max(height, width)
    size = max(round(coarse * width / longer), 2) + 1, max(round(coarse * height / longer), 2) + 1
    seeds = draw.normal(0, 0.5, size[::-1]).astype(np.float32)
    return np.asarray(cv2.resize(seeds, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)
