"""A trained Mask R-CNN to an ONNX file: one picture of one size in, the things in it out."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from torch import Tensor, nn

from deepetch.errors import TrainingError
from deepetch.inference.normalize import MEAN, STD
from deepetch.inference.session import DETECTIONS
from deepetch.photo.atomic import atomic_output
from deepetch.training.networks.mask_rcnn import MaskRCNN
from deepetch.training.quiet import errors_only

INPUT = "picture"
OPSET = 17
SURE = 0.05  # things this far above the least score a network gives must be found by both
BOX_GAP, SCORE_GAP, MASK_GAP = 0.1, 1e-3, 1e-3  # pixels, and shares, by which two runtimes may differ


class Exported(nn.Module):
    """The network as inference sees it: one normalised picture (1, 3, s, s) to boxes, labels, scores and masks."""

    def __init__(self, network: MaskRCNN) -> None:
        super().__init__()
        self.network = network

    def forward(self, picture: Tensor) -> tuple[Tensor, ...]:
        found = self.network.detect(picture)[0]
        return found.boxes, found.labels, found.scores, found.masks


def write_instances(
    network: MaskRCNN, path: Path, *, size: int, metadata: dict[str, Any], overwrite: bool = False
) -> tuple[float, float]:
    """Export with a fixed input of `size` pixels, and prove on pictures that the file finds what the network does.

    Only the older exporter traces torchvision's detectors; weights are stored as float32.
    Returns  the largest differences of boxes, in pixels, and of masks.
    Raises   TrainingError when the file and the network find other things; the path is then as it was before.
    """
    from deepetch.training.export import describe

    with atomic_output(path, overwrite=overwrite) as temporary:
        _trace(network, temporary, drawn_pictures(size)[0])
        model = onnx.load(temporary)
        describe(model, metadata | {"input_size": size, "mean": MEAN, "std": STD, "classes": network.options.classes})
        onnx.save(model, temporary)
        return difference(network, temporary, drawn_pictures(size))


def _trace(network: MaskRCNN, path: Path, example: Tensor) -> None:
    with errors_only("torch.onnx"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own, about its own future, and the tracer's about constants
        torch.onnx.export(
            Exported(network).eval(),
            (example,),
            str(path),
            dynamo=False,
            opset_version=OPSET,
            input_names=[INPUT],
            output_names=list(DETECTIONS),
            dynamic_axes={name: {0: "things"} for name in DETECTIONS},
        )


def difference(network: MaskRCNN, path: Path, pictures: list[Tensor]) -> tuple[float, float]:
    """The largest differences of boxes and of masks between what torch and ONNX Runtime find in pictures.

    Raises  TrainingError when they find other things, or surer ones, than rounding explains.
    """
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    boxes, masks = 0.0, 0.0
    for picture in pictures:
        with torch.no_grad():
            ours = network.detect(picture)[0]
        theirs = [torch.from_numpy(part) for part in session.run(list(DETECTIONS), {INPUT: picture.numpy()})]
        for one, score in enumerate(ours.scores):
            gaps = (theirs[0] - ours.boxes[one]).abs().amax(1) + 1e6 * (theirs[1] != ours.labels[one])
            nearest = int(gaps.argmin()) if len(gaps) else 0
            if not len(gaps) or gaps[nearest] > BOX_GAP or (theirs[2][nearest] - score).abs() > SCORE_GAP:
                if score < network.least_score + SURE:
                    continue  # at the limit one of two may fall on either side
                raise TrainingError(f"{path}: ONNX Runtime does not find what torch does; run this network with torch.")
            boxes = max(boxes, float(gaps[nearest]))
            masks = max(masks, float((theirs[3][nearest] - ours.masks[one]).abs().max()))
    if masks > MASK_GAP:
        raise TrainingError(f"{path}: masks differ from torch's by {masks:.2g}; run this network with torch.")
    return boxes, masks


def drawn_pictures(size: int, count: int = 4) -> list[Tensor]:
    """Normalised pictures (1, 3, size, size) of rectangles on noise: something to find, always the same."""
    draw = np.random.default_rng(0)
    pictures = []
    for _ in range(count):
        picture = draw.normal(scale=0.3, size=(1, 3, size, size)).astype(np.float32)
        for _ in range(3):
            top, left = draw.integers(0, size * 3 // 4, 2)
            height, width = draw.integers(size // 8, size // 2, 2)
            picture[0, :, top : top + height, left : left + width] = draw.normal(size=(3, 1, 1))
        pictures.append(torch.from_numpy(picture))
    return pictures
