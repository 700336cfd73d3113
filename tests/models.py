"""Tiny real ONNX models, built node by node with onnx.helper; nothing here uses deepetch."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from onnx import TensorProto, helper, load, numpy_helper, save

PLAIN: dict[str, Any] = {"input_size": 64, "mean": [0, 0, 0], "std": [1, 1, 1]}  # the view itself goes in
FREE = ("n", 3, "h", "w")


def colour_key(
    path: Path,
    *,
    steepness: float = 60.0,
    threshold: float = 0.3,
    metadata: dict[str, Any] | None = None,
    shape: tuple[Any, ...] = FREE,
) -> Path:
    """alpha = sigmoid(steepness (red - blue - threshold)): cuts out what is red or yellow, and no grey or blue."""
    weights = (steepness, 0.0, -steepness)
    return _convolution(path, weights, -steepness * threshold, PLAIN | (metadata or {}), shape)


def sure_of_a_subject(path: Path, presence: float) -> Path:
    """`colour_key` that also says, of every picture, how probable it is that there is a subject."""
    model = load(colour_key(path))
    model.graph.initializer.append(numpy_helper.from_array(np.array([presence], np.float32), "said"))
    model.graph.node.append(helper.make_node("Identity", ["said"], ["presence"]))
    model.graph.output.append(helper.make_tensor_value_info("presence", TensorProto.FLOAT, (1,)))
    save(model, path)
    return path


def constant(path: Path, alpha: float, *, metadata: dict[str, Any] | None = None) -> Path:
    """The same alpha everywhere; NaN is possible."""
    logit = float(np.log(alpha / (1 - alpha))) if alpha == alpha else float("nan")
    return _convolution(path, (0.0, 0.0, 0.0), logit, PLAIN | (metadata or {}), FREE)


def without_metadata(path: Path) -> Path:
    """`constant` 0.75 that says nothing of itself."""
    return _convolution(path, (0.0, 0.0, 0.0), float(np.log(3)), None, FREE)


def with_metadata_text(path: Path, text: str) -> Path:
    """`constant` 0.75 with any text where our metadata belong."""
    return _convolution(path, (0.0, 0.0, 0.0), float(np.log(3)), text, FREE)


def echo(path: Path) -> Path:
    """Alpha is the red channel of what the network is given, before any clipping."""
    node = helper.make_node("Slice", ["x", "starts", "ends", "axes"], ["alpha"])
    constants = [_ints("starts", [0]), _ints("ends", [1]), _ints("axes", [1])]
    return _stored(path, [node], constants, FREE, ("n", 1, "h", "w"), PLAIN)


def handing_on(path: Path) -> Path:
    """A refiner that answers with the coarse alpha it is given."""
    return _refiner(path, (0.0, 0.0, 0.0, 0.5), 0.5, sigmoid=False)


def colour_refiner(path: Path, *, steepness: float = 60.0, threshold: float = 0.5) -> Path:
    """A refiner that looks at colour alone: alpha = sigmoid(steepness (red - threshold))."""
    return _refiner(path, (steepness, 0.0, 0.0, 0.0), -steepness * threshold, sigmoid=True)


def answering(path: Path, value: float) -> Path:
    """A refiner whose answer is the same everywhere; NaN is possible."""
    return _refiner(path, (0.0, 0.0, 0.0, 0.0), value, sigmoid=False)


def side_outputs(path: Path, weights: tuple[float, float, float], *, shape: tuple[Any, ...] = FREE) -> Path:
    """As U2-Net: several outputs, here "d0", which is 0.25 everywhere, and "d1", the weighted sum of the channels."""
    nodes = [
        helper.make_node("Conv", ["x", "weights"], ["d1"]),
        helper.make_node("Conv", ["x", "nothing", "quarter"], ["d0"]),
    ]
    constants = [
        numpy_helper.from_array(np.array(weights, np.float32).reshape(1, 3, 1, 1), "weights"),
        numpy_helper.from_array(np.zeros((1, 3, 1, 1), np.float32), "nothing"),
        numpy_helper.from_array(np.array([0.25], np.float32), "quarter"),
    ]
    answer = (shape[0], 1, *shape[2:])
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, answer) for name in ("d0", "d1")],
        constants,
    )
    save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return path


def wrong_rank(path: Path) -> Path:
    """A classifier's shape: (n, 3) in, (n, 3) out."""
    return _stored(path, [helper.make_node("Identity", ["x"], ["alpha"])], [], ("n", 3), ("n", 3), None)


def three_channels_out(path: Path) -> Path:
    """Answers with as many channels as it is given."""
    return _stored(path, [helper.make_node("Identity", ["x"], ["alpha"])], [], FREE, FREE, PLAIN)


def _convolution(path: Path, weights: tuple[float, ...], bias: float, metadata: Any, shape: tuple[Any, ...]) -> Path:
    constants = [
        numpy_helper.from_array(np.array(weights, np.float32).reshape(1, 3, 1, 1), "weights"),
        numpy_helper.from_array(np.array([bias], np.float32), "bias"),
    ]
    nodes = [
        helper.make_node("Conv", ["x", "weights", "bias"], ["logits"]),
        helper.make_node("Sigmoid", ["logits"], ["alpha"]),
    ]
    return _stored(path, nodes, constants, shape, (shape[0], 1, *shape[2:]), metadata)


def _refiner(path: Path, weights: tuple[float, ...], bias: float, *, sigmoid: bool) -> Path:
    constants = [
        numpy_helper.from_array(np.array(weights, np.float32).reshape(1, 4, 1, 1), "weights"),
        numpy_helper.from_array(np.array([bias], np.float32), "bias"),
    ]
    nodes = [
        helper.make_node("Conv", ["x", "weights", "bias"], ["mixed"]),
        helper.make_node("Sigmoid" if sigmoid else "Identity", ["mixed"], ["alpha"]),
    ]
    return _stored(path, nodes, constants, ("n", 4, "h", "w"), ("n", 1, "h", "w"), PLAIN)


def _stored(
    path: Path, nodes: list[Any], constants: list[Any], given: tuple[Any, ...], answer: tuple[Any, ...], metadata: Any
) -> Path:
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, given)],
        [helper.make_tensor_value_info("alpha", TensorProto.FLOAT, answer)],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    if metadata is not None:
        text = metadata if isinstance(metadata, str) else json.dumps(metadata)
        helper.set_model_props(model, {"deepetch": text})
    save(model, path)
    return path


def _ints(name: str, values: list[int]) -> Any:
    return numpy_helper.from_array(np.array(values, np.int64), name)
