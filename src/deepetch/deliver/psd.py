"""A layered Photoshop document: the untouched photo as a layer with its alpha as a mask, and what lies below it."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
from psd_tools.constants import BlendMode, ChannelID, ColorMode, Compression, Resource, Tag
from psd_tools.psd import PSD
from psd_tools.psd.header import FileHeader
from psd_tools.psd.image_data import ImageData
from psd_tools.psd.image_resources import ImageResource, ImageResources, ResoulutionInfo
from psd_tools.psd.layer_and_mask import (
    ChannelData,
    ChannelDataList,
    ChannelImageData,
    ChannelInfo,
    GlobalLayerMaskInfo,
    LayerAndMaskInformation,
    LayerInfo,
    LayerRecord,
    LayerRecords,
    MaskData,
)
from psd_tools.psd.tagged_blocks import TaggedBlocks

from deepetch.arrays import Levels, Samples, full_scale
from deepetch.deliver.background import Background, lay_subject, paint_background, parse_background
from deepetch.deliver.channels import CUT_OUT, ExtraChannel, channel_resources
from deepetch.deliver.path.embed import path_for_file
from deepetch.deliver.path.photoshop import Resource as PathResource
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
    """A layer in its place, its channels compressed by their number: colours from 0 on, transparency, and the mask."""

    name: str
    top: int
    left: int
    size: tuple[int, ...]  # height, width
    channels: dict[int, Any]
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
    Memory   the compressed planes of layers and flattened picture are held until the end: up to three times the
             samples.
    """
    require_psd_side(path, photo)
    layers, flattened = _composed(photo, matte, options, picture)
    extra = [ExtraChannel(CUT_OUT, matte.alpha)]
    if options.spot is not None:
        extra.append(white_plate(photo, matte.alpha, options.spot))
    missing: tuple[str, ...] = ()
    if paths is None:
        paths, missing = path_for_file(matte.alpha)
    document = _document(photo, flattened, layers, paths, extra)
    _write(path, document, overwrite=options.overwrite, max_bytes=options.max_bytes)
    said = list(missing)
    if options.convert_to is not None:
        said.append("A PSD keeps the photo's own colour space: it was not converted.")
    return tuple(said)


def _composed(photo: Photo, matte: Matte, options: SaveOptions, picture: Photo | None) -> tuple[list[_Layer], Samples]:
    """The layers from the lowest to the highest, and the picture that they make."""
    behind = parse_background(options.background)
    transparent = behind.kind == "transparent"
    canvas = paint_background(photo, matte, Background(kind="colour") if transparent else behind, picture=picture)
    opaque = np.full((photo.height, photo.width), full_scale(photo.samples), photo.samples.dtype)
    shared = {TRANSPARENCY: _compressed(opaque)}
    layers = []
    if not transparent:
        layers.append(_Layer("Background", 0, 0, opaque.shape, shared | _colours(canvas, photo.space)))
    shadow = draw_shadow(photo, matte, options.shadow)
    if shadow is not None:
        layers.append(_shadow_layer(photo, shadow))
        lay_shadow(canvas, photo.space, shadow)
    flattened = lay_subject(photo, matte, canvas)
    channels = shared | _colours(photo.samples, photo.space) | {MASK: _compressed(matte.alpha)}
    return [*layers, _Layer(LAYER_NAME, 0, 0, opaque.shape, channels)], flattened


def _shadow_layer(photo: Photo, shadow: ShadowLayer) -> _Layer:
    coverage = shadow.coverage if photo.bits == 8 else shadow.coverage * np.uint16(257)
    colours: Any = np.broadcast_to(shadow.colours, (*coverage.shape, photo.samples.shape[2]))
    channels = {TRANSPARENCY: _compressed(cast(Levels, coverage)), **_colours(colours, photo.space)}
    blend = BlendMode.MULTIPLY if shadow.blend == "multiply" else BlendMode.NORMAL
    return _Layer(shadow.name, shadow.top, shadow.left, coverage.shape, channels, blend)


def write_soft_layers_psd(
    path: str | Path, photo: Photo, layers: Sequence[tuple[str, Levels]], *, overwrite: bool = False
) -> None:
    """Write `photo` once for each layer of a PSD file, under a mask of its own.

    layers  name and mask (h, w) in the depth of the photo, from the lowest to the highest.
    Below them lies the photo itself, since masks that add up to 1 let it show through where they are soft when they are
    stacked; so what is seen, and the flattened picture, is the photo.
    Raises and Memory as of `write_psd`, for each layer.
    """
    require_psd_side(path, photo)
    for name, mask in layers:
        if mask.shape != (photo.height, photo.width) or mask.dtype != photo.samples.dtype:
            expected = f"{photo.samples.dtype} {(photo.height, photo.width)}"
            raise InvalidArray(f"layer {name}: expected {expected}; got {mask.dtype} {mask.shape}.")
    opaque = np.full((photo.height, photo.width), full_scale(photo.samples), photo.samples.dtype)
    lowest = (LAYER_NAME, opaque if photo.alpha is None else photo.alpha)
    shared = {TRANSPARENCY: _compressed(opaque), **_colours(photo.samples, photo.space)}
    drawn = [_Layer(name, 0, 0, mask.shape, shared | {MASK: _compressed(mask)}) for name, mask in (lowest, *layers)]
    _write(path, _document(photo, photo.samples, drawn), overwrite=overwrite)


def require_psd_side(path: str | Path, photo: Photo) -> None:
    """Raise UnsupportedOutput for a photo that is longer than a PSD can be."""
    if max(photo.width, photo.height) > MAX_SIDE:
        raise UnsupportedOutput(
            f"{path}: PSD holds {MAX_SIDE:,} pixels a side, the photo is {photo.width:,} x {photo.height:,}. Use .tif."
        )


def _write(path: str | Path, document: PSD, *, overwrite: bool, max_bytes: int | None = None) -> None:
    with atomic_output(path, overwrite=overwrite) as temporary, temporary.open("wb") as file:
        try:
            document.write(file)
        except struct.error as error:  # a block too long for the four bytes of its length
            raise _too_long(path) from error
        if file.tell() > MAX_BYTES:
            raise _too_long(path)
        if max_bytes is not None and file.tell() > max_bytes:
            raise too_large(path, "PSD", file.tell(), max_bytes)


def _too_long(path: str | Path) -> UnsupportedOutput:
    return UnsupportedOutput(f"{path}: PSD holds 2 GB, this photo needs more. Use .tif.")


def _document(
    photo: Photo,
    flattened: Samples,
    layers: Sequence[_Layer],
    paths: Iterable[PathResource] = (),
    extra: Sequence[ExtraChannel] = (),
) -> PSD:
    header = FileHeader(
        version=1,
        channels=photo.samples.shape[2] + len(extra),
        height=photo.height,
        width=photo.width,
        depth=photo.bits,
        color_mode=_MODES[photo.space],
    )
    image = ImageData(compression=Compression.RLE if photo.bits == 8 else Compression.RAW)
    planes = [*_stored(flattened, photo.space), *(channel.levels for channel in extra)]
    image.set_data([_plane(plane) for plane in planes], header)
    named = channel_resources([(channel.name, channel.kind) for channel in extra])
    return PSD(
        header=header,
        image_resources=_resources(photo, [*named, *paths]),
        layer_and_mask_information=_layers(photo, layers),
        image_data=image,
    )


def _layers(photo: Photo, layers: Sequence[_Layer]) -> LayerAndMaskInformation:
    # psd-tools states no item type for its lists
    records: list[Any] = []
    data: list[Any] = []
    for layer in layers:
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
        records.append(record)
        data.append(ChannelDataList(list(layer.channels.values())))
    # a number below 0 would say that the first channel beside the colours is the transparency of all
    content: dict[str, Any] = {
        "layer_count": len(layers),
        "layer_records": LayerRecords(records),
        "channel_image_data": ChannelImageData(data),
    }
    if photo.bits == 8:
        return LayerAndMaskInformation(layer_info=LayerInfo(**content), tagged_blocks=TaggedBlocks())
    # Photoshop keeps the layers of 16-bit documents in a block of their own
    blocks = TaggedBlocks()
    blocks.set_data(Tag.LAYER_16, **content)
    # without the length of the empty mask information before them Photoshop's readers do not find the blocks
    return LayerAndMaskInformation(
        layer_info=LayerInfo(), global_layer_mask_info=GlobalLayerMaskInfo(), tagged_blocks=blocks
    )


def _colours(samples: Samples, space: Space) -> dict[int, Any]:
    return {number: _compressed(plane) for number, plane in enumerate(_stored(samples, space))}


def _compressed(plane: Levels) -> ChannelData:
    # as Photoshop does: run lengths say little about 16-bit samples
    data = ChannelData(compression=Compression.RLE if plane.itemsize == 1 else Compression.ZIP_WITH_PREDICTION)
    data.set_data(_plane(plane), plane.shape[1], plane.shape[0], plane.itemsize * 8)
    return data


def _stored(samples: Samples, space: Space) -> list[Levels]:
    """The planes in the document's sense: in CMYK full means no ink."""
    planes = [samples[..., i] for i in range(samples.shape[2])]
    if space != "cmyk":
        return planes
    full = samples.dtype.type(full_scale(samples))
    return [full - plane for plane in planes]


def _plane(plane: Levels) -> bytes:
    return plane.astype(plane.dtype.newbyteorder(">")).tobytes()


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
