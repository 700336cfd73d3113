"""Set-ups of light, by name. All are drawn around products within `reach` metres of the origin."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from deepetch.studio.scene import Colour, Light, World

Setup = tuple[tuple[Light, ...], World]
DAY, LAMP, NEUTRAL = (0.88, 0.94, 1.0), (1.0, 0.82, 0.62), (1.0, 1.0, 1.0)


def softboxes(draw: np.random.Generator, reach: float) -> Setup:
    """A large key light at the front, a weaker one across, now and then a third from behind."""
    side = draw.choice((-1, 1))
    key = _area(
        draw, reach, azimuth=side * draw.uniform(25, 70), elevation=draw.uniform(25, 65), size=draw.uniform(3, 7)
    )
    fill = _area(
        draw, reach, azimuth=-side * draw.uniform(30, 80), elevation=draw.uniform(10, 50), size=draw.uniform(3, 8)
    )
    lights = [key, _weaker(fill, draw.uniform(0.15, 0.8))]
    if draw.random() < 0.3:
        rim = _area(draw, reach, azimuth=side * draw.uniform(140, 170), elevation=draw.uniform(30, 60), size=3)
        lights.append(_weaker(rim, draw.uniform(0.3, 1.2)))
    return tuple(lights), _world(draw, draw.uniform(0.02, 0.4))


def hard(draw: np.random.Generator, reach: float) -> Setup:
    """A small flash: sharp shadows."""
    key = _area(draw, reach, azimuth=draw.uniform(-70, 70), elevation=draw.uniform(25, 70), size=draw.uniform(0.1, 0.6))
    return (key,), _world(draw, draw.uniform(0.03, 0.25))


def window(draw: np.random.Generator, reach: float) -> Setup:
    """Daylight from one side, the room dim."""
    key = _area(
        draw,
        reach,
        azimuth=draw.choice((-1, 1)) * draw.uniform(60, 120),
        elevation=draw.uniform(10, 45),
        size=draw.uniform(4, 9),
    )
    return (_tinted(key, DAY),), _world(draw, draw.uniform(0.05, 0.3), LAMP if draw.random() < 0.5 else NEUTRAL)


def long_shadow(draw: np.random.Generator, reach: float) -> Setup:
    """A low sun."""
    azimuth, elevation = draw.uniform(-130, 130), draw.uniform(12, 30)
    sun = Light(
        kind="sun",
        position=_around(azimuth, elevation, 10 * reach),
        target=(0.0, 0.0, 0.0),
        size=(draw.uniform(0.005, 0.05), 0.0),
        power=draw.uniform(2, 5),
        colour=LAMP if draw.random() < 0.6 else NEUTRAL,
    )
    return (sun,), _world(draw, draw.uniform(0.2, 0.6), DAY)


def backlight(draw: np.random.Generator, reach: float) -> Setup:
    """Two strips behind the products draw their outline, a little light falls on the front."""
    strips = [
        _area(
            draw, reach, azimuth=side * draw.uniform(120, 160), elevation=draw.uniform(15, 50), size=draw.uniform(1, 3)
        )
        for side in (-1, 1)
    ]
    front = _area(draw, reach, azimuth=draw.uniform(-30, 30), elevation=draw.uniform(30, 60), size=5)
    return (*strips, _weaker(front, draw.uniform(0.1, 0.4))), _world(draw, draw.uniform(0.0, 0.08))


def flat(draw: np.random.Generator, reach: float) -> Setup:
    """Light from everywhere, hardly a shadow."""
    return (_weaker(_area(draw, reach, azimuth=draw.uniform(-40, 40), elevation=60, size=8), 0.3),), _world(draw, 1.0)


def tent(draw: np.random.Generator, reach: float) -> Setup:
    """A cube of white cloth with lamps outside: two soft sides and a bright top."""
    sides = [_area(draw, reach, azimuth=side * 90, elevation=20, size=6) for side in (-1, 1)]
    top = _area(draw, reach, azimuth=0, elevation=89, size=6)
    return (*sides, _weaker(top, draw.uniform(0.4, 1.0))), _world(draw, draw.uniform(0.5, 1.0))


def room(draw: np.random.Generator, reach: float) -> Setup:
    """Ceiling lamps, and what comes in."""
    lamps = [
        _tinted(
            _area(
                draw, reach, azimuth=draw.uniform(-180, 180), elevation=draw.uniform(55, 85), size=draw.uniform(1, 4)
            ),
            LAMP,
        )
        for _ in range(draw.integers(1, 4))
    ]
    return tuple(lamps), _world(draw, draw.uniform(0.2, 0.8), DAY if draw.random() < 0.5 else NEUTRAL)


LIGHTS: Mapping[str, Callable[[np.random.Generator, float], Setup]] = {
    "softboxes": softboxes,
    "hard": hard,
    "window": window,
    "long shadow": long_shadow,
    "backlight": backlight,
    "flat": flat,
    "tent": tent,
    "room": room,
}


def _area(draw: np.random.Generator, reach: float, *, azimuth: float, elevation: float, size: float) -> Light:
    """A rectangle that looks at the products; azimuth in degrees from the camera's side, size in reaches."""
    distance = draw.uniform(5, 9) * reach
    wide = size * reach
    return Light(
        kind="area",
        position=_around(azimuth, elevation, distance),
        target=(0.0, 0.0, reach / 2),
        size=(wide, wide * draw.uniform(0.5, 1.5)),
        power=30 * distance**2,  # so that near and far ones light alike; the exposure does the rest
    )


def _around(azimuth: float, elevation: float, distance: float) -> tuple[float, float, float]:
    turn, rise = np.radians(azimuth), np.radians(elevation)
    level = distance * np.cos(rise)
    return float(level * np.sin(turn)), float(-level * np.cos(turn)), float(distance * np.sin(rise))


def _weaker(light: Light, share: float) -> Light:
    return replace(light, power=light.power * share)


def _tinted(light: Light, colour: Colour) -> Light:
    return replace(light, colour=colour)


def _world(draw: np.random.Generator, strength: float, colour: Colour = NEUTRAL) -> World:
    below = tuple(float(draw.uniform(0.3, 0.8) * value) for value in colour)
    return World(below=below, above=colour, strength=float(strength))  # type: ignore[arg-type]
