"""The score that no Mask R-CNN can exceed: python experiments/unet-vs-mask-rcnn/ceiling.py DATA [BENCH].

Nothing is trained. The true masks of the test pictures go the way that a Mask R-CNN's answers go, without any error:
each instance is cut by its true box to 28 x 28 (RoIAlign, what its mask head is taught), and pasted back into the
picture at 0.5, both by torchvision's own code. Beside it the same masks at a U-Net's resolution: reduced to 256 and 320
pixels, enlarged bilinearly, cut at 0.5. Instances are those of the bench where it names them, else connected parts.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torchvision.models.detection.roi_heads import paste_masks_in_image
from torchvision.ops import roi_align

from deepetch.arrays import Mask
from deepetch.datasets.example import Example, read_example
from deepetch.datasets.read import read_dataset
from deepetch.evaluate import bootstrap_interval
from deepetch.measure.boundary import boundary_f, boundary_iou
from deepetch.measure.region import intersection_over_union
from deepetch.options import DataOptions
from deepetch.photo.read import read_photo

KINDS = ("people", "products", "garments")
HEAD = 28  # pixels of a mask of Mask R-CNN (He et al. 2017)
WAYS: dict[str, Callable[[Mask, list[Mask]], Mask]] = {
    "Mask R-CNN, 28 x 28": lambda mask, instances: pasted(instances, mask.shape, HEAD),
    "Mask R-CNN, 56 x 56": lambda mask, instances: pasted(instances, mask.shape, 2 * HEAD),
    "U-Net, 256 px": lambda mask, instances: enlarged(mask, 256),
    "U-Net, 320 px": lambda mask, instances: enlarged(mask, 320),
}
MEASURES: dict[str, Callable[[Mask, Mask], float]] = {
    "IoU": intersection_over_union,
    "boundary IoU": boundary_iou,
    "boundary F": boundary_f,
    "F 1 px": lambda found, true: boundary_f(found, true, tolerance_px=1),
}

Rows: TypeAlias = dict[str, list[list[float]]]  # of each way, a row a picture


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("bench", type=Path, nargs="?", help="what `deepetch studio bench` wrote")
    asked = parser.parse_args()
    found: dict[str, Rows] = {}
    for example in read_dataset(asked.data, DataOptions(split="test", kinds=KINDS)):
        add(found.setdefault(example.kind, {}), example, None)
    if asked.bench is not None:
        for example in read_dataset(asked.bench, DataOptions(split="test")):
            named = asked.bench / "instances" / f"{example.name}.png"
            for name in ("packshot-bench", f"packshot-bench, {example.kind}"):
                add(found.setdefault(name, {}), example, named)
    sys.stdout.write("\n".join(table(found)) + "\n")


def add(rows: Rows, example: Example, named: Path | None) -> None:
    """Measure one picture by every way; one without a subject has no mask to lose."""
    _, alpha = read_example(example)
    mask: Mask = alpha >= 0.5
    if not mask.any():
        return
    instances = connected(mask) if named is None else numbered(read_photo(named).samples[..., 0], mask)
    for way, go in WAYS.items():
        found = go(mask, instances)
        rows.setdefault(way, []).append([measure(found, mask) for measure in MEASURES.values()])


def pasted(instances: list[Mask], shape: tuple[int, ...], side: int) -> Mask:
    """The union (h, w) of instances whose masks went through side x side pixels of their own boxes."""
    masks = torch.from_numpy(np.stack(instances)).float()
    boxes = torch.tensor([box_of(instance) for instance in instances], dtype=torch.float32)
    numbers = torch.arange(len(masks), dtype=torch.float32)[:, None]
    heads = roi_align(masks[:, None], torch.cat([numbers, boxes], 1), (side, side), 1.0)
    found: NDArray[np.float32] = paste_masks_in_image(heads, boxes, (shape[0], shape[1])).numpy()
    union: Mask = (found[:, 0] >= 0.5).any(axis=0)
    return union


def box_of(instance: Mask) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of an instance (h, w), the last two beyond its last pixel."""
    rows, columns = np.flatnonzero(instance.any(axis=1)), np.flatnonzero(instance.any(axis=0))
    return float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)


def enlarged(mask: Mask, side: int) -> Mask:
    """A mask (h, w) that went through a picture whose longer side has `side` pixels."""
    height, width = mask.shape
    scale = side / max(mask.shape)
    small_size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(mask.astype(np.float32), small_size, interpolation=cv2.INTER_AREA)
    whole: Mask = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR) >= 0.5
    return whole


def connected(mask: Mask) -> list[Mask]:
    count, labels = cv2.connectedComponents(mask.astype(np.uint8), connectivity=8)
    return [labels == label for label in range(1, count)]


def numbered(picture: NDArray[np.uint8] | NDArray[np.uint16], mask: Mask) -> list[Mask]:
    return [parts for number in np.unique(picture[mask]) if number and (parts := (picture == number) & mask).any()]


def table(found: dict[str, Rows]) -> list[str]:
    lines = [
        f"| pictures | n | way | {' | '.join(MEASURES)} | IoU, 95 % interval |",
        f"|---|---|---|{'---|' * (len(MEASURES) + 1)}",
    ]
    for name, rows in found.items():
        for way, values in rows.items():
            means = " | ".join(f"{value:.4f}" for value in np.mean(values, axis=0))
            low, high = bootstrap_interval([row[0] for row in values])
            lines.append(f"| {name} | {len(values)} | {way} | {means} | {low:.4f} to {high:.4f} |")
    return lines


if __name__ == "__main__":
    main()
