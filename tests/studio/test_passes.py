"""EXR files as Blender writes them."""

from __future__ import annotations

import json

import numpy as np
import OpenEXR
import pytest

from deepetch.errors import StudioError
from deepetch.studio.passes import read_coverage, read_cryptomatte, read_depth, read_light

LAYER = "ViewLayer"


def write_exr(path, channels, header=None):
    """Channels (h, w) float32 under Blender's names."""
    named = {f"{LAYER}.{name}": np.ascontiguousarray(values, np.float32) for name, values in channels.items()}
    said = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage, **(header or {})}
    OpenEXR.File(said, named).write(str(path))
    return path


def test_light_has_its_channels_in_order_and_no_nonsense(tmp_path):
    red = np.array([[1.5, np.nan, -0.2]])
    path = write_exr(tmp_path / "a.exr", {"Combined.R": red, "Combined.G": red * 0 + 2, "Combined.B": red * 0 + 3})
    light = read_light(path)
    assert light.shape == (1, 3, 3)
    assert light[0, 0].tolist() == [1.5, 2, 3]
    assert light[0, 1, 0] == 0  # no number
    assert light[0, 2, 0] == 0  # no light is negative


def test_coverage_and_depth(tmp_path):
    channels = {"Combined.A": [[0.25, 1.00001]], "Depth.Z": [[0.75, 1e10]]}
    path = write_exr(tmp_path / "a.exr", {name: np.array(values) for name, values in channels.items()})
    assert read_coverage(path).tolist() == [[0.25, 1.0]]
    assert read_depth(path).tolist() == [[0.75, float("inf")]]


def test_cryptomatte_gives_hashes_shares_and_names(tmp_path):
    hashes = np.array([0xB4FA7B89, 0x3D9C1F02], np.uint32)
    first, second = hashes.view(np.float32)
    zero = np.zeros((1, 2), np.float32)
    channels = {
        "CryptoObject00.r": np.array([[first, second]]),
        "CryptoObject00.g": np.array([[0.75, 1.0]]),
        "CryptoObject00.b": np.array([[second, 0.0]]),
        "CryptoObject00.a": np.array([[0.25, 0.0]]),
        **{f"CryptoObject01.{name}": zero for name in "rgba"},
    }
    names = {"product-1": f"{hashes[0]:08x}", "product-2": f"{hashes[1]:08x}"}
    header = {"cryptomatte/3ef8fad/manifest": json.dumps(names), "cryptomatte/3ef8fad/name": f"{LAYER}.CryptoObject"}
    ids, shares, known = read_cryptomatte(write_exr(tmp_path / "a.exr", channels, header))
    assert known == {"product-1": int(hashes[0]), "product-2": int(hashes[1])}
    assert ids[0, :, 0].tolist() == hashes.tolist()
    assert shares[0, 0].tolist() == [0.75, 0.25, 0.0, 0.0]


@pytest.mark.parametrize("content", [None, b"", b"no picture", b"v/1\x01" + bytes(200)])
def test_file_that_is_no_exr_is_one_line(tmp_path, content):
    path = tmp_path / "a.exr"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(StudioError, match="no picture that can be read") as error:
        read_light(path)
    assert "\n" not in str(error.value)
