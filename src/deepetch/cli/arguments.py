"""Arguments that several commands share, each with its one help text."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from deepetch.errors import InvalidOptions, MissingExtra
from deepetch.options import DataOptions

Data = Annotated[
    Path,
    typer.Argument(
        help="A labelled data set: a folder with index.csv, a Supervisely project, COCO JSON, images/ and masks/, "
        "or pictures with alpha.",
        show_default=False,
    ),
]
Categories = Annotated[
    str | None,
    typer.Option(help="Classes that are the subject: person,bottle. Default: all.", show_default=False),
]
Datasets = Annotated[
    str | None,
    typer.Option(help="Datasets of a Supervisely project: ds1,ds2. Default: all.", show_default=False),
]
ModelName = Annotated[
    str,
    typer.Option("--model", "-m", help="A model's name (`deepetch models list`), an ONNX file, TOML, or ensemble:A+B."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace files that exist.")]


def models_folder() -> Path | None:
    """Where downloaded models are kept, if DEEPETCH_MODELS says it."""
    said = os.environ.get("DEEPETCH_MODELS")
    return Path(said).expanduser() if said else None


def data_options(
    *, split: str | None = None, kind: str | None = None, categories: str | None = None, datasets: str | None = None
) -> DataOptions:
    """Which pictures of a set the options ask for, and what of them is the subject; lists have commas between."""

    def listed(text: str | None) -> list[str] | None:
        return None if text is None else [part.strip() for part in text.split(",") if part.strip()]

    return DataOptions(
        split=split,
        kinds=None if kind is None else [kind],
        categories=listed(categories),
        datasets=listed(datasets),
    )


def require_choice(option: str, value: str, choices: tuple[str, ...]) -> None:
    """Raise InvalidOptions unless `value` is one of `choices`."""
    if value not in choices:
        raise InvalidOptions(f"{option}: expected one of {', '.join(choices)}; got {value!r}.")


def require_training() -> None:
    """Raise MissingExtra unless the packages of the `train` extra are installed; loads none of them."""
    needed = ("torch", "lightning", "safetensors", "onnx", "onnxscript", "pytorch_optimizer", "h5py", "tensorboardX")
    _require("training", needed, "train")


def require_studio() -> None:
    """Raise MissingExtra unless the packages of the `studio` extra are installed; loads none of them."""
    _require("the studio", ("OpenEXR", "skimage", "pycocotools"), "studio")


def _require(what: str, needed: Sequence[str], extra: str) -> None:
    missing = [name for name in needed if find_spec(name) is None]
    if missing:
        raise MissingExtra(f"{what} needs {missing[0]}, which is not installed: pip install 'deepetch[{extra}]'.")
