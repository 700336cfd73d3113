"""Weights that others trained for Mask R-CNN, and heads for classes of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from deepetch.errors import TrainingError
from deepetch.training.networks.mask_rcnn import MaskRCNN, MaskRCNNOptions, require_torchvision

COCO = "coco"  # the name by which torchvision's weights are asked for
SUFFIXES = (".pth", ".pt")  # of a file of them
COUNTED = "roi_heads.box_predictor.cls_score.weight"  # has a row a class, background the first
HEADS = ("roi_heads.box_predictor.", "roi_heads.mask_predictor.mask_fcn_logits.")  # of as many outputs as classes


def read_coco(source: str | Path) -> MaskRCNN:
    """Torchvision's `maskrcnn_resnet50_fpn_v2` as trained on COCO, in evaluation mode.

    source  "coco": fetched by torchvision, and kept where it keeps such files; or the file, MaskRCNN...pth.
    Raises  MissingExtra; TrainingError when they cannot be fetched or read, or are of another network or other classes.
    """
    require_torchvision("mask-rcnn")
    from torchvision.models.detection import MaskRCNN_ResNet50_FPN_V2_Weights as Weights

    rows = Weights.COCO_V1.meta["categories"]
    if str(source) == COCO:
        try:
            state = Weights.COCO_V1.get_state_dict(progress=False, check_hash=True)
        except Exception as error:  # of the network, of a file that torch has kept, of its hash
            reason = (str(error) or type(error).__name__).splitlines()[0]
            raise TrainingError(
                f"coco: torchvision's weights cannot be fetched ({reason}). Connect to the network, or give their file."
            ) from error
    else:
        state = _read(Path(source))
    found = state.get(COUNTED)
    if not isinstance(found, Tensor) or len(found) != len(rows):
        told = "no Mask R-CNN" if not isinstance(found, Tensor) else f"{len(found)} classes"
        raise TrainingError(f"{source}: expected Mask R-CNN of COCO's {len(rows)} classes; got {told}.")
    network = MaskRCNN("mask-rcnn", MaskRCNNOptions(classes=tuple(rows[1:])))
    try:
        network.detector.load_state_dict(state)
    except RuntimeError as error:
        raise TrainingError(f"{source}: no weights of torchvision's maskrcnn_resnet50_fpn_v2.") from error
    return network.eval()


def with_classes(network: MaskRCNN, classes: tuple[str, ...]) -> MaskRCNN:
    """A Mask R-CNN of other classes with all of a network's weights but those of its last layers, which begin anew."""
    options = MaskRCNNOptions(classes=classes, normalisation=network.options.normalisation)
    other = MaskRCNN(network.name, options)
    kept = {name: value for name, value in network.detector.state_dict().items() if not name.startswith(HEADS)}
    other.detector.load_state_dict(kept, strict=False)
    return other.eval()


def _read(path: Path) -> dict[str, Any]:
    try:
        state = torch.load(path, weights_only=True, map_location="cpu")
        return dict(state.items())
    except OSError as error:
        raise TrainingError(f"{path}: cannot be read ({error.strerror}). Check the path.") from error
    except Exception as error:  # of a damaged file torch raises whatever its reader stumbles over
        raise TrainingError(f"{path}: no weights that torch can read, or a damaged file.") from error
