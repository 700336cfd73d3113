from __future__ import annotations

import numpy as np
from drawn_shapes import blobs, disc, polygon, star

from deepetch.deliver.path.contour import trace_contours
from deepetch.deliver.path.fit import fit_curves
from deepetch.deliver.path.rings import Rings

SQUARE = np.array([(0, 0), (4, 0), (4, 4), (0, 4)], float)
TRIANGLE = np.array([(10, 10), (13, 10), (13, 14)], float)
RINGS = Rings(np.concatenate([SQUARE, TRIANGLE]), np.array([4, 3]))


def test_places_ascend_along_all_with_a_pixel_between():
    np.testing.assert_allclose(RINGS.length, [16, 12])
    np.testing.assert_allclose(RINGS.along, [0, 4, 8, 12, 17, 20, 24])
    np.testing.assert_allclose(RINGS.closed_along, [0, 4, 8, 12, 16, 17, 20, 24, 29])
    assert RINGS.closed.tolist() == [0, 1, 2, 3, 0, 4, 5, 6, 4]


def test_points_are_counted_around_their_own_ring():
    assert RINGS.shifted(1).tolist() == [1, 2, 3, 0, 5, 6, 4]
    assert RINGS.shifted(-1).tolist() == [3, 0, 1, 2, 6, 4, 5]


def test_the_nearest_place_is_that_of_brute_force():
    rng = np.random.default_rng(0)
    others = np.sort(np.concatenate([rng.uniform(0, 16, 3), rng.uniform(17, 29, 2)]))
    found = RINGS.to_nearest(RINGS.along, RINGS.owner, others)
    for place, ring, distance in zip(RINGS.along, RINGS.owner, found, strict=True):
        own = others[(others >= RINGS.begin[ring]) & (others <= RINGS.begin[ring] + RINGS.length[ring])]
        apart = np.abs(own - place)
        np.testing.assert_allclose(distance, np.minimum(apart, RINGS.length[ring] - apart).min())


def test_a_ring_without_a_place_is_infinitely_far():
    distance = RINGS.to_nearest(RINGS.along, RINGS.owner, np.array([20.5]))
    assert np.isinf(distance[:4]).all()
    assert np.isfinite(distance[4:]).all()
    assert np.isinf(RINGS.to_nearest(RINGS.along, RINGS.owner, np.empty(0))).all()


def test_contours_fitted_together_are_as_each_alone():
    contours = [one for alpha in (blobs(1), disc(40), polygon(star())) for one in trace_contours(alpha, smallest=25)]
    tolerances = [np.full(len(contour.points), 0.5) for contour in contours]
    together = fit_curves(contours, tolerances, size=(260, 220), corner_angle=30)
    for contour, tolerance, curve in zip(contours, tolerances, together, strict=True):
        (alone,) = fit_curves([contour], [tolerance], size=(260, 220), corner_angle=30)
        np.testing.assert_allclose(curve, alone, atol=1e-6)
