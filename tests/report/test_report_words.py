from __future__ import annotations

import pytest

from deepetch.report.words import (
    count_text,
    measure_name,
    plain_text,
    score_text,
    shortened,
    size_text,
    time_text,
    value_text,
)


@pytest.mark.parametrize(
    ("measure", "name"),
    [
        ("iou", "IoU"),
        ("val_iou", "validation IoU"),
        ("val_iou_red_boxes", "validation IoU, red_boxes"),
        ("boundary_f", "boundary F"),
        ("val_loss", "validation loss"),
        ("hair_error", "hair error"),
    ],
)
def test_measures_have_names_in_words(measure, name):
    assert measure_name(measure) == name


def test_numbers_read_as_a_reader_expects():
    assert (score_text(0.91234), score_text(-0.5), score_text(1234.56)) == ("0.9123", "-0.5000", "1,234.6")
    assert (score_text(float("nan")), count_text(12345.0)) == ("–", "12,345")
    assert (time_text(3), time_text(303.4), time_text(7500)) == ("3 s", "5 min 3 s", "2 h 5 min")
    assert (size_text(12), size_text(7_654_321), size_text(2_500_000_000)) == ("12 bytes", "7.7 MB", "2.5 GB")


def test_values_of_tables_are_plain_and_tell_no_folders():
    assert value_text([32, 64]) == "32, 64"
    assert value_text(None) == value_text([]) == "–"
    assert value_text(True) == "true"
    assert value_text(0.003) == "0.003"
    assert value_text("/home/somebody/secret/set.pack") == "…/set.pack"
    assert value_text(r"C:\Users\somebody\set.pack") == "…/set.pack"
    assert value_text("data/set.pack") == "data/set.pack"


def test_text_that_no_file_can_hold_becomes_visible():
    assert plain_text("sch\udcf6n") == r"sch\udcf6n"
    assert plain_text("a\0b\nc\u202ed") == r"a\x00b c\x202ed"
    assert plain_text("schön 靴") == "schön 靴"


def test_long_names_lose_their_middle():
    assert shortened("a" * 26) == "a" * 26
    short = shortened("beginning-" + "x" * 40 + "-end")
    assert len(short) == 26
    assert short.startswith("beginning-")
    assert short.endswith("-end")
