"""An adult's right hand in numbers: metres in the hand's own axes.

x runs to the fingers, y to the thumb's side, z out of the hand's back; the wrist is at 0. Digits are in the order
thumb, index, middle, ring, little.
"""

from __future__ import annotations

import numpy as np

# Phalanges (the thumb's first is its metacarpal), the last to the tip of the pulp: after Buryanov and Kotiuk 2010,
# rounded up.
LENGTHS = np.array([(45, 34, 28), (42, 24, 21), (47, 28, 22), (43, 27, 22), (34, 20, 20)]) / 1000
# half the thickness of fingers, at their roots, two joints and tips
RADII = (
    np.array(
        [(14, 11.5, 10.6, 8.4), (10.6, 9.3, 8.3, 6.6), (10.6, 9.4, 8.4, 6.8), (10, 8.9, 7.9, 6.4), (9, 7.9, 7, 5.7)]
    )
    / 1000
)
ROOTS = np.array([(20, 24, -9), (88, 26, 2), (91, 5, 4), (86, -15, 2), (78, -33, -2)]) / 1000
CARPUS = np.array([(8, 16, 0), (8, 12, 0), (9, 4, 1), (9, -6, 0), (8, -14, -1)]) / 1000  # where metacarpals begin
SPLAY = np.radians((0.0, 4.0, 0.0, -4.0, -9.0))
# flesh of the palm that must keep out of the product: x, y, z, radius in mm
_PALM = [(35, 18, 0, 11), (65, 22, 1, 11), (35, 4, 0, 11), (65, 5, 2, 11), (35, -8, 0, 11), (65, -11, 1, 11)]
_HEEL = [(35, -18, -2, 12), (62, -27, -3, 11), (28, -20, -8, 13), (54, -28, -7, 12), (5, 9, -1, 18), (5, -9, -1, 18)]
BALLS = np.array([*_PALM, *_HEEL]) / 1000
# how far towards the elbow, and the radius of the flesh round each of the arm's two bones there
FOREARM = ((-0.012, 0.0185), (0.04, 0.0205), (0.17, 0.032), (0.27, 0.034))
