from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from shape_oracles import is_closed, signed_volume

from deepetch.studio.props.props import props_surfaces
from deepetch.studio.props.rooms import PROPS, ROOMS
from deepetch.studio.surface import Surface

SCENES = [(seed, reach) for seed, reach in enumerate((0.05, 0.12, 0.2, 0.4, 0.08, 0.15, 0.3, 0.1))]
SHEETS = ("leaves", "picture", "paper", "earth", "shade")  # open, seen from both sides or from one alone
SOLID = {"books": 0.001, "blocks": 5e-5, "pebbles": 1e-6, "hammer": 5e-5, "plate": 3e-5}  # name, least volume in m3


def product(reach: float) -> np.ndarray:
    """Corners of a box whose furthest corner is `reach` from the origin."""
    corners = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (0, 2)], float) * (0.5, 0.4, 0.5)
    scaled: np.ndarray = corners * reach / np.linalg.norm(corners, axis=1).max()
    return scaled


@cache
def props(seed: int, reach: float) -> tuple[Surface, ...]:
    return tuple(props_surfaces(np.random.default_rng(seed), reach=reach, keep_clear=product(reach)))


def bounds(surfaces: list[Surface] | tuple[Surface, ...]) -> tuple[np.ndarray, np.ndarray]:
    return (
        np.min([each.part.mesh.vertices.min(0) for each in surfaces], axis=0),
        np.max([each.part.mesh.vertices.max(0) for each in surfaces], axis=0),
    )


def groups(surfaces: tuple[Surface, ...]) -> list[tuple[np.ndarray, np.ndarray]]:
    """Bounding boxes of things that reach into each other's: surfaces of one prop, found by growing together."""
    boxes = [(each.part.mesh.vertices.min(0), each.part.mesh.vertices.max(0)) for each in surfaces]
    merged: list[tuple[np.ndarray, np.ndarray]] = []
    for low, high in boxes:
        apart = []
        for other_low, other_high in merged:
            if (low[:2] <= other_high[:2] + 0.003).all() and (high[:2] >= other_low[:2] - 0.003).all():
                low, high = np.minimum(low, other_low), np.maximum(high, other_high)
            else:
                apart.append((other_low, other_high))
        merged = [*apart, (low, high)]
    return merged


@pytest.mark.parametrize("name", PROPS)
def test_every_prop_stands_on_the_ground_in_a_size_one_would_believe(name: str) -> None:
    for seed in range(6):
        prop = PROPS[name](np.random.default_rng(seed))
        low, high = bounds(prop)
        assert abs(low[2]) < 1e-5
        size = high - low
        assert size[:2].max() < 0.55
        assert 0.01 < size.max() < 0.6
        for each in prop:
            mesh = each.part.mesh
            assert np.isfinite(mesh.vertices).all()
            assert mesh.vertices.dtype == np.float32
            assert mesh.faces.dtype == np.int32
            assert mesh.uv.shape == (len(mesh.faces), 4, 2)
            assert mesh.uv.min() >= 0
            assert mesh.uv.max() <= 1
            assert mesh.faces.max() == len(mesh.vertices) - 1
            assert isinstance(each.picture, np.ndarray) == each.part.material.printed


@pytest.mark.parametrize("name", PROPS)
def test_solid_props_are_closed_and_turned_outward(name: str) -> None:
    for seed in range(3):
        for each in PROPS[name](np.random.default_rng(seed)):
            if each.part.name not in SHEETS and name != "frame":
                assert is_closed(each.part.mesh), each.part.name
                assert signed_volume(each.part.mesh) > 0, each.part.name


@pytest.mark.parametrize(("name", "least"), SOLID.items())
def test_solid_props_have_a_volume(name: str, least: float) -> None:
    prop = PROPS[name](np.random.default_rng(1))
    assert sum(signed_volume(each.part.mesh) for each in prop) > least / 4


@pytest.mark.parametrize(("seed", "reach"), SCENES)
def test_props_keep_clear_of_the_products_and_stand_on_the_ground(seed: int, reach: float) -> None:
    clear = product(reach)
    found = groups(props(seed, reach))
    assert 4 <= len(found) <= 12
    for low, high in found:
        assert abs(low[2]) < 1e-5
        beside = (low[:2] > clear.max(0)[:2]) | (high[:2] < clear.min(0)[:2])
        assert beside.any()
        assert high[1] < 0.36 + 2.4 * reach


@pytest.mark.parametrize(("seed", "reach"), SCENES)
def test_no_prop_hides_a_product_from_viewers_in_front(seed: int, reach: float) -> None:
    clear = product(reach)
    low, high = clear.min(0), clear.max(0)
    share = np.linspace(0, 1, 9)
    points = low[:2] + np.stack(np.meshgrid(share, share), axis=-1).reshape(-1, 2) * (high - low)[:2]
    steps = np.linspace(0, 1.5, 300)[:, None, None]
    for azimuth in (-30, -8, 0, 8, 30):
        away = np.array([np.sin(np.radians(azimuth)), -np.cos(np.radians(azimuth))])
        seen = points + steps * away  # along each line of sight
        for near, far in groups(props(seed, reach)):
            if far[2] > 0.12 * high[2] or abs(azimuth) < 10:
                assert not ((seen > near[:2]) & (seen < far[:2])).all(2).any()


@pytest.mark.parametrize(("seed", "reach"), SCENES)
def test_props_are_cheap(seed: int, reach: float) -> None:
    surfaces = props(seed, reach)
    assert sum(len(each.part.mesh.vertices) for each in surfaces) <= 120_000
    pictures = [each.picture for each in surfaces if isinstance(each.picture, np.ndarray)]
    assert len(pictures) <= 40
    assert all(picture.dtype == np.uint8 and max(picture.shape) <= 400 for picture in pictures)


def test_things_before_the_products_are_low() -> None:
    seen = 0
    for seed in range(14):
        clear = product(0.2)
        surfaces = props_surfaces(np.random.default_rng(seed), reach=0.2, keep_clear=clear)
        for _, high in groups(tuple(surfaces)):
            if high[1] < clear.min(0)[1]:
                seen += 1
                assert high[2] <= clear.max(0)[2] / 2
    assert seen > 3


def test_props_need_no_products() -> None:
    surfaces = props_surfaces(np.random.default_rng(1), reach=0.2, keep_clear=np.zeros((0, 3)))
    assert len(groups(tuple(surfaces))) >= 4


def test_the_same_state_draws_the_same_props_and_two_states_differ() -> None:
    again = props_surfaces(np.random.default_rng(1), reach=0.12, keep_clear=product(0.12))
    for first, second in zip(props(1, 0.12), again, strict=True):
        assert first.part.material == second.part.material
        assert np.array_equal(first.part.mesh.vertices, second.part.mesh.vertices)
        assert np.array_equal(np.asarray(first.picture), np.asarray(second.picture))
    other = props_surfaces(np.random.default_rng(2), reach=0.12, keep_clear=product(0.12))
    assert [each.part.name for each in other] != [each.part.name for each in again]


def test_every_room_has_props_of_its_own_and_every_prop_a_room() -> None:
    assert {name for names in ROOMS.values() for name in names} == set(PROPS)
    assert all(len(names) == len(set(names)) >= 6 for names in ROOMS.values())
