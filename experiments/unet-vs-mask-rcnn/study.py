"""U-Net or Mask R-CNN, with the same time: python experiments/unet-vs-mask-rcnn/study.py DATA RENDERS -o OUT.

Both begin with the default's encoder and new heads, and learn from the same pictures, squares of 256 pixels: people,
products and backgrounds of DATA and the renders, every tenth of which is kept for validation. The steps are those that
took each 36 minutes on two cores of a Zen 4 (1.2 s for 8 pictures of the Mask R-CNN, 2.6 s for 32 of the U-Net). Then
each is exported at the size that is best on validation pictures, and both are weighed as an ensemble there.

With COCO's weights, on a machine with a GPU: --network mask-rcnn --init-from coco, into a folder of its own. What it is
judged by is said in README.md, command by command. A run that was stopped goes on where it was; what is done is not
done again.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from deepetch.datasets.example import Example
from deepetch.datasets.packing import write_pack
from deepetch.datasets.read import read_dataset
from deepetch.datasets.split import spread
from deepetch.ensemble import choose_weights, write_ensemble
from deepetch.errors import DeepetchError, InvalidOptions, TrainingStopped
from deepetch.evaluate import evaluate
from deepetch.inference.session import load_model
from deepetch.options import PRESETS, DataOptions, MatteOptions, TrainOptions
from deepetch.segment.ensemble import Ensemble
from deepetch.training.export import export_network
from deepetch.training.run import open_run, start_run
from deepetch.training.stored_options import OPTIONS, read_options

KINDS = ("people", "products", "backgrounds")
KEPT = 10  # of the renders every so manyth is for validation
SIZES = (256, 320, 384)  # of a picture's longer side, to choose among
JUDGED = 120  # validation pictures that choose
UNET, MASK_RCNN, BOTH = "u-net", "mask-rcnn", "both.toml"
PLAIN = MatteOptions(refine="none")  # of the network alone


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("renders", type=Path, help="what `deepetch studio render` wrote")
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--network", choices=("mask-rcnn-light", "mask-rcnn"), default="mask-rcnn-light")
    parser.add_argument("--init-from", help="of the Mask R-CNN: coco, or a file; else light: the default's encoder")
    parser.add_argument("--steps", type=int, nargs=2, default=(1800, 825), help="of the Mask R-CNN and the U-Net")
    asked = parser.parse_args()
    asked.output.mkdir(parents=True, exist_ok=True)
    examples = pictures(asked.data, asked.renders)
    pack = asked.output / "data.pack"
    if not pack.exists():
        write_pack(examples, pack, instances=True)
    plans = {
        MASK_RCNN: replace(PRESETS[asked.network], size=256, steps=asked.steps[0]),
        UNET: TrainOptions(size=256, steps=asked.steps[1]),
    }
    own = {"encoder_weights": "default"}
    light = own if asked.network == "mask-rcnn-light" else {}  # torchvision's has another encoder
    begun = {MASK_RCNN: light if asked.init_from is None else {"init_from": asked.init_from}, UNET: own}
    for name, plan in plans.items():
        run = asked.output / name
        report = lambda line: print(line, flush=True)  # noqa: E731
        if (run / OPTIONS).exists():
            if read_options(run)[1].network != plan.network:
                raise InvalidOptions(f"{run}: another network was trained there; take another folder.")
            open_run(run, {}, report=report)
        else:
            start_run(pack, run, {name: plan}, report=report, **begun[name])
    judged = spread([e for e in examples if e.split == "val" and e.has_subject], JUDGED)
    for name in plans:
        exported(asked.output / name, judged)
    both = Ensemble(
        drawer=load_model(str(asked.output / f"{UNET}.onnx")),
        proposer=load_model(str(asked.output / f"{MASK_RCNN}.onnx")),
    )
    chosen = choose_weights(both, judged)
    print(f"ensemble: {chosen}")
    write_ensemble(
        asked.output / BOTH,
        str(both.drawer.spec.file),
        str(both.proposer.spec.file),
        chosen.weights,
        overwrite=True,
    )


def pictures(data: Path, renders: Path) -> list[Example]:
    """What is learnt from and chosen by."""
    photographs = [e for e in read_dataset(data, DataOptions(kinds=KINDS)) if e.split != "test"]
    shots = enumerate(read_dataset(renders))
    return photographs + [replace(example, split="train" if index % KEPT else "val") for index, example in shots]


def exported(run: Path, judged: Sequence[Example]) -> None:
    """Export a run at each size, and keep the file that is best on validation pictures."""
    best = run.with_suffix(".onnx")
    if best.exists():
        return
    means = {}
    for size in SIZES:
        file = run / f"{size}.onnx"
        print(f"{file}: {export_network(run, file, input_size=size, overwrite=True)}")
        means[size] = float(np.mean([score.iou for score in evaluate(load_model(str(file)), judged, PLAIN)]))
        print(f"{file}: IoU {means[size]:.4f} on {len(judged)} validation pictures", flush=True)
    (run / f"{max(means, key=lambda size: means[size])}.onnx").rename(best)


if __name__ == "__main__":
    try:
        main()
    except TrainingStopped:
        print("stopped; the same command goes on")
    except DeepetchError as error:
        sys.exit(f"study.py: {error}")
