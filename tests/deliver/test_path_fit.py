from __future__ import annotations

import numpy as np
import pytest
from drawn_shapes import blobs, disc, places, polygon, soft, star
from matplotlib.path import Path as Outline

from deepetch.deliver.path.bezier import flatten, is_straight, straight
from deepetch.deliver.path.contour import enclosed_area, trace_contours
from deepetch.deliver.path.corners import lengths_along
from deepetch.deliver.path.crossing import crossing_segments
from deepetch.deliver.path.path import ClippingPath, clipping_path, largest_distance, path_iou, rasterise
from deepetch.errors import InvalidArray, InvalidOptions, NoSubject
from deepetch.options import PathOptions

RECTANGLE = np.array([(30, 25), (150, 25), (150, 130), (30, 130)], float)


def corners_of(path):
    return np.concatenate([curve[:, 0] for curve in path.subpaths])


def nearest(points, others):
    return np.hypot(*(points[:, None] - others).transpose(2, 0, 1)).min(axis=1)


@pytest.mark.parametrize("radius", [8.0, 25.0, 50.0])
def test_a_circle_has_four_to_eight_nodes(radius):
    path = clipping_path(disc(radius))
    assert 4 <= path.nodes <= 8
    points, _ = flatten(path.subpaths[0], 0.001)
    np.testing.assert_allclose(np.hypot(*(points - (70.3, 59.8)).T), radius, atol=0.5)


@pytest.mark.parametrize("shift", [(0, 0), (0.3, 0.45)])
def test_a_rectangle_keeps_its_corners_and_straight_sides(shift):
    corners = RECTANGLE + shift
    path = clipping_path(polygon(corners, samples=20))
    assert path.nodes == 4
    # of an edge between two borders of pixels the contour, bilinear between shares, is up to 0.09 beside it
    assert nearest(corners, corners_of(path)).max() < (0.2 if any(shift) else 0.1)
    assert is_straight(path.subpaths[0]).all()


def test_a_turned_rectangle_keeps_its_corners():
    angle = np.radians(27)
    turn = np.array([(np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle))])
    corners = (RECTANGLE - (90, 80)) @ turn.T + (110, 100)
    path = clipping_path(polygon(corners))
    assert path.nodes == 4
    assert nearest(corners, corners_of(path)).max() < 0.15  # an eighth of a pixel is a sample of the drawing


def test_a_star_has_a_node_at_each_tip_and_notch():
    path = clipping_path(polygon(star()))
    assert path.nodes == 10
    assert is_straight(path.subpaths[0]).all()
    assert nearest(star(), corners_of(path)).max() < 0.8  # pixels blunt a tip of 36 degrees


def test_a_hole_is_an_inner_path_the_other_way_round():
    path = clipping_path(np.minimum(disc(45), 255 - disc(18)))
    areas = sorted(enclosed_area(flatten(curve, 0.01)[0]) for curve in path.subpaths)
    np.testing.assert_allclose(areas, [-np.pi * 18**2, np.pi * 45**2], rtol=0.01)


def test_a_subject_at_the_frame_keeps_to_it():
    path = clipping_path(disc(40, centre=(5.0, 60.0)))
    (curve,) = path.subpaths
    points, _ = flatten(curve, 0.01)
    assert points[:, 0].min() == pytest.approx(0, abs=0.05)
    assert (curve >= 0).all()
    on_frame = (curve[..., 0] == 0).all(axis=1)
    assert on_frame.any()
    assert is_straight(curve)[on_frame].all()


@pytest.mark.parametrize("tolerance", [0.25, 0.5, 1.0])
@pytest.mark.parametrize("seed", range(4))
def test_the_tolerance_is_kept_without_crossings_and_with_few_nodes(seed, tolerance):
    alpha = blobs(seed)
    options = PathOptions(tolerance=tolerance)
    path = clipping_path(alpha, options)
    contours = trace_contours(alpha, smallest=options.smallest)
    assert largest_distance(path, contours) <= tolerance + 0.1
    assert not any(map(len, crossing_segments(path.subpaths)))
    length = sum(lengths_along(contour.points)[-1] for contour in contours)
    assert path.nodes * 40 / length <= {0.25: 2, 0.5: 1.5, 1.0: 1.3}[tolerance]
    assert path_iou(path, alpha) > 0.98


def test_of_a_hard_mask_half_a_pixel_more_is_allowed_and_few_nodes_follow_steps():
    x, y = places(200, 220)
    mask = np.where(70 + 10 * np.sin(5 * np.arctan2(y - 100, x - 110)) > np.hypot(x - 110, y - 100), 255, 0)
    path = clipping_path(mask.astype(np.uint8))
    contours = trace_contours(mask.astype(np.uint8))
    assert largest_distance(path, contours) <= 1.1
    assert path.nodes * 40 / lengths_along(contours[0].points)[-1] <= 1.5


def test_smooth_joints_have_one_tangent():
    for curve in clipping_path(blobs(2)).subpaths:
        arrive, leave = np.roll(curve[:, 3] - curve[:, 2], 1, axis=0), curve[:, 1] - curve[:, 0]
        cosine = (arrive * leave).sum(axis=1) / np.hypot(*arrive.T) / np.hypot(*leave.T)
        turn = np.degrees(np.arccos(np.clip(cosine, -1, 1)))
        assert ((turn < 0.1) | (turn > 10)).all()


def test_subpaths_are_closed():
    for curve in clipping_path(blobs(3)).subpaths:
        np.testing.assert_array_equal(curve[:, 3], np.roll(curve[:, 0], -1, axis=0))


def test_no_control_point_leaves_the_picture():
    for seed in range(4):
        path = clipping_path(blobs(seed), PathOptions(tolerance=2))
        for curve in path.subpaths:
            assert (curve >= 0).all()
            assert (curve <= (path.width, path.height)).all()


def test_sixteen_bit_is_as_eight_bit():
    alpha = blobs(5)
    eight, sixteen = clipping_path(alpha), clipping_path(alpha.astype(np.uint16) * 257)
    for one, other in zip(eight.subpaths, sixteen.subpaths, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_hairs_side_by_side_do_not_cross():
    x, y = places(160, 160)
    distance = np.full((160, 160), -np.inf)
    for k in range(12):
        hair = 1.3 - np.abs(x - 30 - 4 * k - 12 * np.sin(y / 14 + k / 5))
        distance = np.maximum(distance, np.minimum(hair, 70 - np.abs(y - 80)))
    alpha = soft(distance, ramp=1.5)
    for tolerance in (0.5, 2.0, 4.0):
        path = clipping_path(alpha, PathOptions(tolerance=tolerance))
        assert not any(map(len, crossing_segments(path.subpaths)))


def test_noise_does_not_cross():
    for seed in range(3):
        alpha = np.random.default_rng(seed).integers(0, 256, (40, 50), np.uint8)
        path = clipping_path(alpha, PathOptions(tolerance=1.0, smallest=0))
        assert not any(map(len, crossing_segments(path.subpaths)))


def test_an_alpha_that_shows_nothing_has_no_path():
    with pytest.raises(NoSubject, match="no clipping path"):
        clipping_path(np.full((20, 20), 127, np.uint8))
    with pytest.raises(NoSubject, match="25 square pixels"):
        clipping_path(disc(2))


def test_options_out_of_range_are_refused():
    for wrong in ({"tolerance": 0.0}, {"tolerance": float("nan")}, {"corner_angle": 180}, {"smallest": -1}):
        with pytest.raises(InvalidOptions, match=next(iter(wrong))):
            PathOptions(**wrong)


def test_crossings_are_found_where_brute_force_finds_them():
    rng = np.random.default_rng(0)
    for _ in range(20):
        points = rng.uniform(0, 100, (12, 2))
        curve = straight(points, np.roll(points, -1, axis=0))
        expected = set()
        for i in range(12):
            for j in range(i):
                a, b, c, d = points[i], points[(i + 1) % 12], points[j], points[(j + 1) % 12]
                if len({i, (i + 1) % 12, j, (j + 1) % 12}) == 4:
                    s, t = np.linalg.solve(np.stack([b - a, c - d], axis=1), c - a)
                    if 0 < s < 1 and 0 < t < 1:
                        expected |= {i, j}
        assert set(crossing_segments([curve])[0].tolist()) == expected


def test_a_loop_within_a_segment_is_a_crossing():
    loop = np.array([[(0, 0), (30, 20), (-20, 20), (10, 0)]], float)
    back = straight(np.array([(10.0, 0.0), (5.0, -9.0)]), np.array([(5.0, -9.0), (0.0, 0.0)]))
    assert crossing_segments([np.concatenate([loop, back])])[0].tolist() == [0]
    assert crossing_segments([]) == []


def test_a_drawn_path_is_what_matplotlib_says_is_inside():
    path = clipping_path(np.minimum(disc(45), 255 - disc(18)))
    x, y = places(path.height, path.width)
    centres = np.stack(np.broadcast_arrays(x, y), axis=-1).reshape(-1, 2)
    inside = np.zeros(len(centres), bool)
    for curve in path.subpaths:
        vertices = np.concatenate([curve[:1, 0], curve[:, 1:].reshape(-1, 2)])
        inside ^= Outline(vertices, [Outline.MOVETO] + [Outline.CURVE4] * (3 * len(curve))).contains_points(centres)
    drawn = rasterise(path).reshape(-1)
    sure = (drawn == 0) | (drawn == 255)
    np.testing.assert_array_equal(drawn[sure] == 255, inside[sure])
    assert drawn.sum() / 255 == pytest.approx(np.pi * (45**2 - 18**2), rel=0.003)


def test_measures_of_a_square_beside_itself():
    corners = np.array([(10, 10), (40, 10), (40, 40), (10, 40)], float)
    path = ClippingPath((straight(corners, np.roll(corners, -1, axis=0)),), 60, 60)
    alpha = np.zeros((60, 60), np.uint8)
    alpha[10:40, 13:43] = 255
    assert path_iou(path, alpha) == pytest.approx(27 / 33)
    assert largest_distance(path, trace_contours(alpha)) == pytest.approx(3, abs=0.15)
    with pytest.raises(InvalidArray, match="60"):
        path_iou(path, alpha[1:])
