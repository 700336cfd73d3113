from __future__ import annotations

import numpy as np
import pytest
from drawn_packshots import disc, packshot

from deepetch.deliver.edge_line import EdgeLines, edge_lines
from deepetch.deliver.frame import Box
from deepetch.deliver.silhouette import ink, silhouette
from deepetch.photo.photo import Photo

CASES = [(space, bits) for space in ("grey", "rgb", "cmyk") for bits in (8, 16)]


def photo(samples, space="rgb", alpha=None):
    return Photo(samples=samples, space=space, format="png", alpha=alpha)


@pytest.mark.parametrize(("space", "bits"), CASES)
def test_the_subject_is_what_differs_from_white(space, bits):
    seen = silhouette(photo(packshot(space, bits), space))
    assert (seen.box, seen.transparent, seen.apart, bool(seen.lines)) == (Box(10, 10, 190, 190), False, (), False)
    assert (seen.uneven, seen.worst, seen.edge) == (0, 0, 0)


def test_ink_is_the_largest_distance_of_a_channel_from_white():
    samples = np.random.default_rng(0).integers(0, 255, (20, 30, 3), np.uint8, endpoint=True)
    np.testing.assert_array_equal(ink(photo(samples)), (255 - samples).max(axis=2))
    inks = np.random.default_rng(0).integers(0, 255, (20, 30, 4), np.uint8, endpoint=True)
    np.testing.assert_array_equal(ink(photo(inks, "cmyk")), inks.max(axis=2))


@pytest.mark.parametrize(("value", "is_subject"), [(250, False), (249, True)])
def test_a_channel_below_250_is_subject(value, is_subject):
    samples = np.full((60, 60, 3), 255, np.uint8)
    samples[20:40, 10:30, 1] = value
    seen = silhouette(photo(samples))
    assert seen.box == (Box(10, 20, 30, 40) if is_subject else None)
    assert seen.uneven == (0 if is_subject else 400 / 3600)
    assert seen.worst == pytest.approx(0 if is_subject else 5 / 255)


def test_alpha_counts_where_there_is_any():
    alpha = np.where(disc(), 255, 0).astype(np.uint8)
    samples = np.zeros((200, 200, 3), np.uint8)  # black under alpha 0 is not seen
    seen = silhouette(photo(samples, alpha=alpha))
    assert (seen.transparent, seen.box, seen.uneven) == (True, Box(10, 10, 190, 190), 0)
    alpha[0, 0] = 12  # below 5 %: no subject, and not clear either
    assert silhouette(photo(samples, alpha=alpha)).worst == pytest.approx(12 / 255)
    assert not silhouette(photo(samples, alpha=np.full_like(alpha, 255))).transparent


def test_what_is_near_the_silhouette_is_not_judged_and_what_is_further_is():
    samples = packshot()
    samples[100, 8] = 254  # two pixels beside the disc
    assert silhouette(photo(samples)).uneven == 0
    samples[2:4, 2] = 253
    seen = silhouette(photo(samples))
    assert seen.worst == pytest.approx(2 / 255)
    assert 0 < seen.uneven < 0.001


def test_specks_are_background_and_badges_are_parts_apart():
    samples = packshot()
    samples[2:4, 2:4] = 0  # 4 of 25,000 pixels
    seen = silhouette(photo(samples))
    assert (seen.box, seen.worst) == (Box(10, 10, 190, 190), 1)
    samples = packshot()
    samples[4:12, 180:198] = 40
    seen = silhouette(photo(samples))
    assert seen.apart == (Box(180, 4, 198, 12),)
    assert seen.uneven == 0


def test_large_parts_belong_to_the_subject_however_far():
    mask = np.zeros((200, 200), bool)
    mask[20:180, 10:60] = mask[80:180, 150:190] = True
    seen = silhouette(photo(packshot(mask=mask)))
    assert (seen.box, seen.apart) == (Box(10, 20, 190, 180), ())


def test_nothing_but_white_has_no_subject_and_grey_fills_the_edge():
    seen = silhouette(photo(np.full((30, 40, 3), 255, np.uint8)))
    assert (seen.box, seen.uneven, seen.edge) == (None, 0, 0)
    seen = silhouette(photo(np.full((30, 40, 3), 200, np.uint8)))
    assert (seen.edge, bool(seen.lines)) == (1, False)
    assert silhouette(photo(np.zeros((1, 1, 3), np.uint8))).box == Box(0, 0, 1, 1)


@pytest.mark.parametrize("bits", [8, 16])
def test_lines_along_the_sides_are_measured_and_are_no_subject(bits):
    samples = packshot(bits=bits, mask=disc(200, 60))
    samples[:3] = samples[-2:] = samples[:, :1] = 0
    assert edge_lines(samples, 2**bits - 1) == EdgeLines(top=3, bottom=2, left=1)
    seen = silhouette(photo(samples))
    assert seen.lines == EdgeLines(top=3, bottom=2, left=1)
    assert seen.box == Box(40, 40, 160, 160)
    assert seen.uneven > 0


def test_a_soft_line_is_one_and_a_backdrop_or_a_cropped_subject_is_none():
    samples = packshot(mask=disc(200, 60))
    samples[0], samples[1] = 20, 150
    assert edge_lines(samples, 255) == EdgeLines(top=1)
    assert not edge_lines(np.where(disc()[..., None], packshot(), 180).astype(np.uint8), 255)
    samples = packshot()
    samples[150:, 60:140] = 30
    assert not edge_lines(samples, 255)
    assert not edge_lines(np.full((50, 50, 3), 255, np.uint8), 255)


def test_a_line_of_alpha_is_found_too():
    alpha = np.where(disc(200, 60), 255, 0).astype(np.uint8)
    alpha[:, -2:] = 255
    assert silhouette(photo(packshot(), alpha=alpha)).lines == EdgeLines(right=2)
