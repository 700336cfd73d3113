"""Arguments that several commands share, each with its one help text."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from deepetch.errors import InvalidOptions, MissingExtra

Data = Annotated[Path, typer.Argument(help="A labelled data set: a folder with index.csv.", show_default=False)]
ModelName = Annotated[
    str, typer.Option("--model", "-m", help="A model's name (`deepetch models list`) or an ONNX file.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace files that exist.")]


def require_choice(option: str, value: str, choices: tuple[str, ...]) -> None:
    """Raise InvalidOptions unless `value` is one of `choices`."""
    if value not in choices:
        raise InvalidOptions(f"{option}: expected one of {', '.join(choices)}; got {value!r}.")


def require_training() -> None:
    """Raise MissingExtra unless the packages of the `train` extra are installed; loads none of them."""
    missing = [name for name in ("torch", "lightning", "safetensors", "onnx", "onnxscript") if find_spec(name) is None]
    if missing:
        raise MissingExtra(f"training needs {missing[0]}, which is not installed: pip install 'deepetch[train]'.")
