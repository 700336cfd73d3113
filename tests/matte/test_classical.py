import importlib.util
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest

from deepetch.errors import InvalidArray, InvalidOptions, InvalidTrimap, MattingFailed, MissingExtra
from deepetch.matte import classical
from deepetch.matte.classical import METHODS, require_matting, solve_alpha

pymatting = pytest.importorskip("pymatting")

LAPLACIANS = {
    "closed-form": pymatting.cf_laplacian,
    "knn": pymatting.knn_laplacian,
    "learning-based": pymatting.lbdm_laplacian,
    "random-walk": pymatting.rw_laplacian,
}
# of a soft edge four pixels wide: two of the methods are made for it, random-walk would rather have it hard
LARGEST_MEAN_ERROR = {"closed-form": 0.03, "knn": 0.1, "learning-based": 0.03, "random-walk": 0.15}


def scene(height, width, *, band=6, dtype=np.uint16, channels=3):
    """Samples, alpha and trimap of a wavy disc with a soft edge, four pixels wide."""
    rows, columns = np.mgrid[:height, :width]
    y, x = rows - height / 2, columns - width / 2
    distance = np.hypot(y, x) - min(height, width) * 0.3 - 2 * np.sin(np.arctan2(y, x) * 7)
    alpha = np.clip(0.5 - distance / 4, 0, 1)
    subject, backdrop = np.array([0.8, 0.2, 0.25, 0.1][:channels]), np.array([0.2, 0.5, 0.4, 0.3][:channels])
    noise = np.random.default_rng(1).normal(0, 0.01, (height, width, channels))
    colours = alpha[..., None] * subject + (1 - alpha[..., None]) * backdrop + noise
    samples = np.rint(np.clip(colours, 0, 1) * np.iinfo(dtype).max).astype(dtype)
    trimap = np.where(distance < -band, 255, np.where(distance > band, 0, 128)).astype(np.uint8)
    return samples, alpha, trimap


def dense_solution(samples, trimap, method):
    """L_UU x_U = -L_UK x_K over the whole picture, by Gaussian elimination."""
    laplacian = LAPLACIANS[method](samples / np.iinfo(samples.dtype).max).tocsr()
    alpha = trimap.ravel() / 255
    here, there = np.flatnonzero(trimap == 128), np.flatnonzero(trimap != 128)
    right = -(laplacian[here][:, there] @ alpha[there])
    alpha[here] = np.clip(np.linalg.solve(laplacian[here][:, here].toarray(), right), 0, 1)
    return alpha.reshape(trimap.shape)


def counted(calls):
    return lambda done, tiles: calls.append((done, tiles))


@pytest.mark.parametrize("method", METHODS)
def test_in_one_tile_each_method_is_the_dense_solution(method):
    samples, _, trimap = scene(28, 30, band=3)
    calls = []
    alpha = solve_alpha(samples, trimap, method=method, progress=counted(calls))
    assert calls == [(1, 1)]
    # the three local methods to the rounding of 16 bits; knn looks at places on average: here the tile is the picture
    error = np.abs(alpha / 65535 - dense_solution(samples, trimap, method))
    assert error.max() <= (1e-3 if method == "knn" else 1e-5)


@pytest.mark.parametrize(("method", "memory_mb"), [("closed-form", 22), ("learning-based", 22), ("random-walk", 9)])
def test_tiles_give_what_the_whole_picture_gives(method, memory_mb):
    samples, truth, trimap = scene(80, 84)
    calls = []
    alpha = solve_alpha(samples, trimap, method=method, memory_mb=memory_mb, progress=counted(calls)) / 65535
    assert [done for done, _ in calls] == list(range(1, calls[-1][1] + 1))
    assert len(calls) >= 9
    error = np.abs(alpha - dense_solution(samples, trimap, method))
    assert error.max() <= 0.01  # two and a half of 255 levels
    assert error[trimap == 128].mean() <= 0.001
    # pymatting itself holds known pixels by a weight of 100, closed-form's apart, and takes random-walk's matrix for
    # symmetric, which it is not
    estimate = {
        "closed-form": lambda *of: pymatting.estimate_alpha_cf(*of, preconditioner=pymatting.jacobi),
        "learning-based": lambda *of: pymatting.estimate_alpha_lbdm(*of, preconditioner=pymatting.jacobi),
        "random-walk": pymatting.estimate_alpha_rw,
    }[method]
    whole = estimate(samples / 65535, trimap / 255)
    assert np.abs(alpha - whole).max() <= (0.05 if method == "random-walk" else 0.01)
    assert np.abs(alpha - truth).mean() <= np.abs(whole - truth).mean() + 0.0005


def test_tiles_of_knn_are_near_what_pymatting_gives_for_the_whole():
    samples, truth, trimap = scene(70, 70, band=4)
    calls = []
    alpha = solve_alpha(samples, trimap, method="knn", memory_mb=74, progress=counted(calls)) / 65535
    whole = pymatting.estimate_alpha_knn(samples / 65535, trimap / 255)
    unknown = trimap == 128
    assert len(calls) > 1
    # its neighbours are looked for within a tile only
    assert np.abs(alpha - whole).max() <= 0.1
    assert np.abs(alpha - whole)[unknown].mean() <= 0.01
    assert np.abs(alpha - truth)[unknown].mean() <= np.abs(whole - truth)[unknown].mean() + 0.005


@pytest.mark.parametrize("method", ["closed-form", "random-walk"])
def test_strokes_far_apart_are_joined_across_tiles_that_see_neither(method):
    samples, truth, _ = scene(80, 80)
    trimap = np.full(truth.shape, 128, np.uint8)
    trimap[38:42, 30:50], trimap[3:6], trimap[:, 3:6] = 255, 0, 0
    calls = []
    alpha = solve_alpha(
        samples, trimap, method=method, memory_mb={"closed-form": 22, "random-walk": 9}[method], progress=counted(calls)
    )
    assert len(calls) > 9
    assert np.abs(alpha / 65535 - truth).mean() <= 0.02
    assert np.abs(alpha / 65535 - truth)[(truth == 0) | (truth == 1)].mean() <= 0.01


@pytest.mark.parametrize("memory_mb", [18, 20, 22])
def test_a_picture_between_one_tile_and_several_is_solved_from_known_pixels_alone(memory_mb):
    samples, truth, _ = scene(64, 66)
    trimap = np.full(truth.shape, 128, np.uint8)
    trimap[31:33, 26:40], trimap[2:4] = 255, 0
    alpha = solve_alpha(samples, trimap, method="random-walk", memory_mb=memory_mb) / 65535
    # a tile that began at a half would stay far from both ends
    assert np.abs(alpha - truth)[(truth == 0) | (truth == 1)].mean() <= 0.01


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("method", METHODS)
def test_every_kind_of_photo_is_solved_and_known_pixels_are_exact(method, channels, dtype):
    samples, truth, trimap = scene(32, 34, band=4, dtype=dtype, channels=channels)
    given = samples.copy(), trimap.copy()
    alpha = solve_alpha(samples, trimap, method=method)
    full = np.iinfo(dtype).max
    assert alpha.dtype == dtype
    assert (alpha[trimap == 0] == 0).all()
    assert (alpha[trimap == 255] == full).all()
    assert np.abs(alpha / full - truth)[trimap == 128].mean() < LARGEST_MEAN_ERROR[method]
    np.testing.assert_array_equal(samples, given[0])
    np.testing.assert_array_equal(trimap, given[1])


@pytest.mark.parametrize("value", [0, 255])
@pytest.mark.parametrize("method", METHODS)
def test_a_picture_of_one_colour_gives_a_ramp_and_no_nan(method, value):
    trimap = np.full((20, 24), 128, np.uint8)
    trimap[:4], trimap[16:] = 0, 255
    alpha = solve_alpha(np.full((20, 24, 3), value, np.uint8), trimap, method=method).astype(int)
    assert (np.diff(alpha.mean(axis=1)) >= 0).all()
    np.testing.assert_allclose(alpha + alpha[::-1], 255, atol=20)  # the same seen from either side


@pytest.mark.parametrize("pattern", ["noise", "checks", "ramp"])
@pytest.mark.parametrize("method", METHODS)
def test_two_known_pixels_are_enough_for_any_picture(method, pattern):
    samples = {
        "noise": np.random.default_rng(0).integers(0, 2, (20, 24, 1)) * 255,
        "checks": np.indices((20, 24)).sum(axis=0)[..., None] % 2 * 255,
        "ramp": np.tile(np.linspace(0, 255, 24), (20, 1))[..., None],
    }[pattern].astype(np.uint8)
    trimap = np.full((20, 24), 128, np.uint8)
    trimap[0, 0], trimap[19, 23] = 0, 255
    alpha = solve_alpha(samples, trimap, method=method)
    assert (alpha[0, 0], alpha[19, 23]) == (0, 255)


@pytest.mark.parametrize("shape", [(3, 3), (3, 90), (90, 3), (5, 4)])
@pytest.mark.parametrize("method", METHODS)
def test_narrow_pictures(method, shape):
    trimap = np.full(shape, 128, np.uint8)
    trimap.flat[0], trimap.flat[-1] = 0, 255
    samples = np.random.default_rng(0).integers(0, 256, (*shape, 3)).astype(np.uint8)
    memory_mb = {"knn": 95, "random-walk": 9}.get(method, 25)
    assert solve_alpha(samples, trimap, method=method, memory_mb=memory_mb).shape == shape


def test_only_tiles_with_unknown_pixels_are_solved():
    samples, _, trimap = scene(200, 200, dtype=np.uint8)
    trimap[:], trimap[:100] = 0, 255
    trimap[5:8, 5:8] = trimap[190:194, 180:184] = trimap[96:104, 150:152] = 128
    calls = []
    alpha = solve_alpha(samples, trimap, memory_mb=30, progress=counted(calls))
    # three spots at this size, and at half of it, where two are left: known pixels outweigh unknown ones there
    assert len(calls) <= 9
    np.testing.assert_array_equal(alpha[trimap != 128], trimap[trimap != 128])


def test_nothing_unknown_needs_no_solver(monkeypatch):
    monkeypatch.setitem(sys.modules, "pymatting", None)
    samples, _, trimap = scene(20, 20)
    trimap[trimap == 128] = 0
    np.testing.assert_array_equal(solve_alpha(samples, trimap), trimap.astype(np.uint16) * 257)
    assert (solve_alpha(samples, np.zeros_like(trimap)) == 0).all()
    assert solve_alpha(samples[:0], trimap[:0]).shape == (0, 20)


def test_work_stays_within_the_memory_given_however_large_the_photo():
    peaks = []
    for side in (80, 160):
        samples, _, trimap = scene(side, side, band=8, dtype=np.uint8)
        tracemalloc.start()
        solve_alpha(samples, trimap, memory_mb=22)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert max(peaks) < 22e6
    assert peaks[1] < 1.3 * peaks[0]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("memory_mb", [80, 256, 4000])
def test_no_tile_with_all_that_is_seen_around_it_exceeds_the_memory(method, memory_mb):
    context, bytes_a_pixel = METHODS[method]
    core = classical._core_side(method, memory_mb)
    beside = classical.OVERLAP + context
    assert (core + 2 * beside) ** 2 * bytes_a_pixel <= memory_mb * 1e6
    for shape in [(700, 500), (core + 2 * classical.OVERLAP, 900)]:
        covered = np.zeros(shape, int)
        for tile in classical._tiles(np.ones(shape, np.bool_), core):
            covered[tile] += 1
            seen = [classical._grown(span, beside, length) for span, length in zip(tile, shape, strict=True)]
            assert max(span.stop - span.start for span in seen) <= core + 2 * beside
        assert (covered == 1).all()


@pytest.mark.parametrize("method", METHODS)
def test_too_little_memory_is_said_with_what_is_enough(method):
    samples, _, trimap = scene(20, 20)
    with pytest.raises(InvalidOptions, match="memory_mb: expected at least") as error:
        solve_alpha(samples, trimap, method=method, memory_mb=2)
    least = int(str(error.value).split("at least ")[1].split()[0])
    assert classical._core_side(method, least) >= 16


def test_inputs_must_have_their_form():
    samples, _, trimap = scene(20, 20)
    with pytest.raises(InvalidOptions, match="expected one of closed-form, knn, learning-based, random-walk; got 'cf'"):
        solve_alpha(samples, trimap, method="cf")
    with pytest.raises(InvalidArray, match="samples"):
        solve_alpha(samples[..., :2], trimap)
    with pytest.raises(InvalidArray, match="trimap"):
        solve_alpha(samples, trimap[:10])
    with pytest.raises(InvalidArray, match="at least 3 x 3"):
        solve_alpha(samples[:2], trimap[:2])
    with pytest.raises(InvalidTrimap, match="knows no foreground"):
        solve_alpha(samples, np.minimum(trimap, 128))


def test_a_solver_that_gives_up_is_an_error(monkeypatch):
    samples, _, trimap = scene(28, 30)
    monkeypatch.setattr(classical, "ITERATIONS", 1)
    with pytest.raises(MattingFailed, match="knn matting found no solution"):
        solve_alpha(samples, trimap, method="knn")
    monkeypatch.setattr(classical, "RESIDUAL", -1.0)
    with pytest.raises(MattingFailed, match="closed-form matting found no solution"):
        solve_alpha(samples, trimap)


def test_without_the_extra_one_line_says_how_to_get_it(monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(classical, "find_spec", lambda name: None if name == "numba" else find(name))
    samples, _, trimap = scene(20, 20)
    for call in (require_matting, lambda: solve_alpha(samples, trimap)):
        with pytest.raises(
            MissingExtra, match=r"needs numba, which is not installed: pip install 'deepetch\[matting\]'"
        ):
            call()


@pytest.mark.parametrize(
    ("reason", "error", "advice"),
    [
        (ImportError("Numba needs NumPy 2.4\nor less."), MissingExtra, r"NumPy 2.4 or less.\): pip install -U"),
        (RuntimeError("cannot cache function"), MattingFailed, "NUMBA_CACHE_DIR"),
    ],
)
def test_a_pymatting_that_cannot_be_loaded_is_one_line(reason, error, advice, monkeypatch):
    class Broken:
        def find_spec(self, name, path, target=None):
            if name == "pymatting":
                raise reason

    samples, _, trimap = scene(20, 20)
    monkeypatch.setattr(classical, "require_matting", lambda: None)
    monkeypatch.delitem(sys.modules, "pymatting")
    monkeypatch.setattr(sys, "meta_path", [Broken(), *sys.meta_path])
    with pytest.raises(error, match=advice):
        solve_alpha(samples, trimap)


def test_importing_the_module_loads_no_solver():
    code = "import sys, deepetch.matte.classical; print(sorted({m.split('.')[0] for m in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert not {"pymatting", "numba", "scipy", "torch"} & set(eval(done.stdout))
