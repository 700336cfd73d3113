"""A plan as a TOML file that training takes and a person can edit; its comments are the reasons."""

from __future__ import annotations

import dataclasses
import difflib
import json
import re
import tomllib
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from deepetch.errors import InvalidOptions
from deepetch.options import TrainOptions
from deepetch.photo.atomic import atomic_output
from deepetch.plan.rules import Plan

HEAD = (
    "# How to train, and why. Change what you know better: `deepetch train DATA --plan FILE -o RUN` takes it as it is."
)
LARGE = 1e12  # no number of a plan comes near it
KINDS = {str: "text in quotes", int: "a whole number", float: "a number", bool: "true or false"}

T = TypeVar("T")


def write_plan(plan: Plan, path: Path, *, overwrite: bool = False) -> None:
    """Write a plan, whole or not at all. Raises OutputExists, OutputFailed."""
    with atomic_output(path, overwrite=overwrite) as temporary:
        # kinds that are folders' names in another encoding go through as they are
        temporary.write_text(plan_text(plan), encoding="utf-8", errors="surrogateescape")


def plan_text(plan: Plan) -> str:
    """A plan as TOML: every choice with its reason; the options that were left alone, commented out; the facts."""
    usual = TrainOptions()
    options = {field.name: getattr(plan.train, field.name) for field in dataclasses.fields(plan.train)}
    chosen = {name for name, value in options.items() if name in plan.reasons or value != getattr(usual, name)}
    left = {name: value for name, value in options.items() if name not in chosen}
    if plan.train.epochs is not None:
        left.pop("steps", None)  # epochs are in its place
    lines = [HEAD, ""]
    lines += [_line(plan, name, getattr(plan, name)) for name in ("folds", "init_from")]
    lines += ["", "[train]", *(_line(plan, name, value) for name, value in options.items() if name in chosen)]
    lines += ["", "# Left as always:"]
    lines += [f"# {name} = {_toml(value)}" for name, value in left.items() if value is not None]
    lines += [f"# {name}: not set" for name, value in left.items() if value is None]
    for table in ("fingerprint", "machine"):
        facts = getattr(plan, table)
        if facts is not None:
            lines += ["", f"[{table}]  # what the choices follow from; they do not change with it"]
            lines += [f"{name} = {_toml(value)}" for name, value in dataclasses.asdict(facts).items()]
    return "\n".join(lines) + "\n"


def read_plan(path: Path) -> Plan:
    """Read a plan as its file says it; what the file leaves out is as always, and `reasons` are empty.

    Raises  InvalidOptions for a file that cannot be read or is no TOML, a key that does not exist, a value of the wrong
            kind, or one that no run can have; it names file, line and key.
    """
    try:
        text = path.read_text(encoding="utf-8", errors="surrogateescape")
        document = tomllib.loads(text)
    except OSError as error:
        raise InvalidOptions(
            f"{path}: no plan to read ({error.strerror}). Make one with `deepetch plan DATA -o FILE`."
        ) from error
    except (ValueError, RecursionError) as error:  # TOMLDecodeError is a ValueError
        raise InvalidOptions(f"{path}: expected a plan as TOML; got other text ({error}).") from error
    return _Reader(path, text).build(Plan, document, "")


@dataclasses.dataclass(frozen=True)
class _Reader:
    """Makes dataclasses of a file's tables; `text` is kept to tell in which line a key stands."""

    path: Path
    text: str

    def build(self, kind: type[T], table: dict[str, Any], name: str) -> T:
        """A dataclass of `kind` from the table called `name`; "" is the whole file."""
        hints = get_type_hints(kind)
        fields = {field.name: field for field in dataclasses.fields(kind) if field.compare}  # type: ignore[arg-type]
        given = {}
        for key, value in table.items():
            if key not in fields:
                near = difflib.get_close_matches(key, fields, n=1)
                meant = f"did you mean {near[0]}?" if near else f"known are {', '.join(fields)}."
                raise self.wrong(name + key, f"there is no such key; {meant}")
            given[key] = self.value(hints[key], value, name + key)
        for key, field in fields.items():
            if key not in given and field.default is field.default_factory is dataclasses.MISSING:
                raise self.wrong(name + key, "the key is missing. Write it, or leave out its whole table.")
        try:
            return kind(**given)
        except InvalidOptions as error:
            key, _, problem = str(error).partition(": ")
            raise self.wrong(name + key, problem) from error

    def value(self, hint: Any, value: Any, name: str) -> Any:
        """What `value` is as a `hint`; whole numbers count as numbers."""
        kind, arguments = get_origin(hint), get_args(hint)
        if type(None) in arguments:
            return self.value(next(argument for argument in arguments if argument is not type(None)), value, name)
        if dataclasses.is_dataclass(hint) or kind is dict:
            if not isinstance(value, dict):
                raise self.wrong(name, f"expected a table; got {value!r}.")
            if kind is dict:
                return {key: self.value(arguments[1], part, f"{name}.{key}") for key, part in value.items()}
            return self.build(hint, value, f"{name}.")
        if kind is tuple:
            if not isinstance(value, list):
                raise self.wrong(name, f"expected numbers in brackets; got {value!r}.")
            return tuple(self.value(arguments[0], part, name) for part in value)
        expected = str if kind is Literal else hint
        if expected is float and isinstance(value, int | float) and not isinstance(value, bool):
            if abs(value) < LARGE:  # false for nan too
                return float(value)
        elif type(value) is expected:
            return value
        raise self.wrong(name, f"expected {KINDS[expected]}; got {value!r}.")

    def wrong(self, name: str, problem: str) -> InvalidOptions:
        number = self.line_of(name)
        return InvalidOptions(f"{self.path}: {f'line {number}: ' if number else ''}{name}: {problem}")

    def line_of(self, name: str) -> int | None:
        """The line in which the key of this name, or the table that holds it, is set; None when it cannot be told."""
        table = ""
        for number, line in enumerate(self.text.split("\n"), 1):
            if header := re.match(r"\s*\[\s*([\w.-]+)\s*\]", line):
                table = f"{header[1]}."
                continue
            key = re.match(r'\s*["\']?([\w.-]+)["\']?\s*=', line)
            if key and f"{name}.".startswith(f"{table}{key[1]}."):
                return number
        return None


def _line(plan: Plan, name: str, value: Any) -> str:
    reason = plan.reasons.get(name)
    return f"{name} = {_toml(value)}" + (f"  # {reason}" if reason else "")


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        # JSON's text is TOML's, but for the one control character that JSON leaves
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(key)} = {_toml(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return repr(value)


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _toml(name)
