"""`deepetch studio`: labelled packshots, rendered."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deepetch.options import StudioOptions

if TYPE_CHECKING:
    from deepetch.studio.scene import Scene

app = typer.Typer(no_args_is_help=True, help="Labelled packshots with exact alpha, rendered by Blender.")


@app.callback()
def studio() -> None:
    """Labelled packshots with exact alpha, rendered by Blender."""


COUNT = 10

Output = Annotated[
    Path,
    typer.Option(
        "--output", "-o", help="The folder to fill; the same call again renders what is missing.", show_default=False
    ),
]
Layers = Annotated[
    bool, typer.Option("--layers/--no-layers", help="Also foreground, background and shadow of each picture.")
]
OtherBlender = Annotated[
    Path | None,
    typer.Option(help="A Python that can import bpy 4.5. Default: an environment of its own, made when it is missing."),
]


@app.command("render")
def render(
    output: Output,
    count: Annotated[
        int, typer.Option(min=1, help="How many pictures, those that are there already among them.")
    ] = COUNT,
    seed: Annotated[int, typer.Option(min=0, help="Pictures of two seeds share nothing.")] = StudioOptions.seed,
    kind: Annotated[
        str | None,
        typer.Option(
            help="Of products, commas between; of carton, pouch, can, bottle, jar, tube, pump, blister, sachet, "
            "multipack, compact, shoe-box, bag, mug, ring, tumbler, tray. Default: all."
        ),
    ] = None,
    size: Annotated[int, typer.Option(help="Longer side in pixels.")] = StudioOptions.size,
    samples: Annotated[
        int, typer.Option(help="Light paths a pixel: 8 to 16 are enough to train on. Alpha has 128 in any case.")
    ] = StudioOptions.samples,
    split: Annotated[
        str, typer.Option(help="train, val or test; test shows shapes, artwork and light that the others never do.")
    ] = StudioOptions.split,
    layers: Layers = True,
    artwork: Annotated[
        Path | None,
        typer.Option(help="A folder of label pictures to wrap on half of the products, instead of drawn artwork."),
    ] = None,
    pictures: Annotated[
        Path | None, typer.Option(help="A folder of photographs, of which half of the drawn artwork shows one.")
    ] = None,
    rooms: Annotated[
        Path | None,
        typer.Option(help="A folder of photographs to stand in front of; without it no picture is in a room."),
    ] = None,
    recipes: Annotated[
        Path | None,
        typer.Option(help="Render these again, instead of drawing scenes: a folder recipes/, or a file of JSON lines."),
    ] = None,
    blender: OtherBlender = None,
) -> None:
    """Render packshots with exact alpha, shadows and one mask a product, as a labelled set with `index.csv`.

    A picture that is there is not rendered again, unless it lacks layers. The same seed makes the same pictures.
    """
    from deepetch.cli.arguments import require_choice, require_studio
    from deepetch.errors import InvalidOptions

    require_studio()
    from deepetch.studio.files import pictures_in
    from deepetch.studio.recipes import read_recipes
    from deepetch.studio.scenes import draw_scene

    require_choice("--split", split, ("train", "val", "test"))
    options = StudioOptions(
        seed=seed,
        kinds=None if kind is None else tuple(name.strip() for name in kind.split(",") if name.strip()),
        size=size,
        samples=samples,
        split=split,  # type: ignore[arg-type]
    )
    if recipes is not None:
        if (options, count, artwork, pictures, rooms) != (StudioOptions(), COUNT, None, None, None):
            raise InvalidOptions("--recipes says all of a picture; leave out what draws others (--size, --kind, ...).")
        scenes = read_recipes(recipes)
    else:
        labels, photographs, behind = (
            () if folder is None else pictures_in(folder) for folder in (artwork, pictures, rooms)
        )
        scenes = [
            draw_scene(index, options, rooms=behind, artwork=labels, pictures=photographs) for index in range(count)
        ]
    _render(output, scenes, layers=layers, blender=blender)


@app.command("bench")
def bench(
    output: Output,
    classes: Annotated[str | None, typer.Option(help="Only these, commas between. Default: all twelve.")] = None,
    each: Annotated[int, typer.Option(min=1, max=12, help="How many of each class: the first ones.")] = 12,
    size: Annotated[int, typer.Option(min=32, help="Longer side in pixels; published figures are of 640.")] = 640,
    large: Annotated[
        bool, typer.Option("--large", help="Instead: ten of them at 12 to 48 megapixels, for edges and memory; hours.")
    ] = False,
    layers: Layers = True,
    blender: OtherBlender = None,
) -> None:
    """Render packshot-bench: 144 test pictures in twelve classes, for `deepetch evaluate`.

    They show shapes, artwork and light that no picture for training does. Which they are is kept in a recipe file, so
    everybody's are the same; at the end those are named that do not measure what the published ones do.
    """
    from deepetch.cli.arguments import require_choice, require_studio
    from deepetch.errors import InvalidOptions

    require_studio()
    from deepetch.studio.bench import BENCH_CLASSES, EACH, OPTIONS, bench_scenes, large_scenes
    from deepetch.studio.published import read_measures, unlike

    if large:
        if (classes, each, size) != (None, EACH, OPTIONS.size):
            raise InvalidOptions("--large is ten pictures of their own; leave out --classes, --each and --size.")
        _render(output, large_scenes(), layers=layers, blender=blender)
        return

    wanted = list(BENCH_CLASSES) if classes is None else [name.strip() for name in classes.split(",") if name.strip()]
    for name in wanted or [""]:
        require_choice("--classes", name, tuple(BENCH_CLASSES))
    scenes = bench_scenes(wanted, each=each, size=size)
    _render(output, scenes, layers=layers, blender=blender)
    if size == OPTIONS.size:
        others = unlike(output, [scene.name for scene in scenes], read_measures())
        if others:
            typer.echo(f"deepetch: not as published, so figures do not compare: {', '.join(others)}", err=True)


def _render(output: Path, scenes: list[Scene], *, layers: bool, blender: Path | None) -> None:
    from deepetch.studio.blender_process import python_with_blender, require_blender
    from deepetch.studio.render import render, unrendered

    own = Path(typer.get_app_dir("deepetch")) / "blender-4.5"
    missing = unrendered(output, scenes, layers=layers)
    if bare := len(missing) - len(unrendered(output, scenes, layers=False)):
        typer.echo(f"{bare} pictures lack layers and are rendered again; --no-layers leaves them")
    try:
        made = render(
            output,
            scenes,
            python=lambda: require_blender(blender) if blender else python_with_blender(own, report=typer.echo),
            layers=layers,
            report=lambda name, seconds: typer.echo(f"{output / 'images' / name}.jpg  {seconds:.0f} s"),
        )
    except KeyboardInterrupt:
        typer.echo("deepetch: stopped; finished pictures are there, and the same call goes on.", err=True)
        raise
    typer.echo(f"{output}: {made} rendered, {len(scenes) - made} were there")
