"""Runs and pictures of them, drawn in code; what is right is known by construction."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from deepetch.report.curves import Curves
from deepetch.report.gallery import Picture, choose_pictures
from deepetch.report.report import Arm, Cost
from drawn_subjects import disc_mask, disc_photo

HEADER = [
    *("step", "epoch", "seconds", "learning_rate", "loss", "iou"),
    *("val_loss", "val_iou", "val_accuracy", "val_iou_people", "val_iou_products"),
]
BEST_STEP = 600  # of `rows`


def rows(*, seed: int = 0, validated: bool = True) -> list[dict[str, float]]:
    """Twenty rows, one each 50 steps, validated each 200: validation IoU rises to step 600 and falls after it."""
    found = []
    for step in range(50, 1001, 50):
        row = {
            "step": step,
            "epoch": step // 100,
            "seconds": step * 1.5,
            "learning_rate": 0.003 * (1 - step / 1000),
            "loss": math.exp(-step / 300) + 0.01 * seed,
            "iou": 0.9 - 0.5 * math.exp(-step / 300),
        }
        if validated and step % 200 == 0:
            iou = 0.8 - abs(step - BEST_STEP) / 4000 + 0.001 * seed
            row |= {"val_loss": 1 - iou, "val_iou": iou, "val_accuracy": 0.95}
            row |= {"val_iou_people": iou + 0.05, "val_iou_products": iou - 0.05}
        found.append(row)
    return found


def save_run(folder: Path, *, seed: int = 0, validated: bool = True, options: dict[str, Any] | None = None) -> Path:
    """A run's folder with `metrics.csv`, `options.json` and `provenance.json`."""
    folder.mkdir(parents=True)
    with (folder / "metrics.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, HEADER, restval="")
        writer.writeheader()
        writer.writerows(rows(seed=seed, validated=validated))
    stored = {"network": "compact", "channels": [32, 64], "minutes": None, "pack": "/home/somebody/set.pack"}
    (folder / "options.json").write_text(json.dumps(stored | {"seed": seed} | (options or {})))
    facts = {"data_sha256": "ab" * 32, "versions": {"numpy": "2.4", "torch": "2.15"}}
    (folder / "provenance.json").write_text(json.dumps(facts))
    return folder


def short_curves(name: str = "run", **columns: list[float]) -> Curves:
    """Two rows of a loss, and further columns: few plots, quickly drawn."""
    given = {"step": [50.0, 100.0], "loss": [0.5, 0.4]} | columns
    return Curves(name, {column: np.array(values, np.float64) for column, values in given.items()})


def picture(name: str, iou: float = 0.5, *, kind: str = "people", height: int = 48, width: int = 64) -> Picture:
    """A disc of which the prediction has the upper half alone."""
    true = disc_mask(height, width).astype(np.float32)
    predicted = true.copy()
    predicted[height // 2 :] = 0
    view = disc_photo(height, width).astype(np.float32) / np.float32(255)
    return Picture(name=name, kind=kind, view=view, true=true, predicted=predicted, scores={"iou": iou, "sad": 1 - iou})


def score_rows(by: str, shift: float = 0.0) -> list[dict[str, Any]]:
    """Two groups with intervals."""
    return [
        {by: f"{by} {n}", "n": n, "iou": 0.9 - shift, "iou_low": 0.85 - shift, "iou_high": 0.93 - shift, "sad": 12.34}
        for n in (40, 1200)
    ]


def full_arm(name: str, *runs: Any, shift: float = 0.0) -> Arm:
    """An arm with something in every section."""
    return Arm(
        name=name,
        runs=runs,
        options={"network": "compact", "shift": shift},
        provenance={"versions": {"numpy": "2.4"}},
        gallery=choose_pictures([picture(f"picture{n}", n / 10) for n in range(10)], count=2),
        scores={"kind": score_rows("kind", shift), "size": score_rows("size", shift)},
        reliability=[(0.25, 0.2, 10), (0.5, 0.0, 0), (0.75, 0.85, 30)],
        confidence=[(0.2, 0.3), (0.9, 0.8)],
        cost=Cost(ms_per_picture=40.0, measured_on="CPU, 2 threads", file_bytes=7_600_000, parameters=1_900_000),
    )
