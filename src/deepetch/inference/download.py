"""Download a model's public weights: resumed where it was cut off, verified, then renamed into place."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import http.client
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from deepetch.errors import DownloadFailed, InvalidOptions
from deepetch.inference.spec import Download, ModelSpec

TIMEOUT = 30.0  # seconds that a server may be silent
CHUNK = 1 << 18


def is_downloaded(spec: ModelSpec) -> bool:
    """Whether the file is there, whole and as published."""
    try:
        with FileIO(str(spec.file)) as file:
            return spec.download is not None and _is_published(file, spec.download)
    except OSError:
        return False


def download(
    spec: ModelSpec, *, url: str = "", timeout: float = TIMEOUT, progress: Callable[[int], None] = lambda done: None
) -> None:
    """Download the weights of a row to `spec.file`, making its folder; nothing is done if they are there as published.

    What has come lies in NAME.onnx.part until all is there, and the next call goes on from it; bytes that are not those
    published are not kept. One call at a time: a second is refused.

    url       another address of the same bytes.
    timeout   seconds that the server may be silent.
    progress  called with the bytes that are there.
    Raises    InvalidOptions for a row without public weights or an address that is none; DownloadFailed otherwise.
    """
    wanted = spec.download
    if wanted is None:
        raise InvalidOptions(f"{spec.name}: there is nothing to download; it comes with deepetch.")
    address = url or wanted.url
    _require_address(address)
    if is_downloaded(spec):
        return
    partial = spec.file.with_name(f"{spec.file.name}.part")
    with _stored(spec.file):
        spec.file.parent.mkdir(parents=True, exist_ok=True)
    with _locked(partial) as file:
        if is_downloaded(spec):  # by a call that ended just now
            file.truncate(0)
            return
        _complete(file, wanted, address, timeout, progress)
        with _stored(spec.file):
            os.fsync(file.fileno())
            partial.replace(spec.file)


def _require_address(address: str) -> None:
    with contextlib.suppress(ValueError):
        parts = urlsplit(address)
        if parts.scheme in ("http", "https") and parts.hostname:
            return
    raise InvalidOptions(f"{address}: no address to download from. Give one that begins with https://.")


def _complete(file: FileIO, wanted: Download, address: str, timeout: float, progress: Callable[[int], None]) -> None:
    """Bring a partial file to the published bytes."""
    while True:
        start = file.seek(0, os.SEEK_END)
        if start > wanted.size:
            start = file.truncate(0)
        if start < wanted.size:
            start = _receive(file, start, wanted, address, timeout, progress)
        if _is_published(file, wanted):
            return
        file.truncate(0)
        if not start:  # all of it came in this call
            raise DownloadFailed(
                f"{address}: not the bytes that were published: expected {wanted.checksum}. Nothing of it was kept; "
                "try again, or another address with --from."
            )


def _receive(
    file: FileIO, start: int, wanted: Download, address: str, timeout: float, progress: Callable[[int], None]
) -> int:
    """Write what the server sends from byte `start` on; gives the byte from which on it did send."""
    with _ask(address, start, timeout) as answer:
        if answer.status == http.client.PARTIAL_CONTENT:
            span = re.match(r"bytes (\d+)-\d+/(\d+|\*)$", answer.headers.get("Content-Range", ""))
            if span is None or int(span[1]) != start:
                raise DownloadFailed(f"{address}: the server sent another part than was asked for. Try again later.")
            offered = wanted.size if span[2] == "*" else int(span[2])
        else:  # it sends the whole, whatever it was asked for
            start = 0
            length = answer.headers.get("Content-Length", "")
            offered = int(length) if length.isdigit() else wanted.size
        if offered != wanted.size:
            raise DownloadFailed(
                f"{address}: the server has {offered:,} bytes there; {wanted.size:,} were published. "
                "Give another address with --from."
            )
        file.truncate(start)
        file.seek(start)
        _require_space(Path(str(file.name)).parent, wanted.size - start)
        done = start
        progress(done)
        while done < wanted.size:
            with _spoken(address):
                chunk = answer.read1(CHUNK)
            if not chunk:
                raise DownloadFailed(
                    f"{address}: the connection ended after {done:,} of {wanted.size:,} bytes. "
                    "The same call goes on from there."
                )
            chunk = chunk[: wanted.size - done]
            with _stored(Path(str(file.name))):
                _write_all(file, chunk)
            done += len(chunk)
            progress(done)
    return start


def _ask(address: str, start: int, timeout: float) -> Any:
    """What a server answers to the wish for the bytes from `start` on, or for all if it has none there."""
    try:
        with _spoken(address):
            return urlopen(Request(address, headers={"Range": f"bytes={start}-"} if start else {}), timeout=timeout)
    except HTTPError as error:
        error.close()
        if error.code != http.client.REQUESTED_RANGE_NOT_SATISFIABLE or not start:
            raise DownloadFailed(
                f"{address}: the server answers {error.code} {error.reason}. {_advice(error)}"
            ) from error
    return _ask(address, 0, timeout)


def _advice(error: HTTPError) -> str:
    return "Try again later." if error.code >= 500 or error.code == 429 else "Give another address with --from."


@contextmanager
def _spoken(address: str) -> Iterator[None]:
    """What goes wrong on the line is said in one."""
    host = urlsplit(address).hostname
    try:
        yield
    except HTTPError:
        raise
    except TimeoutError as error:
        raise DownloadFailed(f"{address}: {host} is silent. The same call goes on from where it was.") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = error.reason if isinstance(error, URLError) else error
        if isinstance(reason, TimeoutError):
            raise DownloadFailed(f"{address}: {host} is silent. The same call goes on from where it was.") from error
        text = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
        raise DownloadFailed(
            f"{address}: no connection to {host} ({text}). Check the line, or give another address with --from."
        ) from error


@contextmanager
def _stored(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise _full(path.parent) from error
        raise DownloadFailed(f"{path}: cannot be written ({error.strerror}). Check the folder.") from error


def _full(folder: Path) -> DownloadFailed:
    return DownloadFailed(f"{folder}: the disk is full. Free some space; the same call goes on from where it was.")


def _require_space(folder: Path, size: int) -> None:
    with contextlib.suppress(OSError):
        if shutil.disk_usage(folder).free < size:
            raise _full(folder)


def _write_all(file: FileIO, chunk: bytes) -> None:
    rest = memoryview(chunk)
    while rest:
        rest = rest[file.write(rest) :]


@contextmanager
def _locked(partial: Path) -> Iterator[FileIO]:
    """The partial file, ours alone as long as the block runs; removed if it is empty then. A call that dies lets go."""
    with contextlib.ExitStack() as opened:
        while True:
            with _stored(partial):
                file = opened.enter_context(FileIO(str(partial), "r+", opener=_made_if_missing))
            if not _lock(file.fileno()):
                raise DownloadFailed(f"{partial}: another call is downloading it. Wait for that to end.")
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(file.fileno()), partial.stat()):
                    break
            opened.close()  # renamed or removed by a call that ended between our opening and our locking it
        try:
            yield file
        finally:
            if not os.fstat(file.fileno()).st_size:  # nothing to go on from
                with contextlib.suppress(OSError):
                    partial.unlink()


def _made_if_missing(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CREAT, 0o666)


def _lock(descriptor: int) -> bool:
    try:
        import fcntl
    except ImportError:  # no such locks on this system: two calls at once spoil each other, which the checksum shows
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_published(file: FileIO, wanted: Download) -> bool:
    kind, _, expected = wanted.checksum.partition(":")
    file.seek(0)
    return os.fstat(file.fileno()).st_size == wanted.size and hashlib.file_digest(file, kind).hexdigest() == expected
