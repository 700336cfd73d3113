"""Each rule on files that keep it and files that do not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import pyvips
from drawn_matte import disc_matte
from drawn_packshots import clipping_block, disc, packshot, path_block, save, save_with_resources
from PIL import Image

from deepetch.cutout import Cutout
from deepetch.deliver.check import check_file
from deepetch.deliver.profiles import Profile, shipped_profiles
from deepetch.deliver.psd import write_psd
from deepetch.errors import InvalidOptions, UnreadablePhoto
from deepetch.matte.matte import BorderColours, Matte
from deepetch.options import SaveOptions
from deepetch.photo.photo import Metadata, Photo
from deepetch.photo.view import srgb_profile

ALL = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".psd", ".webp")
RULES = [
    "format",
    "ending",
    "name",
    "bytes",
    "width",
    "height",
    "long side",
    "pixels",
    "aspect",
    "bits",
    "colour space",
    "profile",
    "density",
    "total ink",
    "path",
    "background",
    "fill",
    "margin",
    "border",
    "parts apart",
]


def finding(file: Path, rule: str, **rules: object):
    checked = check_file(file, Profile(**{"name": "own", "formats": ALL} | rules))
    (found,) = [finding for finding in checked.findings if finding.rule == rule]
    return found


def verdict(file, rule, **rules):
    return finding(file, rule, **rules).verdict


@pytest.fixture
def can(tmp_path):
    """A JPEG of 200 x 200 with a disc of 180."""
    return save(tmp_path / "can.jpg", packshot(), dpi=(300, 300))


FILES = [
    (".png", "rgb", 8),
    (".png", "grey", 8),
    (".jpg", "rgb", 8),
    (".jpg", "cmyk", 8),
    (".tif", "rgb", 8),
    (".tif", "rgb", 16),
    (".tif", "cmyk", 8),
    (".tif", "cmyk", 16),
    (".psd", "rgb", 8),
    (".psd", "cmyk", 8),
    (".webp", "rgb", 8),
]


@pytest.mark.parametrize(("suffix", "space", "bits"), FILES)
def test_every_kind_of_file_is_measured(suffix, space, bits, tmp_path):
    options = {"lossless": True} if suffix == ".webp" else {}
    file = save(tmp_path / f"can{suffix}", packshot(space, bits), space, **options)
    rules = {"space": space, "bits": bits, "background": "white", "fill_min": 0.9, "fill_max": 0.9, "aspect": 1.0}
    checked = check_file(file, Profile(name="own", formats=(suffix,) if suffix != ".psd" else (".psd",), **rules))
    assert checked.passed, checked.with_verdict("failed")
    values = {finding.rule: finding.value for finding in checked.findings}
    assert list(values) == RULES
    assert (values["width"], values["height"], values["pixels"]) == (200, 200, 40_000)
    assert (values["bits"], values["colour space"], values["path"]) == (bits, space, 0)
    assert values["fill"] == pytest.approx(0.9, abs=0.041)  # JPEG rings by 4 pixels at each side
    assert values["bytes"] == file.stat().st_size


@pytest.mark.parametrize(("suffix", "space", "bits"), FILES)
def test_every_kind_of_file_fails_on_grey(suffix, space, bits, tmp_path):
    samples = packshot(space, bits)
    light = [round(value * 0.92 + (0.04 if space == "cmyk" else 0), 2) for value in (1, 1, 1, 1)]
    samples[~disc()] = np.array(light[: samples.shape[2]]) * (2**bits - 1) * (0.1 if space == "cmyk" else 1)
    file = save(tmp_path / f"can{suffix}", samples, space)
    found = finding(file, "background", background="white")
    assert (found.verdict, found.measured) == ("failed", "100% of the edge not white")
    assert verdict(file, "fill", fill_min=0.5) == "warning"


def test_rules_that_a_profile_does_not_state_are_not_stated(can):
    checked = check_file(can, Profile(name="own", formats=(".jpg",)))
    stated = [finding.rule for finding in checked.findings if finding.verdict != "not stated"]
    assert stated == ["format", "ending", "border"]
    assert all(not finding.limit for finding in checked.with_verdict("not stated"))
    assert checked.passed


def test_format_and_ending(can, tmp_path):
    assert verdict(can, "format", formats=(".jpg",)) == verdict(can, "ending", formats=(".jpg",)) == "passed"
    assert verdict(can, "format", formats=(".png",)) == "failed"
    assert verdict(can, "ending", formats=(".png",)) == "passed"  # it says what the file is
    wrong = save(tmp_path / "a.jpg", packshot(), kind=".png")
    assert verdict(wrong, "format", formats=(".jpg",)) == "failed"
    assert verdict(wrong, "format", formats=(".png",)) == "passed"
    found = finding(wrong, "ending", formats=(".png", ".jpg"))
    assert (found.verdict, found.measured, found.limit) == ("failed", ".jpg", ".png for PNG")
    upper = save(tmp_path / "B.PNG", packshot(), kind=".png")
    assert verdict(upper, "ending") == "passed"
    assert verdict(save(tmp_path / "a.tiff", packshot(), kind=".tif"), "ending", formats=(".tif",)) == "failed"


def test_name(tmp_path):
    good = save(tmp_path / "4006381333931.png", packshot())
    assert verdict(good, "name", name_rule="{gtin}") == "passed"
    assert verdict(good, "name") == "not stated"
    wrong = save(tmp_path / "4006381333932.png", packshot())
    found = finding(wrong, "name", name_rule="{gtin}")
    assert found.verdict == "failed"
    assert "check digit would be 1" in found.measured
    assert verdict(wrong, "name") == "warning"


@pytest.mark.parametrize(
    ("rule", "rules", "expected"),
    [
        ("width", {"width": 200}, "passed"),
        ("width", {"width": 201}, "failed"),
        ("width", {"width": 300, "min_width": 200}, "warning"),
        ("width", {"width": 300, "min_width": 201}, "failed"),
        ("height", {"min_height": 200}, "passed"),
        ("height", {"min_height": 201}, "failed"),
        ("long side", {"min_long_side": 200}, "passed"),
        ("long side", {"min_long_side": 201}, "failed"),
        ("long side", {"max_long_side": 199}, "failed"),
        ("long side", {"min_long_side": 100, "max_long_side": 200}, "passed"),
        ("pixels", {"max_pixels": 40_000}, "passed"),
        ("pixels", {"max_pixels": 39_999}, "failed"),
        ("aspect", {"aspect": 1.0}, "passed"),
        ("aspect", {"aspect": 1.004}, "passed"),
        ("aspect", {"aspect": 1.006}, "failed"),
        ("bytes", {"max_bytes": 1_000_000}, "passed"),
        ("bytes", {"max_bytes": 1_000}, "failed"),
        ("bits", {"bits": 8}, "passed"),
        ("bits", {"bits": 16, "formats": (".tif", ".jpg")}, "failed"),
        ("colour space", {"space": "rgb"}, "passed"),
        ("colour space", {"space": "cmyk"}, "failed"),
        ("density", {"min_density": 300}, "passed"),
        ("density", {"min_density": 301}, "failed"),
        ("fill", {"fill_min": 0.9}, "passed"),
        ("fill", {"fill_min": 0.98}, "failed"),
        ("fill", {"fill_max": 0.85}, "failed"),
        ("fill", {"fill_min": 0.85, "fill_max": 0.92}, "passed"),
        ("margin", {"margin": 10}, "passed"),
        ("margin", {"margin": 20}, "failed"),
        ("margin", {"margin": 0}, "passed"),
        ("background", {"background": "white"}, "passed"),
        ("background", {"background": "transparent", "formats": (".png", ".jpg")}, "failed"),
        ("path", {"path": "required"}, "failed"),
        ("path", {"path": "allowed"}, "passed"),
        ("path", {"path": "forbidden"}, "passed"),
        ("profile", {"icc": "srgb"}, "failed"),
        ("profile", {"icc": "given"}, "failed"),
    ],
)
def test_limits(can, rule, rules, expected):
    assert verdict(can, rule, **rules) == expected


def test_a_subject_far_from_the_edge_is_a_warning_where_close_cropping_is_asked(tmp_path):
    file = save(tmp_path / "a.png", packshot(mask=disc(200, 60)))
    assert verdict(file, "margin", margin=0) == "warning"
    assert verdict(file, "margin", margin=38) == "passed"


def test_no_subject_fails_where_its_size_counts(tmp_path):
    file = save(tmp_path / "a.png", np.full((50, 50, 3), 255, np.uint8))
    assert verdict(file, "background", background="white") == "passed"
    assert verdict(file, "fill", fill_min=0.5) == verdict(file, "margin", margin=3) == "failed"


def test_colour_profiles(tmp_path):
    p3, srgb = (bytes(pyvips.Operation.call("profile_load", name)) for name in ("p3", "srgb"))
    tagged = save(tmp_path / "srgb.jpg", packshot(), icc_profile=srgb)
    wide = save(tmp_path / "p3.jpg", packshot(), icc_profile=p3)
    assert verdict(tagged, "profile", icc="srgb") == "passed"
    assert verdict(wide, "profile", icc="srgb") == "failed"
    assert "P3" in finding(wide, "profile", icc="srgb").measured
    assert verdict(wide, "profile", icc="given") == "passed"
    (tmp_path / "p3.icc").write_bytes(p3)
    assert verdict(wide, "profile", icc=str(tmp_path / "p3.icc")) == "passed"
    assert verdict(tagged, "profile", icc=str(tmp_path / "p3.icc")) == "failed"
    with pytest.raises(InvalidOptions, match="no ICC profile to read"):
        finding(tagged, "profile", icc=str(tmp_path / "none.icc"))


def test_png_and_webp_may_say_srgb_without_a_profile(tmp_path):
    file = save(tmp_path / "a.png", packshot())
    assert verdict(file, "profile", icc="srgb") == "failed"
    data = file.read_bytes()
    chunk = b"\0\0\0\x01sRGB\0\xae\xce\x1c\xe9"
    file.write_bytes(data[:33] + chunk + data[33:])
    assert verdict(file, "profile", icc="srgb") == "passed"
    assert verdict(save(tmp_path / "a.webp", packshot()), "profile", icc="srgb") == "passed"


@pytest.mark.parametrize("suffix", [".jpg", ".tif", ".psd"])
def test_paths(suffix, tmp_path):
    clips = save_with_resources(tmp_path / f"clips{suffix}", path_block() + clipping_block())
    saved = save_with_resources(tmp_path / f"saved{suffix}", path_block())
    required = {"path": "required", "path_name": "Path 1"}
    assert finding(clips, "path", **required).measured == '"Path 1"'
    for rule, first, second in (
        ("path", "passed", "passed"),
        ("path name", "passed", "passed"),
        ("clipping", "passed", "warning"),
    ):
        assert (verdict(clips, rule, **required), verdict(saved, rule, **required)) == (first, second)
    assert verdict(clips, "path name", **required | {"path_name": "Outline"}) == "failed"
    assert verdict(clips, "path", path="forbidden") == "failed"


def test_background_white(tmp_path):
    samples = packshot()
    samples[1, 1] = 254
    found = finding(save(tmp_path / "a.png", samples), "background", background="white")
    assert (found.verdict, found.limit) == ("failed", "white, all of it exactly")
    assert found.measured.endswith("not white, the worst 254 of 255")
    assert 0 < found.value < 0.001
    cropped = packshot()
    cropped[100:, 80:120] = 0
    found = finding(save(tmp_path / "b.png", cropped), "background", background="white")
    assert (found.verdict, found.measured) == ("warning", "5.03% of the edge not white")
    assert verdict(tmp_path / "b.png", "background", background="white", margin=0) == "passed"  # it is to touch it
    carton = np.zeros((200, 200), bool)
    carton[:, 10:] = True
    file = save(tmp_path / "d.png", packshot(mask=carton))
    assert verdict(file, "background", background="white") == "failed"
    assert verdict(file, "background", background="white", margin=0) == "passed"
    sixteen = packshot(bits=16)
    sixteen[1, 1] = 65534
    assert verdict(save(tmp_path / "c.tif", sixteen), "background", background="white") == "failed"


def test_a_carton_that_fills_its_frame_is_no_backdrop_where_a_path_says_so(tmp_path):
    """With a margin of 0 a subject of straight sides leaves nothing of the background."""
    carton = packshot(mask=np.ones((200, 200), bool))
    along = [(0.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, 0.0)]
    rules = {"background": "white", "margin": 0, "path": "required"}
    for suffix in (".jpg", ".tif", ".psd"):
        around = save_with_resources(tmp_path / f"a{suffix}", path_block(points=along) + clipping_block(), carton)
        within = save_with_resources(tmp_path / f"b{suffix}", path_block() + clipping_block(), carton)
        assert [verdict(around, rule, **rules) for rule in ("background", "margin", "border")] == ["passed"] * 3
        assert finding(around, "margin", **rules).measured == "0"
        assert verdict(within, "background", **rules) == "failed"
        assert verdict(around, "background", background="white") == "failed"  # a margin is expected
    assert verdict(save(tmp_path / "c.png", carton), "background", **rules) == "failed"


@pytest.mark.parametrize("suffix", [".jpg", ".tif"])
def test_a_path_is_seen_as_its_picture_is_turned(suffix, tmp_path):
    """A notch in the path, stored in one of the two short sides: a 70th of the frame, in a long side a 20th."""
    carton = packshot(mask=np.ones((100, 300), bool))
    notch = [(0.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, 0.0), (0.56, 0.0), (0.56, 0.1), (0.44, 0.1), (0.44, 0.0)]
    rules = {"background": "white", "margin": 0, "path": "required"}
    for orientation in (1, 3, 6, 8, 5):
        file = tmp_path / f"{orientation}{suffix}"
        save_with_resources(file, path_block(points=notch) + clipping_block(), carton, orientation)
        assert finding(file, "width").value == (300 if orientation < 5 else 100)
        assert verdict(file, "background", **rules) == "passed"


def test_a_transparent_carton_that_fills_its_frame_is_a_warning(tmp_path):
    alpha = np.full((200, 200), 255, np.uint8)
    alpha[0] = alpha[-1] = alpha[:, 0] = alpha[:, -1] = 100  # its edge is soft
    file = tmp_path / "a.png"
    Image.fromarray(np.dstack([packshot(), alpha])).save(file)
    rules = {"formats": (".png",), "background": "transparent", "margin": 0}
    assert [verdict(file, rule, **rules) for rule in ("background", "margin", "border")] == [
        "warning",
        "passed",
        "passed",
    ]
    assert finding(file, "margin", **rules).measured == "0"


def test_background_transparent(tmp_path):
    alpha = np.where(disc(), 255, 0).astype(np.uint8)
    clear = tmp_path / "a.png"
    Image.fromarray(np.dstack([packshot(), alpha])).save(clear)
    transparent = {"background": "transparent", "formats": (".png",)}
    assert verdict(clear, "background", **transparent) == "passed"
    assert finding(clear, "background", background="white").measured == "transparent"
    assert verdict(clear, "background", background="white") == "failed"
    alpha[0, 0] = 1
    Image.fromarray(np.dstack([packshot(), alpha])).save(clear)
    found = finding(clear, "background", **transparent)
    assert (found.verdict, found.measured.split(", ")[1]) == ("failed", "the worst 0.4% opaque")


def test_borders_and_badges_are_warnings(tmp_path):
    samples = packshot(mask=disc(200, 60))
    samples[:2] = samples[-2:] = samples[:, :2] = samples[:, -2:] = 0
    file = save(tmp_path / "a.png", samples)
    found = finding(file, "border")
    assert (found.verdict, found.measured) == ("warning", "a line: top 2, right 2, bottom 2, left 2")
    assert verdict(file, "background", background="white") == "failed"
    assert finding(file, "fill").value == 0.6
    samples = packshot(mask=disc(200, 60))
    samples[5:15, 170:195] = (200, 0, 0)
    file = save(tmp_path / "b.png", samples)
    found = finding(file, "parts apart", background="white")
    assert (found.verdict, found.measured) == ("warning", "25 x 10 at 170, 5")
    assert verdict(file, "parts apart") == "not stated"


def test_what_we_deliver_passes(tmp_path):
    """A soft disc, framed already, as GS1's channel (but for its size) and a packaging PSD want it."""
    full = 400
    rows, columns = np.ogrid[:full, :full]
    alpha = np.clip((full / 2 - np.hypot(rows - full / 2 + 0.5, columns - full / 2 + 0.5)) / 3, 0, 1) * 255
    alpha = np.rint(alpha).astype(np.uint8)
    samples = np.full((full, full, 3), (200, 60, 30), np.uint8)
    index = np.flatnonzero((alpha > 0) & (alpha < 255))
    matte = Matte(alpha, BorderColours(index, samples.reshape(-1, 3)[index]))
    photo = Photo(
        samples=samples, space="rgb", format="png", metadata=Metadata(density=(300, 300), profile=srgb_profile())
    )
    cutout = Cutout(photo=photo, matte=matte, confidence=None, model="given")
    gs1 = replace(shipped_profiles()["gs1-high-resolution"], min_long_side=None, max_long_side=None)
    psd = shipped_profiles()["packaging-psd"]
    for name, profile in (
        ("04006381333931_C1C1.jpg", gs1),
        ("04006381333931_C1C2.tif", gs1),
        ("can.psd", psd),
    ):
        background = profile.background or "white"
        cutout.save(tmp_path / name, SaveOptions(background=background, path=True))
        checked = check_file(tmp_path / name, profile)
        assert checked.passed, (name, checked.with_verdict("failed"))
        assert profile is psd or not checked.with_verdict("warning"), (name, checked.with_verdict("warning"))


def test_a_layered_psd_is_judged_by_its_flattened_picture_where_white_is_asked(tmp_path):
    samples = packshot()
    photo = Photo(samples=np.full_like(samples, 90), space="rgb", format="png")
    write_psd(tmp_path / "a.psd", photo, disc_matte(photo))
    assert verdict(tmp_path / "a.psd", "background", background="white") == "passed"
    transparent = {"background": "transparent", "formats": (".psd",)}
    assert verdict(tmp_path / "a.psd", "background", **transparent) == "passed"


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (40, 1), (2, 2), (3, 50)])
@pytest.mark.parametrize("value", [0, 200, 255])
def test_tiny_pictures_are_judged_too(size, value, tmp_path):
    file = save(tmp_path / "a.png", np.full((*size, 3), value, np.uint8))
    found = finding(file, "background", background="white")
    assert found.verdict == ("passed" if value == 255 else "failed")


def test_palettes_and_16_bit_png_are_measured(tmp_path):
    grey = np.where(disc(), 9000, 65535).astype(np.uint16)
    Image.fromarray(grey).save(tmp_path / "deep.png")
    assert finding(tmp_path / "deep.png", "bits").value == 16
    assert verdict(tmp_path / "deep.png", "background", background="white") == "passed"
    Image.fromarray(packshot()).convert("P", palette=Image.Palette.ADAPTIVE).save(tmp_path / "few.png")
    assert verdict(tmp_path / "few.png", "background", background="white") == "passed"
    assert finding(tmp_path / "few.png", "fill").value == 0.9


def test_a_file_that_cannot_be_read_is_not_judged(tmp_path):
    profile = Profile(name="own", formats=ALL)
    (tmp_path / "a.gif").write_bytes(b"GIF89a" + bytes(50))
    for file, said in (
        (tmp_path / "a.gif", "a GIF is not supported"),
        (tmp_path, "this is a folder"),
        (tmp_path / "b", "no such"),
    ):
        with pytest.raises(UnreadablePhoto, match=said):
            check_file(file, profile)
