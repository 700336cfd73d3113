"""The faces that nobody reads in the shop: ingredients, nutrition table, bar code, pictograms."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from deepetch.studio.barcode import print_ean13, print_qr
from deepetch.studio.paint import Canvas, fill, mean_colour, part, rectangle, stroke
from deepetch.studio.palette import NEAR_BLACK, NEAR_WHITE, Colour, Palette, contrast, legible, lighter
from deepetch.studio.symbols import PICTOGRAMS, print_pictogram
from deepetch.studio.typography import Lettering, fit_line, print_at, print_paragraph
from deepetch.studio.wording import draw_ingredients, draw_nutrition, draw_text, invent_word, one_of

Block = Callable[[np.random.Generator, Canvas, float, Palette, Colour], int]


def print_information(
    draw: np.random.Generator, canvas: Canvas, palette: Palette, *, number: str | None, text_size: float
) -> None:
    """Fill a canvas, in one or two columns, with blocks of small print.

    number     of the bar code, thirteen digits; None: no bar code.
    text_size  of the smallest print, in pixels.
    """
    height, width = canvas.shape[:2]
    if height < 20 or width < 20:
        return
    margin = max(round(0.05 * min(height, width)), 2)
    inside = canvas[margin : height - margin, margin : width - margin]
    ink = legible(palette, mean_colour(inside))
    if number is not None:
        low = max(min(round(inside.shape[0] * 0.26), 110), 24)
        foot = inside[-low:]
        inside = inside[: -low - margin]
        _print_codes(draw, foot, palette, number)
    columns = 2 if inside.shape[1] > 42 * text_size and draw.random() < 0.7 else 1
    for column in range(columns):
        _stack(draw, part(inside, (column / columns, 0, (column + 0.94) / columns, 1)), text_size, palette, ink)


def print_ean13_corner(canvas: Canvas, palette: Palette, number: str, box: tuple[float, float, float, float]) -> bool:
    """Print a bar code in a box of a canvas (shares, as `part` has them); False where it does not fit."""
    bars, ground = _code_inks(palette)
    return print_ean13(part(canvas, box), number, bars=bars, ground=ground)


def _stack(draw: np.random.Generator, canvas: Canvas, size: float, palette: Palette, ink: Colour) -> None:
    """Blocks one under the other until a canvas is full."""
    names = list(BLOCKS)
    order = [names[place] for place in draw.permutation(len(names))]
    top = 0
    for name in order:
        room = canvas[top:]
        if room.shape[0] < 3 * size:
            break
        top += BLOCKS[name](draw, room, size, palette, ink) + round(size)


def _heading(draw: np.random.Generator, canvas: Canvas, size: float, palette: Palette, ink: Colour) -> int:
    high = min(round(size * draw.uniform(2.2, 4)), canvas.shape[0])
    words = f"{invent_word(draw)} {invent_word(draw).lower()}"
    strip = canvas[:high]
    colour = ink
    if draw.random() < 0.5:
        fill(strip, rectangle(-1, -1, canvas.shape[1], high, 0), palette.accent)
        colour = legible(palette, palette.accent)
    line = fit_line(words, Lettering(weight=0.05), canvas.shape[1] * 0.9, high * 0.62)
    print_at(strip, line, canvas.shape[1] / 2, high / 2, colour)
    return int(high)


def _paragraph(draw: np.random.Generator, canvas: Canvas, size: float, palette: Palette, ink: Colour) -> int:
    room = canvas[: max(round(canvas.shape[0] * 0.5), round(4 * size))]
    align = one_of(draw, ("left", "left", "center", "right"))
    return print_paragraph(room, draw_text(draw, int(draw.integers(14, 60))), size, ink, align=align)


def _ingredients(draw: np.random.Generator, canvas: Canvas, size: float, palette: Palette, ink: Colour) -> int:
    return print_paragraph(canvas, draw_ingredients(draw), size, ink)


def _nutrition(draw: np.random.Generator, canvas: Canvas, size: float, palette: Palette, ink: Colour) -> int:
    rows = [("per", "100 g", "portion"), *draw_nutrition(draw)]
    step = round(size * 1.35) + 1
    rows = rows[: canvas.shape[0] // step]
    high, width = step * len(rows), canvas.shape[1]
    if len(rows) < 3 or width < 15 * size:
        return 0
    if draw.random() < 0.4:
        fill(canvas, rectangle(0, 0, width - 1, high), palette.paper)
        ink = legible(palette, palette.paper)
    for place, row in enumerate(rows):
        strip = canvas[place * step : (place + 1) * step]
        for text, box, align in zip(
            row, ((0.02, 0, 0.52, 1), (0.5, 0, 0.74, 1), (0.74, 0, 0.98, 1)), ("left", "right", "right"), strict=True
        ):
            print_paragraph(part(strip, box), text, size, ink, align=align)
        stroke(canvas, np.array([(0, (place + 1) * step - 1), (width - 1, (place + 1) * step - 1)], float), ink, 1)
    stroke(canvas, rectangle(0, 0, width - 1, high - 1), ink, max(size / 8, 1), closed=True)
    return int(high)


def _pictograms(draw: np.random.Generator, canvas: Canvas, size: float, palette: Palette, ink: Colour) -> int:
    radius = min(size * 1.6, canvas.shape[0] / 2.6, canvas.shape[1] / 8)
    count = int(min(draw.integers(2, 5), canvas.shape[1] // (2.6 * radius)))
    for place in range(count):
        name = PICTOGRAMS[draw.integers(len(PICTOGRAMS))]
        print_pictogram(name, canvas, (place + 0.5) * canvas.shape[1] / count, 1.3 * radius, radius, ink)
    return round(float(2.6 * radius))


def _address(draw: np.random.Generator, canvas: Canvas, size: float, palette: Palette, ink: Colour) -> int:
    where = f"{invent_word(draw)} Ltd, {draw.integers(1, 200)} {invent_word(draw)} Road, {invent_word(draw)}"
    code = f"L{draw.integers(1000, 9999)}  BEST BEFORE {draw.integers(1, 29):02d}.{draw.integers(1, 13):02d}"
    return print_paragraph(canvas, f"{where}\n{code}", size, ink)


BLOCKS: dict[str, Block] = {
    "heading": _heading,
    "paragraph": _paragraph,
    "ingredients": _ingredients,
    "nutrition": _nutrition,
    "pictograms": _pictograms,
    "address": _address,
}


def _print_codes(draw: np.random.Generator, canvas: Canvas, palette: Palette, number: str) -> None:
    """The bar code, and beside it, where there is room and by chance, a QR code."""
    bars, ground = _code_inks(palette)
    height, width = canvas.shape[:2]
    if width > 113 + 1.2 * height and height > 40 and draw.random() < 0.5:
        print_qr(canvas[:, :height], f"HTTPS://{invent_word(draw)}.EXAMPLE".upper(), squares=bars, ground=ground)
        canvas = canvas[:, height + 4 :]
    print_ean13(canvas, number, bars=bars, ground=ground)


def _code_inks(palette: Palette) -> tuple[Colour, Colour]:
    """Bars and ground that a scanner can tell apart; in a quiet palette as far apart as the palette allows."""
    if palette.quiet:
        dark, light = sorted((palette.ink, palette.paper), key=sum)
        return (lighter(dark, -0.5), light) if palette.mood == "white" else (dark, lighter(light, 0.25))
    return (palette.ink if contrast(palette.ink, NEAR_WHITE) > 7 else NEAR_BLACK), NEAR_WHITE
