"""Affinities between superpixels: colours that are alike far apart, meanings that are alike next to each other.

Aksoy et al. 2018, "Semantic Soft Segmentation", the sections on the non-local colour affinity and the high-level
semantic affinity. A superpixel is joined to another by the pixel at its centre.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.spatial import cKDTree
from scipy.special import erf

from deepetch.matte.soft.matting_laplacian import Sparse
from deepetch.matte.soft.superpixels import Superpixels

COLOUR_STEEPNESS, COLOUR_THRESHOLD = 50.0, 0.05  # a_c, and b_c in units of encoded RGB
SEMANTIC_STEEPNESS, SEMANTIC_THRESHOLD = 20.0, 0.15  # a_s, and b_s in units of features in [0, 1]
NEARBY = 0.2  # of the picture's height and width: the half axes of how far colours reach
LEAST = 1e-4  # colour affinities below are left out: a hundred times less than what is added up with them


def colour_affinity(patches: Superpixels, colours: NDArray[Any]) -> Sparse:
    """w = (erf(a_c (b_c - |c_s - c_t|)) + 1) / 2 of all superpixels within 20 % of the picture's size.

    colours  (h, w, 3) in [0, 1]; c_s is the mean over superpixel s.
    Returns  (h w, h w) float64, symmetric, diagonal 0, in [0, 1].
    """
    means = patches.mean(colours)
    pairs = cKDTree(patches.centres / patches.labels.shape).query_pairs(NEARBY, output_type="ndarray")
    distance = np.linalg.norm(means[pairs[:, 0]] - means[pairs[:, 1]], axis=1)
    weights = (erf(COLOUR_STEEPNESS * (COLOUR_THRESHOLD - distance)) + 1) / 2
    alike = weights > LEAST
    return _between(patches, pairs[alike], weights[alike])


def semantic_affinity(patches: Superpixels, features: NDArray[Any]) -> Sparse:
    """w = erf(a_s (b_s - |f_s - f_t|)) of superpixels that touch: alike attracts, unlike pushes apart.

    features  (h, w, c) in [0, 1]; f_s is the mean over superpixel s.
    Returns   (h w, h w) float64, symmetric, diagonal 0, in [-1, 1].
    """
    means = patches.mean(features)
    pairs = patches.neighbours()
    distance = np.linalg.norm(means[pairs[:, 0]] - means[pairs[:, 1]], axis=1)
    return _between(patches, pairs, erf(SEMANTIC_STEEPNESS * (SEMANTIC_THRESHOLD - distance)))


def _between(patches: Superpixels, pairs: NDArray[np.int64], weights: NDArray[np.float64]) -> Sparse:
    pixels, size = patches.pixels(), patches.labels.size
    upper = sparse.coo_array((weights, (pixels[pairs[:, 0]], pixels[pairs[:, 1]])), shape=(size, size)).tocsr()
    return (upper + upper.T).tocsr()
