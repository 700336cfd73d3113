"""Masks as coarse as hurried polygons: what a set loses at its borders when its outlines have few corners."""

from __future__ import annotations

from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from deepetch.arrays import Mask, require_mask
from deepetch.errors import InvalidOptions

HALVINGS = 12  # of the interval in which the tolerance is sought
FINEST = 0.25  # pixels; nothing that is drawn changes below

Contour: TypeAlias = NDArray[Any]  # (n, 1, 2) x and y, as OpenCV has them


def coarsen_mask(mask: Mask, density: float) -> Mask:
    """Replace outlines by polygons with at most `density` corners per 100 pixels of contour, as true as that allows.

    mask     (h, w) bool, else InvalidArray; without a contour it comes back as it is.
    density  corners per 100 px of all outlines and holes together; each keeps at least three.
    Returns  (h, w) bool. One tolerance in pixels holds for the whole mask: the least, of Douglas and Peucker's (1973)
             polygons, at which the corners are few enough.
    Raises   InvalidOptions unless density > 0.
    """
    require_mask(mask)
    if not density > 0:
        raise InvalidOptions(f"density: expected more than 0; got {density}.")
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    allowed = max(density / 100 * sum(cv2.arcLength(contour, True) for contour in contours), 3 * len(contours))
    low, high = 0.0, float(max(mask.shape, default=0))
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        corners = sum(len(_polygon(contour, middle)) for contour in contours)
        low, high = (low, middle) if corners <= allowed else (middle, high)
    drawn = np.zeros(mask.shape, np.uint8)
    # even-odd: a hole is an outline inside another
    cv2.fillPoly(drawn, [_polygon(contour, high) for contour in contours], 1)
    return drawn.astype(bool)


def _polygon(contour: Contour, tolerance: float) -> Contour:
    """The polygon of a contour with three corners or more, at a smaller tolerance if need be; or the contour itself."""
    while tolerance > FINEST:
        polygon = cv2.approxPolyDP(contour, tolerance, True)
        if len(polygon) > 2:
            return polygon
        tolerance /= 2
    return contour
