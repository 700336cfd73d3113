"""The classic study, with one command: python experiments/classic/study.py DATA -o OUT [--reduced] [--minutes M].

Trains every arm with every seed, judges each on DATA's test split at full size, and writes OUT/report.html, with
pictures, OUT/unlabelled.jpg, new pictures cut out by each arm, and the report without photographs as Markdown
(--markdown).
A run that was stopped goes on where it was; what is done is not done again.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from arms import COARSE, FULL, REDUCED, Arm
from summary import Outcome, summary_lines

from deepetch.arrays import Alpha
from deepetch.assess import assess, assessed, from_examples
from deepetch.cutout import cut_out
from deepetch.datasets.coarsen import coarsen_mask
from deepetch.datasets.example import Example, read_example
from deepetch.datasets.pack import BACKGROUNDS
from deepetch.datasets.packing import write_pack
from deepetch.datasets.read import read_dataset
from deepetch.datasets.truth import Truth
from deepetch.errors import NoSubject, TrainingStopped
from deepetch.evaluate import Score
from deepetch.inference.session import load_model
from deepetch.measure.boundary import boundary_f
from deepetch.measure.region import intersection_over_union
from deepetch.options import DataOptions, SaveOptions, TrainOptions
from deepetch.photo.contact_sheet import contact_sheet
from deepetch.photo.photo import Photo
from deepetch.photo.read import read_photo
from deepetch.photo.view import view_of, working_view
from deepetch.photo.write import write_picture
from deepetch.plan.file import read_plan
from deepetch.report.markdown import write_markdown
from deepetch.report.page import write_html
from deepetch.report.report import Report, read_arm
from deepetch.training.export import export_network
from deepetch.training.networks.build import parameter_count
from deepetch.training.run import open_run, start_run
from deepetch.training.stored_options import OPTIONS
from deepetch.training.weights import trained_network

HERE = Path(__file__).parent
NEW_PICTURES = 24
DENSITIES = (1.25, COARSE, 5.0, 10.0)


@dataclass(frozen=True)
class Coarsened:
    """The mask of another truth with few corners."""

    truth: Truth
    density: float

    def read(self, photo: Photo) -> Alpha:
        return coarsen_mask(self.truth.read(photo) >= 0.5, self.density).astype(np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--reduced", action="store_true", help="for two CPU cores: about three hours")
    parser.add_argument("--kinds", default="people", help="of DATA, commas between; '' for all")
    parser.add_argument("--new", type=Path, help="a folder of new pictures; default: DATA/unlabelled, if it is there")
    parser.add_argument("--minutes", type=float, help="stop after so long; call again to go on")
    parser.add_argument("--epochs", type=int, help="fewer than the protocol has, to try it out")
    parser.add_argument("--markdown", type=Path, help="write the report without photographs into this folder")
    asked = parser.parse_args()
    arms = REDUCED if asked.reduced else FULL
    plan = read_plan(HERE / "classic.toml").train
    if asked.epochs is not None:
        arms = tuple(replace(arm, changes={**arm.changes, "epochs": asked.epochs}) for arm in arms)
    kinds = [kind for kind in asked.kinds.split(",") if kind] or None
    examples = [e for e in read_dataset(asked.data, DataOptions(kinds=kinds)) if e.kind != BACKGROUNDS]
    until = None if asked.minutes is None else time.monotonic() + 60 * asked.minutes

    for arm in arms:
        for seed in arm.seeds:
            if not train(arm, seed, plan, examples, asked.output, until):
                print("stopped; the same command goes on")
                return
    outcomes = [judge(arm, [e for e in examples if e.split == "test"], asked.output) for arm in arms]
    shown = [
        assessed(
            read_arm(*(run_folder(asked.output, arm, seed) for seed in arm.seeds), name=arm.name),
            outcome.assessment,
            model=outcome.model,
            parameters=parameter_count(trained_network(run_folder(asked.output, arm, arm.seeds[0]))),
            measured_on="this machine, reading not counted",
        )
        for arm, outcome in zip(arms, outcomes, strict=True)
    ]
    title = "The classic study" + (", reduced: a quarter of the width, 128 x 128, 30 epochs" if asked.reduced else "")
    report = Report(title=title, arms=shown, monitor=plan.monitor)
    write_html(report, asked.output / "report.html", overwrite=True)
    lines = [
        *summary_lines(outcomes),
        "",
        *coarseness_lines([e for e in examples if e.split == "test"]),
    ]
    (asked.output / "summary.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))
    if asked.markdown is not None:
        write_markdown(report, asked.markdown, overwrite=True)
        (asked.markdown / "summary.md").write_text(f"# {title}\n\n" + "\n".join(lines) + "\n")
    new = asked.new or asked.data / "unlabelled"
    if new.is_dir():
        show_new_pictures(new, outcomes, asked.output / "unlabelled.jpg")


def run_folder(output: Path, arm: Arm, seed: int) -> Path:
    return output / "runs" / arm.name / f"seed-{seed}"


def train(
    arm: Arm, seed: int, plan: TrainOptions, examples: Sequence[Example], output: Path, until: float | None
) -> bool:
    """Train one run, or go on with it; whether it is done."""
    run, options = run_folder(output, arm, seed), arm.options(plan, seed)
    minutes = None if until is None else (until - time.monotonic()) / 60
    if minutes is not None and minutes <= 0:
        return False
    print(f"{arm.name}, seed {seed}: {run}", flush=True)
    report = lambda line: print(line, flush=True)  # noqa: E731
    if (run / OPTIONS).exists():
        return open_run(run, {"minutes": minutes}, report=report)
    pack = packed(arm, options.size, examples, output)
    return start_run(pack, run, {arm.name: replace(options, minutes=minutes)}, report=report)


def packed(arm: Arm, size: int, examples: Sequence[Example], output: Path) -> Path:
    """The pack of an arm at the size of its training, made once."""
    path = output / f"{size}{'' if arm.density is None else f'-coarse-{arm.density:g}'}.pack"
    if not path.exists():
        print(f"packing {path}", flush=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        chosen = [example for example in examples if example.split != "test"]
        if arm.density is not None:
            chosen = [replace(e, truth=Coarsened(e.truth, arm.density)) for e in chosen]
        write_pack(chosen, path, size=size)
    return path


def judge(arm: Arm, examples: Sequence[Example], output: Path) -> Outcome:
    """Judge every seed's best network on the test pictures, at full size."""
    scores: list[list[Score]] = []
    seconds = []
    for seed in arm.seeds:
        run = run_folder(output, arm, seed)
        options = json.loads((run / OPTIONS).read_text())
        export_network(run, run / "model.onnx", input_size=options["size"], overwrite=True)
        judged = assess(load_model(str(run / "model.onnx")), from_examples(examples))
        scores.append(list(judged.scores))
        seconds.append(float((run / "metrics.csv").read_text().splitlines()[-1].split(",")[2]))
        if seed == arm.seeds[0]:
            first = judged
    return Outcome(arm.name, scores, seconds, first, run_folder(output, arm, arm.seeds[0]) / "model.onnx")


def coarseness_lines(examples: Sequence[Example]) -> Iterator[str]:
    """What coarse masks cost before anything is trained: the true masks against themselves with few corners."""
    yield "| corners per 100 px | IoU with the true mask | boundary F |"
    yield "|---|---|---|"
    masks = [read_example(example)[1] >= 0.5 for example in examples]
    for density in DENSITIES:
        pairs = [(coarsen_mask(mask, density), mask) for mask in masks]
        iou = np.mean([intersection_over_union(coarse, mask) for coarse, mask in pairs])
        border = np.mean([boundary_f(coarse, mask) for coarse, mask in pairs])
        yield f"| {density:g} | {iou:.4f} | {border:.4f} |"


def show_new_pictures(folder: Path, outcomes: Sequence[Outcome], path: Path) -> None:
    """The same new pictures under every arm: a row each, the photo first."""
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    files = [files[i] for i in np.linspace(0, len(files) - 1, min(NEW_PICTURES, len(files))).astype(int)]
    models = [load_model(str(outcome.model)) for outcome in outcomes]
    tiles = []
    for file in files:
        photo = read_photo(file)
        view = working_view(photo, 512)
        tiles.append(view)
        for model in models:
            try:
                samples, _ = cut_out(photo, model).over("#00a040")
                tiles.append(view_of(samples, photo.space, photo.metadata.profile))
            except NoSubject:
                tiles.append(np.full_like(view, 0.5))
    write_picture(
        path, contact_sheet(tiles, columns=1 + len(models), tile=256), "rgb", options=SaveOptions(overwrite=True)
    )


if __name__ == "__main__":
    try:
        main()
    except TrainingStopped:
        print("stopped; the same command goes on")
