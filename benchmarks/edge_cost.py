"""What drawing the border costs, against megapixels and against its length: python benchmarks/edge_cost.py.

The photo is drawn here: a subject with as many lobes as asked for, grain over all of it; its true alpha, reduced to the
network's size, is the coarse one. Seconds are those of the refinement alone, the median of three; memory is how much
larger the process became at its largest than one that only enlarges bilinearly. Every case runs in a process of its
own. The line through seconds and border length is fitted by least squares; --plot FILE.svg draws it.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

from machine import machine_name

MEGAPIXELS = (1, 4, 12, 48, 100)
LOBES = (0, 4, 8, 12, 16, 20, 24)  # at LOBED megapixels; more than the network's grid can tell apart would be one blur
LOBED = 12
GRID = 320  # the network's


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--methods", default="none,guided,refiner", help="commas between")
    parser.add_argument("--refiner", default="default")
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--case", nargs=3, metavar=("MEGAPIXELS", "LOBES", "METHOD"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.case:
        print(json.dumps(measured(int(asked.case[0]), int(asked.case[1]), asked.case[2], asked.refiner)))
        return
    print(f"On {machine_name()}\n\n| megapixels | border, px | method | seconds | memory, MB |\n|---|---|---|---|---|")
    for megapixels in MEGAPIXELS:
        plain = alone(megapixels, 8, "none", asked.refiner)
        for method in asked.methods.split(","):
            found = alone(megapixels, 8, method, asked.refiner)
            added = found["memory"] - plain["memory"]
            print(
                f"| {megapixels} | {found['border']:.0f} | {method} | {found['seconds']:.2f} | {added:.0f} |",
                flush=True,
            )
    points = [alone(LOBED, lobes, "refiner", asked.refiner) for lobes in LOBES]
    lengths, seconds = [point["border"] for point in points], [point["seconds"] for point in points]
    slope, offset, r_squared = line(lengths, seconds)
    print(
        f"\nrefiner at {LOBED} megapixels: {offset:.2f} s + {1000 * slope:.4f} s for each 1000 px of border, ", end=""
    )
    print(f"R2 {r_squared:.3f}, over borders of {min(lengths):.0f} to {max(lengths):.0f} px")
    if asked.plot:
        plot(lengths, seconds, slope, offset, asked.plot)


def alone(megapixels: int, lobes: int, method: str, refiner: str) -> dict[str, float]:
    command = [sys.executable, __file__, "--refiner", refiner, "--case", str(megapixels), str(lobes), method]
    answer: dict[str, float] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return answer


def measured(megapixels: int, lobes: int, method: str, refiner: str) -> dict[str, float]:
    """Seconds of the refinement, the process' largest size in 10^6 bytes, and the border's length in pixels."""
    from dataclasses import replace

    import cv2
    import numpy as np

    from deepetch.matte.refine import refine_alpha
    from deepetch.options import MatteOptions

    height = round((megapixels * 1e6 * 3 / 4) ** 0.5)
    width = round(height * 4 / 3)
    photo = np.empty((height, width, 3), np.uint8)
    random, angles = np.random.default_rng(1), np.linspace(0, 2 * np.pi, 4000)
    radius = height * 0.3 * (1 + 0.25 * np.cos(lobes * angles))
    contour = np.stack([width / 2 + radius * np.cos(angles), height / 2 + radius * np.sin(angles)], 1)
    border = float(np.linalg.norm(np.diff(contour, axis=0), axis=1).sum())
    inside = np.zeros((height, width), np.uint8)
    cv2.fillPoly(inside, [np.rint(contour * 16).astype(np.int32)], 255, cv2.LINE_AA, shift=4)
    for top in range(0, height, 256):
        strip = inside[top : top + 256, :, None] / np.float32(255)
        colours = strip * (196, 120, 60) + (1 - strip) * (88, 110, 130)
        colours += random.standard_normal((*strip.shape[:2], 1), np.float32) * 6
        photo[top : top + 256] = np.clip(np.rint(colours), 0, 255)
    small = cv2.resize(inside, (GRID, GRID * 3 // 4), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    options = replace(MatteOptions(), refine=method, refiner=refiner)  # type: ignore[arg-type]
    times = []
    for _ in range(3):
        began = time.perf_counter()
        refine_alpha(photo, small, options)
        times.append(time.perf_counter() - began)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    return {"seconds": statistics.median(times), "memory": most, "border": border}


def line(x: list[float], y: list[float]) -> tuple[float, float, float]:
    """Slope, offset and R2 of the least-squares line."""
    import numpy as np

    slope, offset = np.polyfit(x, y, 1)
    residual = np.asarray(y) - (slope * np.asarray(x) + offset)
    return float(slope), float(offset), float(1 - residual.var() / np.var(y))


def plot(lengths: list[float], seconds: list[float], slope: float, offset: float, path: Path) -> None:
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6, 4))
    axes.plot(lengths, seconds, "o")
    ends = [0, max(lengths)]
    axes.plot(ends, [offset + slope * end for end in ends], "-")
    axes.set_xlabel("border, pixels of the photo")
    axes.set_ylabel("seconds")
    axes.set_ylim(bottom=0)
    figure.savefig(path, metadata={"Date": None})


if __name__ == "__main__":
    main()
