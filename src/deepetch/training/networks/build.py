"""Networks by name, and the few facts from which one is built again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from deepetch.errors import InvalidOptions
from deepetch.options import MASK_RCNN, NETWORKS
from deepetch.training.networks.compact import CompactOptions, CompactUNet
from deepetch.training.networks.mask_rcnn import MaskRCNN, MaskRCNNOptions
from deepetch.training.networks.pretrained import PREFIX, PretrainedUNet
from deepetch.training.networks.refiner import BorderRefiner, RefinerOptions
from deepetch.training.networks.unet import UNet, UNetOptions

Network: TypeAlias = CompactUNet | UNet | PretrainedUNet | BorderRefiner | MaskRCNN


def build_network(
    network: str = "compact",
    *,
    channels: tuple[int, ...] = (),
    normalisation: str = "none",
    weights: str | None = None,
    classes: tuple[str, ...] = (),
) -> Network:
    """A network with random weights.

    network        "compact", "unet", "smp:ARCHITECTURE:ENCODER" of segmentation_models_pytorch, "refiner", "mask-rcnn"
                   or "mask-rcnn-light".
    channels       widths of its levels; (): its own.
    normalisation  of the classic network: "none", "batch" or "group"; of the light Mask R-CNN's encoder, see there.
    weights        of an encoder of others, by name, such as "imagenet": fetched by that library; None: random.
    classes        that a Mask R-CNN finds.
    Raises         InvalidOptions for a name that is none of these; MissingExtra; what the network itself raises.
    """
    if network.startswith(PREFIX):
        return PretrainedUNet(network, weights=weights)
    if network == "unet":
        return UNet(UNetOptions(channels=channels or UNetOptions.channels, normalisation=normalisation))  # type: ignore[arg-type]
    if network == "compact":
        return CompactUNet(CompactOptions(channels=channels or CompactOptions.channels))
    if network == "refiner":
        return BorderRefiner(RefinerOptions(channels=channels or RefinerOptions.channels))
    if network in MASK_RCNN:
        kept: Any = "batch" if normalisation == "batch" else "group"
        form: Any = network
        return MaskRCNN(form, MaskRCNNOptions(classes=classes, normalisation=kept))
    raise InvalidOptions(f"network: expected {', '.join(NETWORKS)} or {PREFIX}ARCHITECTURE:ENCODER; got {network!r}.")


def describe_network(network: Network) -> dict[str, Any]:
    """The arguments from which `build_network` makes a network of this shape."""
    if isinstance(network, PretrainedUNet):
        return {"network": network.name}
    if isinstance(network, MaskRCNN):
        options = network.options
        return {"network": network.name, "classes": list(options.classes), "normalisation": options.normalisation}
    said: dict[str, Any] = {"network": network.name, "channels": list(network.options.channels)}
    return said | ({"normalisation": network.options.normalisation} if isinstance(network, UNet) else {})


def parameter_count(network: Network) -> int:
    """How many numbers training moves."""
    return sum(parameter.numel() for parameter in network.parameters())


def rebuild_network(said: Mapping[str, Any]) -> Network:
    """The network that a file's description (`describe_network`) is of; without one, the compact one."""
    return build_network(
        said.get("network", "compact"),
        channels=tuple(said.get("channels", ())),
        normalisation=said.get("normalisation", "none"),
        classes=tuple(said.get("classes", ())),
    )
