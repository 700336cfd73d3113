"""Seconds from alpha to file, against what they are to be: python benchmarks/deliver.py [--megapixels 12].

The photo is the example packshot, enlarged, with grain over all of it; alpha is drawn: a soft disc with lobes. Seconds
are the median of five, all that follows once alpha and the border's colours are known.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
from machine import machine_name

from deepetch import SaveOptions, read_photo
from deepetch.deliver.save import write_cutout
from deepetch.matte.foreground import estimate_foreground
from deepetch.matte.matte import Matte
from deepetch.options import ShadowOptions, SpotOptions
from deepetch.photo.photo import Metadata, Photo

EXAMPLE = Path(__file__).parent.parent / "examples" / "packshot.jpg"
RUNS = 5
LAYERED = SaveOptions(background="white", shadow=ShadowOptions(kind="drop"), overwrite=True)
CASES: dict[str, tuple[str, SaveOptions, float | None]] = {
    "JPEG on white": ("a.jpg", SaveOptions(background="white", overwrite=True), 0.35),
    "PNG, transparent": ("a.png", SaveOptions(overwrite=True), 0.7),
    "PSD: photo, mask, path": ("a.psd", SaveOptions(overwrite=True), 1.5),
    "PSD with background and shadow too": ("b.psd", LAYERED, 1.5),
    "TIFF with path": ("a.tif", SaveOptions(overwrite=True), 1.0),
    "TIFF with path and white ink": ("b.tif", SaveOptions(spot=SpotOptions(choke=2), overwrite=True), None),
    "JPEG on white, drop shadow": ("b.jpg", LAYERED, None),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megapixels", type=float, default=12)
    photo, matte = drawn(parser.parse_args().megapixels)
    print(f"{photo.width} x {photo.height} on {machine_name()}\n\n| file | seconds | aim | MB |\n|---|---|---|---|")
    with TemporaryDirectory() as folder:
        for name, (file, options, aim) in CASES.items():
            path = Path(folder) / file
            seconds = []
            for _ in range(RUNS):
                began = time.perf_counter()
                write_cutout(path, photo, matte, options)
                seconds.append(time.perf_counter() - began)
            size = path.stat().st_size / 1e6
            print(f"| {name} | {statistics.median(seconds):.2f} | {aim or ''} | {size:.1f} |", flush=True)


def drawn(megapixels: float) -> tuple[Photo, Matte]:
    """The example at a size, and a matte of a disc with seven lobes."""
    small = read_photo(EXAMPLE)
    scale = (megapixels * 1e6 / (small.width * small.height)) ** 0.5
    size = round(small.width * scale), round(small.height * scale)
    large = cv2.resize(small.samples, size, interpolation=cv2.INTER_CUBIC)
    grain = np.random.default_rng(0).integers(-3, 4, large.shape, np.int16)
    samples = np.clip(large + grain, 0, 255).astype(np.uint8)
    rows, columns = np.ogrid[: size[1], : size[0]]
    across, down = columns - size[0] / 2, rows - size[1] / 2
    radius = 0.38 * size[1] * (1 + 0.1 * np.sin(7 * np.arctan2(down, across)))
    alpha = np.rint(255 * np.clip((radius - np.hypot(across, down)) / 3 + 0.5, 0, 1)).astype(np.uint8)
    photo = Photo(samples=samples, space="rgb", format="jpeg", metadata=Metadata(density=(300, 300)))
    return photo, Matte(alpha, estimate_foreground(samples, alpha, None))


if __name__ == "__main__":
    main()
