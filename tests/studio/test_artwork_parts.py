"""What artwork is composed of: colours, letters, words, patterns, figures, motifs."""

from __future__ import annotations

import numpy as np
import pytest

from deepetch.studio.figures import print_animal, print_person, print_portrait
from deepetch.studio.motifs import MOTIFS, print_motifs
from deepetch.studio.paint import coverage_of, ellipse, fill, rectangle, rounded_curve, two_inks
from deepetch.studio.palette import contrast, draw_palette, legible, oklch
from deepetch.studio.patterns import PATTERNS, paint_base
from deepetch.studio.symbols import PICTOGRAMS, print_pictogram
from deepetch.studio.typography import (
    Lettering,
    bend,
    draw_lettering,
    fit_line,
    print_at,
    print_paragraph,
    rotate,
    set_line,
    thickened,
)
from deepetch.studio.wording import draw_brand, draw_nutrition, draw_sentence

FIGURES = [print_portrait, print_person, print_animal]


def generator(seed=1):
    return np.random.default_rng(seed)


@pytest.mark.parametrize(
    ("polar", "colour"),
    # corners of sRGB as Oklab's author and the CSS Color 4 drafts give them
    [
        ((1, 0, 0), (255, 255, 255)),
        ((0, 0, 0), (0, 0, 0)),
        ((0.62796, 0.25768, 29.234), (255, 0, 0)),
        ((0.86644, 0.29483, 142.495), (0, 255, 0)),
        ((0.45201, 0.31321, 264.052), (0, 0, 255)),
    ],
)
def test_oklch_gives_the_corners_of_srgb(polar, colour):
    assert np.abs(np.subtract(oklch(*polar), colour)).max() <= 1  # five digits of a constant


def test_contrast_of_black_and_white_is_21():
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast((90, 90, 90), (90, 90, 90)) == 1


@pytest.mark.parametrize(("mood", "low", "high"), [("white", 150, 255), ("black", 0, 110)])
def test_quiet_palettes_are_quiet_in_every_colour(mood, low, high):
    for seed in range(40):
        palette = draw_palette(generator(seed), mood)
        colours = np.array([palette.base, palette.second, palette.accent, palette.ink, palette.paper])
        assert low <= colours.min()
        assert colours.max() <= high


def test_text_stands_out_from_any_ground_in_a_palette_that_is_not_quiet():
    draw = generator()
    for _ in range(300):
        palette = draw_palette(draw, "bright")
        ground = tuple(int(value) for value in draw.integers(0, 256, 3))
        assert contrast(legible(palette, ground), ground) >= 3


def test_area_of_a_filled_outline_is_the_outlines():
    # OpenCV's smoothed polygons reach up to half a pixel beyond their outline
    disc = coverage_of(ellipse(100, 100, 60, 40, 30), (200, 200)).sum() / 255
    assert disc == pytest.approx(np.pi * 60 * 40, rel=0.03)
    box = coverage_of(rectangle(20, 30, 120, 90, 10), (200, 200)).sum() / 255
    assert box == pytest.approx(100 * 60 - (4 - np.pi) * 10**2, rel=0.04)


def test_smooth_curve_passes_through_its_corners():
    corners = np.array([(0, 0), (10, 0), (13, 8), (2, 9)], float)
    curve = rounded_curve(corners, steps=5)
    assert np.allclose(curve[::5], corners)
    open_curve = rounded_curve(corners, closed=False, steps=5)
    assert np.allclose(open_curve[[0, 5, 10, 15]], corners)


def test_shaded_fill_is_lighter_at_the_upper_left():
    canvas = np.zeros((100, 100, 3), np.uint8)
    fill(canvas, ellipse(50, 50, 45, 45), (120, 120, 120), shade=0.8)
    assert canvas[36, 36, 0] > 140
    assert canvas[75, 75, 0] < 110
    assert canvas[2, 2, 0] == 0


def test_two_inks_keep_nothing_but_the_way_between_them():
    canvas = generator().integers(0, 256, (20, 20, 3)).astype(np.uint8)
    two_inks(canvas, (10, 0, 40), (250, 200, 40))
    assert (canvas[..., 2] == 40).all()
    assert canvas[..., 0].min() >= 10


def test_fitted_line_fills_its_box_in_one_direction_and_leaves_it_in_none():
    draw = generator(3)
    for _ in range(60):
        width, height = draw.uniform(20, 400), draw.uniform(8, 120)
        line = fit_line("Kelora Mills", draw_lettering(draw), width, height)
        assert line.shape[1] <= width
        assert line.shape[0] <= height
        assert line.any()
        # whole font sizes and stroke widths leave a little; tiny print is shrunk
        assert line.shape[1] >= 0.75 * width - 4 or line.shape[0] >= 0.75 * height - 4


def test_text_without_ink_is_one_empty_pixel():
    assert set_line("  ", Lettering(), 30).tolist() == [[0]]


def test_weight_slant_and_stretch_do_what_they_say():
    plain = set_line("HIH", Lettering(), 60)
    assert set_line("HIH", Lettering(weight=0.1), 60).sum() > 1.15 * plain.sum()
    assert set_line("HIH", Lettering(stretch=1.5), 60).shape[1] == pytest.approx(1.5 * plain.shape[1], abs=3)
    slanted = set_line("I", Lettering(slant=0.3), 60)
    ink = slanted > 128
    assert np.flatnonzero(ink[3]).mean() > np.flatnonzero(ink[-4]).mean() + 8


def test_bent_line_lies_on_its_circle():
    line = np.full((10, 100), 255, np.uint8)
    for upward in (True, False):
        bent = bend(line, 60, upward=upward)
        y, x = np.nonzero(bent > 128)
        middle = (bent.shape[0] - 1) / 2
        away = np.hypot(y - middle, x - middle)
        assert away.min() > 59
        assert away.max() < 71
        assert ((y < middle) == upward).all()
        # an arc of 100 pixels at the feet, radius 60, is wider outside
        assert (bent > 128).sum() == pytest.approx(100 / 60 * (70**2 - 60**2) / 2, rel=0.05)


def test_turned_line_keeps_its_ink():
    line = np.full((20, 80), 255, np.uint8)
    assert rotate(line, 30).sum() / 255 == pytest.approx(1600, rel=0.03)
    assert rotate(line, 90).shape[0] >= 80


def test_thickened_line_grows_on_every_side():
    grown = thickened(np.full((1, 1), 255, np.uint8), 3)
    assert grown.shape == (7, 7)
    assert grown[3].all()
    assert not grown[0, 0]


def test_print_beyond_the_canvas_is_cut_off():
    canvas = np.zeros((10, 10, 3), np.uint8)
    print_at(canvas, np.full((8, 8), 255, np.uint8), 0, 0, (9, 9, 9))
    assert (canvas[:4, :4] == 9).all()
    assert canvas.sum() == 16 * 27
    print_at(canvas, np.full((8, 8), 255, np.uint8), 40, 40, (9, 9, 9))
    assert canvas.sum() == 16 * 27


def test_paragraph_stays_within_its_height():
    canvas = np.zeros((100, 120, 3), np.uint8)
    used = print_paragraph(canvas[:60], "water and oats " * 30, 9, (255, 255, 255))
    assert 40 < used <= 60
    assert canvas[:60].any()
    assert not canvas[60:].any()
    assert print_paragraph(canvas[:4], "water", 9, (255, 255, 255)) == 0


def test_words_are_letters_that_alternate_enough_to_be_said():
    draw = generator()
    brands = [draw_brand(draw) for _ in range(300)]
    assert len(set(brands)) > 250
    for brand in brands:
        first = brand.split(" ")[0]
        assert first.isalpha()
        assert first[0].isupper()
        runs = "".join("v" if letter in "aeiouy" else "c" for letter in first.lower().replace("qu", "k"))
        assert "cccc" not in runs
        assert "vvv" not in runs


def test_sentence_has_the_words_asked_for():
    sentence = draw_sentence(generator(), 7)
    assert len(sentence.split()) == 7
    assert sentence.endswith(".")


def test_portion_of_a_nutrition_table_is_a_part_of_100_g():
    for row in draw_nutrition(generator()):
        assert float(row[2].split()[0]) <= float(row[1].split()[0])


@pytest.mark.parametrize("name", PATTERNS)
def test_pattern_prints_a_second_colour_and_the_same_again(name):
    palette = draw_palette(generator(), "bright")
    drawn = []
    for _ in range(2):
        canvas = np.empty((90, 160, 3), np.uint8)
        canvas[:] = palette.base
        PATTERNS[name](generator(7), canvas, palette)
        drawn.append(canvas)
    assert np.array_equal(*drawn)
    assert 0.01 < (drawn[0] != palette.base).any(2).mean() <= 1
    assert len(np.unique(drawn[0].reshape(-1, 3), axis=0)) > 1


def test_plain_and_lively_bases_are_told_apart():
    palette, told = draw_palette(generator(), "bright"), set()
    for seed in range(40):
        canvas = np.empty((60, 60, 3), np.uint8)
        lively = paint_base(generator(seed), canvas, palette)
        told.add(lively)
        if lively:
            assert canvas.reshape(-1, 3).std(0).max() > 3
    assert told == {True, False}


@pytest.mark.parametrize("print_figure", FIGURES)
@pytest.mark.parametrize("shape", [(300, 220), (120, 400), (400, 90)])
def test_figures_stay_on_their_part_of_a_canvas(print_figure, shape):
    whole = np.full((shape[0] + 20, shape[1] + 20, 3), 77, np.uint8)
    print_figure(generator(), whole[10:-10, 10:-10], draw_palette(generator()))
    assert (whole[10:-10, 10:-10] != 77).any(2).mean() > 0.03
    whole[10:-10, 10:-10] = 77
    assert (whole == 77).all()


@pytest.mark.parametrize("print_figure", FIGURES)
def test_figures_differ(print_figure):
    palette, drawn = draw_palette(generator()), []
    for seed in range(12):
        canvas = np.full((120, 90, 3), 200, np.uint8)
        print_figure(generator(seed), canvas, palette)
        drawn.append(canvas.tobytes())
    assert len(set(drawn)) >= 9  # animals are cartoons of few parts: two may come out alike


@pytest.mark.parametrize("print_figure", FIGURES)
def test_canvas_too_small_for_a_figure_stays_as_it_is(print_figure):
    canvas = np.full((8, 200, 3), 77, np.uint8)
    print_figure(generator(), canvas, draw_palette(generator()))
    assert (canvas == 77).all()


@pytest.mark.parametrize("name", MOTIFS)
def test_motif_shows(name):
    canvas = np.full((120, 150, 3), 253, np.uint8)
    print_motifs(generator(), canvas, draw_palette(generator(), "bright"), name)
    assert 0.02 < (canvas != 253).any(2).mean() < 0.9


def test_pictograms_differ():
    drawn = []
    for name in PICTOGRAMS:
        canvas = np.zeros((60, 60, 3), np.uint8)
        print_pictogram(name, canvas, 30, 30, 22, (255, 255, 255))
        drawn.append(canvas.tobytes())
    assert len(set(drawn)) == len(PICTOGRAMS)
