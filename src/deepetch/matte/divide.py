"""One alpha between the things it shows: each pixel to the thing that claims it most."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from deepetch.arrays import Alpha, Levels, require_alpha
from deepetch.errors import InvalidArray

STRIP = 4_000_000  # pixels of the full size worked on at a time
SEAM = 3  # pixels over which one thing gives way to the next where two touch
MOST = 255  # things
FAINT = 0.1  # a lower claim is none: networks that draw a mask in a box say everywhere in it a little


def divide_alpha(alpha: Levels, claims: Sequence[Alpha]) -> list[Levels]:
    """Divide an alpha between things; together they are the alpha again, but for rounding, and no two overlap by half.

    alpha    (h, w) uint8 or uint16.
    claims   of each thing, (h', w') float32 in [0, 1], all on one grid over the same picture: how much of each pixel it
             takes for its own. Where nobody claims a tenth a pixel goes to the nearest thing that does.
    Returns  (h, w) of alpha's dtype for each thing; no claim: [].
    Raises   InvalidArray for claims of several sizes, or more than 255 of them.
    """
    if not claims:
        return []
    for claim in claims:
        require_alpha(claim, "claim")
        if claim.shape != claims[0].shape:
            raise InvalidArray(f"claims: expected one grid; got {claims[0].shape} and {claim.shape}.")
    if len(claims) > MOST:
        raise InvalidArray(f"claims: expected at most {MOST}; got {len(claims)}.")
    owners = owners_of([_widened(claim) for claim in claims], alpha.shape[0], alpha.shape[1])
    parts = []
    for number in range(len(claims)):
        share = cv2.blur((owners == number).astype(np.uint8) * 255, (SEAM, SEAM))
        # in 32 bits 65,535 x 255 has room
        part = (alpha.astype(np.uint32) * share + 127) // 255
        parts.append(part.astype(alpha.dtype))
    return parts


def owners_of(claims: Sequence[NDArray[np.float32]], height: int, width: int) -> NDArray[np.uint8]:
    """The number of the greatest of some claims (h', w') at each pixel (height, width), enlarged bilinearly."""
    rows, columns = claims[0].shape
    owners = np.zeros((height, width), np.uint8)
    strip = max(1, STRIP // max(1, width))
    scale = columns / width, rows / height
    for top in range(0, height, strip):
        tall = min(strip, height - top)
        matrix = np.array([[scale[0], 0, 0.5 * scale[0] - 0.5], [0, scale[1], (top + 0.5) * scale[1] - 0.5]])
        best = np.full((tall, width), -np.inf, np.float32)
        for number, claim in enumerate(claims):
            shown = cv2.warpAffine(
                claim,
                matrix,
                (width, tall),
                flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                borderMode=cv2.BORDER_REPLICATE,
            )
            better = shown > best
            best[better] = shown[better]
            owners[top : top + tall][better] = number
    return owners


def _widened(claim: Alpha) -> NDArray[np.float32]:
    """A claim with the distance to its thing, as a negative number, where it is faint; far away from no thing."""
    nothing = claim <= FAINT
    if nothing.all():
        return np.full(claim.shape, -1e6, np.float32)
    away = cv2.distanceTransform(nothing.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.where(nothing, -away, claim).astype(np.float32)
