"""Hair and fur by each method, to look at: python benchmarks/matting_sheet.py DATA -o SHEET.png.

The five `matting` pictures of DATA, too few to judge by: photo, true alpha over green, then each method's cut-out over
the same green, its border's colours estimated, from the coarse alpha of a perfect segmenter (the true one at 64
pixels: what the network leaves of a picture of 1600) or of the model's. Figures under no picture, since none is meant.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from edges import Case, reduced, refined
from numpy.typing import NDArray

from deepetch.arrays import Levels
from deepetch.datasets.example import read_example
from deepetch.datasets.index import read_index
from deepetch.deliver.background import composite, parse_background
from deepetch.inference.session import load_model
from deepetch.matte.colours import border_colours
from deepetch.matte.matte import Matte
from deepetch.matte.refine import refine_alpha
from deepetch.options import MatteOptions
from deepetch.photo.photo import Photo

METHODS = "none,guided,refiner,closed-form,knn"
GREEN = "#00b140"
COARSE = 64  # pixels of the true alpha that a perfect segmenter hands on
GAP = 6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--methods", default=METHODS, help="commas between")
    parser.add_argument("--refiner", default="default", help="an ONNX file")
    parser.add_argument("--coarse", choices=("model", "truth"), default="truth")
    asked = parser.parse_args()
    model, rows = load_model(), []
    for example in read_index(asked.data, split="test", kinds=["matting"]):
        photo, true = read_example(example)
        row = [photo.samples, over_green(photo, np.rint(true * 255).astype(np.uint8))]
        for method in asked.methods.split(","):
            options = replace(MatteOptions(), refine=method, refiner=asked.refiner)
            if asked.coarse == "truth":
                levels = refine_alpha(photo.samples, reduced(true, (COARSE, COARSE)), options)
            else:
                levels, _, _ = refined(model, Case(photo, true), method, "model", options)
            row.append(over_green(photo, levels))
        rows.append(np.hstack([np.pad(tile, ((0, GAP), (0, GAP), (0, 0)), constant_values=255) for tile in row]))
    cv2.imwrite(str(asked.output), np.vstack(rows)[..., ::-1])


def over_green(photo: Photo, levels: Levels) -> NDArray[np.uint8]:
    """(h, w, 3) uint8."""
    samples, _ = composite(photo, Matte(levels, border_colours(photo.samples, levels)), parse_background(GREEN))
    return np.asarray(samples, np.uint8)


if __name__ == "__main__":
    main()
