"""Hair, fur and fringe drawn along a subject's border: masks drawn by hand end where hair begins.

What is drawn is the truth by definition: strands of known opacity in the subject's own colours, thinner than a pixel at
their ends, over whatever comes behind.
"""

from __future__ import annotations

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor

FINER = 2  # strands are drawn at so many times the size, and averaged
POINTS = 10  # of a strand
MOST = 1200  # strands
SHIFT = 4  # bits of a pixel's fraction in OpenCV's coordinates
SMOOTHED = 15  # pixels of the contour over which its direction is taken


def add_hair(pictures: Tensor, alphas: Tensor, generator: Generator) -> tuple[Tensor, Tensor]:
    """Give each subject strands along a part of its border.

    pictures  (n, 3, s, s) in [0, 1], the subject's colours;  alphas  (n, 1, s, s) in [0, 1].
    Returns   both anew, on their device; a picture without a border stays as it is.
    """
    seeds = torch.randint(2**31 - 1, (len(pictures),), generator=generator, device=generator.device).tolist()
    device = pictures.device
    grown = [
        _grown(picture.permute(1, 2, 0).cpu().numpy(), alpha[0].cpu().numpy(), np.random.default_rng(seed))
        for picture, alpha, seed in zip(pictures, alphas, seeds, strict=True)
    ]
    shown, cut = (torch.from_numpy(np.stack(part)).to(device) for part in zip(*grown, strict=True))
    return shown.permute(0, 3, 1, 2).contiguous(), cut[:, None]


def _grown(
    picture: NDArray[np.float32], alpha: NDArray[np.float32], draw: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    contours, _ = cv2.findContours((alpha >= 0.5).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    contour = max((c[:, 0].astype(np.float64) for c in contours), key=len, default=np.zeros((0, 2)))
    if len(contour) < 4 * SMOOTHED:
        return picture, alpha
    size = alpha.shape[0]
    roots, along = _roots(contour, draw)
    strands = _strands(roots, along, size, draw)
    inside = alpha >= 0.9
    coverage = np.zeros((FINER * size, FINER * size), np.uint8)
    colours = picture.copy()
    lightness = draw.uniform(0.75, 1.25)
    faintest, strongest = np.sort(draw.uniform(0.25, 1.0, 2)).tolist()
    opacities = np.sort(draw.uniform(faintest, strongest, len(strands)))
    thick = int(draw.integers(1, 4))
    for strand, opacity in zip(strands, opacities, strict=True):
        shade = _colour_at(picture, inside, strand[0]) * lightness * draw.uniform(0.85, 1.15)
        fixed = np.rint(strand * 2**SHIFT).astype(np.int32)
        cv2.polylines(colours, [fixed], False, shade.clip(0, 1).tolist(), 3, cv2.LINE_8, SHIFT)
        finer = np.rint((strand + 0.5) * FINER * 2**SHIFT).astype(np.int32)
        for place in range(POINTS - 1):
            fading = opacity * (1 - 0.8 * (place / (POINTS - 1)) ** 2)
            width = max(1, round(thick * (1 - place / POINTS)))
            ends = tuple(map(int, finer[place])), tuple(map(int, finer[place + 1]))
            cv2.line(coverage, *ends, float(255 * fading), width, cv2.LINE_AA, SHIFT)
    drawn = cv2.resize(coverage, (size, size), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    grown = np.maximum(alpha, drawn)
    # as much of a pixel as is strand and not subject has the strand's colour
    share = ((grown - alpha) / np.maximum(grown, 1e-6))[..., None]
    return (picture + share * (colours - picture)).astype(np.float32), grown


def _roots(contour: NDArray[np.float64], draw: np.random.Generator) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points (k, 2) on a part of a contour, and the directions (k, 2) outward there, of length 1."""
    length = len(contour)
    part = draw.uniform(0.15, 0.8) * length
    count = int(min(MOST, np.exp(draw.uniform(np.log(0.2), np.log(3))) * part))
    places = (draw.integers(length) + np.sort(draw.uniform(0, part, max(1, count))).astype(int)) % length
    before, after = contour[(places - SMOOTHED) % length], contour[(places + SMOOTHED) % length]
    tangent = after - before
    tangent /= np.maximum(np.linalg.norm(tangent, axis=1, keepdims=True), 1e-6)
    # OpenCV follows outer contours so that the inside lies to the right of a line drawn with y down
    outward = np.stack([-tangent[:, 1], tangent[:, 0]], 1)
    middle = contour.mean(axis=0)
    if np.mean(((contour[places] - middle) * outward).sum(1)) < 0:
        outward = -outward
    return contour[places], outward


def _strands(
    roots: NDArray[np.float64], outward: NDArray[np.float64], size: int, draw: np.random.Generator
) -> list[NDArray[np.float64]]:
    """Curves of POINTS points each from a little inside of the roots outward, all blown a little to one side."""
    count = len(roots)
    longest = size * np.exp(draw.uniform(np.log(0.012), np.log(0.2)))
    lengths = longest * draw.uniform(0.3, 1.0, count)[:, None]
    wind = draw.normal(size=2) * 0.4
    turned = np.arctan2(outward[:, 1], outward[:, 0]) + draw.normal(scale=draw.uniform(0.1, 0.6), size=count)
    ahead = np.stack([np.cos(turned), np.sin(turned)], 1)
    aside = np.stack([-ahead[:, 1], ahead[:, 0]], 1)
    begin = roots - outward * draw.uniform(1, 6, count)[:, None]
    curl = draw.uniform(0.05, 0.5)
    middle = begin + lengths * (0.5 * ahead + aside * draw.normal(scale=curl, size=count)[:, None] * 0.5)
    end = begin + lengths * (ahead + wind + aside * draw.normal(scale=curl, size=count)[:, None])
    steps = np.linspace(0, 1, POINTS)[:, None]
    return [
        (1 - steps) ** 2 * first + 2 * steps * (1 - steps) * second + steps**2 * third
        for first, second, third in zip(begin, middle, end, strict=True)
    ]


def _colour_at(
    picture: NDArray[np.float32], inside: NDArray[np.bool_], place: NDArray[np.float64]
) -> NDArray[np.float32]:
    """The subject's mean colour around a point (x, y); grey where there is none of it."""
    column, row = (round(float(value)) for value in place)
    window = slice(max(0, row - 4), row + 5), slice(max(0, column - 4), column + 5)
    near = picture[window][inside[window]]
    return near.mean(axis=0) if len(near) else np.full(3, 0.5, np.float32)
