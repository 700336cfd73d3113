"""Classical matting by name: alpha in a trimap's unknown band from the colours around it, tile by tile.

    closed-form     Levin, Lischinski, Weiss 2008, "A Closed-Form Solution to Natural Image Matting"
    knn             Chen, Li, Tang 2013, "KNN Matting"
    learning-based  Zheng, Kambhamettu 2009, "Learning Based Digital Matting"
    random-walk     Grady, Schiwietz, Aharon, Westermann 2005, "Random Walks for Interactive Alpha-Matting"

Each builds a matrix L over pixels, which pymatting does here with its own defaults, and finds the alpha that has
L alpha = 0 at unknown pixels and the trimap's values at known ones: L_UU x_U = -L_UK x_K (Grady et al. 2005).
pymatting, its compiler and SciPy are loaded by the first call; the first ever takes a minute to compile.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Any, NamedTuple, TypeAlias, cast, get_args

import cv2
import numpy as np
from numpy.typing import NDArray

from deepetch.arrays import Levels, Mask, Samples, full_scale
from deepetch.errors import InvalidArray, InvalidOptions, MattingFailed, MissingExtra
from deepetch.matte.trimap import BACKGROUND, FOREGROUND, UNKNOWN, Trimap, require_known, require_trimap
from deepetch.options import ClassicalMethod
from deepetch.photo.view import area_resized

OVERLAP = 24  # unknown pixels around a tile that are solved with it; over them it fades into its neighbours
LEAST_CORE = 16  # a tile's own side, at the least
LARGEST_TILE = 320  # side with all around it: a factor fills up with the side, so beyond it costs time and memory
LEAST_SIDE = 3  # of a photo: the windows of two methods are 3 x 3
PULL = 1e-6  # of knn: what holds pixels whose neighbours lead to no known pixel at the alpha they start from
TOLERANCE = 1e-7  # of knn's solver: the residual beside the right-hand side
ITERATIONS = 10_000
RESIDUAL = 1e-5  # of a factorisation, beside the right-hand side: more, and its solution is none

Colours: TypeAlias = NDArray[np.float64]  # (h, w, 3) in [0, 1]
Values: TypeAlias = NDArray[np.float64]


class _Method(NamedTuple):
    """context: known pixels that a solved one's row of L may look at. bytes_a_pixel: of a tile, all of it unknown."""

    context: int
    bytes_a_pixel: int


# Measured as growth of the process at 256 x 256 unknown pixels: 3,760, 3,630, 3,760 and 1,540 bytes a pixel.
METHODS: dict[str, _Method] = {
    "closed-form": _Method(2, 4500),
    "knn": _Method(32, 4500),
    "learning-based": _Method(2, 4500),
    "random-walk": _Method(1, 2000),
}


def require_matting() -> None:
    """Raise MissingExtra unless the packages of the `matting` extra are installed; loads none of them."""
    missing = [name for name in ("pymatting", "numba", "scipy") if find_spec(name) is None]
    if missing:
        raise MissingExtra(
            f"classical matting needs {missing[0]}, which is not installed: pip install 'deepetch[matting]'."
        )


def solve_alpha(
    samples: Samples,
    trimap: Trimap,
    *,
    method: ClassicalMethod = "closed-form",
    memory_mb: int = 256,
    progress: Callable[[int, int], None] = lambda done, tiles: None,
) -> Levels:
    """Solve alpha where a trimap leaves it unknown.

    samples    (h, w, c) uint8 or uint16, c = 1 grey, 3 RGB, 4 CMYK; CMYK is looked at as plain RGB.
    trimap     (h, w) uint8: 0 background, 128 unknown, 255 foreground.
    memory_mb  bound on the work of one tile, in 10^6 bytes: its pixels number at most that over the method's bytes a
               pixel (4,500; random-walk 2,000), which hold if all of them are unknown. No tile is wider than 320
               pixels, so more than 461 changes nothing.
    progress   called after each tile with how many are done, and how many there are.
    Returns    (h, w) in the dtype of `samples`; known pixels are exactly 0 or full. Empty in, empty out.
    Raises     MissingExtra without the `matting` extra; InvalidArray if shapes, dtypes or values differ, or a side is
               below 3 pixels; InvalidTrimap if no foreground or no background is known; InvalidOptions for an unknown
               method, or too little memory; MattingFailed if the equations of a tile cannot be solved.
    Memory     `memory_mb`, the result, and up to half as much again as samples, trimap and result.

    What is unknown is covered by tiles, no larger than it is. A tile is solved with OVERLAP pixels around it, given the
    trimap and, where the tile cuts through unknown pixels, the alpha found so far; over the overlap it fades into that.
    A photo that one tile does not hold is first solved at half its size, in the same way: so far regions agree.
    closed-form, learning-based and random-walk: what one tile holds is the solution of the whole. knn looks for a
    pixel's neighbours within its tile and 32 pixels around, and measures places in the photo's size on average.
    """
    _require_inputs(samples, trimap, method)
    core = _core_side(method, memory_mb)
    full = full_scale(samples)
    alpha: Levels = np.zeros(trimap.shape, samples.dtype)
    alpha[trimap == FOREGROUND] = full
    unknown = trimap == UNKNOWN
    if not unknown.any():
        return alpha
    require_known(trimap)
    around = _box(unknown, max(METHODS[method].context, LEAST_SIDE))
    levels = _pyramid(samples[around], trimap[around], core + 2 * OVERLAP)
    tiles = [list(_tiles(trimap == UNKNOWN, core)) for _, trimap in levels]
    done, total = 0, sum(map(len, tiles))
    solver = _Solver(method)
    found: Levels = np.full((1, 1), full // 2, samples.dtype)
    for (samples, trimap), cores in zip(reversed(levels), reversed(tiles), strict=True):
        found = _start(found, trimap, full)
        for tile in cores:
            _solve_tile(found, samples, trimap, tile, solver)
            done += 1
            progress(done, total)
    alpha[around] = found
    return alpha


def _require_inputs(samples: Samples, trimap: Trimap, method: str) -> None:
    if method not in METHODS:
        raise InvalidOptions(f"method: expected one of {', '.join(get_args(ClassicalMethod))}; got {method!r}.")
    if samples.ndim != 3 or samples.shape[2] not in (1, 3, 4):
        raise InvalidArray(f"samples: expected (h, w, 1, 3 or 4); got {samples.shape}.")
    require_trimap(trimap, samples.shape[:2])
    if samples.size and min(samples.shape[:2]) < LEAST_SIDE:
        raise InvalidArray(f"samples: expected at least {LEAST_SIDE} x {LEAST_SIDE} pixels; got {samples.shape[:2]}.")


def _core_side(method: str, memory_mb: int) -> int:
    """Side of a tile without what lies around it, as the memory allows."""
    context, bytes_a_pixel = METHODS[method]
    margin = 2 * (OVERLAP + context)
    core = min(math.isqrt(int(memory_mb * 1e6 / bytes_a_pixel)), LARGEST_TILE) - margin
    if core < LEAST_CORE:
        least = math.ceil((LEAST_CORE + margin) ** 2 * bytes_a_pixel / 1e6)
        raise InvalidOptions(f"memory_mb: expected at least {least} for {method}; got {memory_mb}.")
    return core


def _box(mask: Mask, margin: int) -> tuple[slice, slice]:
    """The smallest box that holds all of `mask`, and `margin` pixels around as far as there are."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return (
        slice(max(0, int(rows[0]) - margin), int(rows[-1]) + 1 + margin),
        slice(max(0, int(columns[0]) - margin), int(columns[-1]) + 1 + margin),
    )


def _pyramid(samples: Samples, trimap: Trimap, side: int) -> list[tuple[Samples, Trimap]]:
    """The picture, and then each time with the sides halved that are longer than `side`, until none is."""
    levels = [(samples, trimap)]
    while max(trimap.shape) > side:
        height, width = (-(-length // 2) if length > side else length for length in trimap.shape)
        samples = area_resized(samples, (width, height))
        planes = [(trimap == value).view(np.uint8) * np.uint8(255) for value in (BACKGROUND, FOREGROUND)]
        out, inside = (cv2.resize(plane, (width, height), interpolation=cv2.INTER_AREA) > 0 for plane in planes)
        # what holds a known pixel of one kind and none of the other is known: strokes stay
        trimap = np.full((height, width), UNKNOWN, np.uint8)
        trimap[inside & ~out], trimap[out & ~inside] = FOREGROUND, BACKGROUND
        levels.append((samples, trimap))
    return levels


def _start(coarser: Levels, trimap: Trimap, full: int) -> Levels:
    """The alpha of the next coarser level enlarged; known pixels as the trimap has them."""
    alpha = cast(Levels, cv2.resize(coarser, trimap.shape[::-1], interpolation=cv2.INTER_LINEAR))
    alpha[trimap == BACKGROUND] = 0
    alpha[trimap == FOREGROUND] = full
    return alpha


def _tiles(unknown: Mask, core: int) -> Iterator[tuple[slice, slice]]:
    """Boxes that hold every unknown pixel once; none without one.

    Their sides are at most `core`; where the picture is no longer than that and two overlaps, as long as the picture.
    """
    height, width = unknown.shape
    down, across = (1 if length <= core + 2 * OVERLAP else -(-length // core) for length in (height, width))
    for i in range(down):
        for j in range(across):
            top, bottom = height * i // down, height * (i + 1) // down
            left, right = width * j // across, width * (j + 1) // across
            cell = unknown[top:bottom, left:right]
            if cell.any():
                rows, columns = _box(cell, 0)
                yield slice(top + rows.start, top + rows.stop), slice(left + columns.start, left + columns.stop)


def _solve_tile(alpha: Levels, samples: Samples, trimap: Trimap, tile: tuple[slice, slice], solver: _Solver) -> None:
    """Replace `alpha` in place where the tile and its overlap are unknown."""
    (height, width), full = alpha.shape, full_scale(alpha)
    solved, seen = (
        [_grown(span, by, length) for span, length in zip(tile, (height, width), strict=True)]
        for by in (OVERLAP, OVERLAP + solver.context)
    )
    box = seen[0], seen[1]
    unknown = trimap[box] == UNKNOWN
    inner = np.zeros_like(unknown)
    inner[tuple(slice(s.start - b.start, s.stop - b.start) for s, b in zip(solved, seen, strict=True))] = True
    unknown &= inner
    before = alpha[box].astype(np.float64) / full
    share = math.sqrt(unknown.size / alpha.size)
    found = solver.solve(_colours(samples[box]), unknown, before, share)
    fade = np.multiply.outer(*(_fade(span, core) for span, core in zip(seen, tile, strict=True)))[unknown]
    alpha[box][unknown] = np.rint((before[unknown] * (1 - fade) + found * fade) * full)


def _grown(span: slice, by: int, length: int) -> slice:
    return slice(max(0, span.start - by), min(length, span.stop + by))


def _fade(span: slice, core: slice) -> Values:
    """1 along `core`, falling to 0 over the overlap on both sides."""
    at = np.arange(span.start, span.stop)
    outside = np.maximum(np.maximum(core.start - at, at - (core.stop - 1)), 0)
    return np.asarray(np.maximum(1 - outside / (OVERLAP + 1), 0), np.float64)


def _colours(samples: Samples) -> Colours:
    colours = samples.astype(np.float64) / full_scale(samples)
    if colours.shape[2] == 4:
        # light left by coloured ink times light left by black
        colours = (1 - colours[..., :3]) * (1 - colours[..., 3:])
    return np.repeat(colours, 3, axis=2) if colours.shape[2] == 1 else colours


class _Solver:
    """One method, with pymatting and SciPy loaded."""

    def __init__(self, method: str) -> None:
        require_matting()
        try:
            import pymatting
            from scipy.sparse import identity
            from scipy.sparse.linalg import LinearOperator, bicgstab, splu
        except ImportError as error:
            raise MissingExtra(
                f"classical matting needs pymatting, which cannot be loaded ({_line(error)}): "
                "pip install -U 'deepetch[matting]'."
            ) from error
        except RuntimeError as error:  # numba finds no folder to keep what it compiled
            raise MattingFailed(
                f"classical matting: pymatting cannot be loaded ({_line(error)}). "
                "Set NUMBA_CACHE_DIR to a folder that can be written."
            ) from error
        self.method = method
        self.context = METHODS[method].context
        self._pymatting: Any = pymatting
        self._identity, self._operator, self._bicgstab, self._splu = identity, LinearOperator, bicgstab, splu

    def solve(self, colours: Colours, unknown: Mask, values: Values, share: float) -> Values:
        """Alpha at the unknown pixels, (n,) in [0, 1].

        values  (h, w) alpha: where it is known, and elsewhere where to begin.
        share   of the tile's side in the picture's.
        Raises  MattingFailed.
        """
        laplacian = self._laplacian(colours, ~unknown, share)
        here = np.flatnonzero(unknown)
        there = np.flatnonzero(~unknown)
        rows = laplacian[here]
        matrix = rows[:, here]
        right = -(rows[:, there] @ values.reshape(-1)[there])
        del laplacian, rows
        matrix.sum_duplicates()
        matrix.eliminate_zeros()
        start = values.reshape(-1)[here]
        found = self._iterate(matrix, right, start) if self.method == "knn" else self._factorise(matrix, right)
        return np.asarray(np.clip(found, 0, 1), np.float64)

    def _laplacian(self, colours: Colours, known: Mask, share: float) -> Any:
        if self.method == "closed-form":
            return self._pymatting.cf_laplacian(colours, is_known=known)
        if self.method == "learning-based":
            return self._pymatting.lbdm_laplacian(colours)
        if self.method == "random-walk":
            return self._pymatting.rw_laplacian(colours)
        # pymatting measures places in shares of the picture it is given: near and far must weigh as in the whole one
        neighbours = [min(count, known.size) for count in (20, 10)]
        return self._pymatting.knn_laplacian(
            colours, n_neighbors=neighbours, distance_weights=[2.0 * share, 0.1 * share]
        ).tocsr()

    def _factorise(self, matrix: Any, right: Values) -> Values:
        # these three couple pixels of a 5 x 5 window at most, so a sparse factor stays sparse; it needs no symmetry,
        # which random-walk has not, and no conditioning, which the two others lack in smooth regions
        try:
            factor = self._splu(
                matrix.tocsc(),
                permc_spec="MMD_AT_PLUS_A",
                diag_pivot_thresh=0.0,
                options={"SymmetricMode": True},
            )
            found = np.asarray(factor.solve(right), np.float64)
        except RuntimeError as error:  # exactly singular
            raise self._failed() from error
        # not `>`: NaN must fail too
        if not np.linalg.norm(matrix @ found - right) <= RESIDUAL * (1 + np.linalg.norm(right)):
            raise self._failed()
        return found

    def _iterate(self, matrix: Any, right: Values, start: Values) -> Values:
        # knn couples pixels far apart, so its factor would be dense; but few steps do, as it spreads at once
        matrix = (matrix + PULL * self._identity(len(right))).tocsr()
        scale = 1 / matrix.diagonal()
        found, state = self._bicgstab(
            matrix,
            right + PULL * start,
            x0=start,
            rtol=TOLERANCE,
            atol=TOLERANCE,
            maxiter=ITERATIONS,
            M=self._operator(matrix.shape, matvec=lambda x: scale * x.reshape(-1)),
        )
        if state != 0:
            raise self._failed()
        return np.asarray(found, np.float64)

    def _failed(self) -> MattingFailed:
        return MattingFailed(
            f"{self.method} matting found no solution for a part of the photo. "
            "Mark more pixels of the trimap as known there, or use another method."
        )


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
