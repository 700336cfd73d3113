"""`deepetch models`: what models there are."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from deepetch.cli.arguments import Json

app = typer.Typer(no_args_is_help=True, help="List models, show one.")


@app.command("list")
def list_models(as_json: Json = False) -> None:
    """List the models: name, size, licence, what it is for."""
    from deepetch.inference.registry import MODELS

    rows = [
        {
            "name": spec.name,
            "megabytes": round(spec.file.stat().st_size / 1e6, 1) if spec.file.exists() else None,
            "licence": spec.licence,
            "summary": spec.summary,
        }
        for spec in MODELS.values()
    ]
    if as_json:
        typer.echo(json.dumps(rows))
        return
    for row in rows:
        size = "missing" if row["megabytes"] is None else f"{row['megabytes']} MB"
        typer.echo(f"{row['name']:<12}{size:>9}  {row['licence']:<12}  {row['summary']}")


@app.command("show")
def show(
    name: Annotated[str, typer.Argument(help="A model's name or an ONNX file.", show_default=False)],
    as_json: Json = False,
) -> None:
    """Show all that is known of one model."""
    import dataclasses

    from deepetch.inference.session import load_model

    model = load_model(name)
    known = dataclasses.asdict(model.spec) | {"file": model.spec.file.name, "providers": model.providers}
    if as_json:
        typer.echo(json.dumps(known))
        return
    for key, value in known.items():
        typer.echo(f"{key:<12} {value if not isinstance(value, tuple) else ', '.join(map(str, value))}")
