"""A hand that holds a product, with its forearm.

A skeleton is bent until it grips: joints, wrist and forearm are found by least squares, so that pads touch the product,
nothing goes into it, fingers keep off each other, and joints stay near a pose that was drawn. Flesh is then laid round
the bones as a field of signed distances, and its surface found by marching cubes.

All of it is worked out for a right hand that comes from the right; mirroring the product before and the hand after
makes the others. A hand's own axes: x to the fingers, y to the thumb's side, z out of its back; the wrist is at 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates
from skimage.measure import marching_cubes

from deepetch.studio.mesh import Mesh, joined
from deepetch.studio.product import Finish, Material, Part, Product
from deepetch.studio.products.chance import Colour, chosen, pigment
from deepetch.studio.shapes.sheet import surface

Points = NDArray[np.floating[Any]]
Bone = tuple[Points, Points, float, float]  # its ends, and how thick the flesh is round each, metres

PIECE = 0.0015  # metres, side of the cells in which flesh is laid
FAR = 0.02  # metres; the distance beyond which none is kept
LAYER = 0.002  # metres between sections of the product
SOFT = 0.0012  # how far a bone's flesh is pressed flat
FITS = 20.0  # misfit below which a grip is taken
GAP = 0.0002  # between skin and product

# Digits in the order thumb, index, middle, ring, little. Phalanges (the thumb's first is its metacarpal), the last to
# the tip of the pulp: after Buryanov and Kotiuk 2010, rounded up; thickness of adults' fingers.
LENGTHS = np.array([(45, 34, 28), (42, 24, 21), (47, 28, 22), (43, 27, 22), (34, 20, 20)]) / 1000
RADII = np.array(
    [(14, 11.5, 10.6, 8.4), (10.6, 9.3, 8.3, 6.6), (10.6, 9.4, 8.4, 6.8), (10, 8.9, 7.9, 6.4), (9, 7.9, 7, 5.7)]
)
RADII = RADII / 1000
ROOTS = np.array([(20, 24, -9), (88, 26, 2), (91, 5, 4), (86, -15, 2), (78, -33, -2)]) / 1000
CARPUS = np.array([(8, 16, 0), (8, 12, 0), (9, 4, 1), (9, -6, 0), (8, -14, -1)]) / 1000  # where metacarpals begin
SPLAY = np.radians((0.0, 4.0, 0.0, -4.0, -9.0))

# What makes a pose: 0:3 the wrist's place, 3:6 its turn; 6:22 of each finger its spread and three bends; 22:27 of the
# thumb how far it is out of the palm and to the side, its roll and two bends; 27:29 the wrist's lift and lean.
LOW = np.radians([-12, -12, 0, 0] * 4 + [0, 0, -40, -5, -20] + [-20, -25])
HIGH = np.radians([12, 88, 105, 65] * 4 + [68, 70, 40, 55, 60] + [55, 35])
LOOSE = np.radians([5, 30, 30, 14] * 4 + [22, 20, 15, 22, 22] + [14, 10])  # how lightly each leaves the pose drawn
# flesh of the palm that must keep out of the product: x, y, z, radius in mm
PALM = [(35, 18, 0, 11), (65, 22, 1, 11), (35, 4, 0, 11), (65, 5, 2, 11), (35, -8, 0, 11), (65, -11, 1, 11)]
HEEL = [(35, -18, -2, 12), (62, -27, -3, 11), (28, -20, -8, 13), (54, -28, -7, 12), (5, 9, -1, 18), (5, -9, -1, 18)]
BALLS = np.array([*PALM, *HEEL]) / 1000
SKINS = np.array(
    [
        (0.92, 0.77, 0.68),
        (0.87, 0.69, 0.58),
        (0.8, 0.6, 0.48),
        (0.68, 0.48, 0.36),
        (0.52, 0.35, 0.25),
        (0.34, 0.22, 0.16),
    ]
)


class Pose(NamedTuple):
    """Many skeletons at once: n of them, metres and directions in the product's axes.

    wrist   (n, 3).
    axes    (n, 3, 3), columns the hand's own axes.
    joints  (n, 5, 4, 3), of each digit from its root to the middle of its tip.
    backs   (n, 5, 3, 3), where the back of each phalanx looks.
    arm     (n, 3), from the wrist along the forearm.
    """

    wrist: Points
    axes: Points
    joints: Points
    backs: Points
    arm: Points


@dataclass(frozen=True, kw_only=True)
class Body:
    """The convex hulls of a product's level sections: what a hand feels of it.

    reach   (layers, k) how far a section goes from the z axis in each direction, every LAYER metres from z = 0.
    cosine  (layers, k) of the slope of its wall there.
    ways    (k, 2) the directions, the first along x.
    top     its height.
    """

    reach: Points
    cosine: Points
    ways: Points
    top: float


@dataclass(frozen=True, kw_only=True)
class Grip:
    """Poses to start from, and what is wanted of them.

    starts      (n, 29), see `posed`; the best is gone on with.
    axes        (3, 3), columns the hand's own axes before a pose turns it.
    size        of the hand against LENGTHS and what stands beside it.
    thumb_at    (3,) where the thumb's tip is to lie; fingers_at (3,) the middle of the others' tips.
    fingers     (4,) which of them find something to touch.
    """

    starts: Points
    axes: Points
    size: float
    thumb_at: Points
    fingers_at: Points
    fingers: NDArray[np.bool_]


def hand_parts(draw: np.random.Generator, product: Product) -> tuple[Part, ...]:
    """A hand that holds a product: skin, nails, and by chance a sleeve or a watch band.

    product  of at least one part, 3 to 30 cm in size; larger ones are held where a hand can.
    Returns  parts in the product's own coordinates, the first the skin, named "left hand" or "right hand". Their uv
             are zeros. The hand comes from left or right, mostly from below, and seldom from above; the thumb lies in
             front, seldom behind.
    """
    from_left, thumb_behind = bool(draw.random() < 0.62), bool(draw.random() < 0.1)
    mirror = np.array([-1.0 if from_left else 1.0, -1.0 if thumb_behind else 1.0, 1.0])
    body = felt([part.mesh for part in product.parts], mirror)
    grip, pose = held(draw, body)
    name = "left hand" if mirror.prod() < 0 else "right hand"
    shade = float(draw.uniform(0, len(SKINS) - 1))
    tone = [np.interp(shade, np.arange(len(SKINS)), channel) for channel in SKINS.T] + draw.normal(0, 0.012, 3)
    skin = as_colour(tone)
    nail = as_colour(0.8 * np.array(skin) + 0.2 * np.array([0.95, 0.74, 0.7]))
    flesh, nails = laid_flesh(draw, pose, grip.size, body)
    parts = [
        Part(
            name=name, mesh=flesh, material=Material(finish="skin", colour=skin, rough=float(draw.uniform(-0.08, 0.1)))
        ),
        Part(name="nails", mesh=nails, material=Material(finish="skin", colour=nail, rough=-0.18)),
    ]
    dressed = draw.random()
    if dressed < 0.45:
        parts.append(sleeve(draw, pose, grip.size))
    elif dressed < 0.6:
        parts.append(watch_band(draw, pose, grip.size))
    return tuple(Part(name=p.name, mesh=mirrored(p.mesh, mirror), material=p.material) for p in parts)


def felt(meshes: Sequence[Mesh], mirror: Points, *, ways: int = 64) -> Body:
    """What a hand feels of surfaces, mirrored first: `mirror` multiplies x, y and z."""
    points, edges, start = [], [], 0
    for mesh in meshes:
        points.append(mesh.vertices * mirror)
        real = mesh.faces >= 0
        after = np.where(mesh.faces[:, 3:] < 0, mesh.faces[:, [1, 2, 0, 0]], mesh.faces[:, [1, 2, 3, 0]])
        pairs = np.stack([mesh.faces[real], after[real]], axis=1)
        edges.append(np.unique(np.sort(pairs, axis=1), axis=0) + start)
        start += len(mesh.vertices)
    vertices = np.concatenate(points).astype(np.float64)
    top = float(vertices[:, 2].max())
    count = max(2, math.ceil(top / LAYER) + 1)
    low, high = (vertices[ends] for ends in np.concatenate(edges).T)
    turned_round = low[:, 2] > high[:, 2]
    low[turned_round], high[turned_round] = high[turned_round], low[turned_round]
    first = np.ceil(low[:, 2] / LAYER).astype(int)
    crossed = np.maximum(np.floor(high[:, 2] / LAYER).astype(int) - first + 1, 0)
    which = np.repeat(np.arange(len(low)), crossed)
    layer = first[which] + np.arange(len(which)) - np.repeat(np.cumsum(crossed) - crossed, crossed)
    rise = np.maximum(high[which, 2] - low[which, 2], 1e-9)
    share = ((layer * LAYER - low[which, 2]) / rise)[:, None]
    cuts = low[which] + np.clip(share, 0, 1) * (high[which] - low[which])
    # vertices count for the nearest layer, so that what is flatter than a layer is felt too
    layer = np.concatenate([layer, np.rint(vertices[:, 2] / LAYER).astype(int)])
    cuts = np.concatenate([cuts, vertices])
    angle = np.arange(ways) * math.tau / ways
    directions = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    layer = np.clip(layer, 0, count - 1)
    order = np.argsort(layer, kind="stable")
    found, starts = np.unique(layer[order], return_index=True)
    reach = np.maximum.reduceat(cuts[order, :2] @ directions.T, starts, axis=0)
    levels = np.arange(count)
    filled = np.stack([np.interp(levels, found, column) for column in reach.T], axis=1)
    cosine = 1 / np.hypot(1, np.gradient(filled, LAYER, axis=0))
    return Body(reach=filled, cosine=np.maximum(cosine, 0.5), ways=directions, top=top)


def clearance(body: Body, points: Points) -> tuple[Points, Points]:
    """Signed distance of points (..., 3) from a body, negative inside, and the level direction away from it (..., 2).

    For a convex section the distance is the largest of p . n - reach(n) over all directions n; the slope of the wall
    shortens it. Above and below, the nearest section counts for the direction.
    """
    at = np.clip(points[..., 2] / LAYER, 0, len(body.reach) - 1.001)
    low = at.astype(int)
    share = (at - low)[..., None]
    reach = body.reach[low] * (1 - share) + body.reach[low + 1] * share
    across = points[..., :2] @ body.ways.T - reach
    way = across.argmax(-1)
    beside = np.take_along_axis(across, way[..., None], -1)[..., 0] * body.cosine[low, way]
    beyond = np.maximum(points[..., 2] - body.top, -points[..., 2])
    outside = np.hypot(np.maximum(beside, 0), np.maximum(beyond, 0))
    return outside + np.minimum(np.maximum(beside, beyond), 0), body.ways[way]


def held(draw: np.random.Generator, body: Body, *, tries: int = 5) -> tuple[Grip, Pose]:
    """A grip and its pose: the first of a few that fits well, else the best of them."""
    best: tuple[float, Grip, Pose] | None = None
    for _ in range(tries):
        grip = drawn_grip(draw, body)
        pose, wrong = gripping(body, grip)
        if best is None or wrong < best[0]:
            best = wrong, grip, pose
        if wrong < FITS:
            break
    assert best is not None
    return best[1:]


def drawn_grip(draw: np.random.Generator, body: Body) -> Grip:
    """Where thumb and fingers are to lie, and a pose near it."""
    size = float(np.clip(draw.normal(1.0, 0.045), 0.9, 1.1))
    share = draw.uniform(0.36, 0.56)
    height = float(np.clip(body.top * share, min(0.03, body.top / 2), max(body.top - 0.03, body.top / 2)))
    section = body.reach[min(int(height / LAYER), len(body.reach) - 1)]
    right = float(section[0])
    width = right + float(section[len(section) // 2])
    front, back = thickness(body, height, right - min(0.035, width / 2))
    depth = back + front
    from_above = draw.random() < 0.07
    rise = math.radians(draw.uniform(-55, -25) if from_above else draw.triangular(0, 25, 60))
    rise *= float(np.clip(body.top / 0.12, 0.15, 1))  # across what is low, so that two fingers find it
    yaw = math.radians(165 - 50 * float(np.clip((depth - 0.015) / 0.06, 0, 1)) + draw.normal(0, 5))

    out = np.array([math.sin(yaw), -math.cos(yaw), 0.0])  # the back of the hand looks away from the product
    along = np.array([math.cos(yaw) * math.cos(rise), math.sin(yaw) * math.cos(rise), math.sin(rise)])
    axes = np.stack([along, np.cross(out, along), out], axis=1)
    deep = depth > 0.1 * size
    knuckles = np.array([right + 0.014, min(back + 0.012, -front + 0.062 * size), height])
    if body.top < 0.06:  # index and middle finger above and below its middle
        knuckles[2] -= ROOTS[1:3, 1].mean() * size
    onto = draw.uniform(0.025, 0.05) * size
    thumb_x = right - min(0.6 * width, onto)
    thumb_z = np.clip(
        height + draw.uniform(-0.012, 0.025), min(0.012, body.top / 2), max(body.top - 0.012, body.top / 2)
    )
    thumb_at = np.array([thumb_x, -thickness(body, thumb_z, thumb_x)[0], thumb_z])
    fingers_x = right - min(0.55 * width, draw.uniform(0.03, 0.055))
    fingers_at = np.array([fingers_x, thickness(body, height, fingers_x)[1], height])
    if deep:  # no hand reaches round it: the fingers lie on its side
        fingers_at = np.array([right + 0.005, -front + 0.1 * size, height])
        away, way = clearance(body, fingers_at)
        fingers_at[:2] -= away * way

    levels = knuckles[2] + ROOTS[1:, 1] * size * math.cos(rise)
    fingers = (levels > 0.004) & (levels < body.top - 0.004)
    fingers[int(np.abs(levels - height).argmin())] = True
    curl = math.radians(18 if deep else 38)
    rest = [
        [0.0, curl, curl, curl * 0.6] if touches else [0.0, curl, curl + 0.35, curl * 0.6 + 0.2] for touches in fingers
    ]
    angles = np.concatenate(
        [
            np.array(rest).ravel() + draw.normal(0, 0.08, 16),
            np.radians([38, 32, 0, 18, 15]) + draw.normal(0, 0.12, 5),
            np.radians([draw.uniform(10, 38), draw.uniform(-8, 18)]),
        ]
    )
    wrist = knuckles - axes @ (ROOTS[2] * size)
    starts = np.tile(np.concatenate([wrist, np.zeros(3), np.clip(angles, LOW, HIGH)]), (3, 1))
    for start, more in zip(starts[1:], (-0.45, 0.45), strict=True):
        start[5] = more  # turned about the z axis
        start[:3] = knuckles - rotations(start[None, 3:6])[0] @ axes @ (ROOTS[2] * size)
    return Grip(starts=starts, axes=axes, size=size, thumb_at=thumb_at, fingers_at=fingers_at, fingers=fingers)


def thickness(body: Body, height: float, x: float) -> tuple[float, float]:
    """How far a section goes to the front and to the back of the z axis at a place along x."""
    section = body.reach[min(int(height / LAYER), len(body.reach) - 1)]
    cosine, sine = body.ways.T
    back, front = sine > 0.01, sine < -0.01
    limits = (section - x * cosine) / np.where(np.abs(sine) > 0.01, np.abs(sine), 1.0)
    return float(limits[front].min()), float(limits[back].min())


def posed(numbers: Points, axes: Points, size: float) -> Pose:
    """The skeletons of (n, 29) numbers; `axes` (3, 3) is what their turns start from."""
    turn = rotations(numbers[:, 3:6]) @ axes
    angles = numbers[:, 6:22].reshape(-1, 4, 4)
    spread = angles[..., 0] + SPLAY[1:]
    bends = np.cumsum(angles[..., 1:], axis=-1)
    flat = np.stack([np.cos(spread), np.sin(spread), np.zeros_like(spread)], axis=-1)[:, :, None]
    up = np.array([0.0, 0.0, 1.0])
    ways = np.cos(bends)[..., None] * flat - np.sin(bends)[..., None] * up
    backs = np.sin(bends)[..., None] * flat + np.cos(bends)[..., None] * up

    out, aside, roll = numbers[:, 22], numbers[:, 23], numbers[:, 24]
    first = np.stack([np.cos(out) * np.cos(aside), np.cos(out) * np.sin(aside), -np.sin(out)], axis=-1)
    pad = np.array([0.6, -0.55, -0.3]) - (first @ np.array([0.6, -0.55, -0.3]))[:, None] * first
    pad /= np.linalg.norm(pad, axis=1, keepdims=True)
    pad = np.cos(roll)[:, None] * pad + np.sin(roll)[:, None] * np.cross(first, pad)
    bend = np.cumsum(np.column_stack([np.zeros(len(numbers)), numbers[:, 25:27]]), axis=1)[..., None]
    thumb = np.cos(bend) * first[:, None] + np.sin(bend) * pad[:, None]
    nail = np.sin(bend) * first[:, None] - np.cos(bend) * pad[:, None]

    ways = np.concatenate([thumb[:, None], ways], axis=1)
    backs = np.concatenate([nail[:, None], backs], axis=1)
    lengths = LENGTHS.copy()
    lengths[:, 2] -= RADII[:, 3]
    steps = np.cumsum(ways * lengths[..., None], axis=2)
    local = np.concatenate([np.zeros_like(steps[:, :, :1]), steps], axis=2) + ROOTS[:, None]
    lift, lean = numbers[:, 27], numbers[:, 28]
    arm = np.stack([-np.cos(lift) * np.cos(lean), -np.cos(lift) * np.sin(lean), np.sin(lift)], axis=-1)
    wrist = numbers[:, :3]
    joints = wrist[:, None, None] + size * np.einsum("nij,ndkj->ndki", turn, local)
    return Pose(wrist, turn, joints, np.einsum("nij,ndkj->ndki", turn, backs), np.einsum("nij,nj->ni", turn, arm))


def gripping(body: Body, grip: Grip) -> tuple[Pose, float]:
    """The pose, of one skeleton, that touches and does not go in; and how much is wrong with it."""

    def misfit(numbers: Points) -> Points:
        return misfits(posed(numbers, grip.axes, grip.size), numbers, body, grip)

    tried = np.stack([settled(misfit, start, steps=8) for start in grip.starts])
    best = tried[int((misfit(tried) ** 2).sum(1).argmin())]
    found = settled(misfit, best)[None]
    return posed(found, grip.axes, grip.size), float((misfit(found) ** 2).sum())


def misfits(pose: Pose, numbers: Points, body: Body, grip: Grip) -> Points:
    """(n, m) what is wrong with each skeleton: 1 is a millimetre too deep, or a joint bent farther than it likes."""
    n, size = len(numbers), grip.size
    shares = np.array([0.15, 0.5, 0.85])[:, None]
    begins, ends = pose.joints[:, :, :-1, None], pose.joints[:, :, 1:, None]
    balls = (begins + shares * (ends - begins)).reshape(n, 5, 9, 3)
    radii = size * (RADII[:, :-1, None] + shares[:, 0] * np.diff(RADII)[:, :, None]).reshape(5, 9)
    palm = pose.wrist[:, None] + size * np.einsum("nij,kj->nki", pose.axes, BALLS[:, :3])
    forearm = pose.wrist[:, None] + np.array([0.03, 0.07, 0.12, 0.2])[:, None] * pose.arm[:, None]
    away, ways = clearance(body, np.concatenate([balls.reshape(n, 45, 3), palm, forearm], axis=1))
    room = np.concatenate([radii.ravel(), size * BALLS[:, 3], [0.036, 0.042, 0.045, 0.05]])
    inside = np.maximum(room - SOFT - away, 0) * 1500

    digits = away[:, :45].reshape(n, 5, 9) - radii + SOFT * 0.8
    touching = np.concatenate([[True], grip.fingers])
    pads = digits[:, touching][:, :, [7, 8]].reshape(n, -1) * 700  # both ends of each last phalanx
    inner = digits[:, touching][:, :, [4, 5]].reshape(n, -1) * 80
    facing = (pose.backs[:, :, 2, :2] * ways[:, :45].reshape(n, 5, 9, 2)[:, :, 7]).sum(-1)[:, touching]
    close = np.maximum(away[:, 46:50:2] - room[46:50:2], 0) * 60  # the palm lies near

    tips = pose.joints[:, :, 3]
    aim = np.concatenate(
        [(tips[:, :1] - grip.thumb_at) * 110, (tips[:, 1:][:, grip.fingers].mean(1) - grip.fingers_at)[:, None] * 60],
        axis=1,
    ).reshape(n, -1)
    between = np.linalg.norm(balls[:, 1:4, 1:] - balls[:, 2:, 1:], axis=-1) - 0.96 * (radii[1:4, 1:] + radii[2:, 1:])
    opposed = np.linalg.norm(balls[:, :1, 3:, None] - balls[:, 1:, None, :], axis=-1)
    opposed = opposed - (radii[:1, 3:, None] + radii[1:, None, :])
    curled = np.linalg.norm(balls[:, 1:, 4:, None] - palm[:, None, None], axis=-1)
    curled = curled - (radii[1:, 4:, None] + size * BALLS[:, 3])
    apart = np.concatenate([np.minimum(gap, 0).reshape(n, -1) for gap in (between, opposed, curled)], axis=1) * 700

    angles = numbers[:, 6:]
    bent = (angles - grip.starts[0, 6:]) / LOOSE * 0.6
    over = (np.maximum(angles - HIGH, 0) + np.minimum(angles - LOW, 0)) / math.radians(2)
    fingers = angles[:, :16].reshape(n, 4, 4)
    tied = (fingers[..., 3] - 0.6 * fingers[..., 2]) / math.radians(10)  # one tendon bends both
    alike = np.diff(fingers[..., 1:3], axis=1)[:, grip.fingers[1:] & grip.fingers[:-1]].reshape(n, -1) / 0.3
    turned = numbers[:, 3:6] / math.radians(18)
    wrong = [inside, pads, inner, (1 - facing) * 1.5, close, aim, apart, bent, over, tied, alike, turned]
    return np.concatenate(wrong, axis=1)


def settled(misfit: Callable[[Points], Points], start: Points, *, steps: int = 45) -> Points:
    """Numbers (k,) whose misfits have about the least squares (Levenberg 1944, Marquardt 1963).

    misfit  of (n, k) numbers, (n, m).
    """
    numbers, damping = start.copy(), 1e-2
    nudge = 1e-5
    wrong = misfit(numbers[None])[0]
    for _ in range(steps):
        slopes = (misfit(numbers + nudge * np.eye(len(numbers))) - wrong).T / nudge
        normal, pull = slopes.T @ slopes, slopes.T @ wrong
        # several dampings at once: the best is kept
        tries = damping * np.array([0.1, 1.0, 10.0, 100.0, 1e4])
        moves = np.stack([np.linalg.solve(normal + t * np.diag(np.diag(normal) + 1e-3), -pull) for t in tries])
        found = misfit(numbers + moves)
        best = int((found**2).sum(1).argmin())
        if (found[best] ** 2).sum() >= (wrong**2).sum() * (1 - 1e-6):
            break
        numbers, wrong, damping = numbers + moves[best], found[best], max(float(tries[best]), 1e-6)
    return numbers


@dataclass(frozen=True, eq=False, kw_only=True)
class Cells:
    """A grid of cells in a hand's own axes, for a hand of size 1: its lowest corner, and its lines along x, y and z."""

    low: Points
    lines: tuple[NDArray[np.float32], ...]

    def empty(self) -> NDArray[np.float32]:
        """Distances far from any flesh."""
        return np.full([len(line) for line in self.lines], FAR, np.float32)

    def around(self, low: Points, high: Points) -> tuple[slice, ...]:
        """The cells between two corners."""
        count = [len(line) for line in self.lines]
        starts = np.floor((low - self.low) / PIECE).astype(int).clip(0, count)
        stops = (np.ceil((high - self.low) / PIECE).astype(int) + 1).clip(0, count)
        return tuple(slice(i, j) for i, j in zip(starts, stops, strict=True))

    def capsule(self, a: Points, b: Points, r: float, s: float) -> tuple[tuple[slice, ...], NDArray[np.float32]]:
        """Where flesh of radius r at a and s at b can matter, and about its signed distance there."""
        reach = max(r, s) + 0.012
        where = self.around(np.minimum(a, b) - reach, np.maximum(a, b) + reach)
        x, y, z = np.meshgrid(*(line[w] for line, w in zip(self.lines, where, strict=True)), indexing="ij", sparse=True)
        way = (b - a).astype(np.float32)
        share = (x - a[0]) * way[0] + (y - a[1]) * way[1] + (z - a[2]) * way[2]
        share = np.clip(share / (way @ way), 0, 1).astype(np.float32)
        gap = (x - a[0] - share * way[0]) ** 2 + (y - a[1] - share * way[1]) ** 2 + (z - a[2] - share * way[2]) ** 2
        return where, np.asarray(np.sqrt(gap) - (r + (s - r) * share), np.float32)

    def lay(self, field: NDArray[np.float32], bones: Sequence[Bone], width: float) -> None:
        """Add the flesh of bones to a field, rounding what is between over a width."""
        for bone in bones:
            where, gap = self.capsule(*bone)
            field[where] = melted(field[where], gap, width)


def melted(a: NDArray[np.float32], b: NDArray[np.float32], width: float) -> NDArray[np.float32]:
    """The smaller of two distances, rounded where they differ by less than `width`, by a quadratic."""
    share = np.maximum(width - np.abs(a - b), 0) / width
    return np.asarray(np.minimum(a, b) - share * share * (width / 4), np.float32)


def laid_flesh(draw: np.random.Generator, pose: Pose, size: float, body: Body) -> tuple[Mesh, Mesh]:
    """The surface of one skeleton's flesh, and its nails, in the product's axes."""
    axes, wrist = pose.axes[0], pose.wrist[0]
    joints = (pose.joints[0] - wrist) @ axes / size
    backs, arm = pose.backs[0] @ axes, pose.arm[0] @ axes
    ends = np.concatenate([joints.reshape(-1, 3), [0.27 * arm], np.zeros((1, 3))])
    low, high = ends.min(0) - 0.052, ends.max(0) + 0.052
    lines = tuple(np.arange(a, b, PIECE).astype(np.float32) for a, b in zip(low, high, strict=True))
    cells = Cells(low=low, lines=lines)

    field = cells.empty()
    cells.lay(field, forearm_bones(arm), 0.012)
    cells.lay(field, palm_bones(joints, backs), 0.01)
    lay_digits(cells, field, joints, backs)
    press(cells, field, body, axes * size, wrist)

    # "descent" is what turns faces outward where values grow outward; the normals look inward either way
    surfaced: Any = marching_cubes  # untyped
    points, faces, inward, _ = surfaced(field, 0.0, spacing=(PIECE,) * 3, gradient_direction="descent")
    points = points + low
    points = points + inward * dents(draw, points, joints)[:, None]
    flesh = plain(points * size @ axes.T + wrist, faces)
    plates = joined(nail_plate(joints[k], backs[k, 2], RADII[k, 2:], cells, field) for k in range(5))
    placed = (plates.vertices * size @ axes.T + wrist).astype(np.float32)
    return flesh, Mesh(vertices=placed, faces=plates.faces, uv=plates.uv)


def forearm_bones(arm: Points) -> list[Bone]:
    """Two side by side, as an arm has them: flat at the wrist, thicker towards the elbow."""
    across = np.cross(arm, (0.0, 0.0, 1.0))
    across *= 0.0085 / np.linalg.norm(across)
    thickness_at = ((-0.012, 0.0185), (0.04, 0.0205), (0.17, 0.032), (0.27, 0.034))
    return [
        (side * across + a * arm, side * across + b * arm, r, s)
        for side in (-1, 1)
        for (a, r), (b, s) in pairwise(thickness_at)
    ]


def palm_bones(joints: Points, backs: Points) -> list[Bone]:
    """Metacarpals, the balls of thumb and little finger, pads under the knuckles, the web of the thumb."""
    root, first, index = joints[0, 0], joints[0, 1] - joints[0, 0], joints[1, 0] - CARPUS[1]
    fixed = [
        ((12, -14, -8), (58, -27, -7), 13.5, 11.5),
        ((75, 20, -6), (72, -24, -7), 9.0, 9.0),
    ]
    ball = np.array((0.014, 0.008, -0.01))
    return [
        *((CARPUS[k], joints[k, 0] - (0.004, 0, 0.001), 0.0125, 0.0108) for k in range(1, 5)),
        *((np.array(a) / 1000, np.array(b) / 1000, r / 1000, s / 1000) for a, b, r, s in fixed),
        (CARPUS[0], root, 0.014, 0.0145),
        (root, joints[0, 1], 0.0145, 0.0118),
        (ball, root + 0.62 * first - 0.003 * backs[0, 0], 0.014, 0.0125),
        *(
            (root + high * first, CARPUS[1] + low * index, 0.0075, 0.008)
            for low, high in ((0.35, 0.35), (0.5, 0.6), (0.62, 0.85))
        ),
    ]


def lay_digits(cells: Cells, field: NDArray[np.float32], joints: Points, backs: Points) -> None:
    """Add thumb and fingers: each melts into the palm at its first phalanx, and into no other digit."""
    roots, digits, own = cells.empty(), cells.empty(), cells.empty()
    for digit in range(5):
        window = cells.around(joints[digit].min(0) - 0.03, joints[digit].max(0) + 0.03)
        own[window] = FAR
        first = 1 if digit == 0 else 0  # the thumb's metacarpal is the palm's
        for phalanx in range(first, 3):
            a, b = joints[digit, phalanx], joints[digit, phalanx + 1]
            r, s = (float(radius) for radius in RADII[digit, phalanx : phalanx + 2])
            back, way = backs[digit, phalanx], b - a
            if phalanx == first:
                where, gap = cells.capsule(a, b, r, s)
                roots[where] = np.minimum(roots[where], gap)
            waist = (r + s) / 2 - 0.0006
            pulp, end = -0.0017 * back, 0.95 if phalanx == 2 else 0.7
            bones = [(a, a + way / 2, r, waist), (a + way / 2, b, waist, s)]
            bones.append((a + 0.3 * way + pulp, a + end * way + pulp, r * 0.9, s * 0.94))
            if phalanx < 2:
                bones.append((b - 0.03 * way + 0.0008 * back, b + 0.0008 * back, s, s * 0.98))  # the knuckle
            cells.lay(own, bones, 0.003)
        digits[window] = np.minimum(digits[window], own[window])
    window = cells.around(joints.min((0, 1)) - 0.03, joints.max((0, 1)) + 0.03)
    field[window] = np.minimum(melted(field[window], roots[window], 0.009), digits[window])


def press(cells: Cells, field: NDArray[np.float32], body: Body, axes: Points, wrist: Points) -> None:
    """Take away the flesh that would be inside the product, so that it lies flat on it.

    axes  (3, 3), columns the hand's own axes times its size.
    """
    side, top = float(body.reach.max()) + 0.004, body.top + 0.004
    corners = np.array([(x, y, z) for x in (-side, side) for y in (-side, side) for z in (-0.004, top)])
    own = (corners - wrist) @ np.linalg.inv(axes).T
    window = cells.around(own.min(0), own.max(0))
    near = np.argwhere(field[window] < 0.004) + [part.start for part in window]
    places = (cells.low + near * PIECE) @ axes.T + wrist
    within = (places[:, 2] > -0.004) & (places[:, 2] < top)
    within &= (places[:, :2] @ body.ways[::4].T < body.reach.max(0)[::4] + 0.004).all(1)
    near, places = near[within], places[within]
    away = np.concatenate([clearance(body, block)[0] for block in np.array_split(places, len(near) // 4096 + 1)])
    at = tuple(near.T)
    depth = (away - GAP) / np.linalg.norm(axes[:, 0])
    field[at] = -melted(-field[at], depth.astype(np.float32), 0.0012)


def dents(draw: np.random.Generator, points: Points, joints: Points) -> Points:
    """How deep the skin lies below the flesh at (n, 3) points, never above it: creases at joints, and unevenness."""
    depth = np.full(len(points), 0.0001)
    for _ in range(4):
        wave = draw.normal(0, 1, 3)
        wave *= math.tau / draw.uniform(0.007, 0.02) / np.linalg.norm(wave)
        depth += 0.00005 * (1 + np.sin(points @ wave + draw.uniform(0, math.tau)))
    for digit in joints:
        for before, joint, after in zip(digit[:-2], digit[1:-1], digit[2:], strict=True):
            way = (after - before) / np.linalg.norm(after - before)
            gap = points - joint
            along = gap @ way + 0.0012 * np.sin(800 * gap[:, 0])  # not quite straight
            inside = (gap**2).sum(1) < 0.015**2
            for shift in (-0.0022, 0.0022):
                depth += 0.0003 * inside * np.exp(-(((along - shift) / 0.001) ** 2))
    return depth


def nail_plate(joints: Points, back: Points, radii: Points, cells: Cells, field: NDArray[np.float32]) -> Mesh:
    """A nail on the skin of a digit's last phalanx.

    joints  (4, 3) of the digit; back (3,) where the phalanx' back looks; radii (2,) at its root and tip.
    """
    root, tip = joints[2:]
    r, s = radii
    way = (tip - root) / np.linalg.norm(tip - root)
    side = np.cross(way, back)
    long = float(np.linalg.norm(tip - root))
    rows = np.linspace(0, 1, 9)
    wide = math.radians(52) * (1 - (1 - rows[:, None]) ** 4 * 0.75) * (1 - 0.35 * rows[:, None] ** 6)
    angle = wide * np.linspace(-1, 1, 9)
    reach = long - 0.95 * s + rows * 1.62 * s
    out = np.cos(angle)[..., None] * back + np.sin(angle)[..., None] * side
    skin = root + reach[:, None, None] * way + out * (r + s) / 2
    for _ in range(4):
        at = ((skin - cells.low) / PIECE).reshape(-1, 3).T
        skin = skin - out * map_coordinates(field, at, order=1, mode="nearest").reshape(*angle.shape, 1)
    # a plate bends across and hardly along: it does not follow the tip down
    rings = np.concatenate([skin + 0.0004 * out, (skin - 0.0012 * out)[:, ::-1]], axis=1)
    return surface(rings, around=True, capped=True)


def ringed(pose: Pose, size: float, reach: Points, rise: Points) -> Points:
    """(n, k, 3) rings round the forearm, counter-clockwise as seen from the elbow.

    reach  (n,) metres from the wrist.
    rise   (n,) or (n, k) metres above the skin there.
    """
    arm, back = pose.arm[0], pose.axes[0, :, 2]
    across = np.cross(arm, back)
    across /= np.linalg.norm(across)
    up = np.cross(across, arm)
    rise = np.broadcast_to(rise if rise.ndim == 2 else rise[:, None], (len(reach), 48))
    bone = np.interp(reach / size, [-0.012, 0.04, 0.17, 0.27], [0.0185, 0.0205, 0.032, 0.034])[:, None] * size
    angle = np.arange(48) * math.tau / 48
    # across x up points against the arm: walk it the other way round
    wide = (bone + 0.009 * size + rise) * np.cos(angle)
    high = (bone + 0.0015 * size + rise) * -np.sin(angle)
    middle = pose.wrist[0] + reach[:, None] * arm
    return np.asarray(middle[:, None] + wide[..., None] * across + high[..., None] * up)


def sleeve(draw: np.random.Generator, pose: Pose, size: float) -> Part:
    """Cloth over the forearm, in folds, from a cuff to beyond its end."""
    cuff, loose = draw.uniform(0.03, 0.1), draw.uniform(0.003, 0.009)
    out = np.linspace(0, 1, 40)
    reach = np.concatenate([[cuff + 0.03, cuff + 0.001, cuff], cuff + 0.001 + out * (0.33 - cuff)])
    angle = np.arange(48) * math.tau / 48
    folds = np.zeros((40, 48))
    for _ in range(5):
        turns, phase = draw.integers(-2, 3), draw.uniform(0, math.tau)
        folds += draw.uniform(0.1, 0.3) * np.sin(turns * angle + out[:, None] * draw.uniform(12, 40) + phase)
    folds = loose + 0.003 + loose * 0.7 * np.clip(folds, -1, 1) * np.minimum(1, out / 0.1)[:, None]
    rise = np.concatenate([np.array([-0.004, loose, loose + 0.0012])[:, None].repeat(48, 1), folds])
    material = Material(finish="cloth", colour=pigment(draw))
    return Part(
        name="sleeve", mesh=surface(ringed(pose, size, reach, rise), around=True, capped=True), material=material
    )


def watch_band(draw: np.random.Generator, pose: Pose, size: float) -> Part:
    """A band round the wrist."""
    at, wide = draw.uniform(0.032, 0.05), draw.uniform(0.007, 0.011)
    reach = at + wide * np.array([-1, -1, -0.95, 0.95, 1, 1])
    rise = np.array([-0.003, 0.0024, 0.0034, 0.0034, 0.0024, -0.003])
    finish: Finish = chosen(draw, ("matt plastic", "metal", "gloss plastic"))
    colour = pigment(draw) if finish != "metal" else (0.8, 0.79, 0.77)
    mesh = surface(ringed(pose, size, reach, rise), around=True, capped=True)
    return Part(name="watch band", mesh=mesh, material=Material(finish=finish, colour=colour))


def plain(points: Points, faces: NDArray[np.integer[Any]]) -> Mesh:
    """Triangles as a surface without print."""
    four = np.column_stack([faces, np.full(len(faces), -1)]).astype(np.int32)
    return Mesh(vertices=points.astype(np.float32), faces=four, uv=np.zeros((len(four), 4, 2), np.float32))


def mirrored(mesh: Mesh, mirror: Points) -> Mesh:
    """The surface with its x, y and z multiplied, its outside still outside."""
    faces = mesh.faces
    if mirror.prod() < 0:
        three = faces[:, 3:] < 0
        faces = np.where(three, faces[:, [0, 2, 1, 3]], faces[:, ::-1]).astype(np.int32)
    return Mesh(
        vertices=(mesh.vertices * mirror).astype(np.float32), faces=faces, uv=np.zeros_like(mesh.uv), smooth=mesh.smooth
    )


def rotations(turns: Points) -> Points:
    """(n, 3, 3) of (n, 3) axes times angles (Rodrigues 1840)."""
    angle = np.linalg.norm(turns, axis=1)[:, None, None]
    x, y, z = (turns / np.maximum(angle[:, 0], 1e-12)).T
    zero = np.zeros_like(x)
    cross = np.stack([zero, -z, y, z, zero, -x, -y, x, zero], axis=1).reshape(-1, 3, 3)
    return np.asarray(np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross)


def as_colour(values: Points) -> Colour:
    red, green, blue = np.clip(values, 0.02, 0.98)
    return float(red), float(green), float(blue)
