"""What rendered packshots add to photographs: python experiments/packshots/study.py DATA RENDERS BENCH -o OUT.

Continues the default model's training with as many steps of three kinds of data: photographs and renders, photographs
alone, and renders with all photographs but those of products. Then judges each, and the model all began with, on the
test pictures of DATA and on BENCH, at full size; differences are paired by picture.
A run that was stopped goes on where it was; what is done is not done again.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from deepetch.datasets.example import Example, read_example
from deepetch.datasets.pack import BACKGROUNDS
from deepetch.datasets.packing import write_pack
from deepetch.datasets.read import read_dataset
from deepetch.errors import TrainingStopped
from deepetch.evaluate import bootstrap_interval, score
from deepetch.inference.session import load_model
from deepetch.options import MatteOptions, TrainOptions
from deepetch.training.export import export_network
from deepetch.training.run import open_run, start_run
from deepetch.training.stored_options import OPTIONS

BEFORE = "before"
ARMS = {"renders and products": (), "no renders": ("packshots",), "no products": ("products",)}  # kinds left out
JUDGED = ("people", "products", "garments")
INPUT_SIZE = 320
PLAN = TrainOptions(size=224, batch=32, steps=1200, learning_rate=1e-3, warmup_steps=100)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("renders", type=Path, help="what `deepetch studio render` wrote")
    parser.add_argument("bench", type=Path, help="what `deepetch studio bench` wrote")
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--arms", default=",".join(ARMS), help="commas between")
    parser.add_argument("--steps", type=int, default=PLAN.steps)
    parser.add_argument("--minutes", type=float, help="stop after so long; call again to go on")
    asked = parser.parse_args()
    until = None if asked.minutes is None else time.monotonic() + 60 * asked.minutes
    arms = asked.arms.split(",")
    photographs, renders = read_dataset(asked.data), read_dataset(asked.renders)
    for arm in arms:
        chosen = [e for e in (*photographs, *renders) if e.split == "val" or e.kind not in ARMS[arm]]
        if not train(arm, chosen, replace(PLAN, steps=asked.steps), asked.output, until):
            print("stopped; the same command goes on")
            return
    judged = [e for e in photographs if e.split == "test" and e.kind in JUDGED] + read_dataset(asked.bench)
    scores = {name: judge(name, judged, asked.output) for name in (BEFORE, *arms)}
    lines = table(scores)
    (asked.output / "summary.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


def train(arm: str, examples: Sequence[Example], options: TrainOptions, output: Path, until: float | None) -> bool:
    """Train one arm, or go on with it; whether it is done."""
    run, pack = output / "runs" / arm.replace(" ", "-"), output / f"{arm.replace(' ', '-')}.pack"
    minutes = None if until is None else (until - time.monotonic()) / 60
    if minutes is not None and minutes <= 0:
        return False
    report = lambda line: print(line, flush=True)  # noqa: E731
    if (run / OPTIONS).exists():
        return open_run(run, {"minutes": minutes}, report=report)
    if not pack.exists():
        write_pack([e for e in examples if e.split != "test"], pack)
    return start_run(pack, run, {arm: replace(options, minutes=minutes)}, init_from="default", report=report)


def judge(name: str, examples: Sequence[Example], output: Path) -> list[dict[str, str | float]]:
    """A row a picture: its group, IoU, boundary F and mean absolute error of alpha; kept as JSON."""
    kept = output / "scores" / f"{name.replace(' ', '-')}.json"
    if not kept.exists():
        model = "default"
        if name != BEFORE:
            run = output / "runs" / name.replace(" ", "-")
            model = str(run / "model.onnx")
            export_network(run, run / "model.onnx", input_size=INPUT_SIZE, overwrite=True)
        loaded = load_model(model)
        rows = []
        for example in examples:
            if example.kind == BACKGROUNDS:
                continue
            photo, true = read_example(example)
            one = score(loaded, photo, true, MatteOptions(), name=example.name, kind=example.kind)
            rows.append({"group": group_of(example), "iou": one.iou, "boundary_f": one.boundary_f, "mae": one.mae})
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(rows))
    return list(json.loads(kept.read_text()))


def group_of(example: Example) -> str:
    """Products by how they were photographed; renders by class."""
    if example.kind != "products":
        return example.kind
    origins = {"packs_store": "cartons held in a shop", "packs_white": "cartons on white"}
    return f"products, {origins.get('_'.join(example.name.split('_')[:2]), 'garments by sellers')}"


def table(scores: dict[str, list[dict[str, str | float]]]) -> list[str]:
    """Mean IoU and MAE of each group before; after each arm the difference in IoU with its 95 % interval."""
    arms = [name for name in scores if name != BEFORE]
    lines = [
        "| pictures | n | IoU before | MAE before | " + " | ".join(arms) + " |",
        "|---|---|---|---|" + "---|" * len(arms),
    ]
    for group in dict.fromkeys(row["group"] for row in scores[BEFORE]):
        ours = [index for index, row in enumerate(scores[BEFORE]) if row["group"] == group]
        before = values(scores[BEFORE], ours, "iou")
        cells = []
        for arm in arms:
            gain = values(scores[arm], ours, "iou") - before
            low, high = bootstrap_interval(list(gain))
            mae = values(scores[arm], ours, "mae").mean()
            cells.append(f"{before.mean() + gain.mean():.3f} ({low:+.3f} to {high:+.3f}), MAE {mae:.3f}")
        error = values(scores[BEFORE], ours, "mae").mean()
        lines.append(f"| {group} | {len(ours)} | {before.mean():.3f} | {error:.3f} | " + " | ".join(cells) + " |")
    return lines


def values(rows: list[dict[str, str | float]], indices: Sequence[int], measure: str) -> np.ndarray:
    return np.array([float(rows[index][measure]) for index in indices])


if __name__ == "__main__":
    try:
        main()
    except TrainingStopped:
        print("stopped; the same command goes on")
