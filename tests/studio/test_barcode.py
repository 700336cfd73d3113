from __future__ import annotations

import cv2
import numpy as np
import pytest

from deepetch.errors import InvalidOptions
from deepetch.studio.barcode import (
    draw_ean13_number,
    ean13_modules,
    ean13_number,
    ean13_picture,
    print_ean13,
    print_qr,
)

BLACK, WHITE = (0, 0, 0), (255, 255, 255)


def picture_of(number, module=2, height=180):
    return ean13_picture(number, module=module, height=height, bars=BLACK, ground=WHITE)


@pytest.mark.parametrize(
    ("twelve", "check"),
    [
        ("000000000000", "0"),
        ("000000000001", "7"),  # the last of twelve weighs three: 3 + 7 = 10
        ("100000000000", "9"),  # the first weighs one
        ("123456789012", "8"),  # 1 + 3 + 5 + 7 + 9 + 1 = 26, 3 * (2 + 4 + 6 + 8 + 0 + 2) = 66, 92 + 8 = 100
    ],
)
def test_check_digit_makes_the_weighted_sum_a_multiple_of_ten(twelve, check):
    assert ean13_number(twelve) == twelve + check


@pytest.mark.parametrize("twelve", ["", "12345678901", "1234567890123", "12345678901x", "١٢٣٤٥٦٧٨٩٠١٢"])
def test_anything_but_twelve_digits_is_refused(twelve):
    with pytest.raises(InvalidOptions, match="expected twelve digits"):
        ean13_number(twelve)


def test_wrong_check_digit_is_refused():
    with pytest.raises(InvalidOptions, match="check digit last"):
        ean13_modules("1234567890123")


def test_modules_have_guards_and_eleven_wide_runs_nowhere():
    modules = ean13_modules(ean13_number("590123412345"))
    assert len(modules) == 95
    assert modules[:3].tolist() == modules[-3:].tolist() == [True, False, True]
    assert modules[45:50].tolist() == [False, True, False, True, False]
    edges = np.flatnonzero(np.diff(modules.astype(int)))
    assert np.diff(edges).max() <= 4  # the widest bar of the code has four modules


@pytest.mark.parametrize("first", range(10))
def test_a_reader_reads_the_number_whatever_its_first_digit(first):
    number = ean13_number(f"{first}58204719366")
    framed = cv2.copyMakeBorder(picture_of(number), 40, 40, 40, 40, cv2.BORDER_CONSTANT, value=WHITE)
    read = cv2.barcode.BarcodeDetector().detectAndDecode(framed)[0]
    # a leading zero is no digit to North American readers: the code is their UPC-A
    assert read == number.removeprefix("0")


def test_bars_are_whole_modules_wide_and_quiet_zones_are_empty():
    module = 4
    picture = picture_of(ean13_number("245719038264"), module)
    row = (picture[20, :, 0] == 0).astype(int)
    assert set(np.unique(picture[20])) == {0, 255}
    edges = np.flatnonzero(np.diff(row)) + 1
    assert (edges % module == 0).all()
    assert edges[0] == 11 * module
    assert len(row) - edges[-1] == 7 * module


def test_guard_bars_reach_below_the_others():
    dark = picture_of(ean13_number("245719038264"))[..., 0] == 0
    long = 11 * 2
    assert dark[:170, long].all()
    plain = next(x for x in range(long + 6, long + 45 * 2, 2) if dark[20, x])
    assert dark[:160, plain].all()
    assert not dark[:170, plain].all()


def test_drawn_numbers_are_of_the_shops_own_range_and_right():
    draw = np.random.default_rng(4)
    numbers = {draw_ean13_number(draw) for _ in range(20)}
    assert len(numbers) == 20
    assert all(number[0] == "2" and number == ean13_number(number[:12]) for number in numbers)


def test_code_that_does_not_fit_is_left_out():
    narrow = np.full((60, 112, 3), 90, np.uint8)
    assert not print_ean13(narrow, ean13_number("2" * 12), bars=BLACK, ground=WHITE)
    assert not print_qr(narrow[:20, :20], "NOTHING", squares=BLACK, ground=WHITE)
    assert (narrow == 90).all()


def test_code_takes_the_largest_module_that_fits():
    canvas = np.full((200, 2 * 113 + 5, 3), 90, np.uint8)
    assert print_ean13(canvas, ean13_number("2" * 12), bars=BLACK, ground=WHITE)
    assert (canvas[100] != 90).any(1).sum() == 2 * 113


def test_a_reader_reads_the_qr_code():
    canvas = np.full((300, 340, 3), 200, np.uint8)
    assert print_qr(canvas, "HTTPS://KELORA.EXAMPLE", squares=BLACK, ground=WHITE)
    assert cv2.QRCodeDetector().detectAndDecode(canvas)[0] == "HTTPS://KELORA.EXAMPLE"
