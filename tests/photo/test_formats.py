"""The "Faithful" table of DESIGN.md, one test a cell: kept bit for bit, changed and said, or refused."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pyvips
import tifffile
from drawn import built_in_profile, disc, grey_profile, ramps
from PIL import Image, ImageCms

from deepetch.errors import UnsupportedOutput
from deepetch.options import SaveOptions
from deepetch.photo.photo import Metadata
from deepetch.photo.read import read_photo
from deepetch.photo.write import to_8_bit, write_picture

SPACES = ["grey", "rgb", "cmyk"]
each_alpha = pytest.mark.parametrize("has_alpha", [False, True])
each_bits = pytest.mark.parametrize("bits", [8, 16])
LOSSLESS = SaveOptions(lossless=True)


def nearest_8_bit(samples: Any) -> Any:
    """The formula of the contract, in integers."""
    return (
        ((samples.astype(np.uint32) * 255 + 32767) // 65535).astype(np.uint8) if samples.dtype == np.uint16 else samples
    )


def as_rgb(samples: Any) -> Any:
    return np.repeat(samples, 3, axis=2) if samples.shape[2] == 1 else samples


def raw_png(path: Path) -> Any:
    """(h, w, c) as OpenCV's libpng gives it."""
    import cv2

    array = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if array.ndim == 3:
        array = array[..., [2, 1, 0, 3][: array.shape[2]]]
    return np.atleast_3d(array)


@each_alpha
@each_bits
@pytest.mark.parametrize("space", ["grey", "rgb"])
def test_png_keeps_grey_and_rgb_bit_for_bit(space: Any, bits: int, has_alpha: bool, tmp_path: Path) -> None:
    samples, alpha = ramps(space, bits), disc(bits) if has_alpha else None
    path = tmp_path / "a.png"
    assert write_picture(path, samples, space, alpha=alpha) == ()
    photo = read_photo(path)
    assert (photo.space, photo.bits, photo.warnings) == (space, bits, ())
    np.testing.assert_array_equal(photo.samples, samples)
    if alpha is None:
        assert photo.alpha is None
    else:
        np.testing.assert_array_equal(photo.alpha, alpha)
    if not (space == "grey" and has_alpha):  # OpenCV has no grey with alpha
        np.testing.assert_array_equal(raw_png(path), samples if alpha is None else np.dstack([samples, alpha]))


@each_alpha
@each_bits
@pytest.mark.parametrize("space", SPACES)
def test_tiff_keeps_everything_bit_for_bit(space: Any, bits: int, has_alpha: bool, tmp_path: Path) -> None:
    samples, alpha = ramps(space, bits), disc(bits) if has_alpha else None
    path = tmp_path / "a.tif"
    assert write_picture(path, samples, space, alpha=alpha) == ()
    with tifffile.TiffFile(path) as file:
        tags = file.pages[0].tags
        stored = np.atleast_3d(file.asarray())
        np.testing.assert_array_equal(stored, samples if alpha is None else np.dstack([samples, alpha]))
        assert tags["PhotometricInterpretation"].value == {"grey": 1, "rgb": 2, "cmyk": 5}[space]
        assert tags["Compression"].value == 8  # Adobe deflate: without loss
        if has_alpha:
            assert tuple(tags["ExtraSamples"].value) == (2,)  # unassociated alpha: straight
        else:
            assert "ExtraSamples" not in tags
    photo = read_photo(path)
    assert photo.space == space
    np.testing.assert_array_equal(photo.samples, samples)


@each_alpha
@each_bits
@pytest.mark.parametrize(("compression", "number"), [("deflate", 8), ("lzw", 5), ("none", 1)])
@pytest.mark.parametrize("space", SPACES)
def test_tiff_is_packed_as_asked_and_loses_nothing(
    space: Any, compression: Any, number: int, bits: int, has_alpha: bool, tmp_path: Path
) -> None:
    samples, alpha = ramps(space, bits), disc(bits) if has_alpha else None
    path = tmp_path / "a.tif"
    options = SaveOptions(tiff_compression=compression)
    assert write_picture(path, samples, space, alpha=alpha, options=options) == ()
    with tifffile.TiffFile(path) as file:
        assert file.pages[0].tags["Compression"].value == number
        if compression != "lzw":  # which tifffile unpacks with imagecodecs only
            stored = np.atleast_3d(file.asarray())
            np.testing.assert_array_equal(stored, samples if alpha is None else np.dstack([samples, alpha]))
    if bits == 8 and not has_alpha:
        with Image.open(path) as image:
            np.testing.assert_array_equal(np.atleast_3d(np.asarray(image)), samples)
    photo = read_photo(path)
    np.testing.assert_array_equal(photo.samples, samples)
    assert (photo.alpha is not None) == has_alpha
    if has_alpha:
        np.testing.assert_array_equal(photo.alpha, alpha)


@each_alpha
@each_bits
@pytest.mark.parametrize("space", ["grey", "rgb"])
@pytest.mark.parametrize("suffix", [".webp", ".avif"])
def test_webp_and_avif_are_lossless_on_request(
    suffix: str, space: Any, bits: int, has_alpha: bool, tmp_path: Path
) -> None:
    samples, alpha = ramps(space, bits), disc(bits) if has_alpha else None
    said = write_picture(tmp_path / f"a{suffix}", samples, space, alpha=alpha, options=LOSSLESS)
    assert bool(said) == (bits == 16)
    assert all("holds 8 bit: the 16-bit values were rounded" in line for line in said)
    with Image.open(tmp_path / f"a{suffix}") as image:
        stored = np.asarray(image)
    np.testing.assert_array_equal(stored[..., :3], as_rgb(nearest_8_bit(samples)))
    if alpha is not None:
        np.testing.assert_array_equal(stored[..., 3], nearest_8_bit(alpha))


@each_alpha
@each_bits
@pytest.mark.parametrize("space", ["grey", "rgb"])
@pytest.mark.parametrize("suffix", [".webp", ".avif"])
def test_webp_and_avif_are_close_without_the_request(
    suffix: str, space: Any, bits: int, has_alpha: bool, tmp_path: Path
) -> None:
    samples, alpha = ramps(space, bits, 64, 96), disc(bits, 64, 96) if has_alpha else None
    said = write_picture(tmp_path / f"a{suffix}", samples, space, alpha=alpha)
    assert bool(said) == (bits == 16)
    photo = read_photo(tmp_path / f"a{suffix}")
    opaque = slice(None) if alpha is None else alpha == alpha.max()
    difference = photo.samples.astype(int) - as_rgb(nearest_8_bit(samples))
    assert np.abs(difference[opaque]).mean() < 3  # quality 92 on smooth ramps


@each_alpha
@each_bits
@pytest.mark.parametrize("suffix", [".png", ".webp", ".avif"])
def test_cmyk_is_refused_where_there_is_none_unless_conversion_is_asked_for(
    suffix: str, bits: int, has_alpha: bool, tmp_path: Path
) -> None:
    samples, alpha = ramps("cmyk", bits), disc(bits) if has_alpha else None
    path = tmp_path / f"a{suffix}"
    with pytest.raises(UnsupportedOutput, match=r"cannot hold CMYK.*--convert-to srgb"):
        write_picture(path, samples, "cmyk", alpha=alpha)
    assert list(tmp_path.iterdir()) == []
    metadata = Metadata(profile=built_in_profile("cmyk"))
    options = SaveOptions(convert_to="srgb", lossless=True)
    said = write_picture(path, samples, "cmyk", alpha=alpha, metadata=metadata, options=options)
    assert "The colours were converted to sRGB." in said
    photo = read_photo(path)
    assert photo.space == "rgb"
    assert photo.metadata.profile == built_in_profile("srgb")
    if alpha is not None:
        np.testing.assert_array_equal(photo.alpha, alpha if suffix == ".png" else nearest_8_bit(alpha))
    transform = ImageCms.buildTransform(
        ImageCms.ImageCmsProfile(io.BytesIO(built_in_profile("cmyk"))),
        ImageCms.createProfile("sRGB"),
        "CMYK",
        "RGB",
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    inks = nearest_8_bit(samples)
    image = Image.frombytes("CMYK", (inks.shape[1], inks.shape[0]), np.ascontiguousarray(inks).tobytes())
    want = np.asarray(ImageCms.applyTransform(image, transform)).astype(int)
    # 8-bit tables of one against 16-bit ones of the other: up to three levels in the steep dark colours
    assert np.abs(nearest_8_bit(photo.samples) - want).max() <= 3


@each_bits
@pytest.mark.parametrize("space", SPACES)
def test_jpeg_is_8_bit_444_and_close(space: Any, bits: int, tmp_path: Path) -> None:
    samples = ramps(space, bits)
    path = tmp_path / "a.jpg"
    said = write_picture(path, samples, space, options=SaveOptions(quality=97))
    assert any("rounded" in line for line in said) == (bits == 16)
    assert any("CMYK with 8 bit and lossy" in line for line in said) == (space == "cmyk")
    with Image.open(path) as image:
        assert image.mode == {"grey": "L", "rgb": "RGB", "cmyk": "CMYK"}[space]
        assert {layer[1:3] for layer in image.layer} == {(1, 1)}  # no channel is subsampled
        stored = np.atleast_3d(np.asarray(image)).astype(int)
    assert np.abs(stored - nearest_8_bit(samples)).max() <= 8  # quality 97
    assert np.abs(read_photo(path).samples - stored).max() <= 1  # two decoders


@pytest.mark.parametrize("suffix", [".jpg", ".tif"])
def test_cmyk_is_converted_on_request_also_where_it_could_stay(suffix: str, tmp_path: Path) -> None:
    metadata = Metadata(profile=built_in_profile("cmyk"))
    options = SaveOptions(convert_to="srgb")
    said = write_picture(tmp_path / f"a{suffix}", ramps("cmyk", 8), "cmyk", metadata=metadata, options=options)
    assert said == ("The colours were converted to sRGB.",)
    photo = read_photo(tmp_path / f"a{suffix}")
    assert (photo.space, photo.metadata.profile) == ("rgb", built_in_profile("srgb"))


@each_bits
@pytest.mark.parametrize("space", SPACES)
def test_jpeg_refuses_alpha(space: Any, bits: int, tmp_path: Path) -> None:
    with pytest.raises(UnsupportedOutput, match=r"cannot hold transparency\. Choose a background"):
        write_picture(tmp_path / "a.jpg", ramps(space, bits), space, alpha=disc(bits))
    assert list(tmp_path.iterdir()) == []


def test_every_16_bit_value_rounds_to_its_nearest_of_8_bits() -> None:
    every = np.arange(65536, dtype=np.uint16).reshape(256, 256, 1)
    np.testing.assert_array_equal(to_8_bit(every), nearest_8_bit(every))


@pytest.mark.parametrize("suffix", [".webp", ".avif"])
def test_grey_with_a_curve_of_its_own_is_converted_and_said(suffix: str, tmp_path: Path) -> None:
    samples = ramps("grey", 8)
    metadata = Metadata(profile=grey_profile(1.8))
    said = write_picture(tmp_path / f"a{suffix}", samples, "grey", metadata=metadata, options=LOSSLESS)
    assert any("holds no grey profile" in line for line in said)
    photo = read_photo(tmp_path / f"a{suffix}")
    linear = (samples / 255) ** (461 / 256)
    want = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055) * 255
    assert np.abs(photo.samples - want).max() <= 2  # Little CMS limits the slope near black; integers round
    assert photo.metadata.profile == built_in_profile("srgb")


@each_bits
def test_converting_srgb_to_srgb_changes_no_value(bits: int, tmp_path: Path) -> None:
    samples = ramps("rgb", bits)
    options = SaveOptions(convert_to="srgb")
    for name, profile in (("a.png", None), ("b.png", built_in_profile("srgb"))):
        assert write_picture(tmp_path / name, samples, "rgb", metadata=Metadata(profile=profile), options=options) == ()
        photo = read_photo(tmp_path / name)
        np.testing.assert_array_equal(photo.samples, samples)
        assert photo.metadata.profile == built_in_profile("srgb")


def test_a_wide_space_is_converted_and_said_only_on_request(tmp_path: Path) -> None:
    samples, metadata = ramps("rgb", 16), Metadata(profile=built_in_profile("p3"))
    assert write_picture(tmp_path / "a.png", samples, "rgb", metadata=metadata) == ()
    np.testing.assert_array_equal(read_photo(tmp_path / "a.png").samples, samples)
    said = write_picture(tmp_path / "b.png", samples, "rgb", metadata=metadata, options=SaveOptions(convert_to="srgb"))
    assert said == ("The colours were converted to sRGB.",)
    photo = read_photo(tmp_path / "b.png")
    assert photo.bits == 16
    assert not np.array_equal(photo.samples, samples)


@pytest.mark.parametrize("suffix", [".png", ".tif"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("with_alpha", [False, True])
def test_one_grey_pixel_comes_back(suffix: str, dtype: Any, with_alpha: bool, tmp_path: Path) -> None:
    samples = np.full((1, 1, 1), 77, dtype)
    alpha = np.full((1, 1), 99, dtype) if with_alpha else None
    write_picture(tmp_path / f"a{suffix}", samples, "grey", alpha=alpha)
    photo = read_photo(tmp_path / f"a{suffix}")
    np.testing.assert_array_equal(photo.samples, samples)
    assert photo.alpha is None if alpha is None else np.array_equal(photo.alpha, alpha)


@pytest.mark.parametrize("suffix", [".png", ".tif", ".webp", ".avif", ".jpg"])
def test_one_pixel_can_be_written(suffix: str, tmp_path: Path) -> None:
    write_picture(tmp_path / f"a{suffix}", np.full((1, 1, 3), 77, np.uint8), "rgb", options=LOSSLESS)
    assert np.abs(read_photo(tmp_path / f"a{suffix}").samples.astype(int) - 77).max() <= 1


def test_a_side_beyond_the_format_is_refused_and_fits_elsewhere(tmp_path: Path) -> None:
    long = np.zeros((2, 66_000, 3), np.uint8)
    for suffix in (".webp", ".avif", ".jpg"):
        with pytest.raises(UnsupportedOutput, match=r"Use \.tif or \.png"):
            write_picture(tmp_path / f"a{suffix}", long, "rgb")
    for suffix in (".png", ".tif"):
        write_picture(tmp_path / f"a{suffix}", long, "rgb")
        with_header = pyvips.Image.new_from_file(str(tmp_path / f"a{suffix}"))
        assert (with_header.width, with_header.height) == (66_000, 2)


@pytest.mark.parametrize("name", ["a.heic", "a.HEIF", "a.gif", "a.psdx", "a"])
def test_other_suffixes_are_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(UnsupportedOutput, match=r"Use \.") as error:
        write_picture(tmp_path / name, ramps("rgb", 8), "rgb")
    assert "\n" not in str(error.value)
    assert list(tmp_path.iterdir()) == []


def test_suffixes_may_be_upper_case(tmp_path: Path) -> None:
    write_picture(tmp_path / "a.PNG", ramps("rgb", 8), "rgb")
    assert read_photo(tmp_path / "a.PNG").format == "png"
