from __future__ import annotations

import datetime

import pytest

from deepetch.deliver.frame import Box, frame_subject
from deepetch.deliver.profiles import (
    Profile,
    chosen_profiles,
    frame_options,
    read_profiles,
    save_options,
    shipped_profiles,
)
from deepetch.errors import InvalidOptions
from deepetch.options import FrameOptions, SaveOptions

SHIPPED = shipped_profiles()


def written(path, text):
    file = path / "own.toml"
    file.write_text(text)
    return file


def test_the_channels_that_come_along():
    assert list(SHIPPED) == [
        "amazon-main",
        "google-merchant",
        "walmart",
        "ebay",
        "zalando",
        "shopify",
        "gs1-high-resolution",
        "print-cmyk-coated",
        "packaging-psd",
        "web-transparent",
    ]


@pytest.mark.parametrize("name", SHIPPED)
def test_each_row_says_what_it_is_where_from_and_when(name):
    profile = SHIPPED[name]
    assert profile.name == name
    assert profile.title
    assert profile.note
    assert profile.source
    assert all("." in page for page in profile.source)
    assert datetime.date(2025, 1, 1) <= profile.date <= datetime.date(2026, 11, 29)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_large_subject_framed_for_a_channel_keeps_its_limits(name):
    profile = SHIPPED[name]
    for box in (Box(500, 400, 5500, 6400), Box(1000, 100, 4000, 7900)):
        frame = frame_subject(box, 7000, 8000, frame_options(profile))
        longer = max(frame.width, frame.height)
        assert frame.scale <= 1
        assert (profile.width or frame.width, profile.height or frame.height) == (frame.width, frame.height)
        assert longer >= max(profile.min_long_side or 1, 1)
        assert longer <= (profile.max_long_side or longer)
        assert frame.width >= (profile.min_width or 1)
        assert frame.height >= (profile.min_height or 1)
        assert frame.width * frame.height <= (profile.max_pixels or 10**9)
        assert frame.width / frame.height == pytest.approx(profile.aspect or frame.width / frame.height, rel=0.005)
        if profile.fill_min is not None:
            assert profile.fill_min <= frame.fill <= (profile.fill_max or 1)


def test_options_of_some_channels():
    assert frame_options(SHIPPED["amazon-main"]) == FrameOptions(fill=0.925, min_side=1000, max_side=10_000)
    google = frame_options(SHIPPED["google-merchant"])
    assert google == FrameOptions(fill=0.825, aspect=1.0, min_side=500, max_side=8000)
    assert frame_options(SHIPPED["walmart"]) == FrameOptions(width=2200, height=2200, aspect=1.0)
    assert frame_options(SHIPPED["gs1-high-resolution"]) == FrameOptions(margin=0, min_side=2401, max_side=4800)
    assert save_options(SHIPPED["amazon-main"]) == SaveOptions(background="white")
    assert save_options(SHIPPED["shopify"]) == SaveOptions(background="white", max_bytes=20_000_000)
    assert save_options(SHIPPED["web-transparent"]) == SaveOptions()
    assert save_options(SHIPPED["packaging-psd"]) == SaveOptions(path=True)
    asked = SaveOptions(quality=80, overwrite=True, convert_to="srgb", path=True, background="blend")
    assert save_options(SHIPPED["amazon-main"], asked) == SaveOptions(
        background="white", quality=80, overwrite=True, path=True
    )


def test_profiles_are_chosen_by_name(tmp_path):
    own = written(tmp_path, "[mine]\nformats = ['.png']\n")
    assert [profile.name for profile in chosen_profiles("ebay, mine", own)] == ["ebay", "mine"]
    for names, message in (
        ("ebya", "there is no profile 'ebya'; did you mean ebay"),
        ("mine", "there is no profile 'mine'; known are"),
        ("ebay,ebay", "ebay is named twice"),
        (" , ", "no profile is named"),
    ):
        with pytest.raises(InvalidOptions, match=message):
            chosen_profiles(names)


def test_least_sides_become_a_longer_side_that_has_both():
    upright = Profile(name="a", formats=(".jpg",), min_width=600, min_height=700, aspect=0.5)
    assert frame_options(upright).min_side == 1200
    across = Profile(name="a", formats=(".jpg",), min_width=600, min_height=700, aspect=2.0)
    assert frame_options(across).min_side == 1400
    bounded = Profile(name="a", formats=(".jpg",), max_pixels=20_000, aspect=2.0)
    assert frame_options(bounded).max_side == 200


def test_own_profiles(tmp_path):
    (tmp_path / "coated.icc").write_bytes(b"")
    text = """
[my-print]
like = "print-cmyk-coated"
icc = "coated.icc"

[small]
formats = [".png"]
aspect = 1
width = 300
date = 2026-01-31

[smaller]
like = "small"
width = 200
"""
    profiles = read_profiles(written(tmp_path, text))
    assert list(profiles) == ["my-print", "small", "smaller"]
    assert profiles["my-print"].icc == str(tmp_path / "coated.icc")
    assert profiles["my-print"].min_density == 300
    assert (profiles["small"].aspect, profiles["small"].date) == (1.0, datetime.date(2026, 1, 31))
    assert (profiles["smaller"].width, profiles["smaller"].formats) == (200, (".png",))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("widht = 3", r"shop\.widht: there is no such key; did you mean width\?"),
        ("qqq = 3", r"shop\.qqq: there is no such key; known are formats, title"),
        ('name = "x"', r"shop\.name: there is no such key"),
        ('width = "3"', r"shop\.width: expected a whole number; got '3'"),
        ("width = 3.5", r"shop\.width: expected a whole number; got 3\.5"),
        ("width = true", r"shop\.width: expected a whole number; got True"),
        ("width = 0", r"shop\.width: expected 1 or more; got 0"),
        ('aspect = "1:1"', r"shop\.aspect: expected a number; got '1:1'"),
        ("title = 3", r"shop\.title: expected text in quotes; got 3"),
        ('source = "page"', r"shop\.source: expected texts in brackets; got 'page'"),
        ('date = "today"', r"shop\.date: expected a date such as 2026-01-31; got 'today'"),
        ('background = "black"', r"shop\.background: expected one of white, transparent; got 'black'"),
        ('background = "transparent"', r"shop\.background: \.jpg holds no transparency"),
        ('space = "lab"', r"shop\.space: expected one of grey, rgb, cmyk"),
        ("bits = 12", r"shop\.bits: expected 8 or 16"),
        ("bits = 16", r"shop\.bits: \.jpg holds 8"),
        ("fill_min = 1.5", r"shop\.fill_min: expected more than 0"),
        ("fill_min = 0.9\nfill_max = 0.8", r"shop\.fill_min: expected at most fill_max, 0\.8"),
        ("fill_min = 0.9\nmargin = 8", r"shop\.margin: fill_min and fill_max say"),
        ("width = 100\nheight = 200\naspect = 1", r"shop\.aspect: 100 x 200 has 0\.5; got 1"),
        ("width = 100\nmin_width = 200", r"shop\.width: expected min_width, 200, or more"),
        ("width = 100\nmax_long_side = 50", r"shop\.max_long_side: "),
        ("min_height = 100\nmax_long_side = 150\naspect = 2", r"shop\.min_height: max_long_side leaves 75 pixels"),
        ("width = 10\nheight = 10\nmin_long_side = 20", r"shop\.min_long_side: 10 x 10 is smaller than 20"),
        ("width = 10\nheight = 10\nmax_pixels = 99", r"shop\.max_pixels: 10 x 10 has more than 99"),
        ('path = "allowed"\npath_name = "Pfad\u00a0"', r"shop\.path_name: expected printable ASCII"),
        ('path_name = "Path 1"', r"shop\.path_name: a path has a name where"),
        ('path = "yes"', r"shop\.path: expected one of required"),
        ('icc = "none.icc"', r"shop\.icc: expected srgb, given, or an ICC file; there is no file"),
        ('icc = "srgb"\nspace = "cmyk"', r"shop\.icc: srgb is no profile of cmyk"),
        ('name_rule = "{gtn}"', r"shop\.name_rule: there is no field \{gtn\}"),
        ('like = "amazon"', r"shop\.like: there is no profile 'amazon'; did you mean amazon-main\?"),
        ("like = 3", r"shop\.like: there is no profile 3"),
    ],
)
def test_mistakes_are_named_with_file_and_key(tmp_path, line, message):
    with pytest.raises(InvalidOptions, match=rf"own\.toml: {message}") as raised:
        read_profiles(written(tmp_path, f'[shop]\nformats = [".jpg"]\n{line}\n'))
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[shop]\ntitle = 'x'", r"shop\.formats: the key is missing"),
        ("[shop]\nformats = []", r"shop\.formats: expected one or more"),
        ("[shop]\nformats = ['jpg']", r"shop\.formats: expected endings such as '\.jpg'; got 'jpg'"),
        ("[shop]\nformats = ['.gif', '.jpg']", r"shop\.formats: the first is what is written"),
        ("[shop]\nformats = ['.png']\npath = 'required'", r"shop\.path: \.png holds no clipping path"),
        ("[shop]\nformats = ['.webp']\nspace = 'cmyk'", r"shop\.space: \.webp holds no CMYK"),
        ("[ebay]\nformats = ['.jpg']", "ebay: deepetch has a profile of that name"),
        ("['my shop']\nformats = ['.jpg']", "name: expected letters"),
        ("width = 3", "width: expected a table"),
        ("[shop", "expected profiles as TOML"),
    ],
)
def test_files_that_are_no_profiles(tmp_path, text, message):
    with pytest.raises(InvalidOptions, match=message):
        read_profiles(written(tmp_path, text))


def test_a_missing_file_and_one_that_is_no_text(tmp_path):
    with pytest.raises(InvalidOptions, match="no profiles to read"):
        read_profiles(tmp_path / "none.toml")
    (tmp_path / "own.toml").write_bytes(b"\xff\xfe\0")
    with pytest.raises(InvalidOptions, match="expected profiles as TOML"):
        read_profiles(tmp_path / "own.toml")


def test_a_file_without_tables_has_no_profiles(tmp_path):
    assert read_profiles(written(tmp_path, "# nothing yet\n")) == {}
