"""Who can take part in a comparison: anything that says of a photo what its alpha is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Protocol

from deepetch.errors import InvalidOptions
from deepetch.evaluate import Prediction, predict
from deepetch.options import MatteOptions
from deepetch.photo.photo import Photo
from deepetch.segment.ensemble import Ensemble
from deepetch.segment.segment import Segmenter, load_segmenter


class Contestant(Protocol):
    """A model, several together, or anything else that predicts.

    name        what reports call it; no two have the same.
    file_bytes  what its files take on disk.
    """

    @property
    def name(self) -> str: ...

    @property
    def file_bytes(self) -> int: ...

    def predict(self, photo: Photo, options: MatteOptions) -> Prediction:
        """Raises ModelMismatch when it cannot be used on that photo."""
        ...


@dataclass(frozen=True, eq=False)
class OneModel:
    """A model, or two as an ensemble, as a contestant."""

    name: str
    model: Segmenter

    @property
    def file_bytes(self) -> int:
        parts = (self.model.drawer, self.model.proposer) if isinstance(self.model, Ensemble) else (self.model,)
        return sum(part.spec.file.stat().st_size for part in parts)

    def predict(self, photo: Photo, options: MatteOptions) -> Prediction:
        return predict(self.model, photo, options)


def open_contestants(given: Sequence[str], *, threads: int = 0, folder: Path | None = None) -> list[Contestant]:
    """Load two or more of what the words of a call name, each with a name of its own.

    given    each a model's name, an ONNX file, or TOML that describes one.
    threads  of each network; 0: one per core.
    folder   where downloaded models are kept; None: the system's place for caches.
    Two that call themselves the same, such as `a/model.onnx` and `b/model.onnx`, get so much of their paths before it.
    Raises   InvalidOptions for less than two, or the same one twice; what `load_segmenter` raises.
    """
    if len(given) < 2:
        raise InvalidOptions("compare takes two models or more; for one there is `deepetch evaluate`.")
    distinct_names(given, given)  # the same one twice is said before anything is loaded
    models = [load_segmenter(one, threads=threads, folder=folder) for one in given]
    names = distinct_names([model.spec.name for model in models], given)
    return [OneModel(name, model) for name, model in zip(names, models, strict=True)]


def open_contestant(given: str, *, name: str, threads: int = 0, folder: Path | None = None) -> Contestant:
    """Load one of them. Raises what `load_segmenter` raises."""
    return OneModel(name, load_segmenter(given, threads=threads, folder=folder))


def distinct_names(names: Sequence[str], given: Sequence[str]) -> list[str]:
    """The names; those that are not their owner's alone become as much of the end of what was given as tells it apart.

    Raises  InvalidOptions when the same was given twice.
    """
    if len(set(given)) < len(given):
        twice = next(one for one in given if given.count(one) > 1)
        raise InvalidOptions(f"{twice}: given twice; a model does not differ from itself.")
    found = list(names)
    longest = max((len(PurePath(one).parts) for one in given), default=0)
    for parts in range(1, longest + 1):
        again = [index for index, name in enumerate(found) if found.count(name) > 1]
        for index in again:
            found[index] = str(PurePath(*PurePath(given[index]).parts[-parts:]))
    if len(set(found)) < len(found):  # one name as another's path, or two spellings of one path
        twice = next(name for name in found if found.count(name) > 1)
        raise InvalidOptions(f"{twice}: two models cannot be told apart by this name. Give one of them another name.")
    return found
