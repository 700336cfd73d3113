"""Stand-up pouches: a gusset below, sealed sides and top, some with a zip or a spout."""

from __future__ import annotations

import numpy as np

from deepetch.studio.product import Finish, Material, Part, Product
from deepetch.studio.products.chance import chosen, crumple, pigment
from deepetch.studio.products.closures import screw_cap, thread
from deepetch.studio.shapes.lathe import filleted, lathe
from deepetch.studio.shapes.sheet import Points, evened, pillow, wall_size

COLUMNS = 41
GUSSET = 4  # rows of the gusset
THIN = 0.0003  # metres: half the thickness of two sealed webs


def pouch(draw: np.random.Generator, *, zipped: bool = False, spouted: bool = False) -> Product:
    width = draw.uniform(0.08, 0.24)
    height = width * draw.uniform(1.2, 1.65)
    depth = width * draw.uniform(0.28, 0.42)
    side, seal = draw.uniform(0.004, 0.008), draw.uniform(0.008, 0.02)
    zip_at = height - seal - draw.uniform(0.015, 0.03) if zipped else None
    rows = np.concatenate([np.linspace(0, height - seal, 30), height - seal + np.linspace(0, seal, 9)[1:]])
    if zip_at is not None:
        rows = np.unique(np.concatenate([rows, zip_at + np.linspace(-0.003, 0.003, 9)]))
    half = width / 2
    across = np.sin(np.linspace(-np.pi / 2, np.pi / 2, COLUMNS)) * 0.6 + np.linspace(-1, 1, COLUMNS) * 0.4
    notch = 1 - 0.016 * np.exp(-(((rows - (height - seal * 1.3)) / 0.0012) ** 2))
    waist = 1 - draw.uniform(0.01, 0.03) * np.sin(np.pi * np.clip(rows / (height - seal), 0, 1))
    x = across[None] * half * (waist * notch)[:, None]
    z = np.broadcast_to(rows[:, None], x.shape)
    rise = np.clip(rows / (height - seal), 0, 1)[:, None]
    inside = np.clip(np.abs(x) / (half - side), 0, 1)
    # an oval where it stands, a flat lens higher up
    shape = (1 - inside**2) ** np.interp(rise, [0, 0.25, 1], [0.55, 0.8, 1.2])
    full = draw.uniform(0.9, 1.6)
    depths = depth / 2 * shape * (1 - rise**full) ** draw.uniform(0.7, 1.0)
    x, depths, _ = np.moveaxis(evened(np.stack([x, depths, z], axis=-1)), -1, 0)
    waves = crumple(draw, x, z, wave=width * 0.35, amount=draw.uniform(0.0004, 0.0014))
    waves *= np.clip(depths / 0.006, 0, 1) * np.clip(rise * 4, 0, 1)
    ridge = np.zeros_like(x)
    if zip_at is not None:
        ridge = 0.0007 * np.exp(-(((z - zip_at) / 0.0011) ** 2))
    ribs = np.where(z > height - seal + 1e-5, 0.00012, 0.0) * np.cos(z / seal * np.pi * 8)
    front = np.stack([x, -THIN - depths + waves - ridge + ribs, z], axis=-1)
    back = np.stack([x, THIN + depths + np.flip(waves, axis=1) * 0.7 + ridge + ribs, z], axis=-1)
    fold = draw.uniform(0.25, 0.4) * depth
    front, back = _with_gusset(front, fold), _with_gusset(back, fold)
    wide, tall = wall_size(front)
    below = 1 - wall_size(front[GUSSET:])[1] / tall  # share of the sheet that the gusset takes
    mesh = pillow(front, back)
    finish: Finish = chosen(draw, ("foil", "matt plastic", "gloss plastic", "paper"))
    parts = [Part(name="pouch", mesh=mesh, material=Material(finish=finish, printed=True))]
    if spouted:
        parts += _spout(draw, height)
    faces = ((0.02, below, 0.48, 1.0), (0.52, below, 0.98, 1.0))
    return Product(kind="pouch", parts=tuple(parts), sheet=(2 * wide, tall), faces=faces)


def _with_gusset(wall: Points, fold: float) -> Points:
    """The wall with what is folded in under it: from the crease inside down to the ground."""
    foot = wall[0]
    arch = np.abs(foot[:, 1]) / np.abs(foot[:, 1]).max()
    rows = []
    for share in np.linspace(1.0, 0.0, GUSSET + 1)[:-1]:
        y = np.sign(foot[:, 1]) * THIN * 0.5 + (foot[:, 1] - np.sign(foot[:, 1]) * THIN * 0.5) * (1 - share)
        rows.append(np.stack([foot[:, 0], y, share * (fold * arch**1.5 + 0.0004)], axis=1))
    return np.concatenate([np.stack(rows), wall])


def _spout(draw: np.random.Generator, height: float) -> list[Part]:
    radius = draw.uniform(0.005, 0.0085)
    line = [(0.0, -0.012, 0.0), (radius, -0.012, 0.001), (radius, 0.001, 0.0), (radius * 1.9, 0.0015, 0.0004)]
    line += [(radius * 1.9, 0.003, 0.0004), (radius, 0.0035, 0.0), (radius, 0.012, 0.0005), (0.0, 0.012, 0.0)]
    white = Material(finish="matt plastic", colour=(0.93, 0.93, 0.92))
    cap = screw_cap(radius * 1.55, draw.uniform(0.012, 0.018), ribs=24, band=0.002)
    return [
        Part(name="spout", mesh=lathe(filleted(line), steps=32).moved((0, 0, height)), material=white),
        Part(name="thread", mesh=thread(radius, 0.006, thick=0.0007).moved((0, 0, height + 0.0045)), material=white),
        Part(
            name="cap",
            mesh=cap.moved((0, 0, height + 0.004)),
            material=Material(finish="gloss plastic", colour=pigment(draw)),
        ),
    ]
