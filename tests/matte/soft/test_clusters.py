import numpy as np

from deepetch.matte.soft.clusters import cluster


def test_three_heaps_are_three_clusters():
    random = np.random.default_rng(0)
    heap = np.repeat([0, 1, 2], 50)
    points = np.array([[0, 0], [10, 0], [0, 10]])[heap] + random.normal(size=(150, 2))
    labels = cluster(points, 3)
    assert len({(a, b) for a, b in zip(heap.tolist(), labels.tolist(), strict=True)}) == 3


def test_no_more_clusters_than_different_points():
    assert cluster(np.zeros((20, 3)), 5).tolist() == [0] * 20
    assert set(cluster(np.array([[0.0], [1.0], [1.0]]), 5)) == {0, 1}


def test_a_centre_is_a_weighted_mean():
    points = np.array([[0.0], [4.0], [10.0]])
    even = cluster(points, 2)
    assert even[0] == even[1] != even[2]  # 4 is nearer to 0 than to 10
    heavy = cluster(points, 2, weights=np.array([100, 2, 0.1]))
    assert heavy[1] == heavy[2] != heavy[0]  # to leave the heavy 0 alone costs less


def test_many_points_are_all_labelled():
    labels = cluster(np.linspace(0, 1, 25_000)[:, None], 4)
    assert labels.shape == (25_000,)
    assert set(labels) == {0, 1, 2, 3}
