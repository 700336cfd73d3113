"""Blender in a process of its own: find it or install it, hand it jobs, and hear what became of them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from types import TracebackType

from deepetch.errors import StudioError

BLENDER = "bpy==4.5.*"
MISSING_LIBRARY = "cannot open shared object"  # what the loader says on Linux
LIBRARIES = "On Debian: apt-get install libxrender1 libxfixes3 libxi6 libxkbcommon0 libsm6 libgl1."
PROGRESS = "Fra:"  # begins the lines that say how far a rendering is
PYTHON = (3, 11)  # the only version that this Blender's module is made for
WORKER = Path(str(files("deepetch"))) / "studio" / "blender" / "worker.py"
VERSION = "4.5"
TRY = "import bpy, numpy; print(bpy.app.version_string)"


def python_with_blender(folder: Path, report: Callable[[str], None] = lambda line: None) -> Path:
    """The Python of the environment in `folder` that can import bpy; made there if it is not there yet.

    report  told before the installation, which fetches some 400 MB.
    Raises  StudioError when this Python is of another version, or the installation fails.
    """
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if can_render(python):
        return python
    if MISSING_LIBRARY in trouble(python):  # it is installed; to install it again would not help
        return require_blender(python)
    if sys.version_info[:2] != PYTHON:
        wanted = ".".join(map(str, PYTHON))
        raise StudioError(
            f"Blender's module needs Python {wanted}, this is {sys.version_info[0]}.{sys.version_info[1]}: make an "
            f"environment of Python {wanted}, `pip install '{BLENDER}'` in it, and name its python with --blender."
        )
    report(f"installing {BLENDER} into {folder}: some 400 MB, once")
    try:
        venv.create(folder, with_pip=True)
        done = subprocess.run(
            [python, "-m", "pip", "install", "--quiet", BLENDER], capture_output=True, text=True, check=False
        )
    except (OSError, ValueError, subprocess.CalledProcessError) as error:  # a file in the way; no ensurepip
        raise StudioError(f"{folder}: no environment for Blender can be made there: {error}") from error
    if done.returncode:
        raise StudioError(f"{BLENDER} could not be installed: {_last_line(done.stderr)}")
    return require_blender(python)


def require_blender(python: Path) -> Path:
    """The same Python if it can import Blender, else StudioError with what it says to that."""
    if not can_render(python):
        why = trouble(python)
        mend = LIBRARIES if MISSING_LIBRARY in why else f"Run `{python} -m pip install '{BLENDER}'`."
        raise StudioError(f"{python}: cannot import bpy {VERSION} ({why}). {mend}")
    return python


def can_render(python: Path) -> bool:
    """Whether a Python can import Blender."""
    return not trouble(python)


def trouble(python: Path) -> str:
    """Why a Python cannot import Blender, in one line; "" if it can."""
    try:
        done = subprocess.run([python, "-c", TRY], capture_output=True, text=True, errors="replace", check=False)
    except OSError as error:
        return error.strerror or str(error)
    if done.returncode:
        return _last_line(done.stderr)
    found = _last_line(done.stdout)
    return "" if found.startswith(VERSION) else f"it is of version {found}"


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["without a word"])[-1]


class Blender:
    """A running Blender that renders one folder after another; `with` ends it.

    python  one that can import Blender.
    worker  the program it runs.
    Raises  StudioError when it cannot be started, or ends before it was told to.
    """

    def __init__(self, python: Path, worker: Path = WORKER) -> None:
        self._noise = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115
        try:
            self._process = subprocess.Popen(
                [python, worker],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._noise,
                text=True,
                bufsize=1,
            )
        except OSError as error:
            self._noise.close()
            raise StudioError(f"{python}: no Python that can be run ({error.strerror}).") from error

    def render(self, folder: Path) -> None:
        """Make the passes of the job in a folder, and wait for them."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(f"{folder}\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if not answer:
            raise StudioError(f"Blender ended: {self._last_words()}")
        said = json.loads(answer)
        if "failed" in said:
            raise StudioError(f"Blender failed: {said['why']}")

    def _last_words(self) -> str:
        status = self._process.wait()
        if status < 0:
            name = signal.Signals(-status).name
            memory = "; systems do so when memory runs out" if name == "SIGKILL" else ""
            return f"killed by {name}{memory}."
        self._noise.seek(0)
        said = [line for line in self._noise if not line.startswith(PROGRESS)]
        return _last_line("".join(said))

    def __enter__(self) -> Blender:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._process.kill()
        with self._process:  # closes its pipes, which ends it, and waits
            pass
        self._noise.close()
