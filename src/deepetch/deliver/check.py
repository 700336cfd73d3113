"""Whether a file is what a channel asks for: one finding a rule, with what was measured and the limit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from deepetch.deliver.delivered import ENDINGS, KIND_OF_ENDING, Delivered, read_delivered
from deepetch.deliver.ink import total_ink
from deepetch.deliver.name_check import gtin_fault, name_fault
from deepetch.deliver.path.path import rasterise
from deepetch.deliver.path.read import drawn_path, found_paths
from deepetch.deliver.profiles import Profile
from deepetch.deliver.silhouette import Silhouette, is_transparent, silhouette
from deepetch.errors import InvalidOptions
from deepetch.options import ASPECT_TOLERANCE
from deepetch.photo.icc import profile_name
from deepetch.photo.photo import Photo
from deepetch.photo.view import needs_conversion
from deepetch.photo.write import NAMES

Verdict = Literal["passed", "failed", "warning", "not stated"]

LOSSLESS = ("png", "tiff", "psd")  # a soft edge may be a pixel wider or narrower
RINGS = 4  # pixels around the subject that others darken (measured: JPEG of quality 60 to 95)
# share of the outermost pixels from which on what lies there is a backdrop, not a subject that touches the edge, and
# the same where a channel asks for that, with a margin of 0
MOSTLY, ALMOST_ALL = 0.5, 0.98
CLOSE = 0.05  # of a side: what the distance from the edge may exceed the margin by
SPACES = {"grey": "grey", "rgb": "RGB", "cmyk": "CMYK"}
SHOWN = {**NAMES, "heic": "HEIC", "psd": "PSD"}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a rule says of a file.

    verdict   "warning": a suspicion, or something that the channel may take; "not stated": it has no such rule.
    value     what was measured, for programs: pixels, bytes, shares in [0, 1], words; None if there is nothing.
    measured, limit  the same and the rule, in words; `limit` is "" where there is none.
    """

    rule: str
    verdict: Verdict
    value: float | str | bool | None
    measured: str
    limit: str = ""


@dataclass(frozen=True, eq=False, kw_only=True)
class Checked:
    """The findings about a file, in a fixed order whatever the profile; `name`: what was held against the name rule."""

    delivered: Delivered
    profile: Profile
    name: str
    findings: tuple[Finding, ...]

    @property
    def passed(self) -> bool:
        """Warnings do not count."""
        return not self.with_verdict("failed")

    def with_verdict(self, verdict: Verdict) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.verdict == verdict)


def check_file(file: Path, profile: Profile, *, name: str | None = None) -> Checked:
    """Measure a file and hold it against the rules of a profile.

    name    without its ending, to judge in place of the file's own.
    Raises  PhotoError for a file that cannot be read: nothing of it is judged then.
    """
    delivered = read_delivered(file)
    name = file.stem if name is None else name
    # the flattened picture of a layered document is what a channel sees, unless it asks for the layers
    flattened = delivered.kind == "psd" and profile.background == "white"
    seen = silhouette(replace(delivered.photo, alpha=None) if flattened else delivered.photo)
    findings = (
        *_file_findings(delivered, profile, name),
        *_size_findings(delivered, profile),
        *_colour_findings(delivered, profile),
        *_path_findings(delivered, profile),
        *_subject_findings(delivered, profile, seen),
    )
    return Checked(delivered=delivered, profile=profile, name=name, findings=findings)


def _judged(
    rule: str,
    value: float | str | bool | None,
    measured: str,
    limit: str | None,
    fits: bool,
    otherwise: Verdict = "failed",
) -> Finding:
    verdict: Verdict = "not stated" if limit is None else "passed" if fits else otherwise
    return Finding(rule=rule, verdict=verdict, value=value, measured=measured, limit=limit or "")


def _between(least: float | None, most: float | None, unit: str = "") -> str | None:
    """The limits in words; None if there are none."""
    if least is not None and most is not None:
        return f"{least:,} to {most:,}{unit}"
    if least is not None:
        return f"{least:,}{unit} or more"
    return None if most is None else f"at most {most:,}{unit}"


def _within(value: float, least: float | None, most: float | None) -> bool:
    return (least is None or value >= least) and (most is None or value <= most)


def _file_findings(delivered: Delivered, profile: Profile, name: str) -> Iterator[Finding]:
    kind, ending = delivered.kind, delivered.file.suffix.lower()
    kinds = dict.fromkeys(KIND_OF_ENDING.get(taken, taken.lstrip(".")) for taken in profile.formats)
    taken = ", ".join(SHOWN.get(each, each.upper()) for each in kinds)
    yield _judged("format", kind, SHOWN[kind], taken, kind in kinds)
    endings = fitting_endings(delivered, profile)
    yield _judged("ending", ending, ending or "none", f"{', '.join(endings)} for {SHOWN[kind]}", ending in endings)
    if profile.name_rule is None:
        fault = gtin_fault(name)
        measured = name if fault is None else f"{name}: {fault}"
        yield _judged("name", name, measured, None if fault is None else "if it is a GTIN", False, "warning")
    else:
        fault = name_fault(profile.name_rule, name, profile=profile.name)
        measured = name if fault is None else f"{name}: {fault}"
        yield _judged("name", name, measured, profile.name_rule, fault is None)
    yield _judged(
        "bytes",
        delivered.size,
        f"{delivered.size:,}",
        _between(None, profile.max_bytes),
        _within(delivered.size, None, profile.max_bytes),
    )


def fitting_endings(delivered: Delivered, profile: Profile) -> tuple[str, ...]:
    """The endings that name a file's content, those alone that the channel takes if it takes any."""
    known = ENDINGS[delivered.kind]
    return tuple(ending for ending in profile.formats if ending in known) or known


def _size_findings(delivered: Delivered, profile: Profile) -> Iterator[Finding]:
    width, height = delivered.photo.width, delivered.photo.height
    for rule, size, asked, least in (
        ("width", width, profile.width, profile.min_width),
        ("height", height, profile.height, profile.min_height),
    ):
        limit = _between(least, None)
        if asked is not None:
            limit = f"{asked:,}" if limit is None else f"{asked:,}; {limit} is taken"
        tolerated = least is not None and size >= least
        fits = _within(size, least, None) if asked is None else size == asked
        yield _judged(rule, size, f"{size:,}", limit, fits, "warning" if tolerated else "failed")
    longer, pixels = max(width, height), width * height
    limits = profile.min_long_side, profile.max_long_side
    yield _judged("long side", longer, f"{longer:,}", _between(*limits), _within(longer, *limits))
    most = profile.max_pixels
    yield _judged("pixels", pixels, f"{pixels:,}", _between(None, most), _within(pixels, None, most))
    aspect, limit, fits = width / height, None, True
    if profile.aspect is not None:
        limit = f"{profile.aspect:.4g} within {ASPECT_TOLERANCE - 1:.1%}"
        fits = 1 / ASPECT_TOLERANCE <= aspect / profile.aspect <= ASPECT_TOLERANCE
    yield _judged("aspect", round(aspect, 4), f"{aspect:.4g}", limit, fits)


def _colour_findings(delivered: Delivered, profile: Profile) -> Iterator[Finding]:
    photo, icc = delivered.photo, delivered.photo.metadata.profile
    bits = None if profile.bits is None else f"{profile.bits}"
    yield _judged("bits", photo.bits, f"{photo.bits}", bits, photo.bits == profile.bits)
    space = None if profile.space is None else SPACES[profile.space]
    yield _judged("colour space", photo.space, SPACES[photo.space], space, photo.space == profile.space)
    named = "none" if icc is None else profile_name(icc) or "without a name"
    if icc is None and delivered.says_srgb:
        named = "none, the format says sRGB"
    limit, fits = None, True
    if profile.icc == "srgb":
        fits = delivered.says_srgb if icc is None else not needs_conversion(photo.space, icc)
        limit = "sRGB"
    elif profile.icc == "given":
        limit, fits = "one is embedded", icc is not None
    elif profile.icc is not None:
        file = Path(profile.icc)
        try:
            limit, fits = f"that of {file.name}", icc == file.read_bytes()
        except OSError as error:
            raise InvalidOptions(f"{file}: no ICC profile to read ({error.strerror}). Check the path.") from error
    yield _judged("profile", None if icc is None else named, named, limit, fits)
    density = None if photo.metadata.density is None else min(photo.metadata.density)
    stated = "none" if density is None else f"{density:.4g} pixels per inch"
    least = profile.min_density
    # inches are kept as whole pixels a metre in PNG, and a centimetre in some JPEG files
    fits = density is not None and (least is None or round(density) >= least)
    yield _judged("density", density and round(density, 2), stated, _between(least, None), fits)
    yield _ink_finding(photo, profile)


def _ink_finding(photo: Photo, profile: Profile) -> Finding:
    most = profile.ink_limit
    limit = None if most is None else f"at most {most:g}%"
    if photo.space != "cmyk":
        return _judged("total ink", None, f"none, {SPACES[photo.space]}", None, True)
    ink = total_ink(photo.samples, 400.0 if most is None else most, alpha=photo.alpha)
    measured = f"up to {ink.largest:.0f}%" + (f", {_share(ink.over)} of the pixels above" if ink.over else "")
    return _judged("total ink", round(ink.largest, 1), measured, limit, not ink.over, "warning")


def _path_findings(delivered: Delivered, profile: Profile) -> Iterator[Finding]:
    paths = found_paths(delivered.resources)
    named = ", ".join(f'"{name}"' for name in paths.names) or "none"
    fits = bool(paths.names) if profile.path == "required" else not paths.names or profile.path != "forbidden"
    yield _judged("path", len(paths.names), named, profile.path, fits)
    if profile.path_name is not None and paths.names:
        fits = profile.path_name in paths.names
        yield _judged("path name", ", ".join(paths.names), named, f'"{profile.path_name}"', fits)
    if profile.path == "required" and paths.names:
        clipping = "none" if paths.clipping is None else f'"{paths.clipping}"'
        limit = "one is set as the clipping path"
        yield _judged("clipping", paths.clipping, clipping, limit, paths.clipping is not None, "warning")


def _subject_findings(delivered: Delivered, profile: Profile, seen: Silhouette) -> Iterator[Finding]:
    surrounded = _is_backdrop(delivered, profile, seen)
    yield _background(delivered, profile, seen, surrounded)
    width, height = delivered.photo.width, delivered.photo.height
    backdrop = surrounded and not seen.lines
    box = None if backdrop else seen.box
    unseen = "not to be told from the background" if backdrop else "no subject"
    limit = _fill_limit(profile)
    if box is None:
        yield _judged("fill", None, unseen, limit, False, "warning" if backdrop else "failed")
        yield _judged("margin", None, unseen, _margin_limit(profile), False, "warning" if backdrop else "failed")
    else:
        fill = max(box.width / width, box.height / height)
        soft = 1 if delivered.kind in LOSSLESS else RINGS
        slack = 2 * soft / (width if box.width / width >= box.height / height else height)
        fits = _within(fill + slack, profile.fill_min, None) and _within(fill - slack, None, profile.fill_max)
        yield _judged("fill", round(fill, 4), f"{fill:.1%}", limit, fits)
        across, down = min(box.left, width - box.right), min(box.top, height - box.bottom)
        margin, asked = int(min(across, down)), profile.margin or 0
        distant = margin + soft >= asked
        close = across <= asked + CLOSE * width or down <= asked + CLOSE * height
        yield _judged(
            "margin",
            margin,
            f"{margin:,}",
            _margin_limit(profile),
            distant and close,
            "warning" if distant else "failed",
        )
    lines = {side: getattr(seen.lines, side) for side in ("top", "right", "bottom", "left")}
    drawn = ", ".join(f"{side} {thickness}" for side, thickness in lines.items() if thickness)
    yield _judged("border", bool(drawn), f"a line: {drawn}" if drawn else "none", "no line", not drawn, "warning")
    apart = "none"
    if seen.apart:
        first = seen.apart[0]
        where = f"{first.width:.0f} x {first.height:.0f} at {first.left:.0f}, {first.top:.0f}"
        apart = where if len(seen.apart) == 1 else f"{len(seen.apart)}, the largest {where}"
    limit = None if profile.background is None else "no text or badge"
    yield _judged("parts apart", len(seen.apart), apart, limit, not seen.apart, "warning")


def _fill_limit(profile: Profile) -> str | None:
    least, most = profile.fill_min, profile.fill_max
    if least is not None and most is not None:
        return f"{least:.0%} to {most:.0%}"
    if least is not None:
        return f"{least:.0%} or more"
    return None if most is None else f"at most {most:.0%}"


def _margin_limit(profile: Profile) -> str | None:
    return None if profile.margin is None else f"{profile.margin:,}, not much more"


def _background(delivered: Delivered, profile: Profile, seen: Silhouette, surrounded: bool) -> Finding:
    """The background against the one asked for: the pixels around the silhouette, and those along the frame."""
    asked = profile.background
    limit = {"white": "white, all of it exactly", "transparent": "clear, all of it exactly", None: None}[asked]
    wanted = "clear" if asked == "transparent" else "white"
    if asked == "white" and seen.transparent:
        return _judged("background", None, "transparent", limit, False)
    if asked == "transparent" and not is_transparent(delivered.photo):
        return _judged("background", None, "opaque", limit, False)
    parts = []
    if seen.uneven:
        worst = _worst(delivered, seen)
        parts.append(f"{_share(seen.uneven)} not {wanted}, {worst}")
    if seen.edge:
        parts.append(f"{_share(seen.edge)} of the edge not {wanted}")
    even = not seen.uneven and not surrounded
    # by its alpha alone a carton that fills its frame looks like a veil over all of it
    may_touch = profile.margin == 0 and not (seen.transparent and seen.edge >= ALMOST_ALL)
    fits = even and (not seen.edge or may_touch)
    measured = "; ".join(parts) or f"exactly {'clear' if seen.transparent else 'white'}"
    otherwise: Verdict = "warning" if even else "failed"
    return _judged("background", round(seen.uneven, 6), measured, limit, fits, otherwise)


def _is_backdrop(delivered: Delivered, profile: Profile, seen: Silhouette) -> bool:
    """Whether what lies along the frame is another backdrop: not a subject that is to touch it, and fills all of it."""
    if profile.margin != 0 or seen.edge < MOSTLY:
        return seen.edge >= MOSTLY
    return seen.edge >= ALMOST_ALL and not seen.transparent and not _path_fills(delivered)


def _path_fills(delivered: Delivered) -> bool:
    """Whether the file's own path goes along the frame, as around a carton seen from the front."""
    path = drawn_path(delivered.resources, delivered.photo.width, delivered.photo.height)
    if path is None or min(path.width, path.height) <= 2 * RINGS:
        return False
    inside = rasterise(path)[RINGS:-RINGS, RINGS:-RINGS] >= 128
    edge = np.concatenate([inside[0], inside[-1], inside[:, 0], inside[:, -1]])
    return bool(edge.mean() >= ALMOST_ALL)


def _worst(delivered: Delivered, seen: Silhouette) -> str:
    if seen.transparent:
        return f"the worst {seen.worst:.1%} opaque"
    if delivered.photo.space == "cmyk":
        return f"the worst {seen.worst:.1%} of an ink"
    return f"the worst {255 * (1 - seen.worst):.4g} of 255"


def _share(share: float) -> str:
    return f"{100 * share:.3g}%" if share >= 0.0001 else "less than 0.01%"
