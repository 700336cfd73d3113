"""What a channel asks of a picture, as rows of a table: the shipped ones in profiles.toml, and a user's own."""

from __future__ import annotations

import dataclasses
import datetime
import difflib
import math
import re
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from deepetch.deliver.name_rule import rule_fields
from deepetch.deliver.naming import WRITE_SUFFIXES
from deepetch.errors import InvalidOptions
from deepetch.options import ASPECT_TOLERANCE, FrameOptions, SaveOptions, spot_from
from deepetch.photo.photo import Space

SHIPPED = Path(__file__).with_name("profiles.toml")
KINDS = {str: "text in quotes", int: "a whole number", float: "a number", datetime.date: "a date such as 2026-01-31"}
CONVERSION = "relative colorimetric, black point compensation"  # as `photo.view.to_profile` does it
HOLDS_CMYK = frozenset({".tif", ".tiff", ".psd", ".jpg", ".jpeg"})
HOLDS_16_BIT = frozenset({".tif", ".tiff", ".psd", ".png"})
HOLDS_PATHS = frozenset({".tif", ".tiff", ".psd", ".jpg", ".jpeg"})
HOLDS_SPOTS = frozenset({".tif", ".tiff", ".psd"})
HOLDS_ALPHA = WRITE_SUFFIXES - {".jpg", ".jpeg"}


@dataclass(frozen=True, kw_only=True)
class Profile:
    """The rules of one channel; None where it has none, or none that could be verified.

    source    the pages that the figures are from.
    date      of the pages, or of the day when they were read.
    formats   endings of names that it takes; the first is what we write.
    width, height  to deliver, in pixels; advice where min_width and min_height let the channel take less.
    min_width, min_height, min_long_side, max_long_side, max_pixels  bound what it takes.
    aspect    width / height.
    fill_min, fill_max  the subject's share of the picture, whichever of width and height is filled more.
    margin    or its distance from the edge, in pixels.
    align, base_line, max_upscale  as of `FrameOptions`.
    space, bits  of the samples; icc: "srgb", a file's path, or "given": the channel names none, a user has to.
    min_density  pixels per inch.
    ink_limit  total area coverage: percent of the four inks together on one spot.
    path      whether there is a clipping path, and how it is called.
    spot_white  the choke of a plate of white ink, such as "0.2mm", where the channel wants one.
    name_rule  as in `deliver.name_rule`.
    Raises    InvalidOptions for values that make no sense or contradict each other; it begins with the key.
    """

    name: str
    formats: tuple[str, ...]
    title: str = ""
    source: tuple[str, ...] = ()
    date: datetime.date | None = None
    note: str = ""
    width: int | None = None
    height: int | None = None
    min_width: int | None = None
    min_height: int | None = None
    min_long_side: int | None = None
    max_long_side: int | None = None
    max_pixels: int | None = None
    max_bytes: int | None = None
    aspect: float | None = None
    fill_min: float | None = None
    fill_max: float | None = None
    margin: int | None = None
    align: Literal["centre", "base-line"] | None = None
    base_line: float | None = None
    max_upscale: float | None = None
    background: Literal["white", "transparent"] | None = None
    space: Space | None = None
    icc: str | None = None
    bits: int | None = None
    min_density: int | None = None
    ink_limit: float | None = None
    path: Literal["required", "allowed", "forbidden"] | None = None
    path_name: str | None = None
    spot_white: str | None = None
    name_rule: str | None = None

    def __post_init__(self) -> None:
        self._require_ranges()
        self._require_sizes_agree()
        self._require_format_holds_it()
        if self.fill_min is not None and self.fill_max is not None and self.fill_min > self.fill_max:
            raise InvalidOptions(f"fill_min: expected at most fill_max, {self.fill_max}; got {self.fill_min}.")
        if self.path_name is not None and self.path in (None, "forbidden"):
            raise InvalidOptions("path_name: a path has a name where path is required or allowed only.")
        if self.path_name is not None and not (self.path_name.isascii() and self.path_name.isprintable()):
            raise InvalidOptions(f"path_name: expected printable ASCII characters; got {self.path_name!r}.")
        if self.spot_white is not None:
            if self.formats[0] not in HOLDS_SPOTS:
                raise InvalidOptions(f"spot_white: {self.formats[0]} holds no spot channel. Put another format first.")
            try:
                spot_from(self.spot_white)
            except InvalidOptions as error:
                raise InvalidOptions(str(error).replace("spot:", "spot_white:", 1)) from error
        if self.name_rule is not None:
            rule_fields(self.name_rule)
        frame_options(self)  # what contradicts itself there does so here

    def _require_ranges(self) -> None:
        if not re.fullmatch(r"[\w.-]+", self.name):
            raise InvalidOptions(f"name: expected letters, digits, - and _; got {self.name!r}.")
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if isinstance(value, int) and field.name != "margin" and value < 1:
                raise InvalidOptions(f"{field.name}: expected 1 or more; got {value}.")
        if self.aspect is not None and not self.aspect > 0:
            raise InvalidOptions(f"aspect: expected more than 0; got {self.aspect}.")
        for name in ("fill_min", "fill_max"):
            value = getattr(self, name)
            if value is not None and not 0 < value <= 1:
                raise InvalidOptions(f"{name}: expected more than 0, at most 1; got {value}.")
        if self.ink_limit is not None and not 100 <= self.ink_limit <= 400:
            raise InvalidOptions(f"ink_limit: expected 100 to 400 percent; got {self.ink_limit:g}.")
        if self.bits not in (None, 8, 16):
            raise InvalidOptions(f"bits: expected 8 or 16; got {self.bits}.")

    def _require_sizes_agree(self) -> None:
        for side, size in (("width", self.width), ("height", self.height)):
            least = getattr(self, f"min_{side}")
            if size is not None and least is not None and size < least:
                raise InvalidOptions(f"{side}: expected min_{side}, {least}, or more; got {size}.")
        longer = max(self.width or 0, self.height or 0)
        if self.width is not None and self.height is not None:
            if self.min_long_side is not None and longer < self.min_long_side:
                raise InvalidOptions(
                    f"min_long_side: {self.width} x {self.height} is smaller than {self.min_long_side}."
                )
            if self.max_pixels is not None and self.width * self.height > self.max_pixels:
                raise InvalidOptions(f"max_pixels: {self.width} x {self.height} has more than {self.max_pixels}.")
        if self.max_long_side is not None and max(longer, self.min_long_side or 0) > self.max_long_side:
            raise InvalidOptions(f"max_long_side: the size asked for is larger than {self.max_long_side}.")
        if self.max_long_side is not None:
            aspect = self.aspect or 1.0
            for side, share in (("min_width", min(1.0, aspect)), ("min_height", min(1.0, 1 / aspect))):
                least, most = getattr(self, side), share * self.max_long_side
                if least is not None and least > most * ASPECT_TOLERANCE:
                    raise InvalidOptions(f"{side}: max_long_side leaves {most:.0f} pixels; got {least}.")

    def _require_format_holds_it(self) -> None:
        if not self.formats:
            raise InvalidOptions("formats: expected one or more endings such as '.jpg'; got none.")
        for ending in self.formats:
            if not re.fullmatch(r"\.[a-z0-9]+", ending):
                raise InvalidOptions(f"formats: expected endings such as '.jpg'; got {ending!r}.")
        first = self.formats[0]
        if first not in WRITE_SUFFIXES:
            written = ", ".join(sorted(WRITE_SUFFIXES))
            raise InvalidOptions(f"formats: the first is what is written, one of {written}; got {first}.")
        if self.background == "transparent" and first not in HOLDS_ALPHA:
            raise InvalidOptions(f"background: {first} holds no transparency. Put another format first, or use white.")
        if self.space == "cmyk" and first not in HOLDS_CMYK:
            raise InvalidOptions(f"space: {first} holds no CMYK. Put another format first.")
        if self.bits == 16 and first not in HOLDS_16_BIT:
            raise InvalidOptions(f"bits: {first} holds 8. Put another format first.")
        if self.path == "required" and first not in HOLDS_PATHS:
            raise InvalidOptions(f"path: {first} holds no clipping path. Put another format first.")
        if self.ink_limit is not None and self.space != "cmyk":
            raise InvalidOptions("ink_limit: it counts in CMYK alone. Give space = 'cmyk' with it.")
        if self.icc == "srgb" and self.space not in (None, "rgb"):
            raise InvalidOptions(f"icc: srgb is no profile of {self.space}.")


def shipped_profiles() -> dict[str, Profile]:
    """The profiles that come with deepetch, by name."""
    return _read(SHIPPED, {})


def read_profiles(path: Path) -> dict[str, Profile]:
    """A user's own profiles from a TOML file, by name: one table each, with the keys of `Profile` but its name.

    A table may say `like = "amazon-main"`, a shipped profile or one further up, and then has what it leaves out from
    there. `icc` is a path relative to the file.
    Raises  InvalidOptions for a file that cannot be read or is no TOML, a shipped profile's name, a key that does not
            exist, a value of the wrong kind, or a contradiction; it names file and key.
    """
    return _read(path, shipped_profiles())


def frame_options(profile: Profile, *, least: bool = False) -> FrameOptions:
    """How a picture is framed for a channel.

    The subject fills the middle between `fill_min` and `fill_max` (1 if there is none), with `least` no more than
    `fill_min`; where the channel says neither fill nor margin, the picture is not cropped. Without a size to deliver
    the scale is 1 as far as the limits let it; of `min_width` and `min_height` without an aspect the longer side alone
    is kept, so a check must follow.
    """
    fill = None
    if profile.margin is not None and (profile.fill_min is not None or profile.fill_max is not None):
        raise InvalidOptions("margin: fill_min and fill_max say how large the subject is. Leave out them, or margin.")
    if profile.fill_min is not None or profile.fill_max is not None:
        low, high = profile.fill_min or profile.fill_max or 1, profile.fill_max or 1
        fill = low if least else (low + high) / 2
    sized = profile.width is not None or profile.height is not None
    return FrameOptions(
        fill=fill,
        margin=profile.margin,
        aspect=profile.aspect,
        width=profile.width,
        height=profile.height,
        min_side=None if sized else _least_side(profile),
        max_side=None if sized else _most_side(profile),
        align=profile.align or FrameOptions.align,
        base_line=profile.base_line,
        max_upscale=FrameOptions.max_upscale if profile.max_upscale is None else profile.max_upscale,
    )


def smaller_frame_options(profile: Profile) -> tuple[FrameOptions, ...]:
    """How a picture with too few pixels for the size of a channel may be framed, the first that succeeds: not scaled.

    Its subject fills the least that is taken, and it is enlarged no more than to the channel's own minimum. The canvas
    has the shape of the size asked for, else the channel's aspect, which may differ a little (`ASPECT_TOLERANCE`).
    Returns  () where no size is asked for, or a side of it has no minimum: the channel takes that size alone then.
    """
    sides = [(profile.width, profile.min_width), (profile.height, profile.min_height)]
    asked = [(size, least) for size, least in sides if size is not None]
    if not asked or any(least is None for _, least in asked):
        return ()
    shapes = [profile.aspect]
    if profile.width is not None and profile.height is not None:
        shape = profile.width / profile.height
        shapes = [shape, profile.aspect or shape]
    smaller = [replace(profile, width=None, height=None, aspect=aspect) for aspect in dict.fromkeys(shapes)]
    return tuple(frame_options(each, least=True) for each in smaller)


def save_options(profile: Profile, options: SaveOptions = SaveOptions()) -> SaveOptions:
    """How a picture, in the channel's colours already, is written for it; `options` with what the channel says.

    Without a background asked for it is white where the format holds no transparency, else transparent. A path is
    drawn where it is required, or where `options` ask for it. A choke in `options` goes before the channel's.
    """
    opaque = profile.formats[0] not in HOLDS_ALPHA
    background = profile.background or ("white" if opaque else "transparent")
    path = profile.path == "required" or options.path
    spot = options.spot
    if spot is None and profile.spot_white is not None:
        spot = spot_from(profile.spot_white)
    return replace(options, background=background, max_bytes=profile.max_bytes, path=path, spot=spot, convert_to=None)


def chosen_profiles(names: str, own: Path | None = None) -> tuple[Profile, ...]:
    """The profiles of the names in `names`, with commas between.

    own     a file as of `read_profiles`, whose profiles may be named too.
    Raises  InvalidOptions for a name that there is not, or that comes twice, and as `read_profiles`.
    """
    known = shipped_profiles() | (read_profiles(own) if own is not None else {})
    asked = [name.strip() for name in names.split(",") if name.strip()]
    if not asked:
        raise InvalidOptions(f"no profile is named; known are {', '.join(known)}.")
    for place, name in enumerate(asked):
        if name not in known:
            raise InvalidOptions(f"there is no profile {name!r}; {_meant(name, known)}")
        if name in asked[:place]:
            raise InvalidOptions(f"the profile {name} is named twice. Leave one out.")
    return tuple(known[name] for name in asked)


def _least_side(profile: Profile) -> int | None:
    sides = [profile.min_long_side, profile.min_width, profile.min_height]
    if profile.aspect is not None:
        # width = aspect x height, and the longer of both
        sides += [math.ceil(profile.min_width / min(1.0, profile.aspect))] if profile.min_width else []
        sides += [math.ceil(profile.min_height * max(1.0, profile.aspect))] if profile.min_height else []
    return max((side for side in sides if side is not None), default=None)


def _most_side(profile: Profile) -> int | None:
    sides = [profile.max_long_side]
    if profile.max_pixels is not None:
        # longer x shorter <= pixels, and shorter = longer x min(aspect, 1 / aspect); unknown: as large
        shorter = 1.0 if profile.aspect is None else min(profile.aspect, 1 / profile.aspect)
        sides.append(math.isqrt(math.floor(profile.max_pixels / shorter)))
    return min((side for side in sides if side is not None), default=None)


def _read(path: Path, known: dict[str, Profile]) -> dict[str, Profile]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidOptions(f"{path}: no profiles to read ({error.strerror}). Check the path.") from error
    except (ValueError, RecursionError) as error:  # TOMLDecodeError is a ValueError
        raise InvalidOptions(f"{path}: expected profiles as TOML; got other text ({error}).") from error
    profiles: dict[str, Profile] = {}
    for name, table in document.items():
        if not isinstance(table, dict):
            raise InvalidOptions(f"{path}: {name}: expected a table [name] for each profile; got {table!r}.")
        if name in known:
            raise InvalidOptions(f"{path}: {name}: deepetch has a profile of that name. Choose another, with like.")
        profiles[name] = _profile(path, name, table, known | profiles)
    return profiles


def _profile(path: Path, name: str, table: dict[str, Any], known: dict[str, Profile]) -> Profile:
    def wrong(key: str, problem: str) -> InvalidOptions:
        return InvalidOptions(f"{path}: {name}.{key}: {problem}")

    hints = {key: hint for key, hint in get_type_hints(Profile).items() if key != "name"}
    given: dict[str, Any] = {}
    for key, value in table.items():
        if key == "like":
            if type(value) is not str or value not in known:
                raise wrong(key, f"there is no profile {value!r}; {_meant(str(value), known)}")
            given = _values(known[value]) | given
        elif key not in hints:
            raise wrong(key, f"there is no such key; {_meant(key, [*hints, 'like'])}")
        else:
            given[key] = _value(hints[key], value, wrong, key)
    if "formats" not in given:
        raise wrong("formats", "the key is missing. Say which endings the channel takes, such as ['.jpg'].")
    if given.get("icc") not in (None, "srgb", "given") and "icc" in table:
        icc = path.parent / given["icc"]
        if not icc.is_file():
            raise wrong("icc", f"expected srgb, given, or an ICC file; there is no file {icc}.")
        given["icc"] = str(icc)
    try:
        return Profile(name=name, **given)
    except InvalidOptions as error:
        key, _, problem = str(error).partition(": ")
        raise wrong(key, problem) from error


def _values(profile: Profile) -> dict[str, Any]:
    return {field.name: getattr(profile, field.name) for field in dataclasses.fields(profile) if field.name != "name"}


def _meant(name: str, known: Any) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}."


def _value(hint: Any, value: Any, wrong: Any, key: str) -> Any:
    """What `value` is as a `hint`; whole numbers count as numbers."""
    arguments = get_args(hint)
    if type(None) in arguments:
        return _value(next(argument for argument in arguments if argument is not type(None)), value, wrong, key)
    if get_origin(hint) is Literal:
        if value not in arguments:
            raise wrong(key, f"expected one of {', '.join(arguments)}; got {value!r}.")
        return value
    if get_origin(hint) is tuple:
        if not isinstance(value, list) or not all(type(part) is str for part in value):
            raise wrong(key, f"expected texts in brackets; got {value!r}.")
        return tuple(value)
    if hint is float and type(value) is int:
        return float(value)
    if type(value) is not hint:
        raise wrong(key, f"expected {KINDS[hint]}; got {value!r}.")
    return value
