"""Books, pictures in frames, loose sheets."""

from __future__ import annotations

import math

import numpy as np

from deepetch.studio.figures import print_portrait
from deepetch.studio.mesh import Mesh, joined
from deepetch.studio.motifs import MOTIFS, print_motifs
from deepetch.studio.paint import Canvas, fill, mean_colour, part, rectangle
from deepetch.studio.palette import Palette, draw_palette, legible
from deepetch.studio.patterns import paint_base
from deepetch.studio.product import Finish, Material
from deepetch.studio.products.chance import chosen, crumple
from deepetch.studio.props.materials import WOODS, hard_material
from deepetch.studio.props.pieces import rod
from deepetch.studio.props.prop import moved, standing, with_mesh
from deepetch.studio.shapes.box import box, unfolded
from deepetch.studio.shapes.sheet import Rectangle, surface, turned
from deepetch.studio.surface import Surface, pictured, plain
from deepetch.studio.typography import draw_lettering, fit_line, print_at
from deepetch.studio.wording import invent_word

_PRINT = 320  # pixels of a printed thing's longer side


def books(draw: np.random.Generator) -> list[Surface]:
    """A stack of books and magazines, a little askew."""
    stack, z = [], 0.0
    for _ in range(int(draw.integers(1, 6))):
        thick = draw.uniform(0.004, 0.008) if draw.random() < 0.2 else draw.uniform(0.012, 0.045)
        size = (draw.uniform(0.15, 0.27), draw.uniform(0.11, 0.2), thick)
        book = with_mesh(_book(draw, size), turned(_book_shell(size), (0, 0, 1), draw.normal(0, 7)))
        stack += moved([book], np.array([draw.normal(0, 0.008), draw.normal(0, 0.008), z]))
        z += thick + 0.0005
    return stack


def standing_books(draw: np.random.Generator) -> list[Surface]:
    """A row of books with their backs to the front."""
    row, x = [], 0.0
    for _ in range(int(draw.integers(3, 8))):
        size = (draw.uniform(0.17, 0.25), draw.uniform(0.12, 0.16), draw.uniform(0.012, 0.045))
        upright = turned(_book_shell(size), (0, 1, 0), -90)  # the spine, along x as it lies, stands up
        row += moved([with_mesh(_book(draw, size), upright)], np.array([x + size[2], 0.0, size[0] / 2]))
        x += size[2] + 0.0008
    return row


def _book_shell(size: tuple[float, float, float]) -> Mesh:
    return box(size, radius=0.0012, segments=1)


def _book(draw: np.random.Generator, size: tuple[float, float, float]) -> Surface:
    """A book that lies on its back: its spine in front, its cover above, paper on the other sides."""
    sheet, walls = unfolded(size)
    palette = draw_palette(draw)
    scale = _PRINT / max(sheet)
    canvas = np.empty((max(round(sheet[1] * scale), 8), round(sheet[0] * scale), 3), np.uint8)
    canvas[:] = palette.base
    _print_cover(draw, _face(canvas, walls["top"]), palette)
    cover = mean_colour(_face(canvas, walls["top"]))
    spine = _face(canvas, walls["front"])
    spine[:] = cover
    if min(spine.shape[:2]) > 5:
        title = fit_line(invent_word(draw), draw_lettering(draw), spine.shape[1] * 0.6, spine.shape[0] * 0.55)
        print_at(spine, title, spine.shape[1] / 2, spine.shape[0] / 2, legible(palette, cover))
    for wall in ("left", "right", "back"):
        pages = _face(canvas, walls[wall])
        edge = max(1, round(len(pages) * 0.1))
        pages[edge:-edge] = np.array((238, 230, 212)) - draw.integers(0, 22, (len(pages[edge:-edge]), 1, 1))
        pages[:edge], pages[-edge:] = cover, cover
    return pictured("book", _book_shell(size), "coated board" if draw.random() < 0.5 else "paper", canvas)


def _print_cover(draw: np.random.Generator, canvas: Canvas, palette: Palette) -> None:
    """A pattern or a picture, a title and a line of text."""
    height, width = canvas.shape[:2]
    paint_base(draw, canvas, palette)
    if draw.random() < 0.5 and min(height, width) > 40:
        scene = part(canvas, (0.08, 0.3, 0.92, 0.95))
        if draw.random() < 0.4:
            print_portrait(draw, scene, palette)
        else:
            print_motifs(draw, scene, palette, chosen(draw, tuple(MOTIFS)))
    strip = part(canvas, (0.0, 0.08, 1.0, 0.3))
    if draw.random() < 0.6:
        strip[:] = chosen(draw, (palette.paper, palette.accent, palette.base))
    ink = legible(palette, mean_colour(strip))
    line = fit_line(f"{invent_word(draw)} {invent_word(draw)}", draw_lettering(draw), width * 0.8, len(strip) * 0.7)
    print_at(strip, line, width / 2, len(strip) / 2, ink)


def _face(canvas: Canvas, place: Rectangle) -> Canvas:
    """What of a sheet's picture lies in a rectangle of its uv."""
    left, bottom, right, top = place
    return part(canvas, (left, 1 - top, right, 1 - bottom))


def frame(draw: np.random.Generator) -> list[Surface]:
    """A picture in a frame that leans back on a strut."""
    wide, high = draw.uniform(0.12, 0.28), draw.uniform(0.14, 0.32)
    rim, thick = draw.uniform(0.008, 0.025), 0.014
    outline = np.array([(-wide, -high), (wide, -high), (wide, high), (-wide, high)]) / 2
    inner = outline * (1 - 2 * rim / np.array([wide, high]))
    rings = [
        np.insert(line, 1, y, axis=1)
        for line, y in ((outline, 0.0), (outline, -thick), (inner, -thick), (inner, -0.004))
    ]
    wood = surface(np.stack(rings), around=True, smooth=False)
    picture = np.empty((_PRINT, max(round(_PRINT * wide / high), 8), 3), np.uint8)
    palette = draw_palette(draw)
    paint_base(draw, picture, palette)
    if draw.random() < 0.7:
        inside = picture
        if draw.random() < 0.5:  # a mount of card
            picture[:] = 240
            inside = part(picture, (0.14, 0.14, 0.86, 0.86))
            paint_base(draw, inside, palette)
        if draw.random() < 0.5:
            print_portrait(draw, inside, palette)
        else:
            print_motifs(draw, inside, palette, chosen(draw, tuple(MOTIFS)))
    pane = surface(
        np.array([[(-wide / 2, -0.004, -high / 2), (wide / 2, -0.004, -high / 2)],
                  [(-wide / 2, -0.004, high / 2), (wide / 2, -0.004, high / 2)]]),
        uv=np.array([[(0.0, 0.0), (1.0, 0.0)], [(0.0, 1.0), (1.0, 1.0)]]),
    )  # fmt: skip
    lean = draw.uniform(8, 16)  # degrees
    upright = [turned(mesh.moved((0, 0, high / 2)), (1, 0, 0), -lean) for mesh in (wood, pane)]
    behind = 0.004 + high * 0.6 * math.sin(math.radians(lean))
    strut = rod([(0.0, behind, high * 0.6), (0.0, behind + high * 0.25, 0.004)], 0.004)
    timber = Material(finish="wood", colour=chosen(draw, WOODS)) if draw.random() < 0.5 else hard_material(draw)
    finish: Finish = "gloss plastic" if draw.random() < 0.4 else "paper"
    return standing(
        [plain("frame", joined([upright[0], strut]), timber), pictured("picture", upright[1], finish, picture)]
    )


def papers(draw: np.random.Generator) -> list[Surface]:
    """Loose printed sheets, each a hair above the other."""
    sheets = []
    for number in range(int(draw.integers(1, 4))):
        canvas = np.full((_PRINT, 226, 3), 250, np.uint8)
        for _ in range(6):
            top = draw.uniform(0.05, 0.85)
            _print_lines(draw, part(canvas, (0.1, top, 0.9, min(top + 0.12, 0.97))))
        x, y = np.meshgrid(np.linspace(-0.1, 0.1, 6), np.linspace(-0.14, 0.14, 8))
        z = 0.0015 * number + 0.0006 * np.abs(crumple(draw, x, y, wave=0.2, amount=1.0))
        u, v = np.meshgrid(np.linspace(0, 1, 6), np.linspace(0, 1, 8))
        mesh = surface(np.stack([x, y, z], axis=-1), uv=np.stack([u, v], axis=-1))
        mesh = turned(mesh, (0, 0, 1), draw.normal(0, 12)).moved((draw.normal(0, 0.01), draw.normal(0, 0.01), 0))
        sheets.append(pictured("paper", mesh, "paper", canvas))
    return standing(sheets)


def _print_lines(draw: np.random.Generator, canvas: Canvas) -> None:
    rows = len(canvas) // 6
    for row in range(rows):
        end = canvas.shape[1] * (draw.uniform(0.3, 0.9) if row == rows - 1 else draw.uniform(0.9, 1.0))
        fill(canvas, rectangle(0, 6 * row + 1, end, 6 * row + 3), (90, 90, 95))
