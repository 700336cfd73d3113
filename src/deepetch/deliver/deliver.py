"""A cut-out becomes the file that a channel asks for: framed, in its colours, named kind and size, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Literal, NamedTuple

from deepetch.deliver.background import parse_background
from deepetch.deliver.colour import icc_target, in_colours
from deepetch.deliver.frame import Box, Frame, apply_frame, frame_set, subject_box
from deepetch.deliver.ink import total_ink
from deepetch.deliver.naming import WRITE_SUFFIXES
from deepetch.deliver.path.embed import path_for_file
from deepetch.deliver.path.path import clipping_path
from deepetch.deliver.path.photoshop import PATH_NAME, Resource, path_resources, resource_block
from deepetch.deliver.profiles import (
    HOLDS_ALPHA,
    HOLDS_PATHS,
    HOLDS_SPOTS,
    Profile,
    frame_options,
    save_options,
    smaller_frame_options,
)
from deepetch.deliver.save import write_cutout
from deepetch.deliver.shadow import STANDING, require_ground
from deepetch.errors import InvalidOptions, UnsupportedOutput
from deepetch.matte.matte import Matte
from deepetch.options import ASPECT_TOLERANCE, SaveOptions, ShadowKind
from deepetch.photo.density import with_density
from deepetch.photo.jpeg import fitted_to_segments
from deepetch.photo.photo import Metadata, Photo

SHORT = {".jpeg": ".jpg", ".tiff": ".tif"}
ALWAYS_WITH_PATH = (".psd", ".tif")


class View(NamedTuple):
    """A picture as framing sees it: the subject's box, and the width and height of the whole."""

    box: Box
    size: tuple[int, int]


def deliver(
    photo: Photo,
    matte: Matte,
    profile: Profile,
    path: str | Path,
    options: SaveOptions = SaveOptions(),
    *,
    background: str | None = None,
    icc: str | Path | None = None,
    picture: Photo | None = None,
    views: Sequence[View] = (),
) -> tuple[str, ...]:
    """Write the file that a channel asks for.

    The photo's subject is framed (`frame_options`), the colours are converted to the channel's where they differ, and a
    lossy format takes a lower quality, not below `options.min_quality`, to keep the channel's largest size. A density
    below the channel's least is replaced by that. A photo with too few pixels for the size that a channel advises is
    delivered as large as it is, down to the channel's least. What `profile` leaves open stays as `Cutout.save` has it.
    path        ends in one of the profile's formats; how it is called is up to the caller (`plan_deliveries`).
    options     `quality`, `min_quality`, `lossless`, `png_compression`, `tiff_compression`, `overwrite`, `shadow` and
                `spot`; `convert_to` and `path`, where they are set, as in `as_called`. The rest is the profile's.
    background  as `SaveOptions.background`, where the channel asks for none.
    icc         an ICC file, where the channel leaves it to the user.
    picture     the background picture, if it has been read already.
    views       of the same product, this one or not among them: all get one scale and one canvas (`frame_set`).
    Returns     what was changed or could not be held as it was, one sentence each.
    Raises      InvalidOptions for what contradicts the profile, a subject with too few pixels for it, or a picture that
                it does not take; NoSubject, UnsupportedOutput for a path that is required and cannot be had, and more
                bytes than it takes; OutputExists, OutputFailed. The file is then as it was before.
    """
    path = Path(path)
    profile = as_called(
        profile,
        suffix=path.suffix,
        background=background,
        convert_to=options.convert_to,
        path=options.path,
        shadow=options.shadow.kind,
        spot=options.spot is not None,
    )
    target = icc_target(profile, icc)
    frame = _framed([view_of(photo, matte), *views], profile)
    require_size_agreed(frame, profile)
    if options.shadow.kind in STANDING:
        require_ground(matte.alpha)  # a larger canvas would hide that the subject is cut off
    photo, matte = apply_frame(photo, matte, frame)
    photo, matte, said = in_colours(photo, matte, profile, target)
    said += [*_smaller(frame, profile), *_too_little_fill(frame, profile), *_too_much_ink(photo, matte, profile)]
    if profile.min_density is not None and min(photo.metadata.density or (0, 0)) < profile.min_density:
        stated = (float(profile.min_density), float(profile.min_density))
        photo = replace(photo, metadata=with_density(photo.metadata, stated))
    saving = save_options(profile, options)
    if background is not None:
        saving = replace(saving, background=background)
    paths, missing = _paths(path, photo.metadata, matte, profile, drawn=saving.path)
    return (*said, *missing, *write_cutout(path, photo, matte, saving, picture=picture, paths=paths))


def as_called(
    profile: Profile,
    *,
    suffix: str | None = None,
    background: str | None = None,
    convert_to: Literal["srgb"] | None = None,
    path: bool = False,
    shadow: ShadowKind = "none",
    spot: bool = False,
) -> Profile:
    """The profile with what a call says beside it.

    suffix  of the format to write, such as ".png"; None: the profile's first.
    Raises  InvalidOptions naming both where they contradict each other.
    """

    def contradicted(said: str, asked: str) -> InvalidOptions:
        return InvalidOptions(f"{said} and the profile {profile.name}, which {asked}, contradict each other.")

    if suffix is not None:
        suffix = _short(suffix)
        taken = {_short(ending) for ending in profile.formats}
        if suffix not in taken:
            raise contradicted(f"the format {suffix}", f"takes {', '.join(profile.formats)}")
        if suffix not in WRITE_SUFFIXES:
            raise InvalidOptions(f"{profile.name}: takes {suffix}, but that is not written here.")
        try:
            others = [ending for ending in profile.formats if ending != suffix]
            profile = replace(profile, formats=(suffix, *others))
        except InvalidOptions as error:
            raise InvalidOptions(f"{profile.name}: the format {suffix} cannot be used here. {error}") from error
    if background is not None:
        asked, said = profile.background, parse_background(background)
        if asked is not None and said != parse_background(asked):
            raise contradicted(f"the background {background}", f"asks for {asked}")
        if said.kind == "transparent" and profile.formats[0] not in HOLDS_ALPHA:
            raise InvalidOptions(
                f"{profile.name}: {profile.formats[0]} holds no transparency. Choose another format (--format png)."
            )
    if convert_to == "srgb":
        if profile.space not in (None, "rgb"):
            raise contradicted("converting to sRGB", f"asks for {profile.space}")
        if profile.icc not in (None, "srgb"):
            raise contradicted("converting to sRGB", "asks for another ICC profile")
        profile = replace(profile, icc="srgb")
    if path and profile.path == "forbidden":
        raise contradicted("a clipping path", "forbids it")
    if shadow != "none" and profile.background == "white":
        raise contradicted("a shadow", "asks for pure white around the subject")
    if shadow != "none" and profile.background == "transparent" and profile.formats[0] != ".psd":
        raise contradicted("a shadow", "asks for nothing around the subject")
    if spot and profile.formats[0] not in HOLDS_SPOTS:
        raise InvalidOptions(f"{profile.name}: {profile.formats[0]} holds no spot channel. Use .psd or .tif.")
    return profile


def require_size_agreed(frame: Frame, profile: Profile) -> None:
    """Raise InvalidOptions for a canvas or a fill that a channel does not take.

    Framing goes by the longer side alone where no aspect is known, so this is where the other side is looked at.
    """
    longer, pixels = max(frame.width, frame.height), frame.width * frame.height
    least = {"min_width": frame.width, "min_height": frame.height, "min_long_side": longer}
    most = {"max_long_side": longer, "max_pixels": pixels}
    for limits, sign in ((least, 1), (most, -1)):
        for name, size in limits.items():
            limit = getattr(profile, name)
            if limit is not None and sign * size < sign * limit:
                raise InvalidOptions(
                    f"{profile.name}: the picture would be {frame.width} x {frame.height}, and {name} is {limit}. "
                    "Give the profile an aspect, or a width and a height."
                )
    if profile.aspect is not None:
        stretch = frame.width / frame.height / profile.aspect
        # a whole number of pixels is all that a small canvas can have
        if not 1 / ASPECT_TOLERANCE <= stretch <= ASPECT_TOLERANCE and min(frame.width, frame.height) > 200:
            raise InvalidOptions(f"{profile.name}: {frame.width} x {frame.height} has not the aspect {profile.aspect}.")


def view_of(photo: Photo, matte: Matte) -> View:
    """What framing goes by. Raises NoSubject if alpha shows nothing."""
    return View(subject_box(matte.alpha), (photo.width, photo.height))


def _framed(views: Sequence[View], profile: Profile) -> Frame:
    """The frame of the first view; with too few pixels for the middle of the fill, of the least that is taken.

    With too few for that at the size asked for, the largest frame that the channel takes and that enlarges nothing.
    """
    boxes, sizes = zip(*views, strict=True)
    tried = [frame_options(profile)]
    if profile.fill_min is not None:
        tried.append(frame_options(profile, least=True))
    *before, last = *tried, *smaller_frame_options(profile)
    for options in before:
        with suppress(InvalidOptions):
            return frame_set(boxes, sizes, options)[0]
    try:
        return frame_set(boxes, sizes, last)[0]
    except InvalidOptions as error:
        raise InvalidOptions(f"{profile.name}: {str(error).removeprefix('frame: ')}") from error


def _smaller(frame: Frame, profile: Profile) -> list[str]:
    """A sentence if the frame is not of the size that the channel asks for."""
    asked = profile.width or frame.width, profile.height or frame.height
    if (frame.width, frame.height) == asked:
        return []
    return [
        f"The photo has too few pixels for the {_size(profile.width, profile.height)} that {profile.name} advises: "
        f"{frame.width} x {frame.height} was delivered; {_size(profile.min_width, profile.min_height)} is its least."
    ]


def _size(width: int | None, height: int | None) -> str:
    if width is not None and height is not None:
        return f"{width} x {height}"
    return f"width {width}" if height is None else f"height {height}"


def _too_little_fill(frame: Frame, profile: Profile) -> list[str]:
    """A sentence if the scale of a set leaves this view smaller than the channel asks for."""
    if profile.fill_min is None or frame.fill >= profile.fill_min - 0.005:
        return []
    return [
        f"The subject fills {frame.fill:.0%} at the scale of its other views; {profile.name} asks for "
        f"{profile.fill_min:.0%} or more."
    ]


def _too_much_ink(photo: Photo, matte: Matte, profile: Profile) -> list[str]:
    """A sentence if the subject, where it is opaque, takes more ink than the channel."""
    if profile.ink_limit is None or photo.space != "cmyk":
        return []
    ink = total_ink(photo.samples, profile.ink_limit, alpha=matte.alpha)
    if not ink.over:
        return []
    return [
        f"{max(100 * ink.over, 0.1):.1f}% of the subject takes more than {profile.ink_limit:g}% of ink, up to "
        f"{ink.largest:.0f}%. Choose an ICC profile made for less, or ask the printer."
    ]


def _short(suffix: str) -> str:
    return SHORT.get(suffix.lower(), suffix.lower())


def _paths(
    path: Path, metadata: Metadata, matte: Matte, profile: Profile, *, drawn: bool
) -> tuple[Sequence[Resource] | None, tuple[str, ...]]:
    """The clipping path that a channel asks for, and why there is none."""
    suffix = _short(path.suffix)
    if profile.path == "forbidden":
        return (), ()
    name = profile.path_name or PATH_NAME
    if profile.path != "required":
        wanted = suffix in ALWAYS_WITH_PATH or (drawn and suffix in HOLDS_PATHS)
        return path_for_file(matte.alpha, name) if wanted else (None, ())
    paths = path_resources(clipping_path(matte.alpha), name)
    resources = b"".join(map(resource_block, paths))
    if suffix == ".jpg" and fitted_to_segments(replace(metadata, resources=resources))[0].resources is None:
        raise UnsupportedOutput(
            f"{path}: the clipping path is too long for JPEG, and {profile.name} requires one. Use .tif or .psd."
        )
    return paths, ()
