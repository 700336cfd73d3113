"""The shipped default's encoder, to begin another network with."""

from __future__ import annotations

from torch import nn

from deepetch.errors import InvalidOptions
from deepetch.training.networks.compact import CompactUNet
from deepetch.training.networks.mask_rcnn import MaskRCNN

ENCODER = "default"  # the name by which it is asked for
PARTS = ("stem", "encoder")


def take_encoder(network: nn.Module, source: nn.Module) -> None:
    """Put the encoder's weights of a compact network into another one, or into a light Mask R-CNN.

    Raises  InvalidOptions for a network that has no such encoder, or one of other widths.
    """
    into = network.detector.backbone if isinstance(network, MaskRCNN) and network.name == "mask-rcnn-light" else network
    if not isinstance(source, CompactUNet) or not (into is not network or isinstance(network, CompactUNet)):
        raise InvalidOptions("--encoder-weights default: only compact and mask-rcnn-light have the default's encoder.")
    for part in PARTS:
        try:
            state = getattr(source, part).state_dict()
            # a network whose batch normalisation stands still does not count the batches
            counted = {} if into is network else {name for name in state if name.endswith("num_batches_tracked")}
            getattr(into, part).load_state_dict({name: value for name, value in state.items() if name not in counted})
        except RuntimeError as error:
            raise InvalidOptions(
                "--encoder-weights default: the network has other widths or norms than the default."
            ) from error
