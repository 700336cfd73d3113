from __future__ import annotations

import numpy as np
import pytest
from drawn_alphas import WRONG, holed_disc, in_levels, noise, soft_disc

from deepetch.errors import InvalidArray
from deepetch.measure.connectivity import connectivity_error


def parts(mask):
    """4-connected parts as sets of points, in the order in which their first points are met."""
    left = {(y, x) for y, x in np.argwhere(mask).tolist()}
    found = []
    for start in sorted(left):
        if start not in left:
            continue
        left.discard(start)
        part, edge = {start}, [start]
        while edge:
            y, x = edge.pop()
            for point in ((y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)):
                if point in left:
                    left.discard(point)
                    part.add(point)
                    edge.append(point)
        found.append(part)
    return found


def errors_by_hand(predicted, true):
    """Rhemann et al. 2009, pixel by pixel."""
    sources = []
    for level in range(1, 11):
        shared = (predicted >= np.float32(level / 10)) & (true >= np.float32(level / 10))
        sources.append(max(parts(shared), key=len, default=set()))
    errors = np.zeros(true.shape)
    for point in np.ndindex(true.shape):
        connected = 0
        while connected < 10 and point in sources[connected]:
            connected += 1
        phi = []
        for alpha in (float(predicted[point]), float(true[point])):
            distance = alpha - connected / 10
            phi.append(1 - distance if distance >= 0.15 else 1.0)
        errors[point] = abs(phi[0] - phi[1])
    return errors


def spotted(seed):
    """A disc with specks and pinholes of several alphas."""
    rng = np.random.default_rng(seed)
    alpha = soft_disc().copy()
    for _ in range(25):
        y, x = rng.integers(0, 38), rng.integers(0, 48)
        alpha[y : y + 2, x : x + 2] = rng.random()
    return alpha


PAIRS = [
    (spotted(0), soft_disc()),
    (spotted(1), spotted(2)),
    (holed_disc(), soft_disc(y=0.45)),
    (in_levels(spotted(3)), holed_disc(ramp=8)),
]


@pytest.mark.parametrize(("predicted", "true"), PAIRS)
def test_error_equals_filling_level_by_level(predicted, true):
    errors = errors_by_hand(predicted, true)
    assert errors.sum() > 0
    assert connectivity_error(predicted, true) == pytest.approx(errors.sum() / 1000, rel=1e-5)  # float32 inside
    band = (true > 0.1) & (true < 0.9)
    assert connectivity_error(predicted, true, within=band) == pytest.approx(errors[band].sum() / 1000, rel=1e-5)


def two_squares(second):
    """A square of 1 and, apart from it, a smaller one of `second`."""
    alpha = np.zeros((20, 20), np.float32)
    alpha[2:10, 2:10] = 1
    alpha[14:18, 14:18] = second
    return alpha


def test_loose_speck_counts_in_full_and_a_faint_one_not_at_all():
    assert connectivity_error(two_squares(0.8), two_squares(0)) == pytest.approx(16 * 0.8 / 1000)
    assert connectivity_error(two_squares(0.2), two_squares(0)) == pytest.approx(16 * 0.2 / 1000)
    assert connectivity_error(two_squares(0.14), two_squares(0)) == 0  # below theta


def test_same_loose_part_in_both_is_no_error():
    assert connectivity_error(two_squares(0.8), two_squares(0.8)) == 0


def test_alpha_too_low_in_the_middle_counts_for_the_other_side():
    true, predicted = two_squares(0), two_squares(0)
    predicted[5, 5] = 0.35
    # connected up to 0.3: the prediction lacks 0.05, which is below theta, the truth 0.7
    assert connectivity_error(predicted, true) == pytest.approx(0.7 / 1000)


def test_corners_do_not_connect():
    true = np.zeros((8, 8), np.float32)
    true[1:4, 1:4] = 1
    predicted = true.copy()
    true[4, 4] = 1
    both = true.copy()
    assert connectivity_error(both, predicted) == pytest.approx(1 / 1000)


def test_equal_and_empty_alphas_have_no_error():
    empty = np.zeros((40, 50), np.float32)
    assert connectivity_error(noise(0), noise(0)) == connectivity_error(empty, empty) == 0
    assert connectivity_error(empty[:0], empty[:0]) == 0


def test_one_empty_is_the_others_alpha_in_either_order():
    empty, disc = np.zeros((40, 50), np.float32), soft_disc()
    expected = disc[disc >= 0.15].sum() / 1000
    assert connectivity_error(empty, disc) == pytest.approx(expected)
    assert connectivity_error(disc, empty) == pytest.approx(expected)


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_what_is_no_alpha_is_refused(wrong):
    with pytest.raises(InvalidArray, match=r"predicted: expected"):
        connectivity_error(wrong, noise(0))
    with pytest.raises(InvalidArray, match=r"true: expected"):
        connectivity_error(noise(0), wrong)


def test_other_shapes_are_refused():
    with pytest.raises(InvalidArray, match="one shape"):
        connectivity_error(noise(0), noise(0)[:, :9])
    with pytest.raises(InvalidArray, match="within: expected a mask of"):
        connectivity_error(noise(0), noise(1), within=np.ones((3, 3), bool))
