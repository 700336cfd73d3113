"""A report as one HTML file that needs nothing else: no script, no font, no picture from elsewhere."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from pathlib import Path

from deepetch.photo.atomic import atomic_output, require_free
from deepetch.report.gallery import TOO_LITTLE, TOO_MUCH
from deepetch.report.plots import Plot, require_plotting
from deepetch.report.report import Report
from deepetch.report.sections import Section, sections_of
from deepetch.report.words import measure_name, plain_text, score_text

TEMPLATE = "page.html.j2"


def write_html(report: Report, path: Path, *, overwrite: bool = False) -> None:
    """Write the report as one HTML file, whole or not at all.

    Raises  what `render_html` raises; OutputExists before anything is drawn; OutputFailed.
    """
    require_free(path, overwrite=overwrite)
    write_page(render_html(report), path, overwrite=overwrite)


def write_page(html: str, path: Path, *, overwrite: bool = False) -> None:
    """Write a rendered page, whole or not at all. Raises OutputExists, OutputFailed."""
    with atomic_output(path, overwrite=overwrite) as temporary:
        temporary.write_text(html, encoding="utf-8", newline="\n")


def render_html(report: Report) -> str:
    """The report as an HTML document; the same report gives the same text.

    Raises  MissingExtra without the packages of the `report` extra; InvalidOptions for a monitor that a run lacks, and
            for rows of scores that are not as `Arm` says.
    """
    return render_sections(report.title, sections_of(report))


def render_sections(title: str, sections: Sequence[Section]) -> str:
    """The same of sections that are made already. Raises MissingExtra without the packages of the `report` extra."""
    require_plotting()
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("deepetch.report", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "inline": inline_svg,
        "jpeg": lambda data: f"data:image/jpeg;base64,{base64.b64encode(data).decode()}",
        "measure": measure_name,
        "score": score_text,
        "plain": plain_text,
    }
    return environment.get_template(TEMPLATE).render(
        title=plain_text(title),
        sections=sections,
        too_much="rgb({}, {}, {})".format(*TOO_MUCH),
        too_little="rgb({}, {}, {})".format(*TOO_LITTLE),
    )


def inline_svg(plot: Plot) -> str:
    """The `svg` element of a plot, its ids told apart from those of other plots in the page."""
    element = plot.svg[plot.svg.index("<svg") :]
    return re.sub(r'( id="|url\(#|href="#)', rf"\g<1>{plot.name}-", element)
