"""Where results go: folders kept, no two inputs to one output, never onto an input."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from deepetch.errors import InvalidOptions
from deepetch.photo.signature import READ_SUFFIXES

ENDING = "-cutout"  # of a result beside its photo
WRITE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".avif", ".psd"})
OTHER_SUFFIXES = frozenset({".heic", ".heif", ".gif", ".bmp", ".jp2", ".jxl", ".eps"})  # no folders
PATH_SUFFIXES = frozenset({".svg", ".pdf", ".dxf"})  # no folders either: of clipping paths alone


@dataclass(frozen=True)
class Task:
    """One photo to read and the file its result goes to."""

    photo: Path
    output: Path


def plan_outputs(inputs: Sequence[Path], output: Path | None, suffix: str) -> list[Task]:
    """Say which photo becomes which file.

    inputs   photos, and folders whose pictures are taken with their sub-folders, sorted; hidden ones are not (macOS
             leaves "._a.jpg" beside a.jpg, a killed call a temporary file), nor what an earlier call made of them
             (NAME-cutout beside NAME, or all in `output`).
    output   a file (one photo only), a folder, or None for NAME-cutout beside each photo.
    suffix   of the results, such as ".png", unless `output` names a file.
    In a folder a result is called like its photo; photos that would share a name keep their own suffix in it, so
    a.jpg and a.png become a.jpg.png and a.png.png.
    Raises   InvalidOptions for no picture at all, a folder that cannot be read, several photos to one file, a file of a
             kind that is not written, or a result that would be an input.
    """
    if output is not None and not is_folder(output) and output.suffix.lower() in OTHER_SUFFIXES:
        raise InvalidOptions(f"{output}: cannot write {output.suffix}. Use one of {', '.join(sorted(WRITE_SUFFIXES))}.")
    if output is not None and not is_folder(output) and output.suffix.lower() in PATH_SUFFIXES:
        raise InvalidOptions(
            f"{output}: {output.suffix} holds a path, no picture. deepetch path writes one; "
            f"for a cut-out use one of {', '.join(sorted(WRITE_SUFFIXES))}."
        )
    photos = [pair for path in inputs for pair in _photos(path, output)]
    if not photos:
        raise InvalidOptions(
            f"no picture in {', '.join(map(str, inputs))}; known are {', '.join(sorted(READ_SUFFIXES))}."
        )
    photos = list(dict.fromkeys(photos))
    if output is not None and not is_folder(output) and output.suffix.lower() in WRITE_SUFFIXES:
        if len(photos) > 1 or is_folder(inputs[0]):
            raise InvalidOptions(f"{output}: several photos cannot become one file. Give a folder with -o.")
        tasks = [Task(photos[0][0], output)]
    elif output is None:
        distinct = dict.fromkeys(photo for photo, _ in photos)  # named by itself and by its folder: once
        tasks = _named([(photo, photo.parent) for photo in distinct], ENDING, suffix)
    else:
        tasks = _named([(photo, output / relative.parent) for photo, relative in photos], "", suffix)
    known = {photo.resolve() for photo, _ in photos}
    for task in tasks:
        if task.output.resolve() in known:
            raise InvalidOptions(f"{task.output}: would overwrite an input. Choose another folder with -o.")
    return tasks


def _photos(path: Path, output: Path | None) -> list[tuple[Path, Path]]:
    """(photo, its path relative to what was named); a file is taken whatever its suffix, reading will tell."""
    if not is_folder(path):
        return [(path, Path(path.name))]
    found = sorted(_pictures(path))
    if output is None:
        sources = {(file.parent, name) for file in found for name in (file.stem, file.name)}
        found = [
            file
            for file in found
            if not file.stem.endswith(ENDING) or (file.parent, file.stem.removesuffix(ENDING)) not in sources
        ]
    elif not path.resolve().is_relative_to(output.resolve()):  # results inside the folder of the photos
        found = [file for file in found if not file.resolve().is_relative_to(output.resolve())]
    return [(file, file.relative_to(path)) for file in found]


def _pictures(folder: Path) -> Iterator[Path]:
    """Pictures in a folder and its sub-folders, hidden ones left out; a folder that cannot be listed is an error."""

    def refuse(error: OSError) -> None:
        raise InvalidOptions(f"{error.filename}: the folder cannot be read ({error.strerror}).") from error

    for place, folders, files in os.walk(folder, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            file = Path(place, name)
            if not name.startswith(".") and file.suffix.lower() in READ_SUFFIXES and file.is_file():
                yield file


def _named(photos: list[tuple[Path, Path]], ending: str, suffix: str) -> list[Task]:
    shared = Counter(_key(folder / photo.stem) for photo, folder in photos)
    tasks, taken = [], set[str]()
    for photo, folder in photos:
        base = photo.name if shared[_key(folder / photo.stem)] > 1 else photo.stem
        name, number = base, 1
        while _key(folder / name) in taken:  # the same name from two folders that were both named
            number += 1
            name = f"{base}-{number}"
        taken.add(_key(folder / name))
        tasks.append(Task(photo, folder / f"{name}{ending}{suffix}"))
    return tasks


def is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a name too long, or no permission: reading will tell
        return False


def _key(path: Path) -> str:
    """Names that differ in case only are one file on some systems."""
    return str(path).casefold()
