"""Whether a cut-out has a rim on white: python benchmarks/rim.py DATA [--kind cutouts] [--most 12].

Cut-outs of the test split, whose own colours are known, laid over backgrounds, cut out and laid on white; beside them
the true colours and the true alpha laid on white. CIEDE2000 in the three pixels outside the border: true alpha below
one half, and at most three pixels from where it is one half or more; with the model's alpha only where that is about
right (over 17 network pixels to 0.3 in the mean), so that a limb left out is no rim. Mean and 95th percentile of each
picture, then their mean over pictures. "none" leaves the border as the photo shows it; with the true alpha the colours
alone count. "darker" is the share of those pixels that are darker than they should be by more than 2 in L*, "coloured"
that of those off by more than 4 in a* and b*: a grey rim and a coloured one.
"""

from __future__ import annotations

import argparse
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from compose import Scene, composed
from edges import near_border, share_of
from machine import machine_name
from numpy.typing import NDArray

from deepetch.arrays import Levels, Mask
from deepetch.deliver.background import composite, parse_background
from deepetch.inference.session import Model, load_model
from deepetch.matte.clean import clean_alpha
from deepetch.matte.colours import border_colours
from deepetch.matte.matte import Matte
from deepetch.matte.refine import refine_alpha
from deepetch.measure.colour_difference import colour_difference, lab_from_srgb
from deepetch.options import MatteOptions
from deepetch.photo.view import working_view
from deepetch.segment.segment import segment
from deepetch.segment.unet import view_side

OUTSIDE = 3  # pixels
DARKER, COLOURED = 2.0, 4.0
OPTIONS = {
    "none": MatteOptions(decontaminate=0),
    "blur-fusion": MatteOptions(),
    "multi-level": MatteOptions(foreground="multi-level"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--kind", default="cutouts")
    parser.add_argument("--most", type=int, default=12, help="pictures")
    parser.add_argument("--alpha", default="truth,model", help="commas between")
    parser.add_argument("--model", default="default")
    asked = parser.parse_args()
    model, sources = load_model(asked.model), asked.alpha.split(",")
    rows: dict[tuple[str, str], list[list[float]]] = {(source, name): [] for source in sources for name in OPTIONS}
    for scene in islice(composed(asked.data, asked.kind), asked.most):
        true = scene.alpha[..., None]
        expected = np.asarray(scene.foreground / 255 * true + (1 - true), np.float32)
        rim = outside(scene.alpha)
        for source in sources:
            alpha = np.rint(scene.alpha * 255).astype(np.uint8) if source == "truth" else found(model, scene)
            near = near_border(scene.alpha, share_of(alpha))
            for name, options in OPTIONS.items():
                rows[source, name].append(differences(scene, alpha, options, expected, rim & near))
    count = len(next(iter(rows.values())))
    print(f"{count} pictures, `{model.spec.name}`, on {machine_name()}\n")
    print("| alpha | colours of the border | mean | 95th percentile | darker | coloured |\n|---|---|---|---|---|---|")
    for (source, name), values in rows.items():
        mean, high, darker, coloured = np.nanmean(values, axis=0)
        print(f"| {source} | {name} | {mean:.2f} | {high:.2f} | {darker:.1%} | {coloured:.1%} |", flush=True)


def outside(alpha: NDArray[np.float32]) -> Mask:
    """(h, w), below one half and at most OUTSIDE pixels from what is not."""
    inside = alpha >= 0.5
    distance = cv2.distanceTransform((~inside).view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    rim: Mask = ~inside & (distance <= OUTSIDE)
    return rim


def found(model: Model, scene: Scene) -> Levels:
    photo = scene.photo
    view = working_view(photo, view_side(model.spec, photo.height, photo.width))
    return refine_alpha(photo.samples, clean_alpha(segment(model, view).alpha), MatteOptions(threads=1))


def differences(
    scene: Scene, alpha: Levels, options: MatteOptions, expected: NDArray[np.float32], rim: Mask
) -> list[float]:
    """Mean, 95th percentile, share that is darker, share that is coloured; NaN without a border."""
    if not rim.any():
        return [float("nan")] * 4
    matte = Matte(alpha, border_colours(scene.photo.samples, alpha, None, options))
    samples, _ = composite(scene.photo, matte, parse_background("white"))
    seen, wanted = lab_from_srgb(samples[rim] / 255), lab_from_srgb(expected[rim])
    apart = colour_difference(seen, wanted)
    darker = wanted[:, 0] - seen[:, 0] > DARKER
    coloured = np.hypot(*(seen - wanted)[:, 1:].T) > COLOURED
    return [float(apart.mean()), float(np.quantile(apart, 0.95)), float(darker.mean()), float(coloured.mean())]


if __name__ == "__main__":
    main()
