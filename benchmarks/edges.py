"""How near each way of drawing the border comes to the true alpha: python benchmarks/edges.py DATA [--bench DIR].

Test cut-outs laid over test backgrounds, test people, test products, test objects (thin things, 1600 px), and of
packshot-bench glass, film, holes, thin parts and any large ones. The coarse alpha is the model's, or with --coarse
truth the true one reduced to the network's size: what a perfect segmenter would hand on. Figures are means over
pictures: SAD, Grad and Conn in thousands, MSE in thousandths; IoU; F of the boundary at 1 and 3 pixels; "band", the MSE
of pixels within three network pixels of the true border, as far as the model found the subject there (over 17 network
pixels its alpha is right to 0.3 in the mean); the error of the border's colours; seconds and peak memory
in 10^6 bytes of the refinement alone.
Colours are those of the cut-out, times alpha, beside the true ones, in 8-bit levels where the true alpha is soft; known
only of cut-outs.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from compose import composed
from machine import machine_name, with_peak
from numpy.typing import NDArray

from deepetch.arrays import Alpha, Levels, Mask, full_scale
from deepetch.datasets.example import read_example
from deepetch.datasets.index import read_index
from deepetch.datasets.read import read_dataset
from deepetch.errors import MatteError
from deepetch.inference.session import Model, load_model
from deepetch.matte.clean import clean_alpha
from deepetch.matte.colours import border_colours
from deepetch.matte.refine import refine_alpha, refine_softly
from deepetch.measure.alpha import mean_squared_error, sum_of_absolute_differences
from deepetch.measure.boundary import boundary_f, mask_border
from deepetch.measure.connectivity import connectivity_error
from deepetch.measure.gradient import gradient_error
from deepetch.measure.region import intersection_over_union
from deepetch.options import DataOptions, MatteOptions, SoftOptions
from deepetch.photo.photo import Photo
from deepetch.photo.view import working_view
from deepetch.segment.segment import segment

KINDS = {"test": ("people", "products", "objects"), "val": ("people", "products")}
BENCH_CLASSES = ("glass", "film", "holes", "thin parts")
BAND, WINDOW, GRID = 3, 17, 320  # of the network, in its pixels
COLUMNS: dict[str, Callable[[Alpha, Alpha], float]] = {
    "SAD": sum_of_absolute_differences,
    "MSE": lambda found, true: 1000 * mean_squared_error(found, true),
    "Grad": gradient_error,
    "Conn": connectivity_error,
    "IoU": lambda found, true: intersection_over_union(found >= 0.5, true >= 0.5),
    "F 1 px": lambda found, true: boundary_f(found >= 0.5, true >= 0.5, tolerance_px=1),
    "F 3 px": lambda found, true: boundary_f(found >= 0.5, true >= 0.5, tolerance_px=3),
}


class Case(NamedTuple):
    """A photo, its true alpha (h, w), and its subject's colours (h, w, 3) in 8-bit levels if they are known."""

    photo: Photo
    true: Alpha
    colours: NDArray[np.float32] | None = None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--bench", type=Path, help="what `deepetch studio bench` wrote")
    parser.add_argument("--large", type=Path, help="what `deepetch studio bench --large` wrote")
    parser.add_argument("--methods", default="none,guided,refiner,closed-form", help="commas between")
    parser.add_argument("--refiner", default="default", help="an ONNX file")
    parser.add_argument("--coarse", choices=("model", "truth"), default="model")
    parser.add_argument("--model", default="default")
    parser.add_argument("--most", type=int, default=1000, help="pictures of each set, evenly spread")
    parser.add_argument("--split", choices=tuple(KINDS), default="test", help="of DATA: val to choose by")
    parser.add_argument("--only", help="the sets to judge, commas between; all")
    asked = parser.parse_args()
    usual = replace(MatteOptions(), refiner=asked.refiner)
    model, methods = load_model(asked.model), asked.methods.split(",")
    columns = [*COLUMNS, "band", "colour", "seconds", "MB"]
    print(f"`{model.spec.name}`, coarse alpha of the {asked.coarse}, on {machine_name()}\n")
    print(f"| pictures | n | method | {' | '.join(columns)} |\n|---|---|---|{'---|' * len(columns)}")
    for name, cases in sets(asked.data, asked.bench, asked.large, asked.split).items():
        if asked.only and name not in asked.only.split(","):
            continue
        rows: dict[str, list[list[float]]] = {method: [] for method in methods}
        failed = 0
        for read in spread(cases, asked.most):
            case = read()
            try:
                found = {method: refined(model, case, method, asked.coarse, usual) for method in methods}
            except MatteError:  # nothing surely in, or nothing surely out: counted, and left out of all methods
                failed += 1
                continue
            near = near_border(case.true, share_of(refined(model, case, "none", asked.coarse, usual)[0]))
            for method, (levels, seconds, peak) in found.items():
                alpha = share_of(levels)
                errors = [measure(alpha, case.true) for measure in COLUMNS.values()]
                band = 1000 * float(np.mean((alpha - case.true)[near] ** 2)) if near.any() else float("nan")
                rows[method].append([*errors, band, colour_error(case, levels), seconds, peak])
        for method, values in rows.items():
            if values:
                known = [[value for value in column if not np.isnan(value)] for column in zip(*values, strict=True)]
                means = " | ".join(f"{np.mean(column):.3f}" if column else "" for column in known)
                print(f"| {name} | {len(values)} | {method} | {means} |", flush=True)
        if failed:
            print(f"\n{name}: {failed} left out, since a method could not begin.\n")


def sets(data: Path, bench: Path | None, large: Path | None, split: str) -> dict[str, Sequence[Callable[[], Case]]]:
    """What reads each picture, for each set."""
    scenes = [Case(scene.photo, scene.alpha, scene.foreground) for scene in composed(data, "cutouts", split=split)]
    examples = {kind: read_index(data, split=split, kinds=[kind]) for kind in KINDS[split]}
    for kind in BENCH_CLASSES if bench is not None else ():
        assert bench is not None
        examples[kind] = read_dataset(bench, DataOptions(split="test", kinds=[kind]))
    if large is not None:
        examples["large"] = read_dataset(large, DataOptions(split="test"))
    return {"cut-outs over backgrounds": [lambda case=case: case for case in scenes]} | {  # type: ignore[misc]
        kind: [lambda example=example: Case(*read_example(example)) for example in found]  # type: ignore[misc]
        for kind, found in examples.items()
    }


def refined(model: Model, case: Case, method: str, source: str, usual: MatteOptions) -> tuple[Levels, float, float]:
    """Alpha at full size by one method, and the seconds and the peak of memory that took without the network."""
    photo = case.photo
    segmented = segment(model, working_view(photo, model.spec.input_size), features=method == "soft")
    coarse = clean_alpha(segmented.alpha) if source == "model" else reduced(case.true, segmented.alpha.shape)

    def refine() -> Levels:
        if method == "soft":
            assert segmented.features is not None
            return refine_softly(photo.samples, working_view(photo, SoftOptions.size), segmented.features, coarse)
        return refine_alpha(photo.samples, coarse, replace(usual, refine=method))  # type: ignore[arg-type]

    began = time.perf_counter()
    levels, peak = with_peak(refine)
    return levels, time.perf_counter() - began, peak


def share_of(levels: Levels) -> Alpha:
    return levels.astype(np.float32) / np.float32(full_scale(levels))


def near_border(true: Alpha, coarse: Alpha) -> Mask:
    """(h, w), within BAND network pixels of the border or of anything soft, where a coarse alpha is about right."""
    pixels = max(1, max(true.shape) / GRID)
    side = round(WINDOW * pixels)
    found = np.abs(cv2.blur(coarse - true, (side, side), borderType=cv2.BORDER_REFLECT)) < 0.3
    edge = mask_border(true >= 0.5) | ((true > 0.02) & (true < 0.98))
    distance = cv2.distanceTransform((~edge).view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    near: Mask = (distance <= BAND * pixels) & found
    return near


def colour_error(case: Case, levels: Levels) -> float:
    """Mean absolute error of colour times alpha, in 8-bit levels, where the true alpha is soft; NaN if not known."""
    soft = (case.true > 0) & (case.true < 1)
    if case.colours is None or not soft.any():
        return float("nan")
    border = border_colours(case.photo.samples, levels)
    colours = case.photo.samples.astype(np.float32)
    colours.reshape(-1, 3)[border.index] = border.colours
    found = colours * (levels.astype(np.float32) / np.float32(full_scale(levels)))[..., None]
    return float(np.abs(found - case.colours * case.true[..., None])[soft].mean())


def reduced(true: Alpha, shape: tuple[int, ...]) -> NDArray[np.float32]:
    return np.clip(cv2.resize(true, (shape[1], shape[0]), interpolation=cv2.INTER_AREA), 0, 1)


def spread(items: Sequence[Callable[[], Case]], most: int) -> Sequence[Callable[[], Case]]:
    if len(items) <= most:
        return items
    return [items[round(place)] for place in np.linspace(0, len(items) - 1, most)]


if __name__ == "__main__":
    main()
