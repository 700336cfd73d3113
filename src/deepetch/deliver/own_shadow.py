"""How much darker the photo is beside the subject than its backdrop would be without it."""

from __future__ import annotations

from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from deepetch.arrays import Samples, full_scale
from deepetch.errors import InvalidArray, NoShadow
from deepetch.matte.matte import Matte
from deepetch.photo.photo import Photo, Space

SIDE = 1600  # longer side of the reduced photo that the shadow is taken from
FIT_SIDE = 256  # and of the one that the clean backdrop is fitted to
MARGIN = 0.012  # of the longer side: so near to the subject nothing counts as backdrop in the fit
NEAR = 0.002  # and so near to it nothing is taken from the photo: alpha is not that exact
PLAIN = 0.04  # deviation from a smooth surface, as a share of it, up to which a pixel is plain
LEAST_PLAIN, LEAST_FRAME = 0.5, 0.7  # of the backdrop, and of its outermost pixels, where few shadows reach
LEAST_SEEN, LEAST_LIGHT = 0.03, 0.25
DEGREE = 3  # of the surface
ROUNDS = 12  # of the fit, each with other weights
DARKER = 0.1  # weight of a pixel that is darker than the fit; one that is lighter has 1
SPREAD = 0.15  # width of the average that is added to the fit, as a share of the longer side
FAINT = (0.012, 0.04)  # darkening: up to the first it is noise or vignetting, from the second on kept as it is
GRAINS = 3.0  # or what is darker by less than three times what half of the backdrop deviates by
JOINED = 0.03  # of the longer side: a shadow begins so near to its subject
REACHES = (0.7, 1.4)  # distance from the subject, in its longer side, where the shadow begins to fade and is gone
FILLS = (0.1, 0.03, 0.008)  # widths of the averages that continue it behind the subject, as shares of the longer side

SAID = "the photo's own shadow cannot be told from it. Use a drop or contact shadow, or none."

Plane: TypeAlias = NDArray[np.float32]  # (h, w)


def own_darkening(photo: Photo, matte: Matte) -> Plane:
    """1 - photo / clean backdrop in lightness, in [0, 1], at up to 1600 pixels of the longer side.

    The clean backdrop is a cubic surface that fits the light pixels outside the subject (asymmetric least squares:
    what is darker counts a tenth), and a wide average of what plain pixels deviate from it. Plain is what lies within
    4 % of the surface. What darkens by less than 1.2 % (from 4 % on it counts in full), or than the grain, what is not
    joined to the subject, and what is further away than 1.4 of its longer sides is 0; behind the subject the shadow
    beside it is continued.
    Raises  NoShadow if less than half of the backdrop or 70 % of what of it lies along the frame is plain, its
            lightness is below a quarter, or less than 3 % of the photo is backdrop.
    """
    if matte.alpha.shape != photo.samples.shape[:2] or matte.alpha.dtype != photo.samples.dtype:
        raise InvalidArray(f"matte: expected {photo.samples.dtype} {photo.samples.shape[:2]}.")
    light, covered = _reduced(photo, matte)
    backdrop = clean_backdrop(_shrunk(light), np.ceil(_shrunk(covered)))
    enlarged: Any = cv2.resize(backdrop, light.shape[::-1], interpolation=cv2.INTER_CUBIC)
    backdrop = np.asarray(enlarged, np.float32).reshape(light.shape)
    known = 1 - _dilated(covered, NEAR * max(light.shape))
    off = np.asarray(1 - light / backdrop, np.float32)
    grain = GRAINS * float(np.median(np.abs(_softened(off, 1.0)[known > 0])))
    darkening = np.asarray(np.clip(off, 0, 1) * known, np.float32)
    fill: Plane = np.zeros_like(known)
    for spread in FILLS:
        sigma = spread * max(light.shape)
        fill = (_box_blur(darkening, sigma) + 1e-3 * fill) / (_box_blur(known, sigma) + 1e-3)
    darkening = _softened(np.asarray(np.where(known > 0, darkening, fill), np.float32), 1.0)
    low, high = max(FAINT[0], grain), max(FAINT[1], 3 * grain)
    return darkening * _smoothstep(darkening, low, high) * _own(darkening, covered, low)


def clean_backdrop(light: Plane, covered: Plane) -> Plane:
    """The lightness that a plain backdrop would have everywhere: (h, w), more than 0.

    light    (h, w) in [0, 1]; covered: 1 where it is not the backdrop's.
    Raises   NoShadow as `own_darkening`.
    """
    longer = max(light.shape)
    seen = _dilated(covered, MARGIN * longer) == 0
    if np.count_nonzero(seen) < max(LEAST_SEEN * light.size, 12):
        raise NoShadow(f"the subject fills the photo: {SAID}")
    light = _softened(light, 1.2)  # grain is no texture
    rows, columns = np.mgrid[-1 : 1 : light.shape[0] * 1j, -1 : 1 : light.shape[1] * 1j]
    terms: Any = np.stack([rows**i * columns**j for i in range(DEGREE + 1) for j in range(DEGREE + 1 - i)], axis=-1)
    sample, values = terms[seen], light[seen].astype(np.float64)
    weights = np.ones_like(values)
    for _ in range(ROUNDS):
        weighted = sample * weights[:, None]
        surface = np.linalg.lstsq(weighted.T @ sample, weighted.T @ values, rcond=1e-9)[0]
        off = values - sample @ surface
        # a highlight or another object must not lift it either
        weights = np.where(off < 0, DARKER, 1.0) / (1 + (off / PLAIN) ** 2)
    backdrop = np.maximum(terms @ surface, 1e-3).astype(np.float32)
    plain = seen & (np.abs(light / backdrop - 1) <= PLAIN)
    share = np.count_nonzero(plain) / np.count_nonzero(seen)
    if share < LEAST_PLAIN:
        raise NoShadow(f"the backdrop is not plain ({share:.0%} of it is, half is needed): {SAID}")
    frame = np.ones_like(seen)
    frame[1:-1, 1:-1] = False
    if np.count_nonzero(plain & frame) < LEAST_FRAME * np.count_nonzero(seen & frame):
        raise NoShadow(f"the backdrop is not plain along the photo's edges: {SAID}")
    if np.median(backdrop[seen]) < LEAST_LIGHT:
        raise NoShadow(f"the backdrop is too dark: {SAID}")
    off = np.where(plain, light / backdrop - 1, 0).astype(np.float32)
    sigma = SPREAD * longer
    return np.asarray(backdrop * (1 + _box_blur(off, sigma) / (_box_blur(plain.astype(np.float32), sigma) + 0.1)))


def _own(darkening: Plane, covered: Plane, least: float) -> Plane:
    """1 where a darkening of more than `least` is joined to the subject and near it, 0 elsewhere, soft between."""
    longer = max(darkening.shape)
    subject = covered > 0
    if not subject.any():
        return np.zeros_like(darkening)
    joined = _dilated(covered, JOINED * longer) > 0
    _, labels = cv2.connectedComponents(((darkening > least) | joined).astype(np.uint8))
    kept = np.isin(labels, np.unique(labels[subject]))
    kept &= labels > 0
    soft = _box_blur(_dilated(kept.astype(np.float32), 0.005 * longer), 0.003 * longer)
    rows, columns = (np.flatnonzero(subject.any(axis=axis)) for axis in (1, 0))
    size = max(rows[-1] - rows[0], columns[-1] - columns[0]) + 1
    distance = cv2.distanceTransform((~subject).astype(np.uint8), cv2.DIST_L2, 3) / size
    return np.asarray(soft * (1 - _smoothstep(distance, *REACHES)), np.float32)


def _reduced(photo: Photo, matte: Matte) -> tuple[Plane, Plane]:
    """Lightness in [0, 1], and 1 where a pixel is not the backdrop's alone, at `SIDE` pixels of the longer side."""
    size = _size(photo.height, photo.width, SIDE)
    small: Any = cv2.resize(photo.samples, size, interpolation=cv2.INTER_AREA).reshape(size[1], size[0], -1)
    covered = cv2.resize(matte.alpha, size, interpolation=cv2.INTER_AREA) > 0
    if photo.alpha is not None:
        covered |= cv2.resize(photo.alpha, size, interpolation=cv2.INTER_AREA) < full_scale(photo.alpha)
    return _lightness(small, photo.space), covered.astype(np.float32)


def _shrunk(plane: Plane) -> Plane:
    size = _size(plane.shape[0], plane.shape[1], FIT_SIDE)
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.float32).reshape(size[::-1])


def _size(height: int, width: int, side: int) -> tuple[int, int]:
    """Width and height at which the longer one is at most `side`."""
    scale = min(1.0, side / max(height, width))
    return max(1, round(width * scale)), max(1, round(height * scale))


def _lightness(samples: Samples, space: Space) -> Plane:
    """Encoded lightness, (h, w) in [0, 1]: Rec. 601's luma; of CMYK what black leaves of the inks' mean."""
    values = samples.astype(np.float32) / np.float32(full_scale(samples))
    if space == "cmyk":
        return np.asarray((1 - values[..., 3]) * (1 - values[..., :3].mean(axis=2)), np.float32)
    if space == "grey":
        return values[..., 0]
    return np.asarray(values @ np.array([0.299, 0.587, 0.114], np.float32))


def _dilated(mask: Plane, radius: float) -> Plane:
    """1 within `radius` pixels of where a mask is more than 0, else 0."""
    distance = cv2.distanceTransform((mask <= 0).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray((distance <= radius) & bool(mask.any()), np.float32)


def _softened(plane: Plane, sigma: float) -> Plane:
    return np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma), np.float32).reshape(plane.shape)


def _box_blur(plane: Plane, sigma: float) -> Plane:
    """Three box blurs, which together have about this standard deviation, at one cost whatever it is."""
    side = 2 * round(max(sigma, 0.5)) + 1
    blurred: Any = plane
    for _ in range(3):
        blurred = cv2.blur(blurred, (side, side), borderType=cv2.BORDER_REPLICATE)
    return np.asarray(blurred, np.float32).reshape(plane.shape)


def _smoothstep(values: Plane, low: float, high: float) -> Plane:
    t = np.clip((values - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)
