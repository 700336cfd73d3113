"""Products stand on the ground, and no two in the same place."""

from __future__ import annotations

import numpy as np
import pytest

from deepetch.studio.arrange import arrange, rotation, turned
from deepetch.studio.mesh import Mesh
from deepetch.studio.product import Material, Part, Product


def block(width, depth, height):
    corners = (
        np.array([[x, y, z] for z in (0, height) for y in (-depth, depth) for x in (-width, width)], np.float32) / 2
    )
    corners[:, 2] *= 2
    mesh = Mesh(vertices=corners, faces=np.zeros((0, 4), np.int32), uv=np.zeros((0, 4, 2), np.float32))
    return Product(kind="block", parts=(Part(name="body", mesh=mesh, material=Material(finish="paper")),))


def boxes_of(products, turns, places):
    clouds = [turned(p, t) + q for p, t, q in zip(products, turns, places, strict=True)]
    return [(cloud.min(0), cloud.max(0)) for cloud in clouds]


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_products_stand_on_the_ground_apart_from_each_other(seed, count):
    draw = np.random.default_rng(seed)
    products = [block(*draw.uniform(0.02, 0.3, 3)) for _ in range(count)]
    turns = [(float(draw.choice((0.0, -90.0))), 0.0, float(draw.uniform(-180, 180))) for _ in products]
    boxes = boxes_of(products, turns, arrange(draw, products, turns))
    for low, _ in boxes:
        assert low[2] == pytest.approx(0, abs=1e-6)
    for first in range(count):
        for second in range(first):
            gap = np.maximum(boxes[first][0] - boxes[second][1], boxes[second][0] - boxes[first][1])
            assert gap.max() > 0  # apart along x or y
    whole = np.array(boxes)
    middle = (whole[:, 0].min(0) + whole[:, 1].max(0)) / 2
    assert np.allclose(middle[:2], 0, atol=1e-6)


@pytest.mark.parametrize(
    ("turn", "goes_to"),
    [((90, 0, 0), (0, 0, 1)), ((0, 0, 90), (-1, 0, 0)), ((0, 90, 0), (0, 1, 0)), ((-90, 0, 0), (0, 0, -1))],
)
def test_turns_are_counter_clockwise_about_their_axis(turn, goes_to):
    assert np.allclose(rotation(turn) @ [0, 1, 0], goes_to, atol=1e-12)


def test_front_of_what_lies_on_its_back_looks_up():
    assert np.allclose(rotation((-90, 0, 0)) @ [0, -1, 0], [0, 0, 1], atol=1e-12)


def test_turns_come_in_the_order_x_y_z():
    assert np.allclose(rotation((90, 0, 90)) @ [0, 1, 0], rotation((0, 0, 90)) @ rotation((90, 0, 0)) @ [0, 1, 0])
