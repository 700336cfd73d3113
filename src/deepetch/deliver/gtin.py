"""GTINs: the numbers under bar codes, of 8, 12, 13 or 14 digits, the last of which checks the others."""

from __future__ import annotations

import re

from deepetch.errors import InvalidOptions

LENGTHS = (8, 12, 13, 14)


def check_digit(digits: str) -> str:
    """The digit that follows 7, 11, 12 or 13 digits.

    From the right they count 3, 1, 3, 1, ... times; the check digit makes that sum a multiple of ten
    (GS1 General Specifications, "Standard check digit calculations for GS1 data structures").
    Raises  InvalidOptions for another number of digits.
    """
    if not re.fullmatch(r"[0-9]+", digits) or len(digits) + 1 not in LENGTHS:
        raise InvalidOptions(f"GTIN: expected 7, 11, 12 or 13 digits before the check digit; got {digits!r}.")
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def require_gtin(text: str) -> str:
    """The digits of a GTIN; spaces and hyphens between them, as on packs and in ISBNs, are left out.

    Raises  InvalidOptions for another number of digits or a wrong check digit, and says which was expected.
    """
    digits = re.sub(r"[ -]", "", text)
    if not re.fullmatch(r"[0-9]+", digits) or len(digits) not in LENGTHS:
        raise InvalidOptions(f"GTIN: expected 8, 12, 13 or 14 digits; got {text!r}.")
    expected = check_digit(digits[:-1])
    if digits[-1] != expected:
        raise InvalidOptions(
            f"GTIN: {text} ends in {digits[-1]}; its check digit would be {expected}. A digit was mistyped."
        )
    return digits


def gtin14(text: str) -> str:
    """A GTIN of any length as 14 digits, zeros before it. Raises InvalidOptions as `require_gtin`."""
    return require_gtin(text).zfill(14)
