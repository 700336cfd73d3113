"""One picture's description: everything that makes it, in numbers and names, as JSON keeps it.

Lengths in metres, z up; products stand at the origin, the camera looks from negative y. Colours are encoded sRGB in
[0, 1] where they belong to a surface, linear where they belong to light.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from deepetch.errors import StudioError

VERSION = 1

Vector = tuple[float, float, float]
Colour = tuple[float, float, float]
Ground = Literal[
    "white sweep", "light tent", "coloured paper", "grey card", "black", "table", "room", "cloth", "acrylic", "shop"
]


@dataclass(frozen=True, kw_only=True)
class Camera:
    """focal_mm on a sensor 36 mm long; f_stop None: all in focus; roll in degrees; shift in lengths of the frame."""

    position: Vector
    target: Vector
    focal_mm: float
    f_stop: float | None = None
    focus: float = 1.0
    roll: float = 0.0
    shift: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, kw_only=True)
class Light:
    """A rectangle of light, or the sun (`size[0]` is then its angle in radians, power in W/m2 instead of W)."""

    kind: Literal["area", "sun"]
    position: Vector
    target: Vector
    size: tuple[float, float]
    power: float
    colour: Colour = (1.0, 1.0, 1.0)


@dataclass(frozen=True, kw_only=True)
class World:
    """Light from all around, from one colour below to another above."""

    below: Colour
    above: Colour
    strength: float


@dataclass(frozen=True, kw_only=True)
class Stage:
    """What products stand on and in front of.

    depth    metres from the origin to what is behind.
    floor    height of the ground; below 0 where a hand holds the product.
    level    height at which the camera looks; there is the middle of shelves.
    picture  a photograph behind them, for a room.
    props    seed of the things that lie about; None: the place is tidy.
    shop     seed of the shelves, where the ground is a shop.
    """

    ground: Ground
    colour: Colour
    wall: Colour
    depth: float
    floor: float = 0.0
    level: float = 0.0
    picture: str | None = None
    props: int | None = None
    shop: int = 0


@dataclass(frozen=True, kw_only=True)
class Placed:
    """A product: its family and the seeds that draw its shape and its artwork; where it stands, and how it is turned.

    turn      degrees about x, y and z.
    artwork   a file that is wrapped on it instead of drawn artwork.
    picture   a photograph that drawn artwork may show; None: what is drawn alone.
    mood      of drawn artwork; None: any.
    figure    what drawn artwork shows for certain; None: what comes.
    held_out  its artwork is of what is kept for test pictures.
    hand      seed of the hand that holds it; None: it stands.
    """

    kind: str
    family: str
    shape_seed: int
    artwork_seed: int
    position: Vector
    turn: Vector
    artwork: str | None = None
    picture: str | None = None
    mood: Literal["white", "black"] | None = None
    figure: Literal["portrait", "person", "animal"] | None = None
    held_out: bool = False
    hand: int | None = None


@dataclass(frozen=True, kw_only=True)
class Exposure:
    """Scales the light so that what is metered has this linear luminance.

    meter  "ground": the median of the empty stage; "picture": the mean of the whole picture.
    """

    meter: Literal["ground", "picture"]
    level: float


@dataclass(frozen=True, kw_only=True)
class Flaws:
    """What a camera adds to a clean picture, in encoded values.

    black     taken off as a black point, the rest stretched.
    contrast  of the tone curve, in [0, 0.5]: its slope in the middle, less 1.
    gains     on red and blue: a wrong white balance.
    glare     light that the lens scatters over all of the picture: nothing is darker.
    softness  deviation of the lens's blur in pixels.
    noise     its deviation at a mid grey, in levels of 255.
    """

    black: float
    contrast: float
    gains: tuple[float, float]
    glare: float
    softness: float
    noise: float
    jpeg_quality: int


@dataclass(frozen=True, kw_only=True)
class Scene:
    """One picture.

    name     also of its files.
    kind     what `index.csv` says.
    samples  of the colour passes, per pixel.
    """

    name: str
    seed: int
    width: int
    height: int
    samples: int
    light: str
    camera: Camera
    lights: tuple[Light, ...]
    world: World
    stage: Stage
    products: tuple[Placed, ...]
    exposure: Exposure
    flaws: Flaws
    kind: str = "packshots"
    split: str = "train"
    version: int = VERSION

    def pictures(self) -> set[str]:
        """The user's own files that it shows."""
        shown = {self.stage.picture, *(name for placed in self.products for name in (placed.artwork, placed.picture))}
        return {name for name in shown if name is not None}


def differences(one: Scene, other: Scene) -> list[str]:
    """The fields in which two scenes differ by more than another machine's arithmetic may.

    The user's pictures are told by the names of their files: their folder may have moved.
    """
    ours, theirs = asdict(one), asdict(other)
    return [field for field in ours if not _alike(ours[field], theirs[field], field)]


def _alike(one: Any, other: Any, field: str) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return all(_alike(one[name], other[name], name) for name in one)
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(_alike(a, b, field) for a, b in zip(one, other, strict=True))
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-6, abs_tol=1e-9)
    if field in ("artwork", "picture") and one is not None and other is not None:
        return Path(one).name == Path(other).name
    return bool(one == other)


def to_json(scene: Scene, *, indent: int | None = 1) -> str:
    """JSON text from which `from_json` makes the same scene; on one line if indent is None."""
    return json.dumps(asdict(scene), indent=indent)


def from_json(text: str, where: Path) -> Scene:
    """The scene that a text describes.

    where   the file it comes from, for the error.
    Raises  StudioError when it is no scene of this version.
    """
    try:
        said = json.loads(text)
        if said["version"] != VERSION:
            raise StudioError(f"{where}: written by another version of the studio; render it again.")
        return Scene(
            **_flat(said, "camera", "lights", "world", "stage", "products", "exposure", "flaws"),
            camera=Camera(**_frozen(said["camera"])),
            lights=tuple(Light(**_frozen(item)) for item in said["lights"]),
            world=World(**_frozen(said["world"])),
            stage=Stage(**_frozen(said["stage"])),
            products=tuple(Placed(**_frozen(item)) for item in said["products"]),
            exposure=Exposure(**said["exposure"]),
            flaws=Flaws(**_frozen(said["flaws"])),
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise StudioError(f"{where}: no scene of the studio can be read from it.") from error


def _flat(said: dict[str, Any], *nested: str) -> dict[str, Any]:
    return {key: value for key, value in said.items() if key not in nested}


def _frozen(said: dict[str, Any]) -> dict[str, Any]:
    """JSON's lists as tuples."""
    return {key: tuple(value) if isinstance(value, list) else value for key, value in said.items()}
