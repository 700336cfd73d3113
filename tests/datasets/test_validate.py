from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image
from scipy.io import savemat

from deepetch.datasets.example import Example
from deepetch.datasets.folder import ClassMap, FolderMask
from deepetch.datasets.objects import Annotation, LabelledObject, Rectangle
from deepetch.datasets.truth import MaskFile, NoSubject, Objects, OwnAlpha
from deepetch.datasets.validate import difference_hash, edge_contrast, near_pairs, validate, without
from deepetch.errors import MissingExtra
from drawn_subjects import ORANGE, WALL, disc_mask, disc_photo, save_photo


def scene(seed, height=96, width=128):
    """A picture (h, w, 3) uint8 of broad patches, another for each seed."""
    patches = np.random.default_rng(seed).uniform(0, 1, (6, 8, 3)).astype(np.float32)
    return np.round(cv2.resize(patches, (width, height), interpolation=cv2.INTER_CUBIC).clip(0, 1) * 255).astype(
        np.uint8
    )


def with_disc(seed, height=96, width=128):
    """A scene with a bright disc in the middle, and the disc."""
    mask = disc_mask(height, width)
    return np.where(mask[..., None], 255, scene(seed, height, width) // 2).astype(np.uint8), mask


def example(folder, name, samples, mask=None, *, split="train", suffix=".png", truth=None):
    """A picture and its mask, written to files; without a mask it shows no subject."""
    image = save_photo(folder / f"{name}{suffix}", samples)
    if mask is not None:
        truth = MaskFile(save_photo(folder / f"{name}-mask.png", mask[..., None].astype(np.uint8) * 255))
    return Example(name=name, image=image, truth=truth or NoSubject(), kind="x", source="", split=split)


def found(examples):
    return [(problem.name, problem.what) for problem in validate(examples)]


def test_a_good_set_has_no_problem(tmp_path):
    examples = [
        example(tmp_path, f"a{seed}", *with_disc(seed), split=split)
        for seed, split in enumerate(["train", "train", "val", "test", ""])
    ]
    examples.append(example(tmp_path, "wall", scene(9)))
    assert validate(examples) == []


def test_nothing_has_no_problem():
    assert validate([]) == []


def test_progress_counts_the_pictures(tmp_path):
    examples = [example(tmp_path, f"a{seed}", *with_disc(seed)) for seed in range(3)]
    examples[1].image.unlink()
    seen = []
    validate(examples, progress=seen.append)
    assert seen == [1, 2, 3]


def test_what_cannot_be_read_is_said_and_the_rest_looked_at(tmp_path):
    examples = [example(tmp_path, name, *with_disc(seed)) for seed, name in enumerate("abcde")]
    examples[0].image.write_bytes(b"no picture")
    examples[1].image.unlink()
    examples[2].truth.path.unlink()
    examples[3].truth.path.write_bytes(b"no picture")
    problems = validate(examples)
    assert [(problem.name, problem.what) for problem in problems] == [(name, "unreadable") for name in "abcd"]
    assert [problem.image for problem in problems] == [e.image for e in examples[:4]]
    for problem, path in zip(problems, ("a.png", "b.png", "c-mask.png", "d-mask.png"), strict=True):
        assert f"{path}: " in problem.text
        assert "\n" not in problem.text


def annotation_of_ten():
    thing = LabelledObject(category="jar", shapes=(Rectangle(0, 0, 5, 5),))
    return Annotation(height=10, width=10, objects=(thing,))


@pytest.mark.parametrize(
    "truth", ["mask", "folder mask", "jpeg mask", "class map", "palette", "mat", "objects"], ids=lambda form: form
)
def test_a_mask_of_another_size_is_told_from_a_damaged_one(tmp_path, truth):
    path = tmp_path / "mask.png"
    Image.fromarray(np.full((10, 10), 255, np.uint8)).save(path)
    Image.fromarray(np.full((10, 10), 255, np.uint8)).save(tmp_path / "mask.jpg")
    image = Image.frombytes("P", (10, 10), bytes(100))
    image.putpalette([0, 0, 0, 128, 0, 0])
    image.save(tmp_path / "palette.png")
    savemat(tmp_path / "map.mat", {"x": np.ones((10, 10), np.uint8)})
    truth = {
        "mask": MaskFile(path),
        "folder mask": FolderMask(path),
        "jpeg mask": FolderMask(tmp_path / "mask.jpg"),
        "class map": ClassMap(path),
        "palette": FolderMask(tmp_path / "palette.png"),
        "mat": FolderMask(tmp_path / "map.mat"),
        "objects": Objects(annotation_of_ten, None, "a.json"),
    }[truth]
    (problem,) = validate([example(tmp_path, "a", scene(0), truth=truth)])
    assert problem.what == "size"
    assert "expected a mask of 128 x 96 like its picture; got 10 x 10" in problem.text


@pytest.mark.parametrize(
    ("levels", "what"),
    [
        (np.zeros((96, 128)), ["empty"]),
        (np.full((96, 128), 127), ["empty"]),
        (np.full((96, 128), 255), ["full"]),
        (np.where(np.arange(96 * 128).reshape(96, 128) < 12, 0, 255), ["full"]),  # 99.9 %
    ],
)
def test_masks_of_nothing_or_everything_are_told(tmp_path, levels, what):
    path = save_photo(tmp_path / "mask.png", levels.astype(np.uint8)[..., None])
    assert found([example(tmp_path, "a", scene(0), truth=MaskFile(path))]) == [("a", word) for word in what]


def test_a_picture_that_claims_no_subject_may_be_empty(tmp_path):
    assert found([example(tmp_path, "wall", scene(0))]) == []


def test_cutouts_are_looked_at_by_their_own_alpha(tmp_path):
    colours, mask = with_disc(0)
    good = np.dstack([colours, mask.astype(np.uint8) * 255])
    empty = np.dstack([colours, mask.astype(np.uint8) * 0])
    examples = [example(tmp_path, name, samples) for name, samples in (("a", good), ("b", empty), ("c", colours))]
    examples = [replace(e, truth=OwnAlpha(e.image)) for e in examples]
    assert found(examples) == [("b", "empty"), ("c", "unreadable")]


def test_the_same_pixels_are_duplicates_whatever_the_file(tmp_path):
    samples, mask = with_disc(0)
    examples = [
        example(tmp_path, "a", samples, mask, split="val"),
        example(tmp_path, "b", *with_disc(1), split="train"),
        example(tmp_path, "c", samples, mask, split="train", suffix=".tif"),
        example(tmp_path, "d", samples, mask, split=""),
    ]
    problems = validate(examples)
    assert [(problem.name, problem.what) for problem in problems] == [("c", "duplicate"), ("d", "duplicate")]
    assert problems[0].text.endswith(f"the same pixels as {examples[0].image}; this one is in train, that one in val.")
    assert problems[1].text.endswith("this one is in no split, that one in val.")


@pytest.mark.parametrize("change", [lambda a: a ^ 1, lambda a: a[:, :-1], lambda a: a.reshape(128, 96, 3)])
def test_other_pixels_are_no_duplicates(tmp_path, change):
    samples = scene(0)
    examples = [example(tmp_path, "a", samples), example(tmp_path, "b", np.ascontiguousarray(change(samples)))]
    assert found(examples) == []


def test_a_picture_under_another_alpha_is_another(tmp_path):
    colours, mask = with_disc(0)
    alphas = (mask, ~mask)
    examples = [
        example(tmp_path, f"a{index}", np.dstack([colours, alpha.astype(np.uint8) * 255]))
        for index, alpha in enumerate(alphas)
    ]
    assert found([replace(e, truth=NoSubject()) for e in examples]) == []


def smaller(samples):
    return cv2.resize(samples, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)


COPIES = {
    "smaller": smaller,
    "larger": lambda a: cv2.resize(a, None, fx=1.7, fy=1.7, interpolation=cv2.INTER_CUBIC),
    "darker": lambda a: (a * 0.9).astype(np.uint8),
    "mirrored": lambda a: np.ascontiguousarray(a[:, ::-1]),
    "mirrored and smaller": lambda a: smaller(np.ascontiguousarray(a[:, ::-1])),
    "grainy": lambda a: (a + np.random.default_rng(0).integers(-3, 4, a.shape)).clip(0, 255).astype(np.uint8),
    "grey": lambda a: cv2.cvtColor(a, cv2.COLOR_RGB2GRAY)[..., None],
}


@pytest.mark.parametrize("change", COPIES)
@pytest.mark.parametrize(("first", "second"), [("train", "test"), ("test", "train"), ("val", "test")])
def test_copies_across_splits_are_near_duplicates(tmp_path, change, first, second):
    samples = scene(0, 192, 256)
    examples = [
        example(tmp_path, "a", samples, split=first),
        example(tmp_path, "b", scene(1, 192, 256), split=first),
        example(tmp_path, "c", COPIES[change](samples), split=second),
    ]
    (problem,) = validate(examples)
    assert (problem.name, problem.what) == ("c", "near-duplicate")
    assert f"looks like {examples[0].image}" in problem.text
    assert problem.text.endswith(f"this one is in {second}, that one in {first}.")


@pytest.mark.parametrize(("first", "second"), [("train", "train"), ("", ""), ("", "train"), ("test", "")])
def test_copies_on_one_side_leak_nothing(tmp_path, first, second):
    samples = scene(0)
    examples = [
        example(tmp_path, "a", samples, split=first),
        example(tmp_path, "b", smaller(samples), split=second),
    ]
    assert found(examples) == []


def test_a_jpeg_of_low_quality_is_a_near_duplicate(tmp_path):
    samples = scene(0, 192, 256)
    examples = [example(tmp_path, "a", samples), example(tmp_path, "b", samples, split="test", suffix=".jpg")]
    Image.fromarray(smaller(samples)).save(examples[1].image, quality=40)
    assert found(examples) == [("b", "near-duplicate")]


def test_an_exact_duplicate_is_not_told_twice(tmp_path):
    samples = scene(0)
    examples = [
        example(tmp_path, "a", samples),
        example(tmp_path, "b", samples, split="test"),
        example(tmp_path, "c", samples, split="val"),
    ]
    assert found(examples) == [("b", "duplicate"), ("c", "duplicate")]


def test_the_nearest_of_several_is_named(tmp_path):
    samples = scene(0, 192, 256)
    grain = np.random.default_rng(1).integers(-12, 13, samples.shape)
    examples = [
        example(tmp_path, "a", (samples + grain).clip(0, 255).astype(np.uint8)),
        example(tmp_path, "b", samples),
        example(tmp_path, "c", smaller(samples), split="test"),
    ]
    (problem,) = validate(examples)
    assert f"looks like {examples[1].image}" in problem.text


def test_even_grounds_are_not_alike_for_being_even(tmp_path):
    examples = []
    for index, (row, column) in enumerate([(20, 20), (60, 90), (40, 60), (10, 100)]):
        samples = np.full((96, 128, 3), 250, np.uint8)
        samples[row : row + 8, column : column + 8] = 40
        examples.append(example(tmp_path, f"a{index}", samples, split=("train", "test")[index % 2]))
    assert found(examples) == []


def test_pairs_across_splits_are_those_of_comparing_one_by_one():
    random = np.random.default_rng(0)
    count = 1300  # more than two tiles on either side of the largest pair of splits
    bits = random.random((count, 2, 256)) < 0.5
    splits = random.choice(["train", "val", "test", ""], count, p=[0.5, 0.42, 0.04, 0.04]).tolist()
    for later in random.integers(
        1, count, 200
    ):  # a copy of an earlier one, as it is or mirrored, in a few bits another
        earlier = random.integers(0, later)
        bits[later] = bits[earlier, :: random.choice([1, -1])]
        bits[later] ^= random.random((2, 256)) < random.choice([0.0, 0.03, 0.05])
    first = np.arange(count)
    first[700:705] = first[3]
    bits[5, 0, 10:] = False  # an even ground
    packed = np.packbits(bits, axis=2).view(np.uint64)
    signs = bits * np.float32(2) - 1  # the product of two prints is the number of equal bits less that of others
    plain, mirrored = ((256 - signs[:, 0] @ signs[:, side].T) / 2 for side in (0, 1))
    expected = {}
    for later, earlier in np.argwhere(np.minimum(plain, np.minimum(mirrored, mirrored.T)) <= 12).tolist():
        sides = splits[later], splits[earlier]
        if later <= earlier or "" in sides or sides[0] == sides[1] or first[later] == first[earlier]:
            continue
        one, other = sorted((later, earlier), key=lambda index: splits[index])
        distance = int(min(plain[one, other], mirrored[one, other]))
        if distance <= 12 and min(bits[later, 0].sum(), bits[earlier, 0].sum()) >= 25:
            expected[later] = min(expected.get(later, (99, 0)), (distance, earlier))
    pairs = list(near_pairs(packed, first, splits))
    assert pairs == [(later, earlier) for later, (_, earlier) in sorted(expected.items())]
    assert len(pairs) > 30


def test_distances_are_the_bits_that_differ(tmp_path):
    views = [scene(seed).astype(np.float32) / 255 for seed in range(2)]
    one, other = (difference_hash(view) for view in views)
    assert one.dtype == np.uint64
    assert one.shape == (4,)
    greys = [
        np.asarray(Image.fromarray(scene(seed)).convert("L").resize((17, 16), Image.Resampling.BOX)) for seed in (0, 1)
    ]
    bits = [np.diff(grey.astype(float), axis=1) > 2 for grey in greys]
    ours = sum(bin(int(a) ^ int(b)).count("1") for a, b in zip(one, other, strict=True))
    # Pillow rounds to whole levels, so that a few steps about the least one fall to the other side
    assert abs(ours - int((bits[0] ^ bits[1]).sum())) <= 12
    assert int((bits[0] ^ bits[1]).sum()) > 60


# Masks that do not follow the picture


def moved(mask, rows, columns):
    return np.roll(mask, (rows, columns), (0, 1))


def grown(mask, pixels):
    return cv2.dilate(mask.astype(np.uint8), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * pixels + 1,) * 2)) > 0


def shrunk(mask, pixels):
    return ~grown(~mask, pixels)


NOISE = {
    "grown": lambda mask: grown(mask, 8),
    "shrunk": lambda mask: shrunk(mask, 8),
    "moved": lambda mask: moved(mask, 20, 20),
    "turned": lambda mask: np.rot90(mask)[:384].repeat(2, axis=1)[:, :512],
}


@pytest.mark.parametrize("change", NOISE)
def test_masks_that_do_not_follow_the_picture_are_suspected(tmp_path, change):
    samples, mask = with_disc(0, 384, 512)
    (problem,) = validate([example(tmp_path, "a", samples, NOISE[change](mask))])
    assert problem.what == "noise"
    assert problem.text.endswith("Look at it.")


@pytest.mark.parametrize(
    "change", [lambda m: m, lambda m: grown(m, 1), lambda m: shrunk(m, 1), lambda m: moved(m, 1, 1)]
)
def test_masks_a_pixel_off_are_not_suspected(tmp_path, change):
    samples, mask = with_disc(0, 384, 512)
    assert found([example(tmp_path, "a", samples, change(mask))]) == []


@pytest.mark.parametrize(("height", "width"), [(96, 128), (512, 300), (768, 1024)])
def test_contrast_of_an_edge_is_that_at_512_px(height, width):
    samples, mask = with_disc(0, height, width)
    view = samples.astype(np.float32) / 255
    assert edge_contrast(view, mask.astype(np.float32)) > 3
    off = grown(mask, round(7 * max(height, width) / 512))
    assert edge_contrast(view, off.astype(np.float32)) < 0.6


def test_view_and_mask_may_be_of_any_size():
    samples, mask = with_disc(0, 384, 512)
    view = samples.astype(np.float32) / 255
    small = cv2.resize(view, (200, 150), interpolation=cv2.INTER_AREA)
    assert edge_contrast(small, mask.astype(np.float32)) > 2


def test_grain_and_texture_everywhere_hide_no_edge(tmp_path):
    mask = disc_mask(384, 512)
    noise = np.random.default_rng(0).normal(0, 0.1, (384, 512, 3))
    samples = np.where(mask[..., None], ORANGE, WALL) + noise
    assert found([example(tmp_path, "a", np.round(samples.clip(0, 1) * 255).astype(np.uint8), mask)]) == []


def test_no_statement_without_contour_or_edges():
    view = disc_photo(96, 128).astype(np.float32) / 255
    assert edge_contrast(view, np.zeros((96, 128), np.float32)) is None
    assert edge_contrast(view, np.ones((96, 128), np.float32)) is None
    dot = np.zeros((96, 128), np.float32)
    dot[40:43, 40:43] = 1
    assert edge_contrast(view, dot) is None
    assert edge_contrast(np.full((96, 128, 3), 0.5, np.float32), disc_mask().astype(np.float32)) is None


@pytest.mark.parametrize(("height", "width"), [(1, 2), (1, 300), (300, 1), (3, 2), (20, 20)])
def test_tiny_pictures_are_looked_at_like_others(tmp_path, height, width):
    mask = np.arange(height * width).reshape(height, width) > 0
    samples = np.zeros((height, width, 3), np.uint8)
    assert found([example(tmp_path, "a", samples, mask), example(tmp_path, "b", samples)]) == [("b", "duplicate")]


# What is done with the problems


def test_problems_come_in_the_order_of_the_examples(tmp_path):
    copy = scene(0)
    examples = [
        example(tmp_path, "a", copy, split="test"),
        example(tmp_path, "b", smaller(copy)),
        example(tmp_path, "c", scene(1), np.zeros((96, 128), bool)),
        example(tmp_path, "d", scene(1), np.zeros((96, 128), bool), split="val"),
    ]
    assert found(examples) == [("b", "near-duplicate"), ("c", "empty"), ("d", "empty"), ("d", "duplicate")]


def test_without_drops_what_no_training_can_use_and_keeps_suspicions(tmp_path):
    samples, mask = with_disc(0, 384, 512)
    examples = [
        example(tmp_path, "a", samples, mask),
        example(tmp_path, "copy", samples, mask),
        example(tmp_path, "near", smaller(samples), smaller(mask.astype(np.uint8)) > 0, split="test"),
        example(tmp_path, "noise", with_disc(1, 384, 512)[0], grown(mask, 8)),
        example(tmp_path, "empty", scene(2), np.zeros((96, 128), bool)),
        example(tmp_path, "full", scene(3), np.ones((96, 128), bool)),
        example(tmp_path, "size", scene(4), np.ones((97, 128), bool)),
        example(tmp_path, "unreadable", scene(5)),
    ]
    examples[-1].image.unlink()
    problems = validate(examples)
    assert {problem.what for problem in problems} == {
        "unreadable",
        "size",
        "empty",
        "full",
        "duplicate",
        "near-duplicate",
        "noise",
    }
    assert [e.name for e in without(examples, problems)] == ["a", "copy", "near", "noise"]
    assert without(examples, []) == examples


def test_a_package_that_is_missing_is_no_problem_of_the_set(tmp_path, monkeypatch):
    savemat(tmp_path / "map.mat", {"x": np.ones((96, 128), np.uint8)})
    monkeypatch.setitem(sys.modules, "scipy.io", None)  # as if it were not installed
    with pytest.raises(MissingExtra):
        validate([example(tmp_path, "a", scene(0), truth=FolderMask(tmp_path / "map.mat"))])


def test_cmyk_and_16_bit_pictures_are_looked_at_too(tmp_path):
    mask = disc_mask(96, 128)
    examples: Sequence[Example] = [
        Example(
            name=space,
            image=save_photo(tmp_path / f"{space}.tif", disc_photo(96, 128, space=space, bits=16), space=space),
            truth=MaskFile(save_photo(tmp_path / "mask.png", mask[..., None].astype(np.uint8) * 255)),
            kind="x",
            source="",
            split="train",
        )
        for space in ("grey", "rgb", "cmyk")
    ]
    assert tifffile.imread(examples[2].image).dtype == np.uint16
    assert found(examples) == []
