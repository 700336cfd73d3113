"""What a photo shows, asked of a model or of several: the one way in."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, TypeAlias

from deepetch.arrays import View
from deepetch.errors import InvalidOptions
from deepetch.inference.session import Model, Segmentation, load_model
from deepetch.segment.ensemble import Ensemble, EnsembleWeights
from deepetch.segment.unet import segment_by_network

Segmenter: TypeAlias = Model | Ensemble
PREFIX = "ensemble:"
KEYS = ("drawer", "proposer", "mask", "beyond")


def segment(model: Segmenter, view: View, *, features: bool = False) -> Segmentation:
    """Ask a model what a working view (h, w, 3) shows; see `segment_by_network`."""
    if isinstance(model, Ensemble):
        return model.segment(view, features=features)
    return segment_by_network(model, view, features=features)


def load_segmenter(name: str = "default", *, threads: int = 0, folder: Path | None = None) -> Segmenter:
    """Load what a name stands for.

    name    of a model, as for `load_model`; "ensemble:SEGMENTER+INSTANCES", two of these; or a TOML file of
            `write_ensemble`.
    Raises  what `load_model` raises; InvalidOptions for an ensemble that makes no sense.
    """
    weights, parts, place = EnsembleWeights(), None, Path()
    if name.startswith(PREFIX):
        parts = tuple(name.removeprefix(PREFIX).split("+"))
        if len(parts) != 2 or not all(parts):
            raise InvalidOptions(f"{name}: expected ensemble:SEGMENTER+INSTANCES, such as ensemble:default+mine.onnx.")
    elif name.lower().endswith(".toml") and (table := _ensemble_table(Path(name))) is not None:
        parts, place = (table["drawer"], table["proposer"]), Path(name).parent
        weights = EnsembleWeights(mask=table["mask"], beyond=table["beyond"])
    if parts is None:
        return load_model(name, threads=threads, folder=folder)
    drawer, proposer = (load_model(_beside(part, place), threads=threads, folder=folder) for part in parts)
    known_as = f"{PREFIX}{drawer.spec.name}+{proposer.spec.name}" if name.startswith(PREFIX) else Path(name).name
    return Ensemble(drawer=drawer, proposer=proposer, weights=weights, name=known_as)


def ensemble_text(drawer: str, proposer: str, weights: EnsembleWeights) -> str:
    """The TOML that `load_segmenter` reads."""
    quoted = [part.replace("\\", "\\\\").replace('"', '\\"') for part in (drawer, proposer)]
    return (
        f'drawer = "{quoted[0]}"  # a segmenter\n'
        f'proposer = "{quoted[1]}"  # tells things apart\n'
        f"mask = {weights.mask:.4g}  # weight of its masks in the alpha\n"
        f"beyond = {weights.beyond:.4g}  # what is left of parts in which it finds nothing\n"
    )


def _beside(part: str, place: Path) -> str:
    """A model's file as its TOML file means it: relative to that; a name stays a name."""
    return str(place / part) if Path(part).suffix and (place / part).exists() else part


def _ensemble_table(path: Path) -> dict[str, Any] | None:
    """The table of an ensemble; None for a file of another kind, which its own reader judges."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        return None
    if "drawer" not in table:
        return None
    if set(table) != set(KEYS):
        raise InvalidOptions(f"{path}: expected the keys {', '.join(KEYS)}; got {', '.join(table)}.")
    for key in KEYS[:2]:
        if not isinstance(table[key], str):
            raise InvalidOptions(f"{path}: {key}: expected text in quotes; got {table[key]!r}.")
    for key in KEYS[2:]:
        if isinstance(table[key], bool) or not isinstance(table[key], int | float):
            raise InvalidOptions(f"{path}: {key}: expected a number; got {table[key]!r}.")
        if not 0 <= table[key] <= 1:
            raise InvalidOptions(f"{path}: {key}: expected 0 to 1; got {table[key]}.")
    return table
