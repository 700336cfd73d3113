"""What is not a whole picture of our kinds ends in one clear line, and never in grey."""

from __future__ import annotations

import contextlib
import io
import os
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
import pytest
from drawn import XMP, exif_block, ramps, with_pillow, with_tifffile

from deepetch.errors import PhotoError, PhotoTooLarge, UnreadablePhoto
from deepetch.options import ReadOptions
from deepetch.photo.read import read_photo


def one_line(error: pytest.ExceptionInfo[PhotoError]) -> str:
    text = str(error.value)
    assert "\n" not in text
    assert "vips" not in text.lower()
    assert text.endswith(".")
    return text


def noise() -> Any:
    return np.random.default_rng(3).integers(0, 256, (80, 120, 3), dtype=np.uint8)


def heic() -> bytes:
    out = io.BytesIO()
    pillow_heif.from_bytes("RGB", (120, 80), noise().tobytes()).save(out, quality=80)
    return out.getvalue()


WHOLE: dict[str, Callable[[], bytes]] = {
    "jpeg": lambda: with_pillow(noise(), "JPEG", quality=95),
    "progressive jpeg": lambda: with_pillow(noise(), "JPEG", quality=95, progressive=True),
    "cmyk jpeg": lambda: with_pillow(np.dstack([noise(), noise()[..., :1]]), "JPEG", mode="CMYK"),
    "png": lambda: with_pillow(noise(), "PNG"),
    "16-bit tiff": lambda: with_tifffile(noise().astype(np.uint16) * 257, "rgb"),
    "deflate tiff": lambda: with_tifffile(noise(), "rgb", compression="deflate", rowsperstrip=16),
    "tiled tiff": lambda: with_tifffile(noise(), "rgb", tile=(16, 16)),
    "deflate tiled tiff": lambda: with_tifffile(noise(), "rgb", tile=(16, 16), compression="deflate"),
    "webp": lambda: with_pillow(noise(), "WEBP", quality=95),
    "lossless webp": lambda: with_pillow(noise(), "WEBP", lossless=True),
    "avif": lambda: with_pillow(noise(), "AVIF"),
    "heic": heic,
}


@pytest.mark.parametrize("kind", WHOLE)
@pytest.mark.parametrize("share", [0.05, 0.5, 0.9])
def test_truncated_file_is_refused(kind: str, share: float, tmp_path: Path) -> None:
    whole = WHOLE[kind]()
    assert read_photo(whole).samples.shape[:2] == (80, 120)
    path = tmp_path / "cut.jpg"
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(UnreadablePhoto, match="truncated or damaged") as error:
        read_photo(path)
    assert str(path) in one_line(error)


def test_jpeg_cut_short_but_properly_ended_is_refused() -> None:
    whole = WHOLE["jpeg"]()
    with pytest.raises(UnreadablePhoto, match="truncated or damaged"):
        read_photo(whole[: len(whole) // 2] + b"\xff\xd9")


def test_png_and_deflate_tiff_with_a_changed_byte_are_refused() -> None:
    for kind in ("png", "deflate tiff", "deflate tiled tiff"):
        data = bytearray(WHOLE[kind]())
        data[len(data) // 2] ^= 0x55
        with pytest.raises(UnreadablePhoto, match="truncated or damaged"):
            read_photo(bytes(data))


def test_tiff_with_odd_tags_is_read_but_not_when_damaged_too() -> None:
    for tags in ([(65000, "s", 3, "ab", True)], [(305, "H", 3, (1, 2, 3), True)]):
        whole = with_tifffile(noise(), "rgb", rowsperstrip=16, compression="deflate", extratags=tags)
        np.testing.assert_array_equal(read_photo(whole).samples, noise())
        changed = bytearray(whole)
        changed[len(whole) // 2] ^= 0x55
        for data in (whole[:-9], bytes(changed)):
            with pytest.raises(UnreadablePhoto, match="truncated or damaged"):
                read_photo(data)


def test_damage_is_noticed_by_many_threads_at_once() -> None:
    """libvips keeps one error text for all threads, so that what it says there decides nothing."""
    jobs: list[tuple[bytes, bool]] = []
    for kind, make in WHOLE.items():
        data = make()
        jobs += [(data, True), (data[: len(data) * 3 // 4], False)]
        if "deflate" in kind:
            changed = bytearray(data)
            changed[len(data) // 2] ^= 0x55
            jobs.append((bytes(changed), False))

    def is_read(job: tuple[bytes, bool]) -> bool:
        try:
            return read_photo(job[0]).width == 120
        except UnreadablePhoto:
            return False

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(is_read, jobs * 10)) == [good for _, good in jobs] * 10


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"just a text file\n", "not a picture"),
        (b"GIF89a" + bytes(30), "a GIF is not supported"),
        (b"%PDF-1.7", "a PDF is not supported"),
        (b"8BPS\0\1", "a Photoshop document is not supported"),
        (b'<svg xmlns="x"/>', "an SVG is not supported"),
        (b"\xff\xd8\xff", "truncated or damaged"),
        (b"\x89PNG\r\n\x1a\n", "truncated or damaged"),
        (b"II*\0\x08\0\0\0", "truncated or damaged"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "truncated or damaged"),
        (b"\0\0\0\x18ftypavif" + bytes(12), "truncated or damaged"),
        (b"\0\0\0\x18ftypheic" + bytes(12), "truncated or damaged"),
        (b"\0\0\0\x18ftypmp42" + bytes(12), "not a picture"),
    ],
)
def test_what_is_no_picture_is_refused_from_path_and_bytes(content: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(content)
    for source in (path, content):
        with pytest.raises(UnreadablePhoto, match=said) as error:
            read_photo(source)
        one_line(error)


def test_missing_file_folder_and_path_through_a_file_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x")
    for path, said in (
        (tmp_path / "none.jpg", "no such file"),
        (tmp_path, "a folder"),
        (file / "photo.jpg", "cannot be opened"),
        (tmp_path / ("n" * 300 + ".jpg"), "cannot be opened"),
        ("zero\0byte.jpg", "cannot be opened"),
    ):
        with pytest.raises(UnreadablePhoto, match=said) as error:
            read_photo(path)
        one_line(error)


def test_a_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.jpg"
    os.mkfifo(pipe)
    with pytest.raises(UnreadablePhoto, match="not a regular file"):
        read_photo(pipe)


def test_file_without_permission_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(WHOLE["png"]())
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("root may read every file")
    with pytest.raises(UnreadablePhoto, match="no permission"):
        read_photo(path)


def png_header(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"")


def jpeg_header(width: int, height: int) -> bytes:
    data = bytearray(with_pillow(ramps("rgb", 8), "JPEG"))
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(data)


@pytest.mark.parametrize("header", [png_header, jpeg_header])
def test_a_header_of_five_hundred_megapixels_is_refused_before_decoding(header: Any) -> None:
    with pytest.raises(PhotoTooLarge, match="25000 x 20000 is 500 megapixels; the limit is 250") as error:
        read_photo(header(25_000, 20_000))
    one_line(error)


@pytest.mark.parametrize("header", [png_header, jpeg_header])
def test_a_large_header_without_data_is_refused_as_truncated(header: Any) -> None:
    with pytest.raises(UnreadablePhoto, match="truncated or damaged"):
        read_photo(header(12_000, 10_000))


def test_limits_come_from_the_options() -> None:
    for kind in ("png", "heic", "avif", "webp", "16-bit tiff"):
        data = WHOLE[kind]()
        with pytest.raises(PhotoTooLarge, match="megapixels"):
            read_photo(data, ReadOptions(max_pixels=80 * 120 - 1))
        with pytest.raises(PhotoTooLarge, match="side above the limit of 119"):
            read_photo(data, ReadOptions(max_side=119))
        assert read_photo(data, ReadOptions(max_pixels=80 * 120, max_side=120)).width == 120


def test_zero_sized_header_is_refused() -> None:
    for header in (png_header(0, 5), jpeg_header(5, 0)):
        with pytest.raises(UnreadablePhoto) as error:
            read_photo(header)
        one_line(error)


def test_float_and_32_bit_samples_and_lab_are_refused() -> None:
    for samples in (ramps("rgb", 8).astype(np.float32), ramps("rgb", 8).astype(np.uint32)):
        with pytest.raises(UnreadablePhoto, match="Save it with 8 or 16 bit") as error:
            read_photo(with_tifffile(samples, "rgb"))
        one_line(error)
    with pytest.raises(UnreadablePhoto) as error:
        read_photo(with_tifffile(ramps("rgb", 8), "rgb", photometric="cielab"))
    one_line(error)


@pytest.mark.parametrize("kind", [*WHOLE, "jpeg with exif", "tiff with exif"])
def test_changed_bytes_give_a_photo_or_an_error_of_ours(kind: str) -> None:
    """Forty files a kind with a few bytes changed, most of them in the head, where the structure is."""
    extra = {
        "jpeg with exif": lambda: with_pillow(
            noise(), "JPEG", exif=exif_block(6, thumbnail=True, density=300), xmp=XMP
        ),
        "tiff with exif": lambda: with_pillow(noise(), "TIFF", exif=exif_block(6, density=300)),
    }
    whole, rng = (WHOLE | extra)[kind](), np.random.default_rng(11)
    for _ in range(40):
        data = bytearray(whole)
        for _ in range(rng.integers(1, 9)):
            data[rng.integers(rng.choice([64, 400, len(data)]))] = rng.choice([0, 255, rng.integers(256)])
        with contextlib.suppress(PhotoError):
            read_photo(bytes(data), ReadOptions(max_pixels=5_000_000))


def test_heic_container_without_a_picture_is_refused() -> None:
    with pytest.raises(UnreadablePhoto, match="truncated or damaged"):
        read_photo(heic().replace(b"hvc1", b"none"))


def test_nothing_is_printed_even_by_the_c_libraries(tmp_path: Path) -> None:
    """In a process of its own, because C libraries write to the file descriptor, not to sys.stderr."""
    names = []
    for kind, make in WHOLE.items():
        data = make()
        for name, content in ((f"{kind} whole", data), (f"{kind} cut", data[: len(data) * 3 // 4])):
            (tmp_path / name).write_bytes(content)
            names.append(str(tmp_path / name))
    odd = with_tifffile(ramps("rgb", 8), "rgb", iccprofile=b"junk" * 50, extratags=[(65000, "s", 3, "ab", True)])
    (tmp_path / "odd").write_bytes(odd)
    code = (
        "import sys\nfrom deepetch.errors import PhotoError\nfrom deepetch.photo.read import read_photo\n"
        "from deepetch.photo.view import working_view\n"
        "for name in sys.argv[1:]:\n"
        "    try:\n        working_view(read_photo(name))\n    except PhotoError:\n        pass\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code, *names, str(tmp_path / "odd")],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
