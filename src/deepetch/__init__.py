"""deepetch: background removal for packaging and e-commerce.

    from deepetch import cut_out, load_model, read_photo

    cutout = cut_out(read_photo("shoe.jpg"), load_model())
    cutout.save("shoe.png")

Names are loaded when first used: `import deepetch` itself costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from deepetch.cutout import Cutout, cut_out, cut_out_given
    from deepetch.errors import DeepetchError
    from deepetch.inference.session import Model, load_model
    from deepetch.matte.trimap import read_mask, read_scribble, read_trimap
    from deepetch.options import CutOptions, EdgeOptions, MatteOptions, ReadOptions, SaveOptions
    from deepetch.photo.photo import Photo
    from deepetch.photo.read import read_photo

__version__ = "0.1.0"

__all__ = [
    "CutOptions",
    "Cutout",
    "DeepetchError",
    "EdgeOptions",
    "MatteOptions",
    "Model",
    "Photo",
    "ReadOptions",
    "SaveOptions",
    "__version__",
    "cut_out",
    "cut_out_given",
    "load_model",
    "read_mask",
    "read_photo",
    "read_scribble",
    "read_trimap",
]

_HOMES = {
    "CutOptions": "options",
    "Cutout": "cutout",
    "DeepetchError": "errors",
    "EdgeOptions": "options",
    "MatteOptions": "options",
    "Model": "inference.session",
    "Photo": "photo.photo",
    "ReadOptions": "options",
    "SaveOptions": "options",
    "cut_out": "cutout",
    "cut_out_given": "cutout",
    "load_model": "inference.session",
    "read_mask": "matte.trimap",
    "read_photo": "photo.read",
    "read_scribble": "matte.trimap",
    "read_trimap": "matte.trimap",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'deepetch' has no attribute {name!r}")
    return getattr(importlib.import_module(f"deepetch.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
