"""Sachets and flow packs: two webs sealed at the ends, which are ribbed and often cut in a zigzag."""

from __future__ import annotations

from typing import Literal

import numpy as np

from deepetch.studio.product import Finish, Material, Part, Product
from deepetch.studio.products.chance import chosen, crumple
from deepetch.studio.shapes.sheet import evened, pillow, wall_size

THIN = 0.0002  # metres: half the thickness of two sealed webs


Form = Literal["sachet", "stick", "crisps", "bar"]


def sachet(draw: np.random.Generator, form: Form) -> Product:
    if form == "sachet":
        width, height = draw.uniform(0.05, 0.12), draw.uniform(0.07, 0.15)
        full, side = draw.uniform(0.05, 0.12), draw.uniform(0.005, 0.01)
    elif form == "stick":
        width, height = draw.uniform(0.016, 0.026), draw.uniform(0.08, 0.16)
        full, side = draw.uniform(0.25, 0.42), 0.0008
    elif form == "crisps":
        width, height = draw.uniform(0.11, 0.2), draw.uniform(0.15, 0.28)
        full, side = draw.uniform(0.22, 0.36), 0.0008
    else:
        width, height = draw.uniform(0.1, 0.17), draw.uniform(0.035, 0.055)
        full, side = draw.uniform(0.12, 0.2), 0.0008
    wide = form == "bar"  # its seals are left and right
    across, along = (height, width) if wide else (width, height)
    seal = draw.uniform(0.006, 0.013)
    tooth = draw.uniform(0.0012, 0.0025) if draw.uniform() < 0.7 else 0.0
    columns = 2 * max(8, round(across / 0.0052)) + 1
    inner = np.linspace(seal, along - seal, 26)
    rows = np.concatenate([np.linspace(0, seal, 11)[:-1], inner, along - seal + np.linspace(0, seal, 11)[1:]])
    s, t = np.meshgrid(np.linspace(-1, 1, columns), rows)
    open_ = np.clip((t - seal) / (along - 2 * seal), 0, 1)
    length = min(1.0, 2.2 * across / along)  # of the part near a seal in which it swells
    swell = np.clip(np.minimum(open_, 1 - open_) / (0.5 * length), 0, 1)
    swell = np.sin(swell * np.pi / 2) ** draw.uniform(0.5, 0.8)
    inside = np.clip(np.abs(s) / (1 - 2 * side / across), 0, 1)
    depths = full * across / 2 * swell * np.sqrt(np.clip(1 - inside**2.4, 0, 1))
    # a web keeps its width: where it swells it is drawn in from the sides
    x = s * across / 2 * _narrowing(s * across / 2, depths)[:, None]
    x, depths, _ = np.moveaxis(evened(np.stack([x, depths, t], axis=-1)), -1, 0)
    ragged = np.where(np.arange(columns) % 2, tooth, 0.0)
    z = t + ragged * (np.clip(1 - t / seal, 0, 1) - np.clip(1 - (along - t) / seal, 0, 1))
    ribs = np.where((t < seal) | (t > along - seal), 0.00018, 0.0) * np.cos(np.arange(len(rows)) * np.pi)[:, None]
    folds = _folds(draw, s, swell, across)
    loose = np.clip(depths / 0.004, 0, 1)
    waves = crumple(draw, x, t, wave=across * 0.4, amount=draw.uniform(0.0002, 0.0009)) + folds
    front = np.stack([x, ribs - THIN - depths + waves * loose, z], axis=-1)
    hind = crumple(draw, x, t, wave=across * 0.4, amount=0.0005) - folds
    back = np.stack([x, ribs + THIN + depths + hind * loose, z], axis=-1)
    size = wall_size(front)
    if wide:
        # what was up now points right: a mirrored grid, read the other way
        front, back = (wall.transpose(1, 0, 2)[..., [2, 1, 0]] for wall in (front, back))
        size = size[::-1]
    low = min(front[..., 2].min(), back[..., 2].min())
    middle = (front[..., 0].min() + front[..., 0].max()) / 2
    front, back = front - (middle, 0, low), back - (middle, 0, low)
    finish: Finish = chosen(draw, ("foil", "foil", "gloss plastic", "matt plastic", "paper"))
    part = Part(name=form, mesh=pillow(front, back), material=Material(finish=finish, printed=True))
    edge = seal / along
    face = (edge / 2, 0.0, 0.5 - edge / 2, 1.0) if wide else (0.0, edge, 0.5, 1 - edge)
    behind = (face[0] + 0.5, face[1], face[2] + 0.5, face[3])
    return Product(kind="sachet", parts=(part,), sheet=(2 * size[0], size[1]), faces=(face, behind))


def _narrowing(x: np.ndarray, depths: np.ndarray) -> np.ndarray:
    """Factors of x, a row each, that make the way along (x, depth) as long as the flat row; by halving an interval."""
    low, high = np.full(len(x), 0.2), np.ones(len(x))
    for _ in range(20):
        middle = (low + high) / 2
        way = np.hypot(np.diff(x * middle[:, None], axis=1), np.diff(depths, axis=1)).sum(axis=1)
        longer = way > np.ptp(x, axis=1)
        low, high = np.where(longer, low, middle), np.where(longer, middle, high)
    return np.asarray((low + high) / 2)


def _folds(draw: np.random.Generator, s: np.ndarray, swell: np.ndarray, across: float) -> np.ndarray:
    """Creases that fan out from the seals."""
    height = np.zeros_like(s)
    for _ in range(int(draw.integers(3, 8))):
        at, width = draw.uniform(-0.8, 0.8), draw.uniform(0.03, 0.08)
        height += draw.uniform(-0.006, 0.01) * across * np.exp(-(((s - at) / width) ** 2)) * np.exp(-4 * swell)
    return height
