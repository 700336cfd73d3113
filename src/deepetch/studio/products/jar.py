"""Jars: of glass with food in them under a metal lid, and of plastic or frosted glass for creams."""

from __future__ import annotations

import math

import numpy as np

from deepetch.studio.product import Finish, Material, Part, Product
from deepetch.studio.products.chance import chosen, glass_tint, metal_tint, pigment
from deepetch.studio.products.closures import screw_cap, thread, twist_lid
from deepetch.studio.products.labels import label
from deepetch.studio.products.vessels import filling, hollow
from deepetch.studio.shapes.lathe import Corner, filleted, lathe


def food_jar(draw: np.random.Generator, *, squared: bool) -> Product:
    """Of clear glass, with food in it, under a metal lid; round or four-sided with round corners."""
    radius, wall = draw.uniform(0.027, 0.046), draw.uniform(0.002, 0.003)
    height = radius * draw.uniform(1.9, 3.6)
    mouth = radius * draw.uniform(0.78, 0.93)
    body = height - 0.013 - draw.uniform(0.004, 0.012)
    square = draw.uniform(0.35, 0.65) if squared else 0.0
    heel, shoulder = draw.uniform(0.004, 0.01), draw.uniform(0.004, 0.014)
    outer: list[Corner] = [(0.0, 0.002, 0.0), (radius * 0.65, 0.0015, 0.003), (radius * 0.75, 0.0, 0.002)]
    outer += [(radius, 0.0, heel), (radius, body, shoulder), (mouth, height - 0.013, 0.003)]
    outer += [(mouth, height, 0.001), (mouth - wall, height, 0.001)]
    inner: list[Corner] = [
        (0.0, wall + 0.002, 0.0),
        (radius * 0.7, wall + 0.0012, 0.003),
        (radius - wall, wall + 0.001, heel),
    ]
    inner += [
        (radius - wall, body, shoulder),
        (mouth - wall, height - 0.012, 0.003),
        (mouth - wall, height - 0.001, 0.0),
    ]
    fade = (body - 0.002, height - 0.013)
    glass = hollow(outer, inner, square=square, fade=fade)
    level = height - draw.uniform(0.01, 0.02)
    food = filling(inner, level, square=square, fade=fade)
    kind: Finish = chosen(draw, ("liquid", "gloss plastic", "gloss plastic"))
    lid_height = draw.uniform(0.012, 0.017)
    lid = twist_lid(mouth + 0.0022, lid_height).moved((0, 0, height - lid_height + 0.0018))
    cover = metal_tint(draw) if draw.uniform() < 0.5 else pigment(draw)
    low = heel + 0.003 + draw.uniform(0, 0.12) * body
    high = max(low + 0.016, body - shoulder * 0.6 - 0.003 - draw.uniform(0, 0.1) * body)
    span = math.tau if draw.uniform() < 0.4 else draw.uniform(1.4, 2.8)
    wrap, sheet, faces = label(filleted(outer), low, high, span=span, square=square)
    ridge = thread(mouth - 0.0004, 0.008, turns=0.9).moved((0, 0, height - 0.011))
    tint = glass_tint(draw) if draw.uniform() < 0.2 else (0.97, 0.99, 0.98)
    colour = (
        pigment(draw)
        if kind != "liquid"
        else (draw.uniform(0.8, 0.95), draw.uniform(0.4, 0.8), draw.uniform(0.05, 0.4))
    )
    parts = (
        Part(name="glass", mesh=glass, material=Material(finish="clear glass", colour=tint)),
        Part(name="food", mesh=food, material=Material(finish=kind, colour=colour)),
        Part(name="thread", mesh=ridge, material=Material(finish="clear glass", colour=tint)),
        Part(name="lid", mesh=lid, material=Material(finish="metal", colour=cover)),
        Part(name="label", mesh=wrap, material=Material(finish=chosen(draw, ("paper", "coated board")), printed=True)),
    )
    return Product(kind="jar", parts=parts, sheet=sheet, faces=faces)


def cream_jar(draw: np.random.Generator, *, frosted: bool) -> Product:
    """Low, of opaque plastic or of frosted glass."""
    radius = draw.uniform(0.022, 0.045)
    body, lid = radius * draw.uniform(0.65, 1.3), draw.uniform(0.012, 0.024)
    square = draw.uniform(0.3, 0.7) if draw.uniform() < 0.2 else 0.0
    foot = radius * draw.uniform(0.8, 1.0)
    corners: list[Corner] = [(0.0, 0.001, 0.0), (foot * 0.8, 0.0, 0.001), (foot, 0.0, draw.uniform(0.001, 0.008))]
    corners += [(radius, body * draw.uniform(0.4, 0.9), 0.01), (radius, body, 0.0015), (radius * 0.85, body, 0.0)]
    profile = filleted([*corners, (radius * 0.85, body + 0.008, 0.0), (0.0, body + 0.008, 0.0)])
    shell = lathe(profile, square=square)
    edge = draw.uniform(0.0006, 0.004)
    if square:
        line = [(0.0, 0.0, 0.0), (radius, 0.0, 0.0004), (radius, lid, edge), (0.0, lid, 0.0)]
        cap = lathe(filleted(line), square=square)
    else:
        cap = screw_cap(radius * draw.uniform(0.97, 1.03), lid, ribs=chosen(draw, (0, 0, 48)), dome=edge)
    finish: Finish = "frosted glass" if frosted else chosen(draw, ("matt plastic", "gloss plastic"))
    metal = draw.uniform() < 0.35
    cover = Material(finish="metal" if metal else "gloss plastic", colour=metal_tint(draw) if metal else pigment(draw))
    low, high = body * 0.25 + 0.001, body - 0.002
    wrap, sheet, faces = label(
        profile, low, high, span=math.tau if draw.uniform() < 0.4 else draw.uniform(1.4, 2.4), square=square
    )
    parts = (
        Part(name="body", mesh=shell, material=Material(finish=finish, colour=pigment(draw))),
        Part(name="lid", mesh=cap.moved((0, 0, body + 0.0005)), material=cover),
        Part(
            name="label",
            mesh=wrap,
            material=Material(finish=chosen(draw, ("paper", "gloss plastic", "foil")), printed=True),
        ),
    )
    return Product(kind="jar", parts=parts, sheet=sheet, faces=faces)
