"""What a picture says of its camera: sharpness, noise, exposure, colour, compression, and its subject's border.

All are of one picture, not of two, and are compared over many. Lengths are in pixels of the picture as it is given:
bring pictures to one size before they are compared, except for `blockiness`, which resizing wipes out.
Where there is nothing to measure, the answer is NaN.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from deepetch.arrays import Mask, View, require_mask, require_view
from deepetch.errors import InvalidArray

LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601, which JPEG encodes
LEAST_SIDE = 16  # pixels; a smaller picture has no spectrum worth a slope
BANDS = (0.04, 0.35)  # cycles per pixel: below lies the composition, above the resampling filter and the noise
LEAST_CONTRAST = 0.1  # of an edge whose rise is measured, in encoded luma
MOST_EDGES = 400  # whose rise is measured
STRONGEST = 0.1  # of an edge's pixels, by gradient
REACH = 8.0  # pixels that a profile goes to either side of its edge
STEP = 0.25  # pixels between the samples of a profile
LEVELLED = 0.05  # of the steepest slope: below it the edge has ended
LEAST_PIXELS = 64  # that an estimate of noise needs
CLIPPED = 1.5 / 255  # from either end of the range: what a JPEG makes of 0 and 1
BLOCK = 8  # JPEG's
MEDIAN_OF_NORMAL = 0.6744897501960817  # of |x|, in deviations
BAND_PX = 3  # of the bands along a border


@dataclass(frozen=True, kw_only=True)
class Tones:
    """How light a picture is: encoded luma in levels of 255, and shares of pixels in [0, 1].

    darkest, middle, lightest  the 1st, 50th and 99th percentile.
    black, white               shares no further than 1.5 levels from the range's ends.
    """

    mean: float
    darkest: float
    middle: float
    lightest: float
    black: float
    white: float


def luma(view: View) -> NDArray[np.float32]:
    """The weighted sum of encoded red, green and blue (ITU-R BT.601): (h, w) float32 in [0, 1] of a View."""
    require_view(view)
    weighted: NDArray[np.float32] = view @ np.array(LUMA, np.float32)
    return weighted


def spectral_slope(view: View) -> float:
    """Exponent s of the power spectrum, P(f) ~ f^s, averaged over all directions; of photographs about -2 (Field 1987).

    view     (h, w, 3) float32 in [0, 1]; its luma is taken under a Hann window, without its mean.
    Returns  the slope of a straight line through log P over log f, fitted to 16 bands of equal width in log f between
             0.04 and 0.35 cycles per pixel. More negative is softer; noise lifts it towards 0.
             NaN for a flat picture or one with a side under 16 pixels.
    """
    plane = luma(view)
    if min(plane.shape) < LEAST_SIDE or plane.max() == plane.min():
        return math.nan
    window = np.hanning(plane.shape[0])[:, None] * np.hanning(plane.shape[1])
    weighted = (plane - np.average(plane, weights=window)) * window
    power = np.abs(np.fft.rfft2(weighted)) ** 2
    frequency = np.hypot(np.fft.fftfreq(plane.shape[0])[:, None], np.fft.rfftfreq(plane.shape[1]))
    edges = np.geomspace(*BANDS, 17)
    band = np.digitize(frequency, edges).ravel()
    count = np.bincount(band, minlength=18)[1:17]
    total = np.bincount(band, power.ravel(), minlength=18)[1:17]
    filled = (count > 0) & (total > 0)
    if np.count_nonzero(filled) < 3:
        return math.nan
    centres = np.sqrt(edges[:-1] * edges[1:])[filled]
    slope, _ = np.polyfit(np.log(centres), np.log(total[filled] / count[filled]), 1)
    return float(slope)


def edge_rise(view: View, within: Mask | None = None) -> float:
    """The distance over which the strongest edges rise from 10 to 90 % of their height, in pixels: their median.

    view    (h, w, 3) float32 in [0, 1]; edges are those of its luma.
    within  (h, w) bool, where edges count; None: everywhere.
    An edge is a ridge of the gradient, and the strongest tenth of these pixels counts, 400 at most. Its profile is
    followed along the gradient, up to 8 pixels to either side, until it is level (5 % of its steepest slope); edges
    lower than 0.1 are left out. A step blurred by a Gaussian of deviation d rises over 2.56 d pixels; below d = 0.8
    interpolation makes it longer, by 0.3 at d = 0.5, and a perfect step has 0.8, the straight line from pixel to pixel.
    NaN where there is no such edge.
    Raises  InvalidArray when the mask has another shape.
    """
    plane = luma(view)
    if within is not None:
        _require_shape(within, plane.shape)
    if min(plane.shape) < 3:
        return math.nan
    across, down = (
        np.asarray(cv2.Scharr(plane, cv2.CV_32F, *order, scale=1 / 32, borderType=cv2.BORDER_REPLICATE), np.float32)
        for order in ((1, 0), (0, 1))
    )
    steepness = np.hypot(across, down)
    ridge = _ridges(steepness, across, down) & (steepness > LEAST_CONTRAST / (2 * REACH))
    if within is not None:
        ridge &= within
    rows, columns = np.nonzero(ridge)
    if not rows.size:
        return math.nan
    count = min(MOST_EDGES, math.ceil(STRONGEST * rows.size))
    strongest = np.argsort(-steepness[rows, columns], kind="stable")[:count]
    rows, columns = rows[strongest], columns[strongest]
    height = steepness[rows, columns]
    normal = np.asarray(np.stack([down[rows, columns], across[rows, columns]]) / height, np.float32).T
    rises = [_rise(profile) for profile in _profiles(plane, np.stack([rows, columns], axis=1), normal)]
    known = [rise for rise in rises if not math.isnan(rise)]
    return float(np.median(known)) if known else math.nan


def noise_level(view: View) -> float:
    """The deviation of a picture's noise in its luma, in levels of 255.

    Immerkaer's mask (1996), which straight and evenly bent surfaces do not answer to, and the median of what it
    answers, as Donoho and Johnstone (1994) take it, instead of his mean: edges and print are in the minority. Exact for
    noise that is independent from pixel to pixel; of noise that neighbours share, as demosaicking and JPEG leave it,
    only the finest part is counted. Luma weighs three independent channels to 0.67 of the deviation of each.

    view     (h, w, 3) float32 in [0, 1].
    Returns  0 or more. Pixels beside clipped ones do not count; NaN with fewer than 64 left.
    """
    plane = luma(view)
    if min(plane.shape) < 3:
        return math.nan
    mask = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    answers = cv2.filter2D(plane, cv2.CV_32F, mask)[1:-1, 1:-1]
    clipped = np.asarray(((view <= CLIPPED) | (view >= 1 - CLIPPED)).any(axis=2))
    counted = ~_grown(clipped, 1)[1:-1, 1:-1]
    if np.count_nonzero(counted) < LEAST_PIXELS:
        return math.nan
    # the mask's squares add up to 36
    return float(np.median(np.abs(answers[counted])) / MEDIAN_OF_NORMAL / 6 * 255)


def tones(view: View) -> Tones:
    """How light a picture (h, w, 3) float32 in [0, 1] is; all NaN without pixels."""
    plane = luma(view)
    if not plane.size:
        return Tones(**dict.fromkeys(("mean", "darkest", "middle", "lightest", "black", "white"), math.nan))
    darkest, middle, lightest = np.percentile(plane, (1, 50, 99)) * 255
    return Tones(
        mean=float(plane.mean(dtype=np.float64) * 255),
        darkest=float(darkest),
        middle=float(middle),
        lightest=float(lightest),
        black=float(np.mean(plane <= CLIPPED)),
        white=float(np.mean(plane >= 1 - CLIPPED)),
    )


def colourfulness(view: View) -> float:
    """How colourful a picture looks (Hasler and Suesstrunk 2003, M3): 0 grey, 33 moderately, 59 quite, 109 extremely.

    view  (h, w, 3) float32 in [0, 1]; the measure is of encoded values of 0 to 255. NaN without pixels.
    """
    require_view(view)
    if not view.size:
        return math.nan
    red, green, blue = np.moveaxis(view.astype(np.float64) * 255, 2, 0)
    opposed = np.stack([red - green, (red + green) / 2 - blue])
    return float(np.hypot(*opposed.std((1, 2))) + 0.3 * np.hypot(*opposed.mean((1, 2))))


def cast(view: View) -> tuple[float, float]:
    """The mean a* and b* of a picture in CIELAB (D65): towards red and towards yellow, or green and blue below 0.

    view  (h, w, 3) float32 in [0, 1]. NaN without pixels.
    """
    require_view(view)
    if not view.size:
        return math.nan, math.nan
    a, b = _lab(view)[..., 1:].mean((0, 1), dtype=np.float64)
    return float(a), float(b)


def blockiness(view: View) -> float:
    """How much luma jumps at the borders of 8 x 8 blocks, against between them: 1 where there is no grid.

    The mean |difference| of neighbours across the borders through that of all other neighbours, rows and columns
    together, after Wang, Sheikh and Bovik (2002).

    view  (h, w, 3) float32 in [0, 1], in the pixels of its file: the grid begins at its corner. 1 for a flat picture,
          NaN for one under 16 pixels, which has no block border but its own; infinite where nothing else differs.
    """
    plane = luma(view)
    if min(plane.shape) < 2 * BLOCK:
        return math.nan
    at, between = np.zeros(2), np.zeros(2)  # sum, count
    for steps in (np.abs(np.diff(plane, axis=1)), np.abs(np.diff(plane, axis=0)).T):
        border = np.arange(steps.shape[1]) % BLOCK == BLOCK - 1
        for sums, chosen in ((at, steps[:, border]), (between, steps[:, ~border])):
            sums += chosen.sum(dtype=np.float64), chosen.size
    if at[0] == between[0] == 0:
        return 1.0
    return float((at[0] / at[1]) / (between[0] / between[1])) if between[0] else math.inf


def foreground_share(mask: Mask) -> float:
    """The share of a picture that is subject, in [0, 1]; NaN without pixels. (h, w) bool, else InvalidArray."""
    require_mask(mask)
    return float(mask.mean()) if mask.size else math.nan


def border_contrast(view: View, mask: Mask) -> float:
    """How much a subject differs from what it stands before, at its border: the median CIELAB distance along it.

    view, mask  (h, w, 3) float32 in [0, 1] and (h, w) bool, of one size, else InvalidArray.
    At every pixel of the border the mean colours of the two bands of 3 pixels, inside and outside, within 3 pixels of
    it are compared (Delta E 1976; 2.3 is just noticeable). NaN for a mask without border.
    """
    require_view(view)
    _require_shape(mask, view.shape[:2])
    border = border_band(mask, 1) & mask
    if not border.any():
        return math.nan
    inside, outside = border_band(mask) & mask, border_band(mask) & ~mask
    lab = _lab(view)
    gap = np.linalg.norm(_mean_within(lab, inside) - _mean_within(lab, outside), axis=2)
    return float(np.median(gap[border]))


def border_band(mask: Mask, width_px: int = BAND_PX) -> Mask:
    """Pixels within `width_px` rows and columns of a border of `mask`, on both sides; the frame is no border."""
    require_mask(mask)
    band: Mask = _grown(mask, width_px) & _grown(~mask, width_px)
    return band


def _ridges(
    steepness: NDArray[np.float32], across: NDArray[np.float32], down: NDArray[np.float32]
) -> NDArray[np.bool_]:
    """Where the gradient is no smaller than on either side along it, in one of eight directions (Canny 1986)."""
    framed = np.pad(steepness, 1)
    height, width = steepness.shape
    octant = np.rint(np.arctan2(down, across) / (math.pi / 4)).astype(int) % 4
    ridge = np.zeros(steepness.shape, bool)
    for number, (y, x) in enumerate(((0, 1), (1, 1), (1, 0), (1, -1))):
        ahead = framed[1 + y : 1 + y + height, 1 + x : 1 + x + width]
        behind = framed[1 - y : 1 - y + height, 1 - x : 1 - x + width]
        ridge |= (octant == number) & (steepness >= ahead) & (steepness >= behind)
    return ridge


def _profiles(plane: NDArray[np.float32], places: NDArray[np.intp], normal: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, samples) values of luma along the normals (n, 2), each the mean of three lines a pixel apart."""
    along = np.arange(-REACH, REACH + STEP / 2, STEP)
    sideways = np.stack([-normal[:, 1], normal[:, 0]], axis=1)
    total: NDArray[np.float32] = np.zeros((len(places), along.size), np.float32)
    for offset in (-1, 0, 1):
        points = (places + offset * sideways)[:, None] + along[:, None] * normal[:, None]
        rows, columns = points[..., 0].astype(np.float32), points[..., 1].astype(np.float32)
        total += cv2.remap(plane, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return total / np.float32(3)


def _rise(profile: NDArray[np.float32]) -> float:
    """Pixels from 10 to 90 % of the edge in the middle of a rising profile; NaN if it is low, or runs on."""
    pixel = round(1 / STEP)
    smooth = np.convolve(np.diff(profile), np.ones(pixel) / pixel, mode="same")  # slopes of a pixel's length
    middle = smooth.size // 2
    steepest = middle - pixel + int(np.argmax(smooth[middle - pixel : middle + pixel]))
    level = smooth < LEVELLED * smooth[steepest]
    after, before = np.flatnonzero(level[steepest:]), np.flatnonzero(level[:steepest])
    if not after.size or not before.size:
        return math.nan
    first, last = int(before[-1]) + 1, steepest + int(after[0])
    low, high = float(profile[first]), float(profile[last])
    if high - low < LEAST_CONTRAST:
        return math.nan
    shares = np.maximum.accumulate((profile[first : last + 1] - low) / (high - low))
    ten, ninety = np.interp((0.1, 0.9), shares, np.arange(shares.size))
    return float((ninety - ten) * STEP)


def _lab(view: View) -> NDArray[np.float32]:
    return np.asarray(cv2.cvtColor(view, cv2.COLOR_RGB2Lab), np.float32)


def _grown(mask: Mask, by: int) -> Mask:
    if not mask.size:
        return mask
    square = np.ones((2 * by + 1, 2 * by + 1), np.uint8)
    grown: Mask = cv2.dilate(mask.astype(np.uint8), square, borderType=cv2.BORDER_CONSTANT, borderValue=0) > 0
    return grown


def _mean_within(lab: NDArray[np.float32], chosen: Mask) -> NDArray[np.float32]:
    """(h, w, 3) means over the chosen pixels within 3 rows and columns of each; of none 0."""
    side = 2 * BAND_PX + 1
    weight = chosen.astype(np.float32)
    total = cv2.boxFilter(lab * weight[..., None], -1, (side, side), normalize=False, borderType=cv2.BORDER_CONSTANT)
    count = cv2.boxFilter(weight, -1, (side, side), normalize=False, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(total / np.maximum(count, 1)[..., None], np.float32)


def _require_shape(mask: Mask, shape: tuple[int, ...]) -> None:
    require_mask(mask)
    if mask.shape != shape:
        raise InvalidArray(f"mask: expected {shape} like the picture; got {mask.shape}.")
