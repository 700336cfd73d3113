"""`deepetch ensemble`: two models as one, weighed on pictures that neither learnt from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from deepetch.cli.arguments import Json, Overwrite, data_options, models_folder, require_choice
from deepetch.cli.progress import bar


def ensemble(
    segmenter: Annotated[str, typer.Argument(help="What draws: a model that gives one alpha.", show_default=False)],
    instances: Annotated[str, typer.Argument(help="What proposes: a Mask R-CNN.", show_default=False)],
    data: Annotated[Path, typer.Option("--on", help="Labelled pictures to weigh them on.", show_default=False)],
    output: Annotated[Path, typer.Option("--output", "-o", help="A TOML file, for --model.", show_default=False)],
    split: Annotated[str, typer.Option(help="train, val or test.")] = "val",
    kind: Annotated[str | None, typer.Option(help="Only this kind of picture.")] = None,
    most: Annotated[int, typer.Option(min=1, help="At most so many pictures, evenly spread.")] = 200,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Weigh a segmenter and a Mask R-CNN as one model: instances propose, the segmenter draws.

    The weights with the highest mean IoU are kept; they may be those of one of the two alone.
    """
    from deepetch.datasets.read import read_dataset
    from deepetch.datasets.split import SPLITS, spread
    from deepetch.ensemble import choose_weights, write_ensemble
    from deepetch.errors import DatasetError
    from deepetch.inference.session import load_model
    from deepetch.photo.atomic import require_free
    from deepetch.segment.ensemble import Ensemble

    require_choice("--split", split, SPLITS)
    require_free(output, overwrite=overwrite)
    drawer, proposer = (load_model(name, folder=models_folder()) for name in (segmenter, instances))
    both = Ensemble(drawer=drawer, proposer=proposer, name=output.name)
    found = [item for item in read_dataset(data, data_options(split=split, kind=kind)) if item.has_subject]
    if not found:
        raise DatasetError(f"{data}: no picture of kind {kind or 'any'} in {split} shows a subject to weigh on.")
    examples = spread(found, most)
    with bar("Weighing", len(examples)) as progress:
        chosen = choose_weights(both, examples, progress=progress)
    write_ensemble(output, segmenter, instances, chosen.weights, overwrite=overwrite)
    said = {
        "n": len(examples),
        "mask": chosen.weights.mask,
        "beyond": chosen.weights.beyond,
        "iou": round(chosen.iou, 4),
        "iou_segmenter": round(chosen.segmenter, 4),
        "iou_instances": round(chosen.instances, 4),
    }
    if as_json:
        typer.echo(json.dumps({"output": str(output), "data": str(data), "split": split} | said))
        return
    typer.echo(
        f"{output}: mask {said['mask']}, beyond {said['beyond']}; IoU {said['iou']:.4f} on {said['n']} pictures of "
        f"{split}, the segmenter alone {said['iou_segmenter']:.4f}, the instances alone {said['iou_instances']:.4f}"
    )
