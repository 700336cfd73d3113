"""Things with a hole: bangles, rolls of tape, key rings, padlocks."""

from __future__ import annotations

import math

import numpy as np

from deepetch.studio.mesh import Mesh
from deepetch.studio.product import Material, Part, Product
from deepetch.studio.products.chance import chosen, metal_tint, pigment
from deepetch.studio.shapes.box import box, unfolded
from deepetch.studio.shapes.lathe import lathe
from deepetch.studio.shapes.sheet import holed_plate, turned
from deepetch.studio.shapes.sweep import circle, rounded_rectangle, sweep


def bangle(draw: np.random.Generator) -> Product:
    """A smooth ring, round or oval, upright or lying."""
    inner = draw.uniform(0.027, 0.034) if draw.uniform() < 0.7 else draw.uniform(0.0085, 0.011)
    thick, wide = inner * draw.uniform(0.05, 0.16), inner * draw.uniform(0.08, 0.5)
    section = rounded_rectangle(thick, wide, thick * draw.uniform(0.2, 0.5), arc=5, cuts=2)
    flutes = int(chosen(draw, (0, 0, 24, 60)))
    mesh = lathe(section + np.array([inner + thick / 2, 0.0]), steps=120, flutes=flutes, depth=thick * 0.2, loop=True)
    return _placed(draw, (("bangle", mesh, _hard(draw)),))


def tape(draw: np.random.Generator) -> Product:
    """A roll of tape on its core."""
    core, wall = draw.uniform(0.0125, 0.038), draw.uniform(0.0015, 0.003)
    wound, wide = draw.uniform(0.006, 0.025), draw.uniform(0.012, 0.05)
    roll = rounded_rectangle(wound, wide, 0.0003, arc=2) + np.array([core + wall + wound / 2, 0.0])
    tube = rounded_rectangle(wall + 0.0002, wide + 0.0006, 0.0003, arc=2) + np.array([core + wall / 2 + 0.0001, 0.0])
    colour = pigment(draw)
    board = Material(finish="paper", colour=chosen(draw, ((0.78, 0.67, 0.52), (0.9, 0.9, 0.88))))
    finish = Material(finish=chosen(draw, ("gloss plastic", "matt plastic", "cloth")), colour=colour)
    pieces = (("tape", lathe(roll, steps=96, loop=True), finish), ("core", lathe(tube, steps=96, loop=True), board))
    return _placed(draw, pieces)


def key_ring(draw: np.random.Generator) -> Product:
    """Two turns of wire and a printed tag that hangs in them."""
    radius, wire = draw.uniform(0.011, 0.017), draw.uniform(0.0008, 0.0012)
    angle = np.linspace(0, 2 * math.tau, 97)
    turns = np.stack([radius * np.sin(angle), np.linspace(-wire, wire, 97), -radius * np.cos(angle)], axis=1)
    loop = sweep(turns, circle(wire, 8), up=(0.0, 1.0, 0.0))
    width, height = draw.uniform(0.025, 0.045), draw.uniform(0.04, 0.07)
    thick = draw.uniform(0.002, 0.005)
    outline = rounded_rectangle(width, height, draw.uniform(0.002, 0.5 * width), arc=8, cuts=4) + np.array(
        [0.0, height / 2]
    )
    hole = (0.0, height - 0.0065, 0.0035, 0.0035)
    tag = holed_plate(outline, hole=hole, thickness=thick)
    loop = turned(loop, (0, 0, 1), draw.uniform(25, 60)).moved((0, 0, height - 0.0035 + radius - wire - 0.0006))
    parts = (
        Part(name="ring", mesh=loop, material=Material(finish="metal", colour=(0.85, 0.85, 0.86))),
        Part(
            name="tag",
            mesh=tag,
            material=Material(finish=chosen(draw, ("gloss plastic", "matt plastic", "metal")), printed=True),
        ),
    )
    return Product(kind="ring", parts=parts, sheet=(width, height), faces=((0.0, 0.0, 1.0, 1 - 0.012 / height),))


def padlock(draw: np.random.Generator) -> Product:
    """A block with a shackle."""
    width = draw.uniform(0.025, 0.06)
    size = (width, width * draw.uniform(0.3, 0.5), width * draw.uniform(0.75, 1.05))
    block = box(size, radius=width * draw.uniform(0.03, 0.07), segments=4)
    thick = width * draw.uniform(0.055, 0.085)
    reach, rise = width * draw.uniform(0.27, 0.34), width * draw.uniform(0.2, 0.8)
    angle = np.linspace(0, math.pi, 17)
    bow = np.stack([reach * np.cos(angle), np.zeros(17), rise + reach * np.sin(angle)], axis=1)
    legs = np.array([[reach, 0.0, -0.004], [reach, 0.0, rise * 0.5]])
    path = np.concatenate([legs, bow, legs[::-1] * (-1, 1, 1)]) + np.array([0, 0, size[2]])
    shackle = sweep(path, circle(thick, 14), up=(0.0, 1.0, 0.0))
    sheet, walls = unfolded(size)
    parts = (
        Part(
            name="block", mesh=block, material=Material(finish=chosen(draw, ("metal", "gloss plastic")), printed=True)
        ),
        Part(name="shackle", mesh=shackle, material=Material(finish="metal", colour=(0.86, 0.86, 0.87))),
    )
    return Product(kind="ring", parts=parts, sheet=sheet, faces=tuple(walls.values()))


def _hard(draw: np.random.Generator) -> Material:
    if draw.uniform() < 0.6:
        return Material(finish="metal", colour=metal_tint(draw))
    return Material(finish=chosen(draw, ("gloss plastic", "ceramic", "matt plastic")), colour=pigment(draw))


def _placed(draw: np.random.Generator, pieces: tuple[tuple[str, Mesh, Material], ...]) -> Product:
    """Rings about the z axis, stood upright or laid on the ground together."""
    upright = draw.uniform() < 0.65
    meshes = [turned(mesh, (1, 0, 0), 90) if upright else mesh for _, mesh, _ in pieces]
    low = min(float(mesh.low[2]) for mesh in meshes)
    parts = tuple(
        Part(name=name, mesh=mesh.moved((0, 0, -low)), material=material)
        for mesh, (name, _, material) in zip(meshes, pieces, strict=True)
    )
    return Product(kind="ring", parts=parts)
