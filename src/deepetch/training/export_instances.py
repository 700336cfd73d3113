"""A trained Mask R-CNN to an ONNX file: one picture of one size in, the things in it out."""

from __future__ import annotations

import copy
import warnings
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnx
import onnxruntime
import torch
from torch import Tensor, nn

from deepetch.errors import TrainingError
from deepetch.inference.normalize import MEAN, STD
from deepetch.inference.session import DETECTIONS
from deepetch.photo.atomic import atomic_output
from deepetch.training.networks.mask_rcnn import Detection, MaskRCNN
from deepetch.training.quiet import errors_only

INPUT = "picture"
OPSET = 17
SURE = 0.05  # things this far above the least score a network gives must be found by both
BOX_GAP, SCORE_GAP, MASK_GAP = 0.1, 1e-3, 1e-3  # pixels, and shares, by which two runtimes may differ


class Difference(NamedTuple):
    """The largest differences of boxes, in pixels, and of masks, over so many things that both found."""

    boxes: float
    masks: float
    things: int


class Exported(nn.Module):
    """The network as inference sees it: one normalised picture (1, 3, s, s) to boxes, labels, scores and masks."""

    def __init__(self, network: MaskRCNN) -> None:
        super().__init__()
        self.network = copy.deepcopy(network)
        _replace_norms(self.network.detector.roi_heads)

    def forward(self, picture: Tensor) -> tuple[Tensor, ...]:
        found = self.network.detect(picture)[0]
        return found.boxes, found.labels, found.scores, found.masks


class ExportedGroupNorm(nn.Module):
    """Group normalisation of (k, c, h, w) that takes k = 0, nothing found, which ONNX as torch writes it does not."""

    def __init__(self, norm: nn.GroupNorm) -> None:
        super().__init__()
        self.norm = norm

    def forward(self, x: Tensor) -> Tensor:
        norm = self.norm
        channels, height, width = (int(side) for side in x.shape[1:])
        grouped = x.reshape(-1, norm.num_groups, channels // norm.num_groups * height * width)
        away = grouped - grouped.mean(2, keepdim=True)
        even = away * torch.rsqrt((away * away).mean(2, keepdim=True) + norm.eps)
        return even.reshape(-1, channels, height, width) * norm.weight[:, None, None] + norm.bias[:, None, None]


def _replace_norms(module: nn.Module) -> None:
    for name, child in module.named_children():
        if isinstance(child, nn.GroupNorm):
            setattr(module, name, ExportedGroupNorm(child))
        else:
            _replace_norms(child)


def write_instances(
    network: MaskRCNN, path: Path, *, size: int, metadata: dict[str, Any], overwrite: bool = False
) -> Difference:
    """Export with a fixed input of `size` pixels, and prove on pictures that the file finds what the network does.

    Only the older exporter traces torchvision's detectors; weights are stored as float32.
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


def difference(network: MaskRCNN, path: Path, pictures: list[Tensor]) -> Difference:
    """How far what torch and ONNX Runtime find in pictures is apart.

    Raises  TrainingError when one finds what the other does not, or is surer of it than rounding explains.
    """
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    boxes, masks, things = 0.0, 0.0, 0
    most = network.detector.roi_heads.detections_per_img
    for picture in pictures:
        with torch.no_grad():
            ours = network.detect(picture)[0]
        try:
            theirs = Detection(
                *(torch.from_numpy(part) for part in session.run(list(DETECTIONS), {INPUT: picture.numpy()}))
            )
        except Exception as error:
            raise TrainingError(f"ONNX Runtime cannot run this network ({str(error).splitlines()[0]}).") from error
        pairs = _pairs(ours, theirs)
        for one, found in ((ours, {pair[0] for pair in pairs}), (theirs, {pair[1] for pair in pairs})):
            # at a limit, of score or of number, one of two may fall on either side
            last = float(one.scores[-1]) + SCORE_GAP if len(one.scores) == most else 0.0
            limit = max(network.least_score + SURE, last)
            if any(score > limit for index, score in enumerate(one.scores.tolist()) if index not in found):
                raise TrainingError("ONNX Runtime and torch do not find the same things; run this network with torch.")
        for first, second in pairs:
            boxes = max(boxes, float((ours.boxes[first] - theirs.boxes[second]).abs().max()))
            masks = max(masks, float((ours.masks[first] - theirs.masks[second]).abs().max()))
        things += len(pairs)
    if masks > MASK_GAP:
        raise TrainingError(f"ONNX Runtime's masks differ from torch's by {masks:.2g}; run this network with torch.")
    return Difference(boxes, masks, things)


def _pairs(ours: Detection, theirs: Detection) -> list[tuple[int, int]]:
    """Indices of things that are the same: of one label, and with boxes and scores that rounding may explain."""
    pairs: list[tuple[int, int]] = []
    free = torch.ones(len(theirs.scores), dtype=torch.bool)
    for index, (box, label, score) in enumerate(zip(ours.boxes, ours.labels, ours.scores, strict=True)):
        gaps = (theirs.boxes - box).abs().amax(1)
        same = free & (theirs.labels == label) & (gaps <= BOX_GAP) & ((theirs.scores - score).abs() <= SCORE_GAP)
        if same.any():
            other = int(torch.where(same, gaps, torch.inf).argmin())
            free[other] = False
            pairs.append((index, other))
    return pairs


def drawn_pictures(size: int, count: int = 4) -> list[Tensor]:
    """Normalised pictures (1, 3, size, size) of rectangles on noise, always the same; the last is noise alone."""
    draw = np.random.default_rng(0)
    pictures = []
    for number in range(count):
        picture = draw.normal(scale=0.3, size=(1, 3, size, size)).astype(np.float32)
        for _ in range(3 * (number < count - 1)):
            top, left = draw.integers(0, size * 3 // 4, 2)
            height, width = draw.integers(size // 8, size // 2, 2)
            picture[0, :, top : top + height, left : left + width] = draw.normal(size=(3, 1, 1))
        pictures.append(torch.from_numpy(picture))
    return pictures
