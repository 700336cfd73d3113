"""A JSON document of an annotation tool: read, checked where a field of it is used, and written."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from deepetch.datasets.place import unreadable
from deepetch.errors import DatasetError
from deepetch.options import ReadOptions
from deepetch.photo.atomic import atomic_output

FARTHEST = 1_000_000  # pixels from the picture's corner; drawing an outline takes time and memory in proportion
MOST_PIXELS = ReadOptions().max_pixels  # a mask is no larger than the largest photo

T = TypeVar("T")
KINDS: dict[type, str] = {dict: "{...}", list: "[...]", str: "text", int: "a whole number"}


def read_json(path: Path) -> Any:
    """Read a JSON file. Raises DatasetError when it cannot be read or is not whole."""
    try:
        return json.loads(path.read_bytes())
    except OSError as error:
        raise unreadable(path, error) from error
    except (ValueError, RecursionError) as error:
        raise DatasetError(f"{path}: expected whole JSON; got other text ({error}). Export it again.") from error


def write_json(path: Path, document: Any, *, overwrite: bool) -> None:
    """Write a JSON file, whole or not at all. Raises OutputExists, OutputFailed."""
    with atomic_output(path, overwrite=overwrite) as temporary:
        temporary.write_text(json.dumps(document), encoding="ascii")


def field(holder: Any, key: str, kind: type[T], where: str) -> T:
    """What a JSON object holds under a key; `where` names the object in messages.

    Raises  DatasetError if the holder is no object, or the value is missing or not of this kind.
    """
    value = holder.get(key) if isinstance(holder, Mapping) else None
    if not isinstance(value, kind) or isinstance(value, bool):
        raise DatasetError(f'{where}: expected "{key}" to be {KINDS[kind]}; got {told(value)}. Export it again.')
    return value


def size_fields(holder: Any, where: str) -> tuple[int, int]:
    """Height and width of a picture, as a JSON object says them.

    Raises  DatasetError unless both are whole, and together no larger than the largest photo that is read.
    """
    height, width = field(holder, "height", int, where), field(holder, "width", int, where)
    if height < 1 or width < 1 or height * width > MOST_PIXELS:
        raise DatasetError(
            f"{where}: expected a size from 1 x 1 to {MOST_PIXELS:,} pixels in all; got {width} x {height}. "
            "Export it again."
        )
    return height, width


def told(value: Any) -> str:
    """A value as a message speaks of it."""
    return "nothing" if value is None else KINDS.get(type(value), str(value))


def is_coordinate(value: Any) -> bool:
    """Whether a value is a number of pixels that a shape may have; NaN and infinity are not."""
    return isinstance(value, int | float) and not isinstance(value, bool) and -FARTHEST <= value <= FARTHEST


def require_known(asked: Iterable[str], known: Collection[str], one: str, many: str, where: Path) -> None:
    """Raise DatasetError unless each name that was asked for is known; the message lists those that are.

    one, many  what the names are names of: "class", "classes".
    where      the file or folder that was searched.
    """
    for name in asked:
        if name not in known:
            raise DatasetError(f'{where}: there is no {one} "{name}"; {many}: {", ".join(sorted(known)) or "none"}.')
