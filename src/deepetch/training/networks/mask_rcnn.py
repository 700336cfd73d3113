"""Mask R-CNN (He et al. 2017) on torchvision: the study's other contestant, and the network that tells things apart.

Two forms. "mask-rcnn" is torchvision's `maskrcnn_resnet50_fpn_v2` (Li et al. 2021), for GPUs. "mask-rcnn-light" is for
CPUs: the compact network's encoder, a feature pyramid (Lin et al. 2017) and heads of few channels, normalised by groups
(Wu and He 2018), since a detector's batches are small. Both see pictures that are normalised and of one size already.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Literal, NamedTuple

import torch
from torch import Tensor, nn

from deepetch.errors import InvalidOptions, MissingExtra
from deepetch.training.networks.compact import CompactOptions, CompactUNet
from deepetch.training.networks.prediction import Prediction

Form = Literal["mask-rcnn", "mask-rcnn-light"]
SHOWN = 0.5  # least score of an instance that counts
MASK_SIDE = 28  # pixels of an instance's mask
WIDTH = 96  # channels of the light form's pyramid and mask head
GROUPS = 8  # of channels normalised together
BOX_WIDTH = 256  # numbers that the light form's box head has of a box
ANCHORS = ((24,), (48,), (96,), (160,), (256,))  # pixels, at 1/4, 1/8, ... of a picture of some 320
ASPECTS = (0.5, 1.0, 2.0)


class Target(NamedTuple):
    """What is to be found in a picture: boxes (k, 4) float32 x and y of both corners, labels (k,) int64 from 1 on,
    masks (k, h, w) uint8."""

    boxes: Tensor
    labels: Tensor
    masks: Tensor


class Detection(NamedTuple):
    """What was found in a picture, surest first: boxes (k, 4), labels (k,), scores (k,), and masks (k, 1, 28, 28) in
    [0, 1], each of its own box."""

    boxes: Tensor
    labels: Tensor
    scores: Tensor
    masks: Tensor


@dataclass(frozen=True, kw_only=True)
class MaskRCNNOptions:
    """classes        names, background not among them.
    normalisation  of the light form's encoder: "group", or "batch" with the statistics that its weights came with.
    """

    classes: tuple[str, ...]
    normalisation: Literal["group", "batch"] = "group"


class MaskRCNN(nn.Module):
    """Normalised pictures (n, 3, h, w), h and w multiples of 32 -> Prediction: of the union of what is found.

    Raises  MissingExtra without torchvision; InvalidOptions without a class.
    """

    def __init__(self, name: Form, options: MaskRCNNOptions) -> None:
        super().__init__()
        require_torchvision(name)
        if not options.classes:
            raise InvalidOptions(f"{name}: it needs the classes of what it is to find.")
        self.name, self.options = name, options
        self.detector = _light(options) if name == "mask-rcnn-light" else _full(options)

    @property
    def least_score(self) -> float:
        """Below it nothing is found."""
        return float(self.detector.roi_heads.score_thresh)

    def losses(self, pictures: Tensor, targets: list[Target]) -> dict[str, Tensor]:
        """The five losses of a batch, each a scalar, in training mode."""
        from torchvision.models.detection.image_list import ImageList

        sizes, features = self._seen(pictures)
        wanted = [target._asdict() for target in targets]
        proposals, first = self.detector.rpn(ImageList(pictures, sizes), features, wanted)
        _, second = self.detector.roi_heads(features, proposals, sizes, wanted)
        return {**first, **second}

    def detect(self, pictures: Tensor) -> list[Detection]:
        """What is in each picture, in evaluation mode."""
        return self._detections(pictures)[0]

    def forward(self, pictures: Tensor) -> Prediction:
        found, features = self._detections(pictures)
        size = (pictures.shape[-2], pictures.shape[-1])
        union = torch.stack([united(one, size) for one in found])
        return Prediction(torch.logit(union.float(), eps=1e-4), None, features["2"])

    def _detections(self, pictures: Tensor) -> tuple[list[Detection], dict[str, Tensor]]:
        from torchvision.models.detection.image_list import ImageList

        sizes, features = self._seen(pictures)
        proposals, _ = self.detector.rpn(ImageList(pictures, sizes), features)
        found, _ = self.detector.roi_heads(features, proposals, sizes)
        return [Detection(one["boxes"], one["labels"], one["scores"], one["masks"]) for one in found], features

    def _seen(self, pictures: Tensor) -> tuple[list[tuple[int, int]], dict[str, Tensor]]:
        size = (int(pictures.shape[-2]), int(pictures.shape[-1]))
        return [size] * len(pictures), self.detector.backbone(pictures)


def united(found: Detection, size: tuple[int, int]) -> Tensor:
    """The union (1, h, w) of the instances that count, as an alpha in [0, 1]; 0 without any."""
    from torchvision.models.detection.roi_heads import paste_masks_in_image

    shown = found.scores >= SHOWN
    if not shown.any():
        return found.masks.new_zeros((1, *size))
    pasted: Tensor = paste_masks_in_image(found.masks[shown].float(), found.boxes[shown].float(), size)
    return pasted.amax(0)


def require_torchvision(name: str) -> None:
    """Raise MissingExtra unless torchvision is installed."""
    if find_spec("torchvision") is None:
        raise MissingExtra(f"{name} needs torchvision, which is not installed: pip install 'deepetch[maskrcnn]'.")


def _full(options: MaskRCNNOptions) -> Any:
    from torchvision.models.detection import maskrcnn_resnet50_fpn_v2

    return maskrcnn_resnet50_fpn_v2(weights=None, weights_backbone=None, num_classes=len(options.classes) + 1)


def _light(options: MaskRCNNOptions) -> Any:
    from torchvision.models.detection import MaskRCNN as Detector
    from torchvision.models.detection.anchor_utils import AnchorGenerator
    from torchvision.models.detection.faster_rcnn import TwoMLPHead
    from torchvision.models.detection.mask_rcnn import MaskRCNNHeads, MaskRCNNPredictor

    classes = len(options.classes) + 1
    return Detector(
        Pyramid(options),
        num_classes=None,
        rpn_anchor_generator=AnchorGenerator(ANCHORS, (ASPECTS,) * len(ANCHORS)),
        rpn_pre_nms_top_n_train=600,
        rpn_post_nms_top_n_train=300,
        rpn_pre_nms_top_n_test=600,
        rpn_post_nms_top_n_test=200,
        rpn_batch_size_per_image=128,
        box_head=TwoMLPHead(WIDTH * 7 * 7, BOX_WIDTH),
        box_predictor=_box_predictor(classes),
        box_batch_size_per_image=64,
        box_detections_per_img=50,
        mask_head=MaskRCNNHeads(WIDTH, (WIDTH,) * 4, 1, norm_layer=group_norm),
        mask_predictor=MaskRCNNPredictor(WIDTH, WIDTH, classes),
    )


def _box_predictor(classes: int) -> nn.Module:
    from torchvision.models.detection.faster_rcnn import FastRCNNPredictor

    predictor: nn.Module = FastRCNNPredictor(BOX_WIDTH, classes)
    return predictor


class Pyramid(nn.Module):
    """The compact network's encoder with a feature pyramid on it: five maps of WIDTH channels, at 1/4 to 1/64."""

    def __init__(self, options: MaskRCNNOptions) -> None:
        super().__init__()
        from torchvision.ops import FeaturePyramidNetwork
        from torchvision.ops.feature_pyramid_network import LastLevelMaxPool

        whole = CompactUNet()
        self.stem, self.encoder = whole.stem, whole.encoder
        for part in (self.stem, self.encoder):
            _replace_norms(part, frozen=options.normalisation == "batch")
        self.pyramid = FeaturePyramidNetwork(
            list(CompactOptions.channels[1:]), WIDTH, extra_blocks=LastLevelMaxPool(), norm_layer=group_norm
        )
        self.out_channels = WIDTH

    def forward(self, pictures: Tensor) -> dict[str, Tensor]:
        y, levels = self.stem(pictures), OrderedDict[str, Tensor]()
        for level, stage in enumerate(self.encoder):
            y = stage(y)
            if level > 0:
                levels[str(level - 1)] = y  # 1/4, 1/8, 1/16, 1/32
        maps: dict[str, Tensor] = self.pyramid(levels)
        return maps


def group_norm(channels: int) -> nn.GroupNorm:
    """Normalise groups of channels over a picture of its own: no batch is too small for it."""
    return nn.GroupNorm(GROUPS, channels)


def _replace_norms(module: nn.Module, *, frozen: bool) -> None:
    """Replace batch normalisation, which a detector's small batches cannot feed, everywhere below a module.

    frozen  by its own statistics, which then stay; else by groups.
    """
    from torchvision.ops import FrozenBatchNorm2d

    for name, child in module.named_children():
        if isinstance(child, nn.BatchNorm2d):
            other = FrozenBatchNorm2d(child.num_features) if frozen else group_norm(child.num_features)
            setattr(module, name, other)
        else:
            _replace_norms(child, frozen=frozen)
