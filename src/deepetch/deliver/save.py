"""A photo and its matte become a file: over a background, with a clipping path where the format holds one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from deepetch.arrays import Levels
from deepetch.deliver.background import composite, parse_background
from deepetch.deliver.channels import TRANSPARENCY, ChannelKind, ExtraChannel, channel_resources
from deepetch.deliver.path.embed import path_for_file
from deepetch.deliver.path.photoshop import Resource, resource_block
from deepetch.deliver.shadow import draw_shadow
from deepetch.deliver.spot import white_plate
from deepetch.matte.matte import Matte
from deepetch.options import SaveOptions
from deepetch.photo.photo import Photo
from deepetch.photo.write import FORMATS, NAMES, output_format, write_picture


def write_cutout(
    path: str | Path,
    photo: Photo,
    matte: Matte,
    options: SaveOptions = SaveOptions(),
    *,
    picture: Photo | None = None,
    paths: Sequence[Resource] | None = None,
) -> tuple[str, ...]:
    """Write a cut-out in the format that the suffix of `path` names; what that holds is in `Cutout.save`.

    picture  the background picture, if it has been read already.
    paths    the resources of a path drawn already, or () for none; None: drawn around alpha as the options say.
    Returns and Raises as `Cutout.save`, NoShadow among them.
    """
    path = Path(path)
    if path.suffix.lower() == ".psd":
        from deepetch.deliver.psd import write_psd  # psd-tools takes a quarter of a second to load

        return write_psd(path, photo, matte, options=options, paths=paths, picture=picture)
    kind = output_format(path)
    behind, shadow = parse_background(options.background), draw_shadow(photo, matte, options.shadow)
    samples, alpha = composite(photo, matte, behind, picture=picture, shadow=shadow)
    metadata, said = photo.metadata, tuple[str, ...]()
    extra: list[ExtraChannel] = []
    if options.spot is not None and kind == "tiff":
        extra.append(white_plate(photo, matte.alpha, options.spot))
    elif options.spot is not None:
        said += (f"{NAMES[kind]} holds no spot channel: none was written. Use .psd or .tif.",)
    if FORMATS[kind].resources and (options.path or kind == "tiff"):
        missing: tuple[str, ...] = ()
        if paths is None:
            paths, missing = path_for_file(matte.alpha)
        said += missing
        resources = (*_channel_resources(extra, alpha), *paths)
        metadata = replace(metadata, resources=b"".join(map(resource_block, resources)) or None)
    elif options.path:
        said += (f"{NAMES[kind]} holds no path: none was written. Use .psd, .tif or .jpg.",)
    planes = [channel.levels for channel in extra]
    return said + write_picture(
        path, samples, photo.space, alpha=alpha, extra=planes, metadata=metadata, options=options
    )


def _channel_resources(extra: Sequence[ExtraChannel], alpha: Levels | None) -> tuple[Resource, ...]:
    """The names of a TIFF file's extra channels; an alpha alone needs none."""
    if not extra:
        return ()
    first: list[tuple[str, ChannelKind]] = [] if alpha is None else [(TRANSPARENCY, "transparency")]
    return channel_resources([*first, *((channel.name, channel.kind) for channel in extra)])
