"""`deepetch studio`: labelled packshots, rendered."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from deepetch.options import StudioOptions

app = typer.Typer(no_args_is_help=True, help="Labelled packshots with exact alpha, rendered by Blender.")


@app.callback()
def studio() -> None:
    """Labelled packshots with exact alpha, rendered by Blender."""


@app.command("render")
def render(
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The folder to fill; a second call goes on.", show_default=False)
    ],
    count: Annotated[int, typer.Option(min=1, help="How many pictures.")] = 10,
    seed: Annotated[int, typer.Option(min=0, help="Pictures of two seeds share nothing.")] = StudioOptions.seed,
    kind: Annotated[str | None, typer.Option(help="Of products, commas between: bottle,carton. Default: all.")] = None,
    size: Annotated[int, typer.Option(help="Longer side in pixels.")] = StudioOptions.size,
    samples: Annotated[
        int, typer.Option(help="Light paths a pixel; alpha has 128 in any case.")
    ] = StudioOptions.samples,
    split: Annotated[str, typer.Option(help="What index.csv says: train, val or test.")] = StudioOptions.split,
    layers: Annotated[
        bool, typer.Option("--layers/--no-layers", help="Also foreground, background and shadow of each picture.")
    ] = StudioOptions.layers,
    artwork: Annotated[
        Path | None, typer.Option(help="A folder of label pictures to wrap on products, beside drawn artwork.")
    ] = None,
    rooms: Annotated[Path | None, typer.Option(help="A folder of photographs to stand in front of.")] = None,
    blender: Annotated[
        Path | None,
        typer.Option(
            help="A Python that can import bpy 4.5. Default: an environment of its own, made when it is missing."
        ),
    ] = None,
) -> None:
    """Render packshots with exact alpha, shadows and one mask a product, as a labelled set with `index.csv`.

    A picture that is there is not rendered again. The same seed makes the same pictures.
    """
    from deepetch.cli.arguments import require_choice
    from deepetch.studio.blender_process import python_with_blender, require_blender
    from deepetch.studio.files import pictures_in
    from deepetch.studio.render import render as render_pictures

    require_choice("--split", split, ("train", "val", "test"))
    options = StudioOptions(
        seed=seed,
        kinds=None if kind is None else tuple(name.strip() for name in kind.split(",") if name.strip()),
        size=size,
        samples=samples,
        split=split,  # type: ignore[arg-type]
        layers=layers,
    )
    labels = () if artwork is None else pictures_in(artwork)
    behind = () if rooms is None else pictures_in(rooms)
    own = Path(typer.get_app_dir("deepetch")) / "blender-4.5"
    python = require_blender(blender) if blender else python_with_blender(own, report=typer.echo)
    made = render_pictures(
        output,
        count,
        options,
        python=python,
        rooms=behind,
        artwork=labels,
        report=lambda name, seconds: typer.echo(f"{output / 'images' / name}.jpg  {seconds:.0f} s"),
    )
    typer.echo(f"{output}: {made} rendered, {count - made} were there")
