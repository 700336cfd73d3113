"""The command line run inside this process, so that a test takes milliseconds."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from deepetch.cli.main import main
from drawn_subjects import disc_photo, save_photo
from models import colour_key


@dataclass(frozen=True)
class Answer:
    """What a call printed, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        """The JSON objects of the lines on standard output."""
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def deepetch(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Answer]:
    """Call `deepetch ARGUMENTS...` as the shell does."""

    def call(*arguments: object) -> Answer:
        monkeypatch.setattr(sys, "argv", ["deepetch", *map(str, arguments)])
        capsys.readouterr()
        status: Any = 0
        try:
            main()
        except SystemExit as end:
            status = end.code or 0
        printed = capsys.readouterr()
        assert "Traceback" not in printed.out + printed.err
        return Answer(status, printed.out, printed.err)

    return call


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """A model file that cuts out what is orange."""
    return colour_key(tmp_path / "key.onnx")


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return save_photo(tmp_path / "photo.png", disc_photo())
