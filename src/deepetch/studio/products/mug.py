"""Mugs: a ceramic body with a handle that one can see through."""

from __future__ import annotations

from typing import Literal

import numpy as np

from deepetch.studio.product import Finish, Material, Part, Product
from deepetch.studio.products.chance import chosen, pigment
from deepetch.studio.products.labels import label
from deepetch.studio.products.vessels import filling, hollow
from deepetch.studio.shapes.lathe import Corner, filleted, radius_at
from deepetch.studio.shapes.sheet import turned
from deepetch.studio.shapes.sweep import rounded_rectangle, smooth_path, sweep

Form = Literal["straight", "tapering", "bellied"]

# Limits of the foot's radius and of that at half the height, as shares of the mouth's.
FORMS: dict[Form, tuple[tuple[float, float], tuple[float, float]]] = {
    "straight": ((0.96, 1.0), (0.99, 1.02)),
    "tapering": ((0.62, 0.8), (0.86, 0.95)),
    "bellied": ((0.7, 0.86), (1.14, 1.26)),
}


def mug(draw: np.random.Generator, form: Form) -> Product:
    height, top = draw.uniform(0.075, 0.115), draw.uniform(0.036, 0.046)
    feet, bellies = FORMS[form]
    foot, wall = top * draw.uniform(*feet), draw.uniform(0.0035, 0.005)
    belly = top * draw.uniform(*bellies)
    heel = draw.uniform(0.003, 0.014)
    outer: list[Corner] = [
        (0.0, 0.002, 0.0),
        (foot * 0.78, 0.0018, 0.001),
        (foot * 0.82, 0.0, 0.001),
        (foot * 0.9, 0.0, 0.001),
    ]
    outer += [(foot, 0.004, heel), (belly, height * 0.45, height * 0.4), (top, height, wall * 0.45)]
    outer.append((top - wall, height, wall * 0.45))
    inner: list[Corner] = [(0.0, 0.006, 0.0), (foot - wall - 0.001, 0.006, heel + 0.004)]
    inner += [(belly - wall, height * 0.45, height * 0.4), (top - wall, height - wall * 0.5, 0.0)]
    glaze = Material(finish=chosen(draw, ("ceramic", "ceramic", "metal", "matt plastic")), colour=pigment(draw))
    profile = filleted(outer)
    low, high = height * draw.uniform(0.14, 0.26), height * draw.uniform(0.74, 0.88)
    reach = draw.uniform(0.022, 0.034)
    bow = draw.uniform(0.6, 1.0)  # of its lower half
    side = np.array([radius_at(profile, low), radius_at(profile, high)]) - 0.6 * wall
    turns = np.linspace(np.pi / 2, -np.pi / 2, 13)
    round_ = np.clip(np.cos(turns), 0, 1) ** draw.uniform(0.6, 0.9) * np.where(
        turns < 0, bow + (1 - bow) * np.cos(turns), 1
    )
    inner_end = np.interp(np.sin(turns), [-1, 1], side)
    x = inner_end + (belly + reach - inner_end) * round_
    path = np.stack([x, 0 * x, (high + low) / 2 + (high - low) / 2 * np.sin(turns)], axis=1)
    section = rounded_rectangle(draw.uniform(0.006, 0.0085), draw.uniform(0.009, 0.015), 0.004, arc=4)
    # the path goes down, and `up` across it: the section lies broad side to the fingers
    handle = sweep(smooth_path(path), section, up=(0.0, 1.0, 0.0))
    turn = chosen(draw, (0.0, 180.0)) + draw.uniform(-25, 25)
    parts = [
        Part(name="mug", mesh=hollow(outer, inner), material=glaze),
        Part(name="handle", mesh=turned(handle, (0, 0, 1), turn), material=glaze),
    ]
    if draw.uniform() < 0.4:
        drink = filling(inner, height * draw.uniform(0.7, 0.9))
        colour = chosen(draw, ((0.16, 0.08, 0.04), (0.75, 0.5, 0.3), (0.65, 0.3, 0.08), (0.95, 0.92, 0.86)))
        parts.append(Part(name="drink", mesh=drink, material=Material(finish="gloss plastic", colour=colour)))
    wrap, sheet, faces = label(profile, height * 0.16, height * 0.86, span=draw.uniform(1.3, 2.3))
    printed: Finish = glaze.finish
    parts.append(Part(name="print", mesh=wrap, material=Material(finish=printed, printed=True)))
    return Product(kind="mug", parts=tuple(parts), sheet=sheet, faces=faces)
