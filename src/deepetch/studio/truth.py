"""From rendered light to the pictures and layers of a labelled packshot.

The convention: alpha is the share of the light from behind that a product keeps out, so for opaque products the share
of the pixel that they cover. Pictures are encoded sRGB without a tone curve (Blender's view transform Standard), and
composited in encoded values, as retouching programs do. The foreground makes that exact:
colour = alpha x foreground + (1 - alpha) x background, wherever the foreground lies in [0, 1].
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from deepetch.arrays import Alpha, View
from deepetch.studio.scene import Exposure

Light = NDArray[np.float32]  # (h, w, 3) linear, Rec. 709 primaries, at least 0
LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)
CERTAIN = 1 / 255  # an alpha closer than this to 0 or 1 is 0 or 1
DARK = 1e-4  # linear; where the empty stage is darker, no shadow can be told


def encode(light: Light) -> View:
    """Linear light to encoded sRGB in [0, 1], clipped (IEC 61966-2-1)."""
    clipped = np.clip(light, 0, 1)
    curved = 1.055 * np.power(clipped, 1 / 2.4) - 0.055
    return np.where(clipped <= 0.0031308, 12.92 * clipped, curved).astype(np.float32)


def gain(exposure: Exposure, metered: Light) -> float:
    """The factor on all light that brings what is metered to its level: the empty stage, or the picture."""
    luminance = metered @ LUMINANCE
    measured = float(np.median(luminance) if exposure.meter == "ground" else luminance.mean())
    return exposure.level / max(measured, 1e-6)


def opaque_alpha(coverage: Alpha) -> Alpha:
    """Alpha of opaque products: the share of each pixel that they cover."""
    return _certain(coverage)


def transparent_alpha(coverage: Alpha, through: Light) -> Alpha:
    """Alpha of the same products before two grounds (Smith and Blinn 1996, "Blue screen matting", theorem 4).

    through  (h, w, 3) linear: the light before a ground of 1 less that before a ground of 0. Light adds up, so this is
             what the ground alone sends through, every other lamp being out.
    Returns  1 - the mean of `through` over the channels, in [0, 1]; 0 where nothing is covered.
    """
    kept = 1 - np.clip(through.mean(2), 0, 1)
    return _certain(np.where(coverage > 0, kept, 0).astype(np.float32))


def background(colour: View, plate: View, alpha: Alpha) -> View:
    """The stage with the products' shadows: the picture itself where it shows nothing else, else the plate.

    plate  rendered without the products, so with another noise.
    """
    return np.where(alpha[..., None] > 0, plate, colour).astype(np.float32)


def foreground(colour: View, background: View, alpha: Alpha) -> View:
    """The colour that over the background gives the picture, in [0, 1]; 0 where alpha is 0."""
    share = alpha[..., None]
    solved = (colour - (1 - share) * background) / np.where(share > 0, share, 1)
    return np.where(share > 0, np.clip(solved, 0, 1), 0).astype(np.float32)


def composite(front: View, background: View, alpha: Alpha) -> View:
    """alpha x foreground + (1 - alpha) x background."""
    share = alpha[..., None]
    return (share * front + (1 - share) * background).astype(np.float32)


def shadow_alpha(plate: View, empty: View) -> Alpha:
    """How much darker the products make the stage: plate = (1 - shadow) x empty, the mean over the channels.

    plate, empty  encoded: the stage with the products' shadows and reflections, and without.
    Returns  (h, w) float32 in [0, 1]; 0 where the stage is brighter than before, or black in any case.
    """
    kept = plate.mean(2) / np.maximum(empty.mean(2), DARK)
    return np.where(empty.mean(2) > DARK, np.clip(1 - kept, 0, 1), 0).astype(np.float32)


def instance_map(ids: NDArray[np.uint32], shares: NDArray[np.float32], names: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """Which product each pixel shows most of: 0 none, k the k-th.

    ids, shares  (h, w, n) Cryptomatte's pairs of a name's hash and its share of the pixel.
    names        (k,) hashes of the products' names.
    """
    covered = np.stack([np.where(ids == name, shares, 0).sum(2) for name in names], 2)
    empty = 1 - covered.sum(2, keepdims=True)
    return np.asarray(np.argmax(np.concatenate([empty, covered], 2), 2), np.uint8)


def _certain(alpha: NDArray[np.float32]) -> Alpha:
    """Sampling leaves 0.998 in the middle of opaque things; they are opaque."""
    alpha = np.clip(alpha, 0, 1)
    return np.where(alpha >= 1 - CERTAIN, 1, np.where(alpha <= CERTAIN, 0, alpha)).astype(np.float32)
