"""What is measured of every picture: one row a statistic."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from pictures import Picture
from scipy.stats import ks_2samp

from deepetch.arrays import Mask, View
from deepetch.measure.photograph import (
    border_band,
    border_contrast,
    cast,
    colourfulness,
    edge_rise,
    foreground_share,
    noise_level,
    spectral_slope,
    tones,
)

PERCENTILES = (10, 50, 90)


@dataclass(frozen=True)
class Trait:
    """A statistic of a picture.

    digits  behind the point, in tables.
    style   whether it says how a picture was taken, whatever it shows; these are what the plain baseline is given.
    """

    name: str
    unit: str
    measure: Callable[[Picture], float]
    digits: int = 1
    style: bool = True


def of_subject(measure: Callable[[View, Mask], float]) -> Callable[[Picture], float]:
    """A statistic of view and mask: NaN for a picture without mask."""
    return lambda picture: np.nan if picture.mask is None else measure(picture.view, picture.mask)


def halved(view: View) -> View:
    """Four pixels become one."""
    height, width = view.shape[:2]
    even = view[: height // 2 * 2, : width // 2 * 2]
    return np.asarray(cv2.resize(even, (width // 2, height // 2), interpolation=cv2.INTER_AREA), np.float32)


TRAITS = (
    Trait("spectral slope", "", lambda p: spectral_slope(p.view), 2),
    Trait("edge rise", "px", lambda p: edge_rise(p.view), 2),
    Trait("noise", "levels", lambda p: noise_level(p.view), 2),
    Trait("noise at half size", "levels", lambda p: noise_level(halved(p.view)), 2),
    Trait("luma, mean", "levels", lambda p: tones(p.view).mean, 0),
    Trait("luma, 1 %", "levels", lambda p: tones(p.view).darkest, 0),
    Trait("luma, 50 %", "levels", lambda p: tones(p.view).middle, 0),
    Trait("luma, 99 %", "levels", lambda p: tones(p.view).lightest, 0),
    Trait("clipped black", "%", lambda p: 100 * tones(p.view).black),
    Trait("clipped white", "%", lambda p: 100 * tones(p.view).white),
    Trait("colourfulness", "", lambda p: colourfulness(p.view), 0),
    Trait("cast, a*", "", lambda p: cast(p.view)[0]),
    Trait("cast, b*", "", lambda p: cast(p.view)[1]),
    Trait("blockiness of the file", "", lambda p: p.blockiness, 2, style=False),
    Trait("foreground", "%", of_subject(lambda view, mask: 100 * foreground_share(mask)), 0, style=False),
    Trait("border contrast", "Delta E", of_subject(border_contrast), 0, style=False),
    Trait("edge rise at the border", "px", of_subject(lambda v, m: edge_rise(v, border_band(m))), 2, style=False),
)


def measured(pictures: Sequence[Picture]) -> NDArray[np.float64]:
    """(pictures, TRAITS), NaN where there is nothing to measure."""
    return np.array([[trait.measure(picture) for trait in TRAITS] for picture in pictures]).reshape(-1, len(TRAITS))


def spread(values: NDArray[np.float64]) -> tuple[float, float, float] | None:
    """The 10th, 50th and 90th percentile of what is known; None if nothing is."""
    known = values[np.isfinite(values)]
    low, middle, high = np.percentile(known, PERCENTILES) if known.size else (np.nan,) * 3
    return (float(low), float(middle), float(high)) if known.size else None


def distance(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """The two-sample Kolmogorov-Smirnov distance of what is known, in [0, 1]; NaN if one side knows nothing."""
    first, second = first[np.isfinite(first)], second[np.isfinite(second)]
    return float(ks_2samp(first, second).statistic) if first.size and second.size else np.nan
