"""A clipping path as DXF for cutting tables: closed polylines in millimetres.

Written by ezdxf, an extra: a DXF file of release 2000 has a dozen tables that a path does not need and readers do.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from deepetch.deliver.path.bezier import Points, flatten
from deepetch.deliver.path.path import ClippingPath
from deepetch.errors import MissingExtra, UnsupportedOutput
from deepetch.photo.atomic import atomic_output

MM_PER_INCH = 25.4
FLAT = 0.1  # pixels that the polylines may leave the curves
MILLIMETRES, METRIC = 4, 1  # $INSUNITS, $MEASUREMENT
LAYER = "CUT"


def write_dxf(
    file: str | Path, path: ClippingPath, *, density: tuple[float, float] | None, overwrite: bool = False
) -> None:
    """Write a path as a DXF file of release 2000: a closed LWPOLYLINE for each subpath, 0.1 pixels from it at most.

    density  pixels per inch, across and down. The picture's bottom left corner is (0, 0), y points up.
    Polylines, since not every cutting table takes splines. The same path gives the same bytes.
    Raises   UnsupportedOutput when the density is not known: there are no millimetres then; MissingExtra without ezdxf;
             OutputExists and OutputFailed as every writer.
    """
    if density is None:
        raise UnsupportedOutput(
            f"{file}: DXF is in millimetres and the photo states no density. Give pixels per inch, or use .svg."
        )
    across, down = (MM_PER_INCH / per_inch for per_inch in density)
    lines = [flatten(curve, FLAT)[0] for curve in path.subpaths]
    content = _document([(line * (1, -1) + (0, path.height)) * (across, down) for line in lines])
    with atomic_output(file, overwrite=overwrite) as temporary:
        temporary.write_text(content, encoding="cp1252", newline="\n")


def _document(lines: list[Points]) -> str:
    try:
        import ezdxf as library
    except ImportError as error:
        raise MissingExtra("writing DXF needs ezdxf. Install it: pip install 'deepetch[dxf]'.") from error
    ezdxf: Any = library  # which states no exports
    text = io.StringIO()
    dated = ezdxf.options.write_fixed_meta_data_for_testing
    ezdxf.options.write_fixed_meta_data_for_testing = True  # a fixed date and fixed identifiers
    try:
        document = ezdxf.new("R2000", units=MILLIMETRES)
        document.header["$MEASUREMENT"] = METRIC
        document.layers.add(LAYER)
        space = document.modelspace()
        for line in lines:
            space.add_lwpolyline(line.round(4).tolist(), format="xy", close=True, dxfattribs={"layer": LAYER})
        document.write(text)
    finally:
        ezdxf.options.write_fixed_meta_data_for_testing = dated
    return text.getvalue()
