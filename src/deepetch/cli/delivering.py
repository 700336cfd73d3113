"""What `deepetch cut --profile` makes of its options: which photo becomes which files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from deepetch.cli.arguments import require_choice
from deepetch.errors import InvalidOptions

if TYPE_CHECKING:
    from deepetch.cutout import Cutout
    from deepetch.deliver.deliver import View
    from deepetch.deliver.profiles import Profile
    from deepetch.options import SaveOptions, ShadowOptions
    from deepetch.photo.photo import Photo

OwnProfiles = Annotated[
    Path | None, typer.Option("--profiles", help="A TOML file of your own profiles.", show_default=False)
]


@dataclass(frozen=True, kw_only=True)
class Target:
    """One file to write.

    profile  of the channel that it goes to, if it goes to one; background, icc and views are as of `deliver` then.
    """

    output: Path
    profile: Profile | None = None
    background: str | None = None
    icc: Path | None = None
    views: tuple[View, ...] = ()

    def write(self, cutout: Cutout, saving: SaveOptions, picture: Photo | None) -> tuple[str, ...]:
        """Returns  what was changed, or could not be held as it was, one sentence each."""
        from deepetch.deliver.deliver import deliver

        if self.profile is None:
            return cutout.save(self.output, saving, picture=picture)
        return deliver(
            cutout.photo,
            cutout.matte,
            self.profile,
            self.output,
            saving,
            background=self.background,
            icc=self.icc,
            picture=picture,
            views=self.views,
        )


@dataclass(frozen=True)
class Job:
    """One photo to cut out once, and the files that it becomes."""

    photo: Path
    targets: tuple[Target, ...]


def with_views(jobs: Iterable[Job], view_of: Callable[[Path], View | None]) -> list[Job]:
    """The jobs, each with the views of the product that it shows: those of the photos in its folder.

    view_of  a photo's; None for one that cannot be cut out, which says so when it is delivered.
    """
    jobs = list(jobs)
    views: dict[Path, list[View]] = {}
    for job in jobs:
        view = view_of(job.photo)
        if view is not None:
            views.setdefault(job.photo.parent, []).append(view)
    return [
        Job(job.photo, tuple(replace(target, views=tuple(views.get(job.photo.parent, ()))) for target in job.targets))
        for job in jobs
    ]


def require_profile(said: Mapping[str, Any]) -> None:
    """Raise InvalidOptions for an option, by its name, that means something with --profile only."""
    for option, value in said.items():
        if value:
            raise InvalidOptions(
                f"{option} belongs to --profile, which was not given. Name a profile, or leave it out."
            )


def shadow_from(kind: str, *, opacity: float | None, blur: float) -> ShadowOptions:
    """The shadow that the options ask for.

    Raises  InvalidOptions for an unknown kind, and for an option that means nothing to it.
    """
    from deepetch.options import ShadowKind, ShadowOptions

    require_choice("--shadow", kind, get_args(ShadowKind))
    if opacity is not None and kind == "none":
        raise InvalidOptions("--shadow-opacity: there is no shadow. Ask for one with --shadow, or leave it out.")
    if blur != ShadowOptions.blur and kind not in ("drop", "contact"):
        raise InvalidOptions("--shadow-blur is for --shadow drop and contact. Leave it out.")
    return ShadowOptions(kind=kind, opacity=opacity, blur=blur)  # type: ignore[arg-type]


def asked_profiles(
    names: str, own: Path | None, saving: SaveOptions, *, background: str | None, file_format: str | None
) -> list[Profile]:
    """The profiles that a call names, with what it says beside them; InvalidOptions where that contradicts one."""
    from deepetch.deliver.deliver import as_called
    from deepetch.deliver.profiles import chosen_profiles

    suffix = None if file_format is None else f".{file_format}"
    return [
        as_called(
            profile,
            suffix=suffix,
            background=background,
            convert_to=saving.convert_to,
            path=saving.path,
            shadow=saving.shadow.kind,
            spot=saving.spot is not None,
        )
        for profile in chosen_profiles(names, own)
    ]


def name_fields(given: Sequence[str], *, gtin: str | None, asin: str | None) -> dict[str, str]:
    """The values of a name's fields from NAME=VALUE texts and the two that have options of their own.

    Raises  InvalidOptions for a text without "=", and a field that is given twice.
    """
    fields = {name: value for name, value in (("gtin", gtin), ("asin", asin)) if value is not None}
    for text in given:
        name, _, value = text.partition("=")
        if not name or not value:
            raise InvalidOptions(f"--field: expected NAME=VALUE, such as facing=1; got {text!r}.")
        if name in fields:
            raise InvalidOptions(f"--field: {name} is given twice. Leave one out.")
        fields[name] = value
    return fields


def delivery_jobs(
    photos: Sequence[Path],
    output: Path | None,
    profiles: Sequence[Profile],
    fields: Mapping[str, str],
    *,
    background: str | None,
    icc: Path | None,
) -> list[Job]:
    """Plan all files, and find what is wrong with the call before anything is cut."""
    from deepetch.deliver.colour import icc_target
    from deepetch.deliver.destinations import plan_deliveries

    if icc is not None and not any(profile.icc == "given" for profile in profiles):
        names = ", ".join(profile.name for profile in profiles)
        raise InvalidOptions(f"--icc: no ICC profile is left to choose by {names}. Leave it out.")
    chosen = {profile.name: icc if profile.icc == "given" else None for profile in profiles}
    for profile in profiles:
        icc_target(profile, chosen[profile.name])
    return [
        Job(
            delivery.photo,
            tuple(
                Target(output=file, profile=profile, background=background, icc=chosen[profile.name])
                for profile, file in delivery.files
            ),
        )
        for delivery in plan_deliveries(photos, output, profiles, fields=fields)
    ]
