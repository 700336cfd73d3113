"""Draw scenes: what stands where, in what light, seen how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from deepetch.options import StudioOptions
from deepetch.studio.arrange import arrange, turned
from deepetch.studio.catalogue import FAMILIES, build, families
from deepetch.studio.lights import HELD_OUT_LIGHTS, LIGHTS
from deepetch.studio.product import Product
from deepetch.studio.scene import Camera, Colour, Exposure, Flaws, Placed, Scene, Stage, Vector
from deepetch.studio.settings import SETTINGS, Setting
from deepetch.studio.view import frame_camera

COUNTS = (0.62, 0.19, 0.11, 0.05, 0.03)  # shares of scenes with one to five products
ASPECTS = (1.0, 1.0, 1.0, 0.8, 0.75, 1.25, 4 / 3)
FOCAL_MM = (28.0, 35.0, 50.0, 70.0, 85.0, 105.0, 135.0)  # close up to telephoto
TELEPHONE_MM = (26.0, 28.0, 35.0)
LYING = ("sachet", "tube", "blister", "pouch", "compact", "ring")  # may lie on their backs
FLAT = ("sachet", "blister")  # cannot stand by themselves
LARGEST_SEED = 2**31 - 1
SOFTEST, NOISIEST = 1.5, 6.0  # pixels, levels: cameras of many pixels are better at each than a picture enlarged
FLAWS_SIZE = 384
HAND = 0.12  # metres: what is smaller is seen with the hand that holds it


@dataclass(frozen=True, kw_only=True)
class Cast:
    """What products may be in a picture.

    families  names of FAMILIES, a kind as often as another.
    counts    shares of pictures with one, two, ... products.
    figure    what the artwork shows for certain.
    held_out  artwork is of what is kept for test pictures.
    artwork   label files to wrap on half of the products; on the others artwork is drawn.
    pictures  photographs, of which half of the drawn artwork shows one.
    """

    families: Sequence[str]
    counts: Sequence[float] = COUNTS
    figure: Literal["portrait", "person", "animal"] | None = None
    held_out: bool = False
    artwork: Sequence[Path] = ()
    pictures: Sequence[Path] = ()


def draw_scene(
    index: int,
    options: StudioOptions,
    *,
    rooms: Sequence[Path] = (),
    artwork: Sequence[Path] = (),
    pictures: Sequence[Path] = (),
) -> Scene:
    """The index-th scene of a seed; it depends on seed, index, options and the files named alone.

    Pictures for training and choosing never show a product's family, a layout of artwork or a set-up of light that test
    pictures show, and share no scene with each other.
    rooms              photographs to stand in front of; without any, no scene is in a room.
    artwork, pictures  as a `Cast` has them.
    Raises   InvalidOptions for a kind that there is none of.
    """
    held_out = options.split == "test"
    cast = Cast(
        families=families(options.kinds, held_out=held_out), held_out=held_out, artwork=artwork, pictures=pictures
    )
    draw = np.random.default_rng((options.seed, index, 1) if options.split == "val" else (options.seed, index))
    settings = [row for row in SETTINGS.values() if rooms or row.ground != "room"]
    shares = np.array([row.share for row in settings])
    setting = settings[int(draw.choice(len(settings), p=shares / shares.sum()))]
    if held_out:
        setting = replace(setting, lights=tuple(HELD_OUT_LIGHTS))
    return compose_scene(draw, setting, cast, name=f"{options.seed:04d}-{index:06d}", options=options, rooms=rooms)


def compose_scene(
    draw: np.random.Generator,
    setting: Setting,
    cast: Cast,
    *,
    name: str,
    options: StudioOptions,
    kind: str = "packshots",
    rooms: Sequence[Path] = (),
) -> Scene:
    """A scene of a setting with products of a cast.

    rooms  not empty where the setting is a room.
    """
    held = bool(draw.random() < setting.hand)
    from_above = not held and draw.random() < setting.above
    chosen = _chosen(draw, cast, count=1 if held else int(draw.choice(len(cast.counts), p=cast.counts)) + 1)
    products = [build(family, seed) for family, seed in chosen]
    turns = [_tilt(draw) if held else _turn(draw, product.kind, lying=from_above) for product in products]
    places = arrange(draw, products, turns)
    points = where_points_stand(products, places, turns)
    reach = float(np.linalg.norm(points, axis=1).max())

    aspect = float(draw.choice(ASPECTS))
    camera = _camera(draw, points, aspect=aspect, held=held, from_above=from_above)
    light = str(draw.choice(setting.lights))
    lights, world = {**LIGHTS, **HELD_OUT_LIGHTS}[light](draw, reach)
    longer = options.size
    return Scene(
        name=name,
        seed=int(draw.integers(LARGEST_SEED)),
        width=longer if aspect >= 1 else _even(longer * aspect),
        height=longer if aspect <= 1 else _even(longer / aspect),
        samples=options.samples,
        light=light,
        camera=camera,
        lights=lights,
        world=world,
        stage=_stage(draw, setting, reach, rooms, held=held, level=camera.target[2]),
        products=tuple(
            Placed(
                kind=product.kind,
                family=family,
                shape_seed=seed,
                artwork_seed=int(draw.integers(LARGEST_SEED)),
                position=place,
                turn=turn,
                artwork=(label := _file(draw, cast.artwork) if cast.artwork and draw.random() < 0.5 else None),
                picture=_file(draw, cast.pictures) if cast.pictures and label is None else None,
                mood=setting.mood,
                figure=cast.figure,
                held_out=cast.held_out,
                hand=int(draw.integers(LARGEST_SEED)) if held else None,
            )
            for (family, seed), product, place, turn in zip(chosen, products, places, turns, strict=True)
        ),
        exposure=Exposure(meter=setting.meter, level=float(draw.triangular(*setting.level))),
        flaws=_flaws(draw, setting, size=longer),
        kind=kind,
        split=options.split,
    )


def resized(scene: Scene, size: int) -> Scene:
    """The same scene with another longer side in pixels; the camera's flaws grow with it, to SOFTEST and NOISIEST."""
    scale = size / max(scene.width, scene.height)
    softness, noise = scene.flaws.softness, scene.flaws.noise
    flaws = replace(
        scene.flaws,
        softness=min(softness * scale, max(softness, SOFTEST)),
        noise=min(noise * scale, max(noise, NOISIEST)),
    )
    return replace(scene, width=_even(scene.width * scale), height=_even(scene.height * scale), flaws=flaws)


def where_points_stand(
    products: Sequence[Product], places: Sequence[Vector], turns: Sequence[Vector]
) -> NDArray[np.float64]:
    """(n, 3) all vertices of products in the scene."""
    return np.concatenate(
        [turned(product, turn) + place for product, turn, place in zip(products, turns, places, strict=True)]
    )


def _chosen(draw: np.random.Generator, cast: Cast, *, count: int) -> list[tuple[str, int]]:
    """Families and the seeds of their shapes: a mixture, several of one family, or one shape again and again."""
    first = _family(draw, cast.families), int(draw.integers(LARGEST_SEED))
    way = draw.choice(("mixed", "family", "same"), p=(0.5, 0.25, 0.25))
    chosen = [first]
    for _ in range(count - 1):
        family = _family(draw, cast.families) if way == "mixed" else first[0]
        chosen.append((family, first[1] if way == "same" else int(draw.integers(LARGEST_SEED))))
    return chosen


def _file(draw: np.random.Generator, files: Sequence[Path]) -> str:
    return str(draw.choice(files))  # type: ignore[arg-type]


def _family(draw: np.random.Generator, names: Sequence[str]) -> str:
    kinds = list(dict.fromkeys(FAMILIES[name].kind for name in names))
    kind = str(draw.choice(kinds))
    own = [name for name in names if FAMILIES[name].kind == kind]
    shares = np.array([FAMILIES[name].share for name in own])
    return str(draw.choice(own, p=shares / shares.sum()))


def _turn(draw: np.random.Generator, kind: str, *, lying: bool) -> Vector:
    spin = float(draw.uniform(-180, 180) if draw.random() < 0.1 else draw.normal(0, 22))
    lies = kind in FLAT or (kind in LYING and (lying or draw.random() < 0.25)) or (lying and draw.random() < 0.5)
    if lies and not (kind in FLAT and not lying and draw.random() < 0.5):
        return (-90.0, 0.0, spin)  # on its back: the front looks up
    return (0.0, 0.0, spin)


def _tilt(draw: np.random.Generator) -> Vector:
    """As a hand holds things: leaning to a side, to the viewer or away, turned a little."""
    return float(draw.normal(-6, 12)), float(draw.normal(0, 16)), float(draw.normal(0, 22))


def _camera(
    draw: np.random.Generator, points: NDArray[np.float64], *, aspect: float, held: bool, from_above: bool
) -> Camera:
    elevation = draw.uniform(60, 88) if from_above else draw.triangular(1, 8, 40)
    cropped = draw.random() < 0.05
    blurred = draw.random() < (0.25 if held else 0.45)
    rolled, shifted = draw.random() < 0.4, draw.random() < 0.5
    longest = float(np.ptp(points, axis=0).max())
    nearness = min(1.0, longest / HAND) if held else 1.0  # nobody looks at fingers from so close
    return frame_camera(
        points,
        azimuth=float(draw.uniform(-30, 30)),
        elevation=float(elevation),
        focal_mm=float(draw.choice(TELEPHONE_MM if held else FOCAL_MM)),
        aspect=aspect,
        fill=nearness * float(draw.uniform(1.02, 1.2) if cropped else draw.triangular(0.45, 0.88, 0.97)),
        blur=float(draw.uniform(0.001, 0.012)) if blurred else None,
        roll=float(draw.normal(0, 5.0 if held else 1.5)) if rolled else 0.0,
        shift=(float(draw.uniform(-0.06, 0.06)), float(draw.uniform(-0.06, 0.06))) if shifted else (0.0, 0.0),
    )


def _stage(
    draw: np.random.Generator, setting: Setting, reach: float, rooms: Sequence[Path], *, held: bool, level: float
) -> Stage:
    low, high = np.array(setting.colours)
    colour = _hue(draw) if setting.hues else _mixed(draw, low, high)
    deep = 12 if setting.ground == "black" else draw.uniform(2.5, 7)
    return Stage(
        ground=setting.ground,
        colour=colour,
        wall=_mixed(draw, np.array([0.35, 0.35, 0.35]), np.array([0.95, 0.93, 0.9]))
        if draw.random() < 0.7
        else _hue(draw),
        depth=float(draw.uniform(0.4, 1.2) if setting.ground == "shop" else 0.4 + reach * deep),
        floor=-float(draw.uniform(0.35, 0.6)) if held else 0.0,
        level=level,
        picture=str(rooms[int(draw.integers(len(rooms)))]) if setting.ground == "room" else None,
        props=int(draw.integers(LARGEST_SEED)) if not held and draw.random() < setting.props else None,
        shop=int(draw.integers(LARGEST_SEED)),
    )


def _flaws(draw: np.random.Generator, setting: Setting, *, size: int) -> Flaws:
    """As telephones and cameras have them: measured on photographs of packs, in pictures of FLAWS_SIZE pixels."""
    larger = size / FLAWS_SIZE
    careful = setting.calibrated
    noise = np.clip(3 * np.exp(draw.normal(0, 0.6)), 0.5, 12) * (0.5 if careful else 1)
    return Flaws(
        black=float(draw.uniform(0, 0.05 if careful else 0.09)),
        contrast=float(draw.uniform(0, 0.35)),
        gains=(1.0, 1.0) if careful else (float(draw.uniform(1, 1.05)), float(draw.uniform(0.84, 1.02))),
        softness=larger * float(draw.uniform(0, 0.6)),
        noise=larger * float(noise),
        jpeg_quality=int(draw.integers(75, 98)),
        glare=float(draw.uniform(0.01, 0.03 if careful else 0.06)),
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
