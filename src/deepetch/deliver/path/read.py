"""Which paths a picture's file holds, whoever wrote it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from deepetch.deliver.path.path import ClippingPath
from deepetch.deliver.path.photoshop import (
    CLIPPING_RESOURCE,
    PATH_RESOURCE,
    Resource,
    decode_path,
    read_resources,
    turned_path,
)
from deepetch.errors import UnreadablePhoto
from deepetch.photo.jpeg_header import photoshop_resources
from deepetch.photo.tiff import PHOTOSHOP, first_directory


@dataclass(frozen=True)
class FoundPaths:
    """The names of the paths that have a closed subpath, and of the one that clips; both as Photoshop shows them."""

    names: tuple[str, ...] = ()
    clipping: str | None = None


def image_resources(file: Path, kind: str) -> tuple[Resource, ...]:
    """Photoshop's image resources of a PSD, TIFF or JPEG file; none of another kind.

    Raises  UnreadablePhoto where they are damaged.
    """
    blocks = b""
    if kind == "jpeg":
        blocks = photoshop_resources(file.read_bytes())
    elif kind == "tiff":
        with file.open("rb") as stream:
            blocks = first_directory(stream)[2].get(PHOTOSHOP, (0, 0, b""))[2]
    elif kind == "psd":
        with file.open("rb") as stream:
            stream.seek(26)  # the header
            stream.seek(int.from_bytes(stream.read(4), "big"), 1)  # the palette
            blocks = stream.read(int.from_bytes(stream.read(4), "big"))
    return tuple(read_resources(blocks))


def upright_resources(resources: tuple[Resource, ...], orientation: int) -> tuple[Resource, ...]:
    """The resources of a file whose pixels are turned upright by their EXIF orientation: its paths turn with them."""
    return tuple(
        replace(resource, data=turned_path(resource.data, orientation))
        if PATH_RESOURCE <= resource.number < CLIPPING_RESOURCE - 1
        else resource
        for resource in resources
    )


def found_paths(resources: tuple[Resource, ...]) -> FoundPaths:
    """The paths among image resources; those that cannot be read, or have open subpaths alone, do not count."""
    names = []
    clipping = None
    for resource in resources:
        if PATH_RESOURCE <= resource.number < CLIPPING_RESOURCE - 1 and _is_closed(resource):
            names.append(resource.name)
        elif resource.number == CLIPPING_RESOURCE and resource.data:
            clipping = resource.data[1 : 1 + resource.data[0]].decode("mac_roman")
    return FoundPaths(tuple(names), clipping if clipping in names else None)


def drawn_path(resources: tuple[Resource, ...], width: int, height: int) -> ClippingPath | None:
    """The path that clips, else the first, of a picture of this size; None if there is none."""
    paths = found_paths(resources)
    if not paths.names:
        return None
    wanted = paths.clipping or paths.names[0]
    return next(
        decode_path(resource.data, width, height)
        for resource in resources
        if PATH_RESOURCE <= resource.number < CLIPPING_RESOURCE - 1 and resource.name == wanted and _is_closed(resource)
    )


def _is_closed(resource: Resource) -> bool:
    try:
        return bool(decode_path(resource.data, 1, 1).subpaths)
    except UnreadablePhoto:
        return False
