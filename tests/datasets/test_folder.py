from __future__ import annotations

import io
import sys

import numpy as np
import pytest
import tifffile
from PIL import Image
from scipy.io import savemat

from deepetch.datasets.class_map import ClassMap
from deepetch.datasets.example import read_example
from deepetch.datasets.folder import (
    is_cutout_folder,
    is_folder_set,
    read_cutouts,
    read_folder,
    write_folder,
)
from deepetch.datasets.truth import OwnAlpha
from deepetch.errors import DatasetError, InvalidArray, MissingExtra, OutputExists, OutputFailed, UnreadablePhoto
from drawn_subjects import disc_mask, disc_photo, save_photo

HEIGHT, WIDTH = 24, 36
DISC = disc_mask(HEIGHT, WIDTH)
CLASSES = np.zeros((HEIGHT, WIDTH), np.uint8)  # 0 background, 1, 2 and 20, with a border of 255
CLASSES[2:10, 2:10], CLASSES[2:10, 12:20], CLASSES[12:20, 2:10], CLASSES[20:22, :] = 1, 2, 20, 255
SUBJECT = (CLASSES > 0) & (CLASSES < 255)
COLOURS = [0, 0, 0, 128, 0, 0, 0, 128, 0] + [90, 60, 30] * 253


def picture(path):
    return save_photo(path, disc_photo(HEIGHT, WIDTH))


def grey(path, values, **options):
    """Grey values (h, w) with Pillow, in the format that the suffix names."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(values).save(path, **options)
    return path


def palette(path, indices, colours=COLOURS, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.frombytes("P", indices.shape[::-1], indices.tobytes())
    image.putpalette(colours)
    image.save(path, "PNG", **options)
    return path


def matlab(path, variables, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    savemat(path, variables, **options)
    return path


def labelled(folder, *stems, images="images", masks="masks"):
    for stem in stems:
        picture(folder / images / f"{stem}.png")
        grey(folder / masks / f"{stem}.png", DISC.astype(np.uint8) * 255)
    return folder


def truth_of(folder, categories=None):
    """The alpha of the only picture of a folder."""
    (example,) = read_folder(folder, categories=categories)
    alpha = read_example(example)[1]
    assert alpha.dtype == np.float32
    assert alpha.flags.c_contiguous
    return alpha


LAYOUTS = [("images", "masks"), ("img", "mask"), ("imgs", "masks"), ("JPEGImages", "SegmentationClass")]


@pytest.mark.parametrize(("images", "masks"), LAYOUTS)
@pytest.mark.parametrize(
    ("inner", "split"), [("", ""), ("train", "train"), ("val", "val"), ("valid", "val"), ("test", "test")]
)
def test_known_folders_are_a_set_with_the_split_of_the_folder_around_them(tmp_path, images, masks, inner, split):
    labelled(tmp_path / inner, "a", images=images, masks=masks)
    assert is_folder_set(tmp_path)
    (example,) = read_folder(tmp_path)
    assert (example.name, example.kind, example.source, example.split) == ("a", "all", "", split)
    assert example.image == tmp_path / inner / images / "a.png"
    assert np.array_equal(read_example(example)[1], DISC)


@pytest.mark.parametrize(
    "names", [(), ("images",), ("masks",), ("images", "mask"), ("train", "images"), ("JPEGImages",)]
)
def test_other_folders_are_no_set(tmp_path, names):
    for name in names:
        (tmp_path / name).mkdir()
    assert not is_folder_set(tmp_path)
    with pytest.raises(DatasetError, match=r"expected images/ and masks/, or train/"):
        read_folder(tmp_path)


def test_a_file_or_nothing_is_no_set(tmp_path):
    for path in (cutout(tmp_path / "a.png"), tmp_path / "none"):
        assert not is_folder_set(path)
        assert not is_cutout_folder(path)


def test_pictures_come_sorted_one_split_after_the_other(tmp_path):
    labelled(tmp_path / "val", "c", "a")
    labelled(tmp_path / "train", "d", "b")
    assert [(e.split, e.name) for e in read_folder(tmp_path)] == [
        ("train", "b"),
        ("train", "d"),
        ("val", "a"),
        ("val", "c"),
    ]


def test_the_first_folder_inside_is_the_kind_and_the_path_is_the_name(tmp_path):
    labelled(tmp_path, "a", "shoes/a", "shoes/red/a")
    assert [(e.name, e.kind) for e in read_folder(tmp_path)] == [
        ("a", "all"),
        ("shoes/a", "shoes"),
        ("shoes/red/a", "shoes"),
    ]


def test_folders_of_splits_may_lie_inside_the_images(tmp_path):
    labelled(tmp_path, "train/a", "valid/shoes/b")
    assert [(e.name, e.kind, e.split) for e in read_folder(tmp_path)] == [
        ("a", "all", "train"),
        ("shoes/b", "shoes", "val"),
    ]


def test_a_split_folder_without_masks_is_not_labelled(tmp_path):
    labelled(tmp_path / "train", "a")
    picture(tmp_path / "test" / "images" / "b.png")
    assert [e.name for e in read_folder(tmp_path)] == ["a"]


def test_what_is_hidden_or_no_picture_is_passed_over(tmp_path):
    labelled(tmp_path, "a")
    for name in (".DS_Store", "._a.jpg", "Thumbs.db", "notes.txt", ".cache/b.png"):
        for folder in ("images", "masks"):
            path = tmp_path / folder / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(b"x")
    assert [e.name for e in read_folder(tmp_path)] == ["a"]


def test_suffixes_may_be_in_capitals_and_names_hold_dots(tmp_path):
    (picture(tmp_path / "images" / "a.1.png")).rename(tmp_path / "images" / "a.1.PNG")
    grey(tmp_path / "masks" / "a.1.png", DISC.astype(np.uint8) * 255).rename(tmp_path / "masks" / "a.1.Png")
    assert [e.name for e in read_folder(tmp_path)] == ["a.1"]


def test_only_a_part_of_pascal_vocs_pictures_has_masks(tmp_path):
    labelled(tmp_path, "b", images="JPEGImages", masks="SegmentationClass")
    picture(tmp_path / "JPEGImages" / "a.png")
    assert [e.name for e in read_folder(tmp_path)] == ["b"]


def test_masks_are_not_opened_before_they_are_asked_for(tmp_path):
    labelled(tmp_path, "a")
    (tmp_path / "masks" / "a.png").write_bytes(b"no picture")
    (example,) = read_folder(tmp_path)
    with pytest.raises(UnreadablePhoto, match="not a picture"):
        read_example(example)
    (tmp_path / "masks" / "a.png").unlink()
    with pytest.raises(DatasetError, match=r"masks/a.png: cannot be read"):
        read_example(example)


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        (["images/b.jpg"], r"images/b.jpg: expected a mask masks/"),
        (["images/b.jpg", "images/c.jpg", "images/d.jpg"], r"images/b.jpg \(and 2 more like it\): expected a mask"),
        (["masks/b.png"], r"masks/b.png: expected a picture images/"),
        (["masks/b.mat", "masks/c.png"], r"masks/b.mat \(and 1 more like it\): expected a picture"),
        (["masks/a.tif"], r"masks/a.tif: a.png beside it is a mask of the same picture"),
        (["images/a.webp"], r"images/a.webp: a.png beside it has the same name"),
        (["images/s/b.png", "masks/b.png"], r"images/s/b.png: expected a mask"),
    ],
)
def test_what_does_not_pair_is_named(tmp_path, extra, said):
    labelled(tmp_path, "a")
    for name in extra:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    with pytest.raises(DatasetError, match=said) as raised:
        read_folder(tmp_path)
    assert "\n" not in str(raised.value)


def test_folders_without_pictures_are_said(tmp_path):
    for name in ("images", "masks"):
        (tmp_path / name).mkdir()
    with pytest.raises(DatasetError, match=r"images: expected pictures"):
        read_folder(tmp_path)


# What a mask's file means


@pytest.mark.parametrize("suffix", [".png", ".tif", ".webp"])
def test_grey_levels_are_opacity(tmp_path, suffix):
    picture(tmp_path / "images" / "a.png")
    levels = np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH)).astype(np.uint8)
    grey(tmp_path / "masks" / f"a{suffix}", levels, **({"lossless": True} if suffix == ".webp" else {}))
    assert np.allclose(truth_of(tmp_path), levels / 255, atol=1e-7)


def test_a_jpeg_is_opacity_as_near_as_it_can_be(tmp_path):
    picture(tmp_path / "images" / "a.png")
    grey(tmp_path / "masks" / "a.jpg", DISC.astype(np.uint8) * 255, quality=95)
    assert np.array_equal(truth_of(tmp_path) >= 0.5, DISC)


def test_16_bit_levels_are_opacity(tmp_path):
    picture(tmp_path / "images" / "a.png")
    levels = np.random.default_rng(0).integers(0, 65536, (HEIGHT, WIDTH)).astype(np.uint16)
    grey(tmp_path / "masks" / "a.png", levels)
    assert np.allclose(truth_of(tmp_path), levels / 65535, atol=1e-7)


def test_one_bit_is_black_and_white(tmp_path):
    picture(tmp_path / "images" / "a.png")
    grey(tmp_path / "masks" / "a.png", DISC)
    assert np.array_equal(truth_of(tmp_path), DISC)


def test_a_mask_in_rgb_is_opacity_and_colours_are_refused(tmp_path):
    picture(tmp_path / "images" / "a.png")
    rgb = np.repeat(DISC[..., None].astype(np.uint8) * 255, 3, axis=2)
    rgb[0, 0] = (0, 2, 1)  # left by a JPEG
    grey(tmp_path / "masks" / "a.png", rgb)
    assert np.array_equal(truth_of(tmp_path), DISC)
    rgb[0, 0] = (128, 0, 0)
    grey(tmp_path / "masks" / "a.png", rgb)
    with pytest.raises(DatasetError, match="got colours"):
        truth_of(tmp_path)


def test_a_black_mask_is_empty(tmp_path):
    picture(tmp_path / "images" / "a.png")
    grey(tmp_path / "masks" / "a.png", np.zeros((HEIGHT, WIDTH), np.uint8))
    assert not truth_of(tmp_path).any()


MAPS = {
    "palette": lambda path: palette(path.with_suffix(".png"), CLASSES),
    "palette by another name": lambda path: palette(path.with_suffix(".tif"), CLASSES),
    "grey png": lambda path: grey(path.with_suffix(".png"), np.where(CLASSES == 255, 0, CLASSES).astype(np.uint8)),
    "grey tiff": lambda path: grey(path.with_suffix(".tif"), np.where(CLASSES == 255, 0, CLASSES).astype(np.uint8)),
    "16 bit": lambda path: grey(path.with_suffix(".png"), CLASSES.astype(np.uint16)),
    "mat": lambda path: matlab(path.with_suffix(".mat"), {"x": CLASSES, "width": 36, "name": "a"}),
    "mat by another name": lambda path: matlab(path.with_suffix(".png"), {"x": CLASSES}, appendmat=False),
    "mat 4": lambda path: matlab(path.with_suffix(".mat"), {"x": CLASSES}, format="4"),
    "compressed mat": lambda path: matlab(path.with_suffix(".mat"), {"x": CLASSES}, do_compression=True),
    "mat with negatives": lambda path: matlab(
        path.with_suffix(".mat"), {"x": np.where(CLASSES == 255, -1, CLASSES).astype(np.int16)}
    ),
    "struct": lambda path: matlab(path.with_suffix(".mat"), {"GTcls": {"Segmentation": CLASSES, "Present": [[1, 2]]}}),
    "named": lambda path: matlab(path.with_suffix(".mat"), {"LabelMap": CLASSES, "instances": CLASSES}),
}


@pytest.mark.parametrize("form", MAPS)
def test_class_numbers_but_0_and_255_are_the_subject(tmp_path, form):
    picture(tmp_path / "images" / "a.png")
    (tmp_path / "masks").mkdir()
    MAPS[form](tmp_path / "masks" / "a")
    assert np.array_equal(truth_of(tmp_path), SUBJECT)


@pytest.mark.parametrize("form", MAPS)
@pytest.mark.parametrize("categories", [{1}, {2, 20}, [20], {7}])
def test_categories_choose_the_subject(tmp_path, form, categories):
    picture(tmp_path / "images" / "a.png")
    (tmp_path / "masks").mkdir()
    MAPS[form](tmp_path / "masks" / "a")
    expected = np.zeros_like(SUBJECT)
    for number in categories:
        expected |= number == CLASSES
    assert np.array_equal(truth_of(tmp_path, categories), expected)


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_indices_of_few_bits_are_class_numbers(tmp_path, bits):
    picture(tmp_path / "images" / "a.png")
    indices = (np.arange(HEIGHT * WIDTH).reshape(HEIGHT, WIDTH) % 2**bits).astype(np.uint8)
    palette(tmp_path / "masks" / "a.png", indices, COLOURS[: 3 * 2**bits], bits=bits)
    assert np.array_equal(truth_of(tmp_path, {2**bits - 1}), indices == 2**bits - 1)


def test_the_one_bit_of_a_grey_map_is_class_1(tmp_path):
    picture(tmp_path / "images" / "a.png")
    grey(tmp_path / "masks" / "a.png", DISC)
    assert np.array_equal(truth_of(tmp_path, {1}), DISC)
    assert np.array_equal(truth_of(tmp_path, {0}), ~DISC)


@pytest.mark.parametrize("colours", [[0, 0, 0, 255, 255, 255], [255, 255, 255, 0, 0, 0]])
def test_a_palette_of_greys_is_opacity_whatever_comes_first(tmp_path, colours):
    picture(tmp_path / "images" / "a.png")
    palette(tmp_path / "masks" / "a.png", (DISC ^ (colours[0] == 255)).astype(np.uint8), colours)
    assert np.array_equal(truth_of(tmp_path), DISC)


def test_indices_with_a_palette_of_all_greys_are_class_numbers(tmp_path):
    picture(tmp_path / "images" / "a.png")
    ramp = [level for level in range(256) for _ in range(3)]  # Pillow's own where none is given
    palette(tmp_path / "masks" / "a.png", np.where(CLASSES == 255, 0, CLASSES).astype(np.uint8), ramp)
    assert np.array_equal(truth_of(tmp_path), SUBJECT)


def test_low_values_and_255_could_be_both_and_are_asked_about(tmp_path):
    picture(tmp_path / "images" / "a.png")
    grey(tmp_path / "masks" / "a.png", CLASSES)
    with pytest.raises(DatasetError, match=r"values reach 20, and 255, with none between. Name the classes"):
        truth_of(tmp_path)
    assert np.array_equal(truth_of(tmp_path, {255}), CLASSES == 255)


def test_pascal_vocs_masks_are_always_class_numbers(tmp_path):
    picture(tmp_path / "JPEGImages" / "a.png")
    grey(tmp_path / "SegmentationClass" / "a.png", CLASSES)
    assert np.array_equal(truth_of(tmp_path), SUBJECT)
    grey(tmp_path / "SegmentationClass" / "a.png", DISC.astype(np.uint8) * 255)
    assert np.array_equal(truth_of(tmp_path), DISC)  # black and white


@pytest.mark.parametrize(
    ("suffix", "values", "said"),
    [
        (".jpg", CLASSES, "a JPEG file does not keep class numbers"),
        (".webp", CLASSES, "a WEBP file does not keep class numbers"),
        (".png", disc_photo(HEIGHT, WIDTH), "got colours"),
        (".bmp", CLASSES, "a BMP is not supported"),
    ],
)
def test_what_holds_no_class_numbers_is_refused(tmp_path, suffix, values, said):
    picture(tmp_path / "images" / "a.png")
    grey(tmp_path / "masks" / f"a{suffix}", values)
    with pytest.raises((DatasetError, UnreadablePhoto), match=said):
        truth_of(tmp_path, {1})


@pytest.mark.parametrize(
    "write",
    [
        lambda path: grey(path.with_suffix(".png"), DISC.T.astype(np.uint8) * 255),
        lambda path: grey(path.with_suffix(".jpg"), DISC.T.astype(np.uint8) * 255),
        lambda path: palette(path.with_suffix(".png"), np.ascontiguousarray(CLASSES.T)),
        lambda path: matlab(path.with_suffix(".mat"), {"x": CLASSES.T}),
    ],
)
def test_masks_of_another_size_are_refused(tmp_path, write):
    picture(tmp_path / "images" / "a.png")
    (tmp_path / "masks").mkdir()
    write(tmp_path / "masks" / "a")
    with pytest.raises(DatasetError, match=r"masks/a\.\w+: expected a mask of 36 x 24 like its picture; got 24 x 36"):
        truth_of(tmp_path)


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({}, "it holds nothing"),
        ({"width": 36}, r"it holds width \(1 x 1 int64\)"),
        ({"x": CLASSES, "y": CLASSES}, r"it holds x \(24 x 36 uint8\), y \(24 x 36 uint8\)"),
        ({"label": CLASSES, "mask": CLASSES}, "it holds label"),
        ({"x": CLASSES / 2}, r"x \(24 x 36 float64\)"),
        ({"x": np.zeros((2, 3, 4), np.uint8)}, r"x \(2 x 3 x 4 uint8\)"),
        ({"s": {"a": "text", "b": CLASSES / 3}}, r"s.a \(1 text\), s.b \(24 x 36 float64\)"),
        ({"c": np.array([[1, "a"]], object)}, r"c \(1 x 2 cells\)"),
    ],
)
def test_matlab_files_without_one_map_say_what_they_hold(tmp_path, variables, said):
    picture(tmp_path / "images" / "a.png")
    matlab(tmp_path / "masks" / "a.mat", variables)
    with pytest.raises(DatasetError, match=said) as raised:
        truth_of(tmp_path)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("head", [b"MATLAB 7.3 MAT-file, Platform: GLNXA64", b"\x89HDF\r\n\x1a\n"])
def test_matlabs_files_of_version_7_3_say_how_to_save_them_anew(tmp_path, head):
    picture(tmp_path / "images" / "a.png")
    (tmp_path / "masks").mkdir()
    (tmp_path / "masks" / "a.mat").write_bytes(head.ljust(600))
    with pytest.raises(DatasetError, match=r"'-v7'"):
        truth_of(tmp_path)


def test_matlabs_files_need_scipy(tmp_path, monkeypatch):
    picture(tmp_path / "images" / "a.png")
    matlab(tmp_path / "masks" / "a.mat", {"x": CLASSES})
    monkeypatch.setitem(sys.modules, "scipy.io", None)  # as if it were not installed
    with pytest.raises(MissingExtra, match=r"pip install 'deepetch\[data\]'"):
        truth_of(tmp_path)


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("share", [0, 0.1, 0.3, 0.5, 0.8, 0.98])
def test_cut_matlab_files_are_damaged(tmp_path, compressed, share):
    picture(tmp_path / "images" / "a.png")
    path = matlab(tmp_path / "masks" / "a.mat", {"x": CLASSES}, do_compression=compressed)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    with pytest.raises(UnreadablePhoto, match=r"a.mat: the MATLAB data is truncated or damaged"):
        truth_of(tmp_path)


@pytest.mark.parametrize("categories", [None, {1}])
@pytest.mark.parametrize("share", [0, 0.01, 0.02, 0.5, 0.9, 0.95])
def test_cut_palette_files_are_damaged(tmp_path, categories, share):
    picture(tmp_path / "images" / "a.png")
    path = palette(tmp_path / "masks" / "a.png", CLASSES)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    with pytest.raises(UnreadablePhoto, match=r"a.png: "):
        truth_of(tmp_path, categories)


def test_a_class_map_is_a_value():
    assert ClassMap("a.png", frozenset({1})) == ClassMap("a.png", frozenset({1}))


# Cut-outs


def cutout(path, mode="RGBA"):
    alpha = DISC.astype(np.uint8) * 255
    colours = disc_photo(HEIGHT, WIDTH)
    path.parent.mkdir(parents=True, exist_ok=True)
    layers = [colours, alpha] if mode == "RGBA" else [colours[..., 0], alpha]
    Image.fromarray(np.dstack(layers)).save(path, **({"lossless": True} if path.suffix == ".webp" else {}))
    return path


def test_pictures_with_alpha_are_cutouts(tmp_path):
    for name in ("b.png", "a.webp", "shoes/c.png", "test/d.png"):
        cutout(tmp_path / name)
    assert is_cutout_folder(tmp_path)
    examples = read_cutouts(tmp_path)
    assert [(e.name, e.kind, e.split) for e in examples] == [
        ("a", "cutouts", ""),
        ("b", "cutouts", ""),
        ("shoes/c", "cutouts", ""),
        ("d", "cutouts", "test"),
    ]
    for example in examples:
        assert example.truth == OwnAlpha(example.image)
        assert np.array_equal(read_example(example)[1], DISC)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda folder: picture(folder / "aa.png"),
        lambda folder: (folder / "aa.png").write_bytes(b"no picture"),
        lambda folder: (folder / "masks").mkdir(),
        lambda folder: (folder / "train" / "mask").mkdir(parents=True),
    ],
)
def test_a_folder_with_masks_or_without_alpha_holds_no_cutouts(tmp_path, spoil):
    cutout(tmp_path / "b.png")
    assert is_cutout_folder(tmp_path)
    spoil(tmp_path)
    assert not is_cutout_folder(tmp_path)


def test_the_first_pictures_tell_and_later_ones_are_read_when_asked_for(tmp_path):
    for name in "abc":
        cutout(tmp_path / f"{name}.png")
    picture(tmp_path / "d.png")
    assert is_cutout_folder(tmp_path)
    with pytest.raises(DatasetError, match="alpha or a mask beside it"):
        read_example(read_cutouts(tmp_path)[3])


def test_an_empty_folder_holds_no_cutouts(tmp_path):
    assert not is_cutout_folder(tmp_path)
    with pytest.raises(DatasetError, match="expected pictures"):
        read_cutouts(tmp_path)


def test_a_folder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(DatasetError, match="cannot be read"):
        read_cutouts(tmp_path / "none")


# Writing

ALPHA = np.linspace(0, 255, HEIGHT * WIDTH).round().reshape(HEIGHT, WIDTH).astype(np.float32) / np.float32(255)


def written(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_pictures_are_copied_and_all_levels_of_a_mask_kept(tmp_path):
    source = picture(tmp_path / "a.webp")
    seen = []
    write_folder([("a", source, ALPHA, "")], tmp_path / "new", progress=seen.append)
    assert written(tmp_path / "new") == ["images/a.webp", "masks/a.png"]
    assert (tmp_path / "new/images/a.webp").read_bytes() == source.read_bytes()
    with Image.open(tmp_path / "new/masks/a.png") as mask:
        assert mask.mode == "L"
        assert np.array_equal(np.asarray(mask), np.linspace(0, 255, HEIGHT * WIDTH).round().reshape(HEIGHT, WIDTH))
    assert seen == [1]
    (example,) = read_folder(tmp_path / "new")
    assert np.array_equal(read_example(example)[1], ALPHA)


def test_splits_become_folders(tmp_path):
    source = picture(tmp_path / "a.png")
    write_folder([("a", source, ALPHA, split) for split in ("train", "val", "test", "")], tmp_path / "new")
    assert written(tmp_path / "new") == [
        "images/a.png",
        "masks/a.png",
        "test/images/a.png",
        "test/masks/a.png",
        "train/images/a.png",
        "train/masks/a.png",
        "val/images/a.png",
        "val/masks/a.png",
    ]
    assert [e.split for e in read_folder(tmp_path / "new")] == ["", "train", "val", "test"]


def test_no_two_pictures_share_a_name_or_a_mask(tmp_path):
    png, jpg = picture(tmp_path / "a.png"), picture(tmp_path / "b.jpg")
    items = [("a", png, ALPHA, ""), ("a", jpg, ALPHA, ""), ("A", png, ALPHA, ""), ("s/a", jpg, ALPHA, "")]
    write_folder(items, tmp_path / "new")
    assert written(tmp_path / "new" / "images") == ["A-3.png", "a-2.jpg", "a.png", "s/a.jpg"]
    assert written(tmp_path / "new" / "masks") == ["A-3.png", "a-2.png", "a.png", "s/a.png"]
    assert len(read_folder(tmp_path / "new")) == 4


def test_a_picture_without_known_suffix_gets_that_of_its_format(tmp_path):
    source = picture(tmp_path / "a.png").rename(tmp_path / "a.image")
    write_folder([("a", source, ALPHA, "")], tmp_path / "new")
    assert written(tmp_path / "new" / "images") == ["a.png"]


@pytest.mark.parametrize("there", ["images", "masks", "val/images", "test/masks"])
def test_a_set_that_is_there_stays_unless_overwritten(tmp_path, there):
    (tmp_path / "new" / there).mkdir(parents=True)
    (tmp_path / "new" / there / "old.png").touch()
    items = [("a", picture(tmp_path / "a.png"), ALPHA, "")]
    with pytest.raises(OutputExists, match="--overwrite"):
        write_folder(items, tmp_path / "new")
    assert written(tmp_path / "new") == [f"{there}/old.png"]
    for _ in range(2):
        write_folder(items, tmp_path / "new", overwrite=True)
    assert written(tmp_path / "new") == sorted(["images/a.png", "masks/a.png", f"{there}/old.png"])


@pytest.mark.parametrize("name", ["", "/a", "../a", "a/../../b", "a//b", ".a", "s/.a", "a\0b", "a/"])
def test_names_that_leave_the_folder_or_hide_are_refused(tmp_path, name):
    with pytest.raises(DatasetError, match="expected the name of a picture"):
        write_folder([(name, picture(tmp_path / "a.png"), ALPHA, "")], tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_bad_items_are_refused(tmp_path):
    source = picture(tmp_path / "a.png")
    with pytest.raises(DatasetError, match="expected train, val, test or no split"):
        write_folder([("a", source, ALPHA, "later")], tmp_path / "new")
    with pytest.raises(InvalidArray):
        write_folder([("a", source, ALPHA * 255, "")], tmp_path / "new")
    with pytest.raises(DatasetError, match="nothing to write"):
        write_folder([], tmp_path / "new")
    assert not (tmp_path / "new").exists()
    with pytest.raises(DatasetError, match=r"none.png: cannot be read"):
        write_folder([("a", tmp_path / "none.png", ALPHA, "")], tmp_path / "new")
    with pytest.raises(OutputFailed, match="cannot be made"):
        write_folder([("a", source, ALPHA, "")], source / "new")


def test_a_set_may_be_written_over_itself(tmp_path):
    labelled(tmp_path, "a", "s/b")
    before = {path: path.read_bytes() for path in (tmp_path / "images").rglob("*.png")}
    items = ((e.name, e.image, read_example(e)[1], e.split) for e in read_folder(tmp_path))
    write_folder(items, tmp_path, overwrite=True)
    assert {path: path.read_bytes() for path in (tmp_path / "images").rglob("*.png")} == before
    assert all(np.array_equal(read_example(e)[1], DISC) for e in read_folder(tmp_path))


def test_tiff_masks_of_other_programs_are_read(tmp_path):
    picture(tmp_path / "images" / "a.png")
    (tmp_path / "masks").mkdir()
    out = io.BytesIO()
    tifffile.imwrite(out, (DISC * 65535).astype(np.uint16), photometric="minisblack", compression="deflate")
    (tmp_path / "masks" / "a.tiff").write_bytes(out.getvalue())
    assert np.array_equal(truth_of(tmp_path), DISC)
