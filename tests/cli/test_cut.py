from __future__ import annotations

import io
import os
import shutil
import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
from PIL import Image
from psd_tools import PSDImage

from drawn_subjects import disc_mask, disc_photo, save_photo, wall_photo
from models import constant, sure_of_a_subject, three_channels_out, wrong_rank
from small_disk import small_disk

FIELDS = ["input", "output", "width", "height", "seconds", "model", "confidence", "foreground", "warnings"]


def encoded(form, samples=None, mode=None, **options):
    image = Image.fromarray(disc_photo() if samples is None else samples)
    out = io.BytesIO()
    (image.convert(mode) if mode else image).save(out, form, **options)
    return out.getvalue()


def opened(path):
    """The picture at a path, loaded whole."""
    with Image.open(path) as image:
        image.load()
        return image


def snapshot(folder):
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


# --- what comes out ---


def test_one_photo_becomes_a_transparent_png_beside_it(deepetch, photo, key):
    answer = deepetch("cut", photo, "--model", key)
    assert (answer.status, answer.err) == (0, "")
    assert answer.out.startswith(f"{photo} -> {photo.with_name('photo-cutout.png')}  confidence 1.00")
    assert len(answer.out.splitlines()) == 1
    assert opened(photo.with_name("photo-cutout.png")).mode == "RGBA"


def test_white_background_makes_jpeg_unless_said_otherwise(deepetch, photo, key, tmp_path):
    assert deepetch("cut", photo, "--model", key, "--background", "white").status == 0
    assert opened(tmp_path / "photo-cutout.jpg").format == "JPEG"
    assert deepetch("cut", photo, "--model", key, "--background", "white", "--format", "tif").status == 0
    assert opened(tmp_path / "photo-cutout.tif").mode == "RGB"


def test_format_that_contradicts_the_output_is_refused(deepetch, photo, key, tmp_path):
    answer = deepetch("cut", photo, "--model", key, "-o", tmp_path / "out.png", "--format", "tif")
    assert answer.status == 2
    assert "contradict" in answer.err
    assert not (tmp_path / "out.png").exists()
    assert deepetch("cut", photo, "--model", key, "-o", tmp_path / "out.tiff", "--format", "tif").status == 0


def test_bad_background_picture_is_found_before_anything_is_cut(deepetch, photo, key, tmp_path):
    (tmp_path / "wall.jpg").write_bytes(b"no picture")
    answer = deepetch(
        "cut", photo, photo, "--model", key, "--background", tmp_path / "wall.jpg", "-o", tmp_path / "out"
    )
    assert answer.status == 1
    assert answer.out == ""
    assert len(answer.err.splitlines()) == 1


def test_json_has_the_fields_of_the_design(deepetch, photo, key, tmp_path):
    answer = deepetch("cut", photo, tmp_path / "none.jpg", "--model", key, "-o", tmp_path / "out", "--json")
    assert answer.status == 1
    good, bad = answer.objects
    assert list(good) == list(bad) == FIELDS
    assert good["output"] == str(tmp_path / "out" / "photo.png")
    assert (good["width"], good["height"], good["model"], good["warnings"]) == (128, 96, "key.onnx", [])
    assert 0.9 < good["confidence"] <= 1
    assert 0.2 < good["foreground"] < 0.3
    assert good["seconds"] > 0
    assert (bad["input"], bad["output"], bad["confidence"]) == (str(tmp_path / "none.jpg"), None, None)
    assert len(bad["warnings"]) == 1


def test_sub_folders_are_kept_and_equal_names_survive(deepetch, key, tmp_path):
    for name in ("a.jpg", "a.png", "sub/a.jpg"):
        save_photo(tmp_path / "in" / name, disc_photo())
    before = snapshot(tmp_path / "in")
    answer = deepetch("cut", tmp_path / "in", "--model", key, "-o", tmp_path / "out")
    assert answer.status == 0
    written = sorted(path.relative_to(tmp_path / "out").as_posix() for path in snapshot(tmp_path / "out"))
    assert written == ["a.jpg.png", "a.png.png", "sub/a.png"]
    assert snapshot(tmp_path / "in") == before


def test_second_call_on_a_folder_cuts_the_same_photos(deepetch, key, tmp_path):
    save_photo(tmp_path / "in" / "a.jpg", disc_photo())
    assert deepetch("cut", tmp_path / "in", "--model", key).status == 0
    before = snapshot(tmp_path / "in")
    again = deepetch("cut", tmp_path / "in", "--model", key, "--overwrite")
    assert again.status == 0
    assert len(again.out.splitlines()) == 1
    assert snapshot(tmp_path / "in") == before


def test_overwrite_replaces_and_its_absence_keeps(deepetch, photo, key, tmp_path):
    out = tmp_path / "out.png"
    out.write_text("mine")
    answer = deepetch("cut", photo, "--model", key, "-o", out)
    assert answer.status == 1
    assert answer.err == (
        f"deepetch: {photo}: {out}: the file exists. Choose another name or allow overwriting (--overwrite).\n"
    )
    assert out.read_text() == "mine"
    assert deepetch("cut", photo, "--model", key, "-o", out, "--overwrite").status == 0
    assert opened(out).size == (128, 96)


def test_one_bad_photo_of_three_is_said_and_the_others_are_cut(deepetch, key, tmp_path):
    for name in ("a.png", "c.png"):
        save_photo(tmp_path / "in" / name, disc_photo())
    (tmp_path / "in" / "b.png").write_bytes(b"no picture")
    answer = deepetch("cut", tmp_path / "in", "--model", key, "-o", tmp_path / "out")
    assert answer.status == 1
    assert len(answer.out.splitlines()) == 2
    assert answer.err.splitlines()[-1] == "deepetch: 1 of 3 photos failed."
    assert len(answer.err.splitlines()) == 2
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.png", "c.png"]


def test_warnings_go_to_standard_error(deepetch, key, tmp_path):
    save_photo(tmp_path / "deep.tif", disc_photo(bits=16))
    answer = deepetch("cut", tmp_path / "deep.tif", "--model", key, "--format", "webp", "--lossless")
    assert answer.status == 0
    assert answer.err.startswith("  note: ")
    assert len(answer.out.splitlines()) == 1


def test_psd_and_no_refinement(deepetch, photo, key, tmp_path):
    answer = deepetch("cut", photo, "--model", key, "-o", tmp_path / "out.psd", "--refine", "none")
    assert answer.status == 0
    assert (tmp_path / "out.psd").read_bytes()[:4] == b"8BPS"


def test_a_tiff_is_packed_as_asked(deepetch, photo, key, tmp_path):
    for asked, number in (("deflate", 8), ("lzw", 5), ("none", 1)):
        out = tmp_path / f"{asked}.tif"
        assert deepetch("cut", photo, "--model", key, "-o", out, "--tiff-compression", asked).status == 0
        assert opened(out).tag_v2[259] == number
    assert np.array_equal(opened(tmp_path / "lzw.tif"), opened(tmp_path / "none.tif"))


def test_shadow_and_white_ink(deepetch, photo, key, tmp_path):
    drawn = ("cut", photo, "--model", key, "--shadow", "drop", "--shadow-opacity", "0.6", "--shadow-blur", "0.05")
    assert deepetch(*drawn, "--background", "white", "--format", "png").status == 0
    assert deepetch("cut", photo, "--model", key, "--background", "white", "-o", tmp_path / "plain.png").status == 0
    with_shadow, plain = (np.asarray(opened(tmp_path / name)) for name in ("photo-cutout.png", "plain.png"))
    assert (with_shadow <= plain).all()
    assert (with_shadow < plain).any()
    answer = deepetch(*drawn, "--format", "psd", "--spot-white", "1.5px", "--background", "white")
    assert (answer.status, answer.err) == (0, "")
    document = PSDImage.open(tmp_path / "photo-cutout.psd")
    assert [layer.name for layer in document] == ["Background", "Shadow", "Photo"]
    answer = deepetch("cut", photo, "--model", key, "--spot-white", "0", "--overwrite")
    assert "PNG holds no spot channel" in answer.err


def test_a_shadow_that_cannot_be_told_from_the_backdrop_is_one_line(deepetch, key, tmp_path):
    checks = np.indices((96, 128)).sum(axis=0) // 8 % 2 * 90 + 40
    samples = np.where(disc_mask()[..., None], disc_photo(), checks[..., None]).astype(np.uint8)
    path = save_photo(tmp_path / "busy.png", samples)
    answer = deepetch("cut", path, "--model", key, "--shadow", "own", "--always")
    assert (answer.status, answer.out) == (1, "")
    assert "Use a drop or contact shadow" in answer.err
    assert len(answer.err.splitlines()) == 1
    assert [file.name for file in tmp_path.glob("busy*")] == ["busy.png"]


def test_module_can_be_run_and_names_that_are_no_utf_8_survive(photo, key, tmp_path):
    strange = os.fsencode(tmp_path) + b"/sch\xf6n.png"
    shutil.copy(photo, strange)
    for more in ([], ["--json", "--overwrite"]):
        done = subprocess.run(
            [sys.executable, "-m", "deepetch", "cut", strange, "--model", str(key), *more],
            capture_output=True, timeout=60, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, b"")
    assert os.path.exists(os.fsencode(tmp_path) + b"/sch\xf6n-cutout.png")  # noqa: PTH110 (no str)


# --- what goes wrong with a photo: one line, status 1, nothing written, nothing touched ---


def png_header(width, height):
    """A PNG that states its size, and then holds no data."""
    chunks = [b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0), b"IDAT", b"IEND"]
    stored = [struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) for chunk in chunks]
    return b"\x89PNG\r\n\x1a\n" + b"".join(stored)


def animated_gif():
    frames = [Image.fromarray(np.roll(disc_photo(), shift, axis=1)) for shift in (0, 20)]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    return out.getvalue()


BAD = {
    "empty.jpg": (b"", "empty"),
    "text.jpg": (b"I am a picture, honestly.\n", "not a picture"),
    "truncated.jpg": (encoded("JPEG")[:1500], "truncated"),
    "truncated.png": (encoded("PNG")[:3000], "truncated"),
    "zero.png": (png_header(0, 0), ""),
    "huge.png": (png_header(25_000, 20_000), "500"),
    "animated.gif": (animated_gif(), "GIF"),
    "wall.png": (encoded("PNG", wall_photo()), "no subject"),
    "one-blue.png": (encoded("PNG", wall_photo(1, 1)), "no subject"),
    "long-blue.png": (encoded("PNG", wall_photo(10, 60_000)), "no subject"),
    "cmyk.jpg": (encoded("JPEG", mode="CMYK"), "PNG cannot hold CMYK"),
}


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("there", [False, True])
def test_bad_photo_is_one_line_and_changes_nothing(deepetch, key, tmp_path, name, there):
    content, said = BAD[name]
    (tmp_path / name).write_bytes(content)
    if there:
        (tmp_path / "out.png").write_text("mine")
    before = snapshot(tmp_path)
    answer = deepetch("cut", tmp_path / name, "--model", key, "-o", tmp_path / "out.png", "--overwrite")
    assert (answer.status, answer.out) == (1, "")
    lines = [line for line in answer.err.splitlines() if not line.startswith("  note: ")]
    assert len(lines) == 1
    assert lines[0].startswith(f"deepetch: {tmp_path / name}: ")
    assert said in lines[0]
    assert snapshot(tmp_path) == before


GOOD = {
    "one.png": encoded("PNG", np.array([[[240, 140, 25]]], np.uint8)),
    "broken-profile.jpg": encoded("JPEG", icc_profile=b"no profile" * 40),
    "long.png": encoded("PNG", disc_photo(10, 600)[:, 295:305].repeat(6000, axis=1)),
}


@pytest.mark.parametrize("name", GOOD)
def test_odd_photo_is_cut(deepetch, key, tmp_path, name):
    (tmp_path / name).write_bytes(GOOD[name])
    answer = deepetch("cut", tmp_path / name, "--model", key, "-o", tmp_path / "out.png")
    assert answer.status == 0
    assert opened(tmp_path / "out.png").size == opened(tmp_path / name).size


def test_cmyk_without_profile_becomes_tiff_or_is_converted(deepetch, key, tmp_path):
    (tmp_path / "cmyk.jpg").write_bytes(encoded("JPEG", mode="CMYK"))
    assert deepetch("cut", tmp_path / "cmyk.jpg", "--model", key, "--format", "tif").status == 0
    answer = deepetch("cut", tmp_path / "cmyk.jpg", "--model", key, "--convert-to", "srgb")
    assert answer.status == 0
    assert "  note: " in answer.err
    assert opened(tmp_path / "cmyk-cutout.png").mode == "RGBA"


def test_missing_photo_is_one_line(deepetch, key, tmp_path):
    answer = deepetch("cut", tmp_path / "none.jpg", "--model", key)
    assert (answer.status, answer.err.count("\n")) == (1, 1)
    assert "no such file" in answer.err


@pytest.mark.parametrize("name", ["x" * 300, "x" * 5000])
def test_name_that_is_too_long_is_one_line(deepetch, key, photo, tmp_path, name):
    answer = deepetch("cut", tmp_path / f"{name}.jpg", "--model", key)
    assert (answer.status, answer.err.count("\n")) == (1, 1)
    answer = deepetch("cut", photo, "--model", key, "-o", tmp_path / f"{name}.png")
    assert answer.status in (1, 2)
    assert answer.err.count("\n") == 1


def test_result_of_a_kind_that_cannot_hold_alpha_is_one_line(deepetch, key, photo, tmp_path):
    answer = deepetch("cut", photo, "--model", key, "-o", tmp_path / "out.jpg")
    assert (answer.status, answer.err.count("\n")) == (1, 1)
    assert not (tmp_path / "out.jpg").exists()


# --- where it goes ---


@pytest.mark.parametrize("output", ["none/out.png", "none/deeper/"])
def test_output_folder_that_is_missing_is_a_wrong_call(deepetch, photo, key, tmp_path, output):
    answer = deepetch(
        "cut", photo, "--model", key, "-o", str(tmp_path / output) + ("/" if output.endswith("/") else "")
    )
    assert (answer.status, answer.err.count("\n")) == (2, 1)
    assert "no such folder" in answer.err
    assert not (tmp_path / "none").exists()


def test_result_over_its_own_photo_is_a_wrong_call(deepetch, photo, key):
    before = photo.read_bytes()
    answer = deepetch("cut", photo, "--model", key, "-o", photo, "--overwrite")
    assert (answer.status, answer.err.count("\n")) == (2, 1)
    assert photo.read_bytes() == before


def test_folder_without_permission_is_one_line(deepetch, photo, key, tmp_path):
    folder = tmp_path / "locked"
    folder.mkdir()
    if os.geteuid():
        folder.chmod(0o500)
    elif not shutil.which("chattr") or subprocess.run(["chattr", "+i", folder], capture_output=True).returncode:
        pytest.skip("root may write everywhere, and this file system knows no immutable folders")
    try:
        answer = deepetch("cut", photo, "--model", key, "-o", folder / "out.png")
        assert (answer.status, answer.err.count("\n")) == (1, 1)
        assert "no permission to write" in answer.err
        assert list(folder.iterdir()) == []
    finally:
        if os.geteuid():
            folder.chmod(0o700)
        else:
            subprocess.run(["chattr", "-i", folder], check=True)


def test_full_disk_is_one_line_and_the_old_file_stays(deepetch, photo, key, tmp_path):
    with small_disk(tmp_path / "disk", 8) as disk:
        (disk / "out.png").write_text("mine")
        answer = deepetch("cut", photo, "--model", key, "-o", disk / "out.png", "--overwrite")
        assert (answer.status, answer.err.count("\n")) == (1, 1)
        assert "the disk is full" in answer.err
        assert [path.name for path in disk.iterdir()] == ["out.png"]
        assert (disk / "out.png").read_text() == "mine"


# --- how it is called ---


@pytest.mark.parametrize(
    "wrong",
    [
        ["--background", "pinkish"],
        ["--background", "#12345"],
        ["--refine", "magic"],
        ["--foreground", "guess"],
        ["--decontaminate", "1.5"],
        ["--feather", "-1"],
        ["--contrast", "nan"],
        ["--shift-edge", "200"],
        ["--format", "gif"],
        ["--shadow", "long"],
        ["--shadow-opacity", "0.5"],
        ["--shadow", "drop", "--shadow-opacity", "2"],
        ["--shadow", "reflection", "--shadow-blur", "0.1"],
        ["--spot-white", "two"],
        ["--convert-to", "adobe"],
        ["--tiff-compression", "zip"],
        ["--model", "nosuch"],
        ["--quality", "101"],
        ["--threads", "-1"],
        ["--nosuch"],
    ],
)
def test_wrong_call_ends_with_2_before_anything_is_written(deepetch, photo, key, tmp_path, wrong):
    before = snapshot(tmp_path)
    answer = deepetch("cut", photo, "--model", key, *wrong)
    assert answer.status == 2
    assert answer.out == ""
    assert answer.err
    assert snapshot(tmp_path) == before


def test_no_photo_is_a_wrong_call(deepetch, tmp_path, key):
    assert deepetch("cut", "--model", key).status == 2
    (tmp_path / "empty").mkdir()
    answer = deepetch("cut", tmp_path / "empty", "--model", key)
    assert (answer.status, answer.err.count("\n")) == (2, 1)


def test_model_file_of_another_kind_is_one_line(deepetch, photo, tmp_path):
    (tmp_path / "text.onnx").write_text("no model")
    (tmp_path / "empty.onnx").write_bytes(b"")
    files = [tmp_path / "text.onnx", tmp_path / "empty.onnx", photo, wrong_rank(tmp_path / "rank.onnx")]
    for file in files:
        answer = deepetch("cut", photo, "--model", file)
        assert (answer.status, answer.out, answer.err.count("\n")) == (1, "", 1)
        assert answer.err.startswith(f"deepetch: {file}: ")


def test_model_that_answers_nonsense_is_one_line(deepetch, photo, tmp_path):
    for file in (constant(tmp_path / "nan.onnx", float("nan")), three_channels_out(tmp_path / "three.onnx")):
        answer = deepetch("cut", photo, "--model", file)
        assert (answer.status, answer.err.count("\n")) == (1, 1)
    assert not (tmp_path / "photo-cutout.png").exists()


def test_what_counts_as_no_subject_is_cut_out_when_always_asked_for(deepetch, photo, tmp_path):
    model = sure_of_a_subject(tmp_path / "m.onnx", 0.02)
    refused = deepetch("cut", photo, "--model", model)
    assert (refused.status, refused.err.count("\n")) == (1, 1)
    assert "--always" in refused.err
    assert deepetch("cut", photo, "--model", model, "--always").status == 0
    wall = save_photo(tmp_path / "wall.png", wall_photo())
    assert deepetch("cut", wall, "--model", model, "--always").status == 1  # there is nothing at all
