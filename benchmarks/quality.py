"""How good the default model is on the test splits: `python benchmarks/quality.py DATA [--model FILE] [--before FILE]`.

Prints a Markdown table: mean IoU with its 95 % bootstrap interval, and boundary F with the edge-aware upsampling and
with plain bilinear; with --before MODEL also that one's IoU, and the interval of the difference, picture by picture.
Then: how often a picture without subject is recognised, how often one with a subject is not, and
how far the stated confidence is from the IoU.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from compose import composed
from machine import machine_name

from deepetch.arrays import Alpha
from deepetch.cutout import subject_confidence
from deepetch.datasets.example import read_example
from deepetch.datasets.index import read_index
from deepetch.errors import NoSubject
from deepetch.evaluate import Score, bootstrap_interval, score
from deepetch.inference.session import Model, load_model
from deepetch.matte.clean import clean_alpha
from deepetch.measure.region import intersection_over_union
from deepetch.options import CutOptions, MatteOptions
from deepetch.photo.photo import Photo
from deepetch.photo.read import read_photo
from deepetch.photo.view import working_view
from deepetch.segment.segment import segment

REFINED, BILINEAR = MatteOptions(), MatteOptions(refine="none")

Rows = list[tuple[Score, Score]]  # with the border drawn as by default, with bilinear


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--model", default="default")
    parser.add_argument("--before", help="another model, to compare with")
    parser.add_argument("--split", default="test")
    parser.add_argument("--input-size", type=int)
    parser.add_argument("--most", type=int, help="only so many pictures of each kind, evenly spread")
    asked = parser.parse_args()
    model = load_model(asked.model)
    if asked.input_size:
        model.spec = replace(model.spec, input_size=asked.input_size)  # --before looks at its own

    before = load_model(asked.before) if asked.before else None
    rows: dict[str, Rows] = {}
    others: dict[str, list[float]] = {}

    def judge(group: str, photo: Photo, true: Alpha, name: str, kind: str) -> None:
        rows.setdefault(group, []).append(both(model, photo, true, name, kind))
        if before is not None:
            others.setdefault(group, []).append(score(before, photo, true, REFINED, name=name, kind=kind).iou)

    kinds = sorted({example.kind for example in read_index(asked.data, split=asked.split)} - {"backgrounds"})
    for kind in kinds:
        examples = spread(read_index(asked.data, split=asked.split, kinds=[kind]), asked.most)
        for example in examples:
            photo, true = read_example(example)
            if kind != "cutouts":  # those have no background of their own
                judge(group_of(kind, example.name), photo, true, example.name, kind)
    for kind in ("garments", "cutouts"):
        scenes = list(composed(asked.data, kind, split=asked.split))
        for example, photo, true, _ in spread(scenes, asked.most):
            judge(f"{kind} over backgrounds", photo, true, example.name, kind)

    print(f"`{model.spec.name}`, {asked.split} split, input {model.spec.input_size} px, on {machine_name()}\n")
    print("| pictures | n | IoU | 95 % interval | boundary F | boundary F, bilinear | IoU, bilinear |")
    print("|---|---|---|---|---|---|---|")
    rows, others = with_people(rows), with_people(others)
    for name, group in rows.items():
        low, high = bootstrap_interval([refined.iou for refined, _ in group])
        print(
            f"| {name} | {len(group)} | {mean(group, lambda r: r[0].iou):.4f} | {low:.3f} to {high:.3f} "
            f"| {mean(group, lambda r: r[0].boundary_f):.4f} | {mean(group, lambda r: r[1].boundary_f):.4f} "
            f"| {mean(group, lambda r: r[1].iou):.4f} |"
        )
    print(f"| garments on white, threshold at 250 | | {threshold_score(asked.data, asked.split):.4f} | | | | |\n")
    if before is not None:
        print("| pictures | n | IoU before | IoU | difference, 95 % interval |\n|---|---|---|---|---|")
        for name, group in rows.items():
            gains = [row[0].iou - other for row, other in zip(group, others[name], strict=True)]
            low, high = bootstrap_interval(gains)
            print(
                f"| {name} | {len(group)} | {np.mean(others[name]):.4f} | {mean(group, lambda r: r[0].iou):.4f} "
                f"| {low:+.4f} to {high:+.4f} |"
            )
        print()
    judged = [row for name, group in rows.items() if name != "people" for row in group]
    print_confidence(model, asked.data, asked.split, judged)


def with_people(groups: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """The groups, before them all people together."""
    return {"people": [row for name, group in groups.items() if name.startswith("people") for row in group], **groups}


def both(model: Model, photo, true, name: str, kind: str) -> tuple[Score, Score]:
    return (
        score(model, photo, true, REFINED, name=name, kind=kind),
        score(model, photo, true, BILINEAR, name=name, kind=kind),
    )


def group_of(kind: str, name: str) -> str:
    """The part of a kind that is reported apart: people by origin, products by how they were photographed."""
    if kind == "people":
        return f"people, {({'portrait': 'portraits', 'fashion': 'fashion'}).get(name.split('_')[0], 'mixed')}"
    if kind == "products":
        origins = {"packs_store": "cartons held in a shop", "packs_white": "cartons on white"}
        return f"products, {origins.get('_'.join(name.split('_')[:2]), 'garments by sellers')}"
    return "garments on white" if kind == "garments" else kind


def mean(group: Rows, value: Callable[[tuple[Score, Score]], float]) -> float:
    return float(np.mean([value(row) for row in group]))


def spread(items: list, most: int | None) -> list:
    if most is None or len(items) <= most:
        return items
    return [items[index] for index in np.linspace(0, len(items) - 1, most).astype(int)]


def threshold_score(data: Path, split: str) -> float:
    """The one-line rival on white: everything darker than 250 of 255 in any channel, the best level on val."""
    scores = []
    for example in read_index(data, split=split, kinds=["garments"]):
        photo, true = read_example(example)
        scores.append(intersection_over_union(photo.samples.min(2) < 250, true >= 0.5))
    return float(np.mean(scores))


def print_confidence(model: Model, data: Path, split: str, scored: Rows) -> None:
    options = CutOptions()
    empty = [working_view(read_photo(e.image)) for e in read_index(data, split=split, kinds=["backgrounds"])]
    told = sum(not has_subject(model, view, options) for view in empty)
    own = [row for row in scored if row[0].kind in ("people", "products", "garments", "cutouts")]
    missed = [s for s, _ in own if s.confidence < options.min_confidence or s.presence < options.min_presence]
    lost = sum(s.iou >= 0.9 for s in missed)
    error = np.mean([abs(row[0].confidence - row[0].iou) for row in own])
    print(
        f"No subject: {told} of {len(empty)} backgrounds reported so; and {len(missed)} of {len(own)} pictures "
        f"with one, {lost} of which would have reached an IoU of 0.9."
    )
    print(f"Confidence: mean |confidence - IoU| {error:.3f} over {len(own)} pictures (objects and matting left out).")


def has_subject(model: Model, view, options: CutOptions) -> bool:
    found = segment(model, view)
    try:
        subject_confidence(clean_alpha(found.alpha, options.matte), found.presence, model, options)
    except NoSubject:
        return False
    return True


if __name__ == "__main__":
    main()
