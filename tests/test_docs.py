"""The pages that people read say what the code does."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

from deepetch.options import SaveOptions

ROOT = Path(__file__).parent.parent


def load(path: Path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_commands_page_is_what_the_commands_print():
    written = load(ROOT / "docs" / "write_commands.py").page()
    assert (ROOT / "docs" / "commands.md").read_text() == written, "run `make docs`"


def test_readme_links_lead_to_files():
    text = (ROOT / "README.md").read_text()
    links = [link for link in re.findall(r"\]\(([^)#]+)", text) if "://" not in link]
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_readme_names_the_picture_that_ships():
    named = re.search(r"deepetch cut (examples/\S+)", (ROOT / "README.md").read_text())
    assert named is not None
    assert (ROOT / named.group(1)).is_file()


def test_default_background_is_transparent_as_the_readme_says():
    assert SaveOptions().background == "transparent"
