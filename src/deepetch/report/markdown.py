"""A report as Markdown with plots beside it, and without photographs: a form that can be committed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from deepetch.datasets.place import make_folder
from deepetch.photo.atomic import atomic_output, require_free
from deepetch.report.gallery import Gallery, Tile
from deepetch.report.report import Report
from deepetch.report.sections import Section, Table, sections_of
from deepetch.report.words import measure_name, plain_text, score_text

REPORT = "report.md"


def write_markdown(report: Report, folder: Path, *, overwrite: bool = False) -> Path:
    """Write `report.md` and its plots, SVG files, into a folder, which is made; the page comes last.

    Of the pictures it gives names and scores.
    Returns  the path of the page.
    Raises   what `render_html` raises; OutputExists before anything is written; OutputFailed.
    """
    require_free(folder / REPORT, overwrite=overwrite)
    return write_sections(report.title, sections_of(report), folder, overwrite=overwrite)


def write_sections(title: str, sections: Sequence[Section], folder: Path, *, overwrite: bool = False) -> Path:
    """The same of sections that are made already. Raises OutputExists before anything is written; OutputFailed."""
    page = folder / REPORT
    require_free(page, overwrite=overwrite)
    plots = {folder / f"{plot.name}.svg": plot.svg for section in sections for plot in section.plots}
    for path in plots:
        require_free(path, overwrite=overwrite)
    make_folder(folder)
    for path, text in [*plots.items(), (page, render_markdown(title, sections))]:
        with atomic_output(path, overwrite=overwrite) as temporary:
            temporary.write_text(text, encoding="utf-8", newline="\n")
    return page


def render_markdown(title: str, sections: Sequence[Section]) -> str:
    """The page, in GitHub's Markdown; plots are named as files beside it."""
    lines = [f"# {escaped(plain_text(title))}", ""]
    for section in sections:
        lines += [f"## {escaped(section.title)}", ""]
        for sentence in section.sentences:
            lines += [escaped(sentence), ""]
        for plot in section.plots:
            lines += [f"### {escaped(plot.title)}", "", f"![{escaped(plot.alt)}]({plot.name}.svg)", ""]
            lines += [escaped(plot.note), ""] if plot.note else []
        tables = [*section.tables, *_picture_tables(section)]
        for table in tables:
            lines += [f"### {escaped(table.title)}", ""] if table.title not in ("", section.title) else []
            lines += [*_table_lines(table), ""]
    return "\n".join(lines[:-1]) + "\n"


def _picture_tables(section: Section) -> Iterator[Table]:
    if section.pairs:
        names = list(section.pairs[0].tiles)
        yield Table(
            title=section.title,
            head=("Picture", "Kind", "Apart", *(f"IoU, {plain_text(name)}" for name in names)),
            rows=[
                (
                    plain_text(pair.name),
                    plain_text(pair.kind),
                    score_text(pair.spread),
                    *(score_text(pair.tiles[name].scores["iou"]) for name in names),
                )
                for pair in section.pairs
            ],
        )
    for arm, gallery in (section.galleries or {}).items():
        measures = list(
            dict.fromkeys(name for tiles in _groups(gallery).values() for tile in tiles for name in tile.scores)
        )
        yield Table(
            title=f"{arm}: by {measure_name(gallery.measure)}, of {gallery.n} pictures",
            head=("Picture", "Kind", "Place", *map(measure_name, measures)),
            rows=[
                (
                    plain_text(tile.name),
                    plain_text(tile.kind),
                    place,
                    *(score_text(tile.scores.get(name, float("nan"))) for name in measures),
                )
                for place, tiles in _groups(gallery).items()
                for tile in tiles
            ],
        )


def _groups(gallery: Gallery) -> dict[str, Sequence[Tile]]:
    return {"worst": gallery.worst, "median": gallery.median, "best": gallery.best}


def _table_lines(table: Table) -> Iterator[str]:
    yield f"| {' | '.join(map(escaped, table.head))} |"
    yield f"|{' --- |' * len(table.head)}"
    for row in table.rows:
        yield f"| {' | '.join(map(escaped, row))} |"


def escaped(text: str) -> str:
    """A text of one line that means itself in Markdown: no mark-up, no HTML, no entity."""
    return re.sub(r"([\\`*_{}\[\]<>#|~&$!])", r"\\\1", text)
