"""The plate of white ink that is printed beneath a subject on film, metal or dark stock."""

from __future__ import annotations

from typing import cast

from deepetch.arrays import Levels, full_scale
from deepetch.deliver.channels import ExtraChannel
from deepetch.errors import InvalidOptions
from deepetch.matte.adjust import adjust_edges
from deepetch.options import EdgeOptions, SpotOptions
from deepetch.photo.photo import Photo

MM_PER_INCH = 25.4
MOST_CHOKE = 100.0  # pixels, as far as `adjust_edges` moves an edge


def white_plate(photo: Photo, alpha: Levels, options: SpotOptions) -> ExtraChannel:
    """White ink as much as alpha is opaque, its edge drawn in by the choke: a spot channel, 0 for full ink.

    The edge moves along its normal, by fractions of a pixel too, as `matte.adjust.adjust_edges` does it: what is
    narrower than twice the choke gets no white, what the picture's frame cuts is not drawn in there.
    Raises  InvalidOptions for a choke of more than 100 pixels, or in millimetres without a density.
    """
    choke = choke_in_pixels(photo, options)
    plate = adjust_edges(alpha, EdgeOptions(shift_edge=-choke))
    full = alpha.dtype.type(full_scale(alpha))
    return ExtraChannel(options.name, cast(Levels, full - plate), "spot")


def choke_in_pixels(photo: Photo, options: SpotOptions) -> float:
    """The choke in the photo's pixels, by its density; where that differs across and down, by the larger one.

    Raises  InvalidOptions as `white_plate`.
    """
    choke = options.choke
    if options.unit == "mm" and choke:
        density = photo.metadata.density
        if density is None:
            raise InvalidOptions(
                f"spot: {choke:g} mm need a density, and the photo states none. Give the choke in pixels, such as 2px."
            )
        choke *= max(density) / MM_PER_INCH
    if choke > MOST_CHOKE:
        raise InvalidOptions(f"spot: the choke is {choke:.0f} pixels; {MOST_CHOKE:.0f} are the most. Ask for less.")
    return choke
