"""A cut-out of several things to one cut-out a thing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from deepetch.arrays import full_scale
from deepetch.cutout import Cutout
from deepetch.errors import InvalidOptions, NoSubject
from deepetch.inference.instance import Instance
from deepetch.matte.colours import border_colours
from deepetch.matte.divide import MOST, divide_alpha
from deepetch.matte.matte import Matte
from deepetch.options import CutOptions
from deepetch.photo.view import reduced, working_view
from deepetch.segment.apart import told_apart
from deepetch.segment.overlay import overlaid

GRID = 640  # pixels of the longer side on which things are told apart
OVERLAY = 2000  # pixels of the longer side of a picture that shows what was found
LEAST_SIZE = 0.002  # of the picture: what is smaller is no product


@dataclass(frozen=True, eq=False, kw_only=True)
class Thing:
    """One of the things in a photo, cut out alone.

    name   its class; "" from a model that knows none.
    score  how sure the model is of it, in [0, 1]; None from a model that does not say.
    """

    name: str
    score: float | None
    cutout: Cutout


def separate(
    cutout: Cutout,
    options: CutOptions = CutOptions(),
    *,
    classes: Collection[str] | None = None,
    least_size: float = LEAST_SIZE,
) -> list[Thing]:
    """Divide a cut-out between the things it shows, from left to right by their middles.

    A model that tells things apart says which they are, see `segment.apart`; with any other each connected part is one.
    What no thing claims goes to the nearest.
    options     with which the photo was cut out.
    classes     only of these; None: all.
    least_size  of a thing, as a share of the picture.
    Raises      InvalidOptions for classes where the model told none, or a share that is none; NoSubject when nothing
                is left.
    """
    if not 0 <= least_size < 1:
        raise InvalidOptions(f"min-size: expected a share of the picture from 0 to 1; got {least_size}.")
    if classes is not None and not cutout.instances:
        raise InvalidOptions(f"classes: {cutout.model} tells of nothing here what it is. Use a Mask R-CNN.")
    height, width = cutout.alpha.shape
    scale = min(1.0, GRID / max(height, width))
    rows, columns = max(1, round(height * scale)), max(1, round(width * scale))
    small = cv2.resize(cutout.alpha, (columns, rows), interpolation=cv2.INTER_AREA).astype(np.float32)
    claims = told_apart(small / np.float32(full_scale(cutout.alpha)), cutout.instances)[:MOST]
    parts = divide_alpha(cutout.alpha, [claim.mask.astype(np.float32) for claim in claims])
    things = []
    for alpha, claim in zip(parts, claims, strict=True):
        full = full_scale(alpha)
        shown = alpha >= full / 2
        asked_for = classes is None or claim.name in classes
        if not asked_for or np.count_nonzero(shown) < max(1, least_size * alpha.size):
            continue
        border = border_colours(cutout.photo.samples, alpha, cutout.photo.alpha, options.matte)
        alone = replace(cutout, matte=Matte(alpha, border), instances=())
        columns_shown = np.flatnonzero(shown.any(axis=0))
        things.append((float(columns_shown[[0, -1]].mean()), Thing(name=claim.name, score=claim.score, cutout=alone)))
    if not things:
        among, others = ("", "") if classes is None else (f" of {', '.join(classes)}", ", for others with --classes")
        raise NoSubject(
            f"no thing{among} of {least_size:.1%} of the picture or more. Ask for less with --min-size{others}."
        )
    return [thing for _, thing in sorted(things, key=lambda pair: pair[0])]


def overlay(things: Sequence[Thing], *, size: int = OVERLAY) -> NDArray[np.uint8]:
    """The photo of some things (one or more, as `separate` gives them), each tinted, boxed, and named by its number.

    size     longer side at most.
    Returns  (h, w, 3) uint8 sRGB.
    """
    view = working_view(things[0].cutout.photo, size)
    labels = [
        " ".join([str(number), *([thing.name] if thing.name else []), *_score(thing)])
        for number, thing in enumerate(things, 1)
    ]
    return overlaid(view, [_seen(thing, size) for thing in things], labels)


def _score(thing: Thing) -> list[str]:
    return [] if thing.score is None else [f"{thing.score:.2f}"]


def _seen(thing: Thing, size: int) -> Instance:
    """A thing as it was cut out, its box around what shows to at least one half."""
    levels = reduced(thing.cutout.alpha[..., None], size)[..., 0]
    alpha = (levels / np.float32(full_scale(levels))).astype(np.float32)
    rows, columns = (np.flatnonzero((alpha >= 0.5).any(axis)) for axis in (1, 0))
    if not len(rows):  # too thin for this size
        return Instance(name=thing.name, score=thing.score or 0, box=(0, 0, 1, 1), mask=alpha)
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    height, width = alpha.shape
    box = (float(left / width), float(top / height), float(right / width), float(bottom / height))
    return Instance(name=thing.name, score=thing.score or 0, box=box, mask=alpha[top:bottom, left:right])
