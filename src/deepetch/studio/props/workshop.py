"""Tools, tape and cables."""

from __future__ import annotations

import math

import numpy as np

from deepetch.studio.product import Material
from deepetch.studio.products.chance import chosen, pigment
from deepetch.studio.props.materials import WOODS, bright
from deepetch.studio.props.pieces import turning
from deepetch.studio.props.prop import standing
from deepetch.studio.shapes.lathe import Corner, filleted, lathe
from deepetch.studio.shapes.sheet import turned
from deepetch.studio.shapes.sweep import circle, rounded_rectangle, smooth_path, sweep
from deepetch.studio.surface import Surface, plain


def cable(draw: np.random.Generator) -> list[Surface]:
    """A cable or a rope that lies in loops."""
    rope = draw.random() < 0.4
    thick = draw.uniform(0.004, 0.008) if rope else draw.uniform(0.0018, 0.003)
    turns, radius = draw.uniform(1.3, 3.5), draw.uniform(0.035, 0.08)
    angle = np.arange(0, turns * math.tau, 0.45)
    away = radius * (1 + 0.12 * np.sin(angle * 0.37 + draw.uniform(0, 6))) + thick * 1.1 * angle / math.tau
    rise = thick * (1 + 1.9 * np.clip(np.sin(angle * 0.73) ** 8, 0, 1))
    tail = np.array([[1.5, 0.6], [2.2, 0.4], [2.8, 1.0]]) * radius
    loop = np.stack([away * np.cos(angle - angle[-1]), away * np.sin(angle - angle[-1]), rise], axis=1)
    path = smooth_path(np.concatenate([loop, np.insert(tail, 2, thick, axis=1)]), steps=3)
    section = circle(thick, 10)
    scale = 1 + 0.09 * np.sin(np.arange(len(path)) * 2.1) if rope else np.ones(len(path))
    material = (
        Material(finish="cloth", colour=(0.75, 0.62, 0.42))
        if rope
        else Material(finish="matt plastic", colour=pigment(draw))
    )
    return standing([plain("cable", sweep(path, section, scale=scale, up=(0.0, 0.0, 1.0)), material)])


def tape(draw: np.random.Generator) -> list[Surface]:
    """A roll of tape, lying."""
    radius, wide = draw.uniform(0.03, 0.055), draw.uniform(0.015, 0.05)
    core = radius * draw.uniform(0.5, 0.75)
    line = np.array([[core, 0.0], [radius, 0.0], [radius, wide], [core, wide]])
    ring = lathe(line, steps=48, loop=True)
    colour = chosen(draw, ((0.75, 0.6, 0.4), (0.85, 0.8, 0.65), (0.2, 0.2, 0.22), (0.7, 0.7, 0.72)))
    return standing([plain("tape", ring, Material(finish="matt plastic", colour=colour))])


def screwdriver(draw: np.random.Generator) -> list[Surface]:
    """One that lies, with a fluted grip."""
    long = draw.uniform(0.08, 0.11)
    line: list[Corner] = [
        (0.0, 0.0, 0.0),
        (0.012, 0.0, 0.005),
        (0.016, long * 0.3, 0.02),
        (0.013, long * 0.85, 0.01),
        (0.009, long, 0.003),
        (0.0, long, 0.0),
    ]
    profile = filleted(line)
    grip = lathe(profile, steps=48, flutes=6, depth=0.12 * profile[:, 0])
    shaft = turning(
        [(0.0, long - 0.002, 0.0), (0.003, long - 0.002, 0.0), (0.003, long * 2.1, 0.0), (0.0, long * 2.12, 0.0)], 12
    )
    meshes = [turned(turned(mesh, (0, 1, 0), 90), (1, 0, 0), 30) for mesh in (grip, shaft)]
    return standing(
        [
            plain("grip", meshes[0], Material(finish="gloss plastic", colour=bright(draw))),
            plain("shaft", meshes[1], Material(finish="metal", colour=(0.7, 0.7, 0.72))),
        ]
    )


def hammer(draw: np.random.Generator) -> list[Surface]:
    """One that lies along x."""
    long = draw.uniform(0.22, 0.3)
    share = np.linspace(0, 1, 10)
    path = np.stack([share * long, np.zeros(10), np.full(10, 0.013)], axis=1)
    scale = np.interp(share, [0, 0.08, 0.3, 0.75, 1.0], [0.9, 1.1, 1.0, 0.75, 0.85])
    handle = sweep(path, rounded_rectangle(0.026, 0.02, 0.009, arc=3), scale=scale, up=(0.0, 0.0, 1.0))
    head = turned(
        turning(
            [
                (0.0, -0.05, 0.0),
                (0.009, -0.05, 0.0),
                (0.013, -0.02, 0.0),
                (0.013, 0.02, 0.0),
                (0.01, 0.026, 0.0),
                (0.015, 0.034, 0.0),
                (0.015, 0.05, 0.002),
                (0.0, 0.05, 0.0),
            ],
            20,
        ),
        (1, 0, 0),
        90,
    )
    return standing(
        [
            plain("handle", handle, Material(finish="wood", colour=chosen(draw, WOODS))),
            plain(
                "head",
                head.moved((long - 0.012, 0, 0.013)),
                Material(finish="metal", colour=(0.45, 0.45, 0.47), rough=0.15),
            ),
        ]
    )
