"""How near each way of drawing the border comes to the true alpha: python benchmarks/edges.py DATA [--bench DIR].

Test cut-outs laid over test backgrounds, test people, and of packshot-bench glass, film, holes and thin parts. The
coarse alpha is the model's, or with --coarse truth the true one reduced to the network's size: what a perfect segmenter
would hand on. Figures are means over pictures: SAD, Grad and Conn in thousands, MSE in thousandths, F of the boundary
at 1 and 3 pixels, and seconds of the refinement alone.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from compose import composed
from machine import machine_name
from numpy.typing import NDArray

from deepetch.arrays import Alpha, Levels, full_scale
from deepetch.datasets.example import read_example
from deepetch.datasets.index import read_index
from deepetch.datasets.read import read_dataset
from deepetch.errors import MatteError
from deepetch.inference.session import Model, load_model
from deepetch.matte.clean import clean_alpha
from deepetch.matte.refine import refine_alpha, refine_softly
from deepetch.measure.alpha import mean_squared_error, sum_of_absolute_differences
from deepetch.measure.boundary import boundary_f
from deepetch.measure.connectivity import connectivity_error
from deepetch.measure.gradient import gradient_error
from deepetch.options import DataOptions, MatteOptions, SoftOptions
from deepetch.photo.photo import Photo
from deepetch.photo.view import working_view
from deepetch.segment.unet import segment

BENCH_CLASSES = ("glass", "film", "holes", "thin parts")
COLUMNS: dict[str, Callable[[Alpha, Alpha], float]] = {
    "SAD": sum_of_absolute_differences,
    "MSE": lambda found, true: 1000 * mean_squared_error(found, true),
    "Grad": gradient_error,
    "Conn": connectivity_error,
    "F 1 px": lambda found, true: boundary_f(found >= 0.5, true >= 0.5, tolerance_px=1),
    "F 3 px": lambda found, true: boundary_f(found >= 0.5, true >= 0.5, tolerance_px=3),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--bench", type=Path, help="what `deepetch studio bench` wrote")
    parser.add_argument("--methods", default="none,guided,closed-form", help="commas between")
    parser.add_argument("--refiner", default="default", help="an ONNX file")
    parser.add_argument("--coarse", choices=("model", "truth"), default="model")
    parser.add_argument("--model", default="default")
    parser.add_argument("--most", type=int, default=1000, help="pictures of each set, evenly spread")
    asked = parser.parse_args()
    usual = replace(MatteOptions(), refiner=asked.refiner)
    model, methods = load_model(asked.model), asked.methods.split(",")
    print(f"`{model.spec.name}`, coarse alpha of the {asked.coarse}, on {machine_name()}\n")
    print(f"| pictures | n | method | {' | '.join(COLUMNS)} | seconds |\n|---|---|---|{'---|' * (len(COLUMNS) + 1)}")
    for name, pictures in sets(asked.data, asked.bench).items():
        rows: dict[str, list[list[float]]] = {method: [] for method in methods}
        failed = 0
        for photo, true in spread(list(pictures), asked.most):
            try:
                found = {method: refined(model, photo, true, method, asked.coarse, usual) for method in methods}
            except MatteError:  # nothing surely in, or nothing surely out: counted, and left out of all methods
                failed += 1
                continue
            for method, (levels, seconds) in found.items():
                alpha = levels.astype(np.float32) / np.float32(full_scale(levels))
                rows[method].append([*(measure(alpha, true) for measure in COLUMNS.values()), seconds])
        for method, values in rows.items():
            if values:
                means = " | ".join(f"{value:.3f}" for value in np.mean(values, axis=0))
                print(f"| {name} | {len(values)} | {method} | {means} |", flush=True)
        if failed:
            print(f"\n{name}: {failed} left out, since a method could not begin.\n")


def sets(data: Path, bench: Path | None) -> dict[str, Iterator[tuple[Photo, Alpha]]]:
    found: dict[str, Iterator[tuple[Photo, Alpha]]] = {
        "cut-outs over backgrounds": ((photo, true) for _, photo, true in composed(data, "cutouts")),
        "people": (read_example(example) for example in read_index(data, split="test", kinds=["people"])),
    }
    for kind in BENCH_CLASSES if bench is not None else ():
        assert bench is not None
        examples = read_dataset(bench, DataOptions(split="test", kinds=[kind]))
        found[kind] = (read_example(example) for example in examples)
    return found


def refined(
    model: Model, photo: Photo, true: Alpha, method: str, source: str, usual: MatteOptions
) -> tuple[Levels, float]:
    """Alpha at full size by one method, and the seconds that took without the network."""
    segmented = segment(model, working_view(photo, model.spec.input_size), features=method == "soft")
    coarse = clean_alpha(segmented.alpha) if source == "model" else reduced(true, segmented.alpha.shape)
    began = time.perf_counter()
    if method == "soft":
        assert segmented.features is not None
        levels = refine_softly(photo.samples, working_view(photo, SoftOptions.size), segmented.features, coarse)
    else:
        levels = refine_alpha(photo.samples, coarse, replace(usual, refine=method))  # type: ignore[arg-type]
    return levels, time.perf_counter() - began


def reduced(true: Alpha, shape: tuple[int, ...]) -> NDArray[np.float32]:
    return np.clip(cv2.resize(true, (shape[1], shape[0]), interpolation=cv2.INTER_AREA), 0, 1)


def spread(items: list[tuple[Photo, Alpha]], most: int) -> list[tuple[Photo, Alpha]]:
    if len(items) <= most:
        return items
    return [items[round(place)] for place in np.linspace(0, len(items) - 1, most)]


if __name__ == "__main__":
    main()
