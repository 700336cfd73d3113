"""Leave out what cannot be used, and say so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from deepetch.cli.progress import bar

if TYPE_CHECKING:
    from deepetch.datasets.example import Example

SkipBad = Annotated[
    bool, typer.Option("--skip-bad", help="Leave out pictures and masks that cannot be used, and say which.")
]


def usable(examples: list[Example]) -> list[Example]:
    """The examples that can be used; each of the others gets a line on standard error."""
    from deepetch.datasets.validate import UNUSABLE, validate, without

    with bar("Checking", len(examples)) as progress:
        problems = validate(examples, progress=progress)
    for problem in problems:
        if problem.what in UNUSABLE:
            typer.echo(f"skipped: {problem.text}", err=True)
    return without(examples, problems)
