from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from judge import auc, fit_logistic, tell_patches, tell_traits
from patches import SIDE, Patches, draw_patches, has_border
from pictures import Picture, as_side, fold_numbers, read_pictures
from summary import trait_lines
from traits import TRAITS, distance, measured

from compare import main, surest
from deepetch.errors import DatasetError

SMALL = {"folds": 2, "steps": 20, "seed": 0, "widths": (4, 8)}


def picture(number, side, *, noise=3.0, group="", seed=None):
    """Soft blobs of any colours under noise, with a disc before them."""
    draw = np.random.default_rng(number if seed is None else (seed, number))
    blobs = cv2.resize(draw.random((5, 6, 3)), (120, 96), interpolation=cv2.INTER_CUBIC)
    rows, columns = np.mgrid[:96, :120]
    mask = np.hypot(rows - 48, columns - 60) < 25
    view = np.where(mask[..., None], draw.random(3), 0.3 + 0.4 * blobs) + draw.normal(0, noise / 255, (96, 120, 3))
    return Picture(
        name=f"{number:03d}",
        image=Path(f"{side}-{number:03d}.png"),
        kind=side,
        view=view.clip(0, 1).astype(np.float32),
        mask=mask,
        blockiness=1.0,
        group=group,
    )


def noisy(number):
    return (0.5 + np.random.default_rng(number).normal(0, 4 / 255, (96, 120, 3))).astype(np.float32)


def told(pictures, *, border=False, encoded=True):
    """The verdict on the middles of patches, which are quicker."""
    patches = draw_patches(pictures, 4, np.random.default_rng(0), border=border, encoded=encoded)
    return tell_patches(pictures, Patches(patches.levels[:, :, 16:48, 16:48], patches.places), "a", **SMALL)


def test_two_halves_of_one_set_are_not_told_apart():
    # of one colour all, so that chance finds little to hold on to
    pictures = [replace(picture(number, "ab"[number % 2]), view=noisy(number)) for number in range(40)]
    verdict = told(pictures, encoded=False)
    assert verdict.patches.value == pytest.approx(0.5, abs=0.14)  # thrice the deviation, of 40 patches a fold and side
    assert verdict.patches.low < 0.5 < verdict.patches.high
    assert verdict.pictures.low < 0.5 < verdict.pictures.high


def test_sets_of_other_noise_are_told_apart_by_patches_and_by_statistics():
    pictures = [picture(number, "ab"[number % 2], noise=(0.0, 14.0)[number % 2]) for number in range(24)]
    verdict = told(pictures, border=True)
    assert verdict.patches.value > 0.95
    assert verdict.pictures.value > 0.95
    baseline, weights = tell_traits(pictures, measured(pictures), "a", folds=3, seed=0)
    assert baseline.value > 0.95
    assert weights["noise"] < 0


def test_same_seed_gives_the_same_scores():
    pictures = [picture(number, "ab"[number % 2]) for number in range(9)]
    options = SMALL | {"steps": 3}
    patches = [draw_patches(pictures, 4, np.random.default_rng(1), border=False, encoded=True) for _ in range(2)]
    first, second = (tell_patches(pictures, drawn, "a", **options).scores for drawn in patches)
    assert np.array_equal(first, second)


def test_every_picture_is_in_one_fold_with_its_group_and_sides_are_spread():
    pictures = [picture(number, "ab"[number % 3 == 0], group=f"g{number // 2}" * (number < 12)) for number in range(40)]
    fold = fold_numbers(pictures, 5, seed=3)
    assert sorted(set(fold)) == [0, 1, 2, 3, 4]
    for number in range(0, 12, 2):
        assert fold[number] == fold[number + 1]
    singles = np.array([p.kind == "a" and not p.group for p in pictures])
    assert np.ptp(np.bincount(fold[singles], minlength=5)) <= 2


def test_network_never_judges_pictures_it_saw():
    pictures = [picture(number, "ab"[number % 2]) for number in range(8)]
    # a flat colour a picture: its side is known to those alone that saw it
    colours = np.random.default_rng(0).integers(0, 256, (8, 1, 1, 1, 3), np.uint8)
    marked = Patches(np.broadcast_to(colours, (8, 2, 16, 16, 3)).copy(), np.zeros((8, 2, 2), int))
    assert tell_patches(pictures, marked, "a", **SMALL | {"steps": 40}).patches.value < 0.7
    # pictures that are there twice come into both folds
    twice = Patches(np.concatenate([marked.levels] * 2), np.concatenate([marked.places] * 2))
    assert tell_patches([*pictures, *pictures], twice, "a", **SMALL | {"steps": 40}).patches.value > 0.9


def test_auc_is_the_share_of_pairs_in_order_within_folds():
    draw = np.random.default_rng(2)
    scores, rendered, fold = draw.integers(0, 5, (30, 2)) * 1.0, np.arange(30) % 3 == 0, np.arange(30) % 4
    right = pairs = 0.0
    for ours in np.flatnonzero(rendered):
        for theirs in np.flatnonzero(~rendered & (fold == fold[ours])):
            for a in scores[ours]:
                right += (a > scores[theirs]).sum() + 0.5 * (a == scores[theirs]).sum()
                pairs += 2
    found = auc(scores, rendered, fold, seed=0)
    assert found.value == pytest.approx(right / pairs)
    assert found.low < found.value < found.high


def test_interval_is_wide_with_few_pictures_however_many_patches():
    draw = np.random.default_rng(3)
    each = draw.normal(size=(12, 1)) + 0.01 * draw.normal(size=(12, 50))
    found = auc(each, np.arange(12) % 2 == 0, np.zeros(12, int), seed=0)
    assert found.high - found.low > 0.3


def test_logistic_regression_has_no_slope_left_at_its_weights():
    draw = np.random.default_rng(4)
    values = draw.normal(size=(80, 3))
    rendered = values[:, 0] + draw.normal(size=80) > 0.7
    fitted = fit_logistic(values, rendered)

    def loss(weights):
        share = np.where(rendered, 0.5 / rendered.mean(), 0.5 / (1 - rendered.mean()))
        answer = np.where(rendered, 1, -1) * (values @ weights[1:] + weights[0])
        return (share * np.log1p(np.exp(-answer))).sum() + (weights[1:] ** 2).sum() / 2

    for index in range(4):
        step = 1e-4 * np.eye(4)[index]
        assert (loss(fitted + step) - loss(fitted - step)) / 2e-4 == pytest.approx(0, abs=1e-5)


def test_patches_are_cut_where_they_are_said_to_lie():
    one = picture(0, "a")
    for border in (False, True):
        drawn = draw_patches([one], 8, np.random.default_rng(5), border=border, encoded=False)
        for levels, (row, column) in zip(drawn.levels[0], drawn.places[0], strict=True):
            there = one.view[row : row + SIDE, column : column + SIDE]
            assert np.abs(levels / 255 - there).max() <= 0.5 / 255 + 1e-6
            if border:
                inside = one.mask[row : row + SIDE, column : column + SIDE]
                assert inside.any()
                assert not inside.all()


def test_encoded_patches_stay_near_their_place_and_blocks_begin_anywhere():
    one = picture(1, "a", noise=1.0)
    drawn = draw_patches([one] * 20, 1, np.random.default_rng(6), border=False, encoded=True)
    for levels, (row, column) in zip(drawn.levels[:, 0], drawn.places[:, 0], strict=True):
        there = one.view[row : row + SIDE, column : column + SIDE]
        assert np.abs(levels / 255 - there).mean() < 0.02


def test_blank_grounds_are_passed_over():
    white = picture(2, "a")
    white.view[:, :50] = 1
    drawn = draw_patches([white], 30, np.random.default_rng(7), border=False, encoded=False)
    assert (drawn.levels == 255).all(-1).mean((2, 3)).max() <= 0.5


def test_narrow_picture_is_continued():
    one = picture(3, "a")
    strip = Picture(name="s", image=one.image, kind="a", view=one.view[:40], mask=one.mask[:40], blockiness=1.0)
    drawn = draw_patches([strip], 2, np.random.default_rng(8), border=True, encoded=True)
    assert drawn.levels.shape == (1, 2, SIDE, SIDE, 3)
    assert has_border(strip)
    assert not has_border(Picture(name="n", image=one.image, kind="a", view=one.view, mask=None, blockiness=1.0))


def test_surest_patches_are_ours_and_two_of_a_picture():
    scores = np.array([[9.0, 8.0, 7.0], [10.0, 10.0, 10.0], [1.0, 5.0, 2.0]])
    assert surest([True, False, True], scores) == [(0, 0), (0, 1), (2, 1), (2, 2)]


def test_distance_is_the_largest_gap_between_shares():
    first, second = np.array([1.0, 2, 3, 4, np.nan]), np.array([3.0, 4, 5, 6])
    assert distance(first, second) == pytest.approx(0.5)
    assert np.isnan(distance(first, np.array([np.nan])))


def test_table_has_a_row_a_statistic_and_leaves_unknown_ones_empty():
    table = measured([picture(number, "a") for number in range(3)])
    assert table.shape == (3, len(TRAITS))
    table[:, [trait.name for trait in TRAITS].index("foreground")] = np.nan
    lines = [line for line in trait_lines({"renders": table, "photographs": table}) if line.startswith("| ")]
    assert len(lines) == 1 + len(TRAITS)
    assert "| foreground, % |  |  |  |" in lines
    assert "noise, levels" in lines[3]
    assert lines[3].endswith("| 0.00 |")


def save(folder, pictures):
    folder.mkdir()
    for one in pictures:
        levels = np.rint(one.view[..., ::-1] * 255).astype(np.uint8)
        assert cv2.imwrite(str(folder / f"{one.kind}-{one.name}.png"), levels)


def test_smaller_pictures_are_left_out_and_larger_ones_reduced(tmp_path):
    save(tmp_path / "a", [picture(number, "a") for number in range(2)])
    found, small = read_pictures([tmp_path / "a"], "renders", size=60)
    assert [one.view.shape for one in found] == [(48, 60, 3)] * 2
    assert small == 0
    with pytest.raises(DatasetError, match="got 2 smaller ones"):
        read_pictures([tmp_path / "a"], "renders", size=200)
    (tmp_path / "none").mkdir()
    with pytest.raises(DatasetError, match="got neither"):
        read_pictures([tmp_path / "none"], "renders", size=60)


def test_one_command_writes_the_report_and_no_photograph(tmp_path, monkeypatch, capsys):
    save(tmp_path / "renders", [picture(number, "a", noise=0) for number in range(4)])
    save(tmp_path / "photographs", [picture(number, "b", seed=1) for number in range(8)])
    said = f"compare {tmp_path / 'renders'} {tmp_path / 'photographs'} -o {tmp_path / 'out'} --size 120"
    monkeypatch.setattr("sys.argv", [*said.split(), "--patches", "2", "--steps", "2", "--folds", "2"])
    main()
    report = (tmp_path / "out" / "report.md").read_text()
    assert report.count("\n| ") == 1 + len(TRAITS) + 1 + 3  # no masks, so nothing is asked about borders
    assert "two random halves" in report
    assert report in capsys.readouterr().out
    sheet = cv2.imread(str(tmp_path / "out" / "told-anywhere.png"))
    listed = (tmp_path / "out" / "told-anywhere.csv").read_text().splitlines()[1:]
    assert len(listed) == 8
    assert all(line.startswith("a-") for line in listed)
    assert sheet.shape == (6 + 70, 6 + 8 * 70, 3)
    assert {file.name for file in (tmp_path / "out").iterdir()} == {
        "report.md", "statistics.csv", "statistics.svg", "told-anywhere.csv", "told-anywhere.png"
    }  # fmt: skip


def test_other_side_is_the_same_pictures():
    one = picture(0, "a")
    assert as_side([one], "b")[0].kind == "b"
    assert as_side([one], "b")[0].view is one.view
