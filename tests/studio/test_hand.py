"""The hand against products whose surfaces are known by formula: a box, a cylinder."""

from __future__ import annotations

import numpy as np
import pytest
from shape_oracles import is_closed, signed_volume

from deepetch.studio.hands.hand import hand_parts
from deepetch.studio.mesh import Mesh
from deepetch.studio.product import Material, Part, Product
from deepetch.studio.shapes.box import box
from deepetch.studio.shapes.lathe import filleted, lathe

CARTON = (0.07, 0.07, 0.2)
FLAT = (0.15, 0.04, 0.2)
CAN = (0.033, 0.13)

Hand = tuple[Part, ...]


def product_of(mesh: Mesh) -> Product:
    return Product(kind="test", parts=(Part(name="body", mesh=mesh, material=Material(finish="paper")),))


def carton(size: tuple[float, float, float]) -> Product:
    return product_of(box(size, radius=0.0005))


def can(radius: float, height: float) -> Product:
    return product_of(lathe(filleted([(0, 0, 0), (radius, 0, 0), (radius, height, 0), (0, height, 0)])))


def distance_from_box(points: np.ndarray, size: tuple[float, float, float]) -> np.ndarray:
    half = np.array(size) / 2
    out = np.abs(points - (0, 0, half[2])) - half
    return np.linalg.norm(np.maximum(out, 0), axis=-1) + np.minimum(out.max(-1), 0)


def distance_from_cylinder(points: np.ndarray, radius: float, height: float) -> np.ndarray:
    out = np.stack(
        [np.hypot(points[..., 0], points[..., 1]) - radius, np.abs(points[..., 2] - height / 2) - height / 2]
    )
    return np.linalg.norm(np.maximum(out, 0), axis=0) + np.minimum(out.max(0), 0)


def drawn(seed: int, product: Product) -> Hand:
    return hand_parts(np.random.default_rng(seed), product)


@pytest.fixture(scope="module")
def on_carton() -> Hand:
    return drawn(1, carton(CARTON))


@pytest.fixture(scope="module")
def on_flat() -> Hand:
    return drawn(5, carton(FLAT))


@pytest.fixture(scope="module")
def on_can() -> Hand:
    return drawn(3, can(*CAN))


def test_no_part_of_a_hand_goes_into_a_carton_or_a_can(on_carton: Hand, on_flat: Hand, on_can: Hand) -> None:
    for part in on_carton:
        assert distance_from_box(part.mesh.vertices, CARTON).min() > -0.001, part.name
    for part in on_flat:
        assert distance_from_box(part.mesh.vertices, FLAT).min() > -0.001, part.name
    for part in on_can:
        assert distance_from_cylinder(part.mesh.vertices, *CAN).min() > -0.001, part.name


def test_thumb_and_fingers_touch_opposite_sides_of_a_carton(on_carton: Hand, on_flat: Hand) -> None:
    for parts, size in ((on_carton, CARTON), (on_flat, FLAT)):
        points = parts[0].mesh.vertices
        touching = points[distance_from_box(points, size) < 0.001]
        front, back = (np.abs(touching[:, 1] - side * size[1] / 2) < 0.001 for side in (-1, 1))
        assert front.sum() > 20  # a pad of 7 mm by 7 mm has some 20 corners of 1.5 mm cells
        assert back.sum() > 20


def test_left_and_right_hands_are_told_by_where_arm_and_thumb_are(on_carton: Hand, on_flat: Hand) -> None:
    names = set()
    for parts, size in ((on_carton, CARTON), (on_flat, FLAT)):
        points = parts[0].mesh.vertices
        touching = points[distance_from_box(points, size) < 0.001]
        thumb_in_front = (touching[:, 1] < -size[1] / 2).sum() < (touching[:, 1] > size[1] / 2).sum()
        from_left = points[np.abs(points[:, 0]).argmax(), 0] < 0
        # a left hand from the left shows its thumb; so does a right hand from the right
        assert parts[0].name == ("left hand" if from_left == thumb_in_front else "right hand")
        names.add(parts[0].name)
    assert names == {"left hand", "right hand"}


def test_a_hand_reaches_round_a_can(on_can: Hand) -> None:
    points = on_can[0].mesh.vertices
    touching = points[distance_from_cylinder(points, *CAN) < 0.001]
    angles = np.sort(np.arctan2(touching[:, 1], touching[:, 0]))
    widest_gap = np.diff(angles, append=angles[0] + 2 * np.pi).max()
    assert widest_gap < np.pi  # else it would fall out of the hand


def test_surfaces_are_closed_and_look_outward(on_carton: Hand, on_can: Hand) -> None:
    for part in (*on_carton, *on_can):
        assert is_closed(part.mesh), part.name
        assert signed_volume(part.mesh) > 0, part.name


def test_flesh_weighs_what_a_hand_with_a_forearm_does(on_carton: Hand) -> None:
    # about one and a half litres: a hand of 0.4 and a forearm of a little over 1
    assert 0.0008 < signed_volume(on_carton[0].mesh) < 0.0018


def test_the_forearm_reaches_thirty_centimetres_from_the_grip(on_carton: Hand, on_flat: Hand, on_can: Hand) -> None:
    for parts in (on_carton, on_flat, on_can):
        points = parts[0].mesh.vertices
        tips = parts[1].mesh.vertices.mean(0)
        assert 0.3 < np.linalg.norm(points - tips, axis=1).max() < 0.6


def test_the_same_generator_state_draws_the_same_hand(on_can: Hand) -> None:
    for first, second in zip(on_can, drawn(3, can(*CAN)), strict=True):
        assert first.material == second.material
        assert np.array_equal(first.mesh.vertices, second.mesh.vertices)
        assert np.array_equal(first.mesh.faces, second.mesh.faces)


def test_five_nails_are_a_little_paler_than_the_skin(on_carton: Hand) -> None:
    skin, nails = on_carton[:2]
    assert (skin.material.finish, nails.name) == ("skin", "nails")
    assert np.all(np.array(nails.material.colour) > np.array(skin.material.colour) - 0.06)
    assert len(nails.mesh.vertices) % 5 == 0


def test_uv_and_faces_have_the_forms_of_a_mesh(on_carton: Hand) -> None:
    for part in on_carton:
        mesh = part.mesh
        assert (mesh.vertices.dtype, mesh.faces.dtype, mesh.uv.dtype) == (np.float32, np.int32, np.float32)
        assert mesh.uv.shape == (len(mesh.faces), 4, 2)
        assert not mesh.uv.any()
