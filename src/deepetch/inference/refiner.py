"""Run a border refiner with ONNX Runtime."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepetch.errors import ModelMismatch, UnknownModel
from deepetch.inference.normalize import MEAN, STD
from deepetch.inference.registry import WEIGHTS
from deepetch.inference.session import METADATA_KEY, open_session, run_session

SQUARES = "squares"  # the input (n, 4, h, w)
DEFAULT = WEIGHTS / "refiner.onnx"
NUMBERS = {"mean": MEAN, "std": STD}  # of a file that says nothing of itself


class Refiner:
    """A loaded border refiner; safe to call from several threads."""

    def __init__(self, file: Path, session: Any) -> None:
        self.file, self._session = file, session
        inputs = session.get_inputs()
        if len(inputs) != 1 or len(inputs[0].shape) != 4 or inputs[0].shape[1] != 4:
            shapes = ", ".join(str(item.shape) for item in inputs)
            raise ModelMismatch(f"{file}: expected one input (n, 4, h, w); got {shapes}. Is this a border refiner?")
        self._input = inputs[0].name
        try:
            said = json.loads(session.get_modelmeta().custom_metadata_map.get(METADATA_KEY, "{}"))
            self._mean, self._std = (np.asarray(said.get(name, usual), np.float32) for name, usual in NUMBERS.items())
            if self._mean.shape != (3,) or self._std.shape != (3,) or not self._std.all():
                raise ValueError("mean or std are no three numbers")
        except (ValueError, TypeError, AttributeError) as error:
            raise ModelMismatch(f"{file}: its deepetch metadata cannot be read; export it again.") from error

    def refine(self, colours: NDArray[np.float32], coarse: NDArray[np.float32]) -> NDArray[np.float32]:
        """Alphas of squares.

        colours  (n, h, w, 3) float32 in [0, 1], encoded sRGB or near it; both sides multiples of 16.
        coarse   (n, h, w) float32 in [0, 1].
        Returns  (n, h, w) float32 in [0, 1]. No squares in, none out.
        Raises   ModelMismatch when the network refuses the size, or answers with another one or with what is no alpha.
        """
        if not len(coarse):
            return np.zeros_like(coarse)
        squares = np.empty((len(coarse), 4, *coarse.shape[1:]), np.float32)
        for channel in range(3):
            squares[:, channel] = (colours[..., channel] - self._mean[channel]) / self._std[channel]
        squares[:, 3] = 2 * coarse - 1
        answer = np.asarray(run_session(self._session, self.file, None, self._input, squares)[0], np.float32)
        if answer.size != coarse.size:
            raise ModelMismatch(f"{self.file}: expected alphas {coarse.shape}; the refiner answered {answer.shape}.")
        answer = answer.reshape(coarse.shape)
        if not (answer.min() >= 0 and answer.max() <= 1):  # NaN among them
            raise ModelMismatch(f"{self.file}: the refiner answered with values that are no alpha.")
        return answer


def load_refiner(name: str = "default", *, threads: int = 0) -> Refiner:
    """Load the shipped refiner, or one from an ONNX file; as long as the file stays the same it is loaded once.

    threads  of the network; 0: one per core.
    Raises   UnknownModel when there is no such file, ModelMismatch when it is no border refiner.
    """
    file = DEFAULT if name == "default" else Path(name)
    if not file.is_file():
        raise UnknownModel(f"no refiner called {name!r} and no such file; train one with --network refiner.")
    return _loaded(file, file.stat().st_mtime_ns, threads)


@lru_cache(maxsize=2)
def _loaded(file: Path, changed: int, threads: int) -> Refiner:
    return Refiner(file, open_session(file, threads=threads))
