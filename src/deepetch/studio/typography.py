"""Letters as coverage: set in a line, fitted to a box, bent along an arc, broken into paragraphs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from deepetch.studio.paint import Canvas, Coverage, blend
from deepetch.studio.palette import Colour

# Pillow's own outline font, and the faces that OpenCV draws; no file of the system's. They are too few to hold some
# of them out for the benchmark.
Family = Literal["grotesque", "simplex", "triplex", "script", "complex"]
SMALL_PRINT: Family = "grotesque"
HERSHEY: dict[Family, int] = {
    "simplex": cv2.FONT_HERSHEY_SIMPLEX,
    "triplex": cv2.FONT_HERSHEY_TRIPLEX,
    "script": cv2.FONT_HERSHEY_SCRIPT_COMPLEX,
    "complex": cv2.FONT_HERSHEY_COMPLEX | cv2.FONT_ITALIC,
}


@dataclass(frozen=True, kw_only=True)
class Lettering:
    """How a line of text is set.

    weight   thickness added to every stroke, as a share of the letters' height.
    slant    tangent of the angle the letters lean to the right by.
    stretch  width over the font's own.
    spacing  added between letters, as a share of their height.
    soft     corners rounded as if by a broad pen.
    """

    family: Family = "grotesque"
    weight: float = 0.0
    slant: float = 0.0
    stretch: float = 1.0
    spacing: float = 0.0
    capitals: bool = False
    soft: bool = False


def draw_lettering(draw: np.random.Generator) -> Lettering:
    """Draw the lettering of a brand: any family and weight, narrow or wide, upright or leaning."""
    families: tuple[Family, ...] = ("grotesque", "grotesque", "simplex", "triplex", "script", "complex")
    family = families[draw.integers(len(families))]
    weight = 0.0 if family in ("triplex", "complex") else float(draw.choice([0.0, 0.02, 0.05, 0.09, 0.13]))
    # heavy letters set tight run into each other
    spacing = float(draw.choice([0.0, 0.0, -0.04 if weight < 0.05 else 0.0, 0.1, 0.3, 0.5]))
    return Lettering(
        family=family,
        weight=weight,
        slant=float(draw.choice([0.0, 0.0, 0.0, 0.15, 0.28, -0.12])),
        stretch=float(draw.choice([0.6, 0.75, 1.0, 1.0, 1.0, 1.25, 1.5])),
        spacing=spacing,
        capitals=bool(draw.random() < 0.5),
        soft=bool(draw.random() < 0.25),
    )


def set_line(text: str, lettering: Lettering, height: float) -> Coverage:
    """Set one line of text.

    height   of the font in pixels; a capital letter has about 0.7 of it.
    Returns  (h, w) coverage cropped to the ink; (1, 1) of nothing for text without ink.
    """
    text = text.upper() if lettering.capitals else text
    size = max(height, 4.0)
    drawn = _raw_line(text, lettering, size)
    if lettering.soft and size > 12:
        blurred = cv2.GaussianBlur(drawn, (0, 0), size * 0.035)
        drawn = np.clip((blurred.astype(np.float32) - 90) * (255 / 76), 0, 255).astype(np.uint8)
    if lettering.slant or lettering.stretch != 1:
        drawn = _sheared(drawn, lettering.slant, lettering.stretch)
    return cropped(drawn)


def fit_line(text: str, lettering: Lettering, width: float, height: float) -> Coverage:
    """Set one line as large as its ink fits into `width` and `height` pixels; shrunk to fit where it is tiny."""
    trial = set_line(text, lettering, 40.0)
    size = 40.0 * min(width / trial.shape[1], height / trial.shape[0])
    line = set_line(text, lettering, size)
    excess = max(line.shape[1] / max(width, 1), line.shape[0] / max(height, 1))
    if excess <= 1:
        return line
    return _resized(line, max(int(line.shape[1] / excess), 1), max(int(line.shape[0] / excess), 1))


def bend(line: Coverage, radius: float, *, upward: bool = True) -> Coverage:
    """Lay a line of text along a circle.

    radius   in pixels, of the circle that the letters' feet stand on; longer lines than its arc of 330 degrees are
             narrowed.
    upward   over the circle's top, else under its bottom, still read from left to right.
    Returns  square coverage with the circle's centre in its middle.
    """
    height, width = line.shape
    side = 2 * math.ceil(radius + height + 2)
    widest = math.radians(330) * radius
    scale = min(1.0, widest / width)
    y, x = np.mgrid[:side, :side].astype(np.float32) - (side - 1) / 2
    away = np.hypot(x, y)
    if upward:
        along = np.arctan2(x, -y) * radius
        down = radius + height - away
    else:
        along = np.arctan2(x, y) * radius
        down = away - radius
    source = (along / scale + width / 2).astype(np.float32)
    return np.asarray(cv2.remap(line, source, down.astype(np.float32), cv2.INTER_LINEAR, borderValue=0), np.uint8)


def rotate(line: Coverage, degrees: float) -> Coverage:
    """Turn coverage clockwise about its middle; returned as large as the turned ink."""
    height, width = line.shape
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), -degrees, 1.0)
    cos, sin = abs(matrix[0, 0]), abs(matrix[0, 1])
    size = math.ceil(width * cos + height * sin) + 2, math.ceil(width * sin + height * cos) + 2
    matrix[:, 2] += (size[0] - width) / 2, (size[1] - height) / 2
    return np.asarray(cv2.warpAffine(line, matrix, size, flags=cv2.INTER_LINEAR), np.uint8)


def thickened(line: Coverage, pixels: int) -> Coverage:
    """Coverage grown by so many pixels on every side, and the array with it."""
    padded = np.pad(line, pixels)
    if pixels < 1:
        return padded
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * pixels + 1, 2 * pixels + 1))
    return np.asarray(cv2.dilate(padded, disc), np.uint8)


def cropped(drawn: Coverage) -> Coverage:
    """Coverage without its empty margins; (1, 1) of nothing if all is empty."""
    left, top, width, height = cv2.boundingRect(drawn)
    return drawn[top : top + height, left : left + width] if width else np.zeros((1, 1), np.uint8)


def print_at(canvas: Canvas, ink: Coverage, x: float, y: float, colour: Colour, alpha: float = 1.0) -> None:
    """Print coverage with its middle at x, y; what reaches over the canvas is cut off."""
    height, width = ink.shape
    left, top = round(x - width / 2), round(y - height / 2)
    first_x, first_y = max(left, 0), max(top, 0)
    last_x, last_y = min(left + width, canvas.shape[1]), min(top + height, canvas.shape[0])
    if last_x > first_x and last_y > first_y:
        spot = canvas[first_y:last_y, first_x:last_x]
        blend(spot, ink[first_y - top : last_y - top, first_x - left : last_x - left], colour, alpha)


def print_paragraph(canvas: Canvas, text: str, size: float, colour: Colour, *, align: str = "left") -> int:
    """Print text broken into lines that fill a canvas from its top; lines that find no room are left out.

    size     of the font in pixels, at least 5.
    align    "left", "center" or "right".
    Returns  the height in pixels that was used.
    """
    height, width = canvas.shape[:2]
    size = max(round(size), 5)
    font = _font(size)
    step = math.ceil(size * 1.18)
    room = height // step
    if room < 1 or width < 3 * size:
        return 0
    lines = _broken(text, font, width)[:room]
    image = Image.new("L", (width, height))
    pen = ImageDraw.Draw(image)
    for row, line in enumerate(lines):
        free = width - font.getlength(line)
        left = {"left": 0.0, "center": free / 2, "right": free}[align]
        pen.text((left, row * step), line, 255, font)
    blend(canvas, np.asarray(image), colour)
    return len(lines) * step


@lru_cache(maxsize=128)
def _font(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont)  # the wheels that we ask for have FreeType
    return font


def _raw_line(text: str, lettering: Lettering, size: float) -> Coverage:
    """One line with room around it, neither stretched nor slanted."""
    gap = lettering.spacing * size
    weight = lettering.weight * size
    if lettering.family == "grotesque":
        font = _font(max(round(size), 4))
        pen_width = round(weight / 2)
        room = font.getlength(text) + abs(gap) * len(text) + 4 * size
        image = Image.new("L", (math.ceil(room), math.ceil(2.2 * size)))
        pen = ImageDraw.Draw(image)
        at = size
        for letters in text if gap else [text]:
            pen.text((at, 1.5 * size), letters, 255, font, anchor="ls", stroke_width=pen_width)
            at += font.getlength(letters) + gap + (pen_width if gap else 0)
        return np.array(image)
    face, scale = HERSHEY[lettering.family], size / 34
    pen_width = max(round((0.05 + lettering.weight) * size), 1)
    widths = [cv2.getTextSize(letter, face, scale, pen_width)[0][0] for letter in text]
    drawn = np.zeros((math.ceil(2.4 * size), math.ceil(sum(widths) * 1.2 + abs(gap) * len(text) + 4 * size)), np.uint8)
    at = size
    for letters in text if gap else [text]:
        cv2.putText(drawn, letters, (round(at), round(1.5 * size)), face, scale, 255, pen_width, cv2.LINE_AA)
        at += cv2.getTextSize(letters, face, scale, pen_width)[0][0] + gap
    return drawn


def _sheared(drawn: Coverage, slant: float, stretch: float) -> Coverage:
    height, width = drawn.shape
    lean = slant * height
    matrix = np.array([[stretch, -slant, max(lean, 0.0)], [0, 1, 0]])
    size = math.ceil(width * stretch + abs(lean)) + 1, height
    return np.asarray(cv2.warpAffine(drawn, matrix, size, flags=cv2.INTER_LINEAR), np.uint8)


def _resized(line: Coverage, width: int, height: int) -> Coverage:
    return np.asarray(cv2.resize(line, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _broken(text: str, font: ImageFont.FreeTypeFont, width: float) -> list[str]:
    """Text as lines no wider than `width`, broken at spaces; a longer word has a line of its own."""
    lines: list[str] = []
    space = font.getlength(" ")
    for paragraph in text.split("\n"):
        line, used = "", 0.0
        for word in paragraph.split():
            length = font.getlength(word)
            if line and used + space + length > width:
                lines.append(line)
                line, used = word, length
            else:
                line, used = (f"{line} {word}", used + space + length) if line else (word, length)
        lines.append(line)
    return lines
