"""Draw scenes: what stands where, in what light, seen how."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from deepetch.errors import InvalidOptions
from deepetch.options import StudioOptions
from deepetch.studio.arrange import arrange, turned
from deepetch.studio.catalogue import PRODUCTS
from deepetch.studio.lights import LIGHTS
from deepetch.studio.product import Product
from deepetch.studio.scene import Colour, Exposure, Flaws, Placed, Scene, Stage, Vector
from deepetch.studio.settings import SETTINGS, Setting
from deepetch.studio.view import frame_camera

COUNTS = (0.62, 0.19, 0.11, 0.05, 0.03)  # shares of scenes with one to five products
ASPECTS = (1.0, 1.0, 1.0, 0.8, 0.75, 1.25, 4 / 3)
FOCAL_MM = (28.0, 35.0, 50.0, 70.0, 85.0, 105.0, 135.0)  # close up to telephoto
LYING = ("sachet", "tube", "blister", "pouch", "compact", "ring")  # may lie on their backs
FLAT = ("sachet", "blister")  # cannot stand by themselves
LARGEST_SEED = 2**31 - 1


def draw_scene(
    index: int, options: StudioOptions, *, rooms: Sequence[Path] = (), artwork: Sequence[Path] = ()
) -> Scene:
    """The index-th scene of a seed; it depends on seed, index, options and the files named alone.

    rooms    photographs to stand in front of; without any, no scene is in a room.
    artwork  label files to wrap on products, beside artwork that is drawn.
    Raises   InvalidOptions for a kind that there is none of.
    """
    unknown = [kind for kind in options.kinds or () if kind not in PRODUCTS]
    if unknown:
        raise InvalidOptions(f"kind: expected {', '.join(PRODUCTS)}; got {unknown[0]!r}.")
    draw = np.random.default_rng((options.seed, index))
    settings = {name: row for name, row in SETTINGS.items() if rooms or row.ground != "room"}
    shares = np.array([row.share for row in settings.values()])
    setting = settings[str(draw.choice(list(settings), p=shares / shares.sum()))]

    kinds = list(options.kinds or PRODUCTS)
    count = int(draw.choice(len(COUNTS), p=COUNTS)) + 1
    family = draw.random() < 0.5  # several of one kind, or a mixture
    first = str(draw.choice(kinds))
    chosen = [first if family else str(draw.choice(kinds)) for _ in range(count)]
    seeds = [int(draw.integers(LARGEST_SEED)) for _ in chosen]
    products = [build(kind, seed) for kind, seed in zip(chosen, seeds, strict=True)]
    from_above = draw.random() < 0.12
    turns = [_turn(draw, kind, lying=from_above) for kind in chosen]
    places = arrange(draw, products, turns)
    points = np.concatenate(
        [turned(product, turn) + place for product, turn, place in zip(products, turns, places, strict=True)]
    )
    reach = float(np.linalg.norm(points, axis=1).max())

    aspect = float(draw.choice(ASPECTS))
    camera = frame_camera(
        points,
        azimuth=float(draw.uniform(-30, 30)),
        elevation=float(draw.uniform(60, 88) if from_above else draw.triangular(1, 8, 40)),
        focal_mm=float(draw.choice(FOCAL_MM)),
        aspect=aspect,
        fill=float(draw.uniform(1.02, 1.2) if draw.random() < 0.05 else draw.triangular(0.4, 0.85, 0.97)),
        blur=float(draw.uniform(0.001, 0.012)) if draw.random() < 0.45 else None,
        roll=float(draw.normal(0, 1.5)) if draw.random() < 0.4 else 0.0,
        shift=(float(draw.uniform(-0.06, 0.06)), float(draw.uniform(-0.06, 0.06)))
        if draw.random() < 0.5
        else (0.0, 0.0),
    )
    light = str(draw.choice(setting.lights))
    lights, world = LIGHTS[light](draw, reach)
    longer = options.size
    return Scene(
        name=f"{options.seed:04d}-{index:06d}",
        seed=int(draw.integers(LARGEST_SEED)),
        width=longer if aspect >= 1 else _even(longer * aspect),
        height=longer if aspect <= 1 else _even(longer / aspect),
        samples=options.samples,
        light=light,
        camera=camera,
        lights=lights,
        world=world,
        stage=_stage(draw, setting, reach, rooms),
        products=tuple(
            Placed(
                kind=kind,
                shape_seed=seed,
                artwork_seed=int(draw.integers(LARGEST_SEED)),
                position=place,
                turn=turn,
                artwork=str(draw.choice(artwork)) if artwork and draw.random() < 0.5 else None,  # type: ignore[arg-type]
                mood=setting.mood,
            )
            for kind, seed, place, turn in zip(chosen, seeds, places, turns, strict=True)
        ),
        exposure=Exposure(meter=setting.meter, level=float(draw.uniform(*setting.level))),
        flaws=Flaws(
            softness=float(draw.choice((0.0, draw.uniform(0.2, 1.0)))),
            noise=float(draw.exponential(1.5)),
            jpeg_quality=int(draw.integers(70, 98)),
        ),
        split=options.split,
    )


def build(kind: str, seed: int) -> Product:
    """The product of a kind that a seed draws."""
    return PRODUCTS[kind](np.random.default_rng(seed))


def _turn(draw: np.random.Generator, kind: str, *, lying: bool) -> Vector:
    spin = float(draw.uniform(-180, 180) if draw.random() < 0.1 else draw.normal(0, 22))
    lies = kind in FLAT or (kind in LYING and (lying or draw.random() < 0.25)) or (lying and draw.random() < 0.5)
    if lies and not (kind in FLAT and not lying and draw.random() < 0.5):
        return (-90.0, 0.0, spin)  # on its back: the front looks up
    return (0.0, 0.0, spin)


def _stage(draw: np.random.Generator, setting: Setting, reach: float, rooms: Sequence[Path]) -> Stage:
    low, high = np.array(setting.colours)
    colour = _hue(draw) if setting.hues else _mixed(draw, low, high)
    return Stage(
        ground=setting.ground,
        colour=colour,
        wall=_mixed(draw, np.array([0.35, 0.35, 0.35]), np.array([0.95, 0.93, 0.9]))
        if draw.random() < 0.7
        else _hue(draw),
        depth=float(0.4 + reach * (12 if setting.ground == "black" else draw.uniform(2.5, 7))),
        picture=str(rooms[int(draw.integers(len(rooms)))]) if setting.ground == "room" else None,
    )


def _mixed(draw: np.random.Generator, low: np.ndarray, high: np.ndarray) -> Colour:
    """One lightness between two colours, each channel a little off."""
    share = np.clip(draw.random() + draw.normal(0, 0.04, 3), 0, 1)
    red, green, blue = low + share * (high - low)
    return float(red), float(green), float(blue)


def _hue(draw: np.random.Generator) -> Colour:
    """A colour of any hue, pale to strong."""
    angles = 2 * np.pi * draw.random() + np.array([0, 2, 4]) * np.pi / 3
    red, green, blue = draw.uniform(0.35, 0.9) + draw.uniform(0.02, 0.4) * np.cos(angles) / 2
    return float(np.clip(red, 0.02, 0.98)), float(np.clip(green, 0.02, 0.98)), float(np.clip(blue, 0.02, 0.98))


def _even(length: float) -> int:
    return 2 * round(length / 2)
