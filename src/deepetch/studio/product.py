"""What a product is made of: parts, each a surface with a material."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from deepetch.studio.mesh import Mesh

Finish = Literal[
    "paper",  # uncoated board: matt, a little rough
    "coated board",  # cartons: a soft sheen
    "matt plastic",
    "gloss plastic",
    "foil",  # printed or bare, crinkled
    "metal",  # cans, lids
    "clear glass",
    "frosted glass",
    "clear plastic",  # PET: thin, almost no refraction
    "film",  # transparent wrap with highlights
    "liquid",
    "ceramic",
    "cloth",
    "wood",
    "stone",
    "skin",
]
TRANSPARENT: tuple[Finish, ...] = ("clear glass", "frosted glass", "clear plastic", "film", "liquid")


@dataclass(frozen=True, kw_only=True)
class Material:
    """How a part looks.

    colour   red, green, blue in [0, 1], encoded sRGB; tints transparent finishes.
    printed  the product's sheet of artwork lies on it, where the mesh's uv say.
    rough    added to the finish's own roughness, in [-0.2, 0.3].
    """

    finish: Finish
    colour: tuple[float, float, float] = (0.9, 0.9, 0.9)
    printed: bool = False
    rough: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Part:
    name: str
    mesh: Mesh
    material: Material


@dataclass(frozen=True, kw_only=True)
class Product:
    """One thing for sale, standing on z = 0 around the z axis, its front to negative y.

    sheet  width and height in metres of the printed sheet that its uv refer to; None: nothing is printed.
    faces  where on the sheet single faces or labels lie, each (left, bottom, right, top) in uv: what artwork composes
           for. The first is the front.
    """

    kind: str
    parts: tuple[Part, ...]
    sheet: tuple[float, float] | None = None
    faces: tuple[tuple[float, float, float, float], ...] = ()

    @property
    def transparent(self) -> bool:
        """Whether light comes through some of it, so that its alpha is no mere outline."""
        return any(part.material.finish in TRANSPARENT for part in self.parts)
