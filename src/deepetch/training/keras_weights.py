"""Weights of the classic U-Net as Keras saves them: `.h5`, `.weights.h5` and `.keras`.

Keras names layers as it makes them, so only their order tells which is which: a picture passes the 24 convolutions of
the classic network one after the other, and every form lists them so.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from deepetch.errors import TrainingError
from deepetch.training.networks.unet import UNet, UNetOptions

INSIDE = "model.weights.h5"  # of a .keras file, which is a ZIP archive

Layer = tuple[NDArray[np.float32], NDArray[np.float32]]  # kernel (rows, columns, in, out), bias (out,)


def read_keras_weights(path: Path) -> UNet:
    """The classic network with the weights of a file, in evaluation mode; its widths are those of the file's layers.

    Keras' network looks at pictures in [0, 1], not at normalised ones: mean 0 and deviation 1 belong to it.
    Raises  TrainingError when the file is missing, damaged, or holds another network.
    """
    try:
        layers = list(_layers(path))
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise TrainingError(f"{path}: no weights of Keras that can be read. Save the model again.") from error
    names = convolutions(UNet(UNetOptions(channels=(1, 1, 1, 1, 1))))
    if len(layers) != len(names):
        raise TrainingError(
            f"{path}: expected the {len(names)} convolutions of the classic U-Net; got {len(layers)}. "
            "Other networks are not read."
        )
    network = UNet(UNetOptions(channels=tuple(layers[2 * level][0].shape[3] for level in range(5))))
    state = {}
    for name, (kernel, bias) in zip(names, layers, strict=True):
        expected = tuple(network.get_submodule(name).weight.shape)  # type: ignore[arg-type]
        weight = kernel.transpose(3, 2, 0, 1)  # Keras: rows, columns, in, out
        if weight.shape != expected:
            raise TrainingError(
                f"{path}: expected a kernel of {expected} (out, in, rows, columns) for {name}; got {weight.shape}. "
                "This is not the classic U-Net."
            )
        state[f"{name}.weight"] = torch.from_numpy(np.ascontiguousarray(weight))
        state[f"{name}.bias"] = torch.from_numpy(bias)
    network.load_state_dict(state)
    return network.eval()


def fold_normalisation(network: UNet, mean: Sequence[float], std: Sequence[float]) -> None:
    """Let a network that looks at pictures in [0, 1] look at normalised ones, (picture - mean) / std, instead.

    W x + b = (W std) y + (b + W mean) for y = (x - mean) / std. Exact but at the frame, where the padding of the first
    layer then means the mean colour, no longer black: good to train on from, not to measure with.
    """
    first = network.encoder[0][0]  # type: ignore[index]
    with torch.no_grad():
        first.bias += (first.weight * torch.tensor(mean).view(1, 3, 1, 1)).sum((1, 2, 3))
        first.weight *= torch.tensor(std).view(1, 3, 1, 1)


def convolutions(network: UNet) -> list[str]:
    """Names of the convolutions, in the order in which a picture passes them."""
    known = {module: name for name, module in network.named_modules() if isinstance(module, nn.Conv2d)}
    passed: list[str] = []
    hooks = [module.register_forward_hook(lambda m, *_: passed.append(known[m])) for module in known]
    with torch.no_grad():
        network(torch.zeros(1, 3, 16, 16))
    for hook in hooks:
        hook.remove()
    return passed


def _layers(path: Path) -> Iterator[Layer]:
    if path.suffix.lower() == ".keras":
        with zipfile.ZipFile(path) as archive, h5py.File(io.BytesIO(archive.read(INSIDE)), "r") as file:
            yield from _of_keras_3(file)
        return
    with h5py.File(path, "r") as file:
        if "layers" in file or "_layer_checkpoint_dependencies" in file:
            yield from _of_keras_3(file)
        else:
            yield from _of_keras_2(file.get("model_weights", file))


def _of_keras_3(file: Any) -> Iterator[Layer]:
    """Groups conv2d, conv2d_1, ..., each with its variables 0 and 1."""
    layers = file["layers"] if "layers" in file else file["_layer_checkpoint_dependencies"]
    for name in sorted(layers, key=_number):
        variables = layers[name].get("vars", {})
        if len(variables):
            yield _layer(variables["0"], variables["1"])


def _of_keras_2(file: Any) -> Iterator[Layer]:
    """The file's own list of layers, each with a list of its weights."""
    for name in file.attrs["layer_names"]:
        group = file[name]
        weights = list(group.attrs["weight_names"])
        if weights:
            yield _layer(*(group[weight] for weight in weights[:2]))


def _layer(kernel: Any, bias: Any) -> Layer:
    weight = np.asarray(kernel, np.float32)
    if weight.ndim != 4:
        raise KeyError("no convolution")
    return weight, np.asarray(bias, np.float32)


def _number(name: str) -> int:
    """conv2d is 0, conv2d_7 is 7."""
    found = re.search(r"_(\d+)$", name)
    return int(found[1]) if found else 0
