"""Boards, cutlery and cloths."""

from __future__ import annotations

import math

import numpy as np

from deepetch.studio.mesh import Mesh, joined
from deepetch.studio.paint import mean_colour, part
from deepetch.studio.palette import draw_palette
from deepetch.studio.patterns import paint_base
from deepetch.studio.product import Material
from deepetch.studio.products.chance import chosen, crumple
from deepetch.studio.props.materials import WOODS
from deepetch.studio.props.pieces import rod
from deepetch.studio.props.prop import moved, standing
from deepetch.studio.shapes.box import box
from deepetch.studio.shapes.lathe import filleted, lathe
from deepetch.studio.shapes.sheet import surface, turned
from deepetch.studio.shapes.sweep import rounded_rectangle, sweep
from deepetch.studio.surface import Surface, pictured, plain


def cutting_board(draw: np.random.Generator) -> list[Surface]:
    """A board of wood, lying, at times with a loaf or a knife on it."""
    wide, deep, thick = draw.uniform(0.2, 0.36), draw.uniform(0.14, 0.24), draw.uniform(0.012, 0.025)
    board = box((wide, deep, thick), radius=0.004, segments=2)
    handle = box((0.1, 0.035, thick * 0.9), radius=0.004, segments=2).moved((wide / 2 + 0.03, 0, 0))
    wood = joined([board, handle]) if draw.random() < 0.5 else board
    prop = [plain("board", wood, Material(finish="wood", colour=chosen(draw, WOODS)))]
    kind = draw.random()
    if kind < 0.35:
        prop += moved(_loaf(draw), np.array([0, 0, thick]))
    elif kind < 0.7:
        prop += moved(_knife(draw), np.array([0, draw.uniform(-0.3, 0.3) * deep, thick]))
    return standing(prop)


def _loaf(draw: np.random.Generator) -> list[Surface]:
    long, high = draw.uniform(0.13, 0.2), draw.uniform(0.06, 0.09)
    share = np.linspace(0, 1, 15)
    scale = np.sqrt(np.clip(1 - np.abs(2 * share - 1) ** 2.6, 0.02, 1)) * (1 + 0.03 * np.sin(share * 40))
    path = np.stack([(share - 0.5) * long, np.zeros(15), high * 0.45 * scale], axis=1)
    mesh = sweep(path, rounded_rectangle(high * 1.2, high * 0.9, high * 0.4, arc=4), scale=scale, up=(0.0, 0.0, 1.0))
    return standing([plain("loaf", mesh, Material(finish="cloth", colour=(0.66, 0.42, 0.2)))])


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
    return standing(
        [plain("blade", blade, Material(finish="metal")), plain("grip", grip, black if draw.random() < 0.5 else wood)]
    )


def cutlery(draw: np.random.Generator) -> list[Surface]:
    """Spoons, forks and knives side by side."""
    pieces = []
    for number in range(int(draw.integers(1, 5))):
        piece = chosen(draw, (_spoon, _fork, _table_knife))(draw.uniform(0.15, 0.21))
        piece = turned(piece, (0, 0, 1), draw.normal(0, 4))
        pieces.append(piece.moved((0.0, 0.042 * number, -float(piece.low[2]))))
    colour = (0.86, 0.86, 0.87) if draw.random() < 0.8 else (0.9, 0.74, 0.46)
    return standing([plain("cutlery", joined(pieces), Material(finish="metal", colour=colour))])


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
        rod([(0.02, y, 0.005), (0.045, y, 0.002), (0.062, y, 0.006)], 0.0014)
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
    return standing([pictured("towel", joined(layers), "cloth", canvas)])
