"""Fit a picture into a square for a network, and bring what the network says back, exactly."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from deepetch.errors import InvalidOptions


@dataclass(frozen=True)
class Placement:
    """Where a picture of `height` x `width` lies inside a canvas: rows top..bottom, columns left..right.

    The aspect ratio is kept to within half a pixel of the canvas.
    """

    height: int
    width: int
    canvas_height: int
    canvas_width: int
    top: int
    left: int
    bottom: int
    right: int


def place(height: int, width: int, size: int, *, square: bool = True, multiple: int = 32) -> Placement:
    """Say where a picture lies when its longer side becomes `size`.

    square    the canvas is size x size; otherwise its shorter side is the next multiple of `multiple`.
    Raises    InvalidOptions for an empty picture or a size that is no positive multiple of `multiple`.
    """
    if height < 1 or width < 1:
        raise InvalidOptions(f"expected a picture of at least 1 x 1; got {height} x {width}.")
    if size < multiple or size % multiple:
        raise InvalidOptions(f"expected a network size that is a multiple of {multiple}; got {size}.")
    scale = size / max(height, width)
    inner_height = max(1, round(height * scale))
    inner_width = max(1, round(width * scale))

    def canvas(inner: int) -> int:
        return size if square else math.ceil(inner / multiple) * multiple

    canvas_height, canvas_width = canvas(inner_height), canvas(inner_width)
    top = (canvas_height - inner_height) // 2
    left = (canvas_width - inner_width) // 2
    return Placement(height, width, canvas_height, canvas_width, top, left, top + inner_height, left + inner_width)


def letterbox(picture: NDArray[Any], placement: Placement, *, fill: tuple[float, ...] | None = None) -> NDArray[Any]:
    """Resize `picture` (h, w) or (h, w, c) into its place and fill the rest by reflection.

    Reflection, not a flat colour: a subject that touches the frame goes on beyond it, so no false edge is
    drawn there. Area averaging when the picture shrinks, bilinear when it grows; dtype kept.
    fill  of at most four values: a colour all the same, for networks that would find the reflected thing too.
    """
    inner_size = (placement.right - placement.left, placement.bottom - placement.top)
    interpolation = cv2.INTER_AREA if inner_size[0] <= placement.width else cv2.INTER_LINEAR
    inner = cv2.resize(picture, inner_size, interpolation=interpolation)
    return np.asarray(
        cv2.copyMakeBorder(
            inner,
            placement.top,
            placement.canvas_height - placement.bottom,
            placement.left,
            placement.canvas_width - placement.right,
            cv2.BORDER_REFLECT if fill is None else cv2.BORDER_CONSTANT,
            value=fill or (),
        )
    )


def stretched(picture: NDArray[Any], height: int, width: int) -> NDArray[Any]:
    """A picture (h, w) or (h, w, c) at height x width, its aspect ratio not kept.

    Along each axis area averaging when it shrinks, bilinear when it grows; dtype kept.
    """
    smaller = min(width, picture.shape[1]), min(height, picture.shape[0])
    shrunk = cv2.resize(picture, smaller, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(shrunk, (width, height), interpolation=cv2.INTER_LINEAR))


def crop_to_content(canvas: NDArray[Any], placement: Placement) -> NDArray[Any]:
    """The part of a canvas (h, w) or (h, w, c) that holds the picture: the inverse of the padding, a view."""
    return canvas[placement.top : placement.bottom, placement.left : placement.right]


def crop_grid(grid: NDArray[np.float32], placement: Placement) -> NDArray[np.float32]:
    """The part of a coarser grid (h, w, c) over a canvas that holds the picture, bilinear, on about as many points."""
    down, across = grid.shape[0] / placement.canvas_height, grid.shape[1] / placement.canvas_width
    inner_height, inner_width = placement.bottom - placement.top, placement.right - placement.left
    rows, columns = max(1, round(inner_height * down)), max(1, round(inner_width * across))
    step_down, step_across = inner_height * down / rows, inner_width * across / columns
    matrix = np.array(
        [
            [step_across, 0, placement.left * across + step_across / 2 - 0.5],
            [0, step_down, placement.top * down + step_down / 2 - 0.5],
        ]
    )
    planes = [
        cv2.warpAffine(
            np.ascontiguousarray(grid[..., channel]),
            matrix,
            (columns, rows),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        for channel in range(grid.shape[2])
    ]
    return np.stack(planes, -1).astype(np.float32, copy=False)
