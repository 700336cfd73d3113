"""Bottles with a pump or a trigger on top."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from deepetch.studio.product import Finish, Material, Part, Product
from deepetch.studio.products.chance import chosen, metal_tint, pigment
from deepetch.studio.products.cosmetics_bottle import Shape, opaque_body
from deepetch.studio.shapes.lathe import filleted, lathe
from deepetch.studio.shapes.sheet import turned
from deepetch.studio.shapes.sweep import circle, rounded_rectangle, smooth_path, sweep

Head = Callable[[np.random.Generator, float, Material], list[Part]]  # what stands on a neck of a radius


def dispenser_bottle(draw: np.random.Generator) -> Product:
    return _headed(draw, chosen(draw, ("round", "squared")), _dispenser)


def trigger_bottle(draw: np.random.Generator) -> Product:
    return _headed(draw, chosen(draw, ("round", "oval")), _trigger)


def _headed(draw: np.random.Generator, shape: Shape, head: Head) -> Product:
    parts, sheet, faces, top, neck = opaque_body(draw, shape)
    finish: Finish = chosen(draw, ("matt plastic", "gloss plastic", "metal"))
    material = Material(finish=finish, colour=metal_tint(draw) if finish == "metal" else pigment(draw))
    turn = chosen(draw, (0.0, 180.0)) + draw.uniform(-40, 40)
    for part in head(draw, neck, material):
        mesh = turned(part.mesh, (0, 0, 1), turn).moved((0, 0, top + 0.0004))
        parts.append(Part(name=part.name, mesh=mesh, material=part.material))
    return Product(kind="pump", parts=tuple(parts), sheet=sheet, faces=faces)


def _collar(draw: np.random.Generator, neck: float, high: float) -> Part:
    wide = neck * 1.16
    ribs = chosen(draw, (0, 36))
    corners = [
        (0.0, 0.0, 0.0),
        (wide, 0.0, 0.0004),
        (wide, high * 0.75, 0.001),
        (wide * 0.75, high, 0.002),
        (0.0, high, 0.0),
    ]
    profile = filleted(corners)
    depth = np.where((profile[:, 1] > 0.0005) & (profile[:, 1] < high * 0.7), 0.0005, 0.0)
    mesh = lathe(profile, steps=4 * ribs or 56, flutes=ribs, depth=depth)
    return Part(name="collar", mesh=mesh, material=Material(finish="gloss plastic", colour=pigment(draw)))


def _dispenser(draw: np.random.Generator, neck: float, material: Material) -> list[Part]:
    """A collar, a stem, a head to press, and a spout that comes out of it and bends down."""
    high = draw.uniform(0.013, 0.02)
    stem, lift = draw.uniform(0.0032, 0.0045), draw.uniform(0.008, 0.02)
    wide, thick = draw.uniform(0.008, 0.013), draw.uniform(0.008, 0.014)
    rod = lathe(
        filleted([(0, 0.002, 0), (stem, 0.002, 0), (stem, high + lift + 0.003, 0), (0, high + lift + 0.003, 0)]),
        steps=24,
    )
    low = high + lift
    knob = lathe(
        filleted(
            [
                (0, low, 0),
                (wide * 0.9, low, 0.001),
                (wide, low + thick, 0.002),
                (wide * 0.5, low + thick - 0.0007, 0.01),
                (0, low + thick - 0.001, 0),
            ]
        ),
        steps=40,
    )
    reach, drop = neck + draw.uniform(0.012, 0.028), draw.uniform(0.0, 0.008)
    middle = low + thick * 0.6
    path = smooth_path(
        np.array(
            [
                (0.0, 0.0, middle),
                (reach * 0.6, 0.0, middle),
                (reach * 0.9, 0.0, middle - drop * 0.3),
                (reach, 0.0, middle - drop - 0.001),
            ]
        )
    )
    spout = sweep(path, circle(min(0.0042, thick * 0.36), 14), scale=np.linspace(1.0, 0.68, len(path)))
    parts = [_collar(draw, neck, high), Part(name="stem", mesh=rod, material=material)]
    return [*parts, Part(name="head", mesh=knob, material=material), Part(name="spout", mesh=spout, material=material)]


def _trigger(draw: np.random.Generator, neck: float, material: Material) -> list[Part]:
    """A collar, a throat, a long housing with a nozzle in front of it, and the lever below."""
    high, throat = draw.uniform(0.016, 0.022), draw.uniform(0.014, 0.026)
    long, thick = draw.uniform(0.05, 0.075), draw.uniform(0.019, 0.026)
    neckline = np.array(
        [(0.0, 0.0, high - 0.004), (0.001, 0.0, high + throat * 0.5), (0.004, 0.0, high + throat + 0.004)]
    )
    tube = sweep(smooth_path(neckline), rounded_rectangle(0.022, 0.016, 0.005), scale=min(1.0, neck / 0.011))
    above = high + throat + thick / 2
    back = np.linspace(-0.35, 0.65, 15) * long
    share = np.linspace(0, 1, 15)
    line = np.stack([back, np.zeros(15), above - 0.006 * (share - 0.5) ** 2 * 4 * 0.6], axis=1)
    shape = 0.55 + 0.45 * np.sin(np.pi * np.clip(share * 0.75 + 0.2, 0, 1)) ** 0.7
    shell = sweep(line, rounded_rectangle(0.019, thick, 0.007, arc=5), scale=shape, up=(0.0, 0.0, 1.0))
    nozzle = lathe(
        filleted(
            [
                (0, 0, 0),
                (0.0085, 0, 0.001),
                (0.0085, 0.011, 0.0012),
                (0.003, 0.011, 0.0005),
                (0.003, 0.009, 0),
                (0, 0.009, 0),
            ]
        ),
        steps=40,
        square=0.5,
    )
    nozzle = turned(nozzle, (0, 1, 0), 90).moved((0.65 * long - 0.0008, 0, above - 0.003))
    reach = 0.45 * long
    swing = draw.uniform(-0.006, 0.006)
    lever_line = np.array([
        (reach, 0.0, above - thick * 0.2), (reach + 0.003, 0.0, above - thick * 0.7),
        (reach - 0.004 + swing * 0.4, 0.0, above - thick * 0.7 - 0.018),
        (reach + 0.006 + swing, 0.0, above - thick * 0.7 - 0.042),
    ])  # fmt: skip
    lever = sweep(smooth_path(lever_line), rounded_rectangle(0.004, 0.014, 0.0018))
    accent = Material(finish="gloss plastic", colour=pigment(draw))
    return [
        _collar(draw, neck, high),
        Part(name="throat", mesh=tube, material=material),
        Part(name="housing", mesh=shell, material=material),
        Part(name="nozzle", mesh=nozzle, material=accent),
        Part(name="trigger", mesh=lever, material=accent if draw.uniform() < 0.5 else material),
    ]
