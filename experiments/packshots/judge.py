"""Models beside the first of them on test pictures: python experiments/packshots/judge.py MODEL... --on DATA... -o OUT.

Every picture at its full size; differences are paired by picture, with 95 % bootstrap intervals. Scores are kept in OUT
and not worked out again.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np

from deepetch.datasets.example import Example, read_example
from deepetch.datasets.pack import BACKGROUNDS
from deepetch.datasets.read import read_dataset
from deepetch.evaluate import bootstrap_interval, score
from deepetch.inference.session import load_model
from deepetch.options import DataOptions, MatteOptions
from deepetch.studio.bench import BENCH_CLASSES, RECIPE_FILE
from deepetch.studio.catalogue import FAMILIES
from deepetch.studio.recipes import read_recipes

JUDGED = ("people", "products", "garments", *BENCH_CLASSES)  # kinds
OTHERS = [name for name in BENCH_CLASSES if name not in ("glass", "film")]  # holes and thin parts have some clear ones

Rows: TypeAlias = list[dict[str, str | float]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", help="names or ONNX files; the others are compared with the first")
    parser.add_argument("--on", type=Path, nargs="+", required=True)
    parser.add_argument("-o", "--output", type=Path, required=True)
    asked = parser.parse_args()
    examples = [example for path in asked.on for example in judged(path)]
    scores = {model: judge(model, examples, asked.output, name=Path(model).stem) for model in asked.models}
    print("\n".join(table(scores)))


def judged(path: Path) -> list[Example]:
    """The test pictures of a set that count here."""
    return [example for example in read_dataset(path, DataOptions(split="test")) if example.kind in JUDGED]


def judge(model: str, examples: Sequence[Example], output: Path, *, name: str) -> Rows:
    """A row a picture: its kind and group, IoU, boundary F and mean absolute error of alpha; kept as JSON."""
    kept = output / "scores" / f"{name.replace(' ', '-')}.json"
    known = {row["name"]: row for row in json.loads(kept.read_text())} if kept.exists() else {}
    loaded = load_model(model)
    rows = []
    for example in examples:
        if example.kind == BACKGROUNDS:
            continue
        if example.name not in known:
            photo, true = read_example(example)
            one = score(loaded, photo, true, MatteOptions(), name=example.name, kind=example.kind)
            known[example.name] = {
                "name": example.name,
                "kind": example.kind,
                "group": group_of(example),
                "iou": one.iou,
                "boundary_f": one.boundary_f,
                "mae": one.mae,
            }
        rows.append(known[example.name])
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(list(known.values()), indent=0))
    return rows


def group_of(example: Example) -> str:
    """Products by how they were photographed; others by kind."""
    if example.kind != "products":
        return example.kind
    origins = {"packs_store": "cartons held in a shop", "packs_white": "cartons on white"}
    return f"products, {origins.get('_'.join(example.name.split('_')[:2]), 'garments by sellers')}"


def table(scores: dict[str, Rows]) -> list[str]:
    """Mean IoU and MAE of each group; of all but the first model the difference in IoU with its 95 % interval."""
    first, *others = scores
    rows = scores[first]
    groups: dict[str, Callable[[dict[str, str | float]], bool]] = {
        name: lambda row, name=name: row["group"] == name for name in dict.fromkeys(str(row["group"]) for row in rows)
    }
    clear = {
        scene.name
        for scene in read_recipes(RECIPE_FILE)
        if not all("opaque" in FAMILIES[placed.family].traits for placed in scene.products)
    }
    groups["packshot-bench, all but glass and film"] = lambda row: row["kind"] in OTHERS
    groups["of them, opaque products alone"] = lambda row: row["kind"] in OTHERS and row["name"] not in clear
    lines = [
        f"| pictures | n | IoU, {first} | MAE | " + " | ".join(others) + " |",
        "|---|---|---|---|" + "---|" * len(others),
    ]
    for name, belongs in groups.items():
        ours = [index for index, row in enumerate(rows) if belongs(row)]
        if not ours:
            continue
        before, error = (values(rows, ours, measure).mean() for measure in ("iou", "mae"))
        cells = []
        for other in others:
            gain = values(scores[other], ours, "iou") - values(rows, ours, "iou")
            low, high = bootstrap_interval(list(gain))
            mae = values(scores[other], ours, "mae").mean()
            cells.append(f"{before + gain.mean():.3f} ({low:+.3f} to {high:+.3f}), MAE {mae:.3f}")
        lines.append(f"| {name} | {len(ours)} | {before:.3f} | {error:.3f} | " + " | ".join(cells) + " |")
    return lines


def values(rows: Rows, indices: Sequence[int], measure: str) -> np.ndarray:
    return np.array([float(rows[index][measure]) for index in indices])


if __name__ == "__main__":
    main()
