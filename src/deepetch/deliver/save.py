"""A photo and its matte become a file: over a background, with a clipping path where the format holds one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from deepetch.deliver.background import composite, parse_background
from deepetch.deliver.path.embed import path_for_file
from deepetch.deliver.path.photoshop import Resource, resource_block
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
    Returns and Raises as `Cutout.save`.
    """
    path = Path(path)
    if path.suffix.lower() == ".psd":
        from deepetch.deliver.psd import write_psd  # psd-tools takes a quarter of a second to load

        return write_psd(path, photo, matte, options=options, paths=paths)
    kind = output_format(path)
    samples, alpha = composite(photo, matte, parse_background(options.background), picture=picture)
    metadata, said = photo.metadata, tuple[str, ...]()
    if FORMATS[kind].resources and (options.path or kind == "tiff"):
        if paths is None:
            paths, said = path_for_file(matte.alpha)
        metadata = replace(metadata, resources=b"".join(map(resource_block, paths)) or None)
    elif options.path:
        said = (f"{NAMES[kind]} holds no path: none was written. Use .psd, .tif or .jpg.",)
    return said + write_picture(path, samples, photo.space, alpha=alpha, metadata=metadata, options=options)
