"""Cans, jars and tubs."""

from __future__ import annotations

import math

import numpy as np

from deepetch.studio.product import Finish, Material, Part
from deepetch.studio.products.chance import chosen, metal_tint, pigment
from deepetch.studio.products.labels import AROUND
from deepetch.studio.shapes.lathe import Corner, lathe
from deepetch.studio.shelves.labelled import FOODS, labelled
from deepetch.studio.shelves.pieces import turning
from deepetch.studio.shelves.ware import Ware


def can(draw: np.random.Generator) -> Ware:
    """A can of food or drink."""
    radius, height = chosen(
        draw, ((0.033, 0.115), (0.033, 0.165), (0.0265, 0.145), (0.0365, 0.11), (0.0425, 0.11), (0.042, 0.06))
    )
    neck = radius - (0.005 if height > 0.112 else -0.001)
    corners: list[Corner] = [(0.0, 0.003, 0.0), (radius * 0.85, 0.0, 0.0), (radius, 0.006, 0.0)]
    corners += [(radius, height - 0.01, 0.0), (neck, height - 0.002, 0.0), (neck, height, 0.0)]
    corners += [(neck - 0.003, height, 0.0), (neck - 0.004, height - 0.005, 0.0), (0.0, height - 0.005, 0.0)]
    metal = Material(finish="metal", colour=(0.85, 0.85, 0.86))
    finish: Finish = chosen(draw, ("metal", "gloss plastic", "coated board"))
    return labelled(
        radius,
        height,
        0.005,
        height - 0.009,
        finish,
        (Part(name="can", mesh=turning(corners), material=metal),),
        stacks=True,
    )


def jar(draw: np.random.Generator) -> Ware:
    """A glass full of food, under a lid."""
    radius = draw.uniform(0.03, 0.045)
    height = radius * draw.uniform(2.2, 3.8)
    body = height - 0.016
    glass: list[Corner] = [
        (0.0, 0.0, 0.0),
        (radius * 0.9, 0.0, 0.0),
        (radius, 0.006, 0.0),
        (radius, body - 0.012, 0.012),
    ]
    glass += [(radius * 0.82, body, 0.0), (0.0, body, 0.0)]
    lid: list[Corner] = [(0.0, body, 0.0), (radius * 0.9, body, 0.0), (radius * 0.9, height - 0.001, 0.0)]
    lid += [(radius * 0.87, height, 0.0), (0.0, height - 0.001, 0.0)]
    food = Material(finish="gloss plastic", colour=chosen(draw, FOODS))
    cover = (
        Material(finish="metal", colour=metal_tint(draw))
        if draw.random() < 0.5
        else Material(finish="gloss plastic", colour=pigment(draw))
    )
    rest = (Part(name="jar", mesh=turning(glass), material=food), Part(name="lid", mesh=turning(lid), material=cover))
    low = body * draw.uniform(0.1, 0.25)
    return labelled(
        radius, height, low, body - 0.014 - draw.uniform(0, 0.1) * body, "paper", rest, stacks=height < 0.12
    )


def tub(draw: np.random.Generator) -> Ware:
    """A cup of yoghurt, ice cream or spread: wider at the top, a lid a little wider."""
    radius = draw.uniform(0.036, 0.065)
    height = radius * draw.uniform(1.0, 2.4)
    foot = radius * draw.uniform(0.78, 0.9)
    wall = lathe(np.array([[foot, 0.0], [radius, height - 0.008]]), steps=20)
    lid = turning(
        [
            (0.0, height - 0.009, 0.0),
            (radius * 1.03, height - 0.009, 0.0),
            (radius * 1.03, height - 0.001, 0.0),
            (0.0, height, 0.0),
        ]
    )
    return Ware(
        size=(radius * 2.06, radius * 2.06, height),
        print=Part(name="tub", mesh=wall, material=Material(finish="matt plastic", printed=True)),
        sheet=(math.tau * radius, height),
        faces=AROUND,
        rest=(Part(name="lid", mesh=lid, material=Material(finish="gloss plastic", colour=pigment(draw))),),
        stacks=True,
    )
