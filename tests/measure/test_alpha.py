from __future__ import annotations

import numpy as np
import pytest

from deepetch.errors import InvalidArray
from deepetch.measure.alpha import mean_absolute_error, mean_squared_error, sum_of_absolute_differences

MEASURES = [mean_absolute_error, mean_squared_error, sum_of_absolute_differences]


def flat(value, shape=(40, 50)):
    return np.full(shape, value, np.float32)


def test_a_constant_difference_of_a_quarter():
    assert mean_absolute_error(flat(0.75), flat(0.5)) == pytest.approx(0.25)
    assert mean_squared_error(flat(0.75), flat(0.5)) == pytest.approx(0.0625)
    assert sum_of_absolute_differences(flat(0.75), flat(0.5)) == pytest.approx(0.5)  # 2000 px x 0.25, in thousands


@pytest.mark.parametrize("measure", MEASURES)
def test_equal_alphas_are_perfect_and_order_does_not_matter(measure):
    a, b = np.random.default_rng(0).random((2, 9, 7), np.float32)
    assert measure(a, a) == 0
    assert measure(a, b) == measure(b, a) > 0


def test_measures_equal_exact_sums_on_random_alphas():
    a, b = np.random.default_rng(0).random((2, 30, 30), np.float32)
    difference = a.astype(np.float64) - b.astype(np.float64)
    assert mean_absolute_error(a, b) == pytest.approx(np.abs(difference).mean(), rel=1e-5)  # float32 inside
    assert mean_squared_error(a, b) == pytest.approx((difference**2).mean(), rel=1e-5)
    assert sum_of_absolute_differences(a, b) == pytest.approx(np.abs(difference).sum() / 1000, rel=1e-5)


@pytest.mark.parametrize("measure", MEASURES)
def test_empty_arrays_are_perfect(measure):
    assert measure(flat(0, (0, 4)), flat(0, (0, 4))) == 0


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize(
    "wrong", [flat(1.5), flat(-0.1), flat(float("nan")), flat(1).astype(np.float64), flat(1, (40, 50, 1))]
)
def test_what_is_no_alpha_is_refused(measure, wrong):
    with pytest.raises(InvalidArray, match=r"predicted: expected"):
        measure(wrong, flat(0))
    with pytest.raises(InvalidArray, match=r"true: expected"):
        measure(flat(0), wrong)


@pytest.mark.parametrize("measure", MEASURES)
def test_alphas_of_two_shapes_are_refused(measure):
    with pytest.raises(InvalidArray, match="one shape"):
        measure(flat(0), flat(0, (50, 40)))
