"""Printed people and animals: portraits, full figures, cartoon heads; all of them flat drawings on packaging."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from deepetch.studio.held_out import offered
from deepetch.studio.paint import Canvas, Points, ellipse, fill, rectangle, rounded_curve, shifted, star, stroke
from deepetch.studio.palette import Colour, Palette, lighter, mixed
from deepetch.studio.wording import one_of

Placed = Callable[[Any], Points]  # from units of a head, 1 from its middle to the chin, to pixels

# Skins, hairs' colours and eyes are not held out for the benchmark: every picture shall show all sorts of people.
SKINS: tuple[Colour, ...] = (
    (255, 224, 204),
    (246, 205, 176),
    (232, 184, 146),
    (214, 158, 115),
    (188, 127, 84),
    (150, 95, 60),
    (112, 69, 44),
    (78, 48, 33),
)
HAIRS: tuple[Colour, ...] = (
    (28, 24, 24),
    (54, 36, 28),
    (92, 58, 36),
    (140, 92, 52),
    (206, 166, 98),
    (170, 78, 40),
    (168, 166, 164),
    (232, 228, 220),
)
EYES: tuple[Colour, ...] = ((60, 40, 28), (84, 60, 34), (70, 110, 150), (84, 124, 84), (110, 110, 116))
HAIR_CUTS = ("short", "long", "bob", "bun", "curls", "bald", "fringe", "quiff", "pigtails", "scarf")
HELD_OUT_CUTS = frozenset({"bob", "quiff", "pigtails"})
HATS = ("cook", "cap", "straw", "knit", "beret")
HELD_OUT_HATS = frozenset({"straw", "beret"})
HAT_SHARE = 0.5  # of the people whose cut is no scarf


@dataclass(frozen=True, kw_only=True)
class Person:
    """How somebody drawn looks. hat: of HATS, or None."""

    skin: Colour
    hair: Colour
    eyes: Colour
    cut: str
    hat: str | None
    clothes: Colour
    trousers: Colour
    glasses: bool
    beard: bool
    moustache: bool
    open_smile: bool
    child: bool


def draw_person_looks(draw: np.random.Generator, palette: Palette, *, held_out: bool = False) -> Person:
    """Draw skin, hair and the rest, each on its own; clothes in the palette's colours or any.

    held_out  whether cut and hat are of those kept for the benchmark, or of the others.
    """
    cut = one_of(draw, offered(HAIR_CUTS, HELD_OUT_CUTS, held_out))
    hatted = cut != "scarf" and draw.random() < HAT_SHARE
    child = draw.random() < 0.25
    rough = not child and cut in ("short", "bald", "quiff", "fringe", "curls")
    own = (palette.accent, palette.second, palette.ink, lighter(palette.accent, 0.4))
    clothes = own[draw.integers(4)] if draw.random() < 0.6 else _any_colour(draw)
    return Person(
        skin=SKINS[draw.integers(len(SKINS))],
        hair=HAIRS[draw.integers(6 if child else len(HAIRS))],
        eyes=EYES[draw.integers(len(EYES))],
        cut=cut,
        hat=one_of(draw, offered(HATS, HELD_OUT_HATS, held_out)) if hatted else None,
        clothes=clothes,
        trousers=_any_colour(draw),
        glasses=bool(draw.random() < 0.3),
        beard=bool(rough and draw.random() < 0.4),
        moustache=bool(rough and draw.random() < 0.25),
        open_smile=bool(draw.random() < 0.6),
        child=child,
    )


def print_portrait(draw: np.random.Generator, canvas: Canvas, palette: Palette, held_out: bool = False) -> None:
    """A head with shoulders that fills a canvas from its foot; flat, or shaded as a painting is.

    held_out  as `draw_person_looks` has it.
    """
    height, width = canvas.shape[:2]
    if min(height, width) < 12:
        return
    looks = draw_person_looks(draw, palette, held_out=held_out)
    shade = float(draw.choice([0.0, 0.35, 0.7]))
    size = min(height / 3.3, width / 2.5) * draw.uniform(0.9, 1.2)
    if looks.hat:
        size *= 0.84  # room for it
    x, y = width * draw.uniform(0.44, 0.56), height - size * draw.uniform(1.75, 2.05)
    wide = draw.uniform(0.9, 1.1)
    if looks.cut != "scarf":
        _print_hair_behind(canvas, looks, _placing(x, y, size), shade)
    _print_bust(canvas, looks, x, y, size, shade, wide=wide)
    if looks.cut == "scarf":  # it lies on the shoulders, hair hangs behind them
        _print_hair_behind(canvas, looks, _placing(x, y, size), shade)
    _print_head(draw, canvas, looks, x, y, size, shade=shade, look=draw.uniform(-0.17, 0.17))


def _print_head(
    draw: np.random.Generator,
    canvas: Canvas,
    looks: Person,
    x: float,
    y: float,
    size: float,
    *,
    shade: float,
    look: float,
) -> None:
    """A head around x, y, `size` pixels from its middle to the chin.

    look  how far the features are shifted to the side, as a share of `size`: the head seems to turn.
    """
    skin, half = looks.skin, _half_width(looks)
    jaw = draw.uniform(0.1, 0.34)
    dark = lighter(skin, -0.28)
    placed = _placing(x, y, size)
    for side in (-1, 1):
        ear = (side * half * 0.99 - look * 0.25, 0.1)
        fill(canvas, ellipse(*_xy(placed(ear)), size * 0.14, size * 0.22), lighter(skin, -0.06))
    angles = np.linspace(0, 2 * math.pi, 40, endpoint=False)
    narrowing = 1 - jaw * np.clip(np.sin(angles), 0, None) ** 2
    head = np.stack([half * np.cos(angles) * narrowing, np.sin(angles)], 1)
    fill(canvas, placed(head), skin, shade=shade * 0.6)
    for side in (-1, 1):
        fill(
            canvas,
            ellipse(*_xy(placed((side * 0.42 + look, 0.34))), size * 0.2, size * 0.14),
            (228, 96, 86),
            alpha=0.13,
        )
    if looks.beard:
        beard = [(-half, 0.05), (-half * 0.82, 0.32), (-0.34, 0.36), (0, 0.33), (0.34, 0.36), (half * 0.82, 0.32)]
        beard += [(half, 0.05), (half * 0.9, 0.62), (0.42, 1.04), (0, 1.14), (-0.42, 1.04), (-half * 0.9, 0.62)]
        fill(canvas, placed(rounded_curve(beard)), lighter(looks.hair, 0.06), shade=shade * 0.5)
    _print_mouth(canvas, looks, placed, size, look)
    _print_nose(canvas, placed, size, look, dark)
    if looks.moustache:
        lip = [(0, 0.37), (0.2, 0.36), (0.42, 0.5), (0.2, 0.47), (0, 0.45), (-0.2, 0.47), (-0.42, 0.5), (-0.2, 0.36)]
        fill(canvas, placed(shifted(rounded_curve(lip), look, 0)), looks.hair)
    _print_eyes(draw, canvas, looks, placed, size, look)
    _print_hair_before(draw, canvas, looks, placed, half, size, shade)
    if looks.glasses:
        _print_glasses(draw, canvas, placed, size, look, half)
    _print_hat(canvas, looks, placed, half, size, shade)


def _placing(x: float, y: float, size: float) -> Placed:
    def placed(corners: Any) -> Points:
        spread: Points = np.asarray(corners, np.float64) * size + (x, y)
        return spread

    return placed


def _xy(point: Points) -> tuple[float, float]:
    return float(point[0]), float(point[1])


def _half_width(looks: Person) -> float:
    return 0.86 if looks.child else 0.76


def _print_bust(canvas: Canvas, looks: Person, x: float, y: float, size: float, shade: float, *, wide: float) -> None:
    at = np.array((x, y))
    neck = np.array([(-0.34, 0.6), (0.34, 0.6), (0.36, 1.4), (0.62, 1.6), (-0.62, 1.6), (-0.36, 1.4)])
    skin, broad = looks.skin, wide * (1.3 if looks.child else 1.62)
    body = [(-0.45, 1.32), (0, 1.5), (0.45, 1.32), (broad * 0.8, 1.56), (broad, 2.1), (broad * 1.05, 4.2)]
    body += [(-broad * 1.05, 4.2), (-broad, 2.1), (-broad * 0.8, 1.56)]
    fill(canvas, neck * size + at, lighter(skin, -0.12))
    fill(canvas, ellipse(x, y + 0.86 * size, 0.42 * size, 0.32 * size), lighter(skin, -0.28), alpha=0.6)
    fill(canvas, rounded_curve(body) * size + at, looks.clothes, shade=shade * 0.7)
    collar = np.array([(-0.46, 1.3), (0, 1.72), (0.46, 1.3)])
    fill(canvas, collar * size + at, lighter(skin, -0.08))
    for side in (-1, 1):
        lapel = np.array([(side * 0.46, 1.28), (0, 1.72), (side * 0.36, 1.9), (side * 0.68, 1.42)])
        fill(canvas, lapel * size + at, lighter(looks.clothes, 0.22))


def _print_eyes(
    draw: np.random.Generator, canvas: Canvas, looks: Person, placed: Placed, size: float, look: float
) -> None:
    open_ = draw.uniform(0.8, 1.15) * (1.25 if looks.child else 1.0)
    brow_lift, brow_thick = draw.uniform(-0.05, 0.06), draw.uniform(0.04, 0.09)
    for side in (-1, 1):
        eye_x = side * 0.34 + look * 1.05
        narrow = 1 - 0.5 * max(side * look, 0)
        middle = _xy(placed((eye_x, -0.02)))
        fill(canvas, ellipse(*middle, size * 0.155 * narrow, size * 0.092 * open_), (250, 248, 244))
        iris = _xy(placed((eye_x + look * 0.1, -0.02)))
        fill(canvas, ellipse(*iris, size * 0.085 * narrow, size * 0.088 * open_), looks.eyes)
        fill(canvas, ellipse(*iris, size * 0.045 * narrow, size * 0.048), (16, 14, 14))
        fill(
            canvas, ellipse(iris[0] + 0.03 * size, iris[1] - 0.035 * size, size * 0.022, size * 0.022), (255, 255, 255)
        )
        lid = rounded_curve([(-0.17, 0.03), (-0.08, -0.075), (0.08, -0.08), (0.18, 0.01)], closed=False)
        stroke(canvas, placed(lid * (narrow * side, open_) + (eye_x, -0.02)), (40, 28, 26), size * 0.035)
        brow = rounded_curve([(-0.2, 0.03), (0, -0.045), (0.2, 0.02 + brow_lift)], closed=False)
        colour = looks.hair if looks.cut != "bald" else lighter(looks.skin, -0.5)
        stroke(canvas, placed(brow * (side, 1) + (eye_x, -0.25)), lighter(colour, -0.25), size * brow_thick)


def _print_nose(canvas: Canvas, placed: Placed, size: float, look: float, dark: Colour) -> None:
    bridge = rounded_curve([(0.05, -0.06), (0.07, 0.12), (0.11, 0.25), (0.0, 0.29), (-0.09, 0.26)], closed=False)
    stroke(canvas, placed(bridge * (1 if look >= 0 else -1, 1) + (look * 1.25, 0)), dark, size * 0.03)


def _print_mouth(canvas: Canvas, looks: Person, placed: Placed, size: float, look: float) -> None:
    lips = mixed(lighter(looks.skin, -0.2), (196, 60, 70), 0.5)
    if looks.open_smile:
        upper = shifted(rounded_curve([(-0.32, 0.5), (-0.1, 0.535), (0.1, 0.535), (0.32, 0.5)], closed=False), look, 0)
        lower = shifted(rounded_curve([(0.32, 0.5), (0.17, 0.71), (-0.17, 0.71), (-0.32, 0.5)], closed=False), look, 0)
        fill(canvas, placed(np.concatenate([upper, lower])), (112, 28, 36))
        teeth = np.concatenate([upper, [(look + 0.24, 0.59), (look, 0.625), (look - 0.24, 0.59)]])
        fill(canvas, placed(teeth), (252, 250, 244))
        stroke(canvas, placed(lower), lips, size * 0.04)
        stroke(canvas, placed(upper), lips, size * 0.03)
        return
    outline = [(-0.27, 0.54), (-0.09, 0.5), (0, 0.52), (0.09, 0.5), (0.27, 0.54), (0.12, 0.64), (-0.12, 0.64)]
    fill(canvas, placed(shifted(rounded_curve(outline), look, 0)), lips)
    line = rounded_curve([(-0.28, 0.53), (0, 0.575), (0.28, 0.53)], closed=False)
    stroke(canvas, placed(shifted(line, look, 0)), lighter(lips, -0.4), size * 0.025)


def _print_hair_behind(canvas: Canvas, looks: Person, placed: Placed, shade: float) -> None:
    half = _half_width(looks)
    hair, cut = lighter(looks.hair, -0.12), looks.cut
    if cut == "long":
        outline = [(-0.5, -1.1), (0.5, -1.1), (half + 0.16, -0.3), (half + 0.2, 1.0), (half + 0.05, 2.1)]
        outline += [(-half - 0.05, 2.1), (-half - 0.2, 1.0), (-half - 0.16, -0.3)]
        fill(canvas, placed(rounded_curve(outline)), hair, shade=shade * 0.6)
    elif cut == "bob":
        outline = [(-0.5, -1.1), (0.5, -1.1), (half + 0.22, -0.3), (half + 0.25, 0.75), (-half - 0.25, 0.75)]
        fill(canvas, placed(rounded_curve([*outline, (-half - 0.22, -0.3)])), hair, shade=shade * 0.6)
    elif cut == "bun":
        fill(canvas, placed(ellipse(0, -1.25, 0.36, 0.34)), hair, shade=shade * 0.6)
    elif cut == "pigtails":
        for side in (-1, 1):
            fill(canvas, placed(ellipse(side * (half + 0.3), 0.45, 0.24, 0.6, -side * 14)), hair, shade=shade * 0.6)
    elif cut == "curls":
        for angle in np.linspace(0.75 * math.pi, 2.25 * math.pi, 13):
            lock = ellipse(0.98 * math.cos(angle), 0.95 * math.sin(angle) - 0.08, 0.33, 0.33)
            fill(canvas, placed(lock), hair, shade=shade * 0.6)
    elif cut == "scarf":
        outline = [(0, -1.25), (0.75, -0.9), (half + 0.26, 0.1), (half + 0.2, 0.9), (0.95, 1.75), (-0.95, 1.75)]
        outline += [(-half - 0.2, 0.9), (-half - 0.26, 0.1), (-0.75, -0.9)]
        fill(canvas, placed(rounded_curve(outline)), looks.trousers, shade=shade * 0.6)


def _print_hair_before(
    draw: np.random.Generator, canvas: Canvas, looks: Person, placed: Placed, half: float, size: float, shade: float
) -> None:
    hair, cut = looks.hair, looks.cut
    if cut == "bald":
        return
    if cut == "scarf":
        # the cloth runs round the face: forehead, cheeks, under the chin
        ring = rounded_curve(
            [
                (0, -0.82),
                (0.62, -0.55),
                (0.72, 0.2),
                (0.45, 0.85),
                (0, 1.06),
                (-0.45, 0.85),
                (-0.72, 0.2),
                (-0.62, -0.55),
            ]
        )
        stroke(canvas, placed(ring * (half / 0.76, 1)), lighter(looks.trousers, 0.06), size * 0.2, closed=True)
        return
    parting = draw.uniform(-0.35, 0.35)
    line = {"fringe": -0.3, "bob": -0.36, "quiff": -0.62, "curls": -0.5}.get(cut, -0.52)
    side = half + 0.05
    outline = [(-side, 0.06), (-side - 0.02, -0.5), (-0.55, -1.02), (0, -1.17), (0.55, -1.02), (side + 0.02, -0.5)]
    outline += [(side, 0.06), (half - 0.1, -0.3)]
    if cut == "fringe":
        outline += [(0.4, line), (0.1, line + 0.03), (-0.2, line), (-0.45, line + 0.02)]
    else:
        outline += [(0.48, line), (parting, line - 0.22), (-0.48, line)]
    outline.append((-half + 0.1, -0.3))
    if cut == "quiff" and looks.hat is None:
        fill(
            canvas, placed(rounded_curve([(-0.6, -0.8), (-0.35, -1.35), (0.3, -1.45), (0.75, -1.1), (0.6, -0.7)])), hair
        )
    fill(canvas, placed(rounded_curve(outline)), hair, shade=shade * 0.6)
    if cut == "curls":
        for at_x in np.linspace(-0.6, 0.6, 6):
            lock = ellipse(at_x, -0.86 + 0.3 * at_x**2, 0.24, 0.22)
            fill(canvas, placed(lock), lighter(hair, draw.uniform(0, 0.08)), shade=shade * 0.6)
    elif shade:
        for strand in (-0.3, 0.05, 0.35):
            way = [(strand - 0.1, -1.05), (strand - 0.05, -0.85), (strand + 0.1, -0.72)]
            stroke(canvas, placed(rounded_curve(way, closed=False)), lighter(hair, 0.18), size * 0.02)


def _print_glasses(
    draw: np.random.Generator, canvas: Canvas, placed: Placed, size: float, look: float, half: float
) -> None:
    frame: Colour = ((24, 24, 28), (120, 72, 40), (190, 150, 80), (150, 30, 40))[draw.integers(4)]
    dark, square = draw.random() < 0.2, draw.random() < 0.5
    for side in (-1, 1):
        x = side * 0.35 + look * 1.05
        lens = rectangle(x - 0.26, -0.2, x + 0.26, 0.18, 0.1) if square else ellipse(x, 0, 0.26, 0.24)
        fill(canvas, placed(lens), (20, 22, 30) if dark else (220, 235, 245), alpha=0.85 if dark else 0.2)
        stroke(canvas, placed(lens), frame, size * 0.05, closed=True)
        stroke(canvas, placed([(x + side * 0.26, -0.05), (side * half, -0.02)]), frame, size * 0.04)
    stroke(canvas, placed([(look * 1.05 - 0.1, -0.04), (look * 1.05 + 0.1, -0.04)]), frame, size * 0.05)


def _print_hat(canvas: Canvas, looks: Person, placed: Placed, half: float, size: float, shade: float) -> None:
    colour = looks.trousers
    if looks.hat == "cook":
        for x, y, r in ((-0.5, -1.55, 0.42), (0.5, -1.55, 0.42), (0, -1.75, 0.5)):
            fill(canvas, placed(ellipse(x, y, r, r)), (246, 246, 244), shade=0.2)
        fill(canvas, placed(rectangle(-half, -1.5, half, -0.72, 0.1)), (236, 236, 236))
    elif looks.hat == "cap":
        crown = [(-half - 0.06, -0.5), (-0.62, -1.15), (0, -1.3), (0.62, -1.15), (half + 0.06, -0.5), (0, -0.62)]
        fill(canvas, placed(rounded_curve(crown)), colour, shade=shade * 0.6)
        peak = rounded_curve([(-0.7, -0.62), (0, -0.72), (0.7, -0.62), (0.6, -0.44), (0, -0.48), (-0.6, -0.44)])
        fill(canvas, placed(peak), lighter(colour, -0.3))
    elif looks.hat == "straw":
        fill(canvas, placed(ellipse(0, -0.62, 1.5, 0.26)), (222, 186, 112), shade=0.3)
        crown = [(-0.7, -0.66), (-0.6, -1.3), (0, -1.42), (0.6, -1.3), (0.7, -0.66), (0, -0.56)]
        fill(canvas, placed(rounded_curve(crown)), (232, 200, 130), shade=0.3)
        fill(canvas, placed([(-0.7, -0.84), (0.7, -0.84), (0.72, -0.66), (-0.72, -0.66)]), colour)
    elif looks.hat == "knit":
        crown = [(-half - 0.05, -0.6), (-0.6, -1.25), (0, -1.45), (0.6, -1.25), (half + 0.05, -0.6)]
        fill(canvas, placed(rounded_curve(crown)), colour, shade=shade * 0.6)
        fill(canvas, placed(rectangle(-half - 0.08, -0.8, half + 0.08, -0.48, 0.1)), lighter(colour, 0.25))
        fill(canvas, placed(ellipse(0, -1.5, 0.2, 0.2)), lighter(colour, 0.4))
    elif looks.hat == "beret":
        band = [(-half - 0.04, -0.62), (0, -0.84), (half + 0.04, -0.62), (half, -0.46), (0, -0.66), (-half, -0.46)]
        crown = [(-half - 0.02, -0.56), (-0.95, -0.95), (-0.3, -1.38), (0.55, -1.42), (1.2, -1.06), (half + 0.12, -0.6)]
        fill(canvas, placed(rounded_curve([*crown, (0, -0.76)])), colour, shade=shade * 0.6)
        fill(canvas, placed(rounded_curve(band)), lighter(colour, -0.25))
        stroke(canvas, placed([(0.2, -1.36), (0.26, -1.52)]), lighter(colour, -0.25), size * 0.06)


Pose = tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]

# Angles of limbs from straight down, in degrees, positive outward: upper and lower arm, then thigh and shin.
POSES: dict[str, Pose] = {
    "standing": ((12, 6), (12, 6), (6, 2), (6, 2)),
    "arms raised": ((150, 165), (150, 165), (14, 6), (14, 6)),
    "waving": ((20, 10), (130, 175), (8, 2), (8, 2)),
    "hands on hips": ((35, -60), (35, -60), (10, 4), (10, 4)),
    "running": ((60, 120), (40, -30), (45, -10), (30, 60)),
    "arms spread": ((95, 100), (95, 100), (30, 22), (30, 22)),
    "dancing": ((140, 120), (70, 110), (50, -35), (25, 10)),
    "one arm bent": ((25, -95), (18, 8), (10, 2), (4, 2)),
}
HELD_OUT_POSES = frozenset({"waving", "dancing"})


def print_person(draw: np.random.Generator, canvas: Canvas, palette: Palette, held_out: bool = False) -> None:
    """A whole person in one of POSES, standing at the foot of a canvas in its middle.

    held_out  as `draw_person_looks` has it, for the pose too.
    """
    height, width = canvas.shape[:2]
    if min(height, width) < 16:
        return
    looks = draw_person_looks(draw, palette, held_out=held_out)
    heads = 4.6 if looks.child else float(draw.choice([6.2, 7.0, 5.2]))
    total = min(height * draw.uniform(0.78, 0.9), width * 1.5)
    # a head is two sizes high; above it there is room for a hat or raised hands
    size = total / heads / 2
    x, foot = width * draw.uniform(0.42, 0.58), height * 0.985
    head_y = foot - total + size
    pose = POSES[one_of(draw, offered(POSES, HELD_OUT_POSES, held_out))]
    shoulder_y, hip_y = head_y + 1.5 * size, foot - (foot - head_y) * 0.5
    broad = size * (0.95 if looks.child else 1.25)
    leg, arm = (foot - hip_y) * 0.5, (hip_y - shoulder_y) * 0.56
    thick = size * 0.5
    dress = draw.random() < 0.35
    for side, (thigh, shin) in zip((-1, 1), pose[2:], strict=True):
        limb = _limb((x + side * broad * 0.42, hip_y), side, (thigh, shin), leg)
        stroke(canvas, limb, looks.skin if dress else looks.trousers, thick * 1.15)
        shoe = ellipse(limb[2][0] + side * size * 0.14, limb[2][1], size * 0.42, size * 0.2)
        fill(canvas, shoe, lighter(looks.trousers, -0.5))
    if dress:
        skirt = [(x - broad * 0.6, hip_y - size), (x + broad * 0.6, hip_y - size)]
        skirt += [(x + broad * 1.35, hip_y + leg * 0.8), (x - broad * 1.35, hip_y + leg * 0.8)]
        fill(canvas, np.array(skirt), looks.clothes)
    _print_hair_behind(canvas, looks, _placing(x, head_y, size), 0.3)
    torso = [(x - broad, shoulder_y), (x, shoulder_y - size * 0.16), (x + broad, shoulder_y)]
    torso += [(x + broad * 0.72, hip_y), (x, hip_y + thick * 0.5), (x - broad * 0.72, hip_y)]
    stroke(canvas, np.array([(x, head_y), (x, shoulder_y)]), lighter(looks.skin, -0.1), size * 0.55)
    fill(canvas, rounded_curve(torso), looks.clothes, shade=0.3)
    for side, angles in zip((-1, 1), pose[:2], strict=True):
        limb = _limb((x + side * broad * 0.86, shoulder_y + thick * 0.4), side, angles, arm)
        stroke(canvas, limb[1:], looks.skin, thick * 0.7)
        stroke(canvas, limb[:2], lighter(looks.clothes, -0.1), thick * 0.9)
        fill(canvas, ellipse(*_xy(limb[2]), size * 0.26, size * 0.26), looks.skin)
    _print_head(draw, canvas, looks, x, head_y, size, shade=0.3, look=draw.uniform(-0.17, 0.17))


def _limb(start: tuple[float, float], side: int, angles: tuple[float, float], length: float) -> Points:
    """Joint, elbow or knee, and hand or foot."""
    points = [np.array(start)]
    for angle in angles:
        way = math.radians(angle)
        points.append(points[-1] + length * np.array((side * math.sin(way), math.cos(way))))
    return np.array(points)


Ears = Literal["round", "pointed", "long", "hanging", "tufts", "none"]


@dataclass(frozen=True, kw_only=True)
class Animal:
    """A cartoon animal: colours of fur to choose from, and what makes it known."""

    furs: tuple[Colour, ...]
    ears: Ears
    muzzle: Colour | None = None
    nose: Colour = (40, 32, 32)
    patch: Colour | None = None  # round the eyes
    whiskers: bool = False
    stripes: Colour | None = None
    beak: Colour | None = None
    horns: Colour | None = None
    mane: Colour | None = None
    snout: bool = False  # a disc with two nostrils


ANIMALS: dict[str, Animal] = {
    "bear": Animal(furs=((140, 92, 56), (100, 66, 42), (236, 232, 224)), ears="round", muzzle=(226, 190, 150)),
    "panda": Animal(furs=((248, 248, 246),), ears="round", patch=(32, 32, 36), muzzle=(248, 248, 246)),
    "cat": Animal(
        furs=((240, 170, 80), (96, 96, 104), (40, 40, 46), (244, 238, 228)),
        ears="pointed",
        muzzle=(250, 240, 228),
        nose=(226, 120, 120),
        whiskers=True,
    ),
    "tiger": Animal(furs=((244, 156, 50),), ears="round", muzzle=(252, 244, 232), stripes=(38, 30, 28), whiskers=True),
    "fox": Animal(furs=((228, 112, 44), (214, 96, 50)), ears="pointed", muzzle=(252, 244, 236)),
    "dog": Animal(
        furs=((196, 148, 96), (120, 80, 52), (244, 236, 222), (60, 56, 58)), ears="hanging", muzzle=(246, 232, 212)
    ),
    "rabbit": Animal(
        furs=((236, 226, 216), (180, 160, 144), (252, 250, 248)), ears="long", nose=(228, 130, 140), whiskers=True
    ),
    "pig": Animal(furs=((250, 184, 184), (244, 164, 170)), ears="pointed", snout=True),
    "cow": Animal(
        furs=((250, 248, 244), (120, 78, 52)),
        ears="hanging",
        patch=(52, 44, 44),
        muzzle=(246, 190, 180),
        snout=True,
        horns=(226, 210, 180),
    ),
    "owl": Animal(furs=((130, 96, 70), (96, 110, 130)), ears="tufts", patch=(244, 232, 206), beak=(240, 168, 50)),
    "chick": Animal(furs=((252, 214, 70), (255, 238, 150)), ears="none", beak=(240, 140, 40)),
    "penguin": Animal(furs=((44, 52, 70),), ears="none", patch=(250, 250, 250), beak=(244, 160, 40)),
    "lion": Animal(furs=((236, 180, 96),), ears="round", mane=(172, 98, 40), muzzle=(250, 226, 180), whiskers=True),
}
HELD_OUT_ANIMALS = frozenset({"panda", "rabbit", "owl", "lion"})


def print_animal(draw: np.random.Generator, canvas: Canvas, palette: Palette, held_out: bool = False) -> None:
    """One of ANIMALS: its head in the middle of a canvas, or sitting with body and paws if the canvas is high.

    held_out  whether it is of those kept for the benchmark, or of the others.
    """
    height, width = canvas.shape[:2]
    if min(height, width) < 12:
        return
    animal = ANIMALS[one_of(draw, offered(ANIMALS, HELD_OUT_ANIMALS, held_out))]
    fur = animal.furs[draw.integers(len(animal.furs))]
    sits = height > 1.15 * width or draw.random() < 0.25
    size = min(width / 2.5, height / (4.2 if sits else 2.9))
    x, y = width / 2, height - size * (2.75 if sits else 1.2)
    shade = float(draw.choice([0.0, 0.3, 0.6]))
    if sits:
        fill(canvas, ellipse(x, y + 1.75 * size, 0.92 * size, 1.1 * size), fur, shade=shade)
        belly = animal.muzzle or animal.patch or lighter(fur, 0.3)
        if sum(belly) > 300:
            fill(canvas, ellipse(x, y + 1.85 * size, 0.55 * size, 0.8 * size), belly)
        for side in (-1, 1):
            paw = lighter(animal.beak or fur, -0.12)
            fill(canvas, ellipse(x + side * 0.5 * size, y + 2.62 * size, 0.36 * size, 0.18 * size), paw)
            fill(
                canvas,
                ellipse(x + side * 0.84 * size, y + 1.45 * size, 0.2 * size, 0.5 * size, side * 24),
                lighter(fur, -0.1),
            )
        if draw.random() < 0.5:
            fill(canvas, rectangle(x - 0.6 * size, y + 0.8 * size, x + 0.6 * size, y + 1.02 * size, 9), palette.accent)
    _print_animal_head(draw, canvas, animal, fur, x, y, size, shade)


def _print_animal_head(
    draw: np.random.Generator,
    canvas: Canvas,
    animal: Animal,
    fur: Colour,
    x: float,
    y: float,
    size: float,
    shade: float,
) -> None:
    inner = mixed(fur, (250, 170, 160), 0.5)
    if animal.mane:
        fill(canvas, star(x, y, size * 1.3, size * 1.05, 18), animal.mane, shade=shade)
    for side in (-1, 1):
        if animal.horns:
            horn = rounded_curve([(0.5, -0.7), (0.85, -1.25), (0.95, -1.2), (0.75, -0.6)])
            fill(canvas, horn * (side * size, size) + (x, y), animal.horns)
        for shrink, colour in ((1.0, animal.patch if animal.patch and animal.ears == "round" else fur), (0.6, inner)):
            if animal.ears == "round":
                fill(
                    canvas,
                    ellipse(x + side * 0.72 * size, y - 0.72 * size, 0.34 * shrink * size, 0.34 * shrink * size),
                    colour,
                )
            elif animal.ears in ("pointed", "tufts"):
                spread = 0.55 if animal.ears == "pointed" else 0.4
                ear = np.array([(-0.42, 0.5), (0.35, 0.5), (0.12, -0.55)]) * shrink
                ear = ear * (side, 1) + (side * spread, -0.85)
                fill(canvas, ear * size + (x, y), colour)
            elif animal.ears == "long":
                fill(
                    canvas,
                    ellipse(
                        x + side * 0.36 * size, y - 1.2 * size, 0.2 * shrink * size, 0.62 * shrink * size, side * 10
                    ),
                    colour,
                )
            elif animal.ears == "hanging" and shrink == 1:
                ear = ellipse(x + side * 0.95 * size, y - 0.15 * size, 0.26 * size, 0.55 * size, -side * 18)
                fill(canvas, ear, animal.patch or lighter(fur, -0.3))
    fill(canvas, ellipse(x, y, size, size * 0.92), fur, shade=shade)
    if animal.stripes:
        for turn in (-28, 0, 28, 100, 80, -100, -80):
            way = math.radians(turn - 90)
            tip, foot = np.array((math.cos(way), math.sin(way) * 0.92)), 0.66
            across = np.array((-tip[1], tip[0])) * 0.09
            fill(
                canvas, np.array([tip * 0.98 + across, tip * foot, tip * 0.98 - across]) * size + (x, y), animal.stripes
            )
    for side in (-1, 1):
        if animal.patch and not (animal.ears == "hanging" and side == 1):
            fill(
                canvas,
                ellipse(x + side * 0.38 * size, y - 0.12 * size, 0.3 * size, 0.36 * size, side * 20),
                animal.patch,
            )
    if animal.muzzle:
        fill(canvas, ellipse(x, y + 0.42 * size, 0.55 * size, 0.42 * size), animal.muzzle)
    for side in (-1, 1):
        eye = (x + side * 0.38 * size, y - 0.12 * size)
        fill(canvas, ellipse(*eye, 0.17 * size, 0.2 * size), (255, 255, 255))
        fill(canvas, ellipse(eye[0], eye[1] + 0.02 * size, 0.12 * size, 0.15 * size), (30, 24, 24))
        fill(canvas, ellipse(eye[0] + 0.05 * size, eye[1] - 0.05 * size, 0.045 * size, 0.045 * size), (255, 255, 255))
        fill(
            canvas,
            ellipse(x + side * 0.64 * size, y + 0.3 * size, 0.16 * size, 0.11 * size),
            (240, 110, 110),
            alpha=0.35,
        )
    if animal.beak:
        fill(canvas, np.array([(-0.2, 0.12), (0, 0.04), (0.2, 0.12), (0, 0.46)]) * size + (x, y), animal.beak)
        return
    if animal.snout:
        fill(canvas, ellipse(x, y + 0.36 * size, 0.4 * size, 0.27 * size), lighter(animal.muzzle or fur, -0.1))
        for side in (-1, 1):
            fill(canvas, ellipse(x + side * 0.15 * size, y + 0.36 * size, 0.06 * size, 0.1 * size), (110, 60, 60))
    else:
        nose = rounded_curve([(-0.17, 0.18), (0, 0.14), (0.17, 0.18), (0, 0.34)])
        fill(canvas, nose * size + (x, y), animal.nose)
    open_mouth = draw.random() < 0.4
    mouth = rounded_curve([(-0.26, 0.52), (-0.13, 0.62), (0, 0.5), (0.13, 0.62), (0.26, 0.52)], closed=False)
    if animal.snout:
        mouth = rounded_curve([(-0.2, 0.7), (0, 0.76), (0.2, 0.7)], closed=False)
    elif open_mouth:
        fill(canvas, ellipse(x, y + 0.64 * size, 0.13 * size, 0.14 * size), (190, 60, 70))
    stroke(canvas, mouth * size + (x, y), (50, 36, 36), size * 0.045)
    if animal.whiskers:
        for side in (-1, 1):
            for slope in (-0.1, 0, 0.1):
                whisker = np.array([(side * 0.4, 0.4), (side * 1.05, 0.4 + slope * 2)])
                stroke(canvas, whisker * size + (x, y), (70, 60, 60), size * 0.018)


def _any_colour(draw: np.random.Generator) -> Colour:
    red, green, blue = (int(value) for value in draw.integers(20, 236, 3))
    return red, green, blue
