"""Training pictures and the benchmark share no family, light, layout, pattern, motif, brand or figure."""

from __future__ import annotations

import math

import numpy as np
import pytest

from deepetch.errors import InvalidOptions
from deepetch.studio import artwork, figures, lights, motifs, patterns, wording
from deepetch.studio.catalogue import FAMILIES, KINDS, build, families
from deepetch.studio.held_out import offered
from deepetch.studio.palette import draw_palette

SEEDS = range(20)
MATERIAL_TRAITS = {
    "opaque": set(),
    "glass": {"clear glass", "frosted glass"},
    "film": {"film", "clear plastic"},
}
CLEAR = {"clear glass", "frosted glass", "clear plastic", "film", "liquid"}
TABLES = {
    "layouts": ({**artwork.UPRIGHT, **artwork.WIDE}, artwork.HELD_OUT_LAYOUTS),
    "patterns": (patterns.PATTERNS, patterns.HELD_OUT_PATTERNS),
    "motifs": (motifs.MOTIFS, motifs.HELD_OUT_MOTIFS),
    "cuts": (figures.HAIR_CUTS, figures.HELD_OUT_CUTS),
    "hats": (figures.HATS, figures.HELD_OUT_HATS),
    "poses": (figures.POSES, figures.HELD_OUT_POSES),
    "animals": (figures.ANIMALS, figures.HELD_OUT_ANIMALS),
    "onsets": (wording.ONSETS, wording.HELD_OUT_ONSETS),
}
CARTON = ((0.3, 0.2), [(0, 0, 0.25, 0.85), (0.25, 0, 0.5, 0.85), (0.5, 0, 0.75, 0.85), (0.75, 0, 1, 0.85)])


class Noting(dict):
    """A table that keeps the names of the rows that were read."""

    def __init__(self, rows):
        super().__init__(rows)
        self.read = set()

    def __getitem__(self, name):
        self.read.add(name)
        return super().__getitem__(name)


def test_the_two_sides_of_a_table_are_all_of_it_in_its_order():
    assert offered("abcde", {"b", "e"}, False) == ("a", "c", "d")
    assert offered("abcde", {"b", "e"}, True) == ("b", "e")
    assert offered((), {"b"}, True) == ()


@pytest.mark.parametrize("table", TABLES)
def test_about_three_in_ten_rows_are_held_out_and_all_of_them_exist(table):
    rows, kept = TABLES[table]
    assert kept <= set(rows)
    assert 0.2 <= len(kept) / len(rows) <= 0.4


def test_about_three_in_ten_families_are_held_out():
    assert 0.25 <= len(families(None, held_out=True)) / len(FAMILIES) <= 0.36


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_families_on_both_sides_and_none_on_both(kind):
    training, benchmark = families([kind], held_out=False), families([kind], held_out=True)
    assert training
    assert benchmark
    assert set(training).isdisjoint(benchmark)
    assert {FAMILIES[name].kind for name in training + benchmark} == {kind}


def test_the_two_sides_are_all_families():
    both = families(None, held_out=False) + families(None, held_out=True)
    assert sorted(both) == sorted(FAMILIES)
    assert families([], held_out=False) == []
    assert "gable-top carton" in families(["carton"], held_out=False)


@pytest.mark.parametrize(("trait", "least"), [("opaque", 5), ("glass", 3), ("film", 3), ("hole", 3), ("thin", 3)])
def test_the_benchmark_has_families_of_every_trait(trait, least):
    assert sum(trait in FAMILIES[name].traits for name in families(None, held_out=True)) >= least


@pytest.mark.parametrize("family", FAMILIES)
def test_traits_of_material_are_what_every_product_of_a_family_shows(family):
    finishes = [{part.material.finish for part in build(family, seed).parts} for seed in SEEDS]
    shown = {trait for trait, some in MATERIAL_TRAITS.items() if some and all(seen & some for seen in finishes)}
    if not any(seen & CLEAR for seen in finishes):
        shown.add("opaque")
    assert shown == FAMILIES[family].traits & set(MATERIAL_TRAITS)


def test_glass_of_the_benchmark_is_clear():
    for name in families(None, held_out=True):
        for seed in range(8) if "glass" in FAMILIES[name].traits else ():
            assert "frosted glass" not in {part.material.finish for part in build(name, seed).parts}


def test_unknown_kinds_and_families_are_refused():
    with pytest.raises(InvalidOptions, match=r"expected carton.*got 'spoon'"):
        families(["can", "spoon"], held_out=False)
    with pytest.raises(InvalidOptions, match="got 'spoon'"):
        build("spoon", 1)


def rows_read(monkeypatch, held_out):
    """Names of all rows that many sheets of one side read, table by table."""
    tables = {
        "upright": Noting(artwork.UPRIGHT),
        "wide": Noting(artwork.WIDE),
        "patterns": Noting(patterns.PATTERNS),
        "motifs": Noting(motifs.MOTIFS),
        "poses": Noting(figures.POSES),
        "animals": Noting(figures.ANIMALS),
    }
    monkeypatch.setattr(artwork, "UPRIGHT", tables["upright"])
    monkeypatch.setattr(artwork, "WIDE", tables["wide"])
    monkeypatch.setattr(patterns, "PATTERNS", tables["patterns"])
    monkeypatch.setattr(motifs, "MOTIFS", tables["motifs"])
    monkeypatch.setattr(figures, "POSES", tables["poses"])
    monkeypatch.setattr(figures, "ANIMALS", tables["animals"])
    for seed in range(160):
        sheet, faces = (((0.1, 0.16), ()), ((0.2, 0.1), ()), CARTON, ((0.03, 0.16), ()))[seed % 4]
        asked = (None, "any")[seed // 4 % 2]
        draw = np.random.default_rng(seed)
        artwork.draw_artwork(draw, sheet, faces, longer_side=64, figure=asked, held_out=held_out)
    monkeypatch.undo()
    return {name: table.read for name, table in tables.items()}


def test_sheets_of_the_two_sides_read_no_row_in_common(monkeypatch):
    training, benchmark = rows_read(monkeypatch, False), rows_read(monkeypatch, True)
    for table in training:
        assert training[table]
        assert benchmark[table]
        assert training[table].isdisjoint(benchmark[table]), table


def test_brands_of_the_two_sides_begin_otherwise():
    draw = np.random.default_rng(1)
    designs = {
        side: [artwork.draw_design(draw, photographs=False, held_out=side) for _ in range(600)]
        for side in (False, True)
    }
    brands = {side: {design.brand for design in drawn} for side, drawn in designs.items()}
    assert brands[False].isdisjoint(brands[True])
    # letters before the first vowel; the u of qu counts as one of them
    starts = {
        side: {
            brand.lower().replace("qu", "q").split(next(c for c in brand.lower().replace("qu", "q") if c in "aeiou"))[0]
            for brand in names
        }
        for side, names in brands.items()
    }
    assert starts[False].isdisjoint(starts[True])
    assert starts[True] == set(wording.HELD_OUT_ONSETS)
    assert {design.motif for design in designs[False]}.isdisjoint({design.motif for design in designs[True]})


def test_people_of_the_two_sides_wear_no_cut_or_hat_in_common():
    draw = np.random.default_rng(1)
    palette = draw_palette(draw)
    looks = {
        side: [figures.draw_person_looks(draw, palette, held_out=side) for _ in range(400)] for side in (False, True)
    }
    assert {one.cut for one in looks[False]}.isdisjoint({one.cut for one in looks[True]})
    assert {one.hat for one in looks[False]} & {one.hat for one in looks[True]} == {None}
    assert all(one.hat is None for one in looks[False] if one.cut == "scarf")


@pytest.mark.parametrize("held_out", [False, True])
@pytest.mark.parametrize("layouts", [artwork.UPRIGHT, artwork.WIDE])
def test_each_side_has_a_layout_for_every_front(layouts, held_out):
    names = offered(layouts, artwork.HELD_OUT_LAYOUTS, held_out)
    pictured = [name for name in names if "picture" in layouts[name]]
    assert set(pictured) - set(artwork.OVER_FACE)
    assert set(names) - set(pictured)


@pytest.mark.parametrize("held_out", [False, True])
def test_each_side_has_a_motif_for_every_trade(held_out):
    for trade in wording.TRADES:
        assert offered(motifs.FITTING.get(trade, motifs.MOTIFS), motifs.HELD_OUT_MOTIFS, held_out)


@pytest.mark.parametrize("figure", ["portrait", "person", "animal"])
def test_a_figure_asked_for_is_on_the_front_whatever_photographs_there_are(figure):
    for seed in range(40):
        design = artwork.draw_design(np.random.default_rng(seed), photographs=True, figure=figure)
        assert design.figure == figure
        assert design.picture == "figure"


def test_any_figure_is_one_of_all():
    draw = np.random.default_rng(3)
    designs = [artwork.draw_design(draw, photographs=False, figure="any", held_out=True) for _ in range(60)]
    assert {design.figure for design in designs} == {"portrait", "person", "animal"}


def test_no_light_is_on_both_sides():
    assert len(lights.HELD_OUT_LIGHTS) >= 5
    assert lights.LIGHTS.keys().isdisjoint(lights.HELD_OUT_LIGHTS)
    assert set(lights.LIGHTS.values()).isdisjoint(lights.HELD_OUT_LIGHTS.values())


@pytest.mark.parametrize("name", lights.HELD_OUT_LIGHTS)
def test_lights_stand_above_the_ground_outside_the_products_and_the_same_again(name):
    for seed in range(20):
        lamps, world = lights.HELD_OUT_LIGHTS[name](np.random.default_rng(seed), 0.3)
        assert lamps
        assert (lamps, world) == lights.HELD_OUT_LIGHTS[name](np.random.default_rng(seed), 0.3)
        for lamp in lamps:
            assert lamp.position[2] > 0
            assert math.dist(lamp.position, (0, 0, 0)) > 1.5 * 0.3
            assert lamp.power > 0


@pytest.mark.parametrize("name", lights.HELD_OUT_LIGHTS)
def test_lights_grow_with_what_they_light(name):
    near, _ = lights.HELD_OUT_LIGHTS[name](np.random.default_rng(4), 0.2)
    far, _ = lights.HELD_OUT_LIGHTS[name](np.random.default_rng(4), 0.4)
    for one, other in zip(near, far, strict=True):
        assert np.allclose(np.multiply(one.position, 2), other.position)
        assert np.allclose(np.multiply(one.size, 2), other.size)
        assert other.power == pytest.approx(4 * one.power)  # the same irradiance at twice the distance


def test_bare_bulb_lights_the_near_side_more_than_a_far_lamp_does():
    def fall(setup):
        lamps, _ = setup(np.random.default_rng(2), 0.3)
        away = [math.dist(lamp.position, (0, 0, 0)) for lamp in lamps]
        return ((min(away) + 0.3) / (min(away) - 0.3)) ** 2

    assert fall(lights.bare_bulb) > 2 * fall(lights.hard)
