"""Find a camera that shows products as large in the frame as asked."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from deepetch.studio.scene import Camera

SENSOR = 36.0  # mm along the longer side of the frame
Points = NDArray[np.float64]


def frame_camera(
    points: Points,
    *,
    azimuth: float,
    elevation: float,
    focal_mm: float,
    aspect: float,
    fill: float,
    blur: float | None = None,
    roll: float = 0.0,
    shift: tuple[float, float] = (0.0, 0.0),
) -> Camera:
    """Go back from the middle of `points` until they fill a share of the frame, in the direction where they fill most.

    points              (n, 3) metres.
    azimuth, elevation  of the camera in degrees, seen from the middle: 0 is the front, 90 above.
    aspect              width / height of the frame.
    blur                the largest circle into which the lens, focused on the middle, spreads a point of the products,
                        as a share of the frame's longer side; None: all is sharp.
    """
    middle = (points.min(0) + points.max(0)) / 2
    turn, rise = np.radians(azimuth), np.radians(elevation)
    away = np.array([np.cos(rise) * np.sin(turn), -np.cos(rise) * np.cos(turn), np.sin(rise)])
    reach = float(np.linalg.norm(points - middle, axis=1).max())
    low, high = reach * 1.02, reach * 400
    for _ in range(60):  # the extent falls with the distance: halve the interval
        distance = np.sqrt(low * high)
        if extent(points, middle + distance * away, middle, focal_mm, aspect) > fill:
            low = distance
        else:
            high = distance
    position = middle + high * away
    return Camera(
        position=(float(position[0]), float(position[1]), float(position[2])),
        target=(float(middle[0]), float(middle[1]), float(middle[2])),
        focal_mm=focal_mm,
        f_stop=None if blur is None else f_stop_for(points, position, middle, focal_mm, blur),
        focus=float(high),
        roll=roll,
        shift=shift,
    )


def f_stop_for(points: Points, position: Points, target: Points, focal_mm: float, blur: float) -> float:
    """The f-number at which no point is spread wider than a share of the frame, focused on the target.

    A thin lens spreads a point at distance z to f^2 / N * |z - d| / (z (d - f)), focused at d.
    """
    focused = float(np.linalg.norm(target - position))
    depth = (points - position) @ (target - position) / focused
    focal = focal_mm / 1000
    spread = focal**2 * np.abs(depth - focused) / (depth * max(focused - focal, focal))
    return float(max(spread.max() / (blur * SENSOR / 1000), 0.5))


def extent(points: Points, position: Points, target: Points, focal_mm: float, aspect: float) -> float:
    """The larger of the shares of width and height that points cover, were they centred; infinite behind the camera."""
    forward = (target - position) / np.linalg.norm(target - position)
    up = np.array([0.0, 0.0, 1.0]) if abs(forward[2]) < 0.999 else np.array([0.0, 1.0, 0.0])
    right = np.cross(forward, up)
    right /= np.linalg.norm(right)
    above = np.cross(right, forward)
    seen = points - position
    depth = seen @ forward
    if depth.min() <= 0:
        return float("inf")
    half = SENSOR / 2 / focal_mm  # tangent of half the angle along the longer side
    wide, tall = (half, half / aspect) if aspect >= 1 else (half * aspect, half)
    across, along = seen @ right / depth / wide, seen @ above / depth / tall
    return float(max(np.abs(across).max(), np.abs(along).max()))
