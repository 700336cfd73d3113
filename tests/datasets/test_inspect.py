from __future__ import annotations

import cv2
import numpy as np
import pytest
import pyvips

from deepetch.datasets.example import Example
from deepetch.datasets.index import read_index
from deepetch.datasets.inspect import inspect, vertices_per_100_px
from deepetch.datasets.objects import Annotation, LabelledObject, Rectangle
from deepetch.datasets.truth import MaskFile, NoSubject, Objects
from drawn_subjects import disc_mask, disc_photo, save_data_set, save_photo


def polygon(corners):
    """A regular polygon of 400 px across."""
    angles = np.arange(corners) * 2 * np.pi / corners + 0.1
    points = np.stack([250 + 200 * np.cos(angles), 250 + 200 * np.sin(angles)], axis=1)
    mask = np.zeros((500, 500), np.uint8)
    cv2.fillPoly(mask, [np.rint(points).astype(np.int32)], 1)
    return mask > 0


@pytest.mark.parametrize("corners", [4, 6, 12])
def test_a_polygon_needs_its_own_corners(corners):
    perimeter = 2 * 200 * corners * np.sin(np.pi / corners)
    # the chain of pixels along a slanted side is up to 8 % longer than the side; a blunt corner may count twice
    assert vertices_per_100_px(polygon(corners)) == pytest.approx(100 * corners / perimeter, rel=0.3)


def test_a_ragged_edge_needs_many_more():
    ragged = polygon(12)
    ragged[::4, :] &= polygon(4)[::4, :]
    assert vertices_per_100_px(ragged) > 2 * vertices_per_100_px(polygon(12))


def test_nothing_has_no_corners():
    assert vertices_per_100_px(np.zeros((5, 5), bool)) == 0


def test_summary_counts_what_the_set_holds(tmp_path):
    folder = save_data_set(tmp_path)
    examples = read_index(folder)
    done = []
    summary = inspect(examples, progress=done.append)
    assert sum(summary.pictures.values()) == len(examples) == len(done)
    assert summary.pictures["train", "people"] >= 1
    sizes = [pyvips.Image.new_from_file(str(example.image)) for example in examples]
    widths, heights = [image.width for image in sizes], [image.height for image in sizes]
    assert (summary.width.least, summary.width.median) == (min(widths), np.median(widths))
    assert summary.height.greatest == max(heights)
    assert summary.foreground.least == pytest.approx(disc_mask().mean(), rel=0.2)
    assert summary.categories == {}
    assert summary.unread == ()


def test_classes_are_counted_by_object(tmp_path):
    image = save_photo(tmp_path / "a.png", disc_photo())
    things = [LabelledObject(category=name, shapes=(Rectangle(0, 0, 9, 9),)) for name in ("jar", "jar", "lid")]
    truth = Objects(lambda: Annotation(height=96, width=128, objects=tuple(things)), None, "a")
    example = Example(name="a", image=image, truth=truth, kind="packs", source="", split="train")
    assert inspect([example]).categories == {"jar": 2, "lid": 1}


def test_what_cannot_be_read_is_listed_with_its_reason(tmp_path):
    image = save_photo(tmp_path / "a.png", disc_photo())
    bad = Example(name="b", image=image, truth=MaskFile(tmp_path / "no.png"), kind="x", source="", split="train")
    good = Example(name="a", image=image, truth=NoSubject(), kind="x", source="", split="train")
    summary = inspect([bad, good])
    assert summary.pictures == {("train", "x"): 2}
    assert [name for name, _ in summary.unread] == ["b"]
    assert "no.png" in summary.unread[0][1]
    assert summary.width.least == 128
    assert summary.foreground is None


def test_an_empty_set_is_empty():
    summary = inspect([])
    assert (summary.pictures, summary.width, summary.vertices, summary.unread) == ({}, None, None, ())
