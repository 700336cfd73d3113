from __future__ import annotations

import io
import struct
import zlib
from dataclasses import fields
from typing import Any

import numpy as np
import pillow_heif
import pytest
import pyvips
import tifffile
from drawn import (
    IPTC,
    XMP,
    built_in_profile,
    corners,
    disc,
    exif_block,
    ramps,
    stored_as,
    with_pillow,
    with_tifffile,
)
from PIL import Image

from deepetch.photo.photo import Metadata
from deepetch.photo.read import read_photo


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("space", ["grey", "rgb", "cmyk"])
@pytest.mark.parametrize("has_alpha", [False, True])
def test_tiff_samples_and_alpha_are_read_bit_for_bit(space: Any, bits: int, has_alpha: bool) -> None:
    samples, alpha = ramps(space, bits), disc(bits)
    stored = np.dstack([samples, alpha]) if has_alpha else samples
    photo = read_photo(with_tifffile(stored, space, ["unassalpha"] if has_alpha else None))
    assert (photo.space, photo.bits, photo.format) == (space, bits, "tiff")
    assert photo.samples.flags.c_contiguous
    np.testing.assert_array_equal(photo.samples, samples)
    if has_alpha:
        np.testing.assert_array_equal(photo.alpha, alpha)
    else:
        assert photo.alpha is None


@pytest.mark.parametrize("form", ["PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("has_alpha", [False, True])
def test_lossless_rgb_of_pillow_is_read_bit_for_bit(form: str, has_alpha: bool) -> None:
    samples, alpha = ramps("rgb", 8), disc(8)
    options = {"lossless": True, "exact": True} if form == "WEBP" else {}
    photo = read_photo(with_pillow(np.dstack([samples, alpha]) if has_alpha else samples, form, **options))
    np.testing.assert_array_equal(photo.samples, samples)
    assert photo.warnings == ()
    if has_alpha:
        np.testing.assert_array_equal(photo.alpha, alpha)


def test_path_and_bytes_give_the_same_photo(tmp_path: Any) -> None:
    data = with_pillow(ramps("rgb", 8), "JPEG", quality=95, dpi=(300, 300))
    path = tmp_path / "ünï [page=3] .jpg"  # libvips would take the brackets for options
    path.write_bytes(data)
    one, other = read_photo(path), read_photo(data)
    np.testing.assert_array_equal(one.samples, other.samples)
    assert one.metadata == other.metadata
    assert read_photo(str(path)).format == "jpeg"


def test_sixteen_bit_png_is_read_bit_for_bit() -> None:
    grey = ramps("grey", 16)
    out = io.BytesIO()
    Image.fromarray(grey[..., 0]).save(out, "PNG")
    photo = read_photo(out.getvalue())
    assert photo.space == "grey"
    np.testing.assert_array_equal(photo.samples, grey)


def test_palette_and_one_bit_pictures_become_eight_bit() -> None:
    flat = corners()
    out = io.BytesIO()
    Image.fromarray(flat).quantize(4).save(out, "PNG")
    photo = read_photo(out.getvalue())
    assert (photo.space, photo.bits) == ("rgb", 8)
    assert np.abs(photo.samples.astype(int) - flat).max() <= 2  # Pillow's median cut averages boxes of colours
    out = io.BytesIO()
    checks = (np.indices((9, 9)).sum(axis=0) % 2).astype(bool)
    Image.fromarray(checks).save(out, "PNG")
    photo = read_photo(out.getvalue())
    assert (photo.space, photo.bits) == ("grey", 8)
    np.testing.assert_array_equal(photo.samples[..., 0], checks * np.uint8(255))


def test_cmyk_jpeg_zero_means_no_ink_whatever_the_file_stores() -> None:
    paper = np.zeros((16, 16, 4), np.uint8)
    paper[:, 8:] = (0, 240, 0, 0)  # half of the sheet in magenta
    data = with_pillow(paper, "JPEG", mode="CMYK", quality=100, subsampling=0)
    assert b"Adobe" in data  # Photoshop's convention: stored inverted
    photo = read_photo(data)
    assert photo.space == "cmyk"
    assert np.abs(photo.samples.astype(int) - paper).max() <= 1  # JPEG at quality 100 rounds
    assert any("CMYK without a usable profile" in line for line in photo.warnings)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_jpeg_orientation_is_applied_and_reset(orientation: int) -> None:
    upright = corners()
    data = with_pillow(
        stored_as(upright, orientation), "JPEG", quality=100, subsampling=0, exif=exif_block(orientation)
    )
    photo = read_photo(data)
    assert photo.samples.shape == upright.shape
    assert np.abs(photo.samples.astype(int) - upright).max() <= 8  # JPEG rings at the edges of the quarters
    assert photo.metadata.exif is not None
    kept = Image.Exif()
    kept.load(b"Exif\0\0" + photo.metadata.exif)
    assert kept[274] == 1


@pytest.mark.parametrize("orientation", range(1, 9))
def test_tiff_and_png_orientation_turns_samples_and_alpha(orientation: int) -> None:
    upright = np.dstack([corners(), disc(8, 20, 32)])
    stored = np.ascontiguousarray(stored_as(upright, orientation))
    tiff = with_tifffile(stored, "rgb", ["unassalpha"], extratags=[(274, "H", 1, orientation, True)])
    png = with_pillow(stored, "PNG", exif=exif_block(orientation))
    for data in (tiff, png):
        photo = read_photo(data)
        np.testing.assert_array_equal(np.dstack([photo.samples, photo.alpha]), upright)


def test_a_quarter_turn_swaps_the_two_densities() -> None:
    data = with_tifffile(
        corners(), "rgb", resolution=(300, 150), resolutionunit="inch", extratags=[(274, "H", 1, 6, True)]
    )
    assert read_photo(data).metadata.density == (150, 300)


def test_metadata_of_a_jpeg_is_kept() -> None:
    profile = built_in_profile("p3")
    data = with_pillow(ramps("rgb", 8), "JPEG", icc_profile=profile, exif=exif_block(), xmp=XMP, dpi=(240, 240))
    resource = b"8BIM\x04\x0c\0\0\0\0\0\x04old!" + b"8BIM\x04\x04\0\0" + struct.pack(">I", len(IPTC)) + IPTC
    app13 = b"Photoshop 3.0\0" + resource
    data = data[:2] + b"\xff\xed" + struct.pack(">H", len(app13) + 2) + app13 + data[2:]
    metadata = read_photo(data).metadata
    assert metadata.profile == profile
    assert metadata.exif == exif_block()
    assert metadata.xmp == XMP
    assert metadata.iptc == IPTC
    assert metadata.density == (240, 240)


def test_metadata_of_a_tiff_is_kept() -> None:
    profile = built_in_profile("srgb")
    data = with_tifffile(
        ramps("rgb", 16),
        "rgb",
        iccprofile=profile,
        resolution=(118.0, 118.0),
        resolutionunit="centimeter",
        description="a shoe",
        extratags=[(700, "B", len(XMP), XMP, True), (33723, "B", len(IPTC), IPTC, True)],
    )
    metadata = read_photo(data).metadata
    assert (metadata.profile, metadata.xmp, metadata.iptc) == (profile, XMP, IPTC)
    assert metadata.density == pytest.approx((299.72, 299.72))
    tags = Image.Exif()
    tags.load(b"Exif\0\0" + (metadata.exif or b""))
    assert tags[270].rstrip("\0") == "a shoe"


def test_exif_of_a_pillow_tiff_is_kept() -> None:
    exif = Image.Exif()
    exif[271] = "Camera"
    exif[34665] = {36867: "2024:01:02 03:04:05"}
    exif[34853] = {1: "N"}
    kept = Image.Exif()
    kept.load(b"Exif\0\0" + (read_photo(with_pillow(corners(), "TIFF", exif=exif.tobytes())).metadata.exif or b""))
    assert kept[271] == "Camera"
    assert kept.get_ifd(34665)[36867] == "2024:01:02 03:04:05"
    assert kept.get_ifd(34853)[1] == "N"


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_density_is_none_when_the_file_states_none(form: str) -> None:
    assert read_photo(with_pillow(corners(), form)).metadata.density is None


def test_density_is_read_from_exif_where_nothing_else_states_it() -> None:
    for form in ("PNG", "WEBP", "AVIF"):
        assert read_photo(with_pillow(corners(), form, exif=exif_block(density=350))).metadata.density == (
            350,
            350,
        )


def test_png_density_is_exact_to_a_pixel_per_metre() -> None:
    density = read_photo(with_pillow(corners(), "PNG", dpi=(300, 600))).metadata.density
    assert density == (pytest.approx(11811 * 0.0254, abs=1e-4), pytest.approx(23622 * 0.0254, abs=1e-4))


@pytest.mark.parametrize("density", [100_000, 0.001])
def test_density_that_makes_no_sense_is_left_out_and_said(density: float) -> None:
    photo = read_photo(with_tifffile(corners(), "rgb", resolution=(density, density), resolutionunit=2))
    assert photo.metadata.density is None
    assert [warning for warning in photo.warnings if "makes no sense" in warning]


def test_turned_xmp_and_its_thumbnail_are_cleaned() -> None:
    xmp = b'<a tiff:Orientation="6"><xmp:Thumbnails><rdf:Alt>AAAA</rdf:Alt></xmp:Thumbnails><b/></a>'
    kept = read_photo(with_pillow(corners(), "JPEG", xmp=xmp)).metadata.xmp
    assert kept == b'<a tiff:Orientation="1"><b/></a>'


@pytest.mark.parametrize(
    ("profile", "said"),
    [
        (b"nonsense" * 40, "is damaged"),
        (built_in_profile("srgb")[:300], "is damaged"),
        (built_in_profile("srgb")[:128] + bytes(352), "is damaged"),
        (built_in_profile("cmyk"), "is not one for RGB pictures"),
    ],
)
def test_a_profile_that_cannot_be_used_is_left_out_and_said(profile: bytes, said: str) -> None:
    photo = read_photo(with_tifffile(ramps("rgb", 8), "rgb", iccprofile=profile))
    assert photo.metadata.profile is None
    assert any(said in line for line in photo.warnings)
    np.testing.assert_array_equal(photo.samples, ramps("rgb", 8))


def test_premultiplied_tiff_is_divided_and_said() -> None:
    alpha = np.full((6, 6, 1), 128, np.uint8)
    colour = np.full((6, 6, 3), 200, np.uint8)
    stored = np.round(colour * (alpha / 255)).astype(np.uint8)
    photo = read_photo(with_tifffile(np.dstack([stored, alpha]), "rgb", ["assocalpha"]))
    assert np.abs(photo.samples.astype(int) - 200).max() <= 1  # 8-bit premultiplication loses half a level each way
    assert (photo.alpha == 128).all()  # type: ignore[union-attr]
    assert any("premultiplied" in line for line in photo.warnings)


def test_extra_channels_that_are_no_alpha_are_left_out_and_said() -> None:
    colour, alpha, spot = ramps("rgb", 8), disc(8), np.full((24, 36, 1), 9, np.uint8)
    photo = read_photo(with_tifffile(np.dstack([colour, spot]), "rgb", ["unspecified"]))
    assert photo.alpha is None
    assert any("1 extra channel" in line for line in photo.warnings)
    photo = read_photo(with_tifffile(np.dstack([colour, spot, alpha]), "rgb", ["unspecified", "unassalpha"]))
    np.testing.assert_array_equal(photo.alpha, alpha)
    np.testing.assert_array_equal(photo.samples, colour)
    assert any("1 extra channel" in line for line in photo.warnings)


def test_planar_tiled_and_big_tiff_are_read() -> None:
    samples = ramps("rgb", 16, 40, 50)
    planar = io.BytesIO()
    tifffile.imwrite(planar, np.moveaxis(samples, 2, 0), photometric="rgb", planarconfig="separate")
    tiled = with_tifffile(samples, "rgb", tile=(16, 16), compression="deflate")
    big = with_tifffile(samples, "rgb", bigtiff=True, resolution=(300, 300), resolutionunit="inch")
    for data in (planar.getvalue(), tiled, big, with_tifffile(samples, "rgb", byteorder=">")):
        np.testing.assert_array_equal(read_photo(data).samples, samples)
    assert read_photo(big).metadata.density == (300, 300)


def test_of_several_pictures_the_first_is_used_and_said() -> None:
    frames = [Image.fromarray(np.full((8, 9, 3), value, np.uint8)) for value in (30, 200)]
    webp, tiff = io.BytesIO(), io.BytesIO()
    frames[0].save(webp, "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    frames[0].save(tiff, "TIFF", save_all=True, append_images=frames[1:])
    for data in (webp.getvalue(), tiff.getvalue()):
        photo = read_photo(data)
        assert (photo.samples == 30).all()
        assert photo.samples.shape == (8, 9, 3)
        assert any("only the first" in line for line in photo.warnings)


def test_heic_is_read_with_its_metadata() -> None:
    flat = np.full((32, 48, 3), (200, 100, 50), np.uint8)
    profile, out = built_in_profile("p3"), io.BytesIO()
    picture = pillow_heif.from_bytes("RGB", (48, 32), flat.tobytes())
    picture.info["icc_profile"], picture.info["icc_profile_type"] = profile, "prof"
    picture.save(out, quality=90, exif=b"Exif\0\0" + exif_block(1, density=200), xmp=XMP)
    photo = read_photo(out.getvalue())
    assert (photo.format, photo.space, photo.bits) == ("heic", "rgb", 8)
    assert np.abs(photo.samples.astype(int) - flat).max() <= 4  # lossy, chroma subsampled
    assert photo.metadata == Metadata(profile=profile, exif=exif_block(1, density=200), xmp=XMP, density=(200, 200))


def test_ten_bit_heic_and_avif_reach_white_at_full_scale() -> None:
    white = np.full((32, 48, 3), 65535, np.uint16)
    heic = io.BytesIO()
    pillow_heif.from_bytes("RGB;16", (48, 32), white.tobytes()).save(heic, quality=-1)
    image = pyvips.Image.new_from_memory(white, 48, 32, 3, "ushort").copy(interpretation="rgb16")
    avif = image.heifsave_buffer(compression="av1", bitdepth=10, lossless=True)
    for data in (heic.getvalue(), avif):
        photo = read_photo(data)
        assert photo.bits == 16
        assert photo.samples.min() >= 65535 - 64  # one step of 10 bits: HEVC works in YCbCr
    assert (read_photo(avif).samples == 65535).all()


def test_rotated_avif_is_turned_once() -> None:
    upright = corners(40, 64)
    data = with_pillow(upright, "AVIF", exif=exif_block(6), quality=95)
    photo = read_photo(data)  # Pillow turns the orientation into the file's own rotation
    assert photo.samples.shape[:2] == (64, 40)
    want = upright.swapaxes(0, 1)[:, ::-1]
    assert np.abs(photo.samples.astype(int) - want).mean() < 4  # lossy


def test_one_pixel_and_a_very_long_strip_are_read() -> None:
    for shape in ((1, 1, 3), (10, 60_000, 3)):
        samples = np.full(shape, 90, np.uint8)
        for form in ("JPEG", "PNG", "TIFF"):
            photo = read_photo(with_pillow(samples, form))
            assert photo.samples.shape == shape
            assert (photo.height, photo.width) == shape[:2]


def test_harmless_junk_in_a_jpeg_does_not_refuse_it() -> None:
    data = with_pillow(ramps("rgb", 8, 64, 64), "JPEG", quality=95)
    clean = read_photo(data).samples
    np.testing.assert_array_equal(read_photo(data + b"appended by a phone").samples, clean)
    photo = read_photo(data[:-2] + bytes(5) + data[-2:])
    np.testing.assert_array_equal(photo.samples, clean)


def test_every_metadata_field_is_covered_by_equality() -> None:
    assert {field.name for field in fields(Metadata)} == {"profile", "density", "exif", "iptc", "xmp", "resources"}


def test_png_header_checks_do_not_need_a_density_chunk_before_the_data() -> None:
    data = with_pillow(corners(), "PNG")
    chunk = b"tEXtComment\0hello"
    block = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    assert read_photo(data[:33] + block + data[33:]).metadata.density is None
