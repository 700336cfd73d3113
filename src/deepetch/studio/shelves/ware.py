"""What is for sale: of few vertices, as each stands there a hundred times."""

from __future__ import annotations

from dataclasses import dataclass

from deepetch.studio.product import Part
from deepetch.studio.shapes.sheet import Rectangle


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


def vertex_count(ware: Ware) -> int:
    """Of all its parts."""
    return sum(len(part.mesh.vertices) for part in (ware.print, *ware.rest))
