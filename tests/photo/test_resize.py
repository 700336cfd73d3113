from __future__ import annotations

import numpy as np
import pytest

from deepetch.errors import InvalidOptions
from deepetch.photo.resize import crop_grid, crop_to_content, letterbox, place, stretched

SHAPES = [(96, 128), (128, 96), (64, 64), (1, 1), (3, 500), (500, 3), (7, 9), (1000, 1001)]


@pytest.mark.parametrize("square", [True, False])
@pytest.mark.parametrize("shape", SHAPES)
def test_place_keeps_the_aspect_ratio_within_half_a_pixel(shape, square):
    placement = place(*shape, 64, square=square)
    height, width = placement.bottom - placement.top, placement.right - placement.left
    scale = 64 / max(shape)
    assert max(height, width) == 64
    assert height == max(1, round(shape[0] * scale))
    assert width == max(1, round(shape[1] * scale))


@pytest.mark.parametrize("shape", SHAPES)
def test_canvas_is_square_or_the_next_multiple_of_32(shape):
    square, tight = place(*shape, 64), place(*shape, 64, square=False)
    assert (square.canvas_height, square.canvas_width) == (64, 64)
    assert max(tight.canvas_height, tight.canvas_width) == 64
    assert min(tight.canvas_height, tight.canvas_width) in (32, 64)
    assert tight.canvas_height >= tight.bottom
    assert tight.canvas_width >= tight.right


@pytest.mark.parametrize("shape", SHAPES)
def test_content_is_centred_within_a_pixel(shape):
    placement = place(*shape, 64)
    assert 0 <= (placement.canvas_height - placement.bottom) - placement.top <= 1
    assert 0 <= (placement.canvas_width - placement.right) - placement.left <= 1


@pytest.mark.parametrize("size", [0, -32, 31, 33, 100])
def test_size_that_is_no_multiple_of_32_is_refused(size):
    with pytest.raises(InvalidOptions, match="multiple of 32"):
        place(10, 10, size)


@pytest.mark.parametrize("shape", [(0, 5), (5, 0)])
def test_empty_picture_is_refused(shape):
    with pytest.raises(InvalidOptions, match="at least 1 x 1"):
        place(*shape, 64)


@pytest.mark.parametrize("channels", [(), (3,)])
@pytest.mark.parametrize("shape", SHAPES)
def test_letterbox_fills_the_canvas_and_keeps_dtype(shape, channels):
    for dtype in (np.uint8, np.float32):
        placement = place(*shape, 64, square=False)
        canvas = letterbox(np.full((*shape, *channels), 7, dtype), placement)
        assert canvas.shape == (placement.canvas_height, placement.canvas_width, *channels)
        assert canvas.dtype == dtype
        assert np.allclose(canvas, 7, rtol=1e-6)  # weights of areas, in float32


def test_picture_of_the_networks_size_comes_back_bit_for_bit():
    picture = np.random.default_rng(0).random((40, 64, 3), np.float32)
    placement = place(40, 64, 64)
    assert np.array_equal(crop_to_content(letterbox(picture, placement), placement), picture)


def test_padding_is_the_mirrored_picture():
    picture = np.random.default_rng(0).random((40, 64), np.float32)
    placement = place(40, 64, 64)
    assert np.array_equal(letterbox(picture, placement), np.pad(picture, ((12, 12), (0, 0)), mode="symmetric"))


def test_reduction_averages_areas():
    picture = np.random.default_rng(0).random((128, 128), np.float32)
    expected = picture.reshape(64, 2, 64, 2).mean(axis=(1, 3))  # 2 x 2 boxes: what area averaging by two is
    assert np.allclose(letterbox(picture, place(128, 128, 64)), expected, atol=1e-6)  # float32 sums


def test_crop_is_a_view():
    placement = place(40, 64, 64)
    canvas = np.zeros((64, 64), np.float32)
    crop_to_content(canvas, placement)[:] = 1
    assert canvas.sum() == 40 * 64


@pytest.mark.parametrize("shape", [(200, 300), (300, 200), (256, 256), (33, 300)])
def test_crop_of_a_grid_says_the_same_of_the_same_places(shape):
    placement = place(*shape, 320, square=True)
    # a plane over the canvas is bilinear, so sampled exactly but at the rim; 16 pixels of the canvas a point
    rows, columns = np.mgrid[: placement.canvas_height // 16, : placement.canvas_width // 16] * 16 + 7.5
    grid = np.stack([rows, columns, 3 * rows - columns], -1).astype(np.float32)
    cropped = crop_grid(grid, placement)
    height, width = placement.bottom - placement.top, placement.right - placement.left
    assert cropped.shape == (max(1, round(height / 16)), max(1, round(width / 16)), 3)
    assert cropped.dtype == np.float32
    down = placement.top + (np.arange(cropped.shape[0]) + 0.5) * height / cropped.shape[0] - 0.5
    across = placement.left + (np.arange(cropped.shape[1]) + 0.5) * width / cropped.shape[1] - 0.5
    down, across = (np.clip(places, 7.5, 320 - 8.5) for places in (down, across))
    np.testing.assert_allclose(cropped[..., 0], np.broadcast_to(down[:, None], cropped.shape[:2]), atol=0.3)
    np.testing.assert_allclose(cropped[..., 1], np.broadcast_to(across[None], cropped.shape[:2]), atol=0.3)
    np.testing.assert_allclose(cropped[..., 2], 3 * cropped[..., 0] - cropped[..., 1], atol=1e-2)


def test_stretched_averages_along_the_axis_that_shrinks_and_interpolates_along_the_one_that_grows():
    picture = np.random.default_rng(3).random((8, 2, 3), np.float32)
    rows = picture.reshape(4, 2, 2, 3).mean(1)
    left, right = rows[:, 0], rows[:, 1]
    expected = np.stack([left, 0.75 * left + 0.25 * right, 0.25 * left + 0.75 * right, right], 1)
    assert np.allclose(stretched(picture, 4, 4), expected, atol=1e-6)


def test_stretched_to_its_own_size_is_the_same():
    picture = np.random.default_rng(4).random((5, 7), np.float32)
    assert np.array_equal(stretched(picture, 5, 7), picture)
