"""`deepetch cut --profile`: each photo cut once, a file for each channel."""

from __future__ import annotations

import io

import numpy as np
import pytest
import pyvips
import tifffile
from PIL import Image

from drawn_subjects import disc_photo, save_photo, wall_photo

GTIN = "4006381333931"
OWN = """
[square]
formats = [".jpg", ".png"]
aspect = 1.0
fill_min = 0.8
background = "white"
space = "rgb"
min_density = 150

[named]
formats = [".tif"]
margin = 0
path = "required"
min_density = 300
name_rule = "{gtin14}_C{facing}"

[open]
formats = [".png"]

[tight]
formats = [".jpg"]
max_bytes = 400
"""


@pytest.fixture
def own(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(OWN)
    return path


@pytest.fixture
def call(deepetch, key, own):
    """`deepetch cut` with the profiles above."""
    return lambda *arguments: deepetch("cut", "--model", key, "--profiles", own, *arguments)


def names(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_a_photo_becomes_one_file_for_each_channel(call, photo, tmp_path):
    out = tmp_path / "out"
    answer = call(photo, "--profile", "square,named", "--gtin", GTIN, "--field", "facing=1", "-o", out)
    assert (answer.status, answer.err) == (0, "")
    assert names(out) == ["named/04006381333931_C1.tif", "square/photo.jpg"]
    assert len(answer.out.splitlines()) == 2
    with Image.open(out / "square" / "photo.jpg") as image:
        assert (image.format, image.size[0]) == ("JPEG", image.size[1])
        assert image.info["dpi"] == (150, 150)
        assert image.getpixel((0, 0)) == (255, 255, 255)
    with tifffile.TiffFile(out / "named" / "04006381333931_C1.tif") as file:
        assert file.pages[0].tags["XResolution"].value == (3_000_000, 10_000)
        assert 34377 in file.pages[0].tags
        assert 62 <= file.pages[0].imagewidth <= 66


def test_one_channel_has_no_folder_of_its_own_and_json_names_it(call, photo, tmp_path):
    answer = call(photo, "--profile", "square", "-o", tmp_path / "out", "--json")
    assert answer.status == 0
    (said,) = answer.objects
    assert (said["profile"], said["output"]) == ("square", str(tmp_path / "out" / "photo.jpg"))
    assert (said["width"], said["height"], said["warnings"]) == (128, 96, [])
    assert call(photo, "--profile", "square").status == 0
    assert (tmp_path / "photo-cutout.jpg").exists()


def test_what_fails_for_one_channel_does_not_stop_the_others(call, photo, tmp_path):
    out = tmp_path / "out"
    answer = call(photo, "--profile", "tight,walmart,square", "--gtin", GTIN, "-o", out, "--json")
    assert answer.status == 1
    tight, walmart, square = answer.objects
    assert "JPEG of quality 60, the lowest, takes" in tight["warnings"][-1]
    assert "limit is 400 bytes" in tight["warnings"][-1]
    assert walmart["warnings"][-1].startswith("walmart: the picture has 128 x 96 pixels and needs 1500 x 1125")
    assert "11.72 times as many a side, the limit is 1" in walmart["warnings"][-1]
    assert (tight["output"], walmart["output"]) == (None, None)
    assert square["output"] is not None
    assert names(out) == ["square/photo.jpg"]
    plain = call(photo, "--profile", "tight,walmart", "--gtin", GTIN, "-o", tmp_path / "other")
    assert (plain.status, plain.out, plain.err.count("\n")) == (1, "", 3)
    assert plain.err.splitlines()[-1] == "deepetch: 2 of 2 files failed."


def test_no_subject_is_said_for_each_file(call, tmp_path):
    wall = save_photo(tmp_path / "wall.png", wall_photo())
    answer = call(wall, "--profile", "square,open", "-o", tmp_path / "out", "--json")
    assert answer.status == 1
    assert ["no subject found" in said["warnings"][-1] for said in answer.objects] == [True, True]
    assert [said["width"] for said in answer.objects] == [128, 128]


def test_what_the_call_says_beside_the_profile(call, photo, tmp_path):
    assert call(photo, "--profile", "square", "--format", "png", "-o", tmp_path / "a").status == 0
    assert names(tmp_path / "a") == ["photo.png"]
    assert call(photo, "--profile", "open", "--background", "#102030", "-o", tmp_path / "b").status == 0
    with Image.open(tmp_path / "b" / "photo.png") as image:
        assert image.getpixel((0, 0)) == (0x10, 0x20, 0x30)
    wall = save_photo(tmp_path / "wall.png", wall_photo())
    assert call(photo, "--profile", "open", "--background", wall, "-o", tmp_path / "c").status == 0
    with Image.open(tmp_path / "c" / "photo.png") as image:
        assert image.mode == "RGB"
    assert call(photo, "--profile", "open", "-o", tmp_path / "d").status == 0
    with Image.open(tmp_path / "d" / "photo.png") as image:
        assert (image.mode, image.size) == ("RGBA", (128, 96))


def test_a_press_and_a_shop_in_one_call(call, photo, tmp_path):
    icc = tmp_path / "press.icc"
    icc.write_bytes(bytes(pyvips.Operation.call("profile_load", "cmyk")))
    out = tmp_path / "out"
    answer = call(photo, "--profile", "print-cmyk-coated,square", "--icc", icc, "-o", out)
    assert answer.status == 0
    assert answer.err == "  note: The colours were converted to press.icc.\n"
    assert tifffile.imread(out / "print-cmyk-coated" / "photo.tif").shape == (96, 128, 4)
    assert names(out) == ["print-cmyk-coated/photo.tif", "square/photo.jpg"]


def test_existing_files_stay_unless_said(call, photo, tmp_path):
    out = tmp_path / "out"
    (out / "square").mkdir(parents=True)
    (out / "square" / "photo.jpg").write_text("mine")
    answer = call(photo, "--profile", "square,open", "-o", out)
    assert answer.status == 1
    assert "the file exists" in answer.err
    assert (out / "square" / "photo.jpg").read_text() == "mine"
    assert (out / "open" / "photo.png").exists()
    assert call(photo, "--profile", "square,open", "-o", out, "--overwrite").status == 0
    assert (out / "square" / "photo.jpg").read_bytes()[:2] == b"\xff\xd8"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--profile", "squere"], "there is no profile 'squere'; did you mean square?"),
        (["--profile", "square,square"], "named twice"),
        (["--profile", "square", "--background", "#ff0000"], "the background #ff0000 and the profile square"),
        (["--profile", "square", "--format", "webp"], "the format .webp and the profile square, which takes .jpg"),
        (["--profile", "print-cmyk-coated"], "print-cmyk-coated: the channel names no ICC profile"),
        (["--profile", "print-cmyk-coated", "--convert-to", "srgb", "--icc", "x.icc"], "which asks for cmyk"),
        (["--profile", "print-cmyk-coated", "--icc", "none.icc"], "none.icc: no ICC profile to read"),
        (["--profile", "square", "--icc", "x.icc"], "--icc: no ICC profile is left to choose by square"),
        (["--profile", "named"], "photo: the rule needs {gtin14}"),
        (["--profile", "named", "--gtin", "4006381333932", "--field", "facing=1"], "its check digit would be 1"),
        (["--profile", "square", "--gtin", GTIN], "gtin is in no file's name of square"),
        (["--profile", "named", "--field", "facing"], "--field: expected NAME=VALUE"),
        (["--profile", "named", "--gtin", GTIN, "--field", f"gtin={GTIN}"], "gtin is given twice"),
        (["--profile", "amazon-main", "--asin", "B00"], "asin: expected Amazon's number"),
        (["--profile", "square", "-o", "a.jpg"], "a.jpg: the profile names the files"),
    ],
)
def test_wrong_calls_are_one_line_and_write_nothing(call, photo, tmp_path, arguments, said):
    before = names(tmp_path)
    answer = call(photo, *([*arguments] if "-o" in arguments else [*arguments, "-o", tmp_path / "out"]))
    assert (answer.status, answer.out, answer.err.count("\n")) == (2, "", 1), answer
    assert said in answer.err
    assert names(tmp_path) == before


def test_photos_that_would_share_a_name_are_refused(call, tmp_path):
    photos = [save_photo(tmp_path / f"{GTIN}_{letter}.png", disc_photo()) for letter in "ab"]
    answer = call(*photos, "--profile", "named", "--field", "facing=1", "-o", tmp_path / "out")
    assert (answer.status, answer.out, answer.err.count("\n")) == (2, "", 1)
    assert "would both be called 04006381333931_C1" in answer.err
    assert not (tmp_path / "out").exists()


def test_the_photos_of_a_folder_have_one_scale_where_asked(call, own, tmp_path):
    own.write_text(OWN + '[shelf]\nformats = [".png"]\nwidth = 40\nheight = 40\nmargin = 2\nalign = "base-line"\n')
    for name, size in (("shoe/front", 96), ("shoe/side", 192), ("box/front", 120)):
        save_photo(tmp_path / "in" / f"{name}.png", disc_photo(size, size))
    save_photo(tmp_path / "in" / "shoe" / "wall.png", wall_photo())

    def diameters(*more):
        answer = call(tmp_path / "in", "--profile", "shelf", "-o", tmp_path / "out", "--overwrite", *more)
        assert (answer.status, "1 of 4 files failed" in answer.err) == (1, True)  # the wall's; the others are written
        seen = {}
        for name in ("shoe/front", "shoe/side", "box/front"):
            rows = np.flatnonzero((np.asarray(Image.open(tmp_path / "out" / f"{name}.png"))[..., 3] >= 128).any(axis=1))
            assert rows[-1] + 1 == pytest.approx(38, abs=1)
            seen[name] = rows.size
        return seen

    assert diameters() == pytest.approx({"shoe/front": 36, "shoe/side": 36, "box/front": 36}, abs=1)
    assert diameters("--same-scale") == pytest.approx({"shoe/front": 18, "shoe/side": 36, "box/front": 36}, abs=1)


def test_options_of_profiles_alone_are_refused_without_one(deepetch, photo, key, own):
    for wrong in (
        ["--profiles", own],
        ["--gtin", GTIN],
        ["--asin", "x"],
        ["--field", "a=b"],
        ["--icc", "x"],
        ["--same-scale"],
    ):
        answer = deepetch("cut", photo, "--model", key, *wrong)
        assert (answer.status, answer.out, answer.err.count("\n")) == (2, "", 1)
        assert f"{wrong[0]} belongs to --profile" in answer.err


def test_cmyk_goes_to_a_shop_as_srgb_and_white_stays_white(call, tmp_path):
    out = io.BytesIO()
    Image.fromarray(disc_photo()).convert("CMYK").save(out, "JPEG", quality=95)
    (tmp_path / "cmyk.jpg").write_bytes(out.getvalue())
    answer = call(tmp_path / "cmyk.jpg", "--profile", "square", "--format", "png", "-o", tmp_path / "out")
    assert answer.status == 0
    assert "The colours were converted to sRGB." in answer.err
    pixels = np.asarray(Image.open(tmp_path / "out" / "cmyk.png"))
    assert pixels.shape[2] == 3
    assert (pixels[:2] == 255).all()
