"""`deepetch profiles`: what channels ask of a picture, and where that is from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deepetch.cli.arguments import Json
from deepetch.cli.delivering import OwnProfiles

if TYPE_CHECKING:
    from deepetch.deliver.profiles import Profile

app = typer.Typer(no_args_is_help=True, help="List what channels ask of a picture, show one, with the sources.")


@app.command("list")
def list_profiles(own_profiles: OwnProfiles = None, as_json: Json = False) -> None:
    """List the profiles: name, date of its figures, what the picture is, first source."""
    profiles = known(own_profiles)
    if as_json:
        typer.echo(json.dumps([as_dict(profile) for profile in profiles.values()]))
        return
    rows = [(profile.name, date_of(profile), asked(profile), first_source(profile)) for profile in profiles.values()]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        typer.echo("  ".join([*(text.ljust(width) for text, width in zip(row, widths, strict=False)), row[3]]).rstrip())


@app.command("show")
def show(
    name: Annotated[str, typer.Argument(help="A profile's name.", show_default=False)],
    own_profiles: OwnProfiles = None,
    as_json: Json = False,
) -> None:
    """Show all that one profile asks, what could not be verified, and the sources."""
    from deepetch.deliver.profiles import CONVERSION, chosen_profiles

    (profile,) = chosen_profiles(name.replace(",", " "), own_profiles)
    if as_json:
        typer.echo(json.dumps(as_dict(profile)))
        return
    for key, value in as_dict(profile).items():
        if value is None or value == "" or value == ():
            continue
        lines = value if key == "source" else [", ".join(value) if isinstance(value, tuple) else value]
        for line in lines:
            typer.echo(f"{key:<14} {line}")
    if profile.icc is not None or profile.space is not None:
        typer.echo(f"{'conversion':<14} {CONVERSION}")


def known(own: Path | None) -> dict[str, Profile]:
    """The shipped profiles and a user's own, by name."""
    from deepetch.deliver.profiles import read_profiles, shipped_profiles

    return shipped_profiles() | (read_profiles(own) if own is not None else {})


def as_dict(profile: Profile) -> dict[str, Any]:
    """All keys of a profile, its date as text; keys that the channel has no rule for are None."""
    import dataclasses

    return dataclasses.asdict(profile) | {"date": profile.date and profile.date.isoformat()}


def date_of(profile: Profile) -> str:
    return profile.date.isoformat() if profile.date else "-"


def asked(profile: Profile) -> str:
    """The title, or what is known of a profile without one."""
    return profile.title or f"{profile.formats[0]} on {profile.background or 'any background'}"


def first_source(profile: Profile) -> str:
    return profile.source[0] if profile.source else ""
