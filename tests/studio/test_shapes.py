from __future__ import annotations

import math

import numpy as np
import pytest
from shape_oracles import flux_from_axis, is_closed, print_scale, see_through_holes, signed_volume, triangles

from deepetch.studio.shapes.box import box, unfolded
from deepetch.studio.shapes.lathe import filleted, lathe, radius_at
from deepetch.studio.shapes.sheet import evened, holed_plate, on_sheet, pillow, surface, turned, wall_size
from deepetch.studio.shapes.sweep import circle, rounded_rectangle, smooth_path, sweep

CYLINDER = np.array([(0.0, 0.0), (0.03, 0.0), (0.03, 0.1), (0.0, 0.1)])


def ring_path(radius: float, steps: int) -> np.ndarray:
    angle = np.arange(steps) * math.tau / steps
    return radius * np.stack([np.cos(angle), 0 * angle, np.sin(angle)], axis=1)


def wall(y: float) -> np.ndarray:
    x, z = np.meshgrid(np.linspace(-0.05, 0.05, 11), np.linspace(0, 0.2, 9))
    return np.stack([x, np.full_like(x, y), z], axis=-1)


def test_turned_cylinder_is_closed_and_holds_its_volume() -> None:
    mesh = lathe(CYLINDER, steps=256)
    assert is_closed(mesh)
    assert signed_volume(mesh) == pytest.approx(math.pi * 0.03**2 * 0.1, rel=2e-4)  # a 256-gon lacks 1e-4


def test_turned_ball_holds_its_volume() -> None:
    angle = np.linspace(-math.pi / 2, math.pi / 2, 129)
    line = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    line[[0, -1], 0] = 0.0
    mesh = lathe(line, steps=256)
    assert is_closed(mesh)
    assert signed_volume(mesh) == pytest.approx(4 / 3 * math.pi, rel=1e-3)


def test_turned_loop_is_a_ring_with_the_volume_pappus_gives() -> None:
    section = rounded_rectangle(0.01, 0.02, 1e-6) + np.array([0.05, 0.0])
    mesh = lathe(section, steps=256, loop=True)
    assert is_closed(mesh)
    assert signed_volume(mesh) == pytest.approx(math.tau * 0.05 * 0.01 * 0.02, rel=1e-3)


def test_square_body_nearly_fills_its_square() -> None:
    mesh = lathe(CYLINDER, steps=256, square=0.97)
    assert signed_volume(mesh) == pytest.approx(0.06**2 * 0.1, rel=0.01)


def test_flat_body_is_as_deep_as_asked() -> None:
    mesh = lathe(CYLINDER, steps=64, flat=0.5)
    assert mesh.high[0] == pytest.approx(0.03)
    assert mesh.high[1] == pytest.approx(0.015)


def test_front_of_a_turned_body_is_the_middle_of_its_sheet() -> None:
    mesh = lathe(np.array([(0.03, 0.0), (0.03, 0.1)]), steps=64)
    corners, uv = triangles(mesh)
    front = np.abs(uv[:, :, 0].mean(1) - 0.5) < 0.05
    assert (corners[front][..., 1] < 0).all()
    right = np.abs(uv[:, :, 0].mean(1) - 0.75) < 0.05
    assert (corners[right][..., 0] > 0).all()


def test_label_band_faces_outward() -> None:
    assert flux_from_axis(lathe(np.array([(0.03, 0.0), (0.03, 0.1)]), span=2.0)) > 0


def test_flutes_only_take_away() -> None:
    plain, fluted = lathe(CYLINDER, steps=80), lathe(CYLINDER, steps=80, flutes=20, depth=0.002)
    assert is_closed(fluted)
    assert 0.8 * signed_volume(plain) < signed_volume(fluted) < signed_volume(plain)


def test_fillet_is_tangent_and_of_its_radius() -> None:
    line = filleted([(0.0, 0.0, 0.0), (1.0, 0.0, 0.3), (1.0, 1.0, 0.0)], segments=8)
    arc = line[1:-1]
    assert np.allclose(np.linalg.norm(arc - (0.7, 0.3), axis=1), 0.3)
    assert np.allclose(arc[[0, -1]], [(0.7, 0.0), (1.0, 0.3)])


def test_fillet_too_large_for_its_sides_is_made_smaller() -> None:
    line = filleted([(0.0, 0.0, 0.0), (1.0, 0.0, 5.0), (1.0, 1.0, 0.0)])
    assert line.min() >= 0
    assert line.max() <= 1


def test_radius_is_read_off_the_outer_side() -> None:
    assert radius_at(np.array([(0.0, 0.0), (1.0, 0.0), (2.0, 1.0), (0.0, 1.0)]), 0.5) == pytest.approx(1.5)


@pytest.mark.parametrize("bulge", [0.0, 0.004])
def test_box_is_closed_and_stands_on_the_ground(bulge: float) -> None:
    mesh = box((0.1, 0.05, 0.2), radius=0.002, bulge=bulge, cuts=6)
    assert is_closed(mesh)
    assert mesh.low[2] == pytest.approx(0, abs=1e-7)
    assert mesh.high[2] == pytest.approx(0.2)
    assert signed_volume(mesh) > 0.001 * (1 if bulge else 0.99)


def test_rounded_box_holds_the_volume_steiner_gives() -> None:
    a, b, c, r = 0.06, 0.04, 0.08, 0.01  # the inner box and the radius
    mesh = box((a + 2 * r, b + 2 * r, c + 2 * r), radius=r, segments=24)
    steiner = a * b * c + 2 * r * (a * b + b * c + c * a) + math.pi * r**2 * (a + b + c) + 4 / 3 * math.pi * r**3
    assert signed_volume(mesh) == pytest.approx(steiner, rel=1e-3)


def test_walls_of_an_unfolded_box_do_not_overlap_and_keep_their_proportions() -> None:
    size = (0.1, 0.05, 0.2)
    sheet, walls = unfolded(size)
    canvas = np.zeros((500, 300), int)
    for left, bottom, right, top in walls.values():
        canvas[round(bottom * 500) : round(top * 500), round(left * 300) : round(right * 300)] += 1
    assert canvas.max() == 1
    left, bottom, right, top = walls["front"]
    assert ((right - left) * sheet[0], (top - bottom) * sheet[1]) == pytest.approx((0.1, 0.2))


def test_box_prints_its_front_true_to_scale() -> None:
    size = (0.1, 0.05, 0.2)
    sheet, walls = unfolded(size)
    scale = print_scale(box(size, radius=0.001, cuts=4), sheet, walls["front"])
    flat = scale[scale[:, 2] > 1e-5]
    assert np.allclose(flat[:, :2], 1, atol=0.02)  # the flat part of a wall is a radius longer on its sheet


def test_torus_swept_around_is_closed_and_holds_its_volume() -> None:
    mesh = sweep(ring_path(0.03, 200), circle(0.004, 64), closed=True)
    assert is_closed(mesh)
    assert signed_volume(mesh) == pytest.approx(math.tau * 0.03 * math.pi * 0.004**2, rel=3e-3)
    assert see_through_holes([mesh], axis=1)[0] == pytest.approx(math.pi * 0.026**2, rel=0.05)
    assert see_through_holes([mesh], axis=2) == []


def test_swept_rod_is_closed_at_its_ends() -> None:
    mesh = sweep(smooth_path(np.array([[0, 0, 0], [0.02, 0, 0.03], [0.01, 0, 0.08]])), circle(0.004))
    assert is_closed(mesh)
    assert signed_volume(mesh) > 0


def test_smooth_path_goes_through_its_points() -> None:
    points = np.array([[0.0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]])
    assert np.allclose(smooth_path(points, steps=5)[::5], points)
    assert np.allclose(smooth_path(points, steps=5, closed=True)[::5], points)


@pytest.mark.parametrize(("arc", "cuts"), [(1, 1), (3, 2), (4, 7)])
def test_rounded_rectangle_runs_counter_clockwise_without_double_points(arc: int, cuts: int) -> None:
    outline = rounded_rectangle(0.1, 0.05, 0.01, arc=arc, cuts=cuts)
    after = np.roll(outline, -1, axis=0)
    assert len(outline) == 4 * (arc + cuts)
    assert (np.linalg.norm(after - outline, axis=1) > 1e-4).all()
    assert 0.0045 < (outline[:, 0] * after[:, 1] - outline[:, 1] * after[:, 0]).sum() / 2 < 0.005
    assert np.allclose(np.ptp(outline, axis=0), (0.1, 0.05))


def test_plate_has_a_hole() -> None:
    mesh = holed_plate(
        rounded_rectangle(0.1, 0.15, 0.01) + np.array([0, 0.075]), hole=(0, 0.13, 0.015, 0.006), thickness=0.001
    )
    assert is_closed(mesh)
    assert signed_volume(mesh) > 0
    assert len(see_through_holes([mesh], axis=1)) == 1


def test_print_on_a_plate_is_mirrored_behind() -> None:
    mesh = holed_plate(
        rounded_rectangle(0.1, 0.15, 0.01) + np.array([0, 0.075]), hole=(0, 0.13, 0.015, 0.006), thickness=0.001
    )
    corners, uv = triangles(mesh)
    front, back = (np.isclose(corners[..., 1], y).all(1) for y in (-0.0005, 0.0005))
    assert np.allclose(uv[front][..., 0], corners[front][..., 0] / 0.1 + 0.5, atol=1e-5)
    assert np.allclose(uv[back][..., 0], 0.5 - corners[back][..., 0] / 0.1, atol=1e-5)


def test_pillow_is_closed_and_prints_both_walls_side_by_side() -> None:
    mesh = pillow(wall(-0.001), wall(0.001))
    assert is_closed(mesh)
    assert signed_volume(mesh) == pytest.approx(0.1 * 0.2 * 0.002, rel=1e-4)
    corners, uv = triangles(mesh)
    front = np.isclose(corners[..., 1], -0.001).all(1)
    assert np.allclose(uv[front][..., 0], corners[front][..., 0] / 0.2 + 0.25, atol=1e-6)
    back = np.isclose(corners[..., 1], 0.001).all(1)
    assert np.allclose(uv[back][..., 0], 0.75 - corners[back][..., 0] / 0.2, atol=1e-6)
    assert wall_size(wall(0.0)) == pytest.approx((0.1, 0.2))


def test_evened_columns_lie_equally_far_apart_on_the_same_row() -> None:
    x = np.linspace(0, 1, 41) ** 2
    row = np.stack([x, x, 0 * x], axis=1)
    even = evened(row[None])[0]
    assert np.ptp(np.linalg.norm(np.diff(even, axis=0), axis=1)) < 1e-9
    assert np.allclose(even[[0, -1]], row[[0, -1]])


def test_turning_keeps_a_volume_and_follows_the_right_hand() -> None:
    mesh = box((0.1, 0.05, 0.2), radius=0.002)
    assert signed_volume(turned(mesh, (1, 2, 3), 77)) == pytest.approx(signed_volume(mesh), rel=1e-4)
    rod = surface(np.array([[[0.0, 0, 0], [1.0, 0, 0]], [[0.0, 0, 1], [1.0, 0, 1]]]))
    assert np.allclose(turned(rod, (0, 0, 1), 90).vertices[1], (0, 1, 0), atol=1e-6)


def test_print_can_be_squeezed_into_a_part_of_the_sheet() -> None:
    mesh = on_sheet(pillow(wall(-0.001), wall(0.001)), (0.25, 0.5, 0.75, 0.6))
    assert np.allclose(mesh.uv.min((0, 1)), (0.25, 0.5))
    assert np.allclose(mesh.uv.max((0, 1)), (0.75, 0.6))
