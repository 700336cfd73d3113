"""Scenes kept as files: a folder of JSON files, one a scene, or one file of JSON lines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from deepetch.errors import StudioError
from deepetch.studio.scene import Scene, from_json, to_json

RECIPES = "recipes"  # the folder of them beside rendered pictures


def read_recipes(path: Path) -> list[Scene]:
    """The scenes of a folder's JSON files, sorted by name, or of a file's lines in their order.

    Raises  StudioError for what is missing, is no scene, or holds none.
    """
    try:
        if path.is_dir():
            texts = [(file, file.read_text(encoding="utf-8")) for file in sorted(path.glob("*.json"))]
        else:
            texts = [(path, line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except OSError as error:
        raise StudioError(f"{error.filename}: cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise StudioError(f"{path}: no scene of the studio can be read from it.") from error
    if not texts:
        raise StudioError(f"{path}: no scenes are in it.")
    return [from_json(text, file) for file, text in texts]


def recipe_lines(scenes: Sequence[Scene]) -> str:
    """Scenes as JSON lines, which `read_recipes` reads back the same."""
    return "".join(to_json(scene, indent=None) + "\n" for scene in scenes)
