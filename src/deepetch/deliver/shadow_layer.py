"""What lies between the backdrop and the subject: how it is kept, and how it is laid over something."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from deepetch.arrays import Levels, Samples, full_scale
from deepetch.photo.photo import Space

STRIP_ROWS = 64
SHADOW, REFLECTION = "Shadow", "Reflection"  # the layers' names


@dataclass(frozen=True, eq=False, kw_only=True)
class ShadowLayer:
    """A shadow or a reflection in its place on the picture, apart from the subject's alpha; it may cover a part alone.

    coverage   (h, w) uint8, 255 where it is strongest, in 16-bit pictures too.
    colours    (1, 1, c) or (h, w, c) in the space and depth of the photo, straight.
    top, left  of its first pixel in the picture.
    blend      "multiply": values of light are multiplied, (1 - c) + c * colour; "normal": mixed with the colour.
    """

    name: str
    coverage: NDArray[np.uint8]
    colours: Samples
    top: int
    left: int
    blend: Literal["multiply", "normal"]

    @property
    def place(self) -> tuple[slice, slice]:
        """Its rows and columns in the picture."""
        height, width = self.coverage.shape
        return slice(self.top, self.top + height), slice(self.left, self.left + width)


def lay_shadow(canvas: Samples, space: Space, layer: ShadowLayer) -> None:
    """Lay a shadow over an opaque canvas (h, w, c), in place, in encoded values; CMYK is light where there is no ink.

    Where the coverage is 0 every value stays bit for bit.
    """
    seen = canvas[layer.place]
    full = np.float32(full_scale(canvas))
    for rows in _strips(len(seen)):
        share = layer.coverage[rows, :, None].astype(np.float32) / np.float32(255)
        colour = np.broadcast_to(layer.colours, (*layer.coverage.shape, canvas.shape[2]))[rows].astype(np.float32)
        behind = seen[rows].astype(np.float32)
        if layer.blend == "normal":
            mixed = behind + share * (colour - behind)
        elif space == "cmyk":
            mixed = full - (full - behind) * (1 - share * (colour / full))
        else:
            mixed = behind * (1 - share * (1 - colour / full))
        seen[rows] = np.rint(mixed)


def lay_beneath(samples: Samples, alpha: Levels, layer: ShadowLayer) -> tuple[Samples, Levels]:
    """Lay a shadow beneath a cut-out that has nothing behind it: straight samples and their alpha again.

    Where both lie the colours are mixed by what each shows (Porter, Duff 1984, over): the shadow is seen through what
    alpha leaves. Opaque pixels, and pixels without shadow, stay bit for bit. Over nothing a shadow that multiplies is
    one of its own colour; over white both look the same.
    """
    samples, alpha = samples.copy(), alpha.copy()
    seen, opacity = samples[layer.place], alpha[layer.place]
    full = np.float32(full_scale(samples))
    for rows in _strips(len(seen)):
        coverage = layer.coverage[rows]
        at = (coverage > 0) & (opacity[rows] < full)
        if not at.any():
            continue
        front = opacity[rows][at].astype(np.float32)[:, None] / full
        shadow = (1 - front) * (coverage[at].astype(np.float32)[:, None] / np.float32(255))
        colour = np.broadcast_to(layer.colours, (*layer.coverage.shape, samples.shape[2]))[rows][at]
        together = front + shadow
        mixed: NDArray[Any] = (seen[rows][at] * front + colour * shadow) / together
        seen[rows][at] = np.rint(mixed)
        opacity[rows][at] = np.rint(together[:, 0] * full)
    return samples, alpha


def _strips(height: int) -> list[slice]:
    return [slice(top, min(top + STRIP_ROWS, height)) for top in range(0, height, STRIP_ROWS)]
