"""What clutters a table around products at home, in a kitchen, in a workshop or on a desk."""

from __future__ import annotations

import colorsys
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from deepetch.studio.figures import print_portrait
from deepetch.studio.mesh import Mesh, joined
from deepetch.studio.motifs import MOTIFS, print_motifs
from deepetch.studio.paint import Canvas, fill, mean_colour, part, rectangle
from deepetch.studio.palette import Palette, draw_palette, legible
from deepetch.studio.patterns import paint_base
from deepetch.studio.product import Finish, Material, Part
from deepetch.studio.products.chance import Colour, chosen, crumple, metal_tint, pigment
from deepetch.studio.shapes.box import box, unfolded
from deepetch.studio.shapes.lathe import Corner, filleted, lathe
from deepetch.studio.shapes.sheet import Points, Rectangle, surface, turned
from deepetch.studio.shapes.sweep import circle, rounded_rectangle, smooth_path, sweep
from deepetch.studio.surface import Surface
from deepetch.studio.typography import draw_lettering, fit_line, print_at
from deepetch.studio.wording import invent_word

Prop = Callable[[np.random.Generator], list[Surface]]

COUNTS = (4, 12)  # props around products, from and to
GAP = 0.006  # metres between two of them
SIGHT = math.tan(math.radians(35))  # viewers as far aside as this see the products past everything but flat things
FLAT, FLAT_SIGHT = 0.12, math.tan(math.radians(10))  # of the products' height; what is lower hardly hides anything
PRINT = 320  # pixels of a printed thing's longer side
LOW = 0.5  # of the products' height: what stands before them is no higher
WOODS: tuple[Colour, ...] = ((0.78, 0.6, 0.4), (0.62, 0.42, 0.26), (0.45, 0.29, 0.18), (0.86, 0.73, 0.55))
GREENS: tuple[Colour, ...] = ((0.2, 0.42, 0.16), (0.32, 0.5, 0.22), (0.15, 0.32, 0.2), (0.5, 0.58, 0.4))


def props_surfaces(draw: np.random.Generator, *, reach: float, keep_clear: NDArray[np.floating]) -> list[Surface]:
    """4 to 12 things on z = 0 beside, behind and, low ones, before products; none inside another.

    reach       of the products around the origin, metres; nothing lies further back than 0.35 + 2.4 reach, where walls
                begin.
    keep_clear  (n, 3) points of the products where they stand. Neither does a prop reach into their bounding box, nor
                does one hide them from a viewer up to 35 degrees aside of negative y; 10 degrees if it is lower than an
                eighth of them. Empty: all is free.
    """
    low, high = _bounds(keep_clear)
    room = ROOMS[chosen(draw, tuple(ROOMS))]
    taken = [(low, high)] if len(keep_clear) else []
    surfaces: list[Surface] = []
    for number in range(int(draw.integers(COUNTS[0], COUNTS[1] + 1))):
        if number % len(room) == 0:
            order = draw.permutation(len(room))
        name = room[order[number % len(room)]]
        spin = draw.normal(0, 25) if name in FACING else draw.uniform(-180, 180)
        prop = _turned(PROPS[name](draw), float(spin))
        place = _free_place(draw, prop, (low, high), taken, reach)
        prop = _moved(prop, place)
        taken.append(_extent(prop))
        surfaces += prop
    return surfaces


# Where they stand


def _free_place(
    draw: np.random.Generator,
    prop: Sequence[Surface],
    clear: tuple[Points, Points],
    taken: Sequence[tuple[Points, Points]],
    reach: float,
) -> Points:
    """(3,) a shift onto free ground; the more often there is none, the further aside it is looked for."""
    low, high = _extent(prop)
    half = (high - low)[:2] / 2
    back = 0.35 + 2.4 * reach - half[1]
    before = 0.7 if high[2] < FLAT * clear[1][2] else 0.4 if high[2] < LOW * clear[1][2] else 0.0
    tries = 0
    while True:
        tries += 1
        if draw.random() < before:
            y = clear[0][1] - draw.uniform(0, 0.9) * reach
        else:
            y = min(clear[0][1], back) + (back - min(clear[0][1], back)) * draw.random() ** 1.4
        aside = 1.1 * reach + 0.4 * max(y - clear[1][1], 0.0) + 0.01 * tries
        x = draw.uniform(-1, 1) * aside
        shift = np.array([x, y, -low[2]]) - np.append((low + high)[:2] / 2, 0.0)
        if _is_free(low + shift, high + shift, clear, taken):
            return np.asarray(shift)


def _is_free(low: Points, high: Points, clear: tuple[Points, Points], taken: Sequence[tuple[Points, Points]]) -> bool:
    if any((low[:2] < other[1][:2] + GAP).all() and (high[:2] > other[0][:2] - GAP).all() for other in taken):
        return False
    depth = clear[1][1] - low[1]  # of the ground beside and before the products that it reaches into
    aside = max(low[0] - clear[1][0], clear[0][0] - high[0])
    sight = FLAT_SIGHT if high[2] < FLAT * clear[1][2] else SIGHT
    return bool(depth <= 0 or aside >= depth * sight)


def _bounds(points: NDArray[np.floating]) -> tuple[Points, Points]:
    if not len(points):
        return np.zeros(3), np.zeros(3)
    return np.asarray(points, float).min(0), np.asarray(points, float).max(0)


def _extent(prop: Sequence[Surface]) -> tuple[Points, Points]:
    return (
        np.min([each.part.mesh.low for each in prop], axis=0).astype(float),
        np.max([each.part.mesh.high for each in prop], axis=0).astype(float),
    )


def _turned(prop: Sequence[Surface], degrees: float) -> list[Surface]:
    return [_with_mesh(each, turned(each.part.mesh, (0, 0, 1), degrees)) for each in prop]


def _moved(prop: Sequence[Surface], by: Points) -> list[Surface]:
    return [_with_mesh(each, each.part.mesh.moved(by)) for each in prop]


def _with_mesh(each: Surface, mesh: Mesh) -> Surface:
    return Surface(part=replace(each.part, mesh=mesh), picture=each.picture)


# Paper


def books(draw: np.random.Generator) -> list[Surface]:
    """A stack of books and magazines, a little askew."""
    stack, z = [], 0.0
    for _ in range(int(draw.integers(1, 6))):
        thick = draw.uniform(0.004, 0.008) if draw.random() < 0.2 else draw.uniform(0.012, 0.045)
        size = (draw.uniform(0.15, 0.27), draw.uniform(0.11, 0.2), thick)
        book = _with_mesh(_book(draw, size), turned(_book_shell(size), (0, 0, 1), draw.normal(0, 7)))
        stack += _moved([book], np.array([draw.normal(0, 0.008), draw.normal(0, 0.008), z]))
        z += thick + 0.0005
    return stack


def standing_books(draw: np.random.Generator) -> list[Surface]:
    """A row of books with their backs to the front."""
    row, x = [], 0.0
    for _ in range(int(draw.integers(3, 8))):
        size = (draw.uniform(0.17, 0.25), draw.uniform(0.12, 0.16), draw.uniform(0.012, 0.045))
        upright = turned(_book_shell(size), (0, 1, 0), -90)  # the spine, along x as it lies, stands up
        row += _moved([_with_mesh(_book(draw, size), upright)], np.array([x + size[2], 0.0, size[0] / 2]))
        x += size[2] + 0.0008
    return row


def _book_shell(size: tuple[float, float, float]) -> Mesh:
    return box(size, radius=0.0012, segments=1)


def _book(draw: np.random.Generator, size: tuple[float, float, float]) -> Surface:
    """A book that lies on its back: its spine in front, its cover above, paper on the other sides."""
    sheet, walls = unfolded(size)
    palette = draw_palette(draw)
    scale = PRINT / max(sheet)
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
    return _pictured("book", _book_shell(size), "coated board" if draw.random() < 0.5 else "paper", canvas)


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
    picture = np.empty((PRINT, max(round(PRINT * wide / high), 8), 3), np.uint8)
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
    strut = _rod([(0.0, behind, high * 0.6), (0.0, behind + high * 0.25, 0.004)], 0.004)
    timber = Material(finish="wood", colour=chosen(draw, WOODS)) if draw.random() < 0.5 else _paint(draw)
    finish: Finish = "gloss plastic" if draw.random() < 0.4 else "paper"
    return _standing(
        [_plain("frame", joined([upright[0], strut]), timber), _pictured("picture", upright[1], finish, picture)]
    )


def papers(draw: np.random.Generator) -> list[Surface]:
    """Loose printed sheets, each a hair above the other."""
    sheets = []
    for number in range(int(draw.integers(1, 4))):
        canvas = np.full((PRINT, 226, 3), 250, np.uint8)
        for _ in range(6):
            top = draw.uniform(0.05, 0.85)
            _print_lines(draw, part(canvas, (0.1, top, 0.9, min(top + 0.12, 0.97))))
        x, y = np.meshgrid(np.linspace(-0.1, 0.1, 6), np.linspace(-0.14, 0.14, 8))
        z = 0.0015 * number + 0.0006 * np.abs(crumple(draw, x, y, wave=0.2, amount=1.0))
        u, v = np.meshgrid(np.linspace(0, 1, 6), np.linspace(0, 1, 8))
        mesh = surface(np.stack([x, y, z], axis=-1), uv=np.stack([u, v], axis=-1))
        mesh = turned(mesh, (0, 0, 1), draw.normal(0, 12)).moved((draw.normal(0, 0.01), draw.normal(0, 0.01), 0))
        sheets.append(_pictured("paper", mesh, "paper", canvas))
    return _standing(sheets)


def _print_lines(draw: np.random.Generator, canvas: Canvas) -> None:
    rows = len(canvas) // 6
    for row in range(rows):
        end = canvas.shape[1] * (draw.uniform(0.3, 0.9) if row == rows - 1 else draw.uniform(0.9, 1.0))
        fill(canvas, rectangle(0, 6 * row + 1, end, 6 * row + 3), (90, 90, 95))


# Plants and food


def plant(draw: np.random.Generator) -> list[Surface]:
    """Leaves that bend out of a pot."""
    radius, high = draw.uniform(0.035, 0.075), draw.uniform(0.05, 0.13)
    pot: list[Corner] = [
        (0.0, 0.0, 0.0),
        (radius * 0.72, 0.0, 0.003),
        (radius, high, 0.002),
        (radius * 0.9, high, 0.002),
    ]
    pot += [(radius * 0.86, high * 0.85, 0.0), (0.0, high * 0.85, 0.0)]
    clay: Colour = (0.68, 0.36, 0.24)
    body = (
        Material(finish="stone", colour=clay, rough=0.3)
        if draw.random() < 0.4
        else Material(finish="ceramic", colour=pigment(draw))
    )
    earth = lathe(np.array([[radius * 0.87, high * 0.86], [0.0, high * 0.9]]), steps=24)
    count = int(draw.integers(8, 34))
    long, broad = draw.uniform(0.07, 0.24), draw.uniform(0.12, 0.55)
    upright = draw.uniform(0.3, 1.1)
    leaves = []
    for _ in range(count):
        length = long * draw.uniform(0.5, 1.1)
        leaf = _leaf(
            length,
            length * broad * draw.uniform(0.35, 0.5),
            rise=draw.uniform(upright, 1.45),
            fall=draw.uniform(0.4, 2.0),
        )
        leaf = leaf.moved((radius * 0.3 * draw.random(), 0, high * 0.86))
        leaves.append(turned(leaf, (0, 0, 1), draw.uniform(0, 360)))
    green = Material(finish="matt plastic", colour=chosen(draw, GREENS))
    return _standing(
        [
            _plain("pot", _turning(pot, 36), body),
            _plain("earth", earth, Material(finish="cloth", colour=(0.16, 0.11, 0.08))),
            _plain("leaves", joined(leaves), green),
        ]
    )


def _leaf(length: float, width: float, *, rise: float, fall: float) -> Mesh:
    """A sheet that leaves the origin towards x at an angle of `rise`, and bends by `fall` on its way; radians."""
    share = np.linspace(0, 1, 9)
    angle = rise - fall * share
    step = length / 8
    x = np.concatenate([[0.0], np.cumsum(np.cos(angle[:-1]) * step)])
    z = np.concatenate([[0.0], np.cumsum(np.sin(angle[:-1]) * step)])
    wide = width * (np.sin(math.pi * share**0.75) ** 0.8 + 0.06)
    across = np.array([-1.0, -0.5, 0.0, 0.5, 1.0])
    y = wide[:, None] * across
    lift = wide[:, None] * 0.35 * np.abs(across)  # halves rise from the middle rib
    points = np.stack(
        [x[:, None] - np.sin(angle)[:, None] * lift, y, z[:, None] + np.cos(angle)[:, None] * lift], axis=-1
    )
    return surface(points[:, ::-1])


def vase(draw: np.random.Generator) -> list[Surface]:
    """A ceramic vase, mostly with dry stems or flowers."""
    high, radius = draw.uniform(0.12, 0.26), draw.uniform(0.03, 0.065)
    throat = radius * draw.uniform(0.3, 0.7)
    line: list[Corner] = [(0.0, 0.0, 0.0), (radius * 0.6, 0.0, 0.004), (radius, high * draw.uniform(0.3, 0.6), radius)]
    line += [
        (throat, high * 0.85, 0.03),
        (throat * 1.2, high, 0.002),
        (throat * 0.95, high, 0.001),
        (throat * 0.8, high * 0.85, 0.0),
    ]
    line += [(0.0, high * 0.5, 0.0)]
    prop = [_plain("vase", _turning(line, 40), Material(finish="ceramic", colour=pigment(draw)))]
    stems, heads = [], []
    for _ in range(int(draw.integers(0, 9))):
        way = draw.normal(0, 0.35, 2)
        tip = np.array([*(way * high * 0.6), high * draw.uniform(1.25, 1.7)])
        bent = np.array([[0.0, 0.0, high * 0.55], [*(way * throat), high], tip])
        stems.append(sweep(smooth_path(bent, steps=5), circle(0.0014, 6), up=(0.31, 1.0, 0.0)))
        bud = draw.uniform(0.008, 0.022)
        heads.append(_ball((bud, bud, bud * draw.uniform(0.6, 1.4)), steps=12).moved(tip))
    if stems:
        prop.append(_plain("stems", joined(stems), Material(finish="matt plastic", colour=chosen(draw, GREENS))))
        prop.append(_plain("heads", joined(heads), Material(finish="cloth", colour=_bright(draw))))
    return _standing(prop)


def fruit(draw: np.random.Generator) -> list[Surface]:
    """A few fruits of one sort beside each other."""
    kind = chosen(draw, tuple(FRUITS))
    radius, tall, colours, finish = FRUITS[kind]
    radius *= draw.uniform(0.9, 1.1)
    bodies, stalks = [], []
    for place in _clump(draw, int(draw.integers(1, 6)), radius * 2.06):
        body, stalk = _fruit(draw, radius, tall)
        bodies.append(body.moved(place))
        stalks.append(stalk.moved(place))
    skin = Material(finish=finish, colour=chosen(draw, colours), rough=0.15)
    return _standing(
        [
            _plain("fruit", joined(bodies), skin),
            _plain("stalks", joined(stalks), Material(finish="paper", colour=(0.3, 0.22, 0.12))),
        ]
    )


def fruit_bowl(draw: np.random.Generator) -> list[Surface]:
    """Fruit heaped in a bowl."""
    radius = draw.uniform(0.09, 0.13)
    high = radius * draw.uniform(0.45, 0.6)
    bowl = _bowl(radius, high)
    material = (
        Material(finish="wood", colour=chosen(draw, WOODS))
        if draw.random() < 0.4
        else Material(finish="ceramic", colour=pigment(draw))
    )
    prop = [_plain("bowl", bowl, material)]
    for kind in (chosen(draw, tuple(FRUITS)), chosen(draw, tuple(FRUITS))):
        small, tall, colours, finish = FRUITS[kind]
        bodies = []
        for _ in range(3):
            body, _stalk = _fruit(draw, small, tall)
            away, angle = radius * 0.5 * math.sqrt(draw.random()), draw.uniform(0, math.tau)
            bodies.append(body.moved((away * math.cos(angle), away * math.sin(angle), high * draw.uniform(0.25, 0.75))))
        prop.append(_plain("fruit", joined(bodies), Material(finish=finish, colour=chosen(draw, colours), rough=0.15)))
    return _standing(prop)


def _fruit(draw: np.random.Generator, radius: float, tall: float) -> tuple[Mesh, Mesh]:
    """One that stands on z = 0, and its stalk; dimples above and below, tilted a little."""
    angle = np.linspace(-math.pi / 2, math.pi / 2, 15)
    around = radius * np.cos(angle) ** 0.85
    up = radius * tall * np.sin(angle) * (1 - 0.28 * (np.abs(np.sin(angle)) > 0.97))
    body = lathe(np.stack([np.where(np.abs(angle) > 1.57, 0.0, around), up], axis=1), steps=24)
    stalk = _rod([(0.0, 0.0, radius * tall * 0.7), (radius * 0.1, 0.0, radius * tall * 1.1)], 0.0014)
    tilt = draw.normal(0, 18)
    tilted = turned(body, (1, 0.3, 0), tilt)
    rise = -float(tilted.low[2])
    return tilted.moved((0, 0, rise)), turned(stalk, (1, 0.3, 0), tilt).moved((0, 0, rise))


def bananas(draw: np.random.Generator) -> list[Surface]:
    share = np.linspace(0, 1, 15)
    thick = np.interp(share, [0, 0.06, 0.15, 0.5, 0.85, 0.95, 1.0], [0.3, 0.32, 0.75, 1.0, 0.8, 0.4, 0.25])
    fruits = []
    for number in range(int(draw.integers(2, 5))):
        bow = (share - 0.5) * 1.7
        path = np.stack([0.1 * np.sin(bow), 0.03 * number + 0.1 * (1 - np.cos(bow)), np.full(15, 0.0)], axis=1)
        banana = sweep(path, rounded_rectangle(0.034, 0.034, 0.013, arc=2), scale=thick, up=(0.0, 0.0, 1.0))
        fruits.append(turned(banana, (1, 0, 0), -8 * number).moved((0, 0, 0.017 + 0.004 * number)))
    return _standing([_plain("bananas", joined(fruits), Material(finish="skin", colour=(0.9, 0.74, 0.2)))])


# Kitchen and table


def cutting_board(draw: np.random.Generator) -> list[Surface]:
    """A board of wood, lying, at times with a loaf or a knife on it."""
    wide, deep, thick = draw.uniform(0.2, 0.36), draw.uniform(0.14, 0.24), draw.uniform(0.012, 0.025)
    board = box((wide, deep, thick), radius=0.004, segments=2)
    handle = box((0.1, 0.035, thick * 0.9), radius=0.004, segments=2).moved((wide / 2 + 0.03, 0, 0))
    wood = joined([board, handle]) if draw.random() < 0.5 else board
    prop = [_plain("board", wood, Material(finish="wood", colour=chosen(draw, WOODS)))]
    kind = draw.random()
    if kind < 0.35:
        prop += _moved(_loaf(draw), np.array([0, 0, thick]))
    elif kind < 0.7:
        prop += _moved(_knife(draw), np.array([0, draw.uniform(-0.3, 0.3) * deep, thick]))
    return _standing(prop)


def _loaf(draw: np.random.Generator) -> list[Surface]:
    long, high = draw.uniform(0.13, 0.2), draw.uniform(0.06, 0.09)
    share = np.linspace(0, 1, 15)
    scale = np.sqrt(np.clip(1 - np.abs(2 * share - 1) ** 2.6, 0.02, 1)) * (1 + 0.03 * np.sin(share * 40))
    path = np.stack([(share - 0.5) * long, np.zeros(15), high * 0.45 * scale], axis=1)
    mesh = sweep(path, rounded_rectangle(high * 1.2, high * 0.9, high * 0.4, arc=4), scale=scale, up=(0.0, 0.0, 1.0))
    return _standing([_plain("loaf", mesh, Material(finish="cloth", colour=(0.66, 0.42, 0.2)))])


def _knife(draw: np.random.Generator) -> list[Surface]:
    long, high = draw.uniform(0.1, 0.18), draw.uniform(0.018, 0.035)
    share = np.linspace(0, 1, 12)[:, None]
    edge = high * np.sqrt(np.clip(1 - share**4, 0, 1)) * 0.96 + 0.0004
    ring = np.concatenate([np.zeros_like(edge), edge], axis=1)
    flat = np.stack([np.broadcast_to(share * long, ring.shape), ring, np.zeros_like(ring)], axis=-1)
    rings = np.concatenate([flat, (flat + np.array([0, 0, 0.0016]))[:, ::-1]], axis=1)
    blade = surface(rings, around=True, capped=True, smooth=False).moved((0, 0, 0.006))
    grip = box((0.11, 0.022, 0.014), radius=0.005, segments=2).moved((-0.05, 0.012, 0))
    black = Material(finish="matt plastic", colour=(0.06, 0.06, 0.06))
    wood = Material(finish="wood", colour=chosen(draw, WOODS))
    return _standing(
        [_plain("blade", blade, Material(finish="metal")), _plain("grip", grip, black if draw.random() < 0.5 else wood)]
    )


def cutlery(draw: np.random.Generator) -> list[Surface]:
    """Spoons, forks and knives side by side."""
    pieces = []
    for number in range(int(draw.integers(1, 5))):
        piece = chosen(draw, (_spoon, _fork, _table_knife))(draw.uniform(0.15, 0.21))
        piece = turned(piece, (0, 0, 1), draw.normal(0, 4))
        pieces.append(piece.moved((0.0, 0.042 * number, -float(piece.low[2]))))
    colour = (0.86, 0.86, 0.87) if draw.random() < 0.8 else (0.9, 0.74, 0.46)
    return _standing([_plain("cutlery", joined(pieces), Material(finish="metal", colour=colour))])


def _handle(long: float, wide: float) -> Mesh:
    share = np.linspace(0, 1, 11)
    path = np.stack([(share - 1) * long, np.zeros(11), 0.006 + 0.005 * np.sin(share * math.pi)], axis=1)
    scale = np.interp(share, [0, 0.06, 0.3, 1], [0.6, 1.0, 0.75, 0.42])
    return sweep(path, rounded_rectangle(wide, 0.0022, 0.001, arc=2), scale=scale, up=(0.0, 0.0, 1.0))


def _spoon(long: float) -> Mesh:
    line = [
        (0.0, 0.0, 0.0),
        (0.016, 0.003, 0.012),
        (0.0215, 0.011, 0.004),
        (0.0205, 0.0113, 0.0),
        (0.0145, 0.0045, 0.01),
        (0.0, 0.0015, 0.0),
    ]
    bowl = lathe(filleted(line), steps=28, flat=0.66).moved((0.018, 0, 0))
    return joined([bowl, _handle(long * 0.72, 0.018)])


def _fork(long: float) -> Mesh:
    palm = box((0.028, 0.024, 0.002), radius=0.0009, segments=1).moved((0.01, 0, 0.004))
    tines = [
        _rod([(0.02, y, 0.005), (0.045, y, 0.002), (0.062, y, 0.006)], 0.0014)
        for y in (-0.0095, -0.0032, 0.0032, 0.0095)
    ]
    return joined([palm, *tines, _handle(long * 0.7, 0.018)])


def _table_knife(long: float) -> Mesh:
    share = np.linspace(0, 1, 9)
    path = np.stack([share * long * 0.5, np.zeros(9), np.full(9, 0.004)], axis=1)
    scale = np.interp(share, [0, 0.1, 0.8, 1], [0.6, 1, 1, 0.35])
    return joined(
        [
            sweep(path, rounded_rectangle(0.019, 0.0018, 0.0008, arc=2), scale=scale, up=(0.0, 0.0, 1.0)),
            _handle(long * 0.5, 0.017),
        ]
    )


def plate(draw: np.random.Generator) -> list[Surface]:
    """One plate or a small stack."""
    radius = draw.uniform(0.08, 0.14)
    line: list[Corner] = [
        (0.0, 0.003, 0.0),
        (radius * 0.55, 0.002, 0.0),
        (radius * 0.6, 0.0, 0.001),
        (radius * 0.63, 0.004, 0.002),
    ]
    line += [
        (radius, 0.02, 0.01),
        (radius, 0.022, 0.001),
        (radius * 0.68, 0.0105, 0.012),
        (radius * 0.6, 0.0065, 0.01),
        (0.0, 0.0065, 0.0),
    ]
    one = _turning(line, 56)
    stack = [one.moved((draw.normal(0, 0.001), 0, 0.0067 * level)) for level in range(int(draw.integers(1, 5)))]
    return _standing([_plain("plates", joined(stack), Material(finish="ceramic", colour=_crockery(draw)))])


def bowl(draw: np.random.Generator) -> list[Surface]:
    radius = draw.uniform(0.05, 0.1)
    mesh = _bowl(radius, radius * draw.uniform(0.55, 0.95))
    return _standing([_plain("bowl", mesh, Material(finish="ceramic", colour=_crockery(draw)))])


def _bowl(radius: float, high: float) -> Mesh:
    foot = radius * 0.45
    line: list[Corner] = [
        (0.0, 0.003, 0.0),
        (foot * 0.9, 0.003, 0.0),
        (foot * 0.92, 0.0, 0.0005),
        (foot, 0.0, 0.001),
        (foot, 0.005, 0.001),
    ]
    line += [(radius * 0.9, high * 0.45, radius * 0.6), (radius, high, 0.0), (radius - 0.004, high, 0.002)]
    line += [(radius * 0.9 - 0.005, high * 0.47, radius * 0.6), (foot * 0.8, 0.009, 0.01), (0.0, 0.009, 0.0)]
    return _turning(line, 48)


def towel(draw: np.random.Generator) -> list[Surface]:
    """Folded cloths: layers with round folds in front."""
    wide, deep = draw.uniform(0.16, 0.28), draw.uniform(0.12, 0.2)
    thick = draw.uniform(0.007, 0.015)
    palette = draw_palette(draw)
    canvas = np.empty((192, 192, 3), np.uint8)
    paint_base(draw, canvas, palette)
    if draw.random() < 0.5:
        canvas[:] = mean_colour(canvas)
        for at in (0.2, 0.26, 0.74, 0.8):
            part(canvas, (at, 0.0, at + 0.025, 1.0))[:] = palette.second
    layers = []
    for level in range(int(draw.integers(2, 7))):
        size = (wide + draw.normal(0, 0.003), deep + draw.normal(0, 0.003), thick)
        layer = box(size, radius=thick * 0.48, segments=3, cuts=6)
        bent = layer.vertices + np.stack(
            [np.zeros(len(layer.vertices))] * 2
            + [crumple(draw, layer.vertices[:, 0], layer.vertices[:, 1], wave=0.12, amount=0.0008)],
            axis=1,
        )
        uv = np.clip(bent[layer.faces][..., :2] / (wide * 1.2, deep * 1.2) + 0.5, 0, 1)
        layers.append(
            Mesh(vertices=bent.astype(np.float32), faces=layer.faces, uv=uv.astype(np.float32)).moved(
                (draw.normal(0, 0.002), 0, level * thick * 0.96)
            )
        )
    return _standing([_pictured("towel", joined(layers), "cloth", canvas)])


def candle(draw: np.random.Generator) -> list[Surface]:
    radius, high = draw.uniform(0.011, 0.035), draw.uniform(0.06, 0.2)
    wax = _turning(
        [
            (0.0, 0.0, 0.0),
            (radius, 0.0, 0.001),
            (radius, high, 0.002),
            (radius * 0.7, high - 0.003, 0.003),
            (0.0, high - 0.004, 0.0),
        ],
        28,
    )
    wick = _rod([(0.0, 0.0, high - 0.006), (0.002, 0.0, high + 0.008)], 0.0009)
    base = _turning(
        [
            (0.0, 0.0, 0.0),
            (radius + 0.02, 0.0, 0.001),
            (radius + 0.022, 0.008, 0.002),
            (radius + 0.018, 0.008, 0.001),
            (radius + 0.01, 0.003, 0.002),
            (0.0, 0.003, 0.0),
        ],
        36,
    )
    return _standing(
        [
            _plain("candlestick", base, Material(finish=chosen(draw, ("ceramic", "metal")), colour=metal_tint(draw))),
            _plain(
                "wax",
                wax.moved((0, 0, 0.003)),
                Material(
                    finish="skin", colour=chosen(draw, ((0.95, 0.92, 0.84), (0.6, 0.12, 0.12), (0.35, 0.42, 0.45)))
                ),
            ),
            _plain("wick", wick.moved((0, 0, 0.003)), Material(finish="paper", colour=(0.1, 0.1, 0.1))),
        ]
    )


# Desk and workshop


def pens(draw: np.random.Generator) -> list[Surface]:
    """Pens, brushes and pencils in a cup."""
    radius, high = draw.uniform(0.03, 0.042), draw.uniform(0.08, 0.11)
    cup = _turning(
        [
            (0.0, 0.0, 0.0),
            (radius, 0.0, 0.003),
            (radius, high, 0.001),
            (radius - 0.003, high, 0.001),
            (radius - 0.003, 0.004, 0.002),
            (0.0, 0.004, 0.0),
        ],
        36,
    )
    prop = [
        _plain("cup", cup, Material(finish=chosen(draw, ("ceramic", "metal", "matt plastic")), colour=pigment(draw)))
    ]
    for _ in range(int(draw.integers(3, 9))):
        thick, long = draw.uniform(0.0032, 0.005), draw.uniform(0.13, 0.19)
        pen = _pencil(thick, long)
        # leaning on the rim from the opposite foot
        lean = math.degrees(math.atan2((radius - 0.003 - thick) * draw.uniform(1.0, 1.6), high))
        spin = draw.uniform(0, 360)
        lent = turned(pen, (0, 1, 0), lean).moved((-(radius - 0.012) * 0.7, 0, 0.007))
        prop.append(
            _plain(
                "pen",
                turned(lent, (0, 0, 1), spin),
                Material(finish="gloss plastic", colour=_bright(draw) if draw.random() < 0.6 else pigment(draw)),
            )
        )
    return _standing(prop)


def pencils(draw: np.random.Generator) -> list[Surface]:
    """One to three lying on the table."""
    prop = []
    for number in range(int(draw.integers(1, 4))):
        thick = draw.uniform(0.0034, 0.005)
        lying = turned(_pencil(thick, draw.uniform(0.12, 0.18)), (0, 1, 0), 90)
        lying = turned(lying.moved((-0.08, 0.02 * number, thick)), (0, 0, 1), draw.normal(0, 3))
        prop.append(_plain("pen", lying, Material(finish="gloss plastic", colour=_bright(draw))))
    return _standing(prop)


def _pencil(thick: float, long: float) -> Mesh:
    return _turning(
        [
            (0.0, 0.0, 0.0),
            (thick * 0.9, 0.0, 0.001),
            (thick, 0.004, 0.0),
            (thick, long - 0.014, 0.0),
            (thick * 0.3, long - 0.002, 0.0),
            (0.0, long, 0.0),
        ],
        12,
    )


def keyboard(draw: np.random.Generator) -> list[Surface]:
    """A computer's keys on their board."""
    rows, columns, pitch = 5, int(draw.integers(12, 18)), 0.019
    wide, deep = columns * pitch + 0.012, rows * pitch + 0.012
    keys = [
        box((pitch - 0.003, pitch - 0.003, 0.004), radius=0.0012, segments=1).moved(
            ((column - (columns - 1) / 2) * pitch, (row - (rows - 1) / 2) * pitch, 0.0075)
        )
        for row in range(rows)
        for column in range(columns)
    ]
    shades = (
        ((0.92, 0.92, 0.92), (0.75, 0.75, 0.77)),
        ((0.08, 0.08, 0.09), (0.15, 0.15, 0.16)),
        ((0.1, 0.1, 0.1), (0.7, 0.7, 0.72)),
    )
    caps, base = chosen(draw, shades)
    board = box((wide, deep, 0.009), radius=0.003, segments=2)
    return _standing(
        [
            _plain("board", board, Material(finish="matt plastic", colour=base)),
            _plain("keys", joined(keys), Material(finish="matt plastic", colour=caps)),
        ]
    )


def lamp(draw: np.random.Generator) -> list[Surface]:
    """A lamp's foot and stem, its shade above."""
    radius, high = draw.uniform(0.06, 0.09), draw.uniform(0.28, 0.42)
    foot = _turning(
        [(0.0, 0.0, 0.0), (radius, 0.0, 0.003), (radius, 0.014, 0.006), (0.012, 0.02, 0.01), (0.0, 0.02, 0.0)], 40
    )
    lean = draw.uniform(-0.1, 0.1)
    stem = _rod([(0.0, 0.0, 0.015), (lean / 2, 0.0, high * 0.6), (lean, 0.0, high)], 0.006)
    wide = draw.uniform(0.07, 0.12)
    shade = lathe(np.array([[wide, high - 0.05], [wide * draw.uniform(0.45, 0.9), high + 0.08]]), steps=40).moved(
        (lean, 0, 0)
    )
    body = _paint(draw)
    return _standing(
        [
            _plain("stand", joined([foot, stem]), body),
            _plain(
                "shade", shade, Material(finish="paper", colour=(0.93, 0.88, 0.78)) if draw.random() < 0.6 else body
            ),
        ]
    )


def cable(draw: np.random.Generator) -> list[Surface]:
    """A cable or a rope that lies in loops."""
    rope = draw.random() < 0.4
    thick = draw.uniform(0.004, 0.008) if rope else draw.uniform(0.0018, 0.003)
    turns, radius = draw.uniform(1.3, 3.5), draw.uniform(0.035, 0.08)
    angle = np.arange(0, turns * math.tau, 0.45)
    away = radius * (1 + 0.12 * np.sin(angle * 0.37 + draw.uniform(0, 6))) + thick * 1.1 * angle / math.tau
    rise = thick * (1 + 1.9 * np.clip(np.sin(angle * 0.73) ** 8, 0, 1))
    tail = np.array([[1.5, 0.6], [2.2, 0.4], [2.8, 1.0]]) * radius
    loop = np.stack([away * np.cos(angle - angle[-1]), away * np.sin(angle - angle[-1]), rise], axis=1)
    path = smooth_path(np.concatenate([loop, np.insert(tail, 2, thick, axis=1)]), steps=3)
    section = circle(thick, 10)
    scale = 1 + 0.09 * np.sin(np.arange(len(path)) * 2.1) if rope else np.ones(len(path))
    material = (
        Material(finish="cloth", colour=(0.75, 0.62, 0.42))
        if rope
        else Material(finish="matt plastic", colour=pigment(draw))
    )
    return _standing([_plain("cable", sweep(path, section, scale=scale, up=(0.0, 0.0, 1.0)), material)])


def coins(draw: np.random.Generator) -> list[Surface]:
    """Coins, strewn and in little piles."""
    radius = draw.uniform(0.009, 0.013)
    coin = _turning(
        [
            (0.0, 0.0, 0.0),
            (radius, 0.0, 0.0003),
            (radius, 0.0019, 0.0003),
            (radius * 0.9, 0.0019, 0.0),
            (radius * 0.88, 0.0016, 0.0),
            (0.0, 0.0016, 0.0),
        ],
        28,
    )
    pieces = []
    for place in _clump(draw, int(draw.integers(2, 9)), 2.2 * radius):
        for level in range(int(draw.choice((1, 1, 1, 3, 6)))):
            pieces.append(coin.moved(place + np.array([*draw.normal(0, 0.0004, 2), 0.0019 * level])))
    return _standing(
        [
            _plain(
                "coins",
                joined(pieces),
                Material(finish="metal", colour=chosen(draw, ((0.8, 0.8, 0.78), (0.85, 0.7, 0.4), (0.75, 0.48, 0.32)))),
            )
        ]
    )


def tape(draw: np.random.Generator) -> list[Surface]:
    """A roll of tape, lying."""
    radius, wide = draw.uniform(0.03, 0.055), draw.uniform(0.015, 0.05)
    core = radius * draw.uniform(0.5, 0.75)
    line = np.array([[core, 0.0], [radius, 0.0], [radius, wide], [core, wide]])
    ring = lathe(line, steps=48, loop=True)
    colour = chosen(draw, ((0.75, 0.6, 0.4), (0.85, 0.8, 0.65), (0.2, 0.2, 0.22), (0.7, 0.7, 0.72)))
    return _standing([_plain("tape", ring, Material(finish="matt plastic", colour=colour))])


def screwdriver(draw: np.random.Generator) -> list[Surface]:
    long = draw.uniform(0.08, 0.11)
    line: list[Corner] = [
        (0.0, 0.0, 0.0),
        (0.012, 0.0, 0.005),
        (0.016, long * 0.3, 0.02),
        (0.013, long * 0.85, 0.01),
        (0.009, long, 0.003),
        (0.0, long, 0.0),
    ]
    profile = filleted(line)
    grip = lathe(profile, steps=48, flutes=6, depth=0.12 * profile[:, 0])
    shaft = _turning(
        [(0.0, long - 0.002, 0.0), (0.003, long - 0.002, 0.0), (0.003, long * 2.1, 0.0), (0.0, long * 2.12, 0.0)], 12
    )
    meshes = [turned(turned(mesh, (0, 1, 0), 90), (1, 0, 0), 30) for mesh in (grip, shaft)]
    return _standing(
        [
            _plain("grip", meshes[0], Material(finish="gloss plastic", colour=_bright(draw))),
            _plain("shaft", meshes[1], Material(finish="metal", colour=(0.7, 0.7, 0.72))),
        ]
    )


def hammer(draw: np.random.Generator) -> list[Surface]:
    long = draw.uniform(0.22, 0.3)
    share = np.linspace(0, 1, 10)
    path = np.stack([share * long, np.zeros(10), np.full(10, 0.013)], axis=1)
    scale = np.interp(share, [0, 0.08, 0.3, 0.75, 1.0], [0.9, 1.1, 1.0, 0.75, 0.85])
    handle = sweep(path, rounded_rectangle(0.026, 0.02, 0.009, arc=3), scale=scale, up=(0.0, 0.0, 1.0))
    head = turned(
        _turning(
            [
                (0.0, -0.05, 0.0),
                (0.009, -0.05, 0.0),
                (0.013, -0.02, 0.0),
                (0.013, 0.02, 0.0),
                (0.01, 0.026, 0.0),
                (0.015, 0.034, 0.0),
                (0.015, 0.05, 0.002),
                (0.0, 0.05, 0.0),
            ],
            20,
        ),
        (1, 0, 0),
        90,
    )
    return _standing(
        [
            _plain("handle", handle, Material(finish="wood", colour=chosen(draw, WOODS))),
            _plain(
                "head",
                head.moved((long - 0.012, 0, 0.013)),
                Material(finish="metal", colour=(0.45, 0.45, 0.47), rough=0.15),
            ),
        ]
    )


def blocks(draw: np.random.Generator) -> list[Surface]:
    """Blocks of wood, plain or painted, some on each other."""
    prop = []
    side = draw.uniform(0.025, 0.045)
    painted = draw.random() < 0.5
    for place in _clump(draw, int(draw.integers(2, 7)), side * 1.7):
        for level in range(1 if draw.random() < 0.6 else 2):
            size = (side * chosen(draw, (1.0, 1.0, 1.4)), side, side)
            block = turned(box(size, radius=0.0018, segments=2), (0, 0, 1), draw.uniform(-40, 40))
            wood = Material(finish="wood", colour=chosen(draw, WOODS))
            coat = Material(finish="matt plastic", colour=_bright(draw)) if painted and draw.random() < 0.8 else wood
            prop.append(_plain("block", block.moved(place + np.array([0, 0, side * level])), coat))
    return _standing(prop)


def offcuts(draw: np.random.Generator) -> list[Surface]:
    """Boards sawn off, lying crosswise."""
    prop, z = [], 0.0
    for level in range(int(draw.integers(1, 5))):
        size = (draw.uniform(0.14, 0.34), draw.uniform(0.04, 0.09), draw.uniform(0.012, 0.03))
        mesh = turned(box(size, radius=0.001, segments=1), (0, 0, 1), draw.normal(90 * (level % 2), 9)).moved((0, 0, z))
        prop.append(_plain("board", mesh, Material(finish="wood", colour=chosen(draw, WOODS))))
        z += size[2] + 0.0003
    return _standing(prop)


def pebbles(draw: np.random.Generator) -> list[Surface]:
    """Stones beside each other, or piled up by size."""
    stones = []
    if draw.random() < 0.4:
        z = 0.0
        for level in range(int(draw.integers(3, 6))):
            radius = 0.036 * 0.78**level * draw.uniform(0.9, 1.1)
            high = radius * draw.uniform(0.45, 0.6)
            stones.append(_stone(draw, radius, high).moved((draw.normal(0, 0.0015), draw.normal(0, 0.0015), z)))
            z += 2 * high * 0.94
    else:
        radius = draw.uniform(0.008, 0.028)
        for place in _clump(draw, int(draw.integers(3, 12)), radius * 2.2):
            big = radius * draw.uniform(0.5, 1.0)
            stones.append(_stone(draw, big, big * draw.uniform(0.45, 0.75)).moved(place))
    grey = draw.uniform(0.25, 0.85)
    colour = (grey, grey * draw.uniform(0.93, 1.0), grey * draw.uniform(0.85, 1.0))
    return _standing([_plain("pebbles", joined(stones), Material(finish="stone", colour=colour, rough=0.3))])


def _stone(draw: np.random.Generator, radius: float, high: float) -> Mesh:
    ball = _ball((radius, radius * draw.uniform(0.75, 1.0), high), steps=20)
    x, y, z = ball.vertices.T
    swell = 1 + crumple(draw, x + z, y - z, wave=3 * radius, amount=0.05)
    uneven = replace(ball, vertices=(ball.vertices * swell[:, None]).astype(np.float32))
    return uneven.moved((0, 0, -float(uneven.low[2])))


# Pieces of which they are made


def _ball(half: tuple[float, float, float], *, steps: int) -> Mesh:
    """An ellipsoid around the origin with these half-axes."""
    angle = np.linspace(-math.pi / 2, math.pi / 2, steps // 2 + 1)
    profile = np.stack([np.cos(angle).clip(0, 1), np.sin(angle)], axis=1)
    profile[[0, -1], 0] = 0.0
    ball = lathe(profile, steps=steps)
    return replace(ball, vertices=(ball.vertices * np.array(half)).astype(np.float32))


def _rod(points: Sequence[tuple[float, float, float]], radius: float) -> Mesh:
    """A round bar along a smooth curve that nowhere runs along y."""
    path = smooth_path(np.array(points), steps=5)
    way = np.ptp(path, axis=0)
    up = (0.0, 1.0, 0.0) if way[1] < max(way[0], way[2]) * 0.5 else (1.0, 0.0, 0.0)
    return sweep(path, circle(radius, 10), up=up)


def _turning(corners: Sequence[Corner], steps: int) -> Mesh:
    return lathe(filleted(corners, segments=4), steps=steps)


def _clump(draw: np.random.Generator, count: int, apart: float) -> list[Points]:
    """(3,) places on the ground near each other, no two closer than `apart`."""
    places: list[Points] = [np.zeros(3)]
    while len(places) < count:
        angle = draw.uniform(0, math.tau)
        away = apart * draw.uniform(1.0, 1.3)
        place = places[int(draw.integers(len(places)))] + away * np.array([math.cos(angle), math.sin(angle), 0.0])
        if all(np.linalg.norm(place - other) >= apart for other in places):
            places.append(place)
    return places


def _standing(prop: Sequence[Surface]) -> list[Surface]:
    """The same thing, its lowest point on z = 0."""
    return _moved(prop, np.array([0.0, 0.0, -_extent(prop)[0][2]]))


def _face(canvas: Canvas, place: Rectangle) -> Canvas:
    """What of a sheet's picture lies in a rectangle of its uv."""
    left, bottom, right, top = place
    return part(canvas, (left, 1 - top, right, 1 - bottom))


def _bright(draw: np.random.Generator) -> Colour:
    return colorsys.hsv_to_rgb(draw.random(), draw.uniform(0.5, 0.9), draw.uniform(0.5, 0.9))


def _crockery(draw: np.random.Generator) -> Colour:
    return (0.93, 0.92, 0.9) if draw.random() < 0.6 else pigment(draw)


def _paint(draw: np.random.Generator) -> Material:
    if draw.random() < 0.4:
        return Material(finish="metal", colour=metal_tint(draw))
    return Material(finish="matt plastic", colour=pigment(draw))


def _plain(name: str, mesh: Mesh, material: Material) -> Surface:
    return Surface(part=Part(name=name, mesh=mesh, material=material))


def _pictured(name: str, mesh: Mesh, finish: Finish, picture: NDArray[np.uint8]) -> Surface:
    return Surface(part=Part(name=name, mesh=mesh, material=Material(finish=finish, printed=True)), picture=picture)


# half the width in metres, height over width, colours, finish
FRUITS: Mapping[str, tuple[float, float, tuple[Colour, ...], Finish]] = {
    "apple": (0.038, 0.9, ((0.7, 0.12, 0.1), (0.55, 0.68, 0.18), (0.8, 0.3, 0.18)), "gloss plastic"),
    "orange": (0.038, 1.0, ((0.92, 0.5, 0.08), (0.9, 0.42, 0.06)), "skin"),
    "lemon": (0.028, 1.3, ((0.92, 0.82, 0.2), (0.5, 0.65, 0.15)), "skin"),
    "plum": (0.022, 1.1, ((0.3, 0.1, 0.22), (0.45, 0.12, 0.2)), "matt plastic"),
    "tomato": (0.034, 0.82, ((0.8, 0.12, 0.06), (0.85, 0.3, 0.08)), "gloss plastic"),
}

PROPS: Mapping[str, Prop] = {
    "books": books,
    "standing books": standing_books,
    "frame": frame,
    "papers": papers,
    "plant": plant,
    "vase": vase,
    "fruit": fruit,
    "fruit bowl": fruit_bowl,
    "bananas": bananas,
    "cutting board": cutting_board,
    "cutlery": cutlery,
    "plate": plate,
    "bowl": bowl,
    "towel": towel,
    "candle": candle,
    "pens": pens,
    "pencils": pencils,
    "keyboard": keyboard,
    "lamp": lamp,
    "cable": cable,
    "coins": coins,
    "tape": tape,
    "screwdriver": screwdriver,
    "hammer": hammer,
    "blocks": blocks,
    "offcuts": offcuts,
    "pebbles": pebbles,
}
FACING = ("frame", "standing books", "papers", "keyboard")  # turned to the viewer, more or less
ROOMS: Mapping[str, tuple[str, ...]] = {
    "living room": ("books", "standing books", "frame", "plant", "vase", "candle", "pebbles", "lamp", "coins", "blocks",
                    "fruit bowl", "papers"),
    "kitchen": ("fruit", "fruit bowl", "bananas", "cutting board", "cutlery", "plate", "bowl", "towel", "plant", "vase",
                "candle"),
    "workshop": ("tape", "screwdriver", "hammer", "offcuts", "cable", "pencils", "pens", "blocks", "papers", "lamp"),
    "desk": ("books", "standing books", "papers", "pens", "pencils", "keyboard", "lamp", "cable", "plant", "frame",
             "coins", "tape"),
}  # fmt: skip
