"""What a decoder hands over, and the limits that it keeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from deepetch.arrays import Samples
from deepetch.errors import PhotoTooLarge, UnreadablePhoto
from deepetch.options import ReadOptions
from deepetch.photo.photo import Metadata, Space


@dataclass(frozen=True, eq=False, kw_only=True)
class Decoded:
    """A picture as its decoder gave it: not yet upright, alpha and colour in one array."""

    pixels: Samples
    space: Space
    alpha_band: int | None
    orientation: int
    metadata: Metadata
    warnings: tuple[str, ...]


def require_size(width: int, height: int, name: str, options: ReadOptions) -> None:
    """Raise PhotoTooLarge if a picture exceeds a limit of `options`, UnreadablePhoto if it has no pixels."""
    if width < 1 or height < 1:
        raise UnreadablePhoto(f"{name}: the picture has no pixels ({width} x {height}). Export it again.")
    if width * height > options.max_pixels:
        raise PhotoTooLarge(
            f"{name}: {width} x {height} is {width * height / 1e6:.0f} megapixels; the limit is "
            f"{options.max_pixels / 1e6:g}. Reduce the picture or raise max_pixels."
        )
    if max(width, height) > options.max_side:
        raise PhotoTooLarge(
            f"{name}: {width} x {height} has a side above the limit of {options.max_side} pixels. "
            "Reduce the picture or raise max_side."
        )


def fill_range(pixels: Any, bits: int) -> None:
    """Bring 10 and 12-bit values, which decoders shift to the top, to the full 16 bits: white is 65535."""
    if 8 < bits < 16:
        pixels |= pixels >> bits
