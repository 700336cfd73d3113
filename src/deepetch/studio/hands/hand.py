"""A hand that holds a product, with its forearm.

All of it is worked out for a right hand that comes from the right; mirroring the product before and the hand after
makes the others.
"""

from __future__ import annotations

import numpy as np

from deepetch.studio.hands.body import felt
from deepetch.studio.hands.fitting import held
from deepetch.studio.hands.flesh import laid_flesh
from deepetch.studio.hands.worn import sleeve, watch_band
from deepetch.studio.mesh import Mesh
from deepetch.studio.product import Material, Part, Product
from deepetch.studio.products.chance import Colour
from deepetch.studio.shapes.sheet import Points

_SKINS = np.array(
    [
        (0.92, 0.77, 0.68),
        (0.87, 0.69, 0.58),
        (0.8, 0.6, 0.48),
        (0.68, 0.48, 0.36),
        (0.52, 0.35, 0.25),
        (0.34, 0.22, 0.16),
    ]
)


def hand_parts(draw: np.random.Generator, product: Product) -> tuple[Part, ...]:
    """A hand that holds a product: skin, nails, and by chance a sleeve or a watch band.

    product  of at least one part, 3 to 30 cm in size; larger ones are held where a hand can.
    Returns  parts in the product's own coordinates, the first the skin, named "left hand" or "right hand". Their uv
             are zeros. The hand comes from left or right, mostly from below, and seldom from above; the thumb lies in
             front, seldom behind.
    """
    from_left, thumb_behind = bool(draw.random() < 0.62), bool(draw.random() < 0.1)
    mirror = np.array([-1.0 if from_left else 1.0, -1.0 if thumb_behind else 1.0, 1.0])
    body = felt([part.mesh for part in product.parts], mirror)
    grip, pose = held(draw, body)
    name = "left hand" if mirror.prod() < 0 else "right hand"
    shade = float(draw.uniform(0, len(_SKINS) - 1))
    tone = [np.interp(shade, np.arange(len(_SKINS)), channel) for channel in _SKINS.T] + draw.normal(0, 0.012, 3)
    skin = _as_colour(tone)
    nail = _as_colour(0.8 * np.array(skin) + 0.2 * np.array([0.95, 0.74, 0.7]))
    flesh, nails = laid_flesh(draw, pose, grip.size, body)
    parts = [
        Part(
            name=name, mesh=flesh, material=Material(finish="skin", colour=skin, rough=float(draw.uniform(-0.08, 0.1)))
        ),
        Part(name="nails", mesh=nails, material=Material(finish="skin", colour=nail, rough=-0.18)),
    ]
    dressed = draw.random()
    if dressed < 0.45:
        parts.append(sleeve(draw, pose, grip.size))
    elif dressed < 0.6:
        parts.append(watch_band(draw, pose, grip.size))
    return tuple(Part(name=p.name, mesh=_mirrored(p.mesh, mirror), material=p.material) for p in parts)


def _mirrored(mesh: Mesh, mirror: Points) -> Mesh:
    """The surface with its x, y and z multiplied, its outside still outside."""
    faces = mesh.faces
    if mirror.prod() < 0:
        three = faces[:, 3:] < 0
        faces = np.where(three, faces[:, [0, 2, 1, 3]], faces[:, ::-1]).astype(np.int32)
    return Mesh(
        vertices=(mesh.vertices * mirror).astype(np.float32), faces=faces, uv=np.zeros_like(mesh.uv), smooth=mesh.smooth
    )


def _as_colour(values: Points) -> Colour:
    red, green, blue = np.clip(values, 0.02, 0.98)
    return float(red), float(green), float(blue)
