"""What one must know to run a segmenter, and the TOML tables that say it."""

from __future__ import annotations

import dataclasses
import difflib
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import numpy as np

from deepetch.errors import InvalidOptions
from deepetch.inference.normalize import MEAN, STD, Answer

Fit = Literal["letterbox", "stretch"]
KINDS = {
    str: "text in quotes",
    int: "a whole number",
    bool: "true or false",
    tuple[float, float, float]: "three numbers",
    tuple[str, ...]: "a list of texts",
}


@dataclass(frozen=True, kw_only=True)
class Download:
    """Where a model's public weights lie.

    checksum  as published: "md5:..." or "sha256:...".
    size      bytes.
    terms     page of the licence.
    non_commercial  whether the licence forbids commercial use.
    source    pages and files that the facts are from.
    """

    url: str
    checksum: str
    size: int
    terms: str
    non_commercial: bool = False
    source: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ModelSpec:
    """What one must know to run a segmenter.

    file         in the package's weights, or anywhere for a model of the user's own.
    input_size   longer side of the letterboxed picture, or side of the square it is stretched to, in pixels.
    fit          how a picture comes to that size.
    output       name of the answer among the network's outputs; none: the first.
    values       what the answer's values are, see `normalize.to_alpha`.
    classes      of a network that tells things apart, in the order of its labels from 1 on; none: a segmenter.
    calibration  knots from raw confidence to expected IoU, see `measure.confidence`; none: raw.
    metadata     whether what the file says of itself counts for more.
    download     where the weights are from; None: they came with deepetch, or from the user.
    """

    name: str
    file: Path
    sha256: str | None = None
    input_size: int = 320
    mean: tuple[float, float, float] = MEAN
    std: tuple[float, float, float] = STD
    fit: Fit = "letterbox"
    output: str = ""
    values: Answer = "alpha"
    licence: str = "unknown"
    data: str = "unknown"
    paper: str = ""
    summary: str = ""
    classes: tuple[str, ...] = ()
    calibration: tuple[tuple[float, float], ...] = ()
    metadata: bool = True
    download: Download | None = None


OURS = {"file", "sha256", "classes", "calibration", "metadata", "download"}  # no keys of a table


def require_numbers(spec: ModelSpec) -> None:
    """Raise ValueError or TypeError unless the numbers of a row have the form that running the model needs."""
    if spec.input_size != int(spec.input_size) or spec.input_size < 32 or spec.input_size % 32:
        raise ValueError("input_size is no multiple of 32")
    if np.asarray(spec.mean, float).shape != (3,) or np.asarray(spec.std, float).shape != (3,) or 0 in spec.std:
        raise ValueError("mean or std are no three numbers")
    if not np.isfinite([*spec.mean, *spec.std]).all():
        raise ValueError("mean or std are not finite")
    if spec.calibration and np.asarray(spec.calibration, float).shape[1:] != (2,):
        raise ValueError("calibration is no list of pairs")


def read_spec(path: Path) -> ModelSpec:
    """A user's own row from a TOML file: the keys of `ModelSpec`, and `file`, the ONNX file, relative to the TOML file.

    Left out, `file` is the .onnx of the same name, `name` that of the TOML file. What the ONNX file says of itself
    does not count then.
    Raises  InvalidOptions for a file that cannot be read or is no TOML, a key that does not exist, or a value that
            makes no sense; it names file and key.
    """
    table = _read(path)
    file = table.pop("file", f"{path.stem}.onnx")
    if not isinstance(file, str) or not file:
        raise InvalidOptions(f"{path}: file: expected text in quotes; got {file!r}.")
    given = _checked(ModelSpec, table, str(path), without=OURS)
    spec = ModelSpec(**{"name": path.name} | given, file=path.parent / file, metadata=False)
    _require_sense(spec, str(path))
    return spec


def read_peers(path: Path, folder: Path) -> dict[str, ModelSpec]:
    """Rows with public weights from a TOML file, by name, one table each: the keys of `ModelSpec` and of `Download`.

    folder  where the weights are kept once they are downloaded, as NAME.onnx.
    Raises  InvalidOptions as `read_spec`, and for a download without https, checksum or size.
    """
    specs = {}
    downloads = {field.name for field in dataclasses.fields(Download)}
    for name, table in _read(path).items():
        where = f"{path}: {name}"
        if not isinstance(table, dict) or not re.fullmatch(r"[a-z0-9][a-z0-9._-]*", name):
            raise InvalidOptions(f"{where}: expected a table, named in small letters, digits, - and _.")
        if missing := {"url", "checksum", "size", "terms", "licence", "source"} - table.keys():
            raise InvalidOptions(f"{where}: {min(missing)} is missing.")
        rest = {key: value for key, value in table.items() if key not in downloads}
        there = {key: value for key, value in table.items() if key in downloads}
        download = Download(**_checked(Download, there, where))
        if not download.url.startswith("https://"):
            raise InvalidOptions(f"{where}: url: expected https://...; got {download.url}.")
        if not re.fullmatch(r"md5:[0-9a-f]{32}|sha256:[0-9a-f]{64}", download.checksum):
            raise InvalidOptions(f"{where}: checksum: expected md5:... or sha256:...; got {download.checksum}.")
        if download.size < 1:
            raise InvalidOptions(f"{where}: size: expected 1 or more; got {download.size}.")
        given = _checked(ModelSpec, rest, where, without=OURS | {"name"})
        spec = ModelSpec(name=name, file=folder / f"{name}.onnx", metadata=False, download=download, **given)
        _require_sense(spec, where)
        specs[name] = spec
    return specs


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidOptions(f"{path}: cannot be read ({error.strerror}). Check the path.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidOptions(f"{path}: no TOML ({str(error).splitlines()[0]}).") from error


def _require_sense(spec: ModelSpec, where: str) -> None:
    try:
        require_numbers(spec)
    except ValueError as error:
        raise InvalidOptions(f"{where}: {error}.") from error


def _checked(kind: type, table: dict[str, Any], where: str, *, without: Iterable[str] = ()) -> dict[str, Any]:
    """The values of a table in the types of a dataclass's fields."""
    hints = get_type_hints(kind)
    keys = [field.name for field in dataclasses.fields(kind) if field.name not in set(without)]
    checked = {}
    for key, value in table.items():
        if key not in keys:
            near = difflib.get_close_matches(key, keys, 1)
            hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(keys)}."
            raise InvalidOptions(f"{where}: {key}: no such key; {hint}")
        checked[key] = _value(hints[key], value, f"{where}: {key}")
    return checked


def _value(hint: Any, value: Any, where: str) -> Any:
    if get_origin(hint) is Literal:
        if value not in get_args(hint):
            raise InvalidOptions(f"{where}: expected one of {', '.join(get_args(hint))}; got {value!r}.")
        return value
    if get_origin(hint) is tuple:
        part, *more = get_args(hint)
        single = (int, float) if part is float else (part,)
        right = isinstance(value, list) and all(type(item) in single for item in value)
        if right and (more == [...] or len(value) == 1 + len(more)):
            return tuple(part(item) for item in value)
    elif type(value) is hint:
        return value
    raise InvalidOptions(f"{where}: expected {KINDS[hint]}; got {value!r}.")
