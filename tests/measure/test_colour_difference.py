from __future__ import annotations

import numpy as np
import pytest

from deepetch.errors import InvalidArray
from deepetch.measure.colour_difference import colour_difference, lab_from_srgb

# Sharma, Wu, Dalal 2005, table 1: L, a, b of two colours, and their difference to four places
PAIRS = """
50.0000   2.6772 -79.7751  50.0000   0.0000 -82.7485   2.0425
50.0000   3.1571 -77.2803  50.0000   0.0000 -82.7485   2.8615
50.0000   2.8361 -74.0200  50.0000   0.0000 -82.7485   3.4412
50.0000  -1.3802 -84.2814  50.0000   0.0000 -82.7485   1.0000
50.0000  -1.1848 -84.8006  50.0000   0.0000 -82.7485   1.0000
50.0000  -0.9009 -85.5211  50.0000   0.0000 -82.7485   1.0000
50.0000   0.0000   0.0000  50.0000  -1.0000   2.0000   2.3669
50.0000  -1.0000   2.0000  50.0000   0.0000   0.0000   2.3669
50.0000   2.4900  -0.0010  50.0000  -2.4900   0.0009   7.1792
50.0000   2.4900  -0.0010  50.0000  -2.4900   0.0010   7.1792
50.0000   2.4900  -0.0010  50.0000  -2.4900   0.0011   7.2195
50.0000   2.4900  -0.0010  50.0000  -2.4900   0.0012   7.2195
50.0000  -0.0010   2.4900  50.0000   0.0009  -2.4900   4.8045
50.0000  -0.0010   2.4900  50.0000   0.0010  -2.4900   4.8045
50.0000  -0.0010   2.4900  50.0000   0.0011  -2.4900   4.7461
50.0000   2.5000   0.0000  50.0000   0.0000  -2.5000   4.3065
50.0000   2.5000   0.0000  73.0000  25.0000 -18.0000  27.1492
50.0000   2.5000   0.0000  61.0000  -5.0000  29.0000  22.8977
50.0000   2.5000   0.0000  56.0000 -27.0000  -3.0000  31.9030
50.0000   2.5000   0.0000  58.0000  24.0000  15.0000  19.4535
50.0000   2.5000   0.0000  50.0000   3.1736   0.5854   1.0000
50.0000   2.5000   0.0000  50.0000   3.2972   0.0000   1.0000
50.0000   2.5000   0.0000  50.0000   1.8634   0.5757   1.0000
50.0000   2.5000   0.0000  50.0000   3.2592   0.3350   1.0000
60.2574 -34.0099  36.2677  60.4626 -34.1751  39.4387   1.2644
63.0109 -31.0961  -5.8663  62.8187 -29.7946  -4.0864   1.2630
61.2901   3.7196  -5.3901  61.4292   2.2480  -4.9620   1.8731
35.0831 -44.1164   3.7933  35.0232 -40.0716   1.5901   1.8645
22.7233  20.0904 -46.6940  23.0331  14.9730 -42.5619   2.0373
36.4612  47.8580  18.3852  36.2715  50.5065  21.2231   1.4146
90.8027  -2.0831   1.4410  91.1528  -1.6435   0.0447   1.4441
90.9257  -0.5406  -0.9208  88.6381  -0.8985  -0.7239   1.5381
 6.7747  -0.2908  -2.4247   5.8714  -0.0985  -2.2286   0.6377
 2.0776   0.0795  -1.1350   0.9033  -0.0636  -0.5514   0.9082
"""


def test_the_published_pairs():
    table = np.array([line.split() for line in PAIRS.strip().splitlines()], float)
    assert table.shape == (34, 7)
    for first, second in ((table[:, :3], table[:, 3:6]), (table[:, 3:6], table[:, :3])):
        np.testing.assert_allclose(colour_difference(first, second), table[:, 6], atol=5e-5)


def test_random_colours_are_as_scikit_image_has_them():
    color = pytest.importorskip("skimage.color")
    rng = np.random.default_rng(0)
    first, second = rng.uniform(0, 1, (2, 40, 50, 3))
    lab = lab_from_srgb(first), lab_from_srgb(second)
    np.testing.assert_allclose(lab[0], color.rgb2lab(first), atol=0.02)  # its matrix and white have more digits
    np.testing.assert_allclose(colour_difference(*lab), color.deltaE_ciede2000(*lab), atol=1e-9)


def test_white_grey_and_black_have_no_hue():
    lab = lab_from_srgb(np.array([[1.0, 1, 1], [0.5, 0.5, 0.5], [0, 0, 0]]))
    np.testing.assert_allclose(lab[:, 1:], 0, atol=1e-9)
    np.testing.assert_allclose(lab[[0, 2], 0], [100, 0], atol=1e-9)


def test_equal_colours_differ_by_nothing_and_no_colours_give_none():
    lab = np.random.default_rng(1).uniform(-50, 80, (30, 3))
    assert (colour_difference(lab, lab) == 0).all()
    assert colour_difference(np.zeros((0, 3)), np.zeros((0, 3))).shape == (0,)
    assert lab_from_srgb(np.zeros((0, 3))).shape == (0, 3)


def test_other_shapes_are_refused():
    with pytest.raises(InvalidArray, match="one shape"):
        colour_difference(np.zeros((4, 3)), np.zeros((3, 3)))
    with pytest.raises(InvalidArray, match=r"\(\.\.\., 3\)"):
        lab_from_srgb(np.zeros((4, 4)))
