"""Codes that machines read: the bars of retail (EAN-13) and the squares of QR."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from deepetch.errors import InvalidOptions
from deepetch.studio.paint import Canvas, blend
from deepetch.studio.palette import Colour
from deepetch.studio.typography import SMALL_PRINT, Lettering, set_line

# ISO/IEC 15420: bars (1) and spaces (0) of the seven modules of each digit in number set A, which GS1 calls L.
# Set B (G) is set C read backwards, set C (R) is A with bars and spaces swapped.
SET_L = ("0001101", "0011001", "0010011", "0111101", "0100011", "0110001", "0101111", "0111011", "0110111", "0001011")
SET_R = tuple(code.translate(str.maketrans("01", "10")) for code in SET_L)
SET_G = tuple(code[::-1] for code in SET_R)
# The first digit has no bars: it chooses the sets of the next six.
PARITIES = ("LLLLLL", "LLGLGG", "LLGGLG", "LLGGGL", "LGLLGG", "LGGLLG", "LGGGLL", "LGLGLG", "LGLGGL", "LGGLGL")
GUARD, CENTRE = "101", "01010"
QUIET_LEFT, MODULES, QUIET_RIGHT = 11, 95, 7
WIDTH = QUIET_LEFT + MODULES + QUIET_RIGHT
GUARDS = np.r_[0:3, 45:50, 92:95]  # modules of the bars that reach down between the digits


def ean13_number(twelve: str) -> str:
    """Twelve digits and their check digit: with weights 1, 3, 1, 3, ... the sum of all becomes a multiple of ten.

    Raises  InvalidOptions unless `twelve` is twelve digits.
    """
    if len(twelve) != 12 or not (twelve.isascii() and twelve.isdigit()):
        raise InvalidOptions(f"EAN-13: expected twelve digits, the check digit is ours to add; got {twelve!r}.")
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(twelve))
    return twelve + str(-weighted % 10)


def draw_ean13_number(draw: np.random.Generator) -> str:
    """Thirteen digits of the range 20 to 29, which belongs to no maker: shops use it for what they pack themselves."""
    return ean13_number("2" + "".join(str(digit) for digit in draw.integers(0, 10, 11)))


def ean13_modules(number: str) -> NDArray[np.bool_]:
    """The 95 modules of a number of thirteen digits, True a bar; the quiet zones are not among them.

    Raises  InvalidOptions unless the check digit is right.
    """
    if number != ean13_number(number[:12]):
        raise InvalidOptions(f"EAN-13: expected thirteen digits with the check digit last; got {number!r}.")
    sets = {"L": SET_L, "G": SET_G}
    left = "".join(sets[which][int(digit)] for which, digit in zip(PARITIES[int(number[0])], number[1:7], strict=True))
    right = "".join(SET_R[int(digit)] for digit in number[7:])
    return np.array([module == "1" for module in GUARD + left + CENTRE + right + GUARD])


def ean13_picture(number: str, *, module: int, height: int, bars: Colour, ground: Colour) -> Canvas:
    """The bars with quiet zones, and the digits below them.

    module   width of the narrowest bar, in pixels, at least 1.
    height   of the whole, in pixels; the bars take what the digits leave.
    Returns  (height, 113 * module, 3) uint8.
    """
    picture = np.empty((height, WIDTH * module, 3), np.uint8)
    picture[:] = ground
    digits = min(8 * module, height // 3)
    modules = np.zeros(WIDTH, bool)
    modules[QUIET_LEFT : QUIET_LEFT + MODULES] = ean13_modules(number)
    guards = np.zeros(WIDTH, bool)
    guards[QUIET_LEFT + GUARDS] = modules[QUIET_LEFT + GUARDS]
    picture[: height - digits, np.repeat(modules, module)] = bars
    picture[: height - digits // 2, np.repeat(guards, module)] = bars
    if digits >= 6:
        for place, digit in enumerate(number):
            # the first stands in the quiet zone, six under each half
            middle = (4 if place == 0 else QUIET_LEFT + 3 + 7 * (place - 0.5) + (5 if place > 6 else 0)) * module
            _print_digit(picture, digit, middle, height - digits + max(module, 1), digits - module - 1, bars)
    return picture


def print_ean13(canvas: Canvas, number: str, *, bars: Colour, ground: Colour) -> bool:
    """Print a bar code in the middle of a canvas, as large as it fits with modules of whole pixels.

    Returns  False, and prints nothing, where a module of one pixel and bars of ten are too much.
    """
    height, width = canvas.shape[:2]
    module = min(width // WIDTH, max(height // 40, 1))
    if module < 1 or height < 16:
        return False
    high = min(height, 75 * module)
    picture = ean13_picture(number, module=module, height=high, bars=bars, ground=ground)
    top, left = (height - high) // 2, (width - picture.shape[1]) // 2
    canvas[top : top + high, left : left + picture.shape[1]] = picture
    return True


def print_qr(canvas: Canvas, text: str, *, squares: Colour, ground: Colour) -> bool:
    """Print a QR code in the middle of a canvas, as large as it fits with modules of whole pixels.

    Returns  False, and prints nothing, where it does not fit.
    """
    # OpenCV's own quiet zone differs between releases
    code = cv2.QRCodeEncoder.create().encode(text) < 128
    rows, columns = np.flatnonzero(code.any(1)), np.flatnonzero(code.any(0))
    code = np.pad(code[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], 4)
    module = min(canvas.shape[:2]) // len(code)
    if module < 1:
        return False
    side = len(code) * module
    top, left = (canvas.shape[0] - side) // 2, (canvas.shape[1] - side) // 2
    dark = code.repeat(module, 0).repeat(module, 1)[..., None]
    canvas[top : top + side, left : left + side] = np.where(
        dark, np.array(squares, np.uint8), np.array(ground, np.uint8)
    )
    return True


def _print_digit(picture: Canvas, digit: str, middle: float, top: int, height: int, colour: Colour) -> None:
    ink = set_line(digit, Lettering(family=SMALL_PRINT), height)
    left = round(middle - ink.shape[1] / 2)
    spot = picture[top : top + ink.shape[0], max(left, 0) : left + ink.shape[1]]
    blend(spot, ink[: spot.shape[0], : spot.shape[1]], colour)
