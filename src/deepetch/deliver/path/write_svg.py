"""A clipping path as SVG: one path element, in pixels, at its physical size where that is known."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from deepetch.deliver.path.bezier import Curve, is_straight
from deepetch.deliver.path.path import ClippingPath
from deepetch.photo.atomic import atomic_output

MM_PER_INCH = 25.4


def write_svg(
    file: str | Path, path: ClippingPath, *, density: tuple[float, float] | None = None, overwrite: bool = False
) -> None:
    """Write a path as an SVG 1.1 file, filled black by the even-odd rule, to 1/1000 of a pixel.

    density  pixels per inch, across and down, for width and height in millimetres; None: width and height in pixels.
    The same path gives the same bytes. Raises OutputExists and OutputFailed as every writer.
    """
    text = svg(path, density=density)
    with atomic_output(file, overwrite=overwrite) as temporary:
        temporary.write_text(text, encoding="ascii", newline="\n")


def svg(path: ClippingPath, *, density: tuple[float, float] | None = None) -> str:
    """The text of `write_svg`."""
    width, height = str(path.width), str(path.height)
    if density is not None:
        width, height = (
            f"{pixels / per_inch * MM_PER_INCH:.4f}mm"
            for pixels, per_inch in zip((path.width, path.height), density, strict=True)
        )
    drawn = "\n".join(" ".join(_commands(curve)) for curve in path.subpaths)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" version="1.1" width="{width}" height="{height}" '
        f'viewBox="0 0 {path.width} {path.height}" preserveAspectRatio="none">\n'
        f'<path fill-rule="evenodd" d="{drawn}"/>\n</svg>\n'
    )


def _commands(curve: Curve) -> Iterator[str]:
    yield f"M{_numbers(curve[0, :1])}"
    for segment, line in zip(curve, is_straight(curve).tolist(), strict=True):
        yield f"L{_numbers(segment[3:])}" if line else f"C{_numbers(segment[1:])}"
    yield "Z"


def _numbers(points: Curve) -> str:
    # + 0.0: no "-0"
    return " ".join(f"{value + 0.0:.8g}" for value in points.reshape(-1).round(3).tolist())
