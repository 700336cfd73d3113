"""The colours of one design: drawn around a hue, in a space where equal steps look equal."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np

Colour: TypeAlias = tuple[int, int, int]  # red, green, blue in 0..255, encoded sRGB
Mood = Literal["white", "black", "bright", "pastel", "deep", "kraft", "clean", "silver"]

MOOD_SHARES: dict[Mood, float] = {
    "white": 0.1,
    "black": 0.1,
    "bright": 0.26,
    "pastel": 0.14,
    "deep": 0.14,
    "kraft": 0.05,
    "clean": 0.17,
    "silver": 0.04,
}
# Angles from the base's hue to those of the second colour and of the accent. Neither moods nor harmonies are held out
# for the benchmark: between them they reach every colour, which nobody could call new.
HARMONIES = ((0, 0), (25, -30), (30, 180), (150, 210), (120, 240), (-20, 90), (180, 170))
NEAR_BLACK: Colour = (24, 22, 26)
NEAR_WHITE: Colour = (252, 251, 248)


@dataclass(frozen=True, kw_only=True)
class Palette:
    """The colours that one printed sheet is made of.

    mood    "white" and "black" stay near white, or near black, in all five colours.
    base    what the sheet is covered with; second goes beside it in patterns and fields.
    accent  what shall be seen first.
    ink     text on light grounds, or on dark ones if the base is dark.
    paper   the ground of panels.
    """

    mood: Mood
    base: Colour
    second: Colour
    accent: Colour
    ink: Colour
    paper: Colour

    @property
    def quiet(self) -> bool:
        """Whether all of the design shall stay near white or near black."""
        return self.mood in ("white", "black")


def draw_palette(draw: np.random.Generator, mood: Mood | None = None) -> Palette:
    """Draw five colours that go together; of a mood drawn by MOOD_SHARES if none is given."""
    if mood is None:
        mood = get_args(Mood)[draw.choice(len(MOOD_SHARES), p=list(MOOD_SHARES.values()))]
    hue = draw.uniform(0, 360)
    second, accent = (hue + step + draw.uniform(-8, 8) for step in HARMONIES[draw.integers(len(HARMONIES))])
    rows: dict[Mood, tuple[tuple[float, float, float], ...]] = {
        "white": (
            (draw.uniform(0.955, 0.995), 0.004, hue),
            (draw.uniform(0.93, 0.98), 0.006, second),
            (draw.uniform(0.86, 0.93), draw.uniform(0, 0.03), accent),
            (draw.uniform(0.74, 0.88), draw.uniform(0, 0.03), hue),
            (0.99, 0.002, hue),
        ),
        "black": (
            (draw.uniform(0.13, 0.2), 0.006, hue),
            (draw.uniform(0.18, 0.25), 0.01, second),
            (draw.uniform(0.3, 0.42), draw.uniform(0, 0.06), accent),
            (draw.uniform(0.36, 0.5), draw.uniform(0, 0.03), 80),
            (draw.uniform(0.15, 0.22), 0.005, hue),
        ),
        "bright": (
            (draw.uniform(0.58, 0.86), draw.uniform(0.14, 0.22), hue),
            (draw.uniform(0.5, 0.9), draw.uniform(0.1, 0.2), second),
            (draw.uniform(0.5, 0.85), 0.2, accent),
            (draw.uniform(0.2, 0.34), 0.08, hue),
            (0.98, 0.015, second),
        ),
        "pastel": (
            (draw.uniform(0.86, 0.94), draw.uniform(0.03, 0.08), hue),
            (draw.uniform(0.8, 0.93), draw.uniform(0.04, 0.09), second),
            (draw.uniform(0.55, 0.72), draw.uniform(0.1, 0.16), accent),
            (draw.uniform(0.3, 0.42), 0.07, hue),
            (0.98, 0.01, hue),
        ),
        "deep": (
            (draw.uniform(0.27, 0.42), draw.uniform(0.06, 0.13), hue),
            (draw.uniform(0.34, 0.55), draw.uniform(0.08, 0.14), second),
            (draw.uniform(0.75, 0.86), draw.uniform(0.09, 0.16), draw.choice([85.0, accent])),
            (draw.uniform(0.9, 0.97), 0.02, 85),
            (0.95, 0.025, 85),
        ),
        "kraft": (
            (draw.uniform(0.66, 0.78), draw.uniform(0.05, 0.075), draw.uniform(62, 80)),
            (draw.uniform(0.58, 0.82), 0.06, 68),
            (draw.uniform(0.4, 0.6), draw.uniform(0.08, 0.17), accent),
            (draw.uniform(0.22, 0.32), 0.03, 60),
            (0.96, 0.02, 85),
        ),
        "clean": (
            (draw.uniform(0.96, 0.99), 0.004, hue),
            (draw.uniform(0.6, 0.88), draw.uniform(0.1, 0.18), second),
            (draw.uniform(0.45, 0.7), draw.uniform(0.14, 0.22), accent),
            (draw.uniform(0.2, 0.38), 0.09, hue),
            (0.985, 0.003, hue),
        ),
        "silver": (
            (draw.uniform(0.7, 0.85), 0.008, hue),
            (draw.uniform(0.55, 0.75), 0.012, second),
            (draw.uniform(0.4, 0.6), draw.uniform(0.1, 0.2), accent),
            (draw.uniform(0.2, 0.3), 0.02, hue),
            (0.95, 0.004, hue),
        ),
    }
    base, beside, accented, ink, paper = (oklch(*row) for row in rows[mood])
    return Palette(mood=mood, base=base, second=beside, accent=accented, ink=ink, paper=paper)


def oklch(lightness: float, chroma: float, hue: float) -> Colour:
    """Encoded sRGB of a colour in polar Oklab (Ottosson 2020); what no screen shows is clipped channel by channel.

    lightness in [0, 1]; chroma from 0, about 0.3 at most in sRGB; hue in degrees.
    """
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
    red, green, blue = (round(255 * _encoded(min(max(value, 0.0), 1.0))) for value in linear)
    return red, green, blue


def mixed(one: Colour, other: Colour, share: float) -> Colour:
    """The colour `share` of the way from one to the other, in encoded values."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def lighter(colour: Colour, by: float) -> Colour:
    """Mixed with white, or with black where `by` is negative; `by` in [-1, 1]."""
    return mixed(colour, (255, 255, 255), by) if by > 0 else mixed(colour, (0, 0, 0), -by)


def contrast(one: Colour, other: Colour) -> float:
    """Ratio of luminances in [1, 21], as the web's accessibility guidelines (WCAG 2) define it."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def legible(palette: Palette, ground: Colour, *preferred: Colour) -> Colour:
    """The colour to print text with on a ground.

    The first of `preferred`, then of ink, paper and base, that stands out enough; else near black or near white. In a
    quiet palette the one that stands out most, however little.
    """
    choices = (*preferred, palette.ink, palette.paper, palette.base)
    if palette.quiet:
        return max((*choices, palette.accent), key=lambda colour: contrast(colour, ground))
    for colour in choices:
        if contrast(colour, ground) >= 3:
            return colour
    return max((NEAR_BLACK, NEAR_WHITE), key=lambda colour: contrast(colour, ground))


def _luminance(colour: Colour) -> float:
    red, green, blue = (_decoded(value / 255) for value in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _decoded(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)


def _encoded(value: float) -> float:
    return value * 12.92 if value <= 0.0031308 else float(1.055 * value ** (1 / 2.4) - 0.055)
