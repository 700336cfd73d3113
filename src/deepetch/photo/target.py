"""Where libvips writes to: a Python file whose beginning can be edited on the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, BinaryIO

import pyvips

from deepetch.errors import OutputFailed


class Target:
    """A libvips target over a Python file: it can edit the stream's head, and keeps the file's own error.

    edit  takes what has been written so far and gives what to write instead, or None until it has seen enough.
    """

    def __init__(self, file: BinaryIO, edit: Callable[[bytes], bytes | None] | None = None) -> None:
        self._file = file
        self._edit = edit
        self._head = b""
        self._error: OSError | None = None

    def save(self, image: Any, operation: str, *, keep: str = "none", **arguments: Any) -> None:
        """Encode an image; OutputFailed if libvips cannot, the file's own OSError if that is the reason."""
        target = pyvips.TargetCustom()
        target.on_write(self._write)
        target.on_read(self._read)  # TIFF goes back to what it wrote
        target.on_seek(self._seek)
        try:
            pyvips.Operation.call(operation, image, target, keep=keep, **arguments)
        except pyvips.Error as error:
            if self._error:
                raise self._error from error
            lines = [line.strip() for line in str(error).splitlines() if line.strip()]
            reason = lines[-1] if lines else "no reason given"
            raise OutputFailed(f"not written; the encoder failed: {reason}") from error
        if self._error:
            raise self._error

    # libvips calls these three, and no exception may come out of them.

    def _write(self, chunk: Any) -> int:
        try:
            if self._edit is None:
                self._file.write(chunk)
                return len(chunk)
            self._head += bytes(chunk)
            edited = self._edit(self._head)
            if edited is not None:
                self._edit = None
                self._file.write(edited)
        except OSError as error:
            self._error = error
            return -1
        return len(chunk)

    def _seek(self, offset: int, whence: int) -> int:
        try:
            return self._file.seek(offset, whence)
        except OSError as error:  # a seek empties the write buffer first
            self._error = error
            return -1

    def _read(self, length: int) -> bytes:
        try:
            return self._file.read(length)
        except OSError as error:
            self._error = error
            return b""
