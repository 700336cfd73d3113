"""Photos of an orange disc on a bluish wall, which `models.colour_key` cuts out; nothing here uses deepetch."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from PIL import Image

ORANGE, WALL = (0.95, 0.55, 0.10), (0.45, 0.50, 0.60)


def disc_mask(height: int = 96, width: int = 128) -> Any:
    """(h, w) bool, a disc in the middle with a radius of a third of the shorter side."""
    y, x = np.mgrid[0:height, 0:width]
    return np.hypot(y + 0.5 - height / 2, x + 0.5 - width / 2) < min(height, width) / 3


def disc_photo(height: int = 96, width: int = 128, *, space: str = "rgb", bits: int = 8, seed: int = 0) -> Any:
    """(h, w, c) samples with fine noise, so that a copied pixel is told from a computed one."""
    mask = disc_mask(height, width)[..., None]
    colour = {
        "rgb": (ORANGE, WALL),
        "grey": ((0.9,), (0.2,)),
        "cmyk": ((0.0, 0.45, 0.9, 0.0), (0.5, 0.35, 0.2, 0.1)),  # 0 = no ink
    }[space]
    noise = np.random.default_rng(seed).uniform(-0.03, 0.03, (height, width, len(colour[0])))
    full = 255 if bits == 8 else 65535
    picture = np.clip(np.where(mask, colour[0], colour[1]) + noise, 0, 1)
    return np.round(picture * full).astype(np.uint8 if bits == 8 else np.uint16)


def save_photo(path: Path, samples: Any, *, space: str = "rgb") -> Path:
    """Write with Pillow, or with tifffile for .tif."""
    path.parent.mkdir(parents=True, exist_ok=True)
    plain = samples[..., 0] if samples.shape[2] == 1 else samples
    if path.suffix == ".tif":
        photometric = {"grey": "minisblack", "rgb": "rgb", "cmyk": "separated"}[space]
        tifffile.imwrite(path, plain, photometric=photometric, metadata=None)
    else:
        Image.fromarray(plain).save(path, **({"quality": 95} if path.suffix == ".jpg" else {}))
    return path


def wall_photo(height: int = 96, width: int = 128) -> Any:
    """(h, w, 3) uint8 of the wall alone: no subject."""
    return np.broadcast_to(np.round(np.array(WALL) * 255).astype(np.uint8), (height, width, 3)).copy()


def save_data_set(folder: Path, *, train: int = 6, val: int = 3, test: int = 2) -> Path:
    """A labelled set as `index.csv` describes it: people with masks, one wall without subject, one cut-out a split."""
    rows = []
    for split, count in (("train", train), ("val", val), ("test", test)):
        for index in range(count):
            height, width = (64, 96) if index % 2 else (96, 64)
            name = f"{split}{index}"
            kind = "backgrounds" if index == 1 else "cutouts" if index == 2 else "people"
            samples, mask = disc_photo(height, width, seed=index), disc_mask(height, width)
            if kind == "backgrounds":
                samples = wall_photo(height, width)
            if kind == "cutouts":
                samples = np.dstack([samples, mask.astype(np.uint8) * 255])
            save_photo(folder / "images" / f"{name}.png", samples)
            if kind == "people":
                save_photo(folder / "masks" / f"{name}.png", mask[..., None].astype(np.uint8) * 255)
            rows.append(
                {
                    "image": f"images/{name}.png",
                    "mask": f"masks/{name}.png" if kind == "people" else "",
                    "kind": kind,
                    "source": "drawn",
                    "split": split,
                }
            )
    with (folder / "index.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["image", "mask", "kind", "source", "split"])
        writer.writeheader()
        writer.writerows(rows)
    return folder
