"""The user's own pictures for the studio: labels, photographs to print, photographs of rooms."""

from __future__ import annotations

from pathlib import Path

from deepetch.errors import StudioError
from deepetch.photo.signature import kind_of

HEADER = 4096  # bytes that tell what a file is


def pictures_in(folder: Path) -> tuple[Path, ...]:
    """The files in a folder, sorted, as absolute paths; hidden ones and folders are not looked at.

    Raises  StudioError when there is no such folder or nothing in it; UnreadablePhoto for a file that is no picture.
    """
    folder = folder.absolute()
    try:
        if folder.is_file():
            raise StudioError(f"{folder}: expected a folder of pictures; got a file. Put it into a folder.")
        found = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
        for path in found:
            with path.open("rb") as file:
                kind_of(file.read(HEADER), str(path))
    except OSError as error:
        raise StudioError(f"{error.filename}: cannot be read ({error.strerror}).") from error
    if not found:
        raise StudioError(f"{folder}: there is no picture in this folder.")
    return tuple(found)
