"""Read what Blender rendered: EXR files of many channels. The only place that knows OpenEXR."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deepetch.arrays import Alpha
from deepetch.errors import StudioError
from deepetch.studio.truth import Light

Channels = dict[str, NDArray[np.float32]]


def read_channels(path: Path) -> Channels:
    """Every channel of an EXR file by its name after the layer's, such as "Combined.R": (h, w) float32.

    Raises  StudioError when the file is missing or damaged.
    """
    import OpenEXR

    try:
        with OpenEXR.File(str(path), separate_channels=True) as file:
            return {name.split(".", 1)[-1]: channel.pixels.copy() for name, channel in file.channels().items()}
    except (RuntimeError, OSError, ValueError) as error:
        raise StudioError(f"{path}: Blender left no picture that can be read.") from error


def read_light(path: Path) -> Light:
    """The light of a rendered picture, (h, w, 3) float32 linear; what is not finite becomes 0."""
    channels = read_channels(path)
    return np.nan_to_num(np.stack([channels[f"Combined.{name}"] for name in "RGB"], 2), posinf=0, neginf=0).clip(0)


def read_coverage(path: Path) -> Alpha:
    """The share of each pixel that objects cover, (h, w) float32 in [0, 1]."""
    return np.clip(read_channels(path)["Combined.A"], 0, 1)


def read_depth(path: Path) -> NDArray[np.float32]:
    """Distance from the camera in metres, (h, w) float32; infinite where nothing is."""
    depth = read_channels(path)["Depth.V"] if "Depth.V" in read_channels(path) else read_channels(path)["Depth.Z"]
    return np.where(depth > 1e9, np.inf, depth).astype(np.float32)


def read_cryptomatte(path: Path) -> tuple[NDArray[np.uint32], NDArray[np.float32], dict[str, int]]:
    """Cryptomatte's object pass: (h, w, n) hashes and shares, and the hash of every object's name.

    The hashes are kept as the bits of a float (Friedman and Jones 2015, "Fully automatic id mattes").
    """
    channels = read_channels(path)
    ids, shares = [], []
    for rank in range(3):
        layer = f"CryptoObject{rank:02d}"
        for identity, share in (("r", "g"), ("b", "a")):
            if f"{layer}.{identity}" in channels:
                ids.append(np.ascontiguousarray(channels[f"{layer}.{identity}"]).view(np.uint32))
                shares.append(channels[f"{layer}.{share}"])
    return np.stack(ids, 2), np.stack(shares, 2), _manifest(path)


def _manifest(path: Path) -> dict[str, int]:
    import OpenEXR

    with OpenEXR.File(str(path), header_only=True) as file:
        texts = [
            value
            for key, value in file.header().items()
            if key.startswith("cryptomatte/") and key.endswith("/manifest")
        ]
    return {name: int(value, 16) for text in texts for name, value in json.loads(text).items()}
