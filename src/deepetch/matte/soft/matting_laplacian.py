"""The matting Laplacian: in every 3 x 3 window alpha is a linear function of the colours.

Levin, Lischinski, Weiss 2008, "A Closed-Form Solution to Natural Image Matting", eq. 12.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from deepetch.arrays import View, require_view
from deepetch.errors import InvalidArray

Sparse: TypeAlias = Any  # scipy.sparse.csr_array, (n, n) float64
Planes: TypeAlias = NDArray[np.float64]

WINDOW = 9  # pixels
REACH = 2  # two pixels of one window are at most so far apart, down and across
PLACES = [(row, column) for row in range(3) for column in range(3)]
ENTRIES = {(0, 0): 0, (0, 1): 1, (0, 2): 2, (1, 1): 3, (1, 2): 4, (2, 2): 5}  # of a symmetric 3 x 3 matrix


def matting_affinity(view: View, *, eps: float = 1e-7) -> Sparse:
    """Say of every two pixels that share a window how much alike their alphas should be.

    view     (h, w, 3) float32 in [0, 1], h and w at least 5.
    eps      regularisation of the windows' covariances, in squared colour: small follows every colour line.
    Returns  (h w, h w) float64, symmetric, diagonal 0: the sum over the windows k that hold both i and j of
             (1 + (I_i - mu_k) (Sigma_k + eps / 9)^-1 (I_j - mu_k)) / 9. Entries may be negative.
    Raises   InvalidArray if shape or dtype differ.
    """
    require_view(view)
    height, width = view.shape[:2]
    if min(height, width) < 2 * REACH + 1:
        raise InvalidArray(f"view: expected at least 5 x 5 pixels for a matting Laplacian; got {height} x {width}.")
    rows, columns = height - 2, width - 2  # of the windows, each named by its upper left pixel
    colours = view.astype(np.float64)
    around = [colours[row : row + rows, column : column + columns] for row, column in PLACES]
    mean = sum(around[1:], around[0]) / WINDOW
    centred = [window - mean for window in around]
    inverse = _inverse_covariance(centred, eps)
    # D[d][i] = affinity of pixel i and pixel i + d: one diagonal of the matrix for each difference d of places
    diagonals: dict[tuple[int, int], Planes] = {}
    for first, (row, column) in enumerate(PLACES):
        leaning = _times(inverse, centred[first])
        for second in range(first + 1, WINDOW):
            step = PLACES[second][0] - row, PLACES[second][1] - column
            plane = diagonals.setdefault(step, np.zeros((height, width)))
            plane[row : row + rows, column : column + columns] += (
                1 + np.einsum("hwc,hwc->hw", leaning, centred[second])
            ) / WINDOW
    size = height * width
    data, offsets = np.zeros((len(diagonals), size)), []
    for index, ((down, across), plane) in enumerate(diagonals.items()):
        offset = down * width + across
        data[index, offset:] = plane.ravel()[: size - offset]  # scipy keeps a diagonal's values by their column
        offsets.append(offset)
    upper = sparse.dia_array((data, np.array(offsets)), shape=(size, size)).tocsr()
    return (upper + upper.T).tocsr()


def laplacian(affinity: Sparse) -> Sparse:
    """D - W, where D holds the sums of the rows of the symmetric affinity W (n, n)."""
    return (sparse.diags_array(np.asarray(affinity.sum(axis=1)).ravel()) - affinity).tocsr()


def _inverse_covariance(centred: list[Planes], eps: float) -> Planes:
    """(h, w, 6): the six different entries of (Sigma + eps / 9)^-1 in every window, by cofactors."""
    rr, rg, rb, gg, gb, bb = (
        sum(window[..., i] * window[..., j] for window in centred) / WINDOW + (eps / WINDOW if i == j else 0)
        for i, j in ENTRIES
    )
    cofactors = [gg * bb - gb * gb, gb * rb - rg * bb, rg * gb - gg * rb]
    cofactors += [rr * bb - rb * rb, rb * rg - rr * gb, rr * gg - rg * rg]
    # the smallest it can be; rounding may go below where colours lie on a line
    determinant = np.maximum(rr * cofactors[0] + rg * cofactors[1] + rb * cofactors[2], (eps / WINDOW) ** 3)
    return np.stack(cofactors, -1) / determinant[..., None]


def _times(symmetric: Planes, vectors: Planes) -> Planes:
    product = np.empty_like(vectors)
    for i in range(3):
        product[..., i] = sum(symmetric[..., ENTRIES[min(i, j), max(i, j)]] * vectors[..., j] for j in range(3))
    return product
