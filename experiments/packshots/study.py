"""What rendered packshots add to photographs: python experiments/packshots/study.py DATA RENDERS BENCH -o OUT.

Continues the default model's training with as many steps of three kinds of data: photographs and renders, photographs
alone, and renders with all photographs but those of products. Then judges each, and the model all began with, on the
test pictures of DATA and on BENCH, at full size; differences are paired by picture.
A run that was stopped goes on where it was; what is done is not done again.

The published figures began with the default of before the renders: --init-from its weights, which are
src/deepetch/weights/default.safetensors of revision e748e1a.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from judge import judge, judged, table

from deepetch.datasets.example import Example
from deepetch.datasets.packing import write_pack
from deepetch.datasets.read import read_dataset
from deepetch.errors import TrainingStopped
from deepetch.options import TrainOptions
from deepetch.training.export import export_network
from deepetch.training.run import open_run, start_run
from deepetch.training.stored_options import OPTIONS
from deepetch.training.weights import DEFAULT_WEIGHTS

BEFORE = "before"
ARMS = {"renders and products": (), "no renders": ("packshots",), "no products": ("products",)}  # kinds left out
INPUT_SIZE = 320
PLAN = TrainOptions(size=256, batch=32, steps=900, learning_rate=1e-3, warmup_steps=100)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("renders", type=Path, help="what `deepetch studio render` wrote")
    parser.add_argument("bench", type=Path, help="what `deepetch studio bench` wrote")
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--arms", default=",".join(ARMS), help="commas between")
    parser.add_argument("--steps", type=int, default=PLAN.steps)
    parser.add_argument("--init-from", default="default", help="what all begin with: a safetensors file, or default")
    parser.add_argument("--minutes", type=float, help="stop after so long; call again to go on")
    asked = parser.parse_args()
    until = None if asked.minutes is None else time.monotonic() + 60 * asked.minutes
    arms = asked.arms.split(",")
    photographs, renders = read_dataset(asked.data), read_dataset(asked.renders)
    for arm in arms:
        chosen = [e for e in (*photographs, *renders) if e.split == "val" or e.kind not in ARMS[arm]]
        if not train(arm, chosen, replace(PLAN, steps=asked.steps), asked.output, until, init_from=asked.init_from):
            print("stopped; the same command goes on")
            return
    examples = judged(asked.data) + judged(asked.bench)
    begun = DEFAULT_WEIGHTS if asked.init_from == "default" else Path(asked.init_from)
    sources = {BEFORE: begun} | {arm: run_of(asked.output, arm) for arm in arms}
    models = {name: exported(source, asked.output / f"{source.stem}.onnx") for name, source in sources.items()}
    scores = {name: judge(model, examples, asked.output, name=name) for name, model in models.items()}
    lines = table(scores)
    (asked.output / "summary.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


def train(
    arm: str, examples: Sequence[Example], options: TrainOptions, output: Path, until: float | None, *, init_from: str
) -> bool:
    """Train one arm, or go on with it; whether it is done."""
    run = run_of(output, arm)
    pack = output / f"{run.name}.pack"
    minutes = None if until is None else (until - time.monotonic()) / 60
    if minutes is not None and minutes <= 0:
        return False
    report = lambda line: print(line, flush=True)  # noqa: E731
    if (run / OPTIONS).exists():
        return open_run(run, {"minutes": minutes}, report=report)
    if not pack.exists():
        write_pack([e for e in examples if e.split != "test"], pack)
    return start_run(pack, run, {arm: replace(options, minutes=minutes)}, init_from=init_from, report=report)


def run_of(output: Path, arm: str) -> Path:
    """The folder of an arm's run."""
    return output / "runs" / arm.replace(" ", "-")


def exported(source: Path, path: Path) -> str:
    """The ONNX file of a run's network or of weights, made if it is missing."""
    if not path.exists():
        export_network(source, path, input_size=INPUT_SIZE)
    return str(path)


if __name__ == "__main__":
    try:
        main()
    except TrainingStopped:
        print("stopped; the same command goes on")
