"""Real ONNX models that find the same things in every picture, built with onnx.helper; nothing here uses deepetch."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from onnx import TensorProto, helper, numpy_helper, save

SIDE = 28
OUTPUTS = ("boxes", "labels", "scores", "masks")


class Found(NamedTuple):
    """box: left, top, right, bottom in pixels of the model's square; mask: one opacity, or (28, 28)."""

    label: int
    score: float
    box: tuple[float, float, float, float]
    mask: Any = 1.0


def detector(
    path: Path,
    found: Sequence[Found],
    *,
    classes: Sequence[str] = ("person", "product"),
    size: int = 64,
    changed: dict[str, Any] | None = None,
) -> Path:
    """A model of one input (1, 3, size, size) that answers with `found`, whatever it sees.

    changed  arrays to answer with instead, by output.
    """
    values: dict[str, Any] = {
        "boxes": np.array([one.box for one in found], np.float32).reshape(-1, 4),
        "labels": np.array([one.label for one in found], np.int64),
        "scores": np.array([one.score for one in found], np.float32),
        "masks": np.array([np.broadcast_to(one.mask, (1, SIDE, SIDE)) for one in found], np.float32).reshape(
            -1, 1, SIDE, SIDE
        ),
    } | (changed or {})
    nodes, outputs, constants = [], [], []
    # an input that nothing uses would be dropped: a thousandth of a millionth of it is no change
    nodes.append(helper.make_node("ReduceMax", ["picture"], ["seen"], keepdims=0))
    nodes.append(helper.make_node("Mul", ["seen", "none"], ["nothing"]))
    constants.append(numpy_helper.from_array(np.array(0, np.float32), "none"))
    for name in OUTPUTS:
        value = values[name]
        constants.append(numpy_helper.from_array(value, f"told_{name}"))
        kind = TensorProto.INT64 if value.dtype == np.int64 else TensorProto.FLOAT
        if kind == TensorProto.FLOAT:
            nodes.append(helper.make_node("Add", [f"told_{name}", "nothing"], [name]))
        else:
            nodes.append(helper.make_node("Identity", [f"told_{name}"], [name]))
        outputs.append(helper.make_tensor_value_info(name, kind, value.shape))
    picture = helper.make_tensor_value_info("picture", TensorProto.FLOAT, (1, 3, size, size))
    graph = helper.make_graph(nodes, "detector", [picture], outputs, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    told = {"input_size": size, "mean": [0.5] * 3, "std": [1, 1, 1], "classes": list(classes)}
    helper.set_model_props(model, {"deepetch": json.dumps(told)})
    save(model, path)
    return path
