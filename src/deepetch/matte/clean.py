"""Alpha without the specks, pinholes and veils that networks leave, and with the transparency a file already had."""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from deepetch.arrays import Alpha, Levels, Mask, full_scale, require_alpha
from deepetch.errors import InvalidArray
from deepetch.options import MatteOptions

Labels: TypeAlias = NDArray[np.int32]  # (h, w): 0 outside, else the number of the part

NETWORK_SIDE = 320
STRIP_ROWS = 512
ISLAND = 0.002  # of the picture: a larger part that is soft throughout may be glass
HALO = 0.02  # alpha up to here is no part of a speck's soft surroundings; upsampling takes it for 0 anyway


def clean_alpha(coarse: Alpha, options: MatteOptions = MatteOptions()) -> Alpha:
    """Remove isolated specks and close pinholes; every other pixel keeps its value bit for bit.

    coarse   (h, w) float32 in [0, 1], at the network's size.
    options  speck: a part (alpha >= 0.5, its pixels touching by side or corner) smaller than this share of the
             largest part's pixels becomes 0, and so does its soft halo (alpha > 0.02 around it that is not
             nearer to a part that stays).
             pinhole: a hole (alpha < 0.5, touching by side, enclosed: not at the picture's edge) smaller than
             this share of the picture's pixels becomes 1, with its soft rim. At the defaults of 0.0005 and
             0.00005 and 336 x 448 network pixels: a speck beside a subject of 50 000 pixels has fewer than
             25, a pinhole at most 7.
    Returns  (h, w) float32, a new array; empty in, empty out; no part at all: a copy.
    Raises   InvalidArray if shape, dtype or range differ.
    """
    require_alpha(coarse, "coarse alpha")
    cleaned = coarse.copy()
    if coarse.size == 0:
        return cleaned
    parts, areas = _components(coarse >= 0.5, connectivity=8)
    speck = areas < options.speck * areas.max(initial=0)
    if speck.any():
        cleaned[_with_halo(parts, speck, coarse > HALO)] = 0
    holes, areas = _components(cleaned < 0.5, connectivity=4)
    pinhole = areas < options.pinhole * coarse.size
    edge = np.concatenate([holes[0], holes[-1], holes[:, 0], holes[:, -1]])
    pinhole[edge[edge > 0] - 1] = False
    if pinhole.any():
        cleaned[_with_halo(holes, pinhole, cleaned < 1 - HALO)] = 1
    return cleaned


def clear_veil(alpha: Levels, veil: float = MatteOptions.veil) -> None:
    """Set to 0, in place, what is fainter than `veil` and far from all that is not: a doubt, not a soft edge.

    alpha  (h, w) uint8 or uint16, at the photo's size.
    veil   in [0, 1]: a pixel below it stays as it is if one within max(h, w) / 320 pixels has this or more, rounded
           up (one pixel of a network's grid; a square window). 0, or an empty array: nothing changes. The default is
           above `FrameOptions.threshold`, so what is cleared frames nothing.
    Memory  some strips of rows.
    """
    height, width = alpha.shape
    if not veil or not alpha.size:
        return
    reach = -(-max(height, width) // NETWORK_SIDE)
    window = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    dense = int(np.ceil(veil * full_scale(alpha)))
    above = np.zeros((0, width), np.uint8)  # rows before the strip, as they were
    for top in range(0, height, STRIP_ROWS):
        strip = alpha[top : top + STRIP_ROWS]
        seen = np.concatenate([above, (alpha[top : top + STRIP_ROWS + reach] >= dense).view(np.uint8)])
        near = cv2.dilate(seen, window)[len(above) : len(above) + len(strip)]
        above = seen[: len(above) + len(strip)][-reach:]
        strip[near == 0] = 0


def clear_islands(alpha: Levels, veil: float = MatteOptions.veil) -> None:
    """Set to 0, in place, small islands that are nowhere half opaque: a refiner draws them where there is nothing.

    alpha  (h, w) uint8 or uint16, at the photo's size.
    veil   an island is what hangs together of alpha at `veil` and more, over gaps of two pixels of a network's grid of
           320. It is cleared if no pixel of it reaches one half, it has less than 1/500 of the picture, and some other
           part does reach one half. 0, or an empty array: nothing changes.
    """
    height, width = alpha.shape
    if not veil or not alpha.size:
        return
    cell = -(-max(height, width) // NETWORK_SIDE)
    rows, columns = -(-height // cell), -(-width // cell)
    highest = np.zeros((rows, columns), alpha.dtype)
    for row in range(rows):
        strip = alpha[row * cell : (row + 1) * cell].max(axis=0)
        highest[row] = np.maximum.reduceat(strip, np.arange(0, width, cell))
    full = full_scale(alpha)
    bridged = cv2.dilate((highest >= veil * full).astype(np.uint8), np.ones((3, 3), np.uint8))
    islands, _ = _components(bridged > 0, connectivity=8)
    shown = np.where(highest >= veil * full, islands, 0)
    areas = np.bincount(shown.ravel(), minlength=islands.max() + 1)
    solid = np.zeros(len(areas), bool)
    solid[shown[highest >= full / 2]] = True
    if not solid[1:].any():
        return
    gone = ~solid & (areas < ISLAND * highest.size)
    gone[0] = False
    for row, column in np.argwhere(gone[islands] & (highest > 0)):
        alpha[row * cell : (row + 1) * cell, column * cell : (column + 1) * cell] = 0


def combine_alpha(predicted: Levels, own: Levels | None) -> Levels:
    """The smaller of the predicted alpha and the alpha a photo came with.

    Both (h, w) of one dtype; `own` None gives `predicted` itself. The smaller, not the product: where both follow
    the same soft edge, a product would fade it twice.
    Raises  InvalidArray if size or dtype differ.
    """
    if own is None:
        return predicted
    if own.shape != predicted.shape or own.dtype != predicted.dtype:
        raise InvalidArray(
            f"alphas: expected one size and depth; got {predicted.dtype} {predicted.shape} and {own.dtype} {own.shape}."
        )
    combined: Levels = np.minimum(predicted, own)
    return combined


def _components(mask: Mask, *, connectivity: int) -> tuple[Labels, NDArray[np.int32]]:
    """Labels from 1 (0 is outside the mask), and the area of each; area i belongs to label i + 1."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=connectivity)
    return np.asarray(labels, np.int32), np.asarray(stats[1:, cv2.CC_STAT_AREA], np.int32)


def _with_halo(parts: Labels, unwanted: Mask, soft: Mask) -> Mask:
    """The unwanted parts, and the soft pixels that are connected to one of them and nearest to it."""
    wanted_label = np.concatenate([[False], ~unwanted])
    unwanted_label = np.concatenate([[False], unwanted])
    core = parts > 0
    regions, _ = _components(soft | core, connectivity=8)
    touched = np.zeros(regions.max() + 1, bool)
    touched[regions[unwanted_label[parts]]] = True
    shared = np.zeros_like(touched)
    shared[regions[wanted_label[parts]]] = True
    halo = (touched & ~shared)[regions]
    contested = touched & shared
    if contested.any():
        far = np.uint8(1)
        to_unwanted = cv2.distanceTransform(far - unwanted_label[parts].astype(np.uint8), cv2.DIST_L2, 5)
        to_wanted = cv2.distanceTransform(far - wanted_label[parts].astype(np.uint8), cv2.DIST_L2, 5)
        halo |= contested[regions] & (to_unwanted < to_wanted)
    return halo
