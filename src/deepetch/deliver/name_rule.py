"""Names of files by a rule such as "{gtin14}_{type}{facing}{angle}{state}", "{asin}.MAIN" or "{stem}-{profile}"."""

from __future__ import annotations

import difflib
import re
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from deepetch.deliver.gtin import gtin14, require_gtin
from deepetch.errors import InvalidOptions

MOST_BYTES = 200  # of a name; file systems hold 255, and endings and numbers are yet to come
# a folder's separator, or refused by Windows
FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')


@dataclass(frozen=True)
class Field:
    """What may stand in braces: the form of its value, and that form in words."""

    form: str
    words: str


# GS1 Product Image Specification: GTIN, "_", image type, facing, angle, state. Amazon: identifier, ".", variant.
FIELDS = {
    "stem": Field(r".+", "the photo's name without its ending"),
    "profile": Field(r".+", "the delivery profile's name"),
    "gtin": Field(r"[0-9 -]+", "a GTIN of 8, 12, 13 or 14 digits"),
    "gtin14": Field(r"[0-9 -]+", "the GTIN with 14 digits"),
    "type": Field(r"[A-Z]", "GS1's kind of picture, a letter: A still, C the same in high resolution"),
    "facing": Field(r"[0-9]", "GS1's face, a digit: 1 front, 2 left, 3 top, 7 back, 8 right, 9 bottom, 0 none"),
    "angle": Field(r"[CLRN]", "GS1's angle: C centre, L left, R right, N no plunge"),
    "state": Field(r"[A-Z0-9]", "GS1's state: 1 in its packaging, 0 out of it, or a letter"),
    "asin": Field(r"[A-Z0-9]{10}", "Amazon's number, 10 letters and digits"),
    "variant": Field(r"[A-Z]{4}|[A-Z]{2}[0-9]{2}", "Amazon's variant: MAIN, PT01 to PT99, BACK, ..."),
    "sku": Field(r".+", "your own number of the article"),
}

_GTIN = r"(?P<gtin>[0-9]{8}|[0-9]{12,14})"
_STEMS = (
    re.compile(_GTIN + r"_(?P<type>[A-Z])(?P<facing>[0-9])(?P<angle>[CLRN])(?P<state>[A-Z0-9])?(?![A-Za-z0-9])"),
    re.compile(_GTIN + r"(?![A-Za-z0-9])"),
    re.compile(r"(?P<asin>B(?=[A-Z]*[0-9])[A-Z0-9]{9})(?:[._-](?P<variant>[A-Z]{4}|[A-Z]{2}[0-9]{2}))?(?![A-Za-z0-9])"),
)


def rule_fields(rule: str) -> tuple[str, ...]:
    """The names in braces of a rule, in its order.

    Raises  InvalidOptions for braces that do not close, a field that does not exist, no field at all, or characters
            that no file's name may have.
    """
    try:
        parts = list(string.Formatter().parse(rule))
    except ValueError as error:
        raise InvalidOptions(f"name_rule: {rule!r} is no rule ({error}). Write fields as {{stem}}.") from error
    fields = []
    for text, name, form, conversion in parts:
        if FORBIDDEN.search(text):
            raise InvalidOptions(f"name_rule: {rule!r} has a character that no file's name may have.")
        if name is None:
            continue
        if name not in FIELDS:
            near = difflib.get_close_matches(name, FIELDS, n=1)
            meant = f"did you mean {{{near[0]}}}? " if near else ""
            known = ", ".join(f"{{{key}}}" for key in FIELDS)
            raise InvalidOptions(f"name_rule: there is no field {{{name}}}; {meant}Known are {known}.")
        if form or conversion:
            raise InvalidOptions(f"name_rule: {{{name}}} is written without anything after the name; got {rule!r}.")
        fields.append(name)
    if not fields:
        raise InvalidOptions(f"name_rule: {rule!r} has no field; all photos would be called so.")
    return tuple(fields)


def values_of_stem(stem: str) -> dict[str, str]:
    """What a file's name without its ending says: `stem`, and the numbers at its beginning.

    A GTIN, alone or as GS1 has it (04006381333931_A1C1), or an ASIN, alone or as Amazon has it (B000123456.PT01);
    something else may follow after another character. Nothing is checked here: digits may mean something else.
    """
    for pattern in _STEMS:
        if found := pattern.match(stem):
            return {"stem": stem} | {name: value for name, value in found.groupdict().items() if value is not None}
    return {"stem": stem}


def name_by_rule(rule: str, stem: str, *, given: Mapping[str, str] | None = None, profile: str = "") -> str:
    """The name without its ending that a rule makes for a photo.

    It may hold dots: put the ending behind it, do not use `Path.with_suffix`.
    stem     of the photo.
    given    values of fields; they go before what the stem says.
    Raises   InvalidOptions for a rule as `rule_fields`, an unknown or missing value, one of the wrong form, or a name
             that no file may have.
    """
    given = dict(given or {})
    for name in given:
        if name not in FIELDS:
            raise InvalidOptions(f"{stem}: there is no field {name}; known are {', '.join(FIELDS)}.")
    values = values_of_stem(stem)
    if "gtin14" in given:
        values.pop("gtin", None)  # the same number: what is given goes before the stem's
    values |= ({"profile": profile} if profile else {}) | given
    fields = rule_fields(rule)
    name = rule.format_map({field: _value(field, values, stem) for field in fields})
    if FORBIDDEN.search(name) or name.startswith(".") or name.endswith((".", " ")):
        raise InvalidOptions(f"{stem}: {name!r} cannot be a file's name. Give other values.")
    if len(name.encode("utf-8", "surrogateescape")) > MOST_BYTES:
        raise InvalidOptions(f"{stem}: a name of more than {MOST_BYTES} bytes, {name[:40]!r}.... Give shorter values.")
    return name


def names_by_rule(
    rule: str,
    photos: Iterable[Path],
    *,
    given: Mapping[Path, Mapping[str, str]] | None = None,
    profile: str = "",
) -> dict[Path, str]:
    """Names without endings for photos whose results go to one folder.

    given    values of fields, for each photo that has some.
    Raises   InvalidOptions as `name_by_rule`, and for two photos of one name; names that differ in case only are one.
    """
    given = given or {}
    names: dict[Path, str] = {}
    taken: dict[str, Path] = {}
    for photo in dict.fromkeys(photos):
        name = name_by_rule(rule, photo.stem, given=given.get(photo), profile=profile)
        other = taken.setdefault(name.casefold(), photo)
        if other != photo:
            raise InvalidOptions(
                f"{other} and {photo} would both be called {name}. Give them other values, "
                f"or a rule that tells them apart; got {rule!r}."
            )
        names[photo] = name
    return names


def _value(field: str, values: Mapping[str, str], stem: str) -> str:
    other = {"gtin": "gtin14", "gtin14": "gtin"}.get(field, field)
    value = values.get(field) or values.get(other)
    if not value:
        words = FIELDS[field].words
        raise InvalidOptions(f"{stem}: the rule needs {{{field}}}, {words}. Give it, or rename the photo.")
    if not re.fullmatch(FIELDS[field].form, value):
        raise InvalidOptions(f"{stem}: {field}: expected {FIELDS[field].words}; got {value!r}.")
    if field not in ("gtin", "gtin14"):
        return value
    try:
        return gtin14(value) if field == "gtin14" else require_gtin(value)
    except InvalidOptions as error:
        raise InvalidOptions(f"{stem}: {error}") from error
