"""A clipping path in a file of its own, of the kind that the suffix names."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from pathlib import Path
from typing import TypeAlias

from deepetch.deliver.path.path import ClippingPath
from deepetch.deliver.path.write_dxf import write_dxf
from deepetch.deliver.path.write_pdf import write_pdf
from deepetch.deliver.path.write_svg import write_svg
from deepetch.errors import InvalidOptions, UnsupportedOutput

Density: TypeAlias = tuple[float, float]  # pixels per inch, across and down

WRITERS: dict[str, Callable[..., None]] = {".svg": write_svg, ".pdf": write_pdf, ".dxf": write_dxf}


def write_path(
    file: str | Path, path: ClippingPath, *, density: Density | None = None, overwrite: bool = False
) -> None:
    """Write a path as SVG, PDF or DXF.

    density  None: SVG is in pixels, a pixel is a point in PDF, and DXF, which is in millimetres, is refused.
    Raises   as `require_path_file`, `write_svg`, `write_pdf`, `write_dxf`.
    """
    require_path_file(file, density)
    WRITERS[Path(file).suffix.lower()](file, path, density=density, overwrite=overwrite)


def require_path_file(file: str | Path, density: Density | None) -> None:
    """Say before any work is done that a path cannot become such a file.

    Raises  InvalidOptions for another suffix or a density that is none; UnsupportedOutput for DXF without a density.
    """
    suffix = Path(file).suffix.lower()
    if suffix not in WRITERS:
        raise InvalidOptions(f"{file}: a path is written as one of {', '.join(WRITERS)}; deepetch cut writes pictures.")
    if density is not None and not all(0 < value < inf for value in density):
        raise InvalidOptions(f"density: expected pixels per inch, more than 0; got {density[0]:g} x {density[1]:g}.")
    if suffix == ".dxf" and density is None:
        raise UnsupportedOutput(
            f"{file}: DXF is in millimetres and the picture states no density. Give pixels per inch (--density 300), "
            "or use .svg."
        )
