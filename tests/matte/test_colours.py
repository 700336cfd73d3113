"""How the border's colours are asked for."""

from __future__ import annotations

import numpy as np
import pytest

from deepetch.errors import InvalidOptions
from deepetch.matte.colours import border_colours
from deepetch.matte.foreground import estimate_foreground
from deepetch.matte.multilevel import estimate_foreground_multilevel
from deepetch.options import MatteOptions


@pytest.fixture(scope="module")
def soft():
    alpha = np.tile(np.linspace(0, 255, 60).astype(np.uint8), (40, 1))
    samples = np.repeat(np.rint(220 - 0.6 * alpha[..., None]).astype(np.uint8), 3, axis=2)
    samples[..., 1] //= 2
    return samples, alpha


def test_each_method_is_the_one_named(soft):
    for name, estimate in (("blur-fusion", estimate_foreground), ("multi-level", estimate_foreground_multilevel)):
        border, expected = border_colours(*soft, options=MatteOptions(foreground=name)), estimate(*soft)
        assert np.array_equal(border.colours, expected.colours)
        assert np.array_equal(border.index, expected.index)


@pytest.mark.parametrize("share", [0.0, 0.25, 0.5])
def test_decontaminate_is_a_share_of_the_way(soft, share):
    samples, _ = soft
    border, whole = border_colours(*soft, options=MatteOptions(decontaminate=share)), estimate_foreground(*soft)
    seen = samples.reshape(-1, 3)[whole.index].astype(float)
    assert np.abs(border.colours - (seen + share * (whole.colours - seen))).max() <= 0.5
    assert np.array_equal(border.index, whole.index)


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_a_share_that_is_none_is_refused(share):
    with pytest.raises(InvalidOptions, match="0 to 1"):
        MatteOptions(decontaminate=share)
