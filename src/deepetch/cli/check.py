"""`deepetch check`: files held against a channel's rules, one line a rule."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deepetch.cli.arguments import Json, Overwrite
from deepetch.cli.delivering import OwnProfiles
from deepetch.errors import InvalidOptions, OutputError, PhotoError

if TYPE_CHECKING:
    from deepetch.deliver.check import Checked
    from deepetch.deliver.fix import Fixed


def check(
    files: Annotated[list[Path], typer.Argument(help="Pictures: JPEG, PNG, TIFF, WebP, AVIF, HEIC, PSD.")],
    profile: Annotated[
        str,
        typer.Option(help="The channel: a name of `deepetch profiles list`, or one of your own.", show_default=False),
    ],
    own_profiles: OwnProfiles = None,
    fix: Annotated[
        bool, typer.Option("--fix", help="Write what can be put right safely to a new file, and check that.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="With --fix, a file or a folder. Default: NAME-fixed beside each file."),
    ] = None,
    proof: Annotated[
        Path | None,
        typer.Option(help="A folder for NAME-proof.png: what CMYK will look like in print.", show_default=False),
    ] = None,
    paper: Annotated[bool, typer.Option("--paper", help="With --proof, show the paper's tint too.")] = False,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Hold pictures against the rules of a channel: passed or failed, what was measured, and the limit."""
    from deepetch.deliver.check import check_file
    from deepetch.deliver.fix import fix_file
    from deepetch.deliver.profiles import chosen_profiles

    chosen = chosen_profiles(profile, own_profiles)
    if len(chosen) > 1:
        raise InvalidOptions("--profile: a file is held against one channel. Call again for the others.")
    if output is not None and not fix:
        raise InvalidOptions("--output: nothing is written without --fix.")
    if output is not None and len(files) > 1 and not output.is_dir():
        raise InvalidOptions(f"{output}: several files cannot become one. Give a folder that exists with -o.")
    if paper and proof is None:
        raise InvalidOptions("--paper: no proof is written without --proof.")
    if proof is not None and not proof.is_dir():
        raise InvalidOptions(f"{proof}: expected a folder that exists, for the proofs.")
    files = list(dict.fromkeys(files))
    folder = proof if output is None else output
    if folder is not None and len({file.stem.casefold() for file in files}) < len(files):
        raise InvalidOptions(f"{folder}: two of the files have the same name. Call once for each.")
    failed = False
    for file in files:
        try:
            checked = check_file(file, chosen[0])
        except PhotoError as error:
            failed = True
            typer.echo(f"deepetch: {error}", err=True)
            if as_json:
                typer.echo(json.dumps({"input": str(file), "profile": chosen[0].name, "error": str(error)}))
            continue
        fixed = None
        if fix and not checked.passed:
            try:
                fixed = fix_file(checked, output, overwrite=overwrite)
            except (OutputError, PhotoError) as error:
                typer.echo(f"deepetch: {error}", err=True)
        if proof is not None:
            failed |= not _proved(checked, proof, paper=paper, overwrite=overwrite)
        failed |= not (checked if fixed is None or fixed.after is None else fixed.after).passed
        typer.echo(json.dumps(_as_json(checked, fixed)) if as_json else _as_text(checked, fixed))
    if failed:
        raise typer.Exit(1)


def _proved(checked: Checked, folder: Path, *, paper: bool, overwrite: bool) -> bool:
    from deepetch.deliver.proof import write_proof

    file = checked.delivered.file
    try:
        write_proof(folder / f"{file.stem}-proof.png", checked.delivered.photo, paper=paper, overwrite=overwrite)
    except OutputError as error:
        typer.echo(f"deepetch: {file}: {error}", err=True)
        return False
    return True


def _as_text(checked: Checked, fixed: Fixed | None) -> str:
    stated = [finding for finding in checked.findings if finding.verdict != "not stated"]
    counts = f"{len(checked.with_verdict('failed'))} of {len(stated)} failed" if not checked.passed else "passed"
    if warnings := len(checked.with_verdict("warning")):
        counts += f", {warnings} warning{'s' if warnings > 1 else ''}"
    lines = [f"{checked.delivered.file}  {checked.profile.name}  {counts}"]
    for finding in stated:
        lines.append(f"  {finding.verdict:8} {finding.rule:13} {finding.measured}  ({finding.limit})")
    lines += [f"  note     {note}" for note in checked.delivered.notes]
    if fixed is not None:
        lines += [f"  fixed    {said}" for said in fixed.done]
        lines += [f"  not fixed: {rule}: {why}" for rule, why in fixed.left]
        if fixed.output is not None and fixed.after is not None:
            lines.append(f"  -> {fixed.output}  {'passed' if fixed.after.passed else 'still failed'}")
    return "\n".join(lines)


def _as_json(checked: Checked, fixed: Fixed | None) -> dict[str, Any]:
    result: dict[str, Any] = _judgement(checked)
    if fixed is not None:
        result["fix"] = {
            "output": fixed.output and str(fixed.output),
            "done": list(fixed.done),
            "left": [{"rule": rule, "reason": why} for rule, why in fixed.left],
            "after": None if fixed.after is None else _judgement(fixed.after),
        }
    return result


def _judgement(checked: Checked) -> dict[str, Any]:
    return {
        "input": str(checked.delivered.file),
        "profile": checked.profile.name,
        "passed": checked.passed,
        "findings": [asdict(finding) for finding in checked.findings],
        "notes": list(checked.delivered.notes),
    }
