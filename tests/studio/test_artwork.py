from __future__ import annotations

import time

import cv2
import numpy as np
import pytest

from deepetch.errors import InvalidArray, InvalidOptions, UnreadablePhoto
from deepetch.studio.artwork import draw_artwork, draw_design, wrap_label
from deepetch.studio.barcode import ean13_modules

CARTON = ((0.3, 0.2), [(0, 0, 0.25, 0.85), (0.25, 0, 0.5, 0.85), (0.5, 0, 0.75, 0.85), (0.75, 0, 1, 0.85)])


def artwork(seed, sheet=(0.1, 0.16), faces=(), **options):
    return draw_artwork(np.random.default_rng(seed), sheet, faces, **options)


def seeds_of_mood(mood, count):
    """Seeds whose sheets have a palette of this mood: the design is what is drawn first."""
    moods = ((seed, draw_design(np.random.default_rng(seed), photographs=False).palette.mood) for seed in range(400))
    return [seed for seed, drawn in moods if drawn == mood][:count]


@pytest.mark.parametrize(
    ("sheet", "longer_side", "shape"),
    [((0.3, 0.2), 600, (400, 600, 3)), ((0.05, 0.2), 400, (400, 100, 3)), ((0.2, 0.001), 100, (1, 100, 3))],
)
def test_sheet_has_the_proportion_asked_for(sheet, longer_side, shape):
    drawn = artwork(1, sheet, longer_side=longer_side)
    assert drawn.shape == shape
    assert drawn.dtype == np.uint8


def test_same_generator_state_gives_the_same_sheet():
    first, again, other = artwork(5, *CARTON), artwork(5, *CARTON), artwork(6, *CARTON)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("seed", range(24))
def test_any_proportion_and_size_can_be_drawn(seed):
    draw = np.random.default_rng(seed)
    sheet = draw.uniform(0.01, 0.5), draw.uniform(0.01, 0.5)
    left, bottom = draw.uniform(0, 0.5, 2)
    faces = [(left, bottom, left + 0.45, bottom + 0.45), (0.9, 0, 1, 1), (0.5, 0.999, 0.5001, 1)]
    drawn = draw_artwork(draw, sheet, faces, longer_side=int(draw.choice([1, 7, 40, 150, 500])))
    assert drawn.ndim == 3


def test_front_is_composed_where_its_face_lies():
    # flat bases have no detail of their own, so detail shows where something is printed
    inside, outside = [], []
    for seed in range(30):
        drawn = artwork(seed, (0.2, 0.2), [(0.1, 0.6, 0.5, 0.95)], longer_side=300).astype(float)
        detail = np.abs(np.diff(drawn.sum(2), axis=1)) > 20
        inside.append(detail[15:120, 30:149].mean())  # v = 0.95 is row 15
        outside.append(detail[125:, :].mean())
    assert np.median(outside) < 0.002
    assert np.median(inside) > 0.02


def test_white_sheets_stay_white_and_black_ones_black():
    for seed in seeds_of_mood("white", 5):
        drawn = artwork(seed, *CARTON, longer_side=300)
        assert np.median(drawn) > 225
        assert (drawn.max(2) < 128).mean() < 0.12  # bar code, or a figure in its own colours now and then
    for seed in seeds_of_mood("black", 5):
        drawn = artwork(seed, *CARTON, longer_side=300)
        assert np.median(drawn) < 50
        assert (drawn.min(2) > 128).mean() < 0.12


def test_about_a_third_of_the_sheets_carry_a_figure():
    draw = np.random.default_rng(2)
    designs = [draw_design(draw, photographs=False) for _ in range(1500)]
    share = np.mean([design.figure is not None for design in designs])
    assert 0.3 < share < 0.42
    assert {design.figure for design in designs} == {"portrait", "person", "animal", None}
    assert {design.picture for design in designs} == {"figure", "motif", "none"}
    assert all((design.picture == "figure") == (design.figure is not None) for design in designs)


def test_about_half_of_the_sheets_show_a_photograph_if_there_is_one(tmp_path):
    path = tmp_path / "field.png"
    cv2.imwrite(str(path), np.tile(np.uint8([[[200, 30, 150]], [[20, 160, 90]]]), (40, 60, 1)))  # as BGR
    shown = 0
    for seed in range(60):
        drawn = artwork(seed, longer_side=160, pictures=[path]).astype(int)
        shown += (np.abs(drawn - (150, 30, 200)).max(2) < 4).mean() > 0.02
    # half of them have one; of these a quarter is printed in two inks, in which its colours cannot be found
    assert 12 <= shown <= 35


def test_damaged_photograph_is_refused(tmp_path):
    path = tmp_path / "broken.png"
    path.write_bytes(b"no picture")
    seed = next(
        seed for seed in range(50) if draw_design(np.random.default_rng(seed), photographs=True).picture == "photograph"
    )
    with pytest.raises(UnreadablePhoto):
        artwork(seed, longer_side=64, pictures=[path])


def test_bar_code_on_the_side_of_a_carton_has_exact_modules():
    found = 0
    for seed in range(12):
        number = draw_design(np.random.default_rng(seed), photographs=False).number
        side = artwork(seed, *CARTON)[:, 256:512].astype(int).sum(2)
        # a face of 256 pixels, margins taken off, has room for two pixels a module at the most
        bars = ["".join("01"[int(dark)] for dark in np.repeat(ean13_modules(number), module)) for module in (1, 2)]
        rows = ["".join("01"[int(dark)] for dark in row < (row.min() + row.max()) / 2) for row in side]
        found += any(code in row for row in rows for code in bars)
    assert found == 12


def test_a_sheet_takes_less_than_half_a_second():
    artwork(0)  # fonts are loaded once
    start = time.process_time()
    for seed in range(6):
        artwork(seed, *CARTON)
    assert time.process_time() - start < 6 * 0.5


@pytest.mark.parametrize("sheet", [(0, 0.1), (0.1, -1), (float("nan"), 1), (float("inf"), 1)])
def test_impossible_sheet_is_refused(sheet):
    with pytest.raises(InvalidOptions, match="sheet: expected"):
        artwork(1, sheet)


@pytest.mark.parametrize("face", [(0.5, 0, 0.5, 1), (0, 0.6, 1, 0.4), (-0.1, 0, 1, 1), (0, 0, 1, 1.1)])
def test_impossible_face_is_refused(face):
    with pytest.raises(InvalidOptions, match="face: expected"):
        artwork(1, faces=[face])


def test_impossible_size_is_refused():
    with pytest.raises(InvalidOptions, match="longer_side: expected"):
        artwork(1, longer_side=0)


def test_label_fills_the_front_and_its_mean_edge_the_rest():
    label = np.full((50, 100, 3), (200, 40, 10), np.uint8)
    label[1:-1, 1:-1] = (0, 120, 0)
    wrapped = wrap_label(label, (0.2, 0.1), [(0.0, 0.5, 0.5, 1.0)], longer_side=400)
    assert wrapped.shape == (200, 400, 3)
    assert (wrapped[:, 200:] == (200, 40, 10)).all()
    assert (wrapped[100:] == (200, 40, 10)).all()
    assert (wrapped[10:90, 10:190] == (0, 120, 0)).all()


def test_label_of_another_proportion_is_cropped_to_its_middle():
    label = np.zeros((60, 180, 3), np.uint8)
    label[:, 60:120] = 255
    assert (wrap_label(label, (1, 1), (), longer_side=90) == 255).all()
    assert (wrap_label(np.rot90(label).copy(), (1, 1), (), longer_side=30) == 255).all()


@pytest.mark.parametrize(
    "label", [np.zeros((9, 9), np.uint8), np.zeros((9, 9, 3), np.float32), np.zeros((0, 9, 3), np.uint8)]
)
def test_label_of_another_form_is_refused(label):
    with pytest.raises(InvalidArray, match="label: expected uint8"):
        wrap_label(label, (1, 1), ())
