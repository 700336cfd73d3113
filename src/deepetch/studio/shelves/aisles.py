"""Sorts of shelves, by what they sell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


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
