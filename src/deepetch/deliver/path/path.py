"""The clipping path of an alpha: closed Bezier curves around the subject, and what they are measured by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from deepetch.arrays import Levels, full_scale
from deepetch.deliver.path.bezier import Curve, Points, flatten, straight
from deepetch.deliver.path.contour import Contour, trace_contours
from deepetch.deliver.path.crossing import crossing_segments
from deepetch.deliver.path.fit import fit_curves
from deepetch.errors import InvalidArray, NoSubject
from deepetch.options import PathOptions

REFITS = 4  # of what crosses, each with a quarter of the tolerance, before it is drawn point by point
AROUND = 2.0  # pixels around a crossing segment whose points are followed more closely
CELL = 16  # pixels
SUBPIXELS, SHIFT = 16, 8  # rows and columns of a pixel when a path is drawn; 2^-8 pixels of them


@dataclass(frozen=True, eq=False)
class ClippingPath:
    """What a pen tool draws around a subject.

    subpaths  closed, each (n, 4, 2) float64: cubic segments, x and y in pixels from the picture's top left corner; each
              segment starts where the one before ends, the first where the last ends. Around the subject they run
              clockwise as one sees them, around its holes the other way, so both filling rules fill the same.
    width, height  of the picture, in pixels.
    """

    subpaths: tuple[Curve, ...]
    width: int
    height: int

    @property
    def nodes(self) -> int:
        """How many points a retoucher sees on the path."""
        return sum(len(curve) for curve in self.subpaths)


def clipping_path(alpha: Levels, options: PathOptions = PathOptions()) -> ClippingPath:
    """Draw the path around what alpha shows to at least one half.

    alpha    (h, w) uint8 or uint16.
    Returns  the path; it does not cross itself: what would is fitted again more closely and, if need be, is the contour
             itself. The points of the contour that it was fitted to, all but those right beside a corner, are at most
             `options.tolerance` pixels away; where alpha jumps from nothing to everything, so that the contour is not
             known better, half a pixel more.
    Raises   NoSubject if nothing as large as `options.smallest` reaches one half; InvalidArray as `trace_contours`.
    """
    contours = trace_contours(alpha, smallest=options.smallest)
    if not contours:
        raise NoSubject(
            f"no clipping path: alpha nowhere reaches one half on {options.smallest:g} square pixels. "
            "Check the cut-out, or ask for smaller parts."
        )
    height, width = alpha.shape
    return ClippingPath(tuple(_curves_without_crossings(contours, (width, height), options)), width, height)


def rasterise(path: ClippingPath) -> NDArray[np.uint8]:
    """Alpha (h, w) uint8 of a path: the share of each pixel inside it, to 1/256, by the even-odd rule."""
    drawn = np.empty((path.height, path.width), np.uint8)
    lines = [flatten(curve, 1 / SUBPIXELS)[0] for curve in path.subpaths]
    for top in range(0, path.height, SUBPIXELS):
        rows = min(SUBPIXELS, path.height - top)
        fine = np.zeros((rows * SUBPIXELS, path.width * SUBPIXELS), np.uint8)
        near = [line for line in lines if line[:, 1].min() < top + rows and line[:, 1].max() > top]
        # OpenCV takes whole numbers for pixels' centres
        polygons = [np.rint(((line - [0, top]) * SUBPIXELS - 0.5) * 2**SHIFT).astype(np.int32) for line in near]
        if polygons:
            cv2.fillPoly(fine, polygons, 255, lineType=cv2.LINE_8, shift=SHIFT)
        drawn[top : top + rows] = cv2.resize(fine, (path.width, rows), interpolation=cv2.INTER_AREA)
    return drawn


def path_iou(path: ClippingPath, alpha: Levels) -> float:
    """Intersection over union, in [0, 1], of the path as it is drawn and of alpha, both at one half or more.

    Raises  InvalidArray if path and alpha differ in size.
    """
    if alpha.shape != (path.height, path.width):
        raise InvalidArray(f"alpha: expected {(path.height, path.width)} as the path has it; got {alpha.shape}.")
    drawn, subject = rasterise(path) >= 128, alpha > full_scale(alpha) // 2
    union = np.count_nonzero(drawn | subject)
    return np.count_nonzero(drawn & subject) / union if union else 1.0


def largest_distance(path: ClippingPath, contours: Sequence[Contour]) -> float:
    """Hausdorff distance of path and contours in pixels: the farthest that a point of either is from the other.

    Worked out on points every 0.1 pixels. Neither may be empty.
    """
    first = np.concatenate([_dense(flatten(curve, 0.01)[0]) for curve in path.subpaths])
    second = np.concatenate([_dense(contour.points) for contour in contours])
    return max(_farthest(first, second), _farthest(second, first))


def _dense(points: Points) -> Points:
    way = np.roll(points, -1, axis=0) - points
    parts = np.maximum(np.ceil(np.hypot(*way.T) / 0.1), 1).astype(np.intp)
    owner = np.repeat(np.arange(len(points)), parts)
    share = (np.arange(len(owner)) - np.repeat(np.cumsum(parts) - parts, parts)) / parts[owner]
    return np.asarray(points[owner] + share[:, None] * way[owner], np.float64)


def _farthest(points: Points, others: Points) -> float:
    """The largest distance of any of `points` from the nearest of `others`; looked for in square cells."""
    cells = np.floor(points / CELL)
    order = np.lexsort(cells.T)
    groups = np.split(order, np.flatnonzero((np.diff(cells[order], axis=0) != 0).any(axis=1)) + 1)
    farthest = 0.0
    for group in groups:
        low = cells[group[0]] * CELL
        margin = CELL / 4
        while True:
            near = others[((others >= low - margin) & (others <= low + CELL + margin)).all(axis=1)]
            if len(near):
                distance = np.sqrt(((points[group, None] - near) ** 2).sum(axis=2).min(axis=1).max())
                if distance <= margin:
                    break
            margin *= 2
        farthest = max(farthest, float(distance))
    return farthest


def _curves_without_crossings(contours: Sequence[Contour], size: tuple[int, int], options: PathOptions) -> list[Curve]:
    tolerances = [np.full(len(contour.points), options.tolerance) for contour in contours]
    curves = fit_curves(contours, tolerances, size=size, corner_angle=options.corner_angle)
    for refit in range(REFITS + len(contours)):
        crossing = crossing_segments(curves)
        bad = [number for number, segments in enumerate(crossing) if len(segments)]
        if not bad:
            break
        if refit >= REFITS:
            for number in bad:
                points = contours[number].points
                curves[number] = straight(points, np.roll(points, -1, axis=0))
            continue
        for number in bad:
            for box in curves[number][crossing[number]]:
                near = (contours[number].points > box.min(axis=0) - AROUND).all(axis=1)
                near &= (contours[number].points < box.max(axis=0) + AROUND).all(axis=1)
                tolerances[number][near] = options.tolerance / 4 ** (refit + 1)
        again = fit_curves(
            [contours[number] for number in bad],
            [tolerances[number] for number in bad],
            size=size,
            corner_angle=options.corner_angle,
        )
        for number, curve in zip(bad, again, strict=True):
            curves[number] = curve
    return curves
