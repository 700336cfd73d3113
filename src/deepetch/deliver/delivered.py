"""A file as it goes to a channel: its picture, what its name and its bytes say."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from deepetch.deliver.path.photoshop import Resource
from deepetch.deliver.path.read import image_resources, upright_resources
from deepetch.deliver.read_psd import PSD_SIGNATURE, read_psd
from deepetch.errors import UnreadablePhoto
from deepetch.photo.orientation import stored_orientation
from deepetch.photo.photo import Photo
from deepetch.photo.png import png_says_srgb
from deepetch.photo.read import read_photo
from deepetch.photo.signature import kind_of

ENDINGS = {
    "jpeg": (".jpg", ".jpeg"),
    "png": (".png",),
    "tiff": (".tif", ".tiff"),
    "webp": (".webp",),
    "avif": (".avif",),
    "heic": (".heic", ".heif"),
    "psd": (".psd", ".psb"),
}
READABLE = "JPEG, PNG, WebP, TIFF, AVIF, HEIC or PSD"
KIND_OF_ENDING = {ending: kind for kind, endings in ENDINGS.items() for ending in endings}


@dataclass(frozen=True, eq=False, kw_only=True)
class Delivered:
    """A file and its picture, told by content whatever the file is called.

    size       in bytes.
    says_srgb  the format itself states sRGB where there is no profile: PNG by a chunk, WebP by its definition.
    resources  Photoshop's, the paths among them turned as the picture was.
    notes      what cannot be seen of the file, one sentence each.
    """

    file: Path
    photo: Photo
    size: int
    says_srgb: bool
    resources: tuple[Resource, ...]
    notes: tuple[str, ...]

    @property
    def kind(self) -> str:
        return self.photo.format


def read_delivered(file: Path) -> Delivered:
    """Read a JPEG, PNG, TIFF, WebP, AVIF, HEIC or PSD file. Raises PhotoError as `read_photo` and `read_psd`."""
    head = _head(file)
    if head.startswith(PSD_SIGNATURE):
        photo = read_psd(file)
    else:
        if head:
            kind_of(head, str(file), readable=READABLE)
        photo = read_photo(file)
    resources, notes = _resources(file, photo.format)
    says_srgb = photo.format == "webp"
    if photo.format == "png":
        with file.open("rb") as stream:
            says_srgb = png_says_srgb(stream)
    return Delivered(
        file=file,
        photo=photo,
        size=file.stat().st_size,
        says_srgb=says_srgb,
        resources=resources,
        notes=photo.warnings + notes,
    )


def _head(file: Path) -> bytes:
    """The first bytes of a file that can be read, else nothing: the reader of photos says what is wrong with it."""
    try:
        if not file.is_file():
            return b""
        with file.open("rb") as stream:
            return stream.read(4096)
    except (OSError, ValueError):
        return b""


def _resources(file: Path, kind: str) -> tuple[tuple[Resource, ...], tuple[str, ...]]:
    try:
        resources = image_resources(file, kind)
    except UnreadablePhoto:
        return (), ("Photoshop's resources are damaged; a path in them counts as none.",)
    if not resources or kind == "psd":  # which is stored upright
        return resources, ()
    return upright_resources(resources, stored_orientation(file)), ()
