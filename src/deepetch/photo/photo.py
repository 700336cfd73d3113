"""What a picture is: untouched samples, and all that a file carries beside them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from deepetch.arrays import Levels, Samples

Space = Literal["grey", "rgb", "cmyk"]

CHANNELS: dict[Space, int] = {"grey": 1, "rgb": 3, "cmyk": 4}


@dataclass(frozen=True, kw_only=True)
class Metadata:
    """What travels with the samples, byte for byte where the output format can hold it.

    density  pixels per inch, horizontal and vertical; None when the file states none.
    exif     a TIFF structure ("II*" or "MM" first, no "Exif" prefix), without its thumbnail and with
             orientation 1, since samples are stored upright; otherwise byte for byte.
    iptc     the IPTC-IIM records alone, without Photoshop's resource wrapping.
    xmp      the packet; a stated orientation is set to 1, thumbnails are dropped.
    resources  Photoshop's image resources beside IPTC, whole blocks in a row: a clipping path that was drawn for the
             picture. Reading leaves them out.
    """

    profile: bytes | None = None
    density: tuple[float, float] | None = None
    exif: bytes | None = None
    iptc: bytes | None = None
    xmp: bytes | None = None
    resources: bytes | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class Photo:
    """A picture as it was delivered to us, upright.

    samples  (h, w, c) uint8 or uint16, c-contiguous; grey c = 1, RGB c = 3, CMYK c = 4 (0 = no ink).
    alpha    (h, w) of the samples' dtype when the file had one, straight; else None.
    format   "jpeg", "png", "webp", "tiff", "avif" or "heic".
    warnings what reading had to change or could not keep, one sentence each.
    """

    samples: Samples
    space: Space
    format: str
    alpha: Levels | None = None
    metadata: Metadata = field(default_factory=Metadata)
    warnings: tuple[str, ...] = ()

    @property
    def height(self) -> int:
        return int(self.samples.shape[0])

    @property
    def width(self) -> int:
        return int(self.samples.shape[1])

    @property
    def bits(self) -> Literal[8, 16]:
        """Of a sample."""
        return 8 if self.samples.dtype.itemsize == 1 else 16
