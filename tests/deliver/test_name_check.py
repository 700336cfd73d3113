from __future__ import annotations

import re

import pytest

from deepetch.deliver.name_check import gtin_fault, name_fault
from deepetch.deliver.name_rule import name_by_rule
from deepetch.errors import InvalidOptions

GS1 = "{gtin14}_C{facing}{angle}{state}"


@pytest.mark.parametrize(
    ("rule", "stem"),
    [
        ("{asin}.MAIN", "B00ABCDE12.MAIN"),
        ("{gtin14}", "04006381333931"),
        (GS1, "04006381333931_C1C1"),
        ("{gtin}-{sku}", "4006381333931-red shoe"),
        ("{sku}_{sku}", "7_7"),
        ("{stem}-{profile}", "can-ebay"),
    ],
)
def test_names_that_keep_the_rule(rule, stem):
    assert name_fault(rule, stem, profile="ebay") is None


@pytest.mark.parametrize(
    ("rule", "stem", "said"),
    [
        ("{asin}.MAIN", "shoe", "does not have this form"),
        ("{asin}.MAIN", "B00ABCDE12", "it would be B00ABCDE12.MAIN"),
        ("{asin}.MAIN", "B00ABCDE12xMAIN", "form"),
        ("{gtin14}", "4006381333931", "it would be 04006381333931"),
        ("{gtin14}", "04006381333932", "its check digit would be 1"),
        ("{gtin14}", "4006381333932", "its check digit would be 1"),
        (GS1, "04006381333931_A1C1", "it would be|form"),
        (GS1, "04006381333931", "form"),
        ("{sku}_{sku}", "7_8", "form"),
        ("{stem}-{profile}", "can-walmart", "it would be"),
    ],
)
def test_names_that_do_not(rule, stem, said):
    assert re.search(said, name_fault(rule, stem, profile="ebay"))


def test_what_a_rule_makes_keeps_it():
    given = {"facing": "1", "angle": "C", "state": "1"}
    assert name_fault(GS1, name_by_rule(GS1, "4006381333931", given=given)) is None


def test_a_rule_that_is_none_is_refused():
    with pytest.raises(InvalidOptions, match="no field"):
        name_fault("{nosuch}", "a")


def test_long_numbers_are_gtins_and_dates_are_not():
    assert gtin_fault("4006381333931_front") is None
    assert "check digit would be 1" in gtin_fault("4006381333932_front")
    assert gtin_fault("20260131-can") is None
    assert gtin_fault("can") is None
