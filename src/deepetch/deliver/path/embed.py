"""The clipping path of an alpha as it goes into a picture's file."""

from __future__ import annotations

from deepetch.arrays import Levels
from deepetch.deliver.path.path import clipping_path
from deepetch.deliver.path.photoshop import PATH_NAME, Resource, path_resources
from deepetch.errors import NoSubject, UnsupportedOutput


def path_for_file(alpha: Levels, name: str = PATH_NAME) -> tuple[tuple[Resource, ...], tuple[str, ...]]:
    """The path around alpha, (h, w) uint8 or uint16, as `PathOptions` draws it, and the word that it clips.

    Returns  the two resources, and nothing to say; or, when alpha shows too little for a path or needs one longer than
             Photoshop's, none, and a sentence: a picture is worth writing without its path.
    """
    try:
        return path_resources(clipping_path(alpha), name), ()
    except (NoSubject, UnsupportedOutput) as error:
        return (), (f"No path was written: {str(error).removeprefix('no clipping path: ')}",)
