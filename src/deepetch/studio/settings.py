"""How product photographers set up a picture, and how it goes wrong: one row a way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from deepetch.studio.scene import Colour, Ground

Meter = Literal["ground", "picture"]
Mood = Literal["white", "black"]


@dataclass(frozen=True, kw_only=True)
class Setting:
    """A way to take a picture.

    share     how often it is drawn, against the others.
    colours   of the ground, encoded; drawn between these two in each channel, or any hue if `hues`.
    lights    names of LIGHTS, drawn alike.
    level     linear luminance of what is metered: from, mostly, to.
    mood      of the artwork on the products.
    above     how often the camera looks from above.
    hand      how often a hand holds the product, which is then one.
    props     how often things lie about.
    calibrated  a studio's camera: white balance set, little noise.
    """

    share: float = 1.0
    ground: Ground
    colours: tuple[Colour, Colour] = ((0.88, 0.88, 0.88), (0.97, 0.97, 0.97))
    hues: bool = False
    lights: tuple[str, ...] = ("softboxes", "window", "hard")
    meter: Meter = "ground"
    level: tuple[float, float, float] = (0.65, 0.95, 1.1)
    mood: Mood | None = None
    above: float = 0.12
    hand: float = 0.0
    props: float = 0.0
    calibrated: bool = False


SETTINGS = {
    "white sweep": Setting(
        share=0.2, ground="white sweep", lights=("softboxes", "softboxes", "window", "hard", "flat"), calibrated=True
    ),
    "white on white": Setting(
        share=0.09,
        ground="white sweep",
        lights=("softboxes", "flat", "window"),
        level=(0.75, 0.95, 1.1),
        mood="white",
        calibrated=True,
    ),
    "light tent": Setting(share=0.09, ground="light tent", lights=("tent",), level=(0.7, 0.95, 1.1), calibrated=True),
    "coloured paper": Setting(
        share=0.15,
        ground="coloured paper",
        hues=True,
        lights=("softboxes", "hard", "window", "long shadow"),
        meter="picture",
        level=(0.14, 0.22, 0.4),
    ),
    "grey card": Setting(
        share=0.06, ground="grey card", colours=((0.44, 0.44, 0.44), (0.5, 0.5, 0.5)), level=(0.14, 0.19, 0.24)
    ),
    "black on black": Setting(
        share=0.06,
        ground="black",
        colours=((0.05, 0.05, 0.05), (0.16, 0.16, 0.16)),
        lights=("softboxes", "backlight"),
        meter="picture",
        level=(0.02, 0.04, 0.07),
        mood="black",
    ),
    "table": Setting(
        share=0.16,
        ground="table",
        colours=((0.35, 0.25, 0.18), (0.85, 0.75, 0.66)),
        lights=("window", "window", "hard", "long shadow", "room"),
        meter="picture",
        level=(0.12, 0.2, 0.36),
        hand=0.1,
        props=0.6,
    ),
    "cloth": Setting(
        share=0.05, ground="cloth", hues=True, lights=("window", "hard"), meter="picture", level=(0.12, 0.2, 0.38)
    ),
    "room": Setting(
        share=0.10,
        ground="room",
        colours=((0.3, 0.2, 0.12), (0.8, 0.7, 0.6)),
        lights=("room", "window"),
        meter="picture",
        level=(0.12, 0.2, 0.34),
        hand=0.4,
        props=0.4,
    ),
    "acrylic": Setting(
        share=0.05,
        ground="acrylic",
        colours=((0.02, 0.02, 0.02), (0.97, 0.97, 0.97)),
        lights=("softboxes", "backlight", "window"),
        meter="picture",
        level=(0.12, 0.25, 0.5),
    ),
    "shop": Setting(
        share=0.2,
        ground="shop",
        colours=((0.5, 0.5, 0.5), (0.85, 0.85, 0.85)),
        lights=("flat", "room", "flat"),
        meter="picture",
        level=(0.12, 0.2, 0.34),
        hand=0.9,
    ),
}
