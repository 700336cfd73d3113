"""Set-ups of light, by name: those of training pictures, and those held out for the benchmark.

All are drawn around products within `reach` metres of the origin.
"""

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


def ring_flash(draw: np.random.Generator, reach: float) -> Setup:
    """A ring of light round the lens: a shadow that hems the products, and round highlights on what is glossy."""
    azimuth, elevation = draw.uniform(-12, 12), draw.uniform(8, 24)
    distance, radius = draw.uniform(5, 8) * reach, draw.uniform(0.7, 1.2) * reach
    middle = np.array(_around(azimuth, elevation, distance))
    right = np.array(_around(azimuth + 90, 0, 1.0))
    up = np.cross(middle / distance, right)
    count = 12
    lights = []
    for turn in np.arange(count) * 2 * np.pi / count:
        x, y, z = middle + radius * (np.cos(turn) * right + np.sin(turn) * up)
        lights.append(_panel((float(x), float(y), float(z)), reach, (0.4 * radius, 0.4 * radius), 1 / count))
    return tuple(lights), _world(draw, draw.uniform(0.03, 0.2))


def tall_strips(draw: np.random.Generator, reach: float) -> Setup:
    """Two high strips left and right, all else dark: bright edges down both sides of bottles."""
    lights = []
    for side in (-1, 1):
        x, y, z = _around(side * draw.uniform(75, 100), draw.uniform(5, 15), draw.uniform(3, 4.5) * reach)
        size = (draw.uniform(0.4, 0.9) * reach, draw.uniform(4, 6) * reach)
        lights.append(_panel((x, y, max(z, size[1] / 2)), reach, size, draw.uniform(0.6, 1.0)))
    return tuple(lights), _world(draw, draw.uniform(0.01, 0.08))


def blinds(draw: np.random.Generator, reach: float) -> Setup:
    """Sun through the slits of an upright blind: each throws a shadow of its own, and they lie side by side."""
    azimuth = draw.choice((-1, 1)) * draw.uniform(45, 115)
    count, distance = int(draw.integers(3, 6)), draw.uniform(4.5, 6.5) * reach
    middle = np.array(_around(azimuth, draw.uniform(18, 32), distance))
    along = np.array(_around(azimuth + 90, 0, draw.uniform(0.9, 1.5) * reach))
    lights = []
    for place in range(count):
        x, y, z = middle + (place - (count - 1) / 2) * along
        slit = _panel((float(x), float(y), float(z)), reach, (0.04 * reach, draw.uniform(0.5, 1) * reach), 1 / count)
        lights.append(_tinted(slit, (1.0, 0.92, 0.8)))
    return tuple(lights), _world(draw, draw.uniform(0.03, 0.1), DAY)


def overhead(draw: np.random.Generator, reach: float) -> Setup:
    """One large softbox right above: bright tops, dim fronts, a pool of shadow at the foot."""
    key = _area(draw, reach, azimuth=draw.uniform(-30, 30), elevation=draw.uniform(78, 89), size=draw.uniform(4, 8))
    return (key,), _world(draw, draw.uniform(0.02, 0.12))


def low_spot(draw: np.random.Generator, reach: float) -> Setup:
    """A small lamp not far above the ground: shadows many times as long as what throws them."""
    key = _area(
        draw,
        reach,
        azimuth=draw.choice((-1, 1)) * draw.uniform(50, 125),
        elevation=draw.uniform(9, 18),
        size=draw.uniform(0.1, 0.4),
    )
    return (_tinted(key, LAMP if draw.random() < 0.5 else NEUTRAL),), _world(draw, draw.uniform(0.03, 0.15))


def lamp_and_daylight(draw: np.random.Generator, reach: float) -> Setup:
    """A window on one side and a lamp on the other: cold and warm halves, two shadows of other colours."""
    side = draw.choice((-1, 1))
    day = _area(
        draw, reach, azimuth=side * draw.uniform(50, 110), elevation=draw.uniform(15, 40), size=draw.uniform(3, 7)
    )
    lamp = _area(
        draw, reach, azimuth=-side * draw.uniform(40, 110), elevation=draw.uniform(20, 50), size=draw.uniform(0.4, 1.2)
    )
    lights = (_tinted(day, (0.72, 0.86, 1.0)), _weaker(_tinted(lamp, (1.0, 0.7, 0.42)), draw.uniform(0.5, 1.2)))
    return lights, _world(draw, draw.uniform(0.03, 0.2))


def bare_bulb(draw: np.random.Generator, reach: float) -> Setup:
    """A bulb close by: light that fades within the picture, hard shadows that spread away from it."""
    distance = draw.uniform(1.9, 2.8) * reach
    x, y, z = _around(draw.choice((-1, 1)) * draw.uniform(20, 100), draw.uniform(30, 60), distance)
    bulb = _panel((x, y, z), reach, (0.12 * reach, 0.12 * reach), 1.0)
    return (_tinted(bulb, LAMP),), _world(draw, draw.uniform(0.01, 0.08))


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
HELD_OUT_LIGHTS: Mapping[str, Callable[[np.random.Generator, float], Setup]] = {
    "ring flash": ring_flash,
    "tall strips": tall_strips,
    "blinds": blinds,
    "overhead": overhead,
    "low spot": low_spot,
    "lamp and daylight": lamp_and_daylight,
    "bare bulb": bare_bulb,
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


def _panel(position: tuple[float, float, float], reach: float, size: tuple[float, float], share: float) -> Light:
    """A rectangle at a place that looks at the products; `share` of the light that `_area` sends."""
    target = (0.0, 0.0, reach / 2)
    distance = float(np.linalg.norm(np.subtract(position, target)))
    return Light(kind="area", position=position, target=target, size=size, power=30 * distance**2 * share)


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
