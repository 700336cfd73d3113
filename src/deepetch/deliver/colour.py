"""A photo and its matte in the colours that a channel asks for, before anything is painted behind them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np

from deepetch.arrays import Levels, Samples, full_scale
from deepetch.deliver.profiles import Profile
from deepetch.errors import InvalidOptions, UnsupportedOutput
from deepetch.matte.matte import BorderColours, Matte
from deepetch.photo.icc import icc_space, output_fault
from deepetch.photo.photo import CHANNELS, Photo, Space
from deepetch.photo.view import needs_conversion, srgb_profile, to_profile, vips_image
from deepetch.photo.write import to_8_bit


@dataclass(frozen=True, kw_only=True)
class Target:
    """An ICC profile that pictures are converted to.

    file  of it, or "srgb"; data: its bytes.
    """

    file: str
    data: bytes
    space: Space


def icc_target(profile: Profile, icc: str | Path | None = None) -> Target | None:
    """The ICC profile that a channel wants; None if it takes any.

    icc     the file of the one that the channel leaves to the user.
    Raises  InvalidOptions when it is missing or not asked for, cannot be read, or is of another space or class.
    """
    if profile.icc == "given" and icc is None:
        raise InvalidOptions(
            f"{profile.name}: the channel names no ICC profile. Ask which one it wants and give the file (--icc)."
        )
    if profile.icc != "given" and icc is not None:
        raise InvalidOptions(f"{profile.name}: leaves no ICC profile to choose; got {icc}. Leave out --icc.")
    file = icc if profile.icc == "given" else profile.icc
    if file is None:
        return None
    if file == "srgb":
        return Target(file="srgb", data=srgb_profile(), space="rgb")
    try:
        data = Path(file).read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the path
        reason = error.strerror if isinstance(error, OSError) else error
        raise InvalidOptions(f"{file}: no ICC profile to read ({reason}). Check the path.") from error
    space = profile.space or icc_space(data)
    if space is None or space == "grey":
        raise InvalidOptions(f"{file}: expected an ICC profile for RGB or CMYK. Pictures are converted to no other.")
    if fault := output_fault(data, space):
        raise InvalidOptions(f"{file}: the ICC profile {fault}. {profile.name} needs one for {space.upper()}.")
    return Target(file=str(file), data=data, space=space)


def in_colours(photo: Photo, matte: Matte, profile: Profile, target: Target | None) -> tuple[Photo, Matte, list[str]]:
    """Photo and matte in the space, ICC profile and depth of a channel, and what that changed, a sentence each.

    Nothing changes what is right already: sRGB of any maker is sRGB. A photo in another space than a channel's goes to
    sRGB if that is RGB. Colours are converted relative colorimetric with black point compensation.
    Raises  InvalidOptions for a space that has no ICC profile to convert to; UnsupportedOutput for a depth that
            the photo does not have.
    """
    said = []
    if target is None and profile.space == "rgb" != photo.space:
        target = Target(file="srgb", data=srgb_profile(), space="rgb")
    if target is None and profile.space not in (None, photo.space):
        raise InvalidOptions(
            f"{profile.name}: asks for {profile.space}, and the photo is {photo.space}. "
            "Name an ICC profile to convert it by, icc = ..., in the channel's profile."
        )
    if target is not None:
        photo, matte, changed = _converted(photo, matte, target)
        named = "sRGB" if target.file == "srgb" else Path(target.file).name
        said += [f"The colours were converted to {named}."] if changed else []
    if profile.bits == 16 and photo.bits == 8:
        raise UnsupportedOutput(f"{profile.name}: asks for 16 bit, and the photo has 8. Give one with 16.")
    if profile.bits == 8 and photo.bits == 16:
        photo, matte = _in_8_bit(photo, matte)
        said.append(f"{profile.name} asks for 8 bit: the 16-bit values were rounded.")
    return photo, matte, said


def _converted(photo: Photo, matte: Matte, target: Target) -> tuple[Photo, Matte, bool]:
    """Photo and matte by the target, and whether a value changed."""
    own = photo.metadata.profile
    same = own == target.data and photo.space == target.space
    if target.file == "srgb" and photo.space == "rgb":
        same = same or not needs_conversion("rgb", own)
    if same:
        metadata = replace(photo.metadata, profile=own or target.data)
        return replace(photo, metadata=metadata), matte, False

    def converted(samples: Samples) -> Samples:
        if not samples.size:
            return cast(Samples, np.zeros((*samples.shape[:2], CHANNELS[target.space]), samples.dtype))
        image = vips_image(cast(Samples, np.ascontiguousarray(samples)), photo.space)
        image = to_profile(image, photo.space, own, target.file, bits=photo.bits)
        result: Samples = image.numpy().reshape(*samples.shape[:2], CHANNELS[target.space])
        return result

    border = matte.border
    colours = converted(border.colours[:, None])[:, 0]
    metadata = replace(photo.metadata, profile=target.data)
    changed = replace(photo, samples=converted(photo.samples), space=target.space, metadata=metadata)
    return changed, replace(matte, border=replace(border, colours=colours)), True


def _in_8_bit(photo: Photo, matte: Matte) -> tuple[Photo, Matte]:
    alpha = cast(Levels, to_8_bit(matte.alpha))
    at = alpha.reshape(-1)[matte.border.index]
    kept = (at > 0) & (at < full_scale(alpha))  # what is rounded to nothing or everything is no border
    colours = matte.border.colours[kept]
    eight: Any = to_8_bit(colours) if colours.size else colours.astype(np.uint8)
    own = None if photo.alpha is None else to_8_bit(photo.alpha)
    return (
        replace(photo, samples=to_8_bit(photo.samples), alpha=own),
        Matte(alpha, BorderColours(matte.border.index[kept], eight)),
    )
