"""The worst, median and best pictures of an evaluation, small and encoded as the report shows them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from deepetch.arrays import Alpha, View, require_alpha, require_view
from deepetch.datasets.overlay import tinted
from deepetch.errors import InvalidArray, InvalidOptions
from deepetch.matte.foreground import estimate_foreground
from deepetch.photo.view import reduced
from deepetch.report.curves import smaller_is_better

SIDE = 360  # longest side of a picture in the report, in pixels
QUALITY = 85  # of JPEG
CHECK = 12  # side of a field of the checkerboard, in pixels
KEPT = 1000  # pictures held, encoded, to find the median ones among
# two colours that the colour-blind tell apart (Okabe, Ito 2008): vermilion and blue
TOO_MUCH, TOO_LITTLE = (213, 94, 0), (0, 114, 178)

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, eq=False, kw_only=True)
class Picture:
    """One evaluated picture.

    view             (h, w, 3) float32 in [0, 1], sRGB.
    true, predicted  (h, w) float32 in [0, 1].
    scores           measure to value.
    """

    name: str
    kind: str
    view: View
    true: Alpha
    predicted: Alpha
    scores: Mapping[str, float]


@dataclass(frozen=True, eq=False, kw_only=True)
class Tile:
    """A picture as the report shows it: four JPEG files of `height` x `width` pixels.

    photo    as it was given.
    overlay  with the prediction tinted and outlined.
    cutout   what the prediction cuts out, in its true colours, on a checkerboard.
    errors   on the pale photo, in TOO_MUCH where the prediction is above the truth, in TOO_LITTLE where it is below;
             the stronger, the further.
    """

    name: str
    kind: str
    scores: Mapping[str, float]
    height: int
    width: int
    photo: bytes
    overlay: bytes
    cutout: bytes
    errors: bytes


@dataclass(frozen=True, kw_only=True)
class Gallery:
    """Pictures chosen by one measure out of `n`; no picture is in two of the groups.

    worst   beginning with the worst.
    median  the nearest to the middle place first.
    best    beginning with the best.
    """

    measure: str
    n: int
    worst: Sequence[Tile]
    median: Sequence[Tile]
    best: Sequence[Tile]


@dataclass(frozen=True, order=True)
class _Placed:
    """A tile by its score, more being better; equal ones in the order they came."""

    score: float
    index: int
    tile: Tile = field(compare=False)


def choose_pictures(pictures: Iterable[Picture], *, count: int = 4, measure: str = "iou") -> Gallery:
    """Take one picture after the other and keep the `count` worst, median and best.

    A picture whose score is no number counts as the worst. Few pictures are shared out between the groups, worst first.
    Only tiles are held. Up to 1000 pictures the median ones are exact; beyond that they are the nearest to the middle
    among 500 to 1000 that are spread evenly over the stream, so that memory stays bounded.
    Raises  InvalidOptions for a count below 1 or a picture without that score; InvalidArray for arrays that do not fit.
    """
    if count < 1:
        raise InvalidOptions(f"count: expected at least 1 picture of each sort; got {count}.")
    scores: list[float] = []
    lowest: list[_Placed] = []
    highest: list[_Placed] = []
    spread: list[_Placed] = []
    every = 1
    for index, picture in enumerate(pictures):
        score = _ranking_score(picture, measure)
        scores.append(score)
        is_low = len(lowest) < count or (score, index) < (lowest[-1].score, lowest[-1].index)
        is_high = len(highest) < count or (score, index) > (highest[0].score, highest[0].index)
        is_spread = index % every == 0
        if not (is_low or is_high or is_spread):
            continue
        placed = _Placed(score, index, make_tile(picture))
        if is_low:
            lowest = sorted([*lowest, placed])[:count]
        if is_high:
            highest = sorted([*highest, placed])[-count:]
        if is_spread:
            spread.append(placed)
        if len(spread) > KEPT:
            spread, every = spread[::2], every * 2
    worst, median, best = _shared_out(lowest, spread, highest, scores, count)
    return Gallery(measure=measure, n=len(scores), worst=worst, median=median, best=best)


def _shared_out(
    lowest: Sequence[_Placed],
    spread: Sequence[_Placed],
    highest: Sequence[_Placed],
    scores: Sequence[float],
    count: int,
) -> Iterator[Sequence[Tile]]:
    """Worst, median and best tiles, at most `count` of each and none twice."""
    n = len(scores)
    worst = lowest[: math.ceil(n / 3)]
    best = highest[::-1][: math.ceil((n - len(worst)) / 2)]
    place = {index: at for at, (_, index) in enumerate(sorted(zip(scores, range(n), strict=True)))}
    ends = {placed.index for placed in (*worst, *best)}
    between = [placed for placed in spread if placed.index not in ends]
    between.sort(key=lambda placed: abs(place[placed.index] - (n - 1) / 2))
    for group in (worst, between[:count], best):
        yield tuple(placed.tile for placed in group)


def _ranking_score(picture: Picture, measure: str) -> float:
    """The score, turned so that more is better; minus infinity for no number."""
    if measure not in picture.scores:
        known = ", ".join(picture.scores) or "none"
        raise InvalidOptions(f"{picture.name}: expected a score named {measure!r}; its scores: {known}.")
    score = float(picture.scores[measure])
    if math.isnan(score):
        return -math.inf
    return -score if smaller_is_better(measure) else score


def make_tile(picture: Picture) -> Tile:
    """Reduce a picture to at most 360 pixels a side and draw what the report shows of it.

    Raises  InvalidArray for arrays of another form, of different sizes, or without pixels.
    """
    require_view(picture.view, f"{picture.name}: view")
    require_alpha(picture.true, f"{picture.name}: true alpha")
    require_alpha(picture.predicted, f"{picture.name}: predicted alpha")
    size = picture.view.shape[:2]
    if not picture.view.size or picture.true.shape != size or picture.predicted.shape != size:
        raise InvalidArray(
            f"{picture.name}: expected a view and two alphas of one size, not empty; "
            f"got {size}, {picture.true.shape} and {picture.predicted.shape}."
        )
    photo = _levels(reduced(_levels_of(picture.view), SIDE))
    true = _levels(reduced(_levels_of(picture.true)[..., None], SIDE))[..., 0]
    predicted = _levels(reduced(_levels_of(picture.predicted)[..., None], SIDE))[..., 0]
    return Tile(
        name=picture.name,
        kind=picture.kind,
        scores=dict(picture.scores),
        height=photo.shape[0],
        width=photo.shape[1],
        photo=_jpeg(photo),
        overlay=_jpeg(_levels_of(tinted(_shares(photo), _shares(predicted)))),
        cutout=_jpeg(draw_cutout(photo, predicted)),
        errors=_jpeg(draw_errors(photo, true, predicted)),
    )


def draw_cutout(photo: Pixels, predicted: Pixels) -> Pixels:
    """What an alpha (h, w) cuts out of a photo (h, w, 3), in its true colours, on a checkerboard; (h, w, 3)."""
    border = estimate_foreground(photo, predicted)
    colours = photo.copy()
    colours.reshape(-1, 3)[border.index] = border.colours
    rows, columns = np.indices(predicted.shape)
    board = np.where((rows // CHECK + columns // CHECK) % 2, 204, 255)[..., None]
    alpha = _shares(predicted)[..., None]
    return _levels(np.rint(colours * alpha + board * (1 - alpha)))


def draw_errors(photo: Pixels, true: Pixels, predicted: Pixels) -> Pixels:
    """The pale photo (h, w, 3) with the difference of two alphas (h, w) laid over it, in its size; (h, w, 3)."""
    grey = np.asarray(cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY), np.float32)[..., None]
    pale = 255 - (255 - grey) * 0.3
    difference = predicted.astype(np.float32) - true
    colour = np.where(difference[..., None] > 0, np.array(TOO_MUCH, np.float32), np.array(TOO_LITTLE, np.float32))
    share = np.abs(difference)[..., None] / 255
    return _levels(np.rint(pale + (colour - pale) * share))


def _levels_of(shares: NDArray[np.float32]) -> Pixels:
    return _levels(np.rint(shares.clip(0, 1) * 255))


def _levels(values: NDArray[np.generic]) -> Pixels:
    return values.astype(np.uint8, copy=False)


def _shares(levels: Pixels) -> NDArray[np.float32]:
    return np.divide(levels, 255, dtype=np.float32)


def _jpeg(picture: Pixels) -> bytes:
    # full colour resolution: outlines and errors are thin and coloured
    options = [
        *(cv2.IMWRITE_JPEG_QUALITY, QUALITY),
        *(cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444),
        *(cv2.IMWRITE_JPEG_OPTIMIZE, 1),
    ]
    _, encoded = cv2.imencode(".jpg", picture[..., ::-1], options)
    return bytes(encoded)
