"""Glass bottles: wine, beer, spirits, sauce and oil, each full and closed as such bottles are."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from deepetch.studio.product import Finish, Material, Part, Product
from deepetch.studio.products.chance import chosen, drink_tint, glass_tint, metal_tint, pigment
from deepetch.studio.products.closures import capsule, cork, crown, screw_cap, stopper, thread
from deepetch.studio.products.labels import label
from deepetch.studio.products.vessels import filling, hollow
from deepetch.studio.shapes.lathe import Corner, filleted, radius_at
from deepetch.studio.shapes.sheet import Points


@dataclass(frozen=True, kw_only=True)
class Form:
    """Limits of one form, metres; body and neck: the shares of its height where the one ends and the other begins."""

    radius: tuple[float, float]
    height: tuple[float, float]
    body: tuple[float, float]
    neck: tuple[float, float]
    throat: tuple[float, float]
    wall: float
    closures: tuple[str, ...]
    square: bool = False  # or flat, but not round
    frosted: float = 0.0  # share of frosted glass


FORMS = {
    "straight-shouldered wine bottle": Form(
        radius=(0.036, 0.041),
        height=(0.28, 0.32),
        body=(0.58, 0.66),
        neck=(0.7, 0.76),
        throat=(0.0135, 0.0148),
        wall=0.003,
        closures=("capsule", "capsule", "cork", "screw"),
        frosted=0.15,
    ),
    "sloping wine bottle": Form(
        radius=(0.036, 0.044),
        height=(0.29, 0.33),
        body=(0.4, 0.5),
        neck=(0.76, 0.84),
        throat=(0.0135, 0.0148),
        wall=0.0032,
        closures=("capsule", "cork"),
    ),
    "beer bottle": Form(
        radius=(0.029, 0.034),
        height=(0.19, 0.26),
        body=(0.48, 0.62),
        neck=(0.72, 0.8),
        throat=(0.0125, 0.0135),
        wall=0.0026,
        closures=("crown",),
    ),
    "spirits bottle": Form(
        radius=(0.035, 0.048),
        height=(0.18, 0.28),
        body=(0.6, 0.72),
        neck=(0.7, 0.78),
        throat=(0.0135, 0.017),
        wall=0.004,
        closures=("stopper", "screw", "cork"),
        square=True,
    ),
    "sauce bottle": Form(
        radius=(0.022, 0.034),
        height=(0.14, 0.26),
        body=(0.5, 0.68),
        neck=(0.74, 0.84),
        throat=(0.011, 0.0145),
        wall=0.0026,
        closures=("screw", "cork", "crown"),
        frosted=0.15,
    ),
    "phial": Form(
        radius=(0.018, 0.026),
        height=(0.07, 0.11),
        body=(0.62, 0.7),
        neck=(0.74, 0.78),
        throat=(0.008, 0.0105),
        wall=0.002,
        closures=("screw",),
        frosted=0.15,
    ),
}


def glass_bottle(draw: np.random.Generator, form: Form) -> Product:
    radius, height, throat = draw.uniform(*form.radius), draw.uniform(*form.height), draw.uniform(*form.throat)
    body, neck = height * draw.uniform(*form.body), height * draw.uniform(*form.neck)
    wall, punt = form.wall, draw.uniform(0.002, 0.004) if draw.uniform() < 0.5 else draw.uniform(0.008, 0.025)
    punt = min(punt, radius * 0.6)
    shoulder = draw.uniform(0.3, 1.2) * (neck - body)
    heel = draw.uniform(0.003, 0.008)
    lip = throat + draw.uniform(0.0008, 0.002)
    outer: list[Corner] = [(0.0, punt, 0.0), (radius * 0.3, punt * 0.9, radius * 0.2), (radius * 0.72, 0.0015, 0.004)]
    outer += [(radius * 0.8, 0.0, 0.002), (radius, 0.0, heel), (radius, body, shoulder + 0.004)]
    outer += [(throat + 0.001, neck, shoulder), (throat, height - 0.012, 0.001), (lip, height - 0.0105, 0.001)]
    outer += [(lip, height - 0.001, 0.001), (lip - 0.001, height, 0.0008), (throat - wall + 0.0002, height, 0.001)]
    floor = punt + wall * 1.5
    inner: list[Corner] = [(0.0, floor, 0.0), (radius * 0.3, punt * 0.9 + wall * 1.4, radius * 0.2)]
    inner += [(radius * 0.72, wall * 1.6, 0.003), (radius - wall, wall * 1.6, heel), (radius - wall, body, shoulder)]
    inner += [(throat - wall, neck, shoulder), (throat - wall, height - 0.001, 0.0)]
    square = draw.uniform(0.3, 0.75) if form.square and draw.uniform() < 0.6 else 0.0
    flat = draw.uniform(0.55, 0.8) if form.square and square == 0.0 else 1.0
    profile = filleted(outer)
    tint = glass_tint(draw)
    glass: Finish = "frosted glass" if draw.uniform() < form.frosted else "clear glass"
    fade = (body - 0.1 * shoulder, neck)
    mesh = hollow(outer, inner, square=square, flat=flat, fade=fade)
    parts = [Part(name="glass", mesh=mesh, material=Material(finish=glass, colour=tint))]
    level = height * draw.uniform(0.8, 0.92)
    contents = filling(inner, level, square=square, flat=flat, fade=fade)
    parts.append(Part(name="drink", mesh=contents, material=Material(finish="liquid", colour=drink_tint(draw))))
    closure = chosen(draw, form.closures)
    parts += _closed(draw, closure, profile, lip, throat, wall, height)
    low, high = heel + draw.uniform(0.006, 0.2) * body, body - 0.002 - min(shoulder * 0.45, 0.3 * body)
    low = min(low, high - 0.03) if high > 0.045 else heel + 0.003
    span = math.tau if square or draw.uniform() < 0.35 else draw.uniform(1.6, 3.0)
    mesh, sheet, faces = label(
        profile, low, low + (high - low) * draw.uniform(0.6, 1.0), span=span, square=square, flat=flat
    )
    parts.append(
        Part(
            name="label",
            mesh=mesh,
            material=Material(finish=chosen(draw, ("paper", "coated board", "foil")), printed=True),
        )
    )
    return Product(kind="bottle", parts=tuple(parts), sheet=sheet, faces=faces)


def _closed(
    draw: np.random.Generator, closure: str, profile: Points, lip: float, throat: float, wall: float, height: float
) -> list[Part]:
    if closure == "crown":
        metal = Material(finish="metal", colour=metal_tint(draw))
        return [Part(name="crown cork", mesh=crown(lip).moved((0, 0, height - 0.0055)), material=metal)]
    if closure == "cork":
        mesh = cork(throat - wall * 0.98, 0.03).moved((0, 0, height - draw.uniform(0.012, 0.027)))
        return [Part(name="cork", mesh=mesh, material=Material(finish="paper", colour=(0.78, 0.62, 0.44)))]
    if closure == "stopper":
        wood = Material(finish=chosen(draw, ("matt plastic", "paper", "metal")), colour=pigment(draw))
        mesh = stopper(lip, draw.uniform(0.01, 0.025)).moved((0, 0, height + 0.0002))
        return [Part(name="stopper", mesh=mesh, material=wood)]
    if closure == "capsule":
        foil = Material(finish="foil", colour=chosen(draw, (metal_tint, pigment))(draw), rough=0.1)
        below = draw.uniform(0.03, 0.06)
        neck = float(radius_at(profile, height - below)) + 0.0004
        return [
            Part(name="capsule", mesh=capsule(lip + 0.0004, neck, 0.0006, below).moved((0, 0, height)), material=foil)
        ]
    cap = screw_cap(lip + 0.0012, draw.uniform(0.013, 0.022), ribs=chosen(draw, (0, 24, 36)), band=0.003)
    finish: Finish = chosen(draw, ("metal", "gloss plastic", "matt plastic"))
    colour = metal_tint(draw) if finish == "metal" else pigment(draw)
    above = float(cap.high[2]) - 0.0015
    ridge = thread(throat - 0.0002, 0.009).moved((0, 0, height - 0.011))
    return [
        Part(name="cap", mesh=cap.moved((0, 0, height - above)), material=Material(finish=finish, colour=colour)),
        Part(name="thread", mesh=ridge, material=Material(finish="clear glass", colour=(0.95, 0.98, 0.95))),
    ]
