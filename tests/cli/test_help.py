from __future__ import annotations

from pathlib import Path

import pytest
import typer

from deepetch import __version__
from deepetch.cli.main import app

README = Path(__file__).parents[2] / "README.md"


def commands(group, before=()):
    """(words, command) of every command below a group."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*before, name))
        else:
            yield (*before, name), command


COMMANDS = dict(commands(typer.main.get_command(app)))


def test_commands_are_those_of_the_design():
    assert {words[0] for words in COMMANDS} >= {"cut", "evaluate", "plan", "train", "export", "models", "data"}


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_has_help_and_shows_it(deepetch, words):
    assert COMMANDS[words].help
    answer = deepetch(*words, "--help")
    assert (answer.status, answer.err) == (0, "")
    assert "Usage: deepetch " + " ".join(words) in answer.out


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_argument_and_option_has_help(words):
    assert [item.name for item in COMMANDS[words].params if not getattr(item, "help", None)] == []


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_appears_in_the_readme(words):
    assert f"deepetch {words[0]}" in README.read_text(encoding="utf-8")


def test_version_is_the_packages(deepetch):
    answer = deepetch("--version")
    assert (answer.status, answer.out) == (0, f"deepetch {__version__}\n")


@pytest.mark.parametrize("arguments", [[], ["models"], ["data"], ["nosuch"], ["--nosuch"]])
def test_call_without_a_command_is_wrong(deepetch, arguments):
    assert deepetch(*arguments).status == 2
