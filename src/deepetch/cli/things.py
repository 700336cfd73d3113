"""`deepetch cut --instances`: one file a thing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from deepetch.cli.delivering import Job, Target
from deepetch.cli.given import Given
from deepetch.errors import DeepetchError, InvalidOptions
from deepetch.options import CutOptions, SaveOptions

if TYPE_CHECKING:
    from deepetch.instances import Thing
    from deepetch.matte.refine import Progress
    from deepetch.photo.photo import Photo
    from deepetch.segment.segment import Segmenter


@dataclass(frozen=True)
class Wanted:
    """Which things of a photo become files; see `instances.separate`."""

    classes: tuple[str, ...] | None
    least_size: float
    overlay: bool


def wanted_things(
    instances: bool, classes: str | None, min_size: float | None, *, overlay: bool, profile: str | None
) -> Wanted | None:
    """What the options ask for; None for one file a photo. Raises InvalidOptions where they contradict each other."""
    from deepetch.instances import LEAST_SIZE

    if not instances:
        if classes is not None or min_size is not None or overlay:
            raise InvalidOptions("--classes, --min-size and --overlay are of --instances, which was not given.")
        return None
    if profile is not None:
        raise InvalidOptions("--instances: a profile's names are of one product a photo. Cut first, then deliver each.")
    if min_size is not None and not 0 <= min_size < 1:
        raise InvalidOptions(f"--min-size: expected a share of the picture from 0 to 1; got {min_size}.")
    names = None if classes is None else tuple(name.strip() for name in classes.split(","))
    return Wanted(names, LEAST_SIZE if min_size is None else min_size, overlay)


def require_classes(wanted: Wanted, source: Segmenter | Given) -> None:
    """Raise InvalidOptions for classes that a model does not know."""
    if wanted.classes is None:
        return
    if isinstance(source, Given):
        raise InvalidOptions("--classes: a file of one's own does not tell what things are; leave it out.")
    known = source.classes
    if not known:
        raise InvalidOptions(f"--classes: {source.spec.name} does not tell what things are. Give another --model.")
    if strange := [name for name in wanted.classes if name not in known]:
        raise InvalidOptions(f"--classes: the model knows no {strange[0]!r}; it knows {', '.join(known)}.")


def numbered(target: Target, number: int) -> Target:
    """The target of thing `number`, counted from 1: NAME-1.png for NAME.png."""
    return replace(target, output=target.output.with_stem(f"{target.output.stem}-{number}"))


def cut_things(
    job: Job,
    source: Segmenter | Given,
    cutting: CutOptions,
    saving: SaveOptions,
    picture: Photo | None,
    tiles: Progress | None,
    *,
    wanted: Wanted,
    blank: dict[str, Any],
) -> Iterator[dict[str, Any]]:
    """One photo to a file a thing, from left to right, and the overlay; a photo that fails as a whole is one result
    without output.

    blank  the fields of a result before anything was done.
    """
    from deepetch.cutout import cut_out
    from deepetch.instances import separate
    from deepetch.matte.refine import silent
    from deepetch.photo.read import read_photo

    (target,) = job.targets
    began = time.perf_counter()
    result = dict(blank, warnings=[])
    try:
        photo = read_photo(job.photo)
        result |= {"width": photo.width, "height": photo.height, "warnings": list(photo.warnings)}
        if isinstance(source, Given):
            cutout = source.cut_out(photo, job.photo, cutting, tiles or silent)
        else:
            cutout = cut_out(photo, source, cutting, progress=tiles or silent)
        things = separate(cutout, cutting, classes=wanted.classes, least_size=wanted.least_size)
    except (DeepetchError, MemoryError) as error:
        result["warnings"].append(_told(error))
        yield result | {"seconds": round(time.perf_counter() - began, 3)}
        return
    for number, thing in enumerate(things, 1):
        one = dict(result, warnings=list(result["warnings"]), instance=number)
        one |= {"foreground": round(thing.cutout.foreground, 4)}
        one |= {"class": thing.name or None, "score": None if thing.score is None else round(thing.score, 4)}
        if cutout.confidence is not None:
            one["confidence"] = round(cutout.confidence, 4)
        try:
            place = numbered(target, number)
            one["warnings"] += place.write(thing.cutout, saving, picture)
            one["output"] = str(place.output)
        except (DeepetchError, MemoryError) as error:
            one["warnings"].append(_told(error))
        yield one | {"seconds": round(time.perf_counter() - began, 3)}
        began = time.perf_counter()
    if wanted.overlay:
        yield _write_overlay(target, things, dict(result, warnings=[]), overwrite=saving.overwrite)


def _write_overlay(target: Target, things: list[Thing], result: dict[str, Any], *, overwrite: bool) -> dict[str, Any]:
    """Write NAME-things.jpg for NAME.png; its result has no instance."""
    from deepetch.instances import overlay
    from deepetch.photo.write import write_picture

    began = time.perf_counter()
    result |= {"instance": None, "class": None, "score": None}
    place = target.output.with_name(f"{target.output.stem}-things.jpg")
    try:
        write_picture(place, overlay(things), "rgb", options=SaveOptions(overwrite=overwrite))
        result["output"] = str(place)
    except (DeepetchError, MemoryError) as error:
        result["warnings"].append(_told(error))
    return result | {"seconds": round(time.perf_counter() - began, 3)}


def _told(error: Exception) -> str:
    if isinstance(error, MemoryError):
        return "not enough memory for a photo of this size. Close other programs or reduce it."
    return str(error)
