"""A shop's shelves behind the products: boards, price rails with tags, rows of goods, now and then a cooler's doors."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepetch.studio.artwork import draw_artwork
from deepetch.studio.barcode import draw_ean13_number, print_ean13
from deepetch.studio.mesh import Mesh, joined
from deepetch.studio.palette import Colour as Ink
from deepetch.studio.product import Finish, Material, Part
from deepetch.studio.products.chance import Colour, chosen, metal_tint, pigment
from deepetch.studio.products.labels import AROUND
from deepetch.studio.shapes.box import box, unfolded
from deepetch.studio.shapes.lathe import Corner, filleted, lathe
from deepetch.studio.shapes.sheet import Rectangle, pillow, surface, turned
from deepetch.studio.shapes.sweep import rounded_rectangle
from deepetch.studio.surface import Surface
from deepetch.studio.typography import Lettering, fit_line, print_at
from deepetch.studio.wording import TRADES, draw_brand, one_of

CAMERA = 1.0  # metres that a camera with the widest lens stands from the origin, at most
WIDEST = 18 / 28 / math.cos(math.radians(12))  # tangent of half the angle in plan of a 28 mm lens that looks down
ASKANCE = math.radians(45)
ARTWORK_SIDE = 384  # pixels
AFFORDABLE = 210_000  # vertices of goods
TAGS = 8  # different price tags, one above the other in their picture
ALL: Rectangle = (0.0, 0.0, 1.0, 1.0)
ROOM_ABOVE = 0.03  # metres between goods and the board above
BOARD = 0.02  # metres that a board is thick
HEAD = 0.4  # metres from the last board to the wall above


@dataclass(frozen=True, eq=False, kw_only=True)
class Ware:
    """Something for sale that stands on z = 0 around the z axis.

    size    width, depth and height over all, metres.
    print   the printed part; `sheet` and `faces` as a Product has them.
    rest    what else it is made of.
    stacks  may stand on its like.
    """

    size: tuple[float, float, float]
    print: Part
    sheet: tuple[float, float]
    faces: tuple[Rectangle, ...]
    rest: tuple[Part, ...] = ()
    stacks: bool = False


@dataclass(frozen=True, kw_only=True)
class Aisle:
    """One sort of shelf.

    wares    names of WARES, drawn alike.
    doors    how often it is a cooler behind glass doors.
    wire     how often its boards are wire racks.
    crates   how often crates stand on it.
    """

    wares: tuple[str, ...]
    doors: float = 0.0
    wire: float = 0.0
    crates: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Frame:
    """Where the shelves stand, metres.

    front, back  y of the boards' edges.
    half         x to which goods stand, to both sides.
    floor, top   z of the floor and of the last board.
    """

    front: float
    back: float
    half: float
    floor: float
    top: float


@dataclass(frozen=True, kw_only=True)
class Copy:
    """Where one of a ware's copies stands, turned by so many degrees."""

    place: tuple[float, float, float]
    turn: float


AISLES: Mapping[str, Aisle] = {
    "dairy": Aisle(
        wares=("gable top", "gable top", "gable top", "brick", "tub", "bottle"), doors=0.4, wire=0.4, crates=0.4
    ),
    "drinks": Aisle(wares=("can", "bottle", "bottle", "brick", "gable top"), doors=0.35, wire=0.25, crates=0.3),
    "dry goods": Aisle(wares=("carton", "carton", "brick", "pouch", "jar", "can")),
    "tins and jars": Aisle(wares=("can", "can", "jar", "jar", "carton", "pouch")),
    "household": Aisle(wares=("carton", "bottle", "flat bottle", "flat bottle", "pouch")),
    "frozen": Aisle(wares=("carton", "carton", "tub", "pouch"), doors=0.8, wire=0.7),
}


def shelf_surfaces(draw: np.random.Generator, *, distance: float, height: float) -> list[Surface]:
    """Shelves that fill what a 28 mm lens sees at up to 45 degrees, a metre or less from the origin.

    distance  metres from the origin to what stands nearest; only the floor comes nearer, 0.9 to 1.4 m below `height`.
    height    of what the camera aims at, metres above z = 0.
    Returns   surfaces, copies of one thing joined; at most 14 pictures of artwork and three others.
    """
    aisle = AISLES[chosen(draw, tuple(AISLES))]
    doors, wire = draw.random() < aisle.doors, draw.random() < aisle.wire
    front = distance + (0.1 if doors else 0.014)
    floor = height - draw.uniform(0.9, 1.4)
    wares = [WARES[chosen(draw, aisle.wares)](draw) for _ in range(int(draw.integers(9, 15)))]
    least = min(ware.size[2] for ware in wares) + BOARD + ROOM_ABOVE + 0.001
    levels = _levels(draw, floor + 0.14, height + draw.uniform(0.6, 0.95), max(0.25, least))
    frame = Frame(
        front=front,
        back=front + draw.uniform(0.32, 0.42),
        half=_half_width(distance),
        floor=floor,
        top=levels[-1],
    )
    stock, groups = _stocked(draw, wares, levels, frame, height, crates=draw.random() < aisle.crates)
    goods = [
        each for ware, copies in zip(wares, stock.wares, strict=True) if copies for each in _goods(draw, ware, copies)
    ]
    body = chosen(
        draw, ((0.93, 0.93, 0.92), (0.8, 0.8, 0.79), (0.62, 0.62, 0.63), (0.1, 0.1, 0.11), (0.85, 0.83, 0.78))
    )
    return [
        *goods,
        *_boards(draw, levels, frame, body, wire=wire),
        *_rails(draw, groups, levels, frame),
        *_room(draw, frame, body),
        *(_crates(draw, stock.crates) if stock.crates else []),
        *(_doors(draw, frame, distance) if doors else []),
    ]


def _half_width(distance: float) -> float:
    """x of the shelf's furthest point in view, at 45 degrees from the other side."""
    aside = CAMERA * math.sin(ASKANCE)
    return (aside + distance) * math.tan(ASKANCE + math.atan(WIDEST)) - aside


def _levels(draw: np.random.Generator, low: float, high: float, least: float) -> list[float]:
    """Heights of the boards from the lowest up, at least `least` and at most 0.4 m apart."""
    pitch = draw.uniform(0.25, 0.36)
    levels = [low]
    while levels[-1] < high:
        levels.append(levels[-1] + float(np.clip(pitch + draw.normal(0, 0.025), least, 0.4)))
    return levels


# What stands on the boards


@dataclass(frozen=True, kw_only=True)
class Stock:
    """Copies of each ware, in their order, and the places of crates."""

    wares: list[list[Copy]]
    crates: list[tuple[float, float, float]]


def _stocked(
    draw: np.random.Generator,
    wares: Sequence[Ware],
    levels: Sequence[float],
    frame: Frame,
    height: float,
    *,
    crates: bool,
) -> tuple[Stock, list[tuple[float, float]]]:
    """Fill every board with groups of one ware each; also where each group's tag goes, as x and the board's z."""
    stock = Stock(wares=[[] for _ in wares], crates=[])
    groups = []
    plainest = min(range(len(wares)), key=lambda number: _vertices(wares[number]))
    for low, high in zip(levels, [*levels[1:], levels[-1] + HEAD], strict=True):
        free = high - low - BOARD - ROOM_ABOVE
        fitting = [k for k, ware in enumerate(wares) if ware.size[2] < free]
        tall = [k for k in fitting if wares[k].size[2] > 0.55 * free or wares[k].stacks]
        x = -frame.half - draw.uniform(0, 0.2)
        last = -1
        while x < frame.half:
            near = abs(x) < 1.3 and abs(low + 0.15 - height) < 0.7
            if not near and abs(x) > 2.2 and plainest in fitting:
                number = plainest if draw.random() < 0.7 else chosen(draw, tall or fitting)
            else:
                number = chosen(draw, [k for k in tall or fitting if k != last] or fitting)
            last = number
            if crates and near and low < height - 0.1 and wares[number].size[2] > 0.12 and draw.random() < 0.3:
                x = _crated(draw, stock, number, wares[number], x, low, frame)
                continue
            begin = x
            x = _faced(draw, stock.wares[number], wares[number], x, low, free, frame, near=near)
            groups.append(((begin + x) / 2 + draw.uniform(-0.03, 0.03), low))
            x += draw.uniform(0.004, 0.02) if draw.random() < 0.8 else draw.uniform(0.04, 0.16)
    return _affordable(stock, wares), groups


def _affordable(stock: Stock, wares: Sequence[Ware]) -> Stock:
    """The same stock without what stands furthest aside, if it has too many vertices."""
    copies = sorted(
        ((copy, number) for number, copies in enumerate(stock.wares) for copy in copies),
        key=lambda item: abs(item[0].place[0]),
    )
    spent = np.cumsum([_vertices(wares[number]) for _, number in copies])
    kept: list[list[Copy]] = [[] for _ in wares]
    for copy, number in copies[: int(np.searchsorted(spent, AFFORDABLE, side="right"))]:
        kept[number].append(copy)
    return Stock(wares=kept, crates=stock.crates)


def _faced(
    draw: np.random.Generator,
    copies: list[Copy],
    ware: Ware,
    x: float,
    z: float,
    free: float,
    frame: Frame,
    *,
    near: bool,
) -> float:
    """Put one group of a ware on a board from x on; return where it ends."""
    width, deep, tall = ware.size
    step, pace = width + draw.uniform(0.003, 0.012), deep + 0.01
    fits = max(1, int((frame.back - frame.front - 0.04) / pace))
    rows = min(fits, int(draw.integers(1, 4))) if near else 1
    high = min(3, int(free / tall)) if ware.stacks and (near or draw.random() < 0.5) else 1
    back = draw.uniform(0.004, 0.05) if draw.random() < 0.7 else draw.uniform(0.05, 0.14)
    back = min(back, frame.back - frame.front - 0.03 - rows * pace)
    neat = draw.uniform(0.2, 3.0)  # degrees
    sold = draw.choice((0.0, 0.05, 0.3))
    for facing in range(int(draw.integers(2, 7))):
        missing = int(draw.integers(1, 3)) if draw.random() < sold else 0
        for row in range(missing, rows):
            levels = high if row > missing or draw.random() < 0.7 else int(draw.integers(1, high + 1))
            y = frame.front + back + deep / 2 + row * pace + draw.uniform(0, 0.003)
            for level in range(levels):
                place = (x + facing * step + step / 2, y, z + level * tall)
                copies.append(Copy(place=place, turn=_twist(draw, ware, neat, step - width, 0.006)))
        last = facing
    return x + (last + 1) * step


def _crated(
    draw: np.random.Generator, stock: Stock, number: int, ware: Ware, x: float, z: float, frame: Frame
) -> float:
    """Put a ware into a crate at x; return where the crate ends."""
    width, deep, _ = CRATE
    stock.crates.append((x + width / 2, frame.front + deep / 2 + 0.01, z))
    inner = width - 0.024, deep - 0.024  # between walls of a centimetre
    across, along = (max(1, int(inner[k] / (ware.size[k] + 0.004))) for k in (0, 1))
    step, pace = inner[0] / across, inner[1] / along
    for column in range(across):
        for row in range(along):
            place = (x + 0.012 + step * (column + 0.5), frame.front + 0.022 + pace * (row + 0.5), z + 0.006)
            if draw.random() < 0.85:
                turn = _twist(draw, ware, 2.0, step - ware.size[0], pace - ware.size[1])
                stock.wares[number].append(Copy(place=place, turn=turn))
    return x + width + 0.01


def _twist(draw: np.random.Generator, ware: Ware, neat: float, beside: float, behind: float) -> float:
    """A turn in degrees, small enough to leave neighbours alone that stand as far off as that, metres."""
    if ware.faces == AROUND:
        return float(draw.normal(0, 4 * neat))
    width, deep, _ = ware.size
    most = math.degrees(math.asin(min(1.0, beside / deep, behind / width)))
    return float(np.clip(draw.normal(0, neat), -most, most))


def _vertices(ware: Ware) -> int:
    return sum(len(part.mesh.vertices) for part in (ware.print, *ware.rest))


def _goods(draw: np.random.Generator, ware: Ware, copies: Sequence[Copy]) -> list[Surface]:
    """All copies of a ware as one surface for each of its parts."""
    artwork = draw_artwork(draw, ware.sheet, ware.faces, longer_side=ARTWORK_SIDE)
    surfaces = []
    for piece in (ware.print, *ware.rest):
        mesh = joined(turned(piece.mesh, (0, 0, 1), copy.turn).moved(copy.place) for copy in copies)
        whole = Part(name=piece.name, mesh=mesh, material=piece.material)
        surfaces.append(Surface(part=whole, picture=artwork if piece.material.printed else None))
    return surfaces


# Wares: few vertices, as each stands there a hundred times


def _carton(draw: np.random.Generator) -> Ware:
    width = draw.uniform(0.07, 0.19)
    size = (width, min(width * draw.uniform(0.3, 0.7), 0.1), float(np.clip(width * draw.uniform(0.6, 1.9), 0.06, 0.29)))
    return _boxed(size, "coated board", stacks=size[2] < 0.14)


def _brick(draw: np.random.Generator) -> Ware:
    """A carton for drinks with a flat top and a cap."""
    width = draw.uniform(0.06, 0.095)
    size = (width, width * draw.uniform(0.65, 1.0), width * draw.uniform(1.7, 2.7))
    size = (size[0], size[1], min(size[2], 0.235))
    ware = _boxed(size, "coated board", stacks=False)
    if draw.random() < 0.3:
        return ware
    cap = _turned([(0.0, 0.0, 0.0), (0.016, 0.0, 0.0), (0.016, 0.014, 0.002), (0.0, 0.014, 0.0)], steps=16)
    plastic = Material(finish="matt plastic", colour=pigment(draw))
    lid = Part(name="cap", mesh=cap.moved((0, -size[1] * 0.2, size[2])), material=plastic)
    return Ware(size=(*size[:2], size[2] + 0.014), print=ware.print, sheet=ware.sheet, faces=ware.faces, rest=(lid,))


def _boxed(size: tuple[float, float, float], finish: Finish, *, stacks: bool) -> Ware:
    sheet, walls = unfolded(size)
    shell = box(size, radius=0.0015, segments=1)
    return Ware(
        size=size,
        print=Part(name="carton", mesh=shell, material=Material(finish=finish, printed=True)),
        sheet=sheet,
        faces=tuple(walls.values()),
        stacks=stacks,
    )


def _gable_top(draw: np.random.Generator) -> Ware:
    side = chosen(draw, (0.07, 0.07, 0.095, 0.06)) * draw.uniform(0.96, 1.04)
    body = min(side * draw.uniform(1.5, 2.7), 0.19)
    slope, fin = math.radians(draw.uniform(40, 52)), 0.016
    rise = side / 2 * math.tan(slope)
    outline = rounded_rectangle(side, side, 0.003, arc=1, cuts=2)
    x, y = outline.T
    lengths, rings = [], []
    for share, above in ((-1.0, 0.0), (0.0, 0.0), (0.5, 0.0), (1.0, 0.0), (1.0, fin)):
        shut = max(share, 0.0)
        folded = np.where(np.abs(x) > side / 2 - 1e-6, (1 - (2 * y / side) ** 2) * shut * side * 0.36, 0.0)
        z = 0.0 if share < 0 else body + rise * share + above
        rings.append(np.stack([x - np.sign(x) * folded, y * (1 - shut * 0.975), np.full(len(x), z)], axis=1))
        lengths.append(0.0 if share < 0 else body + math.hypot(rise, side / 2) * share + above)
    round_ = np.concatenate([outline, outline[:1]])
    way = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(round_, axis=0), axis=1))])
    uv = np.stack(np.broadcast_arrays((way / way[-1])[None], np.array(lengths)[:, None] / lengths[-1]), axis=-1)
    mesh = surface(np.stack(rings), uv=uv, around=True, capped=True, smooth=False)
    rest: tuple[Part, ...] = ()
    if draw.random() < 0.75:
        radius = side * 0.21
        cap = _turned([(0.0, -0.001, 0.0), (radius, -0.001, 0.0), (radius, 0.012, 0.002), (0.0, 0.012, 0.0)], steps=16)
        cap = turned(cap, (1, 0, 0), math.degrees(slope)).moved((0, -side / 4, body + rise / 2))
        colour = (0.93, 0.93, 0.92) if draw.random() < 0.6 else pigment(draw)
        rest = (Part(name="cap", mesh=cap, material=Material(finish="matt plastic", colour=colour)),)
    return Ware(
        size=(side, side, body + rise + fin),
        print=Part(name="gable top", mesh=mesh, material=Material(finish="coated board", printed=True)),
        sheet=(float(way[-1]), lengths[-1]),
        faces=tuple((k / 4, 0.0, (k + 1) / 4, body / lengths[-1]) for k in (1, 3, 0, 2)),
        rest=rest,
    )


def _can(draw: np.random.Generator) -> Ware:
    radius, height = chosen(
        draw, ((0.033, 0.115), (0.033, 0.165), (0.0265, 0.145), (0.0365, 0.11), (0.0425, 0.11), (0.042, 0.06))
    )
    neck = radius - (0.005 if height > 0.112 else -0.001)
    corners: list[Corner] = [(0.0, 0.003, 0.0), (radius * 0.85, 0.0, 0.0), (radius, 0.006, 0.0)]
    corners += [(radius, height - 0.01, 0.0), (neck, height - 0.002, 0.0), (neck, height, 0.0)]
    corners += [(neck - 0.003, height, 0.0), (neck - 0.004, height - 0.005, 0.0), (0.0, height - 0.005, 0.0)]
    metal = Material(finish="metal", colour=(0.85, 0.85, 0.86))
    finish: Finish = chosen(draw, ("metal", "gloss plastic", "coated board"))
    return _labelled(
        radius,
        height,
        0.005,
        height - 0.009,
        finish,
        (Part(name="can", mesh=_turned(corners), material=metal),),
        stacks=True,
    )


def _jar(draw: np.random.Generator) -> Ware:
    radius = draw.uniform(0.03, 0.045)
    height = radius * draw.uniform(2.2, 3.8)
    body = height - 0.016
    glass: list[Corner] = [
        (0.0, 0.0, 0.0),
        (radius * 0.9, 0.0, 0.0),
        (radius, 0.006, 0.0),
        (radius, body - 0.012, 0.012),
    ]
    glass += [(radius * 0.82, body, 0.0), (0.0, body, 0.0)]
    lid: list[Corner] = [(0.0, body, 0.0), (radius * 0.9, body, 0.0), (radius * 0.9, height - 0.001, 0.0)]
    lid += [(radius * 0.87, height, 0.0), (0.0, height - 0.001, 0.0)]
    food = Material(finish="gloss plastic", colour=chosen(draw, FOODS))
    cover = (
        Material(finish="metal", colour=metal_tint(draw))
        if draw.random() < 0.5
        else Material(finish="gloss plastic", colour=pigment(draw))
    )
    rest = (Part(name="jar", mesh=_turned(glass), material=food), Part(name="lid", mesh=_turned(lid), material=cover))
    low = body * draw.uniform(0.1, 0.25)
    return _labelled(
        radius, height, low, body - 0.014 - draw.uniform(0, 0.1) * body, "paper", rest, stacks=height < 0.12
    )


def _bottle(draw: np.random.Generator) -> Ware:
    radius = draw.uniform(0.03, 0.043)
    height = min(radius * draw.uniform(5.0, 7.4), 0.285)
    body, throat, neck = height * draw.uniform(0.55, 0.7), draw.uniform(0.0125, 0.018), height - 0.024
    shell: list[Corner] = [(0.0, 0.0, 0.0), (radius * 0.9, 0.0, 0.0), (radius, 0.006, 0.0), (radius, body, 0.03)]
    shell += [(throat, neck, 0.02), (throat, height - 0.012, 0.0), (0.0, height - 0.012, 0.0)]
    finish: Finish = chosen(draw, ("gloss plastic", "gloss plastic", "matt plastic"))
    filled = Material(finish=finish, colour=chosen(draw, (*FOODS, (0.93, 0.92, 0.88), pigment(draw))))
    return _capped(draw, radius, height, throat, shell, filled, body * draw.uniform(0.12, 0.4), body * 0.92)


def _flat_bottle(draw: np.random.Generator) -> Ware:
    """Shampoo and cleaners: opaque, straight, a wide cap."""
    radius = draw.uniform(0.026, 0.042)
    height = draw.uniform(0.15, 0.27)
    body, throat = height - draw.uniform(0.03, 0.05), radius * draw.uniform(0.4, 0.75)
    shell: list[Corner] = [(0.0, 0.0, 0.0), (radius * 0.92, 0.0, 0.0), (radius, 0.005, 0.0), (radius, body, 0.016)]
    shell += [(throat, body + 0.012, 0.004), (throat, height - 0.012, 0.0), (0.0, height - 0.012, 0.0)]
    plastic = Material(finish=chosen(draw, ("gloss plastic", "matt plastic")), colour=pigment(draw))
    return _capped(draw, radius, height, throat, shell, plastic, 0.012, body * 0.86)


def _capped(
    draw: np.random.Generator,
    radius: float,
    height: float,
    throat: float,
    shell: list[Corner],
    filled: Material,
    low: float,
    high: float,
) -> Ware:
    wide, foot = throat + 0.002, height - 0.024
    cap = _turned(
        [
            (0.0, foot, 0.0),
            (wide, foot, 0.0),
            (wide, height - 0.001, 0.0),
            (wide - 0.002, height, 0.0),
            (0.0, height, 0.0),
        ],
        steps=16,
    )
    rest = (
        Part(name="bottle", mesh=_turned(shell), material=filled),
        Part(name="cap", mesh=cap, material=Material(finish="matt plastic", colour=pigment(draw))),
    )
    return _labelled(radius, height, low, high, chosen(draw, ("paper", "gloss plastic")), rest)


def _tub(draw: np.random.Generator) -> Ware:
    """A cup of yoghurt, ice cream or spread: wider at the top, a lid a little wider."""
    radius = draw.uniform(0.036, 0.065)
    height = radius * draw.uniform(1.0, 2.4)
    foot = radius * draw.uniform(0.78, 0.9)
    wall = lathe(np.array([[foot, 0.0], [radius, height - 0.008]]), steps=20)
    lid = _turned(
        [
            (0.0, height - 0.009, 0.0),
            (radius * 1.03, height - 0.009, 0.0),
            (radius * 1.03, height - 0.001, 0.0),
            (0.0, height, 0.0),
        ]
    )
    return Ware(
        size=(radius * 2.06, radius * 2.06, height),
        print=Part(name="tub", mesh=wall, material=Material(finish="matt plastic", printed=True)),
        sheet=(math.tau * radius, height),
        faces=AROUND,
        rest=(Part(name="lid", mesh=lid, material=Material(finish="gloss plastic", colour=pigment(draw))),),
        stacks=True,
    )


def _pouch(draw: np.random.Generator) -> Ware:
    """A bag of crisps, coffee or rice that stands."""
    width = draw.uniform(0.1, 0.19)
    height, deep = min(width * draw.uniform(1.2, 1.6), 0.27), width * draw.uniform(0.3, 0.45)
    up, across = np.linspace(0, 1, 7), np.linspace(-1, 1, 7)
    belly = 0.001 + deep / 2 * (
        np.sqrt(1 - across**2 * 0.98) * np.interp(up, [0, 0.12, 0.55, 0.9, 1], [0.75, 1, 0.85, 0.1, 0])[:, None]
    )
    side = np.broadcast_to(across * width / 2, belly.shape)
    rise = np.broadcast_to(up[:, None] * height, belly.shape)
    mesh = pillow(np.stack([side, -belly, rise], axis=-1), np.stack([side, belly, rise], axis=-1))
    finish: Finish = chosen(draw, ("foil", "matt plastic", "gloss plastic"))
    return Ware(
        size=(width, deep + 0.002, height),
        print=Part(name="pouch", mesh=mesh, material=Material(finish=finish, printed=True)),
        sheet=(2 * width, height),
        faces=((0.02, 0.1, 0.48, 0.92), (0.52, 0.1, 0.98, 0.92)),
    )


def _labelled(
    radius: float,
    height: float,
    low: float,
    high: float,
    finish: Finish,
    rest: tuple[Part, ...],
    *,
    stacks: bool = False,
) -> Ware:
    """A round ware with a label all around between two heights."""
    wide = radius + 0.0004
    return Ware(
        size=(2 * wide, 2 * wide, height),
        print=Part(
            name="label",
            mesh=lathe(np.array([[wide, low], [wide, high]]), steps=20),
            material=Material(finish=finish, printed=True),
        ),
        sheet=(math.tau * wide, high - low),
        faces=AROUND,
        rest=rest,
        stacks=stacks,
    )


def _turned(corners: Sequence[Corner], *, steps: int = 20) -> Mesh:
    return lathe(filleted(corners, segments=2), steps=steps)


WARES: Mapping[str, Callable[[np.random.Generator], Ware]] = {
    "carton": _carton,
    "brick": _brick,
    "gable top": _gable_top,
    "can": _can,
    "jar": _jar,
    "bottle": _bottle,
    "flat bottle": _flat_bottle,
    "tub": _tub,
    "pouch": _pouch,
}
FOODS: tuple[Colour, ...] = (
    (0.55, 0.1, 0.05),  # tomato
    (0.75, 0.5, 0.1),  # honey, oil
    (0.35, 0.4, 0.1),  # gherkins
    (0.25, 0.08, 0.12),  # berries, wine
    (0.8, 0.45, 0.1),  # orange juice
    (0.2, 0.12, 0.07),  # coffee, cola
    (0.12, 0.25, 0.12),  # green glass
    (0.75, 0.85, 0.88),  # water
)


# What holds it


def _boards(
    draw: np.random.Generator, levels: Sequence[float], frame: Frame, colour: Colour, *, wire: bool
) -> list[Surface]:
    reach = frame.half
    finish: Finish = chosen(draw, ("metal", "matt plastic", "gloss plastic"))
    if wire:
        metal = Material(
            finish="metal" if draw.random() < 0.6 else "gloss plastic", colour=(0.85, 0.85, 0.85), rough=0.1
        )
        return [_plain("rack", joined(_rack(levels, frame)), metal)]
    painted = Material(finish="matt plastic" if finish == "metal" and sum(colour) > 2.5 else finish, colour=colour)
    slabs = [_block((-reach, frame.front, z - BOARD), (reach, frame.back, z)) for z in levels]
    return [_plain("boards", joined(slabs), painted)]


def _rack(levels: Sequence[float], frame: Frame) -> list[Mesh]:
    """Rods from front to back, and along both edges."""
    count = min(int(2 * frame.half / 0.03), 200)
    across = np.linspace(-frame.half, frame.half, count)
    rods = []
    for z in levels:
        for y in (frame.front, (frame.front + frame.back) / 2, frame.back - 0.006):
            rods.append(_block((-frame.half, y, z - 0.012), (frame.half, y + 0.006, z - 0.005)))
        rods += [_block((x - 0.0025, frame.front, z - 0.005), (x + 0.0025, frame.back, z)) for x in across]
    return rods


def _rails(
    draw: np.random.Generator, groups: Sequence[tuple[float, float]], levels: Sequence[float], frame: Frame
) -> list[Surface]:
    """A strip along each board's edge with a tag at each group of goods."""
    high = draw.uniform(0.034, 0.045)
    below = high * draw.uniform(0.55, 0.95)  # the part that hangs under the board's upper side
    front = frame.front - 0.009
    strips = [
        _block((-frame.half, front, z - below), (frame.half, frame.front - 0.0005, z - below + high)) for z in levels
    ]
    colour = chosen(
        draw,
        (
            (0.88, 0.88, 0.88),
            (0.7, 0.71, 0.72),
            (0.5, 0.5, 0.52),
            (0.12, 0.12, 0.13),
            (0.75, 0.1, 0.1),
            (0.15, 0.4, 0.2),
        ),
    )
    wide = draw.uniform(0.055, 0.085)
    tags = []
    for x, z in groups:
        if draw.random() < 0.92:
            kind = int(draw.integers(TAGS))
            place = (0.0, kind / TAGS, 1.0, (kind + 1) / TAGS)
            low = z - below + high * 0.04
            tags.append(_plate((x - wide / 2, x + wide / 2), (low, low + high * 0.92), front - 0.001, place))
    rail = _plain("rails", joined(strips), Material(finish="gloss plastic", colour=colour, rough=0.15))
    return [rail, _pictured("tags", joined(tags), "paper", _print_tags(draw))]


def _print_tags(draw: np.random.Generator) -> NDArray[np.uint8]:
    """Price tags, one above the other: a name, a price, a bar code."""
    canvas = np.empty((TAGS * 128, 256, 3), np.uint8)
    plain: Ink = chosen(draw, ((250, 250, 246), (250, 250, 246), (255, 232, 120)))
    for number in range(TAGS):
        tag = canvas[number * 128 : (number + 1) * 128]
        tag[:] = plain
        ink: Ink = (20, 20, 22)
        if draw.random() < 0.2:
            tag[:], ink = ((255, 220, 40), (190, 10, 20)) if draw.random() < 0.6 else ((200, 20, 30), (255, 255, 255))
        nouns, qualities, _ = TRADES[one_of(draw, tuple(TRADES))]
        name = f"{draw_brand(draw)} {one_of(draw, qualities)} {one_of(draw, nouns)}"
        print_at(tag, fit_line(name, Lettering(weight=0.03), 230, 22), 128, 18, ink)
        price = f"{draw.integers(1, 60)}.{chosen(draw, ('00', '50', '90', '95', '99', '49'))}"
        print_at(tag, fit_line(price, Lettering(weight=0.1, stretch=0.8), 110, 68), 190, 76, ink)
        print_ean13(tag[40:118, 6:122], draw_ean13_number(draw), bars=(15, 15, 15), ground=(255, 255, 255))
    return canvas


def _room(draw: np.random.Generator, frame: Frame, colour: Colour) -> list[Surface]:
    """Back panel, uprights, plinth, the wall above with signs, the floor."""
    beyond = 2 * frame.half  # further than asked, for a camera that is shifted or rolled
    lighter = tuple(min(1.0, value * draw.uniform(0.85, 1.1)) for value in colour)
    painted = Material(finish="matt plastic", colour=(lighter[0], lighter[1], lighter[2]))
    panel = _plate((-beyond, beyond), (frame.floor, frame.top + 0.45), frame.back, ALL)
    plinth = _block((-beyond, frame.front + 0.03, frame.floor), (beyond, frame.front + 0.05, frame.floor + 0.11))
    bay = draw.uniform(0.9, 1.25)
    posts = [
        _block((x - 0.015, frame.back - 0.02, frame.floor), (x + 0.015, frame.back - 0.001, frame.top + HEAD))
        for x in np.arange(-frame.half, frame.half, bay)
    ]
    over = frame.top + HEAD
    head = _block((-beyond, frame.front - 0.005, over), (beyond, frame.back, over + 6.0))
    signs = [
        _plate((x + 0.05, x + 0.85), (over + 0.04, over + 0.28), frame.front - 0.006, ALL)
        for x in np.arange(-frame.half, frame.half, 1.6)
    ]
    parts = [
        _plain("panel", panel, painted),
        _plain("posts", joined([*posts, plinth]), Material(finish="metal", colour=(0.6, 0.6, 0.61), rough=0.2)),
        _plain("head", head, Material(finish="matt plastic", colour=pigment(draw))),
        _pictured("signs", joined(signs), "matt plastic", _print_sign(draw)),
        _pictured("floor", _floor(frame, beyond), "stone", _print_tiles(draw)),
    ]
    if draw.random() < 0.5:
        strips = [_block((-frame.half, frame.front + 0.004, over - 0.03), (frame.half, frame.front + 0.04, over))]
        parts.append(_plain("lamp", joined(strips), Material(finish="paper", colour=(1.0, 1.0, 1.0))))
    return parts


def _floor(frame: Frame, beyond: float) -> Mesh:
    y, x = np.array([-3.0, frame.back]), np.array([-beyond, beyond])
    corners = np.array([[[x[i], y[j], frame.floor] for i in range(2)] for j in range(2)])
    return surface(corners, uv=np.array([[[0.0, 0.0], [1.0, 0.0]], [[0.0, 1.0], [1.0, 1.0]]]), smooth=False)


def _print_tiles(draw: np.random.Generator) -> NDArray[np.uint8]:
    """A floor of tiles, or of one piece with specks."""
    level = draw.uniform(0.35, 0.85)
    base = 255 * np.clip(level + np.array([0.03, 0.0, -0.05]) * draw.uniform(0, 1.5), 0, 1)
    canvas = np.clip(base + draw.normal(0, 5, (512, 1024, 1)), 0, 255)
    if draw.random() < 0.7:
        canvas[::64], canvas[:, ::20] = base * 0.7, base * 0.7
    return np.rint(canvas).astype(np.uint8)


def _print_sign(draw: np.random.Generator) -> NDArray[np.uint8]:
    canvas = np.empty((154, 512, 3), np.uint8)
    ground: Ink = chosen(draw, ((245, 245, 240), (30, 90, 50), (180, 25, 30), (30, 60, 120), (250, 210, 60)))
    canvas[:] = ground
    ink: Ink = (250, 250, 250) if sum(ground) < 330 else (25, 25, 30)
    nouns, _, _ = TRADES[one_of(draw, tuple(TRADES))]
    print_at(canvas, fit_line(one_of(draw, nouns), Lettering(weight=0.06, capitals=True), 430, 84), 256, 77, ink)
    return canvas


CRATE = (0.4, 0.29, 0.13)  # metres


def _crates(draw: np.random.Generator, places: Sequence[tuple[float, float, float]]) -> list[Surface]:
    """Crates of plastic: four walls of three rails each between posts, and a floor."""
    wide, deep, high = CRATE
    x, y = wide / 2, deep / 2
    pieces = [_block((-x, -y, 0.0), (x, y, 0.005))]
    for low, top in ((0.005, 0.035), (0.055, 0.08), (0.1, high)):
        pieces += [
            _block((-x, side * (y - 0.005) - 0.005, low), (x, side * (y - 0.005) + 0.005, top)) for side in (-1, 1)
        ]
        pieces += [
            _block((side * (x - 0.005) - 0.005, -y, low), (side * (x - 0.005) + 0.005, y, top)) for side in (-1, 1)
        ]
    pieces += [_block((at - 0.012, -y, 0.0), (at + 0.012, -y + 0.01, high)) for at in (-x + 0.012, 0.0, x - 0.012)]
    crate = joined(pieces)
    colour = (0.72, 0.06, 0.08) if draw.random() < 0.6 else pigment(draw)
    mesh = joined(crate.moved(place) for place in places)
    return [_plain("crates", mesh, Material(finish="matt plastic", colour=colour))]


def _doors(draw: np.random.Generator, frame: Frame, distance: float) -> list[Surface]:
    """Frames of glass doors with handles, mostly with their panes."""
    low, high = frame.floor + 0.08, frame.top + HEAD
    near, far = distance + 0.03, distance + 0.06
    width, thick = draw.uniform(0.68, 0.85), draw.uniform(0.02, 0.035)
    start = -frame.half + draw.uniform(0, width)
    edges = np.arange(start, frame.half, width)
    bars = [_block((x - thick, near, low), (x + thick, far, high)) for x in edges]
    bars += [_block((-frame.half, near, z - thick), (frame.half, far, z + thick)) for z in (low, high)]
    side = chosen(draw, (-1, 1)) * (thick + 0.02)
    middle = (low + high) / 2
    handles = [_block((x + side - 0.01, distance, middle - 0.3), (x + side + 0.01, near, middle + 0.3)) for x in edges]
    dark = draw.random() < 0.5
    coat = Material(finish="matt plastic", colour=(0.08, 0.08, 0.09)) if dark else Material(finish="metal", rough=0.15)
    doors = [
        _plain("doors", joined(bars), coat),
        _plain("handles", joined(handles), Material(finish="metal", colour=(0.8, 0.8, 0.8))),
    ]
    if draw.random() < 0.6:
        pane = _plate((-frame.half, frame.half), (low, high), far - 0.01, ALL)
        doors.append(_plain("pane", pane, Material(finish="film", colour=(0.97, 1.0, 0.98))))
    return doors


def _plain(name: str, mesh: Mesh, material: Material) -> Surface:
    return Surface(part=Part(name=name, mesh=mesh, material=material))


def _pictured(name: str, mesh: Mesh, finish: Finish, picture: NDArray[np.uint8]) -> Surface:
    return Surface(part=Part(name=name, mesh=mesh, material=Material(finish=finish, printed=True)), picture=picture)


def _block(low: tuple[float, float, float], high: tuple[float, float, float]) -> Mesh:
    """A sharp box between two corners, of eight vertices."""
    (left, near, foot), (right, far, top) = low, high
    ring = np.array([(left, near), (right, near), (right, far), (left, far)])
    return surface(
        np.stack([np.insert(ring, 2, z, axis=1) for z in (foot, top)]), around=True, capped=True, smooth=False
    )


def _plate(x: tuple[float, float], z: tuple[float, float], y: float, place: Rectangle) -> Mesh:
    """An upright rectangle that faces the viewer, printed with a part of its sheet."""
    left, bottom, right, top = place
    return surface(
        np.array([[(x[0], y, z[0]), (x[1], y, z[0])], [(x[0], y, z[1]), (x[1], y, z[1])]]),
        uv=np.array([[(left, bottom), (right, bottom)], [(left, top), (right, top)]]),
        smooth=False,
    )
