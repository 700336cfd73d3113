"""The working view: what networks and matting look at, colour-managed to sRGB."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import cv2
import numpy as np
import pyvips

from deepetch.arrays import Samples, View, full_scale
from deepetch.photo.photo import CHANNELS, Photo, Space

_INTERPRETATIONS = {
    ("grey", 8): "b-w",
    ("grey", 16): "grey16",
    ("rgb", 8): "srgb",
    ("rgb", 16): "rgb16",
    ("cmyk", 8): "cmyk",
    ("cmyk", 16): "cmyk",
}


def working_view(photo: Photo, max_side: int | None = None) -> View:
    """Show a photo as encoded sRGB, reduced.

    max_side  upper limit of the longer side in pixels; the picture is averaged over areas in its own encoding
              before its colours are converted, and never enlarged. None keeps the size.
    Returns   (h, w, 3) float32 in [0, 1]. Without a profile, or with sRGB's, exactly samples / full scale
              (grey in three equal channels). Else through the profile, relative colorimetric with black point
              compensation, as retouching programs do; CMYK without a profile through libvips' built-in one.
              Where the photo has an alpha of its own it is shown over white: what its file hides, any colour,
              says nothing of the subject.
    """
    view = view_of(reduced(photo.samples, max_side), photo.space, photo.metadata.profile)
    if photo.alpha is None:
        return view
    levels = reduced(photo.alpha[..., None], max_side)
    alpha = levels.astype(np.float32) / np.float32(full_scale(levels))
    shown: View = view * alpha + (1 - alpha)
    return shown


def view_of(samples: Samples, space: Space, profile: bytes | None) -> View:
    """`working_view` of any samples, for a part of a photo such as a tile."""
    if not needs_conversion(space, profile):
        view: View = np.divide(samples, np.float32(full_scale(samples)), dtype=np.float32)
        return np.repeat(view, 3, axis=2) if space == "grey" else view
    converted = to_srgb(vips_image(samples, space), space, profile, bits=16).numpy()
    managed: View = np.divide(converted, np.float32(65535), dtype=np.float32)
    return managed


def reduced(samples: Samples, max_side: int | None) -> Samples:
    """Average over areas until the longer side is `max_side`; the same array if it is no longer than that."""
    height, width = samples.shape[:2]
    longer = max(height, width)
    if max_side is None or longer <= max_side:
        return samples
    size = max(1, round(width * max_side / longer)), max(1, round(height * max_side / longer))
    return area_resized(samples, size)


def area_resized(samples: Samples, size: tuple[int, int]) -> Samples:
    """Shrink samples (h, w, c) to `size` (width, height) by averaging over areas, at twice OpenCV's speed.

    Below an eighth of the side the samples are halved first, which OpenCV does several times as fast as any other
    ratio; what that rounds away is lost in the mean of 16 or more. Halving more often would show.
    """
    height, width, channels = samples.shape
    small: Any = samples
    if min(width // max(size[0], 1), height // max(size[1], 1)) >= 8:
        even = samples[: height // 2 * 2, : width // 2 * 2]
        small = cv2.resize(even, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    restored: Samples = cv2.resize(small, size, interpolation=cv2.INTER_AREA).reshape(size[1], size[0], channels)
    return restored  # with the single channel's axis that OpenCV drops


def vips_image(samples: Samples, space: Space) -> Any:
    """A libvips image over the memory of c-contiguous samples, without a copy."""
    height, width, channels = samples.shape
    kind = "uchar" if samples.dtype == np.uint8 else "ushort"
    image = pyvips.Image.new_from_memory(samples, width, height, channels, kind)
    return image.copy(interpretation=_INTERPRETATIONS[space, samples.dtype.itemsize * 8])


def to_srgb(image: Any, space: Space, profile: bytes | None, *, bits: int) -> Any:
    """Convert a libvips image of `space`, without alpha, to sRGB of 8 or 16 bits through its profile.

    Relative colorimetric with black point compensation. Without a profile grey and RGB count as sRGB, and
    CMYK as libvips' built-in general CMYK.
    """
    return to_profile(image, space, profile, "srgb", bits=bits)


def to_profile(image: Any, space: Space, profile: bytes | None, output: str, *, bits: int) -> Any:
    """`to_srgb`, to the ICC profile in the file `output` instead."""
    image = image.copy()
    if profile is None:
        profile = pyvips.Operation.call("profile_load", "cmyk" if space == "cmyk" else "srgb")
        if space == "grey":  # three equal channels of the encoding that an unmarked grey is taken for
            image = image.bandjoin([image, image]).copy(interpretation=_INTERPRETATIONS["rgb", bits])
    image.set_type(pyvips.GValue.blob_type, "icc-profile-data", profile)
    return image.icc_transform(
        output, embedded=True, intent="relative", black_point_compensation=True, depth=bits
    ).copy()


def srgb_profile() -> bytes:
    """The sRGB profile that converted pictures carry: libvips' built-in one."""
    return bytes(pyvips.Operation.call("profile_load", "srgb"))


@lru_cache(maxsize=32)
def needs_conversion(space: Space, profile: bytes | None) -> bool:
    """Whether samples of this space and profile differ from encoded sRGB by more than 1/255 anywhere.

    Asked of the transform itself on a grid of 16 levels a channel, so that every maker's sRGB counts as one.
    """
    if profile is None:
        return space == "cmyk"
    if space == "cmyk":
        return True
    steps = np.arange(0, 256, 17, dtype=np.uint16) * 257
    grid = np.stack(np.meshgrid(*[steps] * CHANNELS[space], indexing="ij"), axis=-1).reshape(1, -1, CHANNELS[space])
    converted = to_srgb(vips_image(np.ascontiguousarray(grid), space), space, profile, bits=16).numpy()
    return bool(np.abs(converted.astype(np.int32) - grid.astype(np.int32)).max() > 257)
