import numpy as np

from deepetch.matte.soft.affinity import colour_affinity, semantic_affinity
from deepetch.matte.soft.laplacian import soft_laplacian
from deepetch.matte.soft.matting_laplacian import matting_affinity
from deepetch.matte.soft.superpixels import superpixels


def test_the_three_affinities_are_added_with_their_weights():
    random = np.random.default_rng(6)
    view, semantics = random.random((9, 10, 3), np.float32), random.random((9, 10, 4), np.float32)
    matrix, joined = soft_laplacian(view, semantics, 6, 0.03, 0.02)
    patches = superpixels(view, 6)
    weights = (
        matting_affinity(view).toarray()
        + 0.02 * semantic_affinity(patches, semantics).toarray()
        + 0.03 * colour_affinity(patches, view).toarray()
    )
    np.testing.assert_allclose(matrix.toarray(), np.diag(weights.sum(axis=1)) - weights, atol=1e-9)
    np.testing.assert_allclose(matrix.sum(axis=1), 0, atol=1e-9)
    np.testing.assert_array_equal(joined, patches.pixels())
