"""What a labelled set is like, in the numbers from which training is planned (after Isensee et al. 2021)."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from deepetch.arrays import Alpha, Mask, Samples, View
from deepetch.datasets.example import Example, read_example
from deepetch.datasets.inspect import vertices_per_100_px
from deepetch.datasets.split import SPLITS
from deepetch.errors import DatasetError, PhotoError
from deepetch.photo.photo import Photo
from deepetch.photo.view import reduced, view_of

MOST = 400  # pictures that are measured: a share is then right to 5 in a hundred, nineteen times in twenty
THIN_SHARE = 0.05  # of a subject's area counts as its thin structures
OUTLINE_SIDE = 1024  # structures are measured at most at this longer side: what is lost there no network will see
NOISE_SIDE = 1024  # noise is measured in the middle of a picture, at full size, in a window of at most this side
COLOURLESS = 2 / 255  # channels that differ by no more are grey
DIGITS = 4  # of the numbers here


@dataclass(frozen=True, kw_only=True)
class Quantiles:
    """The 10 %, 50 % and 90 % quantiles of some numbers."""

    low: float
    median: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Fingerprint:
    """What `fingerprint` found; a Quantiles is over pictures, those of masks over pictures that have a border.

    pictures   number of pictures for each split and kind, such as {"train": {"people": 3}}.
    training   pictures of `train` that show a subject, as far as the set says without opening them.
    labelled   the same of `train` and `val`.
    units      of `train` and `val`, what no fold may divide: groups, and pictures without a group.
    measured, unread  pictures that were read, and that could not be read.
    empty      share of the measured that show no subject.
    grey       share of the measured without colour.
    height, width, longer  in pixels; `longer` is the longer side.
    aspect     width / height.
    noise      deviation of the noise in luminance, in levels of 8 bits (Immerkaer 1996); fine texture counts as noise.
    foreground share of the picture where alpha >= 0.5.
    border     length of the border per 100 px of the picture's diagonal; the frame is no border.
    border_ratio  border length x longer side / subject's area: divided by a size in pixels, the share of the subject
               that lies within a pixel of its border at that size. A disc as wide as the picture is long has 4.
    thickness_px  of the thinnest twentieth of the subject's area, in pixels of the source, see `thin_diameter`.
    thickness  the same as a share of the longer side: times a size, the pixels that are left of it at that size.
    softness   width of the soft edge: pixels of 0.05 < alpha < 0.95 per pixel of border. 0 in masks of two levels.
    vertices   coarseness of the outline, see `inspect.vertices_per_100_px`.
    """

    pictures: dict[str, dict[str, int]]
    training: int
    labelled: int
    units: int
    measured: int
    unread: int
    empty: float
    grey: float
    height: Quantiles
    width: Quantiles
    longer: Quantiles
    aspect: Quantiles
    noise: Quantiles
    foreground: Quantiles
    border: Quantiles
    border_ratio: Quantiles
    thickness_px: Quantiles
    thickness: Quantiles
    softness: Quantiles
    vertices: Quantiles


def fingerprint(
    examples: Sequence[Example], *, most: int | None = MOST, progress: Callable[[int], None] = lambda done: None
) -> Fingerprint:
    """Count a set and measure pictures of it, `to_measure`; memory stays at one picture.

    most    None: all pictures of `train` and `val`. `test` is counted and never looked at.
    Raises  DatasetError for no example, none of `train` that shows a subject, or when no picture that was measured can
            be read or has a border between subject and background.
    """
    kept = [example for example in examples if example.split != "test"]
    training = sum(example.has_subject for example in kept if example.split == "train")
    if not examples:
        raise DatasetError("nothing to plan for: the data set has no labelled picture.")
    if not training:
        raise DatasetError("nothing to plan for: no picture of the train split shows a subject.")
    numbers = defaultdict[str, list[float]](list)
    measured, unread, empty, grey, reason = 0, 0, 0, 0, ""
    for done, example in enumerate(to_measure(kept, most), 1):
        try:
            photo, alpha = read_example(example)
        except (DatasetError, PhotoError) as error:
            reason = reason or str(error)
            unread += 1
            continue
        finally:
            progress(done)
        measured += 1
        view = middle(photo)
        grey += is_grey(view)
        empty += not (alpha >= 0.5).any()
        for name, number in (_of_photo(photo, view) | _of_mask(alpha)).items():
            numbers[name].append(number)
    if not measured:
        raise DatasetError(f"nothing to plan from: no picture can be read. The first: {reason}")
    if not numbers["border"]:
        raise DatasetError(
            f"nothing to plan from: in each of the {measured} pictures measured the mask is empty or full. "
            "Look at them with `deepetch data inspect DATA --overlays FILE`; --all measures every picture."
        )
    return Fingerprint(
        pictures=_counts(examples),
        training=training,
        labelled=sum(example.has_subject for example in kept),
        units=len({(example.group,) if example.group else position for position, example in enumerate(kept)}),
        measured=measured,
        unread=unread,
        empty=_rounded(empty / measured),
        grey=_rounded(grey / measured),
        **{name: _quantiles(found) for name, found in numbers.items()},
    )


def to_measure(examples: Sequence[Example], most: int | None = MOST) -> list[Example]:
    """At most `most` examples of `train` and `val`, evenly spread over their list; None: all of them."""
    kept = [example for example in examples if example.split != "test"]
    if most is None or len(kept) <= most:
        return kept
    return [kept[index] for index in np.linspace(0, len(kept) - 1, most).round().astype(int)]


def border_length(mask: Mask) -> float:
    """Length of the border of a mask, in pixels; the frame is no border. Nothing or everything: 0.

    Cauchy and Crofton's formula: lines in four directions meet the border so often as it is long. Right to 2 % for
    discs, 5 % short to 3 % long for straight lines.
    """
    across = np.count_nonzero(mask[1:] != mask[:-1]) + np.count_nonzero(mask[:, 1:] != mask[:, :-1])
    slanted = np.count_nonzero(mask[1:, 1:] != mask[:-1, :-1]) + np.count_nonzero(mask[1:, :-1] != mask[:-1, 1:])
    return float(math.pi / 8 * (across + slanted / math.sqrt(2)))  # slanted lines lie closer by the root of two


def thin_diameter(mask: Mask, *, share: float = THIN_SHARE) -> float:
    """Diameter, in pixels, of the largest disc that can be pushed over all but `share` of a mask's area.

    So much of the subject is thinner than this: an opening by discs (Matheron 1975). It counts area, as IoU does, and
    so specks and ragged edges hardly matter, which rule a quantile along the ridge; corners count as thin, and a square
    reads half its side. The frame is no edge. Right to a pixel and 3 %; at most the longer side; no border: 0.
    """
    if mask.all() or not mask.any():
        return 0.0
    inner = _distance_within(mask)
    area = np.count_nonzero(mask)
    fits, too_large = 0.5, float(inner.max())
    for _ in range(8):
        radius = math.sqrt(fits * too_large)
        centres = inner > radius
        reached = _distance_within(~centres) <= radius if centres.any() else np.zeros_like(mask)
        if area - np.count_nonzero(reached) > share * area:
            too_large = radius
        else:
            fits = radius
    # a row of single pixels has distance 1 to its outside and is 1 wide
    return float(min(2 * too_large - 1, max(mask.shape)))


def noise_level(view: View) -> float:
    """Deviation of a picture's noise in luminance, in levels of 8 bits (Immerkaer 1996). Below 3 x 3 pixels: 0.

    The difference of two Laplacians answers nothing to edges and ramps; the mean of its size is that of noise.
    """
    height, width = view.shape[:2]
    if min(height, width) < 3:
        return 0.0
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    answer = cv2.filter2D(cv2.cvtColor(view, cv2.COLOR_RGB2GRAY), -1, kernel)[1:-1, 1:-1]
    return float(255 * math.sqrt(math.pi / 2) / 6 * np.abs(answer).mean())


def is_grey(view: View) -> bool:
    """Whether no pixel of (h, w, 3) has a colour."""
    return bool((view.max(2) - view.min(2)).max() <= COLOURLESS)


def middle(photo: Photo) -> View:
    """The middle of a photo at full size, at most NOISE_SIDE a side, as (h, w, 3) float32 in [0, 1]."""
    top, left = (max(0, side - NOISE_SIDE) // 2 for side in (photo.height, photo.width))
    window: Samples = photo.samples[top : top + NOISE_SIDE, left : left + NOISE_SIDE].copy()
    return view_of(window, photo.space, photo.metadata.profile)


def _of_photo(photo: Photo, view: View) -> dict[str, float]:
    return {
        "height": photo.height,
        "width": photo.width,
        "longer": max(photo.height, photo.width),
        "aspect": photo.width / photo.height,
        "noise": noise_level(view),
    }


def _of_mask(alpha: Alpha) -> dict[str, float]:
    """The numbers of a mask that has a border; {} for others."""
    mask = alpha >= 0.5
    if mask.all() or not mask.any():
        return {}
    length, longer, area = border_length(mask), max(mask.shape), np.count_nonzero(mask)
    levels = np.rint(alpha * 255).astype(np.uint8)
    small = reduced(levels[..., None], OUTLINE_SIDE)[..., 0] >= 128
    thickness = thin_diameter(small) / max(small.shape)
    found = {
        "foreground": area / mask.size,
        "border": 100 * length / math.hypot(*mask.shape),
        "border_ratio": length * longer / area,
        "softness": np.count_nonzero((alpha > 0.05) & (alpha < 0.95)) / length,
        "vertices": vertices_per_100_px(mask),
    }
    # a subject that reducing the mask wipes out is thinner than a pixel there
    thickness = max(thickness, 1 / max(small.shape))
    return found | {"thickness": thickness, "thickness_px": thickness * longer}


def _distance_within(mask: Mask) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Distance of each pixel of `mask` to the nearest outside it, in pixels; 0 outside."""
    return np.asarray(cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE))


def _counts(examples: Sequence[Example]) -> dict[str, dict[str, int]]:
    counts = Counter((example.split, example.kind) for example in examples)
    kinds = sorted({kind for _, kind in counts})
    found = {split: {kind: counts[split, kind] for kind in kinds if counts[split, kind]} for split in SPLITS}
    return {split: of_kind for split, of_kind in found.items() if of_kind}


def _quantiles(numbers: Sequence[float]) -> Quantiles:
    low, median, high = np.quantile(numbers, [0.1, 0.5, 0.9])
    return Quantiles(low=_rounded(low), median=_rounded(median), high=_rounded(high))


def _rounded(number: float) -> float:
    return float(f"{number:.{DIGITS}g}")
