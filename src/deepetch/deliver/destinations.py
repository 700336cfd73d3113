"""Which photo becomes which files when channels say what they are called."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deepetch.deliver.name_rule import FIELDS, names_by_rule, rule_fields
from deepetch.deliver.naming import ENDING, OTHER_SUFFIXES, PATH_SUFFIXES, WRITE_SUFFIXES, is_folder, plan_outputs
from deepetch.deliver.profiles import Profile
from deepetch.errors import InvalidOptions

ANY = ".any"  # in place of the profiles' endings
SAME = {"gtin": "gtin14", "gtin14": "gtin"}  # one number


@dataclass(frozen=True)
class Delivery:
    """One photo to cut out once, and the file that each channel gets."""

    photo: Path
    files: tuple[tuple[Profile, Path], ...]


def plan_deliveries(
    inputs: Sequence[Path],
    output: Path | None,
    profiles: Sequence[Profile],
    *,
    fields: Mapping[str, str] | None = None,
) -> list[Delivery]:
    """Say which photo becomes which files.

    inputs   photos and folders, as of `plan_outputs`, whose sub-folders are kept.
    output   a folder; None: beside each photo, which a folder's photos are not unless the name tells the results apart.
    fields   what the names are made of, for all photos (`name_rule.FIELDS`); it goes before what a photo's name says.
    Several profiles have a sub-folder each, called like them. A file is called as its profile's rule says, else like
    its photo, with -cutout where it lies beside it.
    Raises   InvalidOptions as `plan_outputs` and `names_by_rule`, for a field that no name has, and two photos to one
             file.
    """
    fields = dict(fields or {})
    _require_used(fields, profiles)
    files_end = WRITE_SUFFIXES | OTHER_SUFFIXES | PATH_SUFFIXES
    if output is not None and not is_folder(output) and output.suffix.lower() in files_end:
        raise InvalidOptions(f"{output}: the profile names the files. Give a folder with -o.")
    ruled = any(profile.name_rule is not None for profile in profiles)
    if output is None and (ruled or len(profiles) > 1) and any(map(is_folder, inputs)):
        raise InvalidOptions("a folder of photos needs another one for what the profiles make of it. Give it with -o.")
    tasks = plan_outputs(inputs, output, ANY)
    files: list[list[tuple[Profile, Path]]] = [[] for _ in tasks]
    for profile in profiles:
        suffix = profile.formats[0]
        named: dict[Path, dict[Path, str]] = {}
        if profile.name_rule is not None:
            together = defaultdict(list)
            for task in tasks:
                together[task.output.parent].append(task.photo)
            for folder, photos in together.items():
                given = dict.fromkeys(photos, fields)
                named[folder] = names_by_rule(profile.name_rule, photos, given=given, profile=profile.name)
        for place, task in zip(files, tasks, strict=True):
            folder, name = task.output.parent, task.output.name.removesuffix(ANY)
            name = named[folder][task.photo] if named else name
            if len(profiles) > 1:
                name = name.removesuffix(ENDING) if output is None and not named else name
                folder = output / profile.name / folder.relative_to(output) if output else folder / profile.name
            place.append((profile, folder / f"{name}{suffix}"))
    plan = [Delivery(task.photo, tuple(place)) for task, place in zip(tasks, files, strict=True)]
    _require_own_places(plan)
    return plan


def _require_used(fields: Mapping[str, str], profiles: Sequence[Profile]) -> None:
    rules = [profile.name_rule for profile in profiles if profile.name_rule is not None]
    used = {field for rule in rules for field in rule_fields(rule)}
    for field in fields:
        if field not in FIELDS:
            raise InvalidOptions(f"there is no field {field}; known are {', '.join(FIELDS)}.")
        if field not in used and SAME.get(field) not in used:
            names = ", ".join(profile.name for profile in profiles)
            raise InvalidOptions(f"{field} is in no file's name of {names}; leave it out.")


def _require_own_places(plan: Sequence[Delivery]) -> None:
    photos = {delivery.photo.resolve() for delivery in plan}
    taken: dict[str, Path] = {}
    for delivery in plan:
        for _, file in delivery.files:
            if file.resolve() in photos:
                raise InvalidOptions(f"{file}: would overwrite an input. Choose another folder with -o.")
            other = taken.setdefault(str(file).casefold(), delivery.photo)
            if other != delivery.photo:
                raise InvalidOptions(f"{other} and {delivery.photo} would both become {file}. Deliver them apart.")
