"""How a stage of the default border refiner is trained: python experiments/border/study.py DATA RENDERS -o OUT.

Packs the photographs of DATA and the renders of RENDERS at 640 pixels, trains a refiner on squares of them beside the
default segmenter's alpha, and exports it. A run that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from deepetch.datasets.packing import write_pack
from deepetch.datasets.read import read_dataset
from deepetch.errors import TrainingStopped
from deepetch.options import REFINER
from deepetch.training.export import export_network
from deepetch.training.run import open_run, start_run
from deepetch.training.stored_options import OPTIONS

SIZE = 640  # of the packed pictures: that of the photographs
SMALL = ("garments",)  # of 192 x 256 pixels: enlarged they would teach blurred edges


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("renders", type=Path, help="what `deepetch studio render` wrote")
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=REFINER.steps)
    parser.add_argument("--learning-rate", type=float, default=REFINER.learning_rate)
    parser.add_argument("--minutes", type=float, help="stop after so long; call again to go on")
    parser.add_argument("--init-from", help="the weights of an earlier refiner")
    asked = parser.parse_args()
    run, pack = asked.output / "run", asked.output / "border.pack"
    if (run / OPTIONS).exists():
        finished = open_run(run, {"minutes": asked.minutes}, report=say)
    else:
        if not pack.exists():
            examples = [*read_dataset(asked.data), *read_dataset(asked.renders)]
            asked.output.mkdir(parents=True, exist_ok=True)
            write_pack([e for e in examples if e.split != "test" and e.kind not in SMALL], pack, size=SIZE)
        options = replace(REFINER, steps=asked.steps, learning_rate=asked.learning_rate, minutes=asked.minutes)
        finished = start_run(pack, run, {"refiner": options}, init_from=asked.init_from, report=say)
    if finished:
        weights = asked.output / "refiner.safetensors"
        say(export_network(run, asked.output / "refiner.onnx", input_size=32, weights=weights, overwrite=True))


def say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    try:
        main()
    except TrainingStopped as stopped:
        print(stopped)
