"""`deepetch path`: a mask, a cut-out or a photo in, its clipping path out."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated

import typer

from deepetch.cli.arguments import Json, ModelName, Overwrite, models_folder, require_choice
from deepetch.options import PathOptions

KINDS = ("auto", "mask", "photo")


def path(
    picture: Annotated[Path, typer.Argument(help="A mask, a cut-out or a photo.", show_default=False)],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A .svg, .pdf or .dxf file. Default: NAME-path.svg.")
    ] = None,
    kind: Annotated[
        str,
        typer.Option(
            "--as",
            help="mask or photo. auto: what is transparent somewhere is a cut-out, what is grey and nearly all "
            "black or white a mask, what has colours a photo.",
        ),
    ] = "auto",
    tolerance: Annotated[
        float, typer.Option(help="How far the path may be from the contour, in pixels: 0.1 to 10.")
    ] = PathOptions.tolerance,
    density: Annotated[
        float | None,
        typer.Option(help="Pixels per inch, for millimetres. Default: what the picture states.", show_default=False),
    ] = None,
    model: ModelName = "default",
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Draw the clipping path around a mask or a cut-out, or around what the model sees in a photo.

    DXF, for cutting tables, needs the `dxf` extra.
    """
    from deepetch.cutout import cut_out
    from deepetch.deliver.path.given import alpha_given
    from deepetch.deliver.path.path import clipping_path
    from deepetch.deliver.path.write import require_path_file, write_path
    from deepetch.photo.atomic import require_free
    from deepetch.photo.read import read_photo
    from deepetch.segment.segment import load_segmenter

    began = time.perf_counter()
    require_choice("--as", kind, KINDS)
    options = PathOptions(tolerance=tolerance)
    output = output or picture.with_name(f"{picture.stem}-path.svg")
    require_free(output, overwrite=overwrite)
    read = read_photo(picture)
    stated = read.metadata.density if density is None else (density, density)
    require_path_file(output, stated)
    alpha, confidence, by = alpha_given(read, kind), None, "given"  # type: ignore[arg-type]
    if alpha is None:
        found = cut_out(read, load_segmenter(model, folder=models_folder()))
        alpha, confidence, by = found.alpha, found.confidence, found.model
    drawn = clipping_path(alpha, options)
    write_path(output, drawn, density=stated, overwrite=overwrite)
    seconds = round(time.perf_counter() - began, 3)
    if as_json:
        result = {"input": str(picture), "output": str(output), "width": read.width, "height": read.height}
        result |= {"seconds": seconds, "model": by, "confidence": confidence and round(confidence, 4)}
        result |= {"subpaths": len(drawn.subpaths), "nodes": drawn.nodes, "warnings": list(read.warnings)}
        typer.echo(json.dumps(result))
        return
    sure = "as a mask" if confidence is None else f"confidence {confidence:.2f}"
    typer.echo(f"{picture} -> {output}  {sure}  {drawn.nodes} nodes  {seconds:.1f} s")
    for note in read.warnings:
        typer.echo(f"  note: {note}", err=True)
