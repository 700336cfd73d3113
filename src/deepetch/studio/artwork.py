"""Printed artwork for a packaging's sheet: one design, composed for the front and for the other faces."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from deepetch.errors import InvalidArray, InvalidOptions
from deepetch.photo.read import read_photo
from deepetch.photo.view import working_view
from deepetch.studio.barcode import draw_ean13_number
from deepetch.studio.figures import print_animal, print_person, print_portrait
from deepetch.studio.held_out import offered
from deepetch.studio.motifs import FITTING, HELD_OUT_MOTIFS, MOTIFS, print_motif, print_motifs
from deepetch.studio.paint import (
    Box,
    Canvas,
    blend,
    coverage_of,
    ellipse,
    fill,
    mean_colour,
    part,
    rectangle,
    stroke,
    two_inks,
)
from deepetch.studio.palette import Colour, Mood, Palette, draw_palette, legible, lighter, mixed
from deepetch.studio.patterns import paint_base, paint_gradient
from deepetch.studio.smallprint import print_ean13_corner, print_information
from deepetch.studio.symbols import print_badge, print_emblem, print_stars
from deepetch.studio.typography import (
    Lettering,
    draw_lettering,
    fit_line,
    print_at,
    print_paragraph,
    rotate,
    thickened,
)
from deepetch.studio.wording import TRADES, draw_brand, draw_sentence, one_of

Face = tuple[float, float, float, float]  # left, bottom, right, top in uv
Figure = Literal["portrait", "person", "animal"]
Picture = Literal["photograph", "figure", "motif", "none"]

WHOLE: Face = (0.0, 0.0, 1.0, 1.0)
ROUNDING = 1e-9  # so far a face may leave the sheet
PHOTOGRAPH_SHARE = 0.5  # of the sheets, if there are any photographs
FIGURE_SHARE = 0.36
FIGURES: dict[Figure, Callable[[np.random.Generator, Canvas, Palette, bool], None]] = {
    "portrait": print_portrait,
    "person": print_person,
    "animal": print_animal,
}
PHOTO_PIXELS = 900  # longer side that a photograph is read at

# Where brand, product line, picture and amount stand on a front. A picture comes first, text lies over it.
UPRIGHT: dict[str, dict[str, Box]] = {
    "brand on top": {
        "picture": (0.06, 0.38, 0.94, 0.88),
        "brand": (0.07, 0.06, 0.93, 0.26),
        "line": (0.1, 0.27, 0.9, 0.36),
        "foot": (0.06, 0.9, 0.94, 0.97),
    },
    "picture on top": {
        "picture": (0.0, 0.0, 1.0, 0.52),
        "brand": (0.07, 0.56, 0.93, 0.75),
        "line": (0.1, 0.77, 0.9, 0.86),
        "foot": (0.06, 0.9, 0.94, 0.96),
    },
    "picture below": {
        "picture": (0.0, 0.45, 1.0, 1.0),
        "brand": (0.07, 0.07, 0.93, 0.27),
        "line": (0.1, 0.29, 0.9, 0.4),
        "foot": (0.06, 0.92, 0.94, 0.98),
    },
    "band": {
        "picture": (0.0, 0.0, 1.0, 1.0),
        "brand": (0.06, 0.4, 0.94, 0.55),
        "line": (0.1, 0.57, 0.9, 0.63),
        "foot": (0.06, 0.92, 0.94, 0.97),
    },
    "poster": {
        "picture": (0.0, 0.14, 1.0, 1.0),
        "brand": (0.05, 0.03, 0.95, 0.2),
        "line": (0.1, 0.82, 0.9, 0.89),
        "foot": (0.06, 0.92, 0.94, 0.97),
    },
    "brand at the foot": {
        "picture": (0.1, 0.08, 0.9, 0.6),
        "line": (0.1, 0.64, 0.9, 0.71),
        "brand": (0.04, 0.73, 0.96, 0.94),
    },
    "small": {"brand": (0.26, 0.36, 0.74, 0.48), "line": (0.3, 0.5, 0.7, 0.55), "foot": (0.34, 0.88, 0.66, 0.92)},
    "huge": {"brand": (-0.06, 0.2, 1.06, 0.7), "line": (0.08, 0.74, 0.92, 0.81), "foot": (0.06, 0.9, 0.94, 0.96)},
    "emblem": {"emblem": (0.05, 0.1, 0.95, 0.72), "line": (0.1, 0.76, 0.9, 0.84), "foot": (0.06, 0.9, 0.94, 0.96)},
}
WIDE: dict[str, dict[str, Box]] = {
    "picture left": {
        "picture": (0.0, 0.0, 0.42, 1.0),
        "brand": (0.46, 0.14, 0.96, 0.54),
        "line": (0.46, 0.6, 0.96, 0.74),
        "foot": (0.46, 0.82, 0.96, 0.93),
    },
    "picture right": {
        "picture": (0.56, 0.0, 1.0, 1.0),
        "brand": (0.04, 0.14, 0.54, 0.54),
        "line": (0.04, 0.6, 0.54, 0.74),
        "foot": (0.04, 0.82, 0.54, 0.93),
    },
    "picture in the middle": {
        "picture": (0.31, 0.0, 0.69, 1.0),
        "brand": (0.03, 0.22, 0.29, 0.56),
        "line": (0.03, 0.64, 0.29, 0.76),
        "foot": (0.71, 0.8, 0.97, 0.92),
    },
    "brand across": {"brand": (0.06, 0.18, 0.94, 0.66), "line": (0.15, 0.72, 0.85, 0.86)},
    "brand between": {
        "picture": (0.0, 0.0, 1.0, 1.0),
        "brand": (0.26, 0.26, 0.74, 0.6),
        "line": (0.3, 0.64, 0.7, 0.76),
        "foot": (0.3, 0.84, 0.7, 0.92),
    },
    "small": {"brand": (0.36, 0.36, 0.64, 0.52), "line": (0.38, 0.58, 0.62, 0.66)},
    "emblem": {"emblem": (0.3, 0.05, 0.7, 0.95), "foot": (0.72, 0.8, 0.97, 0.94)},
}

HELD_OUT_LAYOUTS = frozenset({"picture below", "brand at the foot", "picture in the middle", "small"})
OVER_FACE = ("band", "brand between")  # whose brand would lie over the eyes of a portrait


@dataclass(frozen=True, kw_only=True)
class Design:
    """What all faces of a sheet share.

    picture   what the front shows.
    figure    portrait, person or animal somewhere on the sheet; None: nobody. Where the front shows a photograph it
              stands on another face, or in the photograph if there is no other.
    lively    the base is so lively that text needs a ground of its own.
    held_out  brand, motif and all that is drawn for it later are of those kept for the benchmark, or of the others.
    """

    palette: Palette
    brand: str
    line: str
    amount: str
    lettering: Lettering
    number: str
    motif: str
    picture: Picture
    figure: Figure | None
    lively: bool = False
    held_out: bool = False


def draw_artwork(
    draw: np.random.Generator,
    sheet: tuple[float, float],
    faces: Sequence[Face],
    *,
    longer_side: int = 1024,
    pictures: Sequence[Path] = (),
    mood: Mood | None = None,
    figure: Figure | Literal["any"] | None = None,
    held_out: bool = False,
) -> NDArray[np.uint8]:
    """Draw the whole printed sheet of an invented product.

    sheet        width and height in metres; only their proportion counts.
    faces        rectangles in uv (v up) to compose for, the front first, then sides, back, top; what lies outside is
                 base. Empty: the whole sheet is the front.
    longer_side  of the result, in pixels.
    pictures     photographs, of which about half of the sheets show one.
    mood         of the palette; None: any.
    figure       what the front shows for certain, and then no photograph; "any": one of the three; None: by chance.
    held_out     draw from the layouts, patterns, motifs, figures and brands kept for the benchmark; False: from all
                 others.
    Returns      (h, w, 3) uint8, encoded sRGB; row 0 is v = 1. By chance a third of the sheets or a little more
                 show a face, a person or an animal.
    Raises       InvalidOptions for a sheet, side or face that cannot be; what `read_photo` raises.
    """
    canvas = _blank(sheet, longer_side)
    boxes = _pixel_boxes(faces, canvas)
    design = draw_design(draw, photographs=len(pictures) > 0, mood=mood, figure=figure, held_out=held_out)
    lively = paint_base(draw, canvas, design.palette, held_out=held_out)
    design = replace(design, lively=lively)
    photograph = None
    if design.picture == "photograph":
        photograph = _read_picture(pictures[int(draw.integers(len(pictures)))])
    front, *others = (canvas[top:bottom, left:right] for left, top, right, bottom in boxes)
    text_size = max(canvas.shape[0], canvas.shape[1]) / 1024 * draw.uniform(8, 12)
    in_front = design.figure if photograph is None or not others else None
    _compose_front(draw, front, design, photograph, in_front)
    if not others and draw.random() < 0.5:
        # a lone label carries its bar code at one side
        left = float(draw.choice([0.02, 0.78]))
        print_ean13_corner(front, design.palette, design.number, (left, 0.64, left + 0.2, 0.78))
    if in_front != design.figure:
        # the last of the largest of the other faces: the first ones are for the small print
        place = max(range(len(others)), key=lambda number: (others[number].size, number))
        _print_picture(draw, others.pop(place), design, None, design.figure)
    _compose_others(draw, others, front, design, text_size)
    return canvas


def wrap_label(
    label: NDArray[np.uint8], sheet: tuple[float, float], faces: Sequence[Face], *, longer_side: int = 1024
) -> NDArray[np.uint8]:
    """Lay a given picture over the front of a sheet.

    label    (h, w, 3) uint8, encoded sRGB, not empty; it fills the first face (the whole sheet if there is none) in its
             own proportion, cropped to its middle.
    Returns  (h, w, 3) uint8, as `draw_artwork`; around the front the mean colour of the label's outermost pixels.
    Raises   InvalidArray for another form of label; InvalidOptions as `draw_artwork`.
    """
    if label.ndim != 3 or label.shape[2] != 3 or label.dtype != np.uint8 or not label.size:
        raise InvalidArray(f"label: expected uint8 (h, w, 3), not empty; got {label.dtype} {label.shape}.")
    canvas = _blank(sheet, longer_side)
    rim = np.concatenate([label[0], label[-1], label[:, 0], label[:, -1]])
    canvas[:] = np.rint(rim.mean(0)).astype(np.uint8)
    left, top, right, bottom = _pixel_boxes(faces, canvas)[0]
    canvas[top:bottom, left:right] = _covering(label, right - left, bottom - top)
    return canvas


def draw_design(
    draw: np.random.Generator,
    *,
    photographs: bool,
    mood: Mood | None = None,
    figure: Figure | Literal["any"] | None = None,
    held_out: bool = False,
) -> Design:
    """Draw what a sheet is about, before anything is painted.

    photographs             whether there are any to show.
    mood, figure, held_out  as `draw_artwork` has them.
    """
    figures: tuple[Figure, ...] = ("portrait", "portrait", "person", "animal")
    certain = figure is not None
    if figure == "any" or (figure is None and draw.random() < FIGURE_SHARE):
        figure = figures[draw.integers(4)]
    picture: Picture = "figure" if figure else "motif" if draw.random() < 0.8 else "none"
    if photographs and not certain and draw.random() < PHOTOGRAPH_SHARE:
        picture = "photograph"
    trade = one_of(draw, tuple(TRADES))
    nouns, qualities, amounts = TRADES[trade]
    return Design(
        palette=draw_palette(draw, mood),
        brand=draw_brand(draw, held_out=held_out),
        line=f"{one_of(draw, qualities)} {one_of(draw, nouns)}",
        amount=one_of(draw, amounts),
        lettering=draw_lettering(draw),
        number=draw_ean13_number(draw),
        motif=one_of(draw, offered(FITTING.get(trade, tuple(MOTIFS)), HELD_OUT_MOTIFS, held_out)),
        picture=picture,
        figure=figure,
        held_out=held_out,
    )


def _compose_front(
    draw: np.random.Generator, area: Canvas, design: Design, photograph: Canvas | None, figure: Figure | None
) -> None:
    height, width = area.shape[:2]
    if min(height, width) < 12:
        return
    if height > 2.6 * width and design.picture in ("none", "motif") and draw.random() < 0.6:
        # a slim face, read from the side
        aside = np.ascontiguousarray(np.rot90(area))
        _compose_front(draw, aside, design, photograph, figure)
        area[:] = np.rot90(aside, -1)
        return
    palette = design.palette
    layouts = WIDE if width > 1.5 * height else UPRIGHT
    shown = design.picture != "none"
    usable = [
        name
        for name in offered(layouts, HELD_OUT_LAYOUTS, design.held_out)
        if ("picture" in layouts[name]) == shown and not (figure == "portrait" and name in OVER_FACE)
    ]
    boxes = layouts[one_of(draw, usable)]
    _print_fields(draw, area, palette, lively=design.lively)
    if "picture" in boxes:
        _print_picture(draw, part(area, boxes["picture"]), design, photograph, figure)
    if "emblem" in boxes:
        emblem = part(area, boxes["emblem"])
        middle = print_emblem(draw, emblem, (design.brand, design.line), design.lettering, palette)
        if middle:
            print_motif(draw, emblem, middle, palette, design.motif)
    over_picture = "picture" in boxes and boxes["picture"][1] < 0.3 and boxes["picture"][2] == 1.0
    if "brand" in boxes:
        _print_brand(draw, area, boxes["brand"], design, ground=design.lively or over_picture)
    _print_line(draw, area, boxes.get("line"), design.line, palette)
    if "foot" in boxes:
        _print_foot(draw, area, boxes["foot"], design)
    if draw.random() < 0.45:
        radius = min(height, width) * draw.uniform(0.09, 0.16)
        x = float(draw.choice([0.15, 0.85])) * width
        y = draw.uniform(0.32, 0.85) * height
        print_badge(draw, area, x, y, radius, palette)


def _print_fields(draw: np.random.Generator, area: Canvas, palette: Palette, *, lively: bool) -> None:
    """Lay one large field over the base of a front, or none: a panel, frame, stripe, arch, disc or slanting half."""
    height, width = area.shape[:2]
    colour = (palette.paper, palette.second, palette.accent, mixed(palette.base, palette.second, 0.5))[
        draw.choice(4, p=[0.4, 0.25, 0.2, 0.15])
    ]
    short = min(height, width)
    if draw.random() < (0.25 if lively else 0.45):
        return
    kind = draw.integers(8)
    if kind == 0:
        inset = short * draw.uniform(0.03, 0.09)
        rounded = float(draw.choice([0, 0.08, 0.2])) * short
        fill(area, rectangle(inset, inset, width - inset, height - inset, rounded), colour)
    elif kind == 1:
        for inset, thick in ((0.04, 0.012), (0.065, 0.005)):
            box = rectangle(inset * short, inset * short, width - inset * short, height - inset * short)
            stroke(area, box, legible(palette, mean_colour(area), palette.accent), thick * short, closed=True)
    elif kind == 2:
        top = draw.uniform(0.3, 0.7) * height
        fill(area, rectangle(-2, top, width + 2, height + 2), colour)
    elif kind == 3:
        left = width * 0.12
        fill(area, rectangle(left, height * 0.1, width - left, height * 1.8, width), colour)
    elif kind == 4:
        fill(area, ellipse(width / 2, height * draw.uniform(0.25, 0.7), 0.46 * width, 0.46 * width), colour)
    elif kind == 5:
        low, high = draw.uniform(0.2, 0.5) * height, draw.uniform(0.4, 0.8) * height
        fill(area, np.array([(-2, low), (width + 2, high), (width + 2, height + 2), (-2, height + 2)], float), colour)
    elif kind == 6:
        x = np.linspace(-2, width + 2, 50)
        edge = height * (draw.uniform(0.25, 0.6) + 0.06 * np.sin(x / width * draw.uniform(3, 9) + draw.uniform(0, 6)))
        fill(area, np.concatenate([np.stack([x, edge], 1), [(width + 2, height + 2), (-2, height + 2)]]), colour)
    else:
        fill(area, rectangle(-2, -2, width + 2, height * draw.uniform(0.12, 0.36)), colour)


def _print_picture(
    draw: np.random.Generator, area: Canvas, design: Design, photograph: Canvas | None, figure: Figure | None
) -> None:
    """Show a photograph, a figure or one before the other, else the motif: in all of an area or in a window of it."""
    height, width = area.shape[:2]
    if min(height, width) < 12:
        return
    palette = design.palette
    scene = area.copy()
    window = None
    if (figure or photograph is not None) and draw.random() < 0.35:
        window = _window(draw, width, height)
    if figure and (window is not None or draw.random() < 0.5):
        scene[:] = (palette.second, palette.accent, palette.paper, lighter(palette.base, 0.3))[draw.integers(4)]
        if draw.random() < 0.5:
            paint_gradient(draw, scene, mean_colour(scene), palette.second)
    if photograph is not None:
        scene[:] = _covering(photograph, width, height)
    if figure:
        FIGURES[figure](draw, scene, palette, design.held_out)
    elif photograph is None:
        print_motifs(draw, scene, palette, design.motif)
    _reduce_inks(draw, scene, palette, share=0.2 if figure or photograph is not None else 0.0)
    if window is None:
        area[:] = scene
    else:
        blend(area, window, scene)


def _reduce_inks(draw: np.random.Generator, scene: Canvas, palette: Palette, *, share: float) -> None:
    """Print in two inks: mostly where the palette is quiet, in a `share` of the cases elsewhere."""
    if palette.quiet:
        if draw.random() < 0.85:
            light, dark = sorted((palette.ink, palette.base), key=sum, reverse=True)
            two_inks(scene, dark, light)
    elif draw.random() < share:
        dark, light = sorted((palette.ink, palette.paper), key=sum)
        two_inks(scene, *((dark, light) if sum(light) - sum(dark) > 200 else ((20, 20, 20), (250, 250, 250))))


def _window(draw: np.random.Generator, width: int, height: int) -> NDArray[np.uint8]:
    """Coverage of a disc, an ellipse, an arch or a rounded rectangle."""
    kind, short = draw.integers(4), min(width, height)
    if kind == 0:
        outline = ellipse(width / 2, height / 2, short * 0.47, short * 0.47)
    elif kind == 1:
        outline = ellipse(width / 2, height / 2, width * 0.46, height * 0.47)
    elif kind == 2:
        outline = rectangle(width * 0.1, height * 0.05, width * 0.9, height * 1.6, width)
    else:
        outline = rectangle(width * 0.06, height * 0.06, width * 0.94, height * 0.94, short * 0.1)
    return coverage_of(outline, (height, width))


def _print_brand(draw: np.random.Generator, area: Canvas, box: Box, design: Design, *, ground: bool) -> None:
    """The big word: on a ground of its own where it must, with outline, shadow, depth or plain, level or tilted."""
    height, width = area.shape[:2]
    left, top, right, bottom = box[0] * width, box[1] * height, box[2] * width, box[3] * height
    x, y = (left + right) / 2, (top + bottom) / 2
    palette = design.palette
    tilt = float(draw.choice([0, 0, 0, 0, -6, -10])) if right - left < width else 0.0
    room = 0.86 if ground or tilt else 1.0
    words = design.brand.split(" ")
    rows = (
        [" ".join(words[:1]), " ".join(words[1:])]
        if len(words) > 1 and bottom - top > 0.3 * (right - left)
        else [design.brand]
    )
    surface: Colour = mean_colour(part(area, (max(box[0], 0), box[1], min(box[2], 1), box[3])))
    if ground and draw.random() < 0.75:
        surface = (palette.paper, palette.accent, palette.ink, palette.base)[draw.integers(4)]
        _print_ground(draw, area, (left, top, right, bottom), surface)
    preferred = (palette.accent, palette.second, palette.ink)[draw.integers(3)]
    ink = legible(palette, surface, preferred)
    effect = one_of(draw, ("plain", "plain", "outline", "shadow", "depth", "hollow"))
    if ground and effect == "plain" and design.lively:
        effect = "outline"
    for row, text in enumerate(rows):
        line = fit_line(text, design.lettering, (right - left) * room, (bottom - top) * room / len(rows) * 0.94)
        line = rotate(line, tilt) if tilt else line
        row_y = y + (row - (len(rows) - 1) / 2) * (bottom - top) / len(rows)
        _print_word(area, line, x, row_y, ink, legible(palette, ink, palette.paper, palette.base), effect)


def _print_word(
    area: Canvas, line: NDArray[np.uint8], x: float, y: float, ink: Colour, edge: Colour, effect: str
) -> None:
    thick = max(round(line.shape[0] * 0.05), 1)
    if effect == "outline":
        print_at(area, thickened(line, thick), x, y, edge)
    elif effect == "shadow":
        soft = np.asarray(cv2.GaussianBlur(np.pad(line, 4 * thick), (0, 0), thick), np.uint8)
        print_at(area, soft, x + thick, y + 1.5 * thick, (0, 0, 0), 0.45)
    elif effect == "depth":
        for step in range(2 * thick, 0, -1):
            print_at(area, line, x + step, y + step, lighter(ink, -0.45))
    elif effect == "hollow" and line.shape[0] > 24:
        grown = thickened(line, thick)
        line = grown - np.minimum(grown, np.pad(line, thick))
    print_at(area, line, x, y, ink)


def _print_ground(draw: np.random.Generator, area: Canvas, box: Box, colour: Colour) -> None:
    """What lively base is covered with under a word: a strip from edge to edge, a rounded panel or an ellipse."""
    left, top, right, bottom = box
    pad = (bottom - top) * 0.12
    beside = right - left < 0.55 * area.shape[1]  # something else: a strip would lie across that
    kind = draw.integers(1 if beside else 0, 3)
    if kind == 0:
        fill(area, rectangle(-2, top - pad, area.shape[1] + 2, bottom + pad), colour)
    elif kind == 1:
        fill(area, rectangle(left - pad, top - pad, right + pad, bottom + pad, 2 * pad), colour)
    else:
        half = (right - left) * 0.6, (bottom - top) * 0.8
        fill(area, ellipse((left + right) / 2, (top + bottom) / 2, *half), colour)


def _print_line(draw: np.random.Generator, area: Canvas, box: Box | None, text: str, palette: Palette) -> None:
    """The product line, on a strip of its own by chance or where the ground is uneven."""
    if box is None:
        return
    spot = part(area, box)
    if min(spot.shape[:2]) < 5:
        return
    height, width = spot.shape[:2]
    surface = mean_colour(spot)
    uneven = float(cv2.meanStdDev(np.ascontiguousarray(spot))[1].mean()) > 28
    if uneven or draw.random() < 0.2:
        surface = (palette.accent, palette.paper, palette.ink)[draw.integers(3)]
        fill(spot, rectangle(0, 0, width - 1, height - 1, height * float(draw.choice([0, 0.5]))), surface)
    ink = legible(palette, surface)
    lettering = Lettering(
        weight=float(draw.choice([0, 0.05])), capitals=bool(draw.random() < 0.5), spacing=float(draw.choice([0, 0.15]))
    )
    print_at(spot, fit_line(text, lettering, width * 0.9, height * 0.62), width / 2, height / 2, ink)


def _print_foot(draw: np.random.Generator, area: Canvas, box: Box, design: Design) -> None:
    """The amount in one corner, a sentence or stars in the other."""
    spot = part(area, box)
    height, width = spot.shape[:2]
    if min(height, width) < 5:
        return
    ink = legible(design.palette, mean_colour(spot))
    amount = fit_line(design.amount, Lettering(weight=0.03), width * 0.4, height * 0.8)
    left_first = draw.random() < 0.5
    half = amount.shape[1] / 2
    print_at(spot, amount, half if left_first else width - half, height / 2, ink)
    rest = part(spot, (0.5, 0, 1, 1) if left_first else (0, 0, 0.5, 1))
    kind = draw.random()
    if kind < 0.5:
        align = "right" if left_first else "left"
        print_paragraph(rest, draw_sentence(draw, int(draw.integers(4, 8))), max(height * 0.26, 6), ink, align=align)
    elif kind < 0.65:
        colour = design.palette.accent if ink != design.palette.accent else ink
        print_stars(rest, rest.shape[1] / 2, height / 2, min(height * 0.7, rest.shape[1] / 6), 5, colour)


def _compose_others(
    draw: np.random.Generator, areas: Sequence[Canvas], front: Canvas, design: Design, text_size: float
) -> None:
    """Every other face: the first large one carries the bar code; the rest repeat the front, inform, or stay bare."""
    palette = design.palette
    coded = False
    for area in areas:
        height, width = area.shape[:2]
        if min(height, width) < 12:
            continue
        large = height * width > 0.12 * front.shape[0] * front.shape[1] and min(height, width) > 4 * text_size
        same = abs(height - front.shape[0]) <= 2 and abs(width - front.shape[1]) <= 2
        if large and same and coded and draw.random() < 0.6:
            area[:] = front[:height, :width] if front.shape == area.shape else _covering(front.copy(), width, height)
        elif large and (not coded or draw.random() < 0.5):
            if design.lively or draw.random() < 0.35:
                inset = 0.04 * min(height, width)
                fill(area, rectangle(inset, inset, width - inset, height - inset, inset), palette.paper)
            print_information(draw, area, palette, number=None if coded else design.number, text_size=text_size)
            coded = True
        elif draw.random() < 0.75:
            _print_name_only(draw, area, design)


def _print_name_only(draw: np.random.Generator, area: Canvas, design: Design) -> None:
    """The brand along a small or slim face."""
    aside = area.shape[0] > 1.6 * area.shape[1]
    drawn = np.ascontiguousarray(np.rot90(area)) if aside else area
    line_box = (0.15, 0.7, 0.85, 0.88)
    _print_brand(draw, drawn, (0.1, 0.22, 0.9, 0.68), design, ground=design.lively)
    if drawn.shape[0] > 40:
        _print_line(draw, drawn, line_box, design.line, design.palette)
    if aside:
        area[:] = np.rot90(drawn, -1)


def _blank(sheet: tuple[float, float], longer_side: int) -> Canvas:
    width, height = sheet
    if not (width > 0 and height > 0 and np.isfinite(width / height)):
        raise InvalidOptions(f"sheet: expected a width and a height above 0, in metres; got {sheet}.")
    if longer_side < 1:
        raise InvalidOptions(f"longer_side: expected 1 pixel or more; got {longer_side}.")
    scale = longer_side / max(width, height)
    return np.zeros((max(round(height * scale), 1), max(round(width * scale), 1), 3), np.uint8)


def _pixel_boxes(faces: Sequence[Face], canvas: Canvas) -> list[tuple[int, int, int, int]]:
    """Faces as (left, top, right, bottom) in pixels, each of one pixel or more; v up becomes rows down."""
    height, width = canvas.shape[:2]
    boxes = []
    for left, bottom, right, top in faces or (WHOLE,):
        if not (-ROUNDING <= left < right <= 1 + ROUNDING and -ROUNDING <= bottom < top <= 1 + ROUNDING):
            raise InvalidOptions(
                f"face: expected left < right and bottom < top in [0, 1]; got {(left, bottom, right, top)}."
            )
        x, y = min(round(left * width), width - 1), min(round((1 - top) * height), height - 1)
        boxes.append((x, y, max(round(right * width), x + 1), max(round((1 - bottom) * height), y + 1)))
    return boxes


def _covering(picture: Canvas, width: int, height: int) -> Canvas:
    """The middle of a picture in the proportion of width to height, at that size."""
    rows, columns = picture.shape[:2]
    scale = max(width / columns, height / rows)
    wide, high = min(max(round(width / scale), 1), columns), min(max(round(height / scale), 1), rows)
    left, top = (columns - wide) // 2, (rows - high) // 2
    middle = np.ascontiguousarray(picture[top : top + high, left : left + wide])
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(middle, (width, height), interpolation=way), np.uint8)


def _read_picture(path: Path) -> Canvas:
    view = working_view(read_photo(path), PHOTO_PIXELS)
    return np.rint(view * 255).astype(np.uint8)
