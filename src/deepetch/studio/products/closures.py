"""Lids, caps, corks, rings to pull: what closes bottles, jars and cans. Each stands on z = 0 around the z axis."""

from __future__ import annotations

import math

import numpy as np

from deepetch.studio.mesh import Mesh, joined
from deepetch.studio.shapes.lathe import filleted, lathe
from deepetch.studio.shapes.sheet import turned
from deepetch.studio.shapes.sweep import circle, rounded_rectangle, sweep


def screw_cap(radius: float, height: float, *, ribs: int = 0, band: float = 0.0, dome: float = 0.0) -> Mesh:
    """A closed cap.

    ribs   grooves around its side; 0: plain.
    band   height of the ring below it that breaks off at the first opening; 0: none.
    dome   how far its top bulges.
    """
    edge = min(0.0012, height / 6)
    bottom = band + (0.0006 if band else 0.0)
    corners = [(0.0, bottom, 0.0), (radius, bottom, 0.0003), (radius, bottom + 0.001, 0.0)]
    corners += [(radius, height - edge, 0.0), (radius, height, edge), (radius * 0.7, height + dome * 0.55, radius / 3)]
    profile = filleted([*corners, (0.0, height + dome, 0.0)])
    side = (profile[:, 0] > radius * 0.999) & (profile[:, 1] > bottom + 0.0009) & (profile[:, 1] <= height - edge)
    depth = np.where(side, min(0.0006, radius / 20), 0.0)
    steps = 4 * ribs if ribs else 56
    cap = lathe(profile, steps=steps, flutes=ribs, depth=depth)
    if not band:
        return cap
    ring = [(0.0, 0.0, 0.0), (radius * 1.01, 0.0, 0.0003), (radius * 1.01, band, 0.0003), (0.0, band, 0.0)]
    return joined([cap, lathe(filleted(ring), steps=56)])


def crown(radius: float) -> Mesh:
    """A crown cork with its 21 teeth (DIN 6099), for a lip of this radius."""
    corners = [(0.0, 0.001, 0.0), (radius * 1.02, 0.0005, 0.0), (radius * 1.2, 0.0, 0.0002)]
    corners += [(radius * 1.06, 0.0035, 0.002), (radius * 0.98, 0.006, 0.0018), (0.0, 0.0066, 0.0)]
    profile = filleted(corners)
    depth = np.interp(profile[:, 1], [0.0, 0.0045], [0.0013, 0.0]) * (profile[:, 0] > radius * 1.03)
    return lathe(profile, steps=84, flutes=21, depth=depth)


def cork(radius: float, height: float) -> Mesh:
    corners = [(0.0, 0.0, 0.0), (radius * 0.93, 0.0, 0.0), (radius, height, 0.001), (0.0, height, 0.0)]
    return lathe(filleted(corners), steps=40)


def stopper(radius: float, height: float) -> Mesh:
    """A T-shaped stopper, as spirits have; its foot reaches 8 mm below."""
    corners = [(0.0, -0.008, 0.0), (radius * 0.6, -0.008, 0.0005), (radius * 0.6, 0.0, 0.0)]
    corners += [(radius * 1.15, 0.0, 0.001), (radius * 1.15, height, 0.002), (0.0, height, 0.0)]
    return lathe(filleted(corners), steps=48)


def capsule(radius: float, neck: float, height: float, below: float) -> Mesh:
    """The foil over a wine bottle's mouth; `below` of it reaches down the neck, of radius `neck`."""
    corners = [(0.0, -below, 0.0), (neck, -below, 0.0), (neck, -0.008, 0.001), (radius, -0.006, 0.001)]
    corners += [(radius, height, 0.0012), (0.0, height, 0.0)]
    return lathe(filleted(corners), steps=48)


def twist_lid(radius: float, height: float) -> Mesh:
    """A jar's metal lid: rolled edge below, a panel sunk into its top."""
    corners = [(0.0, 0.0006, 0.0), (radius - 0.001, 0.0, 0.0003), (radius + 0.0004, 0.0008, 0.0005)]
    corners += [
        (radius - 0.0004, 0.0018, 0.0005),
        (radius - 0.0006, height - 0.001, 0.0),
        (radius - 0.001, height, 0.001),
    ]
    corners += [(radius - 0.004, height, 0.0006), (radius - 0.005, height - 0.0012, 0.001), (0.0, height - 0.001, 0.0)]
    profile = filleted(corners)
    depth = np.where((profile[:, 1] > 0.0015) & (profile[:, 1] < height - 0.0009), 0.0003, 0.0)
    return lathe(profile, steps=120, flutes=int(radius * 1000), depth=depth)


def flip_top(radius: float, height: float, *, flat: float, square: float, steps: int = 56) -> Mesh:
    """A cap with a lid on a hinge: a seam around, a dent to lift it by in front."""
    seam = height * 0.62
    corners = [(0.0, 0.0, 0.0), (radius, 0.0, 0.0004), (radius, seam, 0.0003), (radius - 0.0006, seam + 0.0003, 0.0)]
    corners += [(radius - 0.0006, seam + 0.0006, 0.0), (radius, seam + 0.0009, 0.0003)]
    corners += [(radius * 0.97, height, min(0.003, height / 5)), (0.0, height, 0.0)]
    body = lathe(filleted(corners), steps=steps, flat=flat, square=square)
    dent = filleted([(0.0, 0.0, 0.0), (0.004, 0.0, 0.0005), (0.0045, 0.0016, 0.0005), (0.0, 0.0016, 0.0)])
    thumb = turned(lathe(dent, steps=20), (1, 0, 0), 90).moved((0.0, -radius * flat + 0.0008, seam + 0.001))
    return joined([body, thumb])


def pull_tab(length: float) -> Mesh:
    """The ring on a can's lid: a loop, a tongue and a rivet, lying on z = 0 and pointing to negative y."""
    width = length * 0.6
    outline = rounded_rectangle(width * 0.72, length * 0.62, width * 0.3, arc=5, cuts=1)
    path = np.concatenate([outline - (0, length * 0.19), np.full((len(outline), 1), 0.0011)], axis=1)
    loop = sweep(path, circle(0.0011, 8), up=(0.0, 0.0, 1.0), closed=True)
    tongue = sweep(
        np.array([[0.0, length * 0.06, 0.0011], [0.0, length * 0.45, 0.0011]]),
        rounded_rectangle(width * 0.62, 0.0016, 0.0006),
        up=(0.0, 0.0, 1.0),
    )
    rivet = lathe(
        filleted([(0.0, 0.0, 0.0), (0.0026, 0.0, 0.0), (0.0022, 0.0024, 0.0006), (0.0, 0.0026, 0.0)]), steps=20
    )
    return joined([loop, tongue, rivet.moved((0.0, length * 0.24, 0.0))])


def thread(radius: float, height: float, *, turns: float = 1.5, thick: float = 0.0011) -> Mesh:
    """The ridge of a screw around a neck, rising to `height` above z = 0."""
    angle = np.linspace(0, turns * math.tau, int(28 * turns))
    rise = np.linspace(thick, height - thick, len(angle))
    path = np.stack([radius * np.cos(angle), radius * np.sin(angle), rise], axis=1)
    fade = np.minimum(1.0, 0.3 + 6 * np.minimum(np.linspace(0, 1, len(angle)), np.linspace(1, 0, len(angle))))
    return sweep(path, circle(thick, 6), scale=fade, up=(0.0, 0.0, 1.0))
