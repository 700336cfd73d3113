"""The flattened picture of a Photoshop document, and what of it the layers leave transparent."""

from __future__ import annotations

import struct
import warnings
import zlib
from pathlib import Path
from typing import Any, cast

import numpy as np
from psd_tools import PSDImage
from psd_tools.compression import PSDDecompressionWarning
from psd_tools.constants import BlendMode, Compression

from deepetch.arrays import Levels, Samples
from deepetch.deliver.path.photoshop import Resource
from deepetch.deliver.path.read import image_resources
from deepetch.deliver.shadow_layer import REFLECTION
from deepetch.errors import UnreadablePhoto
from deepetch.options import ReadOptions
from deepetch.photo.decoded import require_size
from deepetch.photo.icc import profile_fault
from deepetch.photo.photo import CHANNELS, Metadata, Photo, Space

PSD_SIGNATURE = b"8BPS"
RESOLUTION_RESOURCE, PROFILE_RESOURCE = 1005, 1039
_SPACES: dict[int, Space] = {1: "grey", 3: "rgb", 4: "cmyk"}
_MODES = {0: "bitmap", 2: "indexed colours", 7: "multichannel", 8: "duotone", 9: "Lab"}
# what psd-tools raises for damaged files
_PSD_ERRORS = (
    ValueError,
    struct.error,
    zlib.error,
    AssertionError,
    OSError,
    EOFError,
    LookupError,
    TypeError,
    PSDDecompressionWarning,
)


def read_psd(file: Path, options: ReadOptions = ReadOptions()) -> Photo:
    """Read the flattened picture of a PSD or PSB file: 8 or 16 bit, grey, RGB or CMYK (0 = no ink).

    alpha    of the flattened picture where it has one; else the largest of what the visible layers and their masks
             let through, shadows (those that multiply, and "Reflection") left out; None for a document without layers,
             or with an opaque one.
    Metadata are profile and density alone.
    Raises   UnreadablePhoto for another colour mode or depth, or a damaged file; PhotoTooLarge beyond a limit.
    """
    with file.open("rb") as stream:
        head = stream.read(26).ljust(26, b"\0")
    height, width, depth, mode = struct.unpack(">IIHH", head[14:26])
    require_size(width, height, str(file), options)
    if mode not in _SPACES or depth not in (8, 16):
        what = _MODES.get(mode, f"{depth} bit")
        raise UnreadablePhoto(f"{file}: a PSD in {what} is not supported. Save it as 8 or 16-bit grey, RGB or CMYK.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", PSDDecompressionWarning)
            document = PSDImage.open(file)
            _require_whole(document)
            samples, merged = _flattened(document, _SPACES[mode])
            alpha = _layers_alpha(document) if merged is None else merged
    except _PSD_ERRORS as error:
        raise UnreadablePhoto(f"{file}: the PSD data is damaged. Copy or export the file again.") from error
    metadata, said = _metadata(image_resources(file, "psd"), _SPACES[mode])
    return Photo(samples=samples, space=_SPACES[mode], format="psd", alpha=alpha, metadata=metadata, warnings=said)


def _require_whole(document: Any) -> None:
    """ValueError for a flattened picture that is cut off: psd-tools makes what is missing black."""
    header, image = document._record.header, document._record.image_data
    rows = header.height * header.channels
    needed = rows * header.width * header.depth // 8
    if image.compression == Compression.RLE:  # the length of each row first
        kind = ">u2" if header.version == 1 else ">u4"
        lengths = np.frombuffer(image.data, kind, rows)
        needed = lengths.nbytes + int(lengths.sum(dtype=np.int64))
    elif image.compression != Compression.RAW:
        return
    if len(image.data) < needed:
        raise ValueError("cut off")


def _flattened(document: Any, space: Space) -> tuple[Samples, Levels | None]:
    record = document._record
    kind = np.dtype(f">u{document.depth // 8}")
    size = document.height, document.width
    planes = [
        np.frombuffer(plane, kind).reshape(size).astype(kind.newbyteorder("="))
        for plane in record.image_data.get_data(record.header)
    ]
    channels = CHANNELS[space]
    samples = np.stack(planes[:channels], axis=-1)
    if space == "cmyk":  # the document says 0 for full ink
        samples = np.iinfo(samples.dtype).max - samples
    layers = record.layer_and_mask_information.layer_info
    # a negative number of layers: the first channel behind the colours is the transparency of all
    merged = layers is not None and layers.layer_count < 0 and len(planes) > channels
    return cast(Samples, np.ascontiguousarray(samples)), cast(Levels, planes[channels]) if merged else None


def _layers_alpha(document: Any) -> Levels | None:
    layers = [
        layer
        for layer in document.descendants()
        if not layer.is_group() and layer.is_visible() and not _is_shadow(layer)
    ]
    if not layers:
        return None
    alpha = np.zeros((document.height, document.width), np.float32)
    for layer in layers:
        shape = layer.numpy("shape")
        if shape is None and layer.width and layer.height:  # the background layer has none
            shape = np.ones((layer.height, layer.width, 1), np.float32)
        if shape is None:
            continue
        placed = _placed(shape[..., 0], layer.left, layer.top, alpha.shape, 0.0)
        mask = layer.mask
        if mask is not None and not mask.disabled and (shown := layer.numpy("mask")) is not None:
            beyond = mask.background_color / 255
            placed *= _placed(shown[..., 0], mask.left, mask.top, alpha.shape, beyond)
        np.maximum(alpha, placed * np.float32(layer.opacity / 255), out=alpha)
    if alpha.min() >= 1:
        return None
    dtype = np.uint8 if document.depth == 8 else np.uint16
    return cast(Levels, np.rint(alpha * np.iinfo(dtype).max).astype(dtype))


def _is_shadow(layer: Any) -> bool:
    return bool(layer.blend_mode == BlendMode.MULTIPLY or layer.name == REFLECTION)


def _placed(part: Any, left: int, top: int, size: tuple[int, ...], beyond: float) -> Any:
    """A part of a canvas of `size`, (h, w) float32; some of it may lie outside."""
    canvas = np.full(size, beyond, np.float32)
    first_row, first_column = max(0, -top), max(0, -left)
    part = part[first_row : size[0] - top, first_column : size[1] - left]
    row, column = max(0, top), max(0, left)
    canvas[row : row + part.shape[0], column : column + part.shape[1]] = part
    return canvas


def _metadata(resources: tuple[Resource, ...], space: Space) -> tuple[Metadata, tuple[str, ...]]:
    data = {resource.number: resource.data for resource in resources}
    density = None
    if len(stated := data.get(RESOLUTION_RESOURCE, b"")) >= 16:
        across, down = struct.unpack_from(">I", stated)[0] / 65536, struct.unpack_from(">I", stated, 8)[0] / 65536
        density = (across, down) if across and down else None
    profile = data.get(PROFILE_RESOURCE) or None
    if profile and (fault := profile_fault(profile, space)):
        return Metadata(density=density), (f"The colour profile {fault}; it counts as none.",)
    return Metadata(profile=profile, density=density), ()
