"""What of a file that failed can be put right without taking anything from its picture, into a new file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np

from deepetch.arrays import Mask, Samples, full_scale
from deepetch.deliver.check import SHOWN, Checked, Finding, check_file, fitting_endings
from deepetch.deliver.delivered import ENDINGS, Delivered
from deepetch.deliver.path.photoshop import CLIPPING_RESOURCE, PATH_RESOURCE, resource_block
from deepetch.deliver.silhouette import ink, is_subject, is_transparent
from deepetch.errors import InvalidOptions
from deepetch.options import SaveOptions
from deepetch.photo.atomic import atomic_output
from deepetch.photo.jpeg_header import jpeg_with_density, jpeg_with_profile
from deepetch.photo.photo import Photo
from deepetch.photo.tiff import first_directory
from deepetch.photo.view import srgb_profile
from deepetch.photo.write import write_picture

FIXED = "-fixed"  # of a fixed file beside the one it was made of
PHOTOSHOP_LAYERS = 37724  # the tag of a TIFF file that keeps them
JPEG_QUALITY = 95
LOSSLESS = ("png", "tiff")

# why the rest is not touched
REASONS = {
    "format": "it would have to be converted",
    "name": "it is for you to choose",
    "bytes": "it would have to be compressed more, or made smaller",
    "width": "the picture would have to be scaled or cropped",
    "height": "the picture would have to be scaled or cropped",
    "long side": "the picture would have to be scaled",
    "pixels": "the picture would have to be scaled",
    "aspect": "the picture would have to be cropped or extended",
    "bits": "its values would be others",
    "colour space": "the colours would have to be converted",
    "total ink": "the colours would have to be converted again, for less ink",
    "path": "deepetch cut draws paths, of the alpha that it finds",
    "path name": "which path is meant is for you to say",
    "clipping": "which path is meant is for you to say",
    "fill": "the picture would have to be cropped or extended",
    "margin": "the picture would have to be cropped or extended",
    "border": "the picture would have to be cropped",
    "parts apart": "what belongs to the product is for you to say",
}


@dataclass(frozen=True, eq=False, kw_only=True)
class Fixed:
    """What became of a file.

    output  None where there was nothing that can be fixed: no file was written then.
    done    a sentence for each thing that was changed.
    left    rule and reason for what failed and was not changed.
    after   the new file, checked.
    """

    output: Path | None
    done: tuple[str, ...]
    left: tuple[tuple[str, str], ...]
    after: Checked | None


@dataclass
class _Change:
    """The picture as it is to be, and what of it differs from the file."""

    photo: Photo
    density: int | None = None
    profile: bytes | None = None
    painted: bool = False
    renamed: bool = False


class _Left(Exception):
    """Why something is not fixed."""


def fix_file(checked: Checked, output: Path | None = None, *, overwrite: bool = False) -> Fixed:
    """Write a file that keeps the rules which can be kept safely.

    An ending that belies the content is replaced; a density or sRGB's profile that is missing is put in; a background
    of 250 or more of 255 that is connected to the frame becomes white, a transparent one too. JPEG headers are edited
    without decoding the picture; only for the background a JPEG is encoded anew, at quality 95.
    output  a file, a folder (the name is kept), or None for NAME-fixed beside the file. With a folder or None the name
            rule is judged by the file's own name.
    Raises  InvalidOptions for an output of another format or onto the file itself; OutputExists, OutputFailed.
    """
    delivered, profile = checked.delivered, checked.profile
    change, done, left = _Change(delivered.photo), list[str](), list[tuple[str, str]]()
    for finding in checked.with_verdict("failed"):
        try:
            if finding.rule not in FIXES:
                raise _Left(REASONS[finding.rule])
            done.append(FIXES[finding.rule](checked, change))
        except _Left as reason:
            left.append((finding.rule, str(reason)))
    if not done:
        return Fixed(output=None, done=(), left=tuple(left), after=None)
    target, name = _target(checked, output, renamed=change.renamed)
    _write(delivered, change, target, overwrite=overwrite)
    after = check_file(target, profile, name=name)
    told = {rule for rule, _ in left}
    left += [(finding.rule, _still(finding)) for finding in after.with_verdict("failed") if finding.rule not in told]
    return Fixed(output=target, done=tuple(done), left=tuple(left), after=after)


def _still(finding: Finding) -> str:
    if finding.rule == "background":
        return f"what is darker than 250, or enclosed by the subject, was not touched ({finding.measured})"
    return REASONS.get(finding.rule, "it could not be put right")


def _target(checked: Checked, output: Path | None, *, renamed: bool) -> tuple[Path, str | None]:
    """The file to write, and the name to judge if it is not that file's."""
    file = checked.delivered.file
    endings = fitting_endings(checked.delivered, checked.profile)
    ending = endings[0] if renamed else file.suffix
    if output is None:
        return file.with_name(f"{file.stem}{FIXED}{ending}"), checked.name
    target, name = (output / f"{file.stem}{ending}", checked.name) if output.is_dir() else (output, None)
    known = ENDINGS[checked.delivered.kind]
    if target.suffix.lower() not in known:
        raise InvalidOptions(f"{target}: --fix keeps the format. Give a name that ends in {' or '.join(known)}.")
    if target.resolve() == file.resolve():
        raise InvalidOptions(f"{target}: --fix writes a new file. Choose another name or folder.")
    return target, name


def _fix_ending(checked: Checked, change: _Change) -> str:
    change.renamed = True
    return f"It is called {fitting_endings(checked.delivered, checked.profile)[0]}, as its content is."


def _fix_density(checked: Checked, change: _Change) -> str:
    stated, least = checked.delivered.photo.metadata.density, checked.profile.min_density
    if stated is not None or least is None:
        raise _Left("another density would change the size in print")
    _require_rewritable(checked.delivered)
    change.density = least
    change.photo = replace(change.photo, metadata=replace(change.photo.metadata, density=(float(least), float(least))))
    return f"It states {least} pixels per inch."


def _fix_profile(checked: Checked, change: _Change) -> str:
    photo = checked.delivered.photo
    if checked.profile.icc != "srgb" or photo.metadata.profile is not None:
        raise _Left("the colours would have to be converted")
    if photo.space != "rgb":
        raise _Left(f"sRGB is no profile of {photo.space}")
    if any("colour profile" in note for note in checked.delivered.notes):
        raise _Left("its own profile is damaged, so what its colours are is not known")
    _require_rewritable(checked.delivered)
    change.profile = srgb_profile()
    change.photo = replace(change.photo, metadata=replace(change.photo.metadata, profile=change.profile))
    return "It carries sRGB's profile."


def _fix_background(checked: Checked, change: _Change) -> str:
    delivered, photo = checked.delivered, change.photo
    if checked.profile.background != "white":
        raise _Left("deepetch cut finds the subject")
    _require_rewritable(delivered)
    if is_transparent(photo):
        change.photo = replace(photo, samples=_over_white(photo), alpha=None)
        said = "White lies behind it."
    else:
        near = _near_white_at_frame(photo)
        count = np.count_nonzero(near & (ink(photo) > 0))
        if not count:
            raise _Left("what is not white is darker than 250, or enclosed by the subject")
        samples = photo.samples.copy()
        samples[near] = 0 if photo.space == "cmyk" else full_scale(samples)
        change.photo = replace(photo, samples=samples)
        said = f"{count:,} pixels of 250 or more around the subject were made white."
    change.painted = True
    return said if delivered.kind != "jpeg" else f"{said} The JPEG was encoded anew, at quality {JPEG_QUALITY}."


FIXES: dict[str, Callable[[Checked, _Change], str]] = {
    "ending": _fix_ending,
    "density": _fix_density,
    "profile": _fix_profile,
    "background": _fix_background,
}


def _require_rewritable(delivered: Delivered) -> None:
    """Raise _Left for a file that could not be written again with all that it holds."""
    if delivered.kind == "jpeg":
        return
    if delivered.kind not in LOSSLESS:
        raise _Left(f"{SHOWN[delivered.kind]} files are not written again, for what that would lose")
    if delivered.notes:
        raise _Left(f"writing the file again would lose something: {delivered.notes[0].rstrip('.')}")
    if delivered.kind == "tiff":
        with delivered.file.open("rb") as stream:
            if PHOTOSHOP_LAYERS in first_directory(stream)[2]:
                raise _Left("the file has Photoshop's layers, which writing it again would lose")


def _near_white_at_frame(photo: Photo) -> Mask:
    """The background, and what is connected to the frame of it by sides."""
    near = ~is_subject(photo, ink(photo))
    _, labels = cv2.connectedComponents(near.astype(np.uint8), connectivity=4)
    outer = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    return np.asarray(near & np.isin(labels, outer))


def _over_white(photo: Photo) -> Samples:
    full = full_scale(photo.samples)
    alpha = cast(Any, photo.alpha)[..., None].astype(np.uint64)
    white = 0 if photo.space == "cmyk" else full
    mixed = photo.samples.astype(np.uint64) * alpha + white * (full - alpha)
    return cast(Samples, ((mixed + full // 2) // full).astype(photo.samples.dtype))


def _write(delivered: Delivered, change: _Change, output: Path, *, overwrite: bool) -> None:
    data = delivered.file.read_bytes()
    rewritten = change.painted or (delivered.kind != "jpeg" and (change.density or change.profile))
    if not rewritten:
        if change.density is not None:
            data = jpeg_with_density(data, change.density)
        if change.profile is not None:
            data = jpeg_with_profile(data, change.profile)
        with atomic_output(output, overwrite=overwrite) as temporary:
            temporary.write_bytes(data)
        return
    paths = b"".join(
        resource_block(resource)
        for resource in delivered.resources
        if PATH_RESOURCE <= resource.number <= CLIPPING_RESOURCE
    )
    photo = change.photo
    options = SaveOptions(quality=JPEG_QUALITY, png_compression=6, overwrite=overwrite)
    write_picture(
        output,
        photo.samples,
        photo.space,
        alpha=photo.alpha,
        metadata=replace(photo.metadata, resources=paths or None),
        options=options,
    )
