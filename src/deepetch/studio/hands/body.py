"""What a hand feels of a product."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from deepetch.studio.mesh import Mesh
from deepetch.studio.shapes.sheet import Points

LAYER = 0.002  # metres between sections of the product


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


def thickness(body: Body, height: float, x: float) -> tuple[float, float]:
    """How far a section goes to the front and to the back of the z axis at a place along x."""
    section = body.reach[min(int(height / LAYER), len(body.reach) - 1)]
    cosine, sine = body.ways.T
    back, front = sine > 0.01, sine < -0.01
    limits = (section - x * cosine) / np.where(np.abs(sine) > 0.01, np.abs(sine), 1.0)
    return float(limits[front].min()), float(limits[back].min())


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
