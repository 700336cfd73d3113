"""A file appears whole or not at all: written beside its place, then renamed."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deepetch.errors import OutputExists, OutputFailed


def require_free(path: Path, *, overwrite: bool) -> None:
    """Say before any work is done that `path` cannot become an output.

    overwrite  False: OutputExists if something lies there, be it a dangling link.
    Raises     OutputFailed if it is a folder, or no path at all.
    """
    if "\0" in str(path):
        raise OutputFailed(f"{str(path)!r}: not written; a path holds no zero byte. Check the path.")
    try:
        if path.is_dir():
            raise OutputFailed(f"{path}: this is a folder. Give the name of a file.")
        if not overwrite and os.path.lexists(path):
            raise _exists(path)
    except OSError as error:
        raise OutputFailed(f"{path}: not written; {_reason(error, path)}") from error


@contextmanager
def atomic_output(path: str | Path, *, overwrite: bool) -> Iterator[Path]:
    """Give an empty file beside `path` to write to; it becomes `path` when the block ends without an error.

    overwrite  False: OutputExists if `path` exists, asked before the block and, free of races, after it.
    Yields     the temporary path, with the suffix of `path`; open or replace it as you like.
    Raises     OutputFailed for an OSError in the block or when storing. Whatever is raised, the temporary
               file is removed and an existing `path` stays as it was.
    """
    path = Path(path)
    try:
        require_free(path, overwrite=overwrite)
        temporary = path.with_name(f".deepetch-{secrets.token_hex(8)}{path.suffix}")
        os.close(os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666))
        try:
            yield temporary
            with temporary.open("rb") as written:
                os.fsync(written.fileno())
            if overwrite:
                temporary.replace(path)
            else:
                _place_new(temporary, path)
        finally:
            with contextlib.suppress(FileNotFoundError):
                temporary.unlink()
    except OSError as error:
        raise OutputFailed(f"{path}: not written; {_reason(error, path)}") from error


def _exists(path: Path) -> OutputExists:
    return OutputExists(f"{path}: the file exists. Choose another name or allow overwriting (--overwrite).")


def _place_new(temporary: Path, path: Path) -> None:
    """Rename without ever replacing: give the file a second name; the caller drops the first."""
    try:
        path.hardlink_to(temporary)
    except FileExistsError as error:
        raise _exists(path) from error
    except OSError:  # a file system without hard links: claim the name, then replace our own empty file
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
        except FileExistsError as error:
            raise _exists(path) from error
        temporary.replace(path)


def _reason(error: OSError, path: Path) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "the disk is full. Free some space."
    if error.errno == errno.EFBIG:
        return "the file would be larger than the system allows. Raise the limit or choose another format."
    if error.errno == errno.ENOENT:
        return f"the folder {path.parent} does not exist. Create it first."
    if error.errno == errno.ENOTDIR:
        return f"{path.parent} is not a folder. Check the path."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"no permission to write in {path.parent}. Choose another folder."
    return f"{error.strerror or error}. Check the disk and the path."
