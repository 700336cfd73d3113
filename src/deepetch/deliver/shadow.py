"""Shadows and reflections beneath a subject: the photo's own, or drawn from the subject's alpha.

Drawn ones are worked out at a reduced size, as fine as their sharpest blur needs, and enlarged with dither. Each is a
layer apart from the subject's alpha; what the photo's frame cuts of it is lost.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from deepetch.arrays import Levels, Mask, Samples, full_scale
from deepetch.deliver.background import encode_colour, paint_gradient
from deepetch.deliver.frame import Box, subject_box
from deepetch.deliver.own_shadow import own_darkening
from deepetch.deliver.shadow_layer import REFLECTION, SHADOW, ShadowLayer
from deepetch.errors import NoShadow
from deepetch.matte.matte import Matte
from deepetch.options import SHADOW_OPACITY, ShadowKind, ShadowOptions
from deepetch.photo.photo import Photo

SOLID = 0.5  # alpha from which on a pixel belongs to the subject's contour
TAIL = 3.5  # standard deviations at which a blur ends
LEAST_SIGMA = 2.0  # pixels of the reduced grid: the sharpest blur is at least so wide there
INVISIBLE = 0.4 / 255  # of coverage; less is none

DROP = ((0.5, 0.5), (1.5, 0.5))  # blurs of a drop shadow, in `blur`, and their shares
# contact: blurs along the ground in `blur`, and how strong each is; from the line of contact outwards
CONTACT = ((0.12, 0.6), (0.4, 0.45), (1.2, 0.35))
FLAT = 0.4  # a circle on the ground, as high as wide in the picture
LIFTED = 0.012  # distance from the ground, in heights of the subject, at which a contact is half gone
SLOPES = (0.4, 1.0)  # of the lower outline: up to the first it may stand on the ground, from the second on it does not
RISES = (0.06, 0.25)  # likewise its height above the lowest point, in heights of the subject
MOST_RISE = 0.1  # reflection: the ground behind the lowest point is at most so high
LEAST_PART = 0.05  # of the largest part's area: a smaller one stands on nothing of its own
STANDING: tuple[ShadowKind, ...] = ("contact", "reflection")  # those that need a ground
STRIP_ROWS = 64
SEAM = 3  # pixels by which a reflection goes on behind the subject

Plane: TypeAlias = NDArray[np.float32]  # (h, w)


def draw_shadow(photo: Photo, matte: Matte, options: ShadowOptions) -> ShadowLayer | None:
    """The layer that `options` ask for; None for the kind "none". Raises as the functions below."""
    return None if options.kind == "none" else SHADOWS[options.kind](photo, matte, options)


def own_shadow(photo: Photo, matte: Matte, options: ShadowOptions = ShadowOptions(kind="own")) -> ShadowLayer:
    """The shadow that the subject casts in the photo, to be multiplied into another backdrop.

    Its coverage is 1 - photo / clean backdrop, as `own_darkening` estimates it, in lightness; the colour is black
    (CMYK: black ink alone), so a colour that the shadow has is not kept. Its finest features
    are 1/1600 of the longer side.
    Raises  NoShadow where the backdrop is not plain, too dark or not to be seen.
    """
    darkening = own_darkening(photo, matte) * np.float32(_opacity(options))
    coverage = _painted(np.minimum(darkening, 1), photo.height, photo.width)
    rows, columns = (np.flatnonzero(coverage.any(axis=axis)) for axis in (1, 0))
    top, bottom = (int(rows[0]), int(rows[-1]) + 1) if rows.size else (0, 1)
    left, right = (int(columns[0]), int(columns[-1]) + 1) if columns.size else (0, 1)
    region = Box(left, top, right, bottom)
    return _layer(photo, np.ascontiguousarray(coverage[top:bottom, left:right]), region, "#000000")


def drop_shadow(photo: Photo, matte: Matte, options: ShadowOptions = ShadowOptions(kind="drop")) -> ShadowLayer:
    """The subject's silhouette, moved by `right` and `down` and blurred.

    Half of it is blurred by half of `blur`, half by one and a half times as much, so that it is firm near the subject
    and ends softly; its coverage is `opacity` times that. Alpha goes on beyond the frame as it ends there.
    Raises  NoSubject if alpha shows nothing.
    """
    box = subject_box(matte.alpha)
    sigmas = [width * options.blur * box.height for width, _ in DROP]
    right, down = options.right * box.height, options.down * box.height
    reach = TAIL * max(sigmas) + 1
    region = _within(
        photo,
        Box(
            box.left - reach + min(right, 0),
            box.top - reach + min(down, 0),
            box.right + reach + max(right, 0),
            box.bottom + reach + max(down, 0),
        ),
    )
    scale = _scale(min(sigmas))
    silhouette = _reduced(matte.alpha, region, scale)
    moved: Any = cv2.warpAffine(
        silhouette,
        np.array([[1, 0, right * scale], [0, 1, down * scale]]),
        silhouette.shape[::-1],
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    shadow = np.zeros_like(silhouette)
    for sigma, (_, share) in zip(sigmas, DROP, strict=True):
        shadow += np.float32(share) * _blur(moved, sigma * scale, sigma * scale)
    coverage = _painted(np.float32(_opacity(options)) * shadow, *_size(region))
    return _layer(photo, coverage, region, options.colour)


def contact_shadow(photo: Photo, matte: Matte, options: ShadowOptions = ShadowOptions(kind="contact")) -> ShadowLayer:
    """A dark line where the subject stands on its ground, softer and fainter outwards.

    The ground is the lower convex hull of each part's outline (alpha >= 1/2): a subject seen a little from above
    stands on its front edges. A column counts as far as its outline touches the hull, which is not steep nor far above
    the lowest point. The line is blurred three times, by 0.12, 0.4 and 1.2 of `blur` along the ground and 0.4 of that
    across it.
    Raises  NoSubject if alpha shows nothing; NoShadow as `require_ground`.
    """
    box = subject_box(matte.alpha, SOLID)
    require_ground(matte.alpha)
    sigmas = [width * options.blur * box.height for width, _ in CONTACT]
    reach = TAIL * max(sigmas) + 1
    above = RISES[1] * box.height + reach
    region = _within(photo, Box(box.left - reach, box.bottom - above, box.right + reach, box.bottom + reach))
    scale = _scale(FLAT * min(sigmas))
    silhouette = _reduced(matte.alpha, region, scale)
    standing = [
        (outline, _touching(outline, ground, box.height * scale))
        for outline, ground in standing_parts(silhouette >= SOLID)
    ]
    rows = np.arange(len(silhouette), dtype=np.float32)[:, None] + np.float32(0.5)
    light = np.ones(silhouette.shape, np.float32)
    for sigma, (_, strength) in zip(sigmas, CONTACT, strict=True):
        across = FLAT * sigma * scale
        # mostly behind the subject, whose alpha hides it
        line = np.zeros(silhouette.shape, np.float32)
        for outline, weight in standing:
            upper, lower = outline - max(2 * across, 1.0), outline + 0.5 * across
            band = np.clip(lower - rows + 0.5, 0, 1) * np.clip(rows - upper + 0.5, 0, 1) * weight
            np.maximum(line, band, out=line)
        light *= 1 - np.float32(strength) * _blur(line, sigma * scale, across)
    coverage = _painted(np.float32(_opacity(options)) * (1 - light), *_size(region))
    return _layer(photo, coverage, region, options.colour)


def reflection(photo: Photo, matte: Matte, options: ShadowOptions = ShadowOptions(kind="reflection")) -> ShadowLayer:
    """The lower part of the subject mirrored at its ground, fading with the distance from it.

    The ground is the lower convex hull of each part's outline, as for a contact shadow, at most a tenth of the
    subject's height above its lowest point; every column is mirrored at its own, so that there is no gap below edges
    that run backwards. The coverage falls from `opacity` to 0 over `length`, by the square.
    Raises  NoSubject if alpha shows nothing; NoShadow as `require_ground`.
    """
    box = subject_box(matte.alpha, SOLID)
    require_ground(matte.alpha)
    left, right, lowest = int(box.left), int(box.right), int(box.bottom)
    length = max(1.0, options.length * box.height)
    above = math.ceil(min(MOST_RISE * box.height, length) + length) + SEAM
    top, bottom = max(0, lowest - above), min(photo.height, math.ceil(lowest + length))
    columns = slice(left, right)
    parts = standing_parts(matte.alpha[top:lowest, columns] >= SOLID * full_scale(matte.alpha))
    # where one part is behind another the lower one counts
    hull = np.max([part for _, part in parts], axis=0)
    ground = np.maximum(top + hull, lowest - MOST_RISE * box.height)
    first = math.floor(ground.min()) - SEAM
    subject = _subject(photo, matte, slice(top, lowest), columns)
    coverage = np.zeros((bottom - first, right - left), np.uint8)
    colours = cast(Samples, np.zeros((*coverage.shape, photo.samples.shape[2]), photo.samples.dtype))
    for start in range(0, len(coverage), STRIP_ROWS):
        strip = slice(start, min(start + STRIP_ROWS, len(coverage)))
        below = np.arange(first + strip.start, first + strip.stop)[:, None] + 0.5 - ground  # how far, in rows
        colours[strip], share = _between_rows(*subject, ground - below - 2 * SEAM - 0.5 - top)
        fade = np.clip(1 - below / length, 0, 1) ** 2 * (below >= -SEAM)
        coverage[strip] = np.rint(255 * _opacity(options) * fade * share)
    return ShadowLayer(name=REFLECTION, coverage=coverage, colours=colours, top=first, left=left, blend="normal")


SHADOWS: dict[ShadowKind, Callable[[Photo, Matte, ShadowOptions], ShadowLayer]] = {
    "own": own_shadow,
    "drop": drop_shadow,
    "contact": contact_shadow,
    "reflection": reflection,
}


def require_ground(alpha: Levels) -> None:
    """Raise NoShadow where the subject reaches the last row: it is cut off there, or what lies below would be."""
    if (alpha[-1:] >= SOLID * full_scale(alpha)).any():
        raise NoShadow(
            "the subject reaches the picture's lower edge, so there is no ground for a contact shadow or a reflection. "
            "Give a photo with room below it, or ask for another shadow."
        )


def standing_parts(solid: Mask) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """The lower outline of each part of a subject's mask, and its lower convex hull: rows from the top, a column each.

    Columns without the part have -inf in both. Parts of less than 5 % of the largest one's area are left out.
    """
    count, labels, found, _ = cv2.connectedComponentsWithStats(solid.astype(np.uint8))
    areas = found[1:, cv2.CC_STAT_AREA]
    parts = []
    for label in range(1, count):
        if areas[label - 1] >= LEAST_PART * areas.max():
            outline = _lower_outline(labels == label)
            parts.append((outline, _lower_hull(outline)))
    return parts


def _lower_outline(part: Mask) -> NDArray[np.float64]:
    below = len(part) - np.argmax(part[::-1], axis=0)
    return np.where(part.any(axis=0), below, -np.inf)


def _lower_hull(outline: NDArray[np.float64]) -> NDArray[np.float64]:
    # Andrew 1979, the half of it that is needed
    corners: list[tuple[float, float]] = []
    for x in np.flatnonzero(np.isfinite(outline)).tolist():
        point = float(x), float(outline[x])
        while len(corners) > 1 and _turns_up(corners[-2], corners[-1], point):
            corners.pop()
        corners.append(point)
    columns, rows = np.array(corners).T
    return np.asarray(np.interp(np.arange(outline.size), columns, rows, left=-np.inf, right=-np.inf))


def _turns_up(first: tuple[float, float], middle: tuple[float, float], last: tuple[float, float]) -> bool:
    """Whether the middle point lies on or above the line between the others; rows count downwards."""
    along = (middle[0] - first[0]) * (last[1] - first[1])
    return (middle[1] - first[1]) * (last[0] - first[0]) <= along


def _touching(outline: NDArray[np.float64], ground: NDArray[np.float64], height: float) -> Plane:
    """How far each column stands on the ground, 0 to 1; `height` of the subject in rows."""
    weight = np.zeros(outline.size)
    at = np.flatnonzero(np.isfinite(outline))
    gap = (ground[at] - outline[at]) / max(LIFTED * height, 1.0)
    slope = np.abs(np.gradient(ground[at], at)) if at.size > 1 else np.zeros(1)
    rise = (ground[at].max() - ground[at]) / height
    weight[at] = np.exp2(-(gap**2)) * (1 - _smoothstep(slope, *SLOPES)) * (1 - _smoothstep(rise, *RISES))
    return weight.astype(np.float32)


def _smoothstep(values: NDArray[Any], low: float, high: float) -> NDArray[Any]:
    t = np.clip((values - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t))


def _opacity(options: ShadowOptions) -> float:
    return SHADOW_OPACITY[options.kind] if options.opacity is None else options.opacity


def _within(photo: Photo, box: Box) -> Box:
    """The box rounded to whole pixels, as far as it lies on the photo."""
    return Box(
        max(0, math.floor(box.left)),
        max(0, math.floor(box.top)),
        min(photo.width, math.ceil(box.right)),
        min(photo.height, math.ceil(box.bottom)),
    )


def _size(region: Box) -> tuple[int, int]:
    return int(region.height), int(region.width)


def _scale(sigma: float) -> float:
    return min(1.0, LEAST_SIGMA / sigma) if sigma else 1.0


def _reduced(alpha: Levels, region: Box, scale: float) -> Plane:
    seen = alpha[int(region.top) : int(region.bottom), int(region.left) : int(region.right)]
    height, width = (max(1, round(side * scale)) for side in seen.shape)
    small: Any = cv2.resize(np.ascontiguousarray(seen), (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32).reshape(height, width) / np.float32(full_scale(alpha))


def _blur(plane: Plane, along: float, across: float) -> Plane:
    """Gaussians of these standard deviations along rows and columns; beyond the frame the plane goes on as it ends."""
    if min(along, across) < 0.1:
        return plane
    blurred: Any = cv2.GaussianBlur(plane, (0, 0), sigmaX=along, sigmaY=across, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(blurred, np.float32).reshape(plane.shape)


def _painted(plane: Plane, height: int, width: int) -> NDArray[np.uint8]:
    """A plane in [0, 1] enlarged to `height` x `width`, dithered."""
    coverage = np.zeros((height, width, 1), np.uint8)
    visible = np.where(plane < INVISIBLE, 0, plane * 255).astype(np.float32)
    paint_gradient(visible[..., None], coverage)
    return coverage[..., 0]


def _layer(photo: Photo, coverage: NDArray[np.uint8], region: Box, colour: str) -> ShadowLayer:
    red, green, blue = bytes.fromhex(colour[1:])
    if (red, green, blue) == (0, 0, 0):
        ink = np.zeros(photo.samples.shape[2], photo.samples.dtype)
        if photo.space == "cmyk":
            ink[3] = full_scale(photo.samples)  # black ink alone: other plates stay clean
    else:
        ink = encode_colour((red, green, blue), photo)
    return ShadowLayer(
        name=SHADOW,
        coverage=coverage,
        colours=cast(Samples, ink.reshape(1, 1, -1)),
        top=int(region.top),
        left=int(region.left),
        blend="multiply",
    )


def _between_rows(colours: Samples, alpha: Levels, rows: NDArray[np.float64]) -> tuple[Samples, NDArray[np.float64]]:
    """Colours and share of the subject at fractions of rows (h, w), each in its own column; beyond the part nothing."""
    upper = np.floor(rows).astype(np.int64)
    across = np.arange(rows.shape[1])
    total = np.zeros((*rows.shape, colours.shape[2]))
    share = np.zeros(rows.shape)
    for row, near in ((upper, upper + 1 - rows), (upper + 1, rows - upper)):
        place = np.clip(row, 0, len(alpha) - 1), across
        weight = near * alpha[place] * ((row >= 0) & (row < len(alpha)))
        total += weight[..., None] * colours[place]
        share += weight
    mixed = total / np.where(share > 0, share, 1)[..., None]
    return cast(Samples, np.rint(mixed).astype(colours.dtype)), share / full_scale(alpha)


def _subject(photo: Photo, matte: Matte, rows: slice, columns: slice) -> tuple[Samples, Levels]:
    """A part of the photo in the subject's own colours, and its alpha."""
    colours = photo.samples[rows].copy()
    within = slice(*np.searchsorted(matte.border.index, (rows.start * photo.width, rows.stop * photo.width)))
    at = matte.border.index[within] - rows.start * photo.width
    colours.reshape(-1, colours.shape[2])[at] = matte.border.colours[within]
    return colours[:, columns], matte.alpha[rows, columns]
