"""`deepetch models`: what models there are, and how others' come here."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from deepetch.cli.arguments import Json, models_folder
from deepetch.errors import InvalidOptions

app = typer.Typer(no_args_is_help=True, help="List models, show one, download those of others.")


@app.command("list")
def list_models(as_json: Json = False) -> None:
    """List the models: name, size, whether it is here, licence, what it is for."""
    from deepetch.inference.registry import known_models

    rows: list[dict[str, Any]] = []
    for spec in known_models(models_folder()).values():
        here = spec.file.is_file()
        size = spec.file.stat().st_size if here else spec.download.size if spec.download else None
        rows.append(
            {
                "name": spec.name,
                "megabytes": None if size is None else round(size / 1e6, 1),
                "here": here,
                "licence": spec.licence,
                "non_commercial": spec.download is not None and spec.download.non_commercial,
                "summary": spec.summary,
            }
        )
    if as_json:
        typer.echo(json.dumps(rows))
        return
    name, licence = (2 + max(len(row[key]) for row in rows) for key in ("name", "licence"))
    for row in rows:
        weight = "missing" if row["megabytes"] is None else f"{row['megabytes']} MB"
        place = "here" if row["here"] else "-"
        typer.echo(f"{row['name']:<{name}}{weight:>9}  {place:<6}{row['licence']:<{licence}}{row['summary']}")


@app.command("show")
def show(
    name: Annotated[str, typer.Argument(help="A model's name, an ONNX file, or TOML.", show_default=False)],
    as_json: Json = False,
) -> None:
    """Show all that is known of one model."""
    import dataclasses

    from deepetch.inference.registry import known_models

    spec = known_models(models_folder()).get(name)
    here = spec is None or spec.file.is_file()
    providers: tuple[str, ...] = ()
    if spec is None or here:
        from deepetch.inference.session import load_model

        model = load_model(name, folder=models_folder())
        spec, providers = model.spec, model.providers
    known = dataclasses.asdict(spec)
    known |= {"file": spec.file.name, "here": here, "providers": providers}
    del known["metadata"]
    if as_json:
        typer.echo(json.dumps(known))
        return
    for key, value in (known | (known.pop("download") or {})).items():
        typer.echo(f"{key:<14} {value if not isinstance(value, tuple) else ', '.join(map(str, value))}")


@app.command("pull")
def pull(
    name: Annotated[str, typer.Argument(help="A model's name (`deepetch models list`).", show_default=False)],
    accepted: Annotated[
        bool, typer.Option("--i-accept-the-licence", help="Where the licence forbids commercial use.")
    ] = False,
    url: Annotated[str, typer.Option("--from", help="Another address of the same file.", show_default=False)] = "",
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds that the server may be silent.")] = 30.0,
) -> None:
    """Download a model's public weights, and verify them.

    What was cut off goes on where it was. Kept in the system's folder for caches, or in $DEEPETCH_MODELS.
    """
    from deepetch.cli.progress import bar
    from deepetch.errors import UnknownModel
    from deepetch.inference.download import download
    from deepetch.inference.registry import known_models

    known = known_models(models_folder())
    if name not in known:
        others = ", ".join(key for key, spec in known.items() if spec.download)
        raise UnknownModel(f"no model called {name!r} to download; known: {others}.")
    spec = known[name]
    if spec.download is not None and spec.download.non_commercial and not accepted:
        raise InvalidOptions(
            f"{name}: its licence forbids commercial use ({spec.download.terms}). Read it, then add "
            "--i-accept-the-licence."
        )
    with bar(name, spec.download.size if spec.download else 0) as progress:
        download(spec, url=url, timeout=timeout, progress=progress)
    typer.echo(f"{name} -> {spec.file}")
