import numpy as np
import pytest
from scipy import sparse

from deepetch.matte.soft import eigen
from deepetch.matte.soft.eigen import dissection_order, smallest_eigenvectors
from deepetch.matte.soft.laplacian import soft_laplacian


def problem(height, width, seed=0):
    random = np.random.default_rng(seed)
    view, semantics = random.random((height, width, 3), np.float32), random.random((height, width, 4), np.float32)
    return soft_laplacian(view, semantics, height * width // 25, 0.01, 0.01)


@pytest.mark.parametrize(("tolerance", "near"), [(1e-10, 1e-6), (eigen.TOLERANCE, 1e-3)])
def test_smallest_eigenvectors_are_those_of_the_dense_solver(monkeypatch, tolerance, near):
    monkeypatch.setattr(eigen, "DENSE", 0)
    monkeypatch.setattr(eigen, "TOLERANCE", tolerance)
    matrix, joined = problem(20, 24)
    values, vectors = smallest_eigenvectors(matrix, 12, (20, 24), joined)
    expected, basis = np.linalg.eigh(matrix.toarray())
    np.testing.assert_allclose(values, expected[:12], atol=near)
    assert expected[12] - expected[11] > 1e-4  # so that the space of the first twelve is one space
    np.testing.assert_allclose(vectors.T @ vectors, np.eye(12), atol=1e-5)
    np.testing.assert_allclose(np.abs(np.linalg.det(basis[:, :12].T @ vectors)), 1, atol=10 * near)


def test_a_small_picture_is_solved_densely_and_gives_at_most_a_vector_a_pixel():
    matrix, joined = problem(5, 6)
    values, vectors = smallest_eigenvectors(matrix, 100, (5, 6), joined)
    np.testing.assert_allclose(vectors * values @ vectors.T, matrix.toarray(), atol=1e-9)


def test_strong_repulsion_moves_the_shift(monkeypatch):
    monkeypatch.setattr(eigen, "DENSE", 0)
    monkeypatch.setattr(eigen, "TOLERANCE", 1e-10)
    matrix, joined = problem(12, 14)
    matrix = (matrix - 0.5 * sparse.eye_array(matrix.shape[0])).tocsr()
    values, _ = smallest_eigenvectors(matrix, 6, (12, 14), joined)
    np.testing.assert_allclose(values, np.linalg.eigvalsh(matrix.toarray())[:6], atol=1e-6)


def test_the_same_seed_gives_the_same_vectors(monkeypatch):
    monkeypatch.setattr(eigen, "DENSE", 0)
    matrix, joined = problem(12, 14)
    first, second = (smallest_eigenvectors(matrix, 6, (12, 14), joined)[1] for _ in range(2))
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("shape", [(5, 5), (7, 30), (30, 7), (1, 40)])
def test_dissection_orders_every_pixel_once_and_the_far_ones_last(shape):
    far = np.array([4, 2])
    order = dissection_order(shape, far)
    assert sorted(order) == list(range(shape[0] * shape[1]))
    assert set(order[-2:]) == {2, 4}


def test_the_parts_of_a_dissection_do_not_touch():
    order = dissection_order((5, 20), np.zeros(0, np.int64)).tolist()
    columns = [position % 20 for position in order]
    assert set(columns[-10:]) == {9, 10}  # two columns come after what they part
    first = set(columns[:45])
    assert first == set(range(9))
