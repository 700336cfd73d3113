"""A clipping path as PDF: one filled vector path on a page of the picture's physical size.

Written by hand: four objects and a table of their places; a library would bring fonts, dates and random identifiers.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path

from deepetch.deliver.path.bezier import Curve, is_straight
from deepetch.deliver.path.path import ClippingPath
from deepetch.errors import UnsupportedOutput
from deepetch.photo.atomic import atomic_output

POINTS_PER_INCH = 72.0
MAX_SIDE = 14_400  # points: what PDF 1.4 readers take (Adobe, PDF Reference 1.4, appendix C)


def write_pdf(
    file: str | Path, path: ClippingPath, *, density: tuple[float, float] | None = None, overwrite: bool = False
) -> None:
    """Write a path as a PDF 1.4 file of one page, filled black by the even-odd rule, to 1/1000 of a pixel.

    density  pixels per inch, across and down; None: a pixel is a point, 1/72 inch.
    The same path gives the same bytes.
    Raises   UnsupportedOutput for a page of more than 200 inches; OutputExists and OutputFailed as every writer.
    """
    across, down = (POINTS_PER_INCH / per_inch for per_inch in density or (POINTS_PER_INCH, POINTS_PER_INCH))
    width, height = path.width * across, path.height * down
    if max(width, height) > MAX_SIDE:
        raise UnsupportedOutput(
            f"{file}: a PDF page holds 200 inches a side, this one would be {max(width, height) / 72:.0f}. Use .svg."
        )
    # the page's origin is at the bottom left
    drawn = [f"{across:.8f} 0 0 {-down:.8f} 0 {height:.6f} cm", "0 g"]
    drawn += [line for curve in path.subpaths for line in _operators(curve)]
    drawn.append("f*")
    stream = zlib.compress("\n".join(drawn).encode("ascii"), 9)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width:.6f} {height:.6f}] /Resources << >> "
        f"/Contents 4 0 R >>".encode("ascii"),
        f"<< /Length {len(stream)} /Filter /FlateDecode >>\nstream\n".encode("ascii") + stream + b"\nendstream",
    ]
    with atomic_output(file, overwrite=overwrite) as temporary:
        temporary.write_bytes(_document(objects))


def _document(objects: list[bytes]) -> bytes:
    document = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(document))
        document += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = len(document)
    entries = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return document + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % (size, entries, size, table)
    )


def _operators(curve: Curve) -> Iterator[str]:
    yield f"{_numbers(curve[0, :1])} m"
    for segment, line in zip(curve, is_straight(curve).tolist(), strict=True):
        yield f"{_numbers(segment[3:])} l" if line else f"{_numbers(segment[1:])} c"
    yield "h"


def _numbers(points: Curve) -> str:
    # PDF knows no exponents
    return " ".join(f"{value + 0.0:.3f}" for value in points.reshape(-1).round(3).tolist())
