"""Pictures of phones, decoded by libheif."""

from __future__ import annotations

from typing import BinaryIO

import numpy as np

from deepetch.errors import UnreadablePhoto
from deepetch.options import ReadOptions
from deepetch.photo.decoded import Decoded, fill_range, require_size
from deepetch.photo.photo import CHANNELS, Metadata, Space

# What pillow_heif raises for damaged files; IndexError: no picture in it.
HEIC_ERRORS = (ValueError, RuntimeError, OSError, EOFError, SyntaxError, IndexError)


def decode_heic(stream: BinaryIO, name: str, options: ReadOptions) -> Decoded:
    """Decode the primary picture of a HEIC file; one of HEIC_ERRORS if it is damaged."""
    import pillow_heif  # brings Pillow: only for phones' pictures

    picture = pillow_heif.open_heif(stream, convert_hdr_to_8bit=False)
    require_size(picture.size[0], picture.size[1], name, options)
    mode = picture.mode.partition(";")[0]
    pixels = np.array(picture)  # a copy: the decoder's own buffer dies with it
    if mode not in ("L", "LA", "RGB", "RGBA"):
        raise UnreadablePhoto(f"{name}: HEIC pictures of mode {mode} are not supported. Save it as PNG or TIFF.")
    info = picture.info
    if pixels.dtype == np.uint16:
        fill_range(pixels, info.get("bit_depth", 16))
    warnings = []
    primaries = info.get("nclx_profile", {}).get("color_primaries", 1)
    if not info.get("icc_profile") and primaries not in (1, 2):
        warnings.append("The colours are described without an ICC profile; they are taken as sRGB.")
    space: Space = "grey" if mode.startswith("L") else "rgb"
    return Decoded(
        pixels=pixels.reshape(*pixels.shape[:2], -1),
        space=space,
        alpha_band=CHANNELS[space] if mode.endswith("A") else None,
        orientation=1,  # libheif has applied the file's own rotation; EXIF's would apply it twice
        metadata=Metadata(profile=info.get("icc_profile"), exif=info.get("exif"), xmp=info.get("xmp")),
        warnings=tuple(warnings),
    )
