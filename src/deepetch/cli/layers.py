"""`deepetch layers`: a photo in, its soft layers out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from deepetch.cli.arguments import ModelName, Overwrite


def layers(
    photo: Annotated[Path, typer.Argument(help="A photo.", show_default=False)],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="A .psd file, or a folder for PNG files. Default: NAME-layers.psd."),
    ] = None,
    most: Annotated[int, typer.Option(min=1, help="Layers at most.")] = 10,
    size: Annotated[
        int,
        typer.Option(min=32, max=640, help="Longer side it is worked out on; 320 pixels take half a minute."),
    ] = 320,
    model: ModelName = "default",
    overwrite: Overwrite = False,
) -> None:
    """Divide a photo into soft layers: subject, background and their parts, each with its own opacity.

    Semantic soft segmentation (Aksoy et al. 2018); needs the `matting` extra.
    """
    from deepetch.cli.cut import tile_progress
    from deepetch.errors import InvalidOptions
    from deepetch.inference.session import load_model
    from deepetch.layers import divide, write_layers
    from deepetch.matte.refine import silent
    from deepetch.options import SoftOptions
    from deepetch.photo.atomic import require_free
    from deepetch.photo.read import read_photo

    output = output or photo.with_name(f"{photo.stem}-layers.psd")
    if output.suffix.lower() == ".psd":
        require_free(output, overwrite=overwrite)
    elif output.suffix:
        raise InvalidOptions(f"{output}: layers are written to a .psd file, or to a folder as PNG files.")
    read = read_photo(photo)
    loaded = load_model(model)
    with tile_progress(shown=True) as progress:
        found = divide(read, loaded, SoftOptions(layers=most), size=size, progress=progress or silent)
    if not output.suffix:
        try:
            output.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InvalidOptions(f"{output}: the folder cannot be made ({error.strerror}).") from error
    for path in write_layers(read, found, output, name=photo.stem, overwrite=overwrite):
        typer.echo(f"{photo} -> {path}")
