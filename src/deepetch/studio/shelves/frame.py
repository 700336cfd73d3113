"""Where shelves stand."""

from __future__ import annotations

from dataclasses import dataclass

BOARD = 0.02  # metres that a board is thick
ROOM_ABOVE = 0.03  # metres between goods and the board above
HEAD = 0.4  # metres from the last board to the wall above


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
