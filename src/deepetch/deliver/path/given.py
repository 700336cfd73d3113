"""What a path is drawn around: the alpha that a picture has or is, unless it is a photo for a model to look at."""

from __future__ import annotations

from typing import Literal, cast

import numpy as np

from deepetch.arrays import Levels, full_scale
from deepetch.errors import InvalidOptions
from deepetch.photo.photo import Photo

Kind = Literal["auto", "mask", "photo"]

NEAR = 0.04  # of full scale: a value so near to black or white is black or white
SURE = 0.9  # share of such pixels from which on a grey picture is a mask


def alpha_given(picture: Photo, kind: Kind = "auto") -> Levels | None:
    """The alpha of a cut-out or a mask, (h, w) uint8 or uint16; None for a photo.

    A picture that is transparent somewhere is a cut-out: its alpha counts. A grey one, of one channel or of three equal
    ones, is a mask, white where the subject is, if nine tenths of its pixels are black or white to within 4 %.
    Everything else is a photo, but for other grey pictures: they may be either.
    kind    "mask" and "photo" say what it is.
    Raises  InvalidOptions for a grey picture that may be either, and for a coloured, opaque one that is to be a mask.
    """
    if kind == "photo":
        return None
    full = full_scale(picture.samples)
    if picture.alpha is not None and (picture.alpha < full).any():
        return picture.alpha
    grey = _is_grey(picture)
    if kind == "mask" and not grey:
        raise InvalidOptions("--as mask: the picture is opaque and has colours. Give a grey one, or a cut-out.")
    if not grey:
        return None
    levels = cast(Levels, np.ascontiguousarray(picture.samples[..., 0]))
    if kind == "auto":
        between = np.count_nonzero((levels > NEAR * full) & (levels < full - NEAR * full))
        if between > (1 - SURE) * levels.size:
            raise InvalidOptions(
                f"the picture is grey, and {between / levels.size:.0%} of it neither black nor white: a photo, or a "
                "soft mask? Say --as photo or --as mask."
            )
    return levels


def _is_grey(picture: Photo) -> bool:
    if picture.space != "rgb":
        return picture.space == "grey"
    first = picture.samples[..., 0]
    return all(np.array_equal(first, picture.samples[..., channel]) for channel in (1, 2))
