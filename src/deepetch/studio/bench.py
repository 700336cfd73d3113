"""packshot-bench: twelve classes of packshots, each what one sort of complaint about cut-outs is about.

Its products' families, artwork and set-ups of light are those that training pictures never show (see `draw_scene`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from deepetch.options import StudioOptions
from deepetch.studio.catalogue import FAMILIES, Trait, families
from deepetch.studio.recipes import read_recipes
from deepetch.studio.scene import Scene
from deepetch.studio.scenes import Cast, compose_scene, resized
from deepetch.studio.settings import SETTINGS, Setting

EACH = 12  # pictures of a class
OPTIONS = StudioOptions(seed=2026, size=640, samples=32, split="test")
RECIPE_FILE = Path(__file__).with_name("packshot-bench.jsonl")

LARGE = {  # megapixels, of pictures by name: for edges and memory
    "plain-02": 12,
    "holes-04": 12,
    "thin-parts-01": 12,
    "film-00": 12,
    "printed-faces-02": 12,
    "white-on-white-00": 12,
    "black-on-black-03": 12,
    "several-products-00": 24,
    "glass-03": 12,
    "shadows-00": 48,
}
LARGE_SAMPLES = 8  # light paths a pixel; the denoiser has many pixels to look at

ONE = (1.0,)
SEVERAL = (0.0, 0.0, 0.5, 0.3, 0.2)
SOFT = ("ring flash", "overhead", "tall strips", "lamp and daylight")
HARD = ("blinds", "low spot", "bare bulb")


@dataclass(frozen=True, kw_only=True)
class BenchClass:
    """What the pictures of a class have in common.

    settings  the k-th picture is of the k-th, over and over.
    traits    every product in it shows one of them.
    kinds     of products; None: all.
    counts    shares of pictures with one, two, ... products.
    figure    what every product's artwork shows.
    """

    settings: tuple[Setting, ...]
    traits: tuple[Trait, ...] = ("opaque",)
    kinds: tuple[str, ...] | None = None
    counts: Sequence[float] = ONE
    figure: Literal["portrait"] | None = None


def _like(
    name: str, lights: tuple[str, ...] = SOFT, *, props: float = 0.0, hand: float = 0.0, above: float = 0.12
) -> Setting:
    """A row of SETTINGS in held-out light; tidy, and nobody's hand in it, unless said."""
    return replace(SETTINGS[name], lights=lights, props=props, hand=hand, above=above)


PLAIN = (_like("white sweep"), _like("coloured paper"), _like("grey card"), _like("light tent"))
PRINTED = (
    "carton",
    "can",
    "pouch",
    "sachet",
    "shoe-box",
    "tube",
    "bag",
    "multipack",
)  # artwork is most of what is seen
LEVEL = tuple(  # light comes through from behind, not from below
    _like(name, above=0.0) for name in ("white sweep", "coloured paper", "grey card", "table", "black on black")
)
BENCH_CLASSES = {
    "plain": BenchClass(settings=PLAIN),
    "white on white": BenchClass(settings=(_like("white on white"),), kinds=PRINTED),
    "black on black": BenchClass(settings=(_like("black on black"),), kinds=PRINTED),
    "glass": BenchClass(settings=LEVEL, traits=("glass",), kinds=("bottle", "tumbler")),  # jars are full
    "film": BenchClass(settings=LEVEL, traits=("film",)),
    "holes": BenchClass(settings=(*PLAIN, _like("table")), traits=("hole",)),
    "printed faces": BenchClass(settings=(*PLAIN, _like("table")), kinds=PRINTED, figure="portrait"),
    "thin parts": BenchClass(settings=(*PLAIN, _like("table")), traits=("thin",)),
    "shadows": BenchClass(settings=(_like("white sweep", HARD), _like("coloured paper", HARD), _like("table", HARD))),
    "reflections": BenchClass(settings=(_like("acrylic"),)),
    "clutter": BenchClass(settings=(_like("table", props=1.0), _like("shop", hand=1.0))),
    "several products": BenchClass(settings=(*PLAIN, _like("table")), counts=SEVERAL),
}


def draw_bench(classes: Sequence[str] = tuple(BENCH_CLASSES), each: int = EACH) -> list[Scene]:
    """The first `each` scenes of classes, in the order of BENCH_CLASSES; a scene depends on class and place alone."""
    scenes = []
    for number, (name, row) in enumerate(BENCH_CLASSES.items()):
        cast = Cast(families=_cast(row), counts=row.counts, figure=row.figure, held_out=True)
        for place in range(each if name in classes else 0):
            scenes.append(
                compose_scene(
                    np.random.default_rng((OPTIONS.seed, number, place)),
                    row.settings[place % len(row.settings)],
                    cast,
                    name=f"{name.replace(' ', '-')}-{place:02d}",
                    options=OPTIONS,
                    kind=name,
                )
            )
    return scenes


def bench_scenes(
    classes: Sequence[str] = tuple(BENCH_CLASSES), *, each: int = EACH, size: int = OPTIONS.size
) -> list[Scene]:
    """The first `each` scenes of classes as the recipe file keeps them, `size` pixels long."""
    kept = read_recipes(RECIPE_FILE)
    chosen = [[scene for scene in kept if scene.kind == name][:each] for name in BENCH_CLASSES if name in classes]
    return [scene if size == OPTIONS.size else resized(scene, size) for scenes in chosen for scene in scenes]


def large_scenes() -> list[Scene]:
    """Ten scenes of the recipe file at 12 to 48 megapixels, each named after its size."""
    kept = {scene.name: scene for scene in read_recipes(RECIPE_FILE)}
    scenes = []
    for name, megapixels in LARGE.items():
        shape = kept[name].height, kept[name].width
        longer = math.sqrt(1e6 * megapixels * max(shape) / min(shape))
        large = resized(kept[name], round(longer))
        scenes.append(replace(large, name=f"{name}-{megapixels}mp", samples=LARGE_SAMPLES))
    return scenes


def _cast(row: BenchClass) -> list[str]:
    names = families(row.kinds, held_out=True)
    return [name for name in names if FAMILIES[name].traits & set(row.traits)]
