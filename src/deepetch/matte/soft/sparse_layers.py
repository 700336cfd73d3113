"""Layers that are 0 or 1 wherever the picture lets them: from the eigenvectors first, then pixel by pixel.

Levin, Rav-Acha, Lischinski 2008, "Spectral Matting", the section on matting components; Aksoy et al. 2018, "Semantic
Soft Segmentation", the section on creating the layers: constrained sparsification, then relaxed sparsification.

The sparsity of a layer is the sum over its pixels of |alpha|^gamma + |1 - alpha|^gamma, smoothed as
(alpha^2 + s^2)^(gamma / 2). Both papers minimise it by parabolas of weights |alpha|^(gamma - 2) and
|1 - alpha|^(gamma - 2). Times 2 / gamma it is touched by them where the layers are and lies below them elsewhere, so
that is the factor here, and with one s no step raises the energy.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

from deepetch.matte.soft.matting_laplacian import Sparse

Layers: TypeAlias = NDArray[np.float64]  # (n, k): n pixels, k layers
Told: TypeAlias = Callable[[float], None]  # the share that is done

SMOOTHING = 1e-3  # s: where |alpha|^gamma would have no slope
FIRST_SMOOTHING = 1e-2  # of the refinement, falling to SMOOTHING: what begins as 0 or 1 would never leave it
SAMPLED = 6_000  # pixels at most that the eigenvectors' coefficients are found from
FAINT = 0.1  # a layer that is nowhere more than this is dropped, after each quarter of the steps
FIDELITY = 1.0  # weight of staying near the layers that relaxed sparsification begins with
SUM = 100.0  # lambda, the weight of adding up to 1
STILL = 1e-3  # a step that moves no layer further, root mean square, is the last
CG_TOLERANCE = 1e-3
CG_ITERATIONS = 50


def constrained_layers(
    values: NDArray[np.float64],
    vectors: NDArray[np.float64],
    layers: Layers,
    *,
    gamma: float,
    iterations: int,
    seed: int = 0,
    told: Told = lambda share: None,
) -> Layers:
    """Sparse layers among the combinations of eigenvectors that add up to 1.

    values, vectors  (m,) and (n, m): eigenvalues of a Laplacian, orthonormal eigenvectors.
    layers           (n, k) to begin with, each row adding up to 1.
    gamma            0.8 to 1: the smaller, the sparser.
    Returns          (n, k') adding up to 1, and a little below 0 and above 1 in places, which adding layers up mends;
                     layers that became faint are dropped.

    Minimises  sum_i  alpha_i^T L alpha_i + sparsity(alpha_i),  alpha_i = E y_i,  sum_i y_i = E^T 1.
    Of a large picture the sparsity is summed over a random sample of pixels.
    """
    size = len(vectors)
    coefficients = vectors.T @ layers  # (m, k)
    whole = vectors.sum(axis=0)  # E^T 1
    chosen = np.arange(size)
    if size > SAMPLED:
        chosen = np.sort(np.random.default_rng(seed).choice(size, SAMPLED, replace=False))
    scale = size / chosen.size
    basis = vectors[chosen].astype(np.float32)
    quarter = max(1, iterations // 4)
    for iteration in range(iterations):
        before = coefficients
        coefficients = _constrained_step(values, basis, vectors[chosen] @ before, whole, gamma, scale)
        told((iteration + 1) / iterations)
        still = bool(np.sqrt(((coefficients - before) ** 2).sum() / size) < STILL)
        if still or (iteration + 1) % quarter == 0:
            kept = _in_use(vectors @ coefficients)
            still &= bool(kept.all())  # those that are left share what a dropped one held
            coefficients = coefficients[:, kept]
        if still:
            break
    return np.asarray(vectors @ coefficients)


def relaxed_layers(
    laplacian: Sparse,
    layers: Layers,
    gamma: NDArray[np.float64],
    *,
    iterations: int,
    smoothing: tuple[float, float] = (FIRST_SMOOTHING, SMOOTHING),
    told: Told = lambda share: None,
) -> Layers:
    """Refine layers pixel by pixel, free of the eigenvectors.

    laplacian  (n, n) sparse.
    layers     (n, k) to begin with, and to stay near.
    gamma      (n,) sparsity of each pixel, up to 1: none.
    Returns    (n, k) in [0, 1], adding up to 1.

    smoothing  s of the first and of the last step; it falls by the same factor each time.

    Minimises `relaxed_energy` by conjugate gradients in each of `iterations` parabolas.
    """
    alphas = layers
    matrix = laplacian.astype(np.float32)
    for iteration, s in enumerate(np.geomspace(*smoothing, iterations)):
        before = alphas
        zero, one = parabolas(alphas, gamma[:, None], float(s))
        diagonal = (zero + one + FIDELITY).astype(np.float32)
        right = (one + FIDELITY * layers + SUM).astype(np.float32)
        alphas = _solve_coupled(matrix, diagonal, right, before.astype(np.float32)).astype(np.float64)
        told((iteration + 1) / iterations)
        if s <= smoothing[1] and np.sqrt(((alphas - before) ** 2).mean()) < STILL:
            break
    return normalised(alphas)


def relaxed_energy(laplacian: Sparse, alphas: Layers, layers: Layers, gamma: NDArray[np.float64]) -> float:
    """What relaxed sparsification minimises; the arguments as for `relaxed_layers`, `alphas` (n, k) what is judged.

    sum alpha^T L alpha + sparsity(alpha) + (alpha - layers)^2 over the layers, + 100 (1 - sum alpha)^2.
    """
    smooth = float((alphas * (laplacian @ alphas)).sum())
    return (
        smooth
        + sparsity(alphas, gamma[:, None])
        + FIDELITY * float(((alphas - layers) ** 2).sum())
        + SUM * float(((1 - alphas.sum(axis=1)) ** 2).sum())
    )


def cleaned(alphas: Layers) -> Layers:
    """Layers (n, k) below 0.1 gone, above 0.9 whole, divided by their sum: what the refinement begins with."""
    return normalised(np.where(alphas < 0.1, 0, np.where(alphas > 0.9, 1, alphas)))


def sparsity(alphas: Layers, gamma: NDArray[np.float64] | float) -> float:
    """Sum of 2 / gamma (|alpha|^gamma + |1 - alpha|^gamma), smoothed near 0 and 1."""
    square = SMOOTHING**2
    half = np.asarray(gamma) / 2
    return float((((alphas**2 + square) ** half + ((1 - alphas) ** 2 + square) ** half) / half).sum())


def parabolas(
    alphas: Layers, gamma: NDArray[np.float64] | float, smoothing: float = SMOOTHING
) -> tuple[Layers, Layers]:
    """u and v such that u x^2 + v (1 - x)^2, plus a constant, touches the sparsity at `alphas` and lies above it."""
    square = smoothing**2
    power = np.asarray(gamma) / 2 - 1
    return (alphas**2 + square) ** power, ((1 - alphas) ** 2 + square) ** power


def normalised(alphas: Layers) -> Layers:
    """Layers (n, k) clipped at 0 and divided by their sum; where nothing is left, all alike."""
    positive = np.maximum(alphas, 0)
    total = positive.sum(axis=1, keepdims=True)
    return np.asarray(np.where(total > 1e-6, positive / np.maximum(total, 1e-6), 1 / alphas.shape[1]))


def _in_use(alphas: Layers) -> NDArray[np.bool_]:
    most = np.abs(alphas).max(axis=0)
    kept: NDArray[np.bool_] = most > FAINT
    kept[most.argmax()] = True
    return kept


def _constrained_step(
    values: NDArray[np.float64],
    basis: NDArray[np.float32],
    alphas: Layers,
    whole: NDArray[np.float64],
    gamma: float,
    scale: float,
) -> NDArray[np.float64]:
    """The coefficients (m, k) that minimise the parabolas at `alphas` (s, k), adding up to `whole` (m,).

    With A_i = E^T (U_i + V_i) E + diag(values) and b_i = E^T v_i, of each layer y_i = A_i^-1 (b_i + mu), where the
    multiplier mu of the constraint solves (sum A_i^-1) mu = whole - sum A_i^-1 b_i.
    """
    zero, one = parabolas(alphas, gamma)
    identity = np.eye(len(values))
    free, inverses = [], []
    for layer in range(alphas.shape[1]):
        weighted = basis * np.sqrt(zero[:, layer] + one[:, layer]).astype(np.float32)[:, None]
        factor = cho_factor(scale * (weighted.T @ weighted).astype(np.float64) + np.diag(values))
        inverse = cho_solve(factor, identity)
        inverses.append(inverse)
        free.append(inverse @ (scale * (basis.T @ one[:, layer].astype(np.float32))))
    multiplier = np.linalg.solve(sum(inverses[1:], inverses[0]), whole - sum(free[1:], free[0]))
    return np.stack([part + inverse @ multiplier for part, inverse in zip(free, inverses, strict=True)], -1)


def _solve_coupled(
    matrix: Sparse, diagonal: NDArray[np.float32], right: NDArray[np.float32], start: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Solve (L + diagonal) x + 100 sum_i x_i = right for layers x (n, k) that are coupled by their sum.

    Conjugate gradients, preconditioned by each pixel's own k x k block D + 100 11^T, inverted by Sherman-Morrison.
    """
    couple = np.float32(SUM)

    def applied(x: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(matrix @ x + diagonal * x + couple * x.sum(axis=1, keepdims=True))

    reciprocal = 1 / (matrix.diagonal()[:, None] + diagonal)
    shared = couple / (1 + couple * reciprocal.sum(axis=1, keepdims=True))

    def preconditioned(x: NDArray[np.float32]) -> NDArray[np.float32]:
        scaled = reciprocal * x
        return np.asarray(scaled - reciprocal * (shared * scaled.sum(axis=1, keepdims=True)))

    solution = start.copy()
    residual = right - applied(solution)
    enough = CG_TOLERANCE * float(np.linalg.norm(right - couple))  # what is left of it when the sum is 1
    direction = preconditioned(residual)
    slope = float(np.vdot(residual, direction))
    for _ in range(CG_ITERATIONS):
        if np.linalg.norm(residual) <= enough or slope <= 0:
            break
        along = applied(direction)
        step = np.float32(slope / float(np.vdot(direction, along)))
        solution += step * direction
        residual -= step * along
        better = preconditioned(residual)
        slope, before = float(np.vdot(residual, better)), slope
        direction = better + np.float32(slope / before) * direction
    return solution
