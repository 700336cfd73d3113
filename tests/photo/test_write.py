from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pyvips
import tifffile
from drawn import (
    IPTC,
    MAKER_NOTE,
    XMP,
    built_in_profile,
    disc,
    exif_block,
    grey_profile,
    ramps,
    with_pillow,
)
from PIL import Image

from deepetch.errors import InvalidArray, OutputError, OutputExists, OutputFailed
from deepetch.options import SaveOptions
from deepetch.photo.photo import Metadata
from deepetch.photo.read import read_photo
from deepetch.photo.write import write_picture
from small_disk import small_disk

EVERYTHING = Metadata(
    profile=built_in_profile("p3"), density=(300, 300), exif=exif_block(density=300), iptc=IPTC, xmp=XMP
)
SUFFIXES = [".png", ".tif", ".webp", ".avif", ".jpg"]


def noise(side: int = 700) -> Any:
    return np.random.default_rng(5).integers(0, 256, (side, side, 3), dtype=np.uint8)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_profile_xmp_and_density_go_along(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"a{suffix}"
    said = write_picture(path, ramps("rgb", 8), "rgb", metadata=EVERYTHING)
    metadata = read_photo(path).metadata
    assert metadata.profile == EVERYTHING.profile
    assert metadata.xmp == XMP
    assert metadata.density == pytest.approx((300, 300), abs=0.013)  # PNG counts whole pixels per metre
    if suffix in (".tif", ".jpg"):
        assert (metadata.iptc, said) == (IPTC, ())
    else:
        assert metadata.iptc is None
        assert [line for line in said if "IPTC" in line] == list(said) != []


@pytest.mark.parametrize("suffix", [".png", ".webp", ".jpg"])
def test_exif_goes_along_byte_for_byte(suffix: str, tmp_path: Path) -> None:
    write_picture(tmp_path / f"a{suffix}", ramps("rgb", 8), "rgb", metadata=EVERYTHING)
    assert read_photo(tmp_path / f"a{suffix}").metadata.exif == EVERYTHING.exif


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_values_of_exif_go_along_in_either_byte_order(suffix: str, order: str, tmp_path: Path) -> None:
    path = tmp_path / f"a{suffix}"
    write_picture(path, ramps("rgb", 8), "rgb", metadata=Metadata(exif=exif_block(order=order)))
    with Image.open(path) as image:
        tags = image.getexif()
        assert str(tags[271]).rstrip("\0") == "Camera"
        assert tags.get(274, 1) == 1
        assert tags.get_ifd(34665)[0x927C] == MAKER_NOTE
    density = read_photo(path).metadata.density
    assert density == ((72, 72) if suffix == ".avif" else None)  # EXIF's own default where AVIF must state one


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_no_density_and_no_metadata_are_invented(suffix: str, tmp_path: Path) -> None:
    write_picture(tmp_path / f"a{suffix}", ramps("rgb", 8), "rgb")
    assert read_photo(tmp_path / f"a{suffix}").metadata == Metadata()
    with Image.open(tmp_path / f"a{suffix}") as image:
        assert "icc_profile" not in image.info
        assert image.info.get("dpi", (1, 1)) == (1, 1)  # Pillow's answer for a TIFF without unit


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_two_densities_keep_their_order(suffix: str, tmp_path: Path) -> None:
    write_picture(tmp_path / f"a{suffix}", ramps("rgb", 8), "rgb", metadata=Metadata(density=(300, 150)))
    assert read_photo(tmp_path / f"a{suffix}").metadata.density == pytest.approx((300, 150), abs=0.013)


@pytest.mark.parametrize("suffix", [".png", ".tif", ".jpg"])
def test_grey_keeps_its_profile(suffix: str, tmp_path: Path) -> None:
    profile = grey_profile(1.8)
    write_picture(tmp_path / f"a{suffix}", ramps("grey", 8), "grey", metadata=Metadata(profile=profile))
    assert read_photo(tmp_path / f"a{suffix}").metadata.profile == profile


@pytest.mark.parametrize("suffix", [".tif", ".jpg"])
def test_cmyk_keeps_profile_and_density(suffix: str, tmp_path: Path) -> None:
    metadata = Metadata(profile=built_in_profile("cmyk"), density=(350, 350))
    write_picture(tmp_path / f"a{suffix}", ramps("cmyk", 8), "cmyk", metadata=metadata)
    photo = read_photo(tmp_path / f"a{suffix}")
    assert photo.metadata == metadata
    assert photo.warnings == ()


def test_a_profile_of_many_segments_survives_jpeg(tmp_path: Path) -> None:
    whole = built_in_profile("cmyk")
    profile = len(whole + bytes(200_000)).to_bytes(4, "big") + whole[4:] + bytes(200_000)
    write_picture(tmp_path / "a.jpg", ramps("cmyk", 8), "cmyk", metadata=Metadata(profile=profile))
    assert read_photo(tmp_path / "a.jpg").metadata.profile == profile
    with Image.open(tmp_path / "a.jpg") as image:
        assert image.info["icc_profile"] == profile


def test_what_is_too_long_for_a_jpeg_segment_is_left_out_and_said(tmp_path: Path) -> None:
    long = XMP + b" " * 70_000
    metadata = replace(EVERYTHING, xmp=long, exif=exif_block() + bytes(70_000))
    said = write_picture(tmp_path / "a.jpg", ramps("rgb", 8), "rgb", metadata=metadata)
    assert said == (
        "The EXIF data is too long for JPEG: it was left out.",
        "The XMP data is too long for JPEG: it was left out.",
    )
    write_picture(tmp_path / "a.png", ramps("rgb", 8), "rgb", metadata=metadata)
    assert read_photo(tmp_path / "a.png").metadata.xmp == long


# the name of a clipping path, as Photoshop's resource 2999
BLOCK = b"8BIM\x0b\xb7\0\0\0\0\0\x08\x06Path 1\0"


@pytest.mark.parametrize("iptc", [None, IPTC])
def test_photoshops_resources_lie_behind_iptc_in_tiff_and_jpeg(iptc: bytes | None, tmp_path: Path) -> None:
    for suffix in (".tif", ".jpg"):
        path = tmp_path / f"a{suffix}"
        metadata = replace(EVERYTHING, iptc=iptc, resources=BLOCK)
        assert write_picture(path, ramps("rgb", 8), "rgb", metadata=metadata) == ()
        read = read_photo(path).metadata
        assert (read.iptc, read.resources, read.xmp) == (iptc, None, XMP)
        with Image.open(path) as image:
            if suffix == ".jpg":
                known = {0x0404: IPTC} if iptc else {}
                assert image.info["photoshop"] == known | {2999: b"\x06Path 1\0"}
            else:
                assert image.tag_v2[34377].endswith(BLOCK)
                assert (IPTC in image.tag_v2[34377]) == (33723 in image.tag_v2) == (iptc is not None)


def test_a_path_that_the_format_cannot_hold_is_left_out_and_said(tmp_path: Path) -> None:
    metadata = Metadata(resources=BLOCK)
    for suffix in (".png", ".webp", ".avif"):
        (said,) = write_picture(tmp_path / f"a{suffix}", ramps("rgb", 8), "rgb", metadata=metadata)
        assert "holds no path: it was left out" in said
    long = b"8BIM\x07\xd0\0\0" + (65_600).to_bytes(4, "big") + bytes(65_600)
    metadata = Metadata(iptc=IPTC, resources=long)
    (said,) = write_picture(tmp_path / "a.jpg", ramps("rgb", 8), "rgb", metadata=metadata)
    assert "too long for JPEG: it was left out" in said
    assert read_photo(tmp_path / "a.jpg").metadata.iptc == IPTC
    assert write_picture(tmp_path / "a.tif", ramps("rgb", 8), "rgb", metadata=metadata) == ()


@pytest.mark.parametrize(("size", "fits"), [(65_494, True), (65_496, False)])
def test_a_path_fills_a_jpeg_segment_to_its_end(size: int, fits: bool, tmp_path: Path) -> None:
    block = b"8BIM\x07\xd0\0\0" + size.to_bytes(4, "big") + bytes(size)
    block += b"8BIM\x0b\xb7\0\0\0\0\0\0"
    said = write_picture(tmp_path / "a.jpg", ramps("rgb", 8), "rgb", metadata=Metadata(resources=block))
    assert (said == ()) == fits
    with Image.open(tmp_path / "a.jpg") as image:
        assert image.info.get("photoshop", {}) == ({2000: bytes(size), 2999: b""} if fits else {})
        image.load()


def test_tiff_tags_are_what_tifffile_expects(tmp_path: Path) -> None:
    write_picture(tmp_path / "a.tif", ramps("rgb", 16), "rgb", alpha=disc(16), metadata=EVERYTHING)
    with tifffile.TiffFile(tmp_path / "a.tif") as file:
        page = file.pages[0]
        assert page.tags["InterColorProfile"].value == EVERYTHING.profile
        assert bytes(page.tags["XMP"].value) == XMP
        assert page.tags["IPTCNAA"].value == IPTC
        assert page.tags["XResolution"].value == (3_000_000, 10_000)
        assert page.tags["ResolutionUnit"].value == 2
        assert page.tags["ExifTag"].value["MakerNote"] == MAKER_NOTE
        np.testing.assert_array_equal(page.asarray()[..., :3], ramps("rgb", 16))


def test_exif_travels_from_jpeg_through_tiff_to_jpeg(tmp_path: Path) -> None:
    photo = read_photo(with_pillow(ramps("rgb", 8), "JPEG", exif=exif_block(6, thumbnail=True)))
    write_picture(tmp_path / "a.tif", photo.samples, "rgb", metadata=photo.metadata)
    through = read_photo(tmp_path / "a.tif")
    write_picture(tmp_path / "a.jpg", through.samples, "rgb", metadata=through.metadata)
    with Image.open(tmp_path / "a.jpg") as image:
        assert str(image.getexif()[271]).rstrip("\0") == "Camera"
        assert image.getexif().get_ifd(34665)[0x927C] == MAKER_NOTE


def test_parts_of_larger_arrays_are_written_as_they_look(tmp_path: Path) -> None:
    samples, alpha = ramps("rgb", 16), disc(16)
    for suffix in (".png", ".tif"):
        path = tmp_path / f"a{suffix}"
        write_picture(path, samples[::2, 5:-3, ::-1], "rgb", alpha=alpha[::2, 5:-3])
        photo = read_photo(path)
        np.testing.assert_array_equal(photo.samples, samples[::2, 5:-3, ::-1])
        np.testing.assert_array_equal(photo.alpha, alpha[::2, 5:-3])


@pytest.mark.parametrize(
    ("samples", "space", "alpha", "said"),
    [
        (ramps("rgb", 8).astype(np.float32), "rgb", None, r"expected uint8 or uint16 \(h, w, 3\)"),
        (ramps("rgb", 8), "cmyk", None, r"\(h, w, 4\) for cmyk"),
        (ramps("rgb", 8)[..., 0], "grey", None, r"\(h, w, 1\)"),
        (ramps("rgb", 8), "rgb", disc(16), "alpha: expected uint8"),
        (ramps("rgb", 8), "rgb", disc(8)[1:], r"alpha: expected uint8 \(24, 36\)"),
        (np.zeros((0, 5, 3), np.uint8), "rgb", None, "at least one pixel"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(samples: Any, space: Any, alpha: Any, said: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidArray, match=said):
        write_picture(tmp_path / "a.png", samples, space, alpha=alpha)
    assert list(tmp_path.iterdir()) == []


# whole or not at all


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_an_existing_file_is_replaced_only_on_request(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(b"mine")
    with pytest.raises(OutputExists, match="the file exists") as error:
        write_picture(path, ramps("rgb", 8), "rgb")
    assert str(path) in str(error.value)
    assert path.read_bytes() == b"mine"
    write_picture(path, ramps("rgb", 8), "rgb", options=SaveOptions(overwrite=True))
    assert read_photo(path).width == 36
    assert list(tmp_path.iterdir()) == [path]


def test_a_new_file_has_the_rights_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"")
    write_picture(tmp_path / "a.png", ramps("rgb", 8), "rgb")
    assert (tmp_path / "a.png").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_name_of_the_greatest_length_can_be_written(tmp_path: Path) -> None:
    write_picture(tmp_path / ("n" * 251 + ".png"), ramps("rgb", 8), "rgb")


def test_bad_places_are_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "folder.png").mkdir()
    for path, said in (
        (tmp_path / "none" / "a.png", "does not exist. Create it first"),
        (tmp_path / "file" / "a.png", "is not a folder"),
        (tmp_path / "folder.png", "this is a folder"),
        (tmp_path / ("n" * 300 + ".png"), "not written"),
        (Path("/proc/self/a.png"), "not written"),
    ):
        with pytest.raises(OutputFailed, match=said) as error:
            write_picture(path, ramps("rgb", 8), "rgb", options=SaveOptions(overwrite=True))
        assert "\n" not in str(error.value)
        assert str(error.value).startswith(str(path))


def test_folder_without_permission_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    if os.access(tmp_path, os.W_OK):
        pytest.skip("root may write everywhere")
    with pytest.raises(OutputFailed, match="no permission"):
        write_picture(tmp_path / "a.png", ramps("rgb", 8), "rgb")


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("overwrite", [False, True])
def test_a_full_disk_leaves_everything_as_it_was(suffix: str, overwrite: bool, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 256) as disk:
        path = disk / f"a{suffix}"
        if overwrite:
            path.write_bytes(b"before")
        options = SaveOptions(overwrite=overwrite, lossless=True, quality=100)
        with pytest.raises(OutputFailed, match=r"the disk is full\. Free some space") as error:
            write_picture(path, noise(), "rgb", options=options)
        assert "\n" not in str(error.value)
        assert [entry.read_bytes() for entry in disk.iterdir()] == [b"before"] * overwrite


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_file_size_limit_leaves_nothing_behind(suffix: str, tmp_path: Path) -> None:
    """The portable twin of the full disk, in a process of its own because the limit cannot be taken back."""
    code = (
        "import resource, signal, sys\nimport numpy as np\n"
        "from deepetch.errors import OutputFailed\nfrom deepetch.options import SaveOptions\n"
        "from deepetch.photo.write import write_picture\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "samples = np.random.default_rng(5).integers(0, 256, (700, 700, 3), dtype=np.uint8)\n"
        "try:\n    write_picture(sys.argv[1], samples, 'rgb', options=SaveOptions(lossless=True, quality=100))\n"
        "except OutputFailed as error:\n    assert 'larger than the system allows' in str(error), error\n"
        "else:\n    raise SystemExit('no error')\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / f"a{suffix}")],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []


def test_every_refusal_to_store_is_an_output_error() -> None:
    assert issubclass(OutputExists, OutputError)
    assert issubclass(OutputFailed, OutputError)


@pytest.mark.parametrize("bits", [8, 16])
def test_a_tiff_that_may_exceed_four_gigabytes_is_a_big_tiff(bits, tmp_path, monkeypatch):
    monkeypatch.setattr("deepetch.photo.write.MAX_TIFF", 1000)  # four gigabytes would be no light test
    samples, alpha = ramps("cmyk", bits), disc(bits)
    metadata = replace(EVERYTHING, profile=None, resources=b"8BIM\x0b\xb7\0\0\0\0\0\x02\x01a")
    write_picture(tmp_path / "a.tif", samples, "cmyk", alpha=alpha, extra=[alpha], metadata=metadata)
    head = (tmp_path / "a.tif").read_bytes()[:4]
    assert head in (b"II+\0", b"MM\0+")
    with tifffile.TiffFile(tmp_path / "a.tif") as file:
        page = file.pages[0]
        np.testing.assert_array_equal(page.asarray(), np.dstack([samples, alpha, alpha]))
        assert page.tags["ExtraSamples"].value == (2, 0)
        assert page.tags["XMP"].value == XMP
        assert b"\x0b\xb7" in page.tags[34377].value
    read = read_photo(tmp_path / "a.tif")
    np.testing.assert_array_equal(read.samples, samples)
    np.testing.assert_array_equal(read.alpha, alpha)
    assert read.metadata.density == (300, 300)
    assert read.metadata.iptc == IPTC
    other = pyvips.Image.new_from_file(str(tmp_path / "a.tif"))
    np.testing.assert_array_equal(other.numpy(), np.dstack([samples, alpha, alpha]))


@pytest.mark.parametrize(("compression", "grows"), [("deflate", 1.06), ("lzw", 1.4), ("none", 1.001)])
def test_whether_a_tiff_is_big_goes_by_what_its_pixels_may_take(compression, grows, tmp_path, monkeypatch):
    samples = np.random.default_rng(1).integers(0, 65535, (900, 800, 4), np.uint16, endpoint=True)
    options = SaveOptions(tiff_compression=compression, overwrite=True)
    for limit, expected in ((samples.nbytes * grows * 1.001, b"*"), (samples.nbytes * grows * 0.999, b"+")):
        monkeypatch.setattr("deepetch.photo.write.MAX_TIFF", limit)
        write_picture(tmp_path / "a.tif", samples, "cmyk", options=options)
        assert expected in (tmp_path / "a.tif").read_bytes()[:4]
        assert (tmp_path / "a.tif").stat().st_size <= samples.nbytes * grows * 1.001  # noise, the worst case
