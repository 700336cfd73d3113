"""Run a segmenter with ONNX Runtime: provider and threads said out loud, foreign errors made ours."""

from __future__ import annotations

import contextlib
import ctypes
import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepetch.arrays import Alpha, View
from deepetch.errors import ModelMismatch
from deepetch.inference.instance import Instance
from deepetch.inference.normalize import to_alpha, to_tensor
from deepetch.inference.registry import find_model
from deepetch.inference.spec import ModelSpec, require_numbers

ROUNDING = 0.01  # so far an answer may leave [0, 1], by arithmetic of few bits
FEATURES = "features"  # the output (n, c, h, w) of the deepest layer; a model need not have it
PRESENCE = "presence"  # the output (n,) that says whether a picture shows a subject; a model need not have it
DETECTIONS = ("boxes", "labels", "scores", "masks")  # the outputs of a network that tells things apart
METADATA_KEY = "deepetch"  # in the ONNX file's own metadata, a JSON object
SAID = frozenset(
    {"input_size", "mean", "std", "licence", "data", "paper", "summary", "calibration", "classes"}
)  # its keys


@dataclass(frozen=True, eq=False, kw_only=True)
class Segmentation:
    """What a model says of a view.

    alpha     (h, w) float32 in [0, 1].
    presence  probability in [0, 1] that the view shows a subject at all; 1 from a model that does not tell.
    features  (h', w', c) float32, what its deepest layer says of each of the coarser pixels, if they were asked for.
    instances  the things that alpha is the union of, from a model that tells them apart, the surest first.
    """

    alpha: Alpha
    presence: float = 1.0
    features: NDArray[np.float32] | None = None
    instances: tuple[Instance, ...] = ()


@dataclass(frozen=True, eq=False, kw_only=True)
class Detections:
    """What a network that tells things apart says of a view: k of them, the surest first.

    boxes   (k, 4) float32, left, top, right, bottom in pixels of the view.
    labels  (k,) int64 from 1 on, in the order of its classes.
    scores  (k,) float32 in [0, 1].
    masks   (k, s, s) float32 in [0, 1], each of its own box.
    """

    boxes: NDArray[np.float32]
    labels: NDArray[np.int64]
    scores: NDArray[np.float32]
    masks: NDArray[np.float32]


class Model:
    """A loaded segmenter; safe to call from several threads.

    spec       its row, completed by what the file says of itself; a fixed input size overrules `input_size`.
    providers  what really runs it, in ONNX Runtime's words.
    """

    def __init__(self, spec: ModelSpec, session: Any) -> None:
        self._session = session
        self.spec = _completed(spec, session)
        self.providers: tuple[str, ...] = tuple(session.get_providers())
        inputs = session.get_inputs()
        if len(inputs) != 1 or len(inputs[0].shape) != 4 or inputs[0].shape[1] != 3:
            shapes = ", ".join(str(item.shape) for item in inputs)
            raise ModelMismatch(f"{spec.file}: expected one input (n, 3, h, w); got {shapes}. Is this a segmenter?")
        self._input = inputs[0].name
        outputs = [item.name for item in session.get_outputs()]
        answer = spec.output or outputs[0]
        if answer not in outputs:
            raise ModelMismatch(f"{spec.file}: no output called {answer!r}; it has {', '.join(outputs)}.")
        self._outputs = [answer, *(name for name in outputs[1:] if name == PRESENCE)]
        self._has_features = FEATURES in outputs
        if self.spec.classes and not set(DETECTIONS) <= set(outputs):
            raise ModelMismatch(f"{spec.file}: it has classes, and not the outputs {', '.join(DETECTIONS)}.")
        height, width = inputs[0].shape[2:]
        fixed = isinstance(height, int) and isinstance(width, int)
        self.fixed_size: tuple[int, int] | None = (height, width) if fixed else None
        if fixed:  # the graph itself says it: a photo reduced to another size first would lose detail
            self.spec = dataclasses.replace(self.spec, input_size=min(height, width))

    @property
    def classes(self) -> tuple[str, ...]:
        """Of the things that it tells apart; none of a segmenter."""
        return self.spec.classes

    def predict(self, view: View, *, features: bool = False) -> Segmentation:
        """Segment a working view (h, w, 3), both sides multiples of 32; alpha is of the same size.

        features  also the deep features.
        Raises    ModelMismatch when the network refuses the size, answers with another one, or has no features.
        """
        if features:
            self.require_features()
        tensor = to_tensor(view, self.spec.mean, self.spec.std)
        answer, *rest = run_session(
            self._session, self.spec.file, [*self._outputs, *([FEATURES] if features else [])], self._input, tensor
        )
        deep = np.ascontiguousarray(rest.pop()[0].transpose(1, 2, 0), np.float32) if features else None
        _return_freed_memory()
        if answer.shape[-2:] != view.shape[:2] or answer.size != view.shape[0] * view.shape[1]:
            raise ModelMismatch(
                f"{self.spec.file}: expected one alpha of {view.shape[:2]}; the model answered {answer.shape}."
            )
        alpha = answer.reshape(view.shape[:2]).astype(np.float32, copy=False)
        if not np.isfinite(alpha).all():
            raise ModelMismatch(f"{self.spec.file}: the model answered with values that are no numbers.")
        alpha = to_alpha(alpha, self.spec.values)
        low, high = float(alpha.min()), float(alpha.max())
        if low < -ROUNDING or high > 1 + ROUNDING:
            raise ModelMismatch(
                f"{self.spec.file}: expected alpha in [0, 1]; the model answered {low:.3g} to {high:.3g}. "
                'Export it with its sigmoid, or describe it: values = "logits".'
            )
        presence = float(rest[0].reshape(-1)[0]) if rest else Segmentation.presence
        if not 0 <= presence <= 1:
            raise ModelMismatch(f"{self.spec.file}: expected {PRESENCE} in [0, 1]; the model answered {presence:.3g}.")
        return Segmentation(alpha=np.clip(alpha, 0, 1), presence=presence, features=deep)

    def detect(self, view: View) -> Detections:
        """Find the things in a working view (h, w, 3) of the network's own size.

        Raises  ModelMismatch when the network refuses the size, answers otherwise than it was exported to do, or with
                labels that are none of its classes.
        """
        tensor = to_tensor(view, self.spec.mean, self.spec.std)
        answer = run_session(self._session, self.spec.file, list(DETECTIONS), self._input, tensor)
        boxes, labels, scores, masks = answer
        _return_freed_memory()
        count = scores.size
        shapes = (boxes.shape, labels.shape, scores.shape, masks.shape[:2])
        if shapes != ((count, 4), (count,), (count,), (count, 1)) or masks.ndim != 4:
            raise ModelMismatch(f"{self.spec.file}: expected {', '.join(DETECTIONS)} of k things; got {shapes}.")
        if not all(np.isfinite(values).all() for values in answer):
            raise ModelMismatch(f"{self.spec.file}: the model answered with values that are no numbers.")
        known = len(self.spec.classes)
        strange = labels[(labels < 1) | (labels > known)]
        if strange.size:
            raise ModelMismatch(
                f"{self.spec.file}: it names {known} classes, and found number {int(strange[0])}. Export it again."
            )
        wide = (boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1])  # one without pixels holds nothing
        order = np.argsort(-scores[wide], kind="stable")
        return Detections(
            boxes=boxes[wide][order].astype(np.float32),
            labels=labels[wide][order].astype(np.int64),
            scores=scores[wide][order].astype(np.float32),
            masks=masks[wide][order][:, 0].astype(np.float32),
        )

    def require_features(self) -> None:
        """Raise ModelMismatch unless the model gives its deep features."""
        if not self._has_features:
            raise ModelMismatch(f"{self.spec.file}: the model gives no deep features. Use one of `deepetch export`.")


def load_model(name: str = "default", *, threads: int = 0, folder: Path | None = None) -> Model:
    """Load a model by name, from an ONNX file, or from a TOML file that describes one.

    threads  of the network; 0 leaves the choice to ONNX Runtime (one per core).
    folder   where downloaded models are kept; None: the system's place for caches.
    Raises   UnknownModel, or ModelMismatch when the file is no ONNX segmenter; InvalidOptions for a TOML file that
             makes no sense.
    """
    spec = find_model(name, folder=folder)
    return Model(spec, open_session(spec.file, threads=threads))


def open_session(file: Path, *, threads: int = 0) -> Any:
    """An ONNX Runtime session of a file; 0 threads: its own choice. Raises ModelMismatch when it is no ONNX model."""
    import onnxruntime

    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = threads
    settings.log_severity_level = 3
    settings.enable_cpu_mem_arena = False  # 20 MB less at the peak, no slower
    # a thread that spins while it waits takes its core from OpenCV and libvips
    settings.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        session = onnxruntime.InferenceSession(str(file), settings, providers=["CPUExecutionProvider"])
    except Exception as error:
        reason = str(error).splitlines()[0]
        raise ModelMismatch(f"{file}: no ONNX model that can be run ({reason}).") from error
    _return_freed_memory()
    return session


def run_session(
    session: Any, file: Path, outputs: list[str] | None, name: str, tensor: NDArray[np.float32]
) -> list[NDArray[Any]]:
    """What a session of `file` answers to its one input; None: all outputs. Raises ModelMismatch if it refuses it."""
    from onnxruntime.capi import onnxruntime_pybind11_state as runtime

    try:
        return list(session.run(outputs, {name: tensor}))
    except (runtime.InvalidArgument, runtime.Fail, runtime.RuntimeException) as error:
        reason = str(error).splitlines()[0]
        raise ModelMismatch(f"{file}: the model refuses an input of {tensor.shape}: {reason}") from error


def _return_freed_memory() -> None:
    """Give back what loading and running have freed: glibc keeps 50 MB, and the work at full size comes next."""
    with contextlib.suppress(OSError, TypeError, AttributeError):  # other systems have no such call, and need none
        ctypes.CDLL(None).malloc_trim(0)


def _completed(spec: ModelSpec, session: Any) -> ModelSpec:
    """The row, with what the file's metadata say laid over it."""
    text = session.get_modelmeta().custom_metadata_map.get(METADATA_KEY)
    if text is None or not spec.metadata:
        return spec
    try:
        said = json.loads(text)
        known = {key: _frozen(value) for key, value in said.items() if key in SAID}
        completed = dataclasses.replace(spec, **known)
        require_numbers(completed)
        if not isinstance(completed.classes, tuple) or not all(isinstance(name, str) for name in completed.classes):
            raise ValueError("classes is no list of texts")
        return completed
    except (ValueError, TypeError, AttributeError) as error:
        raise ModelMismatch(f"{spec.file}: its deepetch metadata cannot be read; export it again.") from error


def _frozen(value: Any) -> Any:
    """JSON lists as tuples, at every depth."""
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
