"""The models deepetch knows: one row each. A model's name fixes its preprocessing, licence and origin."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from deepetch.errors import UnknownModel
from deepetch.inference.normalize import MEAN, STD


@dataclass(frozen=True, kw_only=True)
class ModelSpec:
    """What one must know to run a segmenter.

    file         in the package's weights, or anywhere for a model of the user's own.
    input_size   longer side of the letterboxed picture, in pixels.
    calibration  knots from raw confidence to expected IoU, see `measure.confidence`; none: raw.
    """

    name: str
    file: Path
    sha256: str | None = None
    input_size: int = 320
    mean: tuple[float, float, float] = MEAN
    std: tuple[float, float, float] = STD
    licence: str = "unknown"
    data: str = "unknown"
    paper: str = ""
    summary: str = ""
    calibration: tuple[tuple[float, float], ...] = ()


WEIGHTS = Path(str(files("deepetch"))) / "weights"

MODELS = {
    spec.name: spec
    for spec in (
        ModelSpec(
            name="default",
            file=WEIGHTS / "default.onnx",
            sha256="0962b3bb7adc91406301dd60e6681550cf75411fc69f3e96c46247230ab72f17",
            licence="Apache-2.0",
            data="Photographs of people, garments and packs, each set with terms of its own: docs/model-card.md",
            paper="Ronneberger et al. 2015, He et al. 2016, Shi et al. 2016",
            summary="People with what they wear and hold, garments, packs; trained here, see docs/model-card.md",
        ),
    )
}


def find_model(name: str) -> ModelSpec:
    """The row called `name`, or a row for the ONNX file at that path.

    Raises  UnknownModel when it is neither.
    """
    if name in MODELS:
        return MODELS[name]
    path = Path(name)
    with contextlib.suppress(OSError):  # a name too long is no file either
        if path.is_file():
            return ModelSpec(name=path.name, file=path)
    raise UnknownModel(f"no model called {name!r} and no such file; known: {', '.join(sorted(MODELS))}.")
