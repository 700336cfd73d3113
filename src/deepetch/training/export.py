"""A trained network to an ONNX file."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process
from torch import Tensor, nn
from torch.nn import functional

from deepetch.datasets.pack import Pack, open_pack
from deepetch.errors import InvalidOptions
from deepetch.inference.normalize import MEAN, STD
from deepetch.inference.session import METADATA_KEY, PRESENCE
from deepetch.photo.atomic import atomic_output, require_free
from deepetch.training.batch import normalise
from deepetch.training.cross_validation import CROSS_VALIDATION
from deepetch.training.ensemble import Ensemble, ensemble_of
from deepetch.training.networks.build import Network
from deepetch.training.networks.detector_weights import COCO
from deepetch.training.networks.mask_rcnn import MaskRCNN
from deepetch.training.networks.refiner import BorderRefiner
from deepetch.training.presence import Presence, fit_presence
from deepetch.training.quiet import errors_only
from deepetch.training.squares import Squares
from deepetch.training.weights import KERAS_SUFFIXES, read_any_weights, trained_network, write_weights

CALIBRATION_PICTURES = 200
LEAST_STORED_AS_HALF = 1024  # values; smaller tensors (biases, norms) stay as they are


class Exported(nn.Module):
    """The network as inference sees it: normalised pictures in; alpha, deep features and, if fitted, presence out."""

    def __init__(self, network: Network | Ensemble, presence: Presence | None = None) -> None:
        super().__init__()
        self.network, self.presence = network, presence

    def forward(self, picture: Tensor) -> tuple[Tensor, ...]:
        prediction = self.network(picture)
        answers = (torch.sigmoid(prediction.logits), prediction.features)
        return answers if self.presence is None else (*answers, self.presence(prediction.features))


def export_network(
    source: Path,
    path: Path,
    *,
    input_size: int,
    calibration_pack: Path | None = None,
    presence_pack: Path | None = None,
    weights: Path | None = None,
    metadata: dict[str, Any] | None = None,
    to_calibrate: bool = False,
    overwrite: bool = False,
) -> str:
    """Export a run, a file of weights, or "coco", and compare what comes out with torch on pictures.

    Files are safetensors, the classic network saved by Keras, or Mask R-CNN saved by torchvision.

    A cross-validation becomes one model: the ensemble of its best configuration's folds.

    calibration_pack  quantise to 8 bit, calibrated on pictures of its train split.
    presence_pack     fit on its train split how to tell a picture without a subject, see `training.presence`.
    weights           also store the float16 weights there.
    to_calibrate      the caller fits the file's confidence next: refused for a network that has none.
    Returns           a sentence that says how far ONNX and torch are apart.
    Raises            InvalidOptions, TrainingError, OutputExists, OutputFailed.
    """
    if input_size < 32 or input_size % 32:
        raise InvalidOptions(f"--input-size: expected a multiple of 32; got {input_size}.")
    for output in (path, weights):
        if output is not None:
            require_free(output, overwrite=overwrite)
    said: dict[str, Any] = {"input_size": input_size, "mean": MEAN, "std": STD}
    if source.suffix.lower() in KERAS_SUFFIXES:
        from deepetch.training.keras_weights import read_keras_weights

        if weights is not None:
            raise InvalidOptions(
                "--weights: weights of Keras look at pictures that are not normalised; "
                f"train on from them with --init-from {source}."
            )
        network: Network | Ensemble = read_keras_weights(source)
        said |= {"mean": (0.0, 0.0, 0.0), "std": (1.0, 1.0, 1.0)}
    elif (source / CROSS_VALIDATION).exists():
        if weights is not None:
            raise InvalidOptions("--weights: an ensemble has several networks; export one of its folds.")
        network = ensemble_of(source)
    else:
        network = read_any_weights(source) if source.is_file() or str(source) == COCO else trained_network(source)
    said |= metadata or {}
    if isinstance(network, BorderRefiner):
        if calibration_pack is not None or presence_pack is not None or to_calibrate:
            raise InvalidOptions(
                f"{source}: a refiner has no --int8, no --presence and no --calibrate; these are for segmenters."
            )
        return _export_refiner(network, path, weights, said, overwrite=overwrite)
    if isinstance(network, MaskRCNN):
        if calibration_pack is not None or presence_pack is not None:
            raise InvalidOptions(f"{source}: Mask R-CNN has no --int8 and no --presence; these are for segmenters.")
        return _export_instances(network, path, weights, said, overwrite=overwrite)
    presence = None
    if presence_pack is not None:
        presence = fit_presence(network, open_pack(presence_pack), size=input_size)
    if calibration_pack is None:
        write_onnx(network, path, presence=presence, metadata=said, overwrite=overwrite)
        pictures = [np.random.default_rng(0).normal(size=(1, 3, 256, 320)).astype(np.float32)]
    else:
        pictures = training_pictures(open_pack(calibration_pack), input_size)
        write_int8_onnx(network, path, presence=presence, calibration=pictures, metadata=said, overwrite=overwrite)
    if weights is not None and not isinstance(network, Ensemble):
        write_weights(network, weights, overwrite=overwrite)
    largest, mean = difference(network, path, pictures[:20])
    return f"differs from torch by {largest:.2g} at most, {mean:.2g} on average"


def _export_refiner(
    network: BorderRefiner, path: Path, weights: Path | None, said: dict[str, Any], *, overwrite: bool
) -> str:
    from deepetch.training.export_refiner import refiner_difference, write_refiner

    del said["input_size"]  # it sees squares of any picture
    write_refiner(network, path, metadata=said, overwrite=overwrite)
    if weights is not None:
        write_weights(network, weights, overwrite=overwrite)
    largest, mean = refiner_difference(network, path)
    return f"differs from torch by {largest:.2g} at most, {mean:.2g} on average"


def _export_instances(
    network: MaskRCNN, path: Path, weights: Path | None, said: dict[str, Any], *, overwrite: bool
) -> str:
    from deepetch.training.export_instances import write_instances

    found = write_instances(network, path, size=said["input_size"], metadata=said, overwrite=overwrite)
    if weights is not None:
        write_weights(network, weights, overwrite=overwrite)
    if not found.things:
        return "neither it nor torch finds anything in the pictures that they are compared on"
    apart = f"boxes differ from torch's by {found.boxes:.2g} pixels at most, masks by {found.masks:.2g}"
    return f"{apart}, of {found.things} things"


def training_pictures(pack: Pack, size: int) -> list[NDArray[np.float32]]:
    """Normalised pictures (1, 3, size, size) of the train split, evenly spread over the pack."""
    rows = pack.select(split="train")
    rows = rows[np.linspace(0, len(rows) - 1, min(CALIBRATION_PICTURES, len(rows))).astype(int)]
    images, _, _ = Squares(pack).read(rows)
    images = functional.interpolate(images, size=size, mode="bilinear", antialias=True)
    return [normalise(image[None]).numpy() for image in images]


def difference(network: Network | Ensemble, path: Path, pictures: Sequence[NDArray[np.float32]]) -> tuple[float, float]:
    """Largest and mean |alpha of ONNX Runtime - alpha of torch| over normalised pictures (1, 3, h, w)."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    largest = total = 0.0
    with torch.no_grad():
        for picture in pictures:
            ours = torch.sigmoid(network(torch.from_numpy(picture)).logits).numpy()
            gap = np.abs(session.run(["alpha"], {"picture": picture})[0] - ours)
            largest = max(largest, float(gap.max()))
            total += float(gap.mean())
    return largest, total / len(pictures)


def write_onnx(
    network: Network | Ensemble,
    path: Path,
    *,
    presence: Presence | None = None,
    metadata: dict[str, Any],
    overwrite: bool = False,
) -> None:
    """Export with dynamic batch, height and width (multiples of 32), float32; weights stored as float16.

    Inputs and outputs: `picture` (n, 3, h, w) -> `alpha` (n, 1, h, w) in [0, 1], `features` (n, c, h/16, w/16), and
    `presence` (n,) in [0, 1] where that is given. An output that is not asked for costs nothing.
    metadata  what `inference.session` lays over the model's row: input_size, mean, std, licence, data, calibration.
    """
    with atomic_output(path, overwrite=overwrite) as temporary:
        model = half_stored(float_model(network, presence))
        describe(model, metadata)
        onnx.save(model, temporary)


def write_int8_onnx(
    network: Network | Ensemble,
    path: Path,
    *,
    presence: Presence | None = None,
    calibration: Iterable[NDArray[np.float32]],
    metadata: dict[str, Any],
    overwrite: bool = False,
) -> None:
    """Export and quantise statically: 8-bit weights per channel and 8-bit activations (QDQ), the heads in float32.

    calibration  normalised batches (1, 3, h, w) of training pictures, of one size.
    """
    with TemporaryDirectory() as folder, atomic_output(path, overwrite=overwrite) as temporary:
        plain, prepared, quantised = (Path(folder) / name for name in ("plain.onnx", "prepared.onnx", "int8.onnx"))
        onnx.save(float_model(network, presence), plain)
        quant_pre_process(str(plain), str(prepared), skip_symbolic_shape=True)
        quantize_static(
            str(prepared),
            str(quantised),
            _Calibration(calibration),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=_heads(onnx.load(prepared)),
        )
        model = onnx.load(quantised)
        describe(model, metadata)
        onnx.save(model, temporary)


def float_model(network: Network | Ensemble, presence: Presence | None = None) -> onnx.ModelProto:
    """The float32 ONNX graph of a segmenter."""
    outputs = ["alpha", "features", *([] if presence is None else [PRESENCE])]
    return traced(Exported(network, presence), torch.zeros(2, 3, 128, 160), "picture", outputs, multiple=32)


def traced(module: nn.Module, example: Tensor, name: str, outputs: list[str], *, multiple: int) -> onnx.ModelProto:
    """The float32 ONNX graph of a module with one input.

    example   (2, c, h, w): a batch of one would be baked in.
    multiple  of which the sides are.
    """
    sides = {0: torch.export.Dim("n")}
    sides |= {axis: multiple * torch.export.Dim(side) for axis, side in ((2, "rows"), (3, "columns"))}
    with errors_only("torch.onnx"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own, about its own future
        program = torch.onnx.export(
            module.eval(),
            (example,),
            dynamo=True,
            verbose=False,
            input_names=[name],
            output_names=outputs,
            dynamic_shapes=(sides,),
        )
    assert program is not None
    model = program.model_proto
    for part in (model.graph, *model.graph.node, *model.graph.value_info):
        del part.metadata_props[:]  # the exporter's notes: stack traces, with the paths of this machine
    return model


def half_stored(model: onnx.ModelProto) -> onnx.ModelProto:
    """Store large float32 weights as float16 with a cast behind each, which the runtime folds when it loads."""
    graph = model.graph
    casts = []
    for index, tensor in enumerate(graph.initializer):
        values = numpy_helper.to_array(tensor)
        if values.dtype == np.float32 and values.size >= LEAST_STORED_AS_HALF:
            stored = f"{tensor.name}_half"
            casts.append(helper.make_node("Cast", [stored], [tensor.name], to=TensorProto.FLOAT))
            graph.initializer[index].CopyFrom(numpy_helper.from_array(values.astype(np.float16), stored))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    return model


def describe(model: onnx.ModelProto, metadata: dict[str, Any]) -> None:
    """Put our metadata into a model's own, in place of what it may say."""
    kept = {item.key: item.value for item in model.metadata_props} | {METADATA_KEY: json.dumps(metadata)}
    helper.set_model_props(model, kept)


def describe_file(path: Path, metadata: dict[str, Any]) -> None:
    """Lay more metadata over what an exported file says of itself already."""
    model = onnx.load(path)
    said: dict[str, Any] = next(
        (json.loads(item.value) for item in model.metadata_props if item.key == METADATA_KEY), {}
    )
    describe(model, said | metadata)
    with atomic_output(path, overwrite=True) as temporary:
        onnx.save(model, temporary)


class _Calibration(CalibrationDataReader):  # type: ignore[misc]
    def __init__(self, batches: Iterable[NDArray[np.float32]]) -> None:
        self._batches: Iterator[NDArray[np.float32]] = iter(batches)

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        batch = next(self._batches, None)
        return None if batch is None else {"picture": batch}


def _heads(model: onnx.ModelProto) -> list[str]:
    """The last convolution, of which alpha is made, and what presence is made of."""
    nodes = model.graph.node
    last = [node.name for node in nodes if node.op_type == "Conv"][-1:]
    return last + [node.name for node in nodes if node.op_type in ("ReduceMean", "ReduceMax", "MatMul", "Gemm")]
