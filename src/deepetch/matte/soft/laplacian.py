"""One graph of a picture's pixels: alphas on a line of colours, alike colours, alike meanings.

Aksoy et al. 2018, "Semantic Soft Segmentation", the equation of the combined Laplacian.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepetch.arrays import View
from deepetch.matte.soft.affinity import colour_affinity, semantic_affinity
from deepetch.matte.soft.matting_laplacian import Sparse, laplacian, matting_affinity
from deepetch.matte.soft.superpixels import superpixels


def soft_laplacian(
    view: View, semantics: NDArray[Any], count: int, colour_weight: float, semantic_weight: float
) -> tuple[Sparse, NDArray[np.int64]]:
    """L = D - (W_L + sigma_S W_S + sigma_C W_C), and the pixels that stand for the superpixels.

    view       (h, w, 3) float32 in [0, 1], h and w at least 5.
    semantics  (h, w, c) in [0, 1].
    count      of superpixels, about.
    Returns    (h w, h w) float64, symmetric, rows adding up to 0, a few eigenvalues a little below 0 where unlike
               superpixels push each other apart; and (n,) positions.
    """
    patches = superpixels(view, count)
    affinity = matting_affinity(view)
    affinity = affinity + semantic_weight * semantic_affinity(patches, semantics)
    affinity = affinity + colour_weight * colour_affinity(patches, view)
    return laplacian(affinity), patches.pixels()
