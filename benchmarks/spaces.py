"""Whether a photo's colour space changes its border: python benchmarks/spaces.py DATA.

Test people and products, their coarse alpha from the model once, the border drawn by the default refiner on the same
photo as sRGB, Display P3 and CMYK, each of 16 bit, through libvips' built-in profiles. `refine_border` works on a
photo's own values, CMYK brought back to sRGB is beside them. Means over pictures: SAD in thousands, MSE in
thousandths, F of the boundary at 1 pixel.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pyvips

from deepetch.arrays import Samples
from deepetch.datasets.example import read_example
from deepetch.datasets.index import read_index
from deepetch.inference.session import load_model
from deepetch.matte.refine import refine_alpha
from deepetch.measure.alpha import mean_squared_error, sum_of_absolute_differences
from deepetch.measure.boundary import boundary_f
from deepetch.photo.photo import Space
from deepetch.photo.view import needs_conversion, to_profile, vips_image, working_view
from deepetch.segment.segment import segment


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--most", type=int, default=1000, help="pictures of each kind, evenly spread")
    asked = parser.parse_args()
    model = load_model()
    print("| pictures | n | space | SAD | MSE | F 1 px |\n|---|---|---|---|---|---|")
    for kind in ("people", "products"):
        found: dict[str, list[tuple[float, float, float]]] = {}
        examples = read_index(asked.data, split="test", kinds=[kind])
        places = np.linspace(0, len(examples) - 1, min(len(examples), asked.most)).astype(int)
        for example in [examples[place] for place in places]:
            photo, true = read_example(example)
            if needs_conversion(photo.space, photo.metadata.profile) or photo.space == "grey":  # not sRGB to begin with
                continue
            coarse = segment(model, working_view(photo, model.spec.input_size)).alpha
            for name, samples in spaces(photo.samples).items():
                alpha = refine_alpha(samples, coarse).astype(np.float32) / 65535
                errors = sum_of_absolute_differences(alpha, true), 1000 * mean_squared_error(alpha, true)
                f = boundary_f(alpha >= 0.5, true >= 0.5, tolerance_px=1)
                found.setdefault(name, []).append((*errors, f))
        for name, rows in found.items():
            means = " | ".join(f"{value:.3f}" for value in np.mean(rows, axis=0))
            print(f"| {kind} | {len(rows)} | {name} | {means} |", flush=True)


def spaces(samples: Samples) -> dict[str, Samples]:
    """An sRGB picture in other spaces, all of 16 bit."""
    wide = samples if samples.dtype == np.uint16 else samples.astype(np.uint16) * np.uint16(257)
    cmyk = converted(wide, "rgb", "srgb", "cmyk")
    return {
        "sRGB": wide,
        "Display P3": converted(wide, "rgb", "srgb", "p3"),
        "CMYK": cmyk,
        "CMYK, converted to sRGB first": converted(cmyk, "cmyk", "cmyk", "srgb"),
    }


def converted(samples: Samples, space: Space, before: str, after: str) -> Samples:
    """Samples of `space`, from one of libvips' profiles to another."""
    profile = bytes(pyvips.Operation.call("profile_load", before))
    return np.ascontiguousarray(to_profile(vips_image(samples, space), space, profile, after, bits=16).numpy())


if __name__ == "__main__":
    main()
