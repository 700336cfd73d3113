"""Write docs/commands.md: the help of every command, as the command itself prints it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

COMMANDS = (
    [],
    ["cut"],
    ["evaluate"],
    ["train"],
    ["export"],
    ["models", "list"],
    ["models", "show"],
    ["data", "inspect"],
    ["data", "preview"],
    ["data", "convert"],
    ["data", "pack"],
)


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
    for command in COMMANDS:
        name = " ".join(["deepetch", *command])
        parts.append(f"## {name}\n\n```\n{help_text(command)}\n```")
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    (Path(__file__).parent / "commands.md").write_text(page())
