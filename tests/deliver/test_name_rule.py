from __future__ import annotations

from pathlib import Path

import pytest

from deepetch.deliver.name_rule import FIELDS, name_by_rule, names_by_rule, rule_fields, values_of_stem
from deepetch.errors import InvalidOptions

GS1 = "{gtin14}_{type}{facing}{angle}{state}"


def test_the_fields_of_a_rule_in_its_order():
    assert rule_fields(GS1) == ("gtin14", "type", "facing", "angle", "state")
    assert rule_fields("{asin}.MAIN") == ("asin",)


def test_an_unknown_field_is_said_with_those_known():
    with pytest.raises(InvalidOptions) as raised:
        rule_fields("{gtn14}_{type}")
    assert "no field {gtn14}; did you mean {gtin14}?" in str(raised.value)
    assert all(f"{{{name}}}" in str(raised.value) for name in FIELDS)


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "pack",
        "{stem",
        "stem}",
        "{}",
        "{0}",
        "{stem!r}",
        "{stem:>4}",
        "{stem.name}",
        "{stem}/x",
        "{stem}\0",
        "a:{stem}",
    ],
)
def test_what_is_no_rule_is_refused(rule):
    with pytest.raises(InvalidOptions, match="name_rule: "):
        rule_fields(rule)


def test_what_a_stem_says():
    gtin = {"gtin": "4006381333931"}
    assert values_of_stem("4006381333931") == {"stem": "4006381333931"} | gtin
    assert values_of_stem("4006381333931-front left") == {"stem": "4006381333931-front left"} | gtin
    full = {"type": "A", "facing": "1", "angle": "C"}
    assert values_of_stem("4006381333931_A1C") == {"stem": "4006381333931_A1C"} | gtin | full
    assert values_of_stem("4006381333931_A1C1_s02")["state"] == "1"
    assert values_of_stem("B000123456.PT01") == {"stem": "B000123456.PT01", "asin": "B000123456", "variant": "PT01"}
    assert values_of_stem("B000123456") == {"stem": "B000123456", "asin": "B000123456"}


@pytest.mark.parametrize(
    "stem", ["shoe", "BACKGROUND", "B0001234567", "40063813339312345", "4006381333931a", "IMG_4006381333931"]
)
def test_other_stems_say_their_name_only(stem):
    assert values_of_stem(stem) == {"stem": stem}


def test_names_of_gs1_and_amazon():
    assert name_by_rule(GS1, "4006381333931_C1C1") == "04006381333931_C1C1"
    given = {"type": "A", "facing": "7", "angle": "N", "state": "0"}
    assert name_by_rule("{gtin14}_{type}{facing}{angle}", "4006381333931", given=given) == "04006381333931_A7N"
    assert name_by_rule("{asin}.MAIN", "B000123456") == "B000123456.MAIN"
    assert (
        name_by_rule("{asin}.{variant}", "shoe", given={"asin": "B000123456", "variant": "PT02"}) == "B000123456.PT02"
    )
    assert name_by_rule("{stem}-{profile}", "red shoe", profile="zalando") == "red shoe-zalando"
    assert name_by_rule("{gtin}", "4006381333931 (2)") == "4006381333931"


def test_what_is_given_goes_before_what_the_stem_says():
    assert name_by_rule("{gtin14}", "4006381333931", given={"gtin": "5901234123457"}) == "05901234123457"
    assert name_by_rule("{gtin}", "4006381333931", given={"gtin14": "05901234123457"}) == "05901234123457"


def test_a_missing_value_is_said_with_what_it_is():
    with pytest.raises(InvalidOptions, match=r"shoe: the rule needs \{gtin14\}, the GTIN with 14 digits"):
        name_by_rule(GS1, "shoe")
    with pytest.raises(InvalidOptions, match=r"needs \{profile\}"):
        name_by_rule("{stem}-{profile}", "shoe")


def test_a_wrong_check_digit_is_said_with_the_photo():
    with pytest.raises(InvalidOptions, match=r"4006381333930: GTIN: .* would be 1"):
        name_by_rule("{gtin14}", "4006381333930")


def test_a_number_that_the_rule_does_not_use_is_not_checked():
    assert name_by_rule("{stem}-x", "20260131") == "20260131-x"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("type", "a"),
        ("facing", "10"),
        ("angle", "X"),
        ("state", "-"),
        ("asin", "B00"),
        ("variant", "main"),
        ("gtin", "x"),
    ],
)
def test_values_of_the_wrong_form_are_refused(field, value):
    with pytest.raises(InvalidOptions, match=f"{field}: expected"):
        name_by_rule(f"{{{field}}}", "shoe", given={field: value})


def test_a_value_of_no_field_is_refused():
    with pytest.raises(InvalidOptions, match="no field ean; known are stem"):
        name_by_rule("{stem}", "shoe", given={"ean": "1"})


@pytest.mark.parametrize("stem", ["a:b", "a?", "a\\b", "x" * 300, ".hidden", "ends."])
def test_names_that_no_file_may_have_are_refused(stem):
    with pytest.raises(InvalidOptions, match="name"):
        name_by_rule("{stem}", stem)


def test_names_for_many_photos():
    photos = [Path("in/4006381333931.jpg"), Path("in/5901234123457.tif"), Path("in/4006381333931.jpg")]
    assert names_by_rule("{gtin14}", photos) == {photos[0]: "04006381333931", photos[1]: "05901234123457"}


def test_two_photos_of_one_name_are_one_error_that_names_both():
    photos = [Path("a/4006381333931_front.jpg"), Path("b/5901234123457.jpg"), Path("b/04006381333931.png")]
    with pytest.raises(
        InvalidOptions, match=r"a/4006381333931_front.jpg and b/04006381333931.png would both be called 04006"
    ):
        names_by_rule("{gtin14}", photos)


def test_names_that_differ_in_case_only_are_one():
    with pytest.raises(InvalidOptions, match=r"A.jpg and a.png would both"):
        names_by_rule("{stem}", [Path("A.jpg"), Path("a.png")])


def test_values_given_for_each_photo_tell_them_apart():
    photos = [Path("1.jpg"), Path("2.jpg")]
    given = {photo: {"asin": "B000123456", "variant": f"PT0{photo.stem}"} for photo in photos}
    assert list(names_by_rule("{asin}.{variant}", photos, given=given).values()) == [
        "B000123456.PT01",
        "B000123456.PT02",
    ]
