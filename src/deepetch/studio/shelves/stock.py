"""What stands on the boards, and where."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from deepetch.studio.products.chance import chosen
from deepetch.studio.products.labels import AROUND
from deepetch.studio.shelves.crates import CRATE
from deepetch.studio.shelves.frame import BOARD, HEAD, ROOM_ABOVE, Frame
from deepetch.studio.shelves.ware import Ware, vertex_count

_AFFORDABLE = 210_000  # vertices of goods


@dataclass(frozen=True, kw_only=True)
class Copy:
    """Where one of a ware's copies stands, turned by so many degrees."""

    place: tuple[float, float, float]
    turn: float


@dataclass(frozen=True, kw_only=True)
class Stock:
    """Copies of each ware, in their order, and the places of crates."""

    wares: list[list[Copy]]
    crates: list[tuple[float, float, float]]


def stocked(
    draw: np.random.Generator,
    wares: Sequence[Ware],
    levels: Sequence[float],
    frame: Frame,
    height: float,
    *,
    crates: bool,
) -> tuple[Stock, list[tuple[float, float]]]:
    """Fill every board with groups of one ware each; also where each group's tag goes, as x and the board's z.

    levels  heights of the boards, from the lowest up.
    height  of what the camera aims at: near it, goods stand in rows, and in crates if there are any.
    """
    stock = Stock(wares=[[] for _ in wares], crates=[])
    groups = []
    plainest = min(range(len(wares)), key=lambda number: vertex_count(wares[number]))
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
    spent = np.cumsum([vertex_count(wares[number]) for _, number in copies])
    kept: list[list[Copy]] = [[] for _ in wares]
    for copy, number in copies[: int(np.searchsorted(spent, _AFFORDABLE, side="right"))]:
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
