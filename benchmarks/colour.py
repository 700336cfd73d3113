"""How near the estimated border colours come to the truth: python benchmarks/colour.py DATA.

Every cut-out of the test split is laid over a background of the test split, and over a rendering of green grass. In
the band 0 < alpha < 1 the colours seen there and those that each method finds are compared with the cut-out's own.
Figures are mean absolute errors in 8-bit levels, weighted by alpha, the mean over pictures of the mean per picture.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from deepetch.matte.colours import METHODS

SEED = 7
Picture = NDArray[np.uint8]


def measure(foreground: Picture, alpha: Picture, backdrop: Picture) -> dict[str, tuple[float, float]]:
    """Error of the colours seen and of those each method finds, and its seconds."""
    opacity = alpha[..., None] / 255
    picture = np.rint(foreground * opacity + backdrop * (1 - opacity)).astype(np.uint8)
    band = np.flatnonzero((alpha > 0) & (alpha < 255))
    weight, truth = alpha.ravel()[band] / 255, foreground.reshape(-1, 3)[band].astype(float)
    found = {"seen": (0.0, picture.reshape(-1, 3)[band])}
    for name, estimate in METHODS.items():
        start = time.perf_counter()
        colours = estimate(picture, alpha).colours
        found[name] = time.perf_counter() - start, colours
    for name, peer in peers().items():
        start = time.perf_counter()
        colours = peer(picture / 255, alpha / 255).reshape(-1, 3)[band] * 255
        found[name] = time.perf_counter() - start, colours
    return {
        name: (float(np.average(np.abs(colours - truth).mean(axis=1), weights=weight)), seconds)
        for name, (seconds, colours) in found.items()
    }


def peers() -> dict[str, Callable[..., np.ndarray]]:
    """pymatting's, if it is installed: whole pictures in float64; its closed-form foreground takes minutes."""
    if importlib.util.find_spec("pymatting") is None:
        return {}
    import pymatting

    return {"pymatting, multi-level": pymatting.estimate_foreground_ml}


def grass(height: int, width: int, random: np.random.Generator) -> Picture:
    """Saturated green with light and dark blades: the backdrop whose spill shows most."""
    blades = cv2.GaussianBlur(random.standard_normal((height, width)), (0, 0), sigmaX=0.7, sigmaY=2.5)
    light = np.clip(1 + 0.3 * blades / blades.std(), 0.2, 1.6)
    return np.clip(light[..., None] * (60, 150, 35), 0, 255).astype(np.uint8)


def cover(picture: Picture, height: int, width: int) -> Picture:
    """The middle of `picture`, scaled to fill height x width."""
    scale = max(height / picture.shape[0], width / picture.shape[1])
    size = (max(width, round(picture.shape[1] * scale)), max(height, round(picture.shape[0] * scale)))
    scaled = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    top, left = (scaled.shape[0] - height) // 2, (scaled.shape[1] - width) // 2
    return np.asarray(scaled[top : top + height, left : left + width])


def read(path: Path) -> Picture:
    """RGB or RGBA, as the file has it."""
    picture = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if picture is None:
        raise SystemExit(f"cannot read {path}")
    return np.asarray(picture[..., [2, 1, 0, 3][: picture.shape[2]]])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("data", type=Path, help="folder with index.csv")
    parser.add_argument("--split", default="test")
    arguments = parser.parse_args()
    with (arguments.data / "index.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["split"] == arguments.split]
    cutouts = [arguments.data / row["image"] for row in rows if row["kind"] == "cutouts"]
    backgrounds = [arguments.data / row["image"] for row in rows if row["kind"] == "backgrounds"]
    if not cutouts or not backgrounds:
        raise SystemExit(f"{arguments.data}: no cutouts or backgrounds in split {arguments.split}")
    random = np.random.default_rng(SEED)
    chosen = random.integers(0, len(backgrounds), len(cutouts))
    results: dict[str, list[dict[str, tuple[float, float]]]] = {"photographs": [], "green grass": []}
    for path, which in zip(cutouts, chosen, strict=True):
        cutout = read(path)
        foreground, alpha = cutout[..., :3], np.ascontiguousarray(cutout[..., 3])
        height, width = alpha.shape
        if not ((alpha > 0) & (alpha < 255)).any():
            continue
        results["photographs"].append(measure(foreground, alpha, cover(read(backgrounds[which]), height, width)))
        results["green grass"].append(measure(foreground, alpha, grass(height, width, random)))
    print(f"| over | {' | '.join(results['photographs'][0])} |\n|---|{'---|' * len(results['photographs'][0])}")
    for name, rows in results.items():
        cells = [np.median([row[method] for row in rows], axis=0)[1] * 1000 for method in rows[0]]
        errors = [np.mean([row[method][0] for row in rows]) for method in rows[0]]
        print(f"| {name} | " + " | ".join(f"{e:.2f} ({ms:.1f} ms)" for e, ms in zip(errors, cells, strict=True)) + " |")


if __name__ == "__main__":
    main()
