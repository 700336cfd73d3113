"""`deepetch export`: a run to an ONNX file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from deepetch.cli.arguments import Overwrite, require_training
from deepetch.errors import DatasetError
from deepetch.options import DataOptions


def export(
    run: Annotated[
        Path,
        typer.Argument(
            help="The folder of a run, a safetensors file, the classic U-Net saved by Keras (.h5, .keras), or for Mask "
            "R-CNN coco or torchvision's own file (.pth).",
            show_default=False,
        ),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="The ONNX file to write.", show_default=False)],
    input_size: Annotated[int, typer.Option(help="Longer side that pictures are brought to, a multiple of 32.")] = 320,
    int8: Annotated[
        Path | None, typer.Option(help="Quantise to 8 bit, calibrated on the training pictures of this pack.")
    ] = None,
    weights: Annotated[
        Path | None, typer.Option(help="Also write the float16 weights here (safetensors), to train on from.")
    ] = None,
    calibrate: Annotated[
        Path | None, typer.Option(help="Fit the confidence on the val split of this data set.")
    ] = None,
    presence: Annotated[
        Path | None, typer.Option(help="Fit on the backgrounds of this pack how to tell a picture without a subject.")
    ] = None,
    overwrite: Overwrite = False,
) -> None:
    """Export a trained network, with its preprocessing in the file, and prove that ONNX and torch agree."""
    require_training()
    from deepetch.datasets.read import read_dataset
    from deepetch.training.export import export_network

    found = [] if calibrate is None else read_dataset(calibrate, DataOptions(split="val"))
    examples = [example for example in found if example.has_subject]
    if calibrate is not None and not examples:
        raise DatasetError(f"{calibrate}: no picture in val shows a subject to fit the confidence on.")
    proof = export_network(
        run,
        output,
        input_size=input_size,
        calibration_pack=int8,
        presence_pack=presence,
        weights=weights,
        to_calibrate=calibrate is not None,
        overwrite=overwrite,
    )
    typer.echo(f"{output}: {output.stat().st_size / 1e6:.1f} MB, {proof}")
    if examples:
        from deepetch.calibration import calibrate_model

        knots = calibrate_model(output, examples)
        typer.echo(f"confidence fitted on {len(examples)} pictures: {', '.join(f'{x} -> {y}' for x, y in knots)}")
