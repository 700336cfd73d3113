import numpy as np
import pytest
from scipy import sparse
from scipy.optimize import minimize

from deepetch.matte.soft import sparse_layers
from deepetch.matte.soft.sparse_layers import (
    cleaned,
    constrained_layers,
    normalised,
    parabolas,
    relaxed_energy,
    relaxed_layers,
    sparsity,
)


def path_laplacian(size):
    weights = sparse.diags_array([np.ones(size - 1)] * 2, offsets=[-1, 1])
    return (sparse.diags_array(weights.sum(axis=1)) - weights).tocsr()


def sparse_sum(alphas, gamma):
    return float((2 / gamma * (np.abs(alphas) ** gamma + np.abs(1 - alphas) ** gamma)).sum())


def test_sparsity_is_the_papers_but_for_its_factor():
    alphas = np.random.default_rng(0).random((20, 3))
    assert sparsity(alphas, 0.9) == pytest.approx(sparse_sum(alphas, 0.9), rel=1e-4)


@pytest.mark.parametrize("gamma", [0.8, 0.9, 1.0])
def test_parabolas_touch_the_sparsity_and_lie_above_it(gamma):
    at, other = np.full((1, 1), 0.3), np.linspace(-0.5, 1.5, 41)
    zero, one = (float(weight[0, 0]) for weight in parabolas(at, gamma))

    def above(x):
        return zero * x**2 + one * (1 - x) ** 2 - sparsity(np.array([[x]]), gamma)

    assert all(above(x) >= above(0.3) - 1e-12 for x in other)
    assert (above(0.301) - above(0.299)) / 0.002 == pytest.approx(0, abs=1e-4)


def test_constrained_step_minimises_the_parabolas_among_layers_that_add_up_to_one():
    random = np.random.default_rng(1)
    values, vectors = np.linalg.eigh(path_laplacian(12).toarray())
    values, vectors, alphas = values[:4], vectors[:, :4], random.random((12, 3))
    zero, one = parabolas(alphas, 0.8)
    whole = vectors.sum(axis=0)
    step = sparse_layers._constrained_step(values, vectors.astype(np.float32), alphas, whole, 0.8, 1.0)
    # the same as one dense system: [A 1; 1 0] [y; mu] = [b; E^T 1]
    blocks = np.zeros((16, 16))
    right = np.zeros(16)
    for layer in range(3):
        part = slice(4 * layer, 4 * layer + 4)
        blocks[part, part] = vectors.T @ np.diag(zero[:, layer] + one[:, layer]) @ vectors + np.diag(values)
        blocks[part, 12:], blocks[12:, part] = -np.eye(4), np.eye(4)
        right[part] = vectors.T @ one[:, layer]
    right[12:] = whole
    expected = np.linalg.solve(blocks, right)[:12].reshape(3, 4).T
    np.testing.assert_allclose(step, expected, atol=1e-4)
    np.testing.assert_allclose(step.sum(axis=1), whole, atol=1e-9)


def test_coupled_solve_is_the_dense_one():
    random = np.random.default_rng(2)
    matrix = path_laplacian(10)
    diagonal, right = 1 + random.random((10, 3)), 100 + random.random((10, 3))
    dense = np.kron(matrix.toarray(), np.eye(3)) + np.diag(diagonal.ravel())
    dense += np.kron(np.eye(10), np.full((3, 3), 100.0))
    solved = sparse_layers._solve_coupled(
        matrix.astype(np.float32), diagonal.astype(np.float32), right.astype(np.float32), np.zeros((10, 3), np.float32)
    )
    np.testing.assert_allclose(solved, np.linalg.solve(dense, right.ravel()).reshape(10, 3), atol=2e-3)


def test_refinement_never_raises_the_energy_and_comes_near_its_minimum():
    random = np.random.default_rng(3)
    matrix, gamma = path_laplacian(8), np.full(8, 0.9)
    layers = normalised(random.random((8, 2)))
    alphas, energies = layers, [relaxed_energy(matrix, layers, layers, gamma)]
    for _ in range(8):
        zero, one = parabolas(alphas, gamma[:, None])
        right = (one + layers + 100).astype(np.float32)
        alphas = sparse_layers._solve_coupled(
            matrix.astype(np.float32), (zero + one + 1).astype(np.float32), right, alphas.astype(np.float32)
        ).astype(float)
        energies.append(relaxed_energy(matrix, alphas, layers, gamma))
    assert (np.diff(energies) < 1e-3).all()
    least = minimize(
        lambda x: relaxed_energy(matrix, x.reshape(8, 2), layers, gamma), layers.ravel(), method="L-BFGS-B"
    ).fun
    assert energies[-1] < energies[0] - 0.5 * (energies[0] - least)


def test_refined_layers_add_up_to_one_and_are_in_range():
    layers = normalised(np.random.default_rng(4).random((30, 4)))
    told = []
    refined = relaxed_layers(path_laplacian(30), layers, np.full(30, 0.9), iterations=3, told=told.append)
    assert refined.min() >= 0
    np.testing.assert_allclose(refined.sum(axis=1), 1, atol=1e-9)
    assert told[-1] <= 1


def test_two_halves_that_are_barely_joined_become_two_layers():
    weights = np.ones(39)
    weights[19] = 1e-4
    affinity = sparse.diags_array([weights, weights], offsets=[-1, 1])
    matrix = (sparse.diags_array(affinity.sum(axis=1)) - affinity).toarray()
    values, vectors = np.linalg.eigh(matrix)
    blurred = np.clip((np.arange(40) - 12) / 16, 0, 1)
    layers = constrained_layers(
        values[:5], vectors[:, :5], np.stack([blurred, 1 - blurred], -1), gamma=0.8, iterations=20
    )
    assert layers[:19, 0].max() < 0.05
    assert layers[21:, 0].min() > 0.95
    np.testing.assert_allclose(layers.sum(axis=1), 1, atol=1e-9)


def test_empty_layers_are_dropped():
    values, vectors = np.linalg.eigh(path_laplacian(20).toarray())
    begin = np.zeros((20, 5))
    begin[:10, 1], begin[10:, 3] = 1, 1
    assert constrained_layers(values[:4], vectors[:, :4], begin, gamma=0.8, iterations=2).shape == (20, 2)


def test_what_begins_as_all_or_nothing_becomes_soft_where_the_picture_is():
    """A ramp 8 pixels long, cut in half to begin with: only a wide parabola lets go of 0 and of 1."""
    ramp = np.clip((np.arange(40) - 15.5) / 8, 0, 1)
    hard = np.stack([ramp >= 0.5, ramp < 0.5], -1).astype(float)
    weights = 1e4 / (np.abs(np.diff(ramp)) * 200 + 1) ** 2  # neighbours on the ramp are less alike
    affinity = sparse.diags_array([weights, weights], offsets=[-1, 1])
    matrix = (sparse.diags_array(affinity.sum(axis=1)) - affinity).tocsr()
    gamma = np.where(np.gradient(ramp) > 0, 1.0, 0.9)
    found = [
        np.abs(relaxed_layers(matrix, hard, gamma, iterations=20, smoothing=s)[:, 0] - ramp).mean()
        for s in ((1e-3, 1e-3), (1e-2, 1e-3))
    ]
    assert found[1] < 0.7 * found[0]


def test_cleaning_takes_haze_away_and_leaves_what_is_soft():
    layers = np.array([[0.95, 0.05, 0.0], [0.5, 0.42, 0.08], [1.2, -0.26, 0.06]])
    np.testing.assert_allclose(cleaned(layers), [[1, 0, 0], [0.5 / 0.92, 0.42 / 0.92, 0], [1, 0, 0]], atol=1e-12)


def test_the_sum_over_a_sample_of_pixels_stands_for_all(monkeypatch):
    values, vectors = np.linalg.eigh(path_laplacian(300).toarray())
    begin = np.zeros((300, 2))
    begin[:120, 0], begin[120:, 1] = 1, 1
    full = constrained_layers(values[:6], vectors[:, :6], begin, gamma=0.8, iterations=5)
    monkeypatch.setattr(sparse_layers, "SAMPLED", 150)
    sampled = constrained_layers(values[:6], vectors[:, :6], begin, gamma=0.8, iterations=5)
    assert np.abs(full - sampled).mean() < 0.05


def test_where_nothing_is_left_all_layers_are_alike():
    np.testing.assert_array_equal(normalised(np.array([[-1.0, 0.0], [2.0, -1.0]])), [[0.5, 0.5], [1, 0]])
