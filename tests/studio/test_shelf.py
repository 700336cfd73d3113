from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from deepetch.studio.mesh import Mesh
from deepetch.studio.shelves.shelves import shelf_surfaces
from deepetch.studio.surface import Surface

SHELVES = ((0, 0.4), (1, 1.5), (2, 0.9), (3, 1.5), (4, 0.6))  # seed and distance
HEIGHT = 0.12
STANDING = ("carton", "gable top", "pouch")  # of one piece, from the foot to the top
OTHERS = ("tags", "signs", "floor")


@cache
def shelf(seed: int, distance: float) -> tuple[Surface, ...]:
    return tuple(shelf_surfaces(np.random.default_rng(seed), distance=distance, height=HEIGHT))


def copies(mesh: Mesh) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest corners, (n, 3) each, of the pieces of a surface that hang together."""
    after = np.where(mesh.faces < 0, mesh.faces[:, :1], mesh.faces)
    start, end = after.ravel(), np.roll(after, -1, axis=1).ravel()
    size = len(mesh.vertices)
    count, which = connected_components(coo_array((np.ones(len(start)), (start, end)), (size, size)), directed=False)
    low, high = np.full((count, 3), np.inf), np.full((count, 3), -np.inf)
    np.minimum.at(low, which, mesh.vertices)
    np.maximum.at(high, which, mesh.vertices)
    return low, high


def first_hit(surfaces: tuple[Surface, ...], start: np.ndarray, way: np.ndarray) -> bool:
    """Whether a ray meets any triangle (Möller and Trumbore 1997)."""
    for each in surfaces:
        mesh = each.part.mesh
        quads = mesh.faces[mesh.faces[:, 3] >= 0]
        a, b, c = (
            mesh.vertices[np.concatenate([mesh.faces[:, :3], quads[:, [0, 2, 3]]])].transpose(1, 0, 2).astype(float)
        )
        across = np.cross(way, c - a)
        size = ((b - a) * across).sum(1)
        size = np.where(np.abs(size) < 1e-15, np.nan, size)
        u = ((start - a) * across).sum(1) / size
        turn = np.cross(start - a, b - a)
        v, t = turn @ way / size, ((c - a) * turn).sum(1) / size
        if ((u >= 0) & (v >= 0) & (u + v <= 1) & (t > 0)).any():
            return True
    return False


@pytest.mark.parametrize(("seed", "distance"), SHELVES)
def test_nothing_but_the_floor_comes_nearer_than_the_distance(seed: int, distance: float) -> None:
    for each in shelf(seed, distance):
        low, high = each.part.mesh.low, each.part.mesh.high
        if each.part.name == "floor":
            assert HEIGHT - 1.4 - 1e-6 <= low[2] == high[2] <= HEIGHT - 0.9 + 1e-6
        else:
            assert low[1] >= distance - 1e-6, each.part.name


@pytest.mark.parametrize(("seed", "distance"), SHELVES)
def test_a_shelf_stays_within_its_budget(seed: int, distance: float) -> None:
    surfaces = shelf(seed, distance)
    assert sum(len(each.part.mesh.vertices) for each in surfaces) <= 250_000
    assert len(surfaces) <= 60
    artwork = {id(each.picture) for each in surfaces if each.picture is not None and each.part.name not in OTHERS}
    assert 3 <= len(artwork) <= 14
    for each in surfaces:
        assert isinstance(each.picture, np.ndarray) == each.part.material.printed
        if isinstance(each.picture, np.ndarray):
            assert each.picture.dtype == np.uint8
            assert each.picture.ndim == 3
            assert max(each.picture.shape) <= 1024


@pytest.mark.parametrize(("seed", "distance"), SHELVES)
def test_meshes_are_whole_and_print_within_their_sheet(seed: int, distance: float) -> None:
    for each in shelf(seed, distance):
        mesh = each.part.mesh
        assert np.isfinite(mesh.vertices).all()
        assert mesh.uv.shape == (len(mesh.faces), 4, 2)
        assert mesh.uv.min() >= 0
        assert mesh.uv.max() <= 1
        assert mesh.faces.max() == len(mesh.vertices) - 1


@pytest.mark.parametrize(("seed", "distance"), SHELVES)
def test_goods_stand_on_boards_crates_or_each_other(seed: int, distance: float) -> None:
    surfaces = shelf(seed, distance)
    by_name = {each.part.name: each.part.mesh for each in surfaces}
    boards = np.unique(copies(by_name["boards" if "boards" in by_name else "rack"])[1][:, 2].round(4))
    panel = by_name["panel"].low[1]
    for each in surfaces:
        if each.part.name in STANDING:
            low, high = copies(each.part.mesh)
            foot = low[:, 2]
            on_board = np.abs(foot[:, None] - boards).min(1) < 2e-4
            in_crate = np.abs(foot[:, None] - boards - 0.006).min(1) < 2e-4
            middle = (low + high) / 2
            under = np.abs(middle[:, None, :2] - middle[None, :, :2]).max(2) < 0.005
            on_another = (under & (np.abs(foot[:, None] - high[None, :, 2]) < 1e-3)).any(1)
            assert (on_board | in_crate | on_another).all(), each.part.name
            assert (high[:, 1] < panel).all()


@pytest.mark.parametrize(("seed", "distance"), SHELVES)
def test_goods_of_one_sort_do_not_stand_in_one_another(seed: int, distance: float) -> None:
    for each in shelf(seed, distance):
        if each.part.name in STANDING:
            low, high = copies(each.part.mesh)
            deep = np.minimum(high[:, None], high[None]) - np.maximum(low[:, None], low[None])
            deep = np.where(np.eye(len(low), dtype=bool)[..., None], 0, deep)
            assert (deep.min(2) < 0.001).all(), each.part.name


@pytest.mark.parametrize("azimuth", [-45, 0, 45])
@pytest.mark.parametrize(("seed", "distance"), SHELVES[:2])
def test_shelves_fill_what_a_28_mm_lens_sees(seed: int, distance: float, azimuth: float) -> None:
    turn, rise = np.radians(azimuth), np.radians(8)
    target = np.array([0.0, 0.0, HEIGHT])
    start = target + np.array([np.cos(rise) * np.sin(turn), -np.cos(rise) * np.cos(turn), np.sin(rise)])
    forward = target - start
    right = np.cross(forward, (0, 0, 1))
    right /= np.linalg.norm(right)
    above = np.cross(right, forward)
    large = tuple(each for each in shelf(seed, distance) if each.part.name in ("panel", "head", "floor"))
    for across in (-1, -0.5, 0, 1):
        for up in (-1, 0, 1):
            way = forward + 18 / 28 * (across * right + up * above)
            assert first_hit(large, start, way), (across, up)
    # boards reach as far as the view does at its own level
    boards = next(each.part.mesh for each in shelf(seed, distance) if each.part.name in ("boards", "rack"))
    for side in (-1, 1):
        way = (forward + side * 18 / 28 * right) * (1, 1, 0)
        reached = start + way * (distance - start[1]) / way[1]
        assert boards.low[0] <= reached[0] <= boards.high[0]


def test_the_same_state_makes_the_same_shelf_and_two_states_differ() -> None:
    again = shelf_surfaces(np.random.default_rng(2), distance=0.9, height=HEIGHT)
    assert len(again) == len(shelf(2, 0.9))
    for first, second in zip(shelf(2, 0.9), again, strict=True):
        assert first.part.material == second.part.material
        assert np.array_equal(first.part.mesh.vertices, second.part.mesh.vertices)
        assert np.array_equal(np.asarray(first.picture), np.asarray(second.picture))
    other = shelf(4, 0.6)
    assert not np.array_equal(other[0].part.mesh.vertices.mean(0), again[0].part.mesh.vertices.mean(0))
