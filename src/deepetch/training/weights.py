"""The weights of a trained network, from and to files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from deepetch.errors import TrainingError
from deepetch.inference.registry import WEIGHTS
from deepetch.inference.session import METADATA_KEY
from deepetch.photo.atomic import atomic_output
from deepetch.training.checkpoint import BEST, LAST, read_checkpoint
from deepetch.training.networks.build import Network, describe_network, rebuild_network
from deepetch.training.networks.detector_weights import COCO, SUFFIXES, read_coco

DEFAULT_WEIGHTS = WEIGHTS / "default.safetensors"
KERAS_SUFFIXES = (".h5", ".keras")


def trained_network(run: Path) -> Network:
    """The network of a run with the averaged weights of its best validation, in evaluation mode.

    Without a validation those of its last checkpoint.
    Raises  TrainingError when the folder holds no checkpoint, or one of another network.
    """
    path = run / BEST if (run / BEST).exists() else run / LAST
    checkpoint = read_checkpoint(path)
    state = {key.removeprefix("network."): value for key, value in checkpoint["state_dict"].items()}
    return _filled(state, checkpoint, path)


def read_weights(path: Path) -> Network:
    """The network with the weights of a safetensors file, as float32, in evaluation mode; its widths stand there too.

    Raises  TrainingError when the file is missing, damaged, or of another network.
    """
    try:
        with safe_open(path, "pt") as file:
            said = json.loads((file.metadata() or {}).get(METADATA_KEY, "{}"))
            state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no mapping)
    except (OSError, SafetensorError, ValueError) as error:
        raise TrainingError(f"{path}: no weights in safetensors form to begin with.") from error
    return _filled(state, said, path)


def read_any_weights(source: str | Path) -> Network:
    """As `read_weights`, or torchvision's Mask R-CNN from its own file, or by the name "coco", see `read_coco`."""
    if str(source) == COCO or Path(source).suffix.lower() in SUFFIXES:
        return read_coco(source)
    return read_weights(Path(source))


def write_weights(network: Network, path: Path, *, overwrite: bool = False) -> None:
    """Store the weights as float16 safetensors, to train on from; the network's widths go into the file's metadata."""
    halves = {
        name: value.half().contiguous() if value.is_floating_point() else value
        for name, value in network.state_dict().items()
    }
    with atomic_output(path, overwrite=overwrite) as temporary:
        temporary.write_bytes(save(halves, metadata={METADATA_KEY: json.dumps(describe_network(network))}))


def _filled(state: dict[str, Tensor], said: Mapping[str, Any], path: Path) -> Network:
    """The network that a file says its weights belong to, with these weights; the compact one if it does not say."""
    try:
        network = rebuild_network(said)
        network.load_state_dict(
            {name: value.float() if value.is_floating_point() else value for name, value in state.items()}
        )
    except (RuntimeError, ValueError, TypeError) as error:
        raise TrainingError(f"{path}: holds the weights of another network.") from error
    return network.eval()
