"""Where the subject of a finished picture is, and what lies around it, found without a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from deepetch.arrays import Levels, Mask, full_scale
from deepetch.deliver.edge_line import EdgeLines, edge_lines
from deepetch.deliver.frame import Box
from deepetch.options import FrameOptions, MatteOptions
from deepetch.photo.photo import Photo

NEAR_WHITE = 5 / 255  # a pixel with all channels at 250 of 255 or more is no subject
AROUND = 16  # pixels around the silhouette that are not judged: a block of JPEG's halved colours
LINE_AROUND = 8  # pixels beside a line along the edge that are no subject either
SMALL, APART = 0.05, 0.03  # of the largest part's pixels; of the longer side


@dataclass(frozen=True, eq=False, kw_only=True)
class Silhouette:
    """What a picture shows.

    transparent  it is by alpha, else by what differs from white.
    box          the subject's; None if there is none.
    uneven       share of the pixels that are neither the subject nor within 16 pixels of it and not exactly white, or
                 not exactly clear; `worst` is the largest of their distances, in [0, 1].
    edge         share of the outermost pixels that are no background: the subject is cropped there, or the background
                 is another.
    lines        along the sides.
    apart        small parts far from the rest.
    """

    transparent: bool
    box: Box | None
    uneven: float
    worst: float
    edge: float
    lines: EdgeLines
    apart: tuple[Box, ...]


def is_transparent(photo: Photo) -> bool:
    return photo.alpha is not None and int(photo.alpha.min()) < full_scale(photo.alpha)


def ink(photo: Photo) -> Levels:
    """How far each pixel is from the background: (h, w) in the photo's depth, 0 = none of the subject.

    Of a picture that is transparent somewhere, alpha; else the distance from white of the channel that is furthest
    (CMYK: the most ink).
    """
    if is_transparent(photo):
        return cast(Levels, photo.alpha)
    channels = [photo.samples[..., channel] for channel in range(photo.samples.shape[2])]
    if photo.space == "cmyk":
        return cast(Levels, _folded(np.maximum, channels))
    return cast(Levels, full_scale(photo.samples) - _folded(np.minimum, channels))


def is_subject(photo: Photo, levels: Levels) -> Mask:
    """Where `levels`, the `ink` of the photo, is no background: alpha of 5 % or more, or a channel below 250 of 255."""
    full = full_scale(levels)
    if is_transparent(photo):
        return np.asarray(levels >= FrameOptions.threshold * full)
    return np.asarray(levels > NEAR_WHITE * full)


def silhouette(photo: Photo) -> Silhouette:
    """Find the subject: the pixels of `is_subject` that touch by side or corner, in parts.

    Specks (less than 0.05 % of the largest part) and lines along the sides are none of it. A part is apart if it has
    less than 5 % of the largest one's pixels and is more than 3 % of the longer side away from all that have more.
    """
    levels, transparent = ink(photo), is_transparent(photo)
    full, seen = full_scale(levels), is_subject(photo, levels)
    if transparent:
        lines = edge_lines(cast(Any, seen)[..., None].astype(np.uint8) * 255, 0)  # a soft edge of the subject is none
    else:
        lines = edge_lines(photo.samples, 0 if photo.space == "cmyk" else full)
    edge = np.concatenate([seen[0], seen[-1], seen[1:-1, 0], seen[1:-1, -1]]).mean()
    subject, boxes, apart = _parts(_without_lines(seen, lines))
    size = 2 * AROUND + 1
    near = cv2.dilate(subject.view(np.uint8), np.ones((size, size), np.uint8)).view(bool)
    outside = levels[~near]
    return Silhouette(
        transparent=transparent,
        box=_around(boxes),
        uneven=float(np.count_nonzero(outside) / outside.size) if outside.size else 0.0,
        worst=float(outside.max(initial=0) / full),
        edge=float(edge),
        lines=lines,
        apart=apart,
    )


def _folded(function: Any, channels: list[Any]) -> Any:
    result = channels[0]
    for channel in channels[1:]:
        result = function(result, channel)
    return result


def _without_lines(seen: Mask, lines: EdgeLines) -> Mask:
    kept = seen.copy()
    for rows, thickness in (
        (kept, lines.top),
        (kept[::-1], lines.bottom),
        (kept.T, lines.left),
        (kept.T[::-1], lines.right),
    ):
        if thickness:
            rows[: thickness + LINE_AROUND] = False
    return kept


def _parts(seen: Mask) -> tuple[Mask, NDArray[np.int32], tuple[Box, ...]]:
    """The subject, a row (left, top, right, bottom) for each of its parts, and those that are apart."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(seen.astype(np.uint8), connectivity=8)
    areas = stats[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0  # what is no part
    kept = areas >= max(1, MatteOptions.speck * areas.max())
    large = areas >= max(1, SMALL * areas.max())
    left, top, width, height = stats[:, :4].T  # CC_STAT_LEFT to CC_STAT_HEIGHT
    boxes = np.stack([left, top, left + width, top + height], axis=1)
    apart = []
    small = np.flatnonzero(kept & ~large)
    if small.size:
        distance = cv2.distanceTransform((~large[labels]).view(np.uint8), cv2.DIST_L2, 5)
        for part in small:
            box = Box(*boxes[part].tolist())
            place = slice(int(box.top), int(box.bottom)), slice(int(box.left), int(box.right))
            if distance[place][labels[place] == part].min() > APART * max(seen.shape):
                apart.append(box)
    apart.sort(key=lambda box: -box.width * box.height)
    return np.ascontiguousarray(kept[labels]), boxes[kept], tuple(apart)


def _around(boxes: NDArray[np.int32]) -> Box | None:
    if not len(boxes):
        return None
    left, top = boxes[:, :2].min(axis=0).tolist()
    right, bottom = boxes[:, 2:].max(axis=0).tolist()
    return Box(left, top, right, bottom)
