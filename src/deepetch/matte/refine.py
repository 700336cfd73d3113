"""Alpha at full size, from the network's alpha, a user's mask or a user's trimap, by the method that is named."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast, get_args

import cv2
import numpy as np
from numpy.typing import NDArray

from deepetch.arrays import Alpha, Levels, Samples, View, full_scale
from deepetch.errors import InvalidArray, InvalidOptions, MattingFailed
from deepetch.inference.refiner import load_refiner
from deepetch.matte.border import refine_border
from deepetch.matte.clean import clear_islands, clear_veil
from deepetch.matte.trimap import BACKGROUND, FOREGROUND, UNKNOWN, Trimap, border_uncertainty, trimap_from_alpha
from deepetch.matte.upsample import upsample_alpha
from deepetch.options import ClassicalMethod, MatteOptions

MASK_SIDE = 1024  # the guided filter looks at a user's mask at up to so many pixels
NETWORK_SIDE = 320  # `band_px` of a mask counts in pixels of a grid so long

Progress = Callable[[int, int], None]


def silent(done: int, tiles: int) -> None:
    """Progress that nobody looks at."""


def refine_alpha(
    samples: Samples,
    coarse: Alpha,
    options: MatteOptions = MatteOptions(),
    *,
    radius: float = 0.0,
    progress: Progress = silent,
) -> Levels:
    """Enlarge the network's alpha to the size of the photo, its border drawn by `options.refine`, and clear its veil.

    samples, coarse  as for `upsample_alpha`, which does all of it for "none" and "guided", and `refine_border`, which
                     does it for "refiner". The other methods solve the band that `trimap_from_alpha` makes of the
                     guided alpha, wider where the network is unsure.
    radius    half-width of the band in pixels of the photo; 0: `options.band_px` pixels of the network's grid.
    progress  called with how many tiles, or hundredths, are done, and how many there are.
    Raises    as `upsample_alpha`, `load_refiner`, `refine_border` and `solve_alpha`.
    """
    alpha = _refined(samples, coarse, options, radius, progress)
    clear_veil(alpha, options.veil)
    clear_islands(alpha, options.veil)
    return alpha


def _refined(samples: Samples, coarse: Alpha, options: MatteOptions, radius: float, progress: Progress) -> Levels:
    longest = max(samples.shape[:2])
    if options.refine == "refiner":
        return _drawn(samples, coarse, options, radius, progress)
    if options.refine in ("none", "guided"):
        band_px = max(1, round(radius * max(coarse.shape) / longest)) if radius and longest else options.band_px
        return upsample_alpha(samples, coarse, guided=options.refine == "guided", band_px=band_px)
    if options.refine == "soft":
        raise InvalidOptions("soft refinement needs the model's features beside its alpha: see `refine_softly`.")
    alpha = upsample_alpha(samples, coarse, band_px=options.band_px)
    return _solved(samples, _band(alpha, coarse, options, radius), alpha, options, progress)


def refine_softly(
    samples: Samples,
    view: View,
    features: NDArray[np.float32],
    coarse: Alpha,
    options: MatteOptions = MatteOptions(),
    *,
    radius: float = 0.0,
    progress: Progress = silent,
) -> Levels:
    """Draw the border by the soft layers of the picture that are the subject's, see `soft_segmentation`.

    Inside the band alone, which is that of `refine_alpha`: a layer may hold a thing and the ground of its colour.
    view      (h, w, 3) of the same picture, its longer side at most `SoftOptions.size`.
    features  (h', w', c), the model's.
    radius    as for `refine_alpha`.
    progress  called with hundredths that are done, and 100.
    Raises    as `soft_layers`, `enlarge_layers`, `upsample_alpha`.
    """
    from deepetch.matte.soft.enlarge import enlarge_layers
    from deepetch.matte.soft_segmentation import soft_alpha

    trimap = _band(upsample_alpha(samples, coarse, band_px=options.band_px), coarse, options, radius)
    found = soft_alpha(view, features, coarse, progress=lambda stage, share: progress(round(100 * share), 100))
    enlarged = enlarge_layers(samples, np.stack([found, 1 - found], -1))
    alpha = cast(Levels, np.ascontiguousarray(enlarged[..., 0]))
    alpha[trimap == BACKGROUND] = 0
    alpha[trimap == FOREGROUND] = full_scale(samples)
    clear_veil(alpha, options.veil)
    clear_islands(alpha, options.veil)
    return alpha


def refine_mask(
    samples: Samples,
    mask: Levels,
    options: MatteOptions = MatteOptions(),
    *,
    radius: float = 0.0,
    progress: Progress = silent,
) -> Levels:
    """Draw the border of a user's mask again, by `options.refine`; "none" leaves it as it is.

    mask    (h, w) in the dtype of `samples`, of the same size; "guided" and "refiner" look at it at up to MASK_SIDE.
    radius  half-width of the band in pixels of the photo; 0: `options.band_px` pixels of a grid of NETWORK_SIDE.
    Raises  InvalidArray for another size or depth; as `solve_alpha`.
    """
    if mask.shape != samples.shape[:2] or mask.dtype != samples.dtype:
        raise InvalidArray(f"mask: expected {samples.dtype} {samples.shape[:2]}; got {mask.dtype} {mask.shape}.")
    if options.refine == "soft":
        raise InvalidOptions("soft refinement needs a model, not a mask.")
    if options.refine == "none" or not mask.size:
        return mask
    longest = max(mask.shape)
    band = radius or options.band_px * longest / NETWORK_SIDE
    if options.refine == "refiner":
        return _drawn(samples, _reduced(mask), options, band, progress)
    if options.refine == "guided":
        coarse = _reduced(mask)
        return upsample_alpha(samples, coarse, band_px=max(1, round(band * max(coarse.shape) / longest)))
    return _solved(samples, trimap_from_alpha(mask, band_px=band), mask, options, progress)


def refine_trimap(
    samples: Samples, trimap: Trimap, options: MatteOptions = MatteOptions(), *, progress: Progress = silent
) -> Levels:
    """Solve alpha where a user's trimap leaves it unknown, by `options.refine`.

    Raises  InvalidOptions for a method that needs more than a trimap; as `solve_alpha`.
    """
    if options.refine not in get_args(ClassicalMethod):
        raise InvalidOptions(f"a trimap is solved by {', '.join(get_args(ClassicalMethod))}; got {options.refine}.")
    from deepetch.matte.classical import solve_alpha  # loads SciPy

    return solve_alpha(
        samples,
        trimap,
        method=cast(ClassicalMethod, options.refine),
        memory_mb=options.memory_mb,
        progress=progress,
    )


def _drawn(samples: Samples, coarse: Alpha, options: MatteOptions, radius: float, progress: Progress) -> Levels:
    """By the border refiner; a radius in pixels of the photo, 0: `options.band_px` of the coarse alpha."""
    band_px = radius * max(coarse.shape) / max(1, *samples.shape[:2]) if radius else options.band_px
    return refine_border(
        samples, coarse, load_refiner(options.refiner, threads=options.threads), band_px=band_px, progress=progress
    )


def _band(alpha: Levels, coarse: Alpha, options: MatteOptions, radius: float) -> Trimap:
    """The trimap of an enlarged alpha, its band wider where the network is unsure."""
    reach = radius or options.band_px * max(1, *alpha.shape) / max(1, *coarse.shape)
    return trimap_from_alpha(alpha, band_px=reach, uncertainty=border_uncertainty(coarse))


def _solved(samples: Samples, trimap: Trimap, alpha: Levels, options: MatteOptions, progress: Progress) -> Levels:
    if not (trimap == UNKNOWN).any():
        return alpha
    if not (trimap == FOREGROUND).any() or not (trimap == BACKGROUND).any():
        raise MattingFailed(
            f"{options.refine}: all of the subject, or all around it, is nearer to the border than the band is wide. "
            "Give a smaller radius, or refine by guided."
        )
    return refine_trimap(samples, trimap, options, progress=progress)


def _reduced(mask: Levels) -> Alpha:
    """A mask as the network would give it, its longer side MASK_SIDE at most."""
    scale = min(1.0, MASK_SIDE / max(mask.shape))
    size = max(1, round(mask.shape[1] * scale)), max(1, round(mask.shape[0] * scale))
    small = mask if scale == 1 else cv2.resize(mask, size, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32) / np.float32(full_scale(mask))
