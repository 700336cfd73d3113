"""Where the files of a data set lie: looked at, and filled with pictures, copied byte for byte, no two under one name.

This is the seam to the file system: what it refuses becomes an error of ours.
"""

from __future__ import annotations

import shutil
from pathlib import Path, PurePosixPath

from deepetch.errors import DatasetError, OutputFailed
from deepetch.photo.atomic import atomic_output


class Names:
    """Names given out so far, told apart as file systems do that ignore case."""

    def __init__(self) -> None:
        self._taken = set[str]()

    def free(self, name: str) -> str:
        """`name`, or NAME-2, NAME-3, ... with its suffix behind, whichever is free first; it is then taken.

        name  a relative path with "/" between folders.
        """
        path = PurePosixPath(name)
        candidate, number = path, 1
        while str(candidate).casefold() in self._taken:
            number += 1
            candidate = path.with_name(f"{path.stem}-{number}{path.suffix}")
        self._taken.add(str(candidate).casefold())
        return str(candidate)


def copy_picture(source: Path, target: Path, *, overwrite: bool) -> None:
    """Copy a file byte for byte, whole or not at all; folders are made.

    Raises  DatasetError if the source cannot be read; OutputExists, OutputFailed.
    """
    try:
        opened = source.open("rb")
    except OSError as error:
        raise unreadable(source, error) from error
    with opened:
        make_folder(target.parent)
        with atomic_output(target, overwrite=overwrite) as temporary, temporary.open("wb") as copy:
            shutil.copyfileobj(opened, copy)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it. Raises OutputFailed."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputFailed(f"{folder}: the folder cannot be made ({error.strerror}).") from error


def remove_old(file: Path) -> None:
    """Remove the file by which a folder is a data set, if it is there: while another is written over it, it is none.

    Raises  OutputFailed.
    """
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        raise OutputFailed(f"{file}: cannot be replaced ({error.strerror}). Choose another folder.") from error


def is_folder_name(name: str) -> bool:
    """Whether a name can be that of a folder: not blank, not hidden, and without what separates folders anywhere."""
    return bool(name.strip()) and not name.startswith(".") and not set(name) & set("/\\\0")


def is_file(path: Path) -> bool:
    """Whether a file lies there; where nobody may look, or a name is too long for one, there is none."""
    try:
        return path.is_file()
    except OSError:
        return False


def unreadable(path: Path, error: OSError) -> DatasetError:
    """What to raise for a file that cannot be opened."""
    return DatasetError(f"{path}: cannot be read ({error.strerror}). Check the path.")


def unreadable_folder(folder: Path | str, error: OSError) -> DatasetError:
    """What to raise for a folder whose files cannot be listed."""
    return DatasetError(f"{folder}: the folder cannot be read ({error.strerror}).")
