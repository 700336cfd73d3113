"""A camera that shows what it is asked for as large as asked."""

from __future__ import annotations

import numpy as np
import pytest

from deepetch.studio.view import SENSOR, extent, frame_camera

CORNERS = np.array([[x, y, z] for x in (-0.1, 0.1) for y in (-0.05, 0.05) for z in (0.0, 0.3)])


@pytest.mark.parametrize("focal_mm", [28, 85, 135])
@pytest.mark.parametrize("aspect", [0.75, 1.0, 4 / 3])
@pytest.mark.parametrize(("azimuth", "elevation"), [(0, 5), (30, 40), (-170, 88)])
def test_products_fill_the_share_of_the_frame_that_was_asked_for(focal_mm, aspect, azimuth, elevation):
    camera = frame_camera(CORNERS, azimuth=azimuth, elevation=elevation, focal_mm=focal_mm, aspect=aspect, fill=0.8)
    seen = extent(CORNERS, np.array(camera.position), np.array(camera.target), focal_mm, aspect)
    assert seen == pytest.approx(0.8, abs=1e-6)
    assert camera.focus == pytest.approx(np.linalg.norm(np.subtract(camera.position, camera.target)))


def test_extent_is_that_of_a_pinhole():
    """A point 1 m before a lens of 36 mm on a frame of 36 mm: half a metre off the axis is the frame's edge."""
    point = np.array([[0.3, 0.0, 0.0]])
    assert extent(point, np.array([0.0, -1.0, 0.0]), np.zeros(3), SENSOR, 1.0) == pytest.approx(0.6)
    assert extent(point, np.array([0.0, -1.0, 0.0]), np.zeros(3), SENSOR, 0.5) == pytest.approx(1.2)


def test_what_is_behind_the_camera_is_never_in_the_frame():
    assert extent(np.array([[0.0, -2.0, 0.0]]), np.array([0.0, -1.0, 0.0]), np.zeros(3), 50, 1.0) == float("inf")


def test_front_is_seen_from_negative_y_and_above_from_above():
    front = frame_camera(CORNERS, azimuth=0, elevation=0, focal_mm=50, aspect=1, fill=0.8)
    above = frame_camera(CORNERS, azimuth=0, elevation=90, focal_mm=50, aspect=1, fill=0.8)
    assert front.position[1] < -0.1
    assert front.position[2] == pytest.approx(0.15)
    assert above.position[2] > 0.4


def test_blur_is_what_a_thin_lens_makes_of_the_nearest_point():
    camera = frame_camera(CORNERS, azimuth=0, elevation=0, focal_mm=50, aspect=1, fill=0.5, blur=0.01)
    focused = camera.focus
    nearest = focused - 0.05  # the block is 0.1 m deep
    # images of the lens's equation: 1 / f = 1 / object + 1 / image
    image, sensor = 1 / (1 / 0.05 - 1 / nearest), 1 / (1 / 0.05 - 1 / focused)
    spread = 0.05 / camera.f_stop * abs(sensor - image) / image
    assert spread == pytest.approx(0.01 * 0.036, rel=1e-6)


def test_without_blur_there_is_no_aperture():
    assert frame_camera(CORNERS, azimuth=0, elevation=0, focal_mm=50, aspect=1, fill=0.5).f_stop is None
