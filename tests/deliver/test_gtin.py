from __future__ import annotations

import pytest

from deepetch.deliver.gtin import check_digit, gtin14, require_gtin
from deepetch.errors import InvalidOptions

# of real articles, and the examples of GS1's own pages
VALID = [
    "4006381333931",  # a highlighter
    "5901234123457",
    "9783161484100",  # an ISBN
    "036000291452",  # a UPC-A
    "614141000036",
    "73513537",  # an EAN-8
    "96385074",
    "10614141000415",  # a case
    "09506000134352",
]


@pytest.mark.parametrize("text", VALID)
def test_known_numbers_are_valid_and_have_the_check_digit(text):
    assert require_gtin(text) == text
    assert check_digit(text[:-1]) == text[-1]
    assert gtin14(text) == "0" * (14 - len(text)) + text


@pytest.mark.parametrize("text", VALID)
def test_every_single_digit_error_is_caught(text):
    for place, digit in enumerate(text):
        for other in "0123456789":
            if other != digit:
                with pytest.raises(InvalidOptions):
                    require_gtin(text[:place] + other + text[place + 1 :])


def test_the_number_with_zeros_before_it_is_valid_too():
    for text in VALID:
        assert require_gtin(gtin14(text)) == gtin14(text)


def test_spaces_and_hyphens_are_left_out():
    assert require_gtin("978-3-16-148410-0") == "9783161484100"
    assert gtin14("4 006381 333931") == "04006381333931"


def test_a_wrong_check_digit_is_said_with_the_right_one():
    with pytest.raises(InvalidOptions, match="4006381333930 ends in 0; its check digit would be 1"):
        require_gtin("4006381333930")


@pytest.mark.parametrize(
    "text", ["", "123", "123456789", "400638133393a", "٤006381333931", "400638133393101", "4006.381"]
)
def test_other_texts_are_no_gtin(text):
    with pytest.raises(InvalidOptions, match="expected 8, 12, 13 or 14 digits"):
        require_gtin(text)


@pytest.mark.parametrize("digits", ["", "123456", "12345678901234", "123456a"])
def test_a_check_digit_needs_the_digits_of_a_gtin(digits):
    with pytest.raises(InvalidOptions, match="expected 7, 11, 12 or 13 digits"):
        check_digit(digits)
