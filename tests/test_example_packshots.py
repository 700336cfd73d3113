"""The packshots that lie in the repository: what they are, and that the default model is good at them."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from deepetch.datasets.example import read_example
from deepetch.datasets.read import read_dataset
from deepetch.evaluate import score
from deepetch.inference.session import load_model
from deepetch.matte.refine import refine_alpha
from deepetch.options import DataOptions, MatteOptions
from deepetch.photo.read import read_photo
from deepetch.photo.view import working_view
from deepetch.segment.segment import segment
from deepetch.studio.bench import BENCH_CLASSES, bench_scenes

FOLDER = Path(__file__).parents[1] / "examples" / "packshots"


@pytest.fixture(scope="module")
def examples():
    return read_dataset(FOLDER, DataOptions(split="test"))


def test_two_pictures_of_each_class(examples):
    assert sorted(example.kind for example in examples) == sorted([*BENCH_CLASSES] * 2)
    sizes = {scene.name: (scene.height, scene.width) for scene in bench_scenes(each=2, size=240)}
    for example in examples:
        photo, alpha = read_example(example)
        assert alpha.shape == (photo.height, photo.width) == sizes[example.name]


def test_alpha_of_opaque_products_is_soft_at_borders_alone(examples):
    opaque = [name for name, row in BENCH_CLASSES.items() if row.traits == ("opaque",)]
    for example in examples:
        _, alpha = read_example(example)
        inside = alpha[cv2.erode((alpha > 0).astype(np.uint8), np.ones((13, 13), np.uint8)) > 0]
        if example.kind in opaque:
            assert (inside < 1).mean() < 0.02  # narrow gaps, blurred
        elif example.kind == "glass":
            assert np.any(inside < 0.95)


@pytest.mark.parametrize("kind", ["printed faces", "white on white"])
@pytest.mark.parametrize("scale", [1, 4])
def test_drawing_the_border_punches_no_holes(examples, kind, scale):
    model = load_model("default")
    for example in (example for example in examples if example.kind == kind):
        photo, true = read_example(example)
        size = photo.width * scale, photo.height * scale
        samples = cv2.resize(photo.samples, size, interpolation=cv2.INTER_CUBIC)
        true = cv2.resize(true, size, interpolation=cv2.INTER_LINEAR)
        reach = np.ones((8 * scale + 1, 8 * scale + 1), np.uint8)  # four pixels of the picture
        inside, outside = cv2.erode(true, reach) == 1, cv2.dilate(true, reach) == 0
        found = segment(model, working_view(photo, model.spec.input_size)).alpha
        exact = np.clip(cv2.resize(true, found.shape[::-1], interpolation=cv2.INTER_AREA), 0, 1)
        drawn = refine_alpha(samples, exact)
        assert (drawn[inside] == 255).all()
        assert (drawn[outside] == 0).all()
        drawn, plain = (refine_alpha(samples, found, MatteOptions(refine=method)) for method in ("refiner", "none"))
        assert not (inside & (plain >= 192) & (drawn < 64)).any()
        assert not (outside & (plain < 64) & (drawn >= 192)).any()
        missing_before, missing = ((inside & (alpha < 128)).sum() for alpha in (plain, drawn))
        assert missing <= missing_before + 0.002 * inside.sum()


def test_several_products_are_several_instances(examples):
    for example in examples:
        instances = read_photo(FOLDER / "instances" / f"{example.name}.png").samples[..., 0]
        count = len(np.unique(instances)) - 1
        assert 3 <= count <= 5 if example.kind == "several products" else count == 1


def test_default_model_finds_what_stands_on_its_own(examples):
    model = load_model("default")
    for example in examples:
        if example.kind in ("printed faces", "holes", "thin parts"):
            photo, true = read_example(example)
            assert score(model, photo, true, MatteOptions(), name=example.name, kind=example.kind).iou > 0.8
