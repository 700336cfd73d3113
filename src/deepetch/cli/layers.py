"""`deepetch layers`: a photo in, its soft layers out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from deepetch.cli.arguments import ModelName, Overwrite, models_folder
from deepetch.errors import InvalidOptions
from deepetch.options import SoftOptions


def layers(
    photo: Annotated[Path, typer.Argument(help="A photo.", show_default=False)],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="A .psd file, or a folder for PNG files. Default: NAME-layers.psd."),
    ] = None,
    most: Annotated[int, typer.Option(min=1, help="Layers at most.")] = SoftOptions.layers,
    size: Annotated[
        int, typer.Option(min=32, max=640, help="Longer side it is worked out on; 320 pixels take half a minute.")
    ] = SoftOptions.size,
    model: ModelName = "default",
    overwrite: Overwrite = False,
) -> None:
    """Divide a photo into soft layers: subject, background and their parts, each with its own opacity.

    Semantic soft segmentation (Aksoy et al. 2018); needs the `matting` extra.
    """
    from deepetch.cli.cut import tile_progress
    from deepetch.deliver.naming import is_folder
    from deepetch.layers import divide_photo, require_layers_fit, write_layers
    from deepetch.matte.refine import silent
    from deepetch.photo.atomic import require_free
    from deepetch.photo.read import read_photo
    from deepetch.segment.segment import load_segmenter

    read = read_photo(photo)
    output = output or photo.with_name(f"{photo.stem}-layers.psd")
    single = output.suffix.lower() == ".psd"
    if single:
        require_free(output, overwrite=overwrite)
    elif output.suffix and not is_folder(output):
        raise InvalidOptions(f"{output}: layers are written to a .psd file, or to a folder as PNG files.")
    require_layers_fit(read, output)
    options = SoftOptions(layers=most, size=size)
    loaded = load_segmenter(model, folder=models_folder())
    with tile_progress(shown=True) as progress:
        found = divide_photo(read, loaded, options, progress=progress or silent)
    if not single:
        try:
            output.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InvalidOptions(f"{output}: the folder cannot be made ({error.strerror}).") from error
    paths, said = write_layers(read, found, output, name=photo.stem, overwrite=overwrite)
    for path in paths:
        typer.echo(f"{photo} -> {path}")
    for note in (*read.warnings, *said):
        typer.echo(f"  note: {note}", err=True)
