"""Alphas of shapes that are known exactly: an edge three pixels soft, or hard."""

import numpy as np


def places(height, width):
    """x (1, w) and y (h, 1) of the pixels' centres."""
    return np.arange(width)[None] + 0.5, np.arange(height)[:, None] + 0.5


def soft(inside, *, dtype=np.uint8, ramp=3.0):
    """Alpha of a shape from the signed distance of each pixel's centre to its edge, positive inside."""
    return np.rint(np.clip(inside / ramp + 0.5, 0, 1) * np.iinfo(dtype).max).astype(dtype)


def disc(radius, *, height=120, width=140, centre=(70.3, 59.8), dtype=np.uint8):
    x, y = places(height, width)
    return soft(radius - np.hypot(x - centre[0], y - centre[1]), dtype=dtype)


def polygon(corners, *, height=200, width=220, dtype=np.uint8, samples=8):
    """Alpha of a polygon (n, 2) as the share of each pixel inside it: crossings of rays, even-odd, on a fine grid."""
    x = (np.arange(width * samples) + 0.5) / samples
    y = ((np.arange(height * samples) + 0.5) / samples)[:, None]
    inside = np.zeros((height * samples, width * samples), bool)
    for (ax, ay), (bx, by) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        if ay != by:
            inside ^= ((ay <= y) != (by <= y)) & (x < ax + (y - ay) / (by - ay) * (bx - ax))
    share = inside.reshape(height, samples, width, samples).mean(axis=(1, 3))
    return np.rint(share * np.iinfo(dtype).max).astype(dtype)


def star(points=5, outer=80.0, inner=35.0, centre=(110.0, 100.0)):
    angles = np.pi * np.arange(2 * points) / points - np.pi / 2
    radii = np.where(np.arange(2 * points) % 2, inner, outer)
    return np.stack([centre[0] + radii * np.cos(angles), centre[1] + radii * np.sin(angles)], axis=1)


def blobs(seed, *, height=220, width=260, dtype=np.uint8):
    """Smooth random shapes with holes, some of them cut by the frame."""
    rng = np.random.default_rng(seed)
    x, y = places(height, width)
    field = np.zeros((height, width))
    for _ in range(20):
        period = rng.uniform(60, 150)
        angle, phase = rng.uniform(0, 2 * np.pi, 2)
        field += period * np.cos((x * np.cos(angle) + y * np.sin(angle)) * 2 * np.pi / period + phase)
    slope = np.hypot(*np.gradient(field))
    return soft(field / np.maximum(slope, 0.3 * slope.mean()), dtype=dtype)
