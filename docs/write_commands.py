"""Write docs/commands.md: the help of every command, as the command itself prints it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.main import get_command

from deepetch.cli.main import app


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[list[str]]:
    """The words of every command below one, groups left out, the program itself first."""
    inner = getattr(command, "commands", None)
    if not path or inner is None:
        yield list(path)
    for name, below in (inner or {}).items():
        yield from commands(below, (*path, name))


def help_text(command: list[str]) -> str:
    """What `deepetch COMMAND --help` prints at 100 columns, without colours."""
    environment = {"COLUMNS": "100", "TERM": "dumb", "NO_COLOR": "1", "PATH": "", "HOME": ""}
    done = subprocess.run(
        [sys.executable, "-m", "deepetch", *command, "--help"],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    return "\n".join(line.rstrip() for line in done.stdout.strip().splitlines())


def page() -> str:
    parts = ["# Commands\n\nWritten by `make docs`; do not edit."]
    for command in commands(get_command(app)):
        name = " ".join(["deepetch", *command])
        parts.append(f"## {name}\n\n```\n{help_text(command)}\n```")
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    (Path(__file__).parent / "commands.md").write_text(page())
