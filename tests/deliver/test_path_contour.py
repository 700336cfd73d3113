from __future__ import annotations

import cv2
import numpy as np
import pytest
from drawn_shapes import blobs, disc, polygon

from deepetch.deliver.path.contour import enclosed_area, trace_contours
from deepetch.errors import InvalidArray


@pytest.mark.parametrize("radius", [6.0, 20.0, 45.5])
def test_the_contour_of_a_disc_lies_on_its_circle(radius):
    (contour,) = trace_contours(disc(radius))
    distance = np.hypot(*(contour.points - (70.3, 59.8)).T)
    np.testing.assert_allclose(distance, radius, atol=0.05)  # bilinear between centres: 1 / (8 radius), and rounding
    assert enclosed_area(contour.points) == pytest.approx(np.pi * radius**2, rel=0.01)
    assert not contour.slack.any()


def test_every_point_is_where_a_row_or_column_of_centres_reaches_one_half():
    alpha = blobs(4)
    for contour in trace_contours(alpha):
        for x, y in contour.points[::7]:
            if x in (0, 260) or y in (0, 220):
                continue
            row = np.interp(x - 0.5, np.arange(260), alpha[int(y)])
            column = np.interp(y - 0.5, np.arange(220), alpha[:, int(x)])
            assert min(abs(row - 127.5), abs(column - 127.5)) < 1e-6


def test_a_pixel_is_inside_exactly_where_alpha_reaches_one_half():
    for seed in range(5):
        alpha = np.random.default_rng(seed).integers(0, 256, (9, 12), np.uint8, endpoint=False)
        contours = [contour.points for contour in trace_contours(alpha)]
        winding = np.zeros(alpha.shape)
        rows, columns = np.indices(alpha.shape) + 0.5
        for points in contours:
            steps = np.roll(points, -1, axis=0)
            for (ax, ay), (bx, by) in zip(points, steps, strict=True):
                # crossings of the ray to the left, up and down counted apart; rows of centres meet points of the
                # contour itself, so the ray runs a hair lower
                y = rows + 1e-7
                crossed = ((ay <= y) != (by <= y)) & (
                    columns > ax + (y - ay) / np.where(by == ay, 1, by - ay) * (bx - ax)
                )
                winding += np.where(crossed, -1 if by > ay else 1, 0)
        np.testing.assert_array_equal(winding, alpha >= 128)


def test_a_ring_has_a_contour_around_it_and_one_the_other_way_round_in_it():
    alpha = disc(40)
    alpha = np.minimum(alpha, 255 - disc(15))
    outer, inner = sorted((enclosed_area(contour.points) for contour in trace_contours(alpha)), reverse=True)
    assert outer == pytest.approx(np.pi * 40**2, rel=0.01)
    assert inner == pytest.approx(-np.pi * 15**2, rel=0.01)


def test_what_the_frame_cuts_is_closed_along_the_frame():
    (contour,) = trace_contours(np.full((5, 7), 255, np.uint8))
    assert enclosed_area(contour.points) == 35
    assert {(0, 0), (7, 0), (7, 5), (0, 5)} <= set(map(tuple, contour.points.tolist()))
    half = np.zeros((6, 8), np.uint8)
    half[:, :3] = 200  # no further into the frame than where it is full
    (contour,) = trace_contours(half)
    right = 2.5 + 72.5 / 200
    np.testing.assert_allclose([*contour.points.min(axis=0), *contour.points.max(axis=0)], [0, 0, right, 6])
    assert enclosed_area(contour.points) == pytest.approx(6 * right)


def test_two_pixels_that_touch_at_a_corner_are_one_subject_in_a_mask():
    mask = np.zeros((6, 6), np.uint8)
    mask[2, 2] = mask[3, 3] = 255
    assert len(trace_contours(mask)) == 1
    assert len(trace_contours(255 - mask)) == 3  # and two holes
    soft = np.where(mask > 0, 140, 0).astype(np.uint8)  # in the middle of the four the surface is at 70
    assert len(trace_contours(soft)) == 2


def test_points_across_a_hard_step_say_that_they_are_not_sure():
    (contour,) = trace_contours(polygon([(10, 10), (50, 10), (50, 40), (10, 40)]))
    assert (contour.slack.sum(axis=1) == 0.5).all()


def test_sixteen_bit_is_as_eight_bit():
    alpha = blobs(1)
    eight, sixteen = trace_contours(alpha), trace_contours(alpha.astype(np.uint16) * 257)
    assert len(eight) == len(sixteen) > 2
    for one, other in zip(eight, sixteen, strict=True):
        np.testing.assert_allclose(one.points, other.points, atol=1e-9)
        np.testing.assert_array_equal(one.slack, other.slack)


def test_as_many_contours_as_opencv_finds():
    for seed in range(4):
        mask = np.where(blobs(seed) > 127, 255, 0).astype(np.uint8)
        found, _ = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
        assert len(trace_contours(mask)) == len(found)


def test_specks_are_left_out_and_nothing_gives_nothing():
    alpha = np.maximum(disc(20), disc(2, centre=(20, 20)))
    assert len(trace_contours(alpha)) == 2
    assert len(trace_contours(alpha, smallest=15)) == 1
    assert trace_contours(np.zeros((5, 5), np.uint8)) == []
    assert trace_contours(np.zeros((0, 5), np.uint8)) == []
    assert len(trace_contours(np.full((1, 1), 255, np.uint8))) == 1


def test_other_arrays_are_refused():
    with pytest.raises(InvalidArray, match="uint8"):
        trace_contours(np.zeros((4, 4), np.float32))
    with pytest.raises(InvalidArray, match="h, w"):
        trace_contours(np.zeros((4, 4, 1), np.uint8))
