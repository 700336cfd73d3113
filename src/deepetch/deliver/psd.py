"""A layered Photoshop document: the untouched photo as a layer with its alpha as a mask, and what lies below it."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
from psd_tools.constants import BlendMode, ChannelID, ColorMode, Resource, Tag
from psd_tools.psd.header import FileHeader
from psd_tools.psd.image_resources import ImageResource, ImageResources, ResoulutionInfo
from psd_tools.psd.layer_and_mask import ChannelInfo, LayerRecord, MaskData

from deepetch.arrays import Levels, Samples, full_scale
from deepetch.deliver.background import Background, lay_subject, paint_background, parse_background, require_match
from deepetch.deliver.channels import CUT_OUT, ExtraChannel, channel_resources
from deepetch.deliver.path.embed import path_for_file
from deepetch.deliver.path.photoshop import Resource as PathResource
from deepetch.deliver.psd_planes import LayerPlanes, Plane, write_flattened
from deepetch.deliver.shadow import draw_shadow
from deepetch.deliver.shadow_layer import ShadowLayer, lay_shadow
from deepetch.deliver.spot import white_plate
from deepetch.errors import InvalidArray, UnsupportedOutput
from deepetch.matte.matte import Matte
from deepetch.options import SaveOptions
from deepetch.photo.atomic import atomic_output
from deepetch.photo.photo import Photo, Space
from deepetch.photo.write import too_large

LAYER_NAME = "Photo"
MAX_SIDE, MAX_BYTES = 30_000, 2**31 - 1  # the format's own limits
PIXELS_PER_INCH, INCHES = 1, 1  # units in the resolution resource

# a layer has a transparency of its own, all opaque, where it is not a shadow: without that channel Photoshop takes the
# lowest layer for the background layer, which can have no mask
TRANSPARENCY, MASK = int(ChannelID.TRANSPARENCY_MASK), int(ChannelID.USER_LAYER_MASK)

_MODES: dict[Space, ColorMode] = {"grey": ColorMode.GRAYSCALE, "rgb": ColorMode.RGB, "cmyk": ColorMode.CMYK}


@dataclass(frozen=True, eq=False)
class _Layer:
    """A layer in its place, its channels by their number: colours from 0 on, transparency, and the mask."""

    name: str
    top: int
    left: int
    size: tuple[int, ...]  # height, width
    channels: dict[int, Plane]
    blend: BlendMode = BlendMode.NORMAL


def write_psd(
    path: str | Path,
    photo: Photo,
    matte: Matte,
    *,
    options: SaveOptions = SaveOptions(),
    paths: Sequence[PathResource] | None = None,
    picture: Photo | None = None,
) -> tuple[str, ...]:
    """Write `photo` as a layer of a PSD file, masked by the matte's alpha.

    The layer "Photo" holds the photo's samples bit for bit, 8 or 16 bit, grey, RGB or CMYK; its mask holds the alpha
    bit for bit. Below lie, where they are asked for, "Shadow", which multiplies, or "Reflection", and "Background". The
    alpha is saved as the channel "Cut-out" too, and a plate of white ink as a spot channel. Profile, density, EXIF,
    IPTC and XMP go along; a clipping path around the alpha, "Path 1", is drawn. The flattened picture that viewers
    show is the cut-out on its background, or on white. A photo's own alpha is not written: combine it with the matte's
    first.
    options  background, shadow, spot, overwrite and max_bytes; the rest does not apply.
    paths    a path drawn already, or () for none.
    picture  the background picture, if it has been read already.
    Returns  what was asked for and does not apply, and why there is no path if there is none, one sentence each.
    Raises   UnsupportedOutput above 30,000 pixels a side, 2 GB or `max_bytes`; InvalidArray if photo and matte differ
             in size or depth; NoShadow; InvalidOptions for a background or a choke that the photo cannot have;
             OutputExists and OutputFailed as every writer.
    Memory   beside photo and matte, the flattened picture, as large as the samples.
    """
    require_psd_side(path, photo)
    require_match(photo, matte)
    extra = [ExtraChannel(CUT_OUT, matte.alpha)]
    if options.spot is not None:
        extra.append(white_plate(photo, matte.alpha, options.spot))
    missing: tuple[str, ...] = ()
    if paths is None:
        paths, missing = path_for_file(matte.alpha)
    layers, flattened = _composed(photo, matte, options, picture)
    _write(path, photo, flattened, layers, paths, extra, overwrite=options.overwrite, max_bytes=options.max_bytes)
    said = list(missing)
    if options.convert_to is not None:
        said.append("A PSD keeps the photo's own colour space: it was not converted.")
    return tuple(said)


def _composed(
    photo: Photo, matte: Matte, options: SaveOptions, picture: Photo | None
) -> tuple[list[_Layer], Callable[[], Samples]]:
    """The layers from the lowest to the highest, and what makes of them, once they are written, what they show."""
    behind = parse_background(options.background)
    opaque = _opaque(photo)
    layers: list[_Layer] = []
    canvas: Samples | None = None
    if behind.kind != "transparent":
        canvas = paint_background(photo, matte, behind, picture=picture)
        channels = {TRANSPARENCY: opaque, **_colours(photo, canvas)}
        layers.append(_Layer("Background", 0, 0, opaque.levels.shape, channels))
    shadow = draw_shadow(photo, matte, options.shadow)
    if shadow is not None:
        layers.append(_shadow_layer(photo, shadow))
    channels = {TRANSPARENCY: opaque, **_colours(photo, photo.samples), MASK: Plane(matte.alpha)}
    layers.append(_Layer(LAYER_NAME, 0, 0, opaque.levels.shape, channels))

    def flattened() -> Samples:
        below = paint_background(photo, matte, Background(kind="colour")) if canvas is None else canvas
        if shadow is not None:
            lay_shadow(below, photo.space, shadow)
        return lay_subject(photo, matte, below)

    return layers, flattened


def _opaque(photo: Photo) -> Plane:
    full = photo.samples.dtype.type(full_scale(photo.samples))
    return Plane(cast(Levels, np.broadcast_to(full, (photo.height, photo.width))))


def _shadow_layer(photo: Photo, shadow: ShadowLayer) -> _Layer:
    coverage = shadow.coverage if photo.bits == 8 else shadow.coverage * np.uint16(257)
    colours: Any = np.broadcast_to(shadow.colours, (*coverage.shape, photo.samples.shape[2]))
    channels = {TRANSPARENCY: Plane(cast(Levels, coverage)), **_colours(photo, colours)}
    blend = BlendMode.MULTIPLY if shadow.blend == "multiply" else BlendMode.NORMAL
    return _Layer(shadow.name, shadow.top, shadow.left, coverage.shape, channels, blend)


def write_soft_layers_psd(
    path: str | Path, photo: Photo, layers: Sequence[tuple[str, Levels]], *, overwrite: bool = False
) -> None:
    """Write `photo` once for each layer of a PSD file, under a mask of its own.

    layers  name and mask (h, w) in the depth of the photo, from the lowest to the highest.
    Below them lies the photo itself, since masks that add up to 1 let it show through where they are soft when they are
    stacked; so what is seen, and the flattened picture, is the photo.
    Raises  as `write_psd`.
    """
    require_psd_side(path, photo)
    for name, mask in layers:
        if mask.shape != (photo.height, photo.width) or mask.dtype != photo.samples.dtype:
            expected = f"{photo.samples.dtype} {(photo.height, photo.width)}"
            raise InvalidArray(f"layer {name}: expected {expected}; got {mask.dtype} {mask.shape}.")
    opaque = _opaque(photo)
    lowest = (LAYER_NAME, opaque.levels if photo.alpha is None else photo.alpha)
    shared = {TRANSPARENCY: opaque, **_colours(photo, photo.samples)}
    drawn = [_Layer(name, 0, 0, mask.shape, shared | {MASK: Plane(mask)}) for name, mask in (lowest, *layers)]
    _write(path, photo, lambda: photo.samples, drawn, overwrite=overwrite)


def require_psd_side(path: str | Path, photo: Photo) -> None:
    """Raise UnsupportedOutput for a photo that is longer than a PSD can be."""
    if max(photo.width, photo.height) > MAX_SIDE:
        raise UnsupportedOutput(
            f"{path}: PSD holds {MAX_SIDE:,} pixels a side, the photo is {photo.width:,} x {photo.height:,}. Use .tif."
        )


def _write(
    path: str | Path,
    photo: Photo,
    flattened: Callable[[], Samples],
    layers: Sequence[_Layer],
    paths: Iterable[PathResource] = (),
    extra: Sequence[ExtraChannel] = (),
    *,
    overwrite: bool,
    max_bytes: int | None = None,
) -> None:
    header = FileHeader(
        version=1,
        channels=photo.samples.shape[2] + len(extra),
        height=photo.height,
        width=photo.width,
        depth=photo.bits,
        color_mode=_MODES[photo.space],
    )
    named = channel_resources([(channel.name, channel.kind) for channel in extra])
    with atomic_output(path, overwrite=overwrite) as temporary, temporary.open("w+b") as file:
        header.write(file)
        file.write(bytes(4))  # no palette
        _resources(photo, [*named, *paths]).write(file)
        _write_layers(path, file, photo, layers)
        planes = [*_colours(photo, flattened()).values(), *(Plane(channel.levels) for channel in extra)]
        write_flattened(file, planes)
        _require_short(path, file)
        if max_bytes is not None and file.tell() > max_bytes:
            raise too_large(path, "PSD", file.tell(), max_bytes)


def _require_short(path: str | Path, file: BinaryIO) -> None:
    if file.tell() > MAX_BYTES:
        raise UnsupportedOutput(f"{path}: PSD holds 2 GB, this photo needs more. Use .tif.")


def _write_layers(path: str | Path, file: BinaryIO, photo: Photo, layers: Sequence[_Layer]) -> None:
    """The section of layers and masks; Photoshop keeps the layers of 16-bit documents in a block of their own."""
    with _length_before(file):
        if photo.bits == 8:
            with _length_before(file) as start:
                _write_layer_info(path, file, layers)
                _pad(file, start)
            return
        # without the length of the empty mask information before them Photoshop's readers do not find the blocks
        file.write(bytes(4 + 4))
        file.write(b"8BIM" + Tag.LAYER_16.value)
        with _length_before(file) as start:
            _write_layer_info(path, file, layers)
        _pad(file, start)


def _write_layer_info(path: str | Path, file: BinaryIO, layers: Sequence[_Layer]) -> None:
    # a number below 0 would say that the first channel beside the colours is the transparency of all
    file.write(struct.pack(">h", len(layers)))
    records = [_record(layer) for layer in layers]
    start, planes = file.tell(), LayerPlanes(file)
    _write_records(file, records)
    for record, layer in zip(records, layers, strict=True):
        for info, plane in zip(record.channel_info, layer.channels.values(), strict=True):
            info.length = planes.write(plane)
            _require_short(path, file)
    end = file.tell()
    file.seek(start)
    _write_records(file, records)  # with the lengths now
    file.seek(end)


def _write_records(file: BinaryIO, records: Sequence[LayerRecord]) -> None:
    for record in records:
        record.write(file)


def _record(layer: _Layer) -> LayerRecord:
    height, width = layer.size
    record = LayerRecord(
        top=layer.top,
        left=layer.left,
        bottom=layer.top + height,
        right=layer.left + width,
        channel_info=[ChannelInfo(id=ChannelID(number)) for number in layer.channels],
        mask_data=MaskData(bottom=height, right=width, background_color=0) if MASK in layer.channels else None,
        blend_mode=layer.blend,
        name=layer.name,
    )
    record.tagged_blocks.set_data(Tag.UNICODE_LAYER_NAME, layer.name)
    return record


@contextmanager
def _length_before(file: BinaryIO) -> Iterator[int]:
    """Put before what the block writes the number of its bytes. Yields where they start."""
    file.write(bytes(4))
    start = file.tell()
    yield start
    end = file.tell()
    file.seek(start - 4)
    file.write(struct.pack(">I", end - start))
    file.seek(end)


def _pad(file: BinaryIO, start: int) -> None:
    file.write(bytes(-(file.tell() - start) % 4))


def _colours(photo: Photo, samples: Samples) -> dict[int, Plane]:
    inverted = photo.space == "cmyk"
    return {number: Plane(samples[..., number], inverted) for number in range(samples.shape[2])}


def _resources(photo: Photo, paths: Iterable[PathResource]) -> ImageResources:
    metadata = photo.metadata
    resources = ImageResources()

    def add(key: Resource, data: Any, name: str = "") -> None:
        resources[key] = ImageResource(key=key, name=name, data=data)

    if metadata.density is not None:
        across, down = (round(density * 65536) for density in metadata.density)  # 16.16 fixed point
        add(
            Resource.RESOLUTION_INFO,
            ResoulutionInfo(across, PIXELS_PER_INCH, INCHES, down, PIXELS_PER_INCH, INCHES),
        )
    if metadata.iptc is not None:
        add(Resource.IPTC_NAA, metadata.iptc)
    if metadata.profile is not None:
        add(Resource.ICC_PROFILE, metadata.profile)
    if metadata.exif is not None:
        add(Resource.EXIF_DATA_1, metadata.exif)
    if metadata.xmp is not None:
        add(Resource.XMP_METADATA, metadata.xmp)
    for path in paths:
        add(Resource(path.number), path.data, path.name)
    return resources
