"""How far renders are from photographs: python experiments/realism/compare.py RENDERS PHOTOGRAPHS -o DIR.

RENDERS is what `deepetch studio render` writes, PHOTOGRAPHS a set with an index.csv or a plain folder; several may be
named. Writes DIR/report.md, DIR/statistics.svg and DIR/statistics.csv, which hold numbers alone, and sheets of the
rendered patches that are told most surely, with a list of where they are. No photograph is written.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from judge import Verdict, tell_patches, tell_traits
from numpy.typing import NDArray
from patches import Patches, draw_patches, has_border
from pictures import Picture, as_side, not_white, read_pictures
from summary import Figures, trait_lines, trait_plot, verdict_lines
from traits import TRAITS, measured

from deepetch.datasets.place import make_folder
from deepetch.errors import DatasetError
from deepetch.options import SaveOptions
from deepetch.photo.contact_sheet import contact_sheet
from deepetch.photo.write import write_picture

RENDERS, PHOTOGRAPHS = "renders", "photographs"
SHOWN, SHOWN_OF_ONE = 48, 2  # patches on a sheet, and of one picture


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("renders", type=Path)
    parser.add_argument("photographs", type=Path, nargs="+")
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--size", type=int, default=320, help="longer side of all pictures; smaller ones are left out")
    parser.add_argument("--kinds", help="of an index.csv of PHOTOGRAPHS, commas between; default: all")
    parser.add_argument("--control", nargs=2, metavar="NAME", help="photographs whose names begin so, told apart too")
    parser.add_argument("--white", type=float, default=1.0, help="leave out pictures of which more is clipped to white")
    parser.add_argument("--patches", type=int, default=12, help="of each picture")
    parser.add_argument("--steps", type=int, default=200, help="of training, for each of the folds")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--statistics-only", action="store_true", help="train no network")
    asked = parser.parse_args()
    make_folder(asked.output)
    kinds = None if asked.kinds is None else asked.kinds.split(",")
    renders, small = read_pictures([asked.renders], RENDERS, size=asked.size)
    photographs, smaller = read_pictures(asked.photographs, PHOTOGRAPHS, size=asked.size, kinds=kinds)
    renders, photographs = (not_white(pictures, asked.white) for pictures in (renders, photographs))
    print(f"{len(renders)} renders and {len(photographs)} photographs; {small} and {smaller} are smaller", flush=True)

    sides = {RENDERS: measured(renders), PHOTOGRAPHS: measured(photographs)}
    write_table(asked.output / "statistics.csv", [*renders, *photographs], np.concatenate(list(sides.values())))
    (asked.output / "statistics.svg").write_text(trait_plot(sides))
    lines = [
        "# Renders and photographs",
        "",
        f"The longer side of every picture was brought to {asked.size} pixels; {small} renders and {smaller} "
        "photographs were smaller and are left out"
        + (f", so are those of which more than {asked.white:.0%} is clipped to white." if asked.white < 1 else "."),
        "",
        *trait_lines(sides),
    ]
    write_report(asked.output, lines)
    if not asked.statistics_only:
        figures = list[Figures]()
        for found in answers(renders, photographs, sides, asked):
            figures.append(found)
            write_report(asked.output, [*lines, "", *verdict_lines(figures)])
    print((asked.output / "report.md").read_text())


def answers(
    renders: Sequence[Picture],
    photographs: Sequence[Picture],
    sides: dict[str, NDArray[np.float64]],
    asked: argparse.Namespace,
) -> Iterator[Figures]:
    """Put the classifier's questions one by one; sheets of surely told patches are written on the way."""
    both, table = [*renders, *photographs], np.concatenate([sides[RENDERS], sides[PHOTOGRAPHS]])
    yield ask("renders from photographs, anywhere", both, RENDERS, asked, table=table, sheet="told-anywhere")
    bordered = [picture for picture in both if has_border(picture)]
    if all(sum(picture.kind == side for picture in bordered) >= asked.folds for side in (RENDERS, PHOTOGRAPHS)):
        question = "renders from photographs, around the border"
        yield ask(question, bordered, RENDERS, asked, border=True, sheet="told-at-the-border")
    yield ask("renders from photographs, anywhere, each as its file is", both, RENDERS, asked, encoded=False)
    draw = np.random.default_rng(asked.seed)
    half = draw.permutation(len(photographs)) < len(photographs) // 2
    halves = [
        picture
        for chosen, side in ((half, "a"), (~half, "b"))
        for picture in as_side([photographs[index] for index in np.flatnonzero(chosen)], side)
    ]
    yield ask("two random halves of the photographs", halves, "a", asked, table=measured(halves))
    if asked.control:
        named = [
            picture
            for start in asked.control
            for picture in as_side([p for p in photographs if p.image.name.startswith(start)], start)
        ]
        yield ask(" from ".join(asked.control), named, asked.control[0], asked, table=measured(named))


def ask(
    question: str,
    pictures: Sequence[Picture],
    first: str,
    asked: argparse.Namespace,
    *,
    table: NDArray[np.float64] | None = None,
    border: bool = False,
    encoded: bool = True,
    sheet: str | None = None,
) -> Figures:
    """Tell side `first` from the other, by patches and, with a table of statistics, by these."""
    count = sum(picture.kind == first for picture in pictures)
    if min(count, len(pictures) - count) < asked.folds:
        raise DatasetError(f"{question}: expected {asked.folds} pictures a side; got {count} of {len(pictures)}.")
    draw = np.random.default_rng(asked.seed)
    patches = draw_patches(pictures, asked.patches, draw, border=border, encoded=encoded)
    verdict = tell_patches(pictures, patches, first, folds=asked.folds, steps=asked.steps, seed=asked.seed)
    print(f"{question}: {verdict.patches}", flush=True)
    if sheet is not None:
        write_sheet(asked.output / sheet, pictures, patches, verdict, first)
    return Figures(
        question=question,
        counts=(count, len(pictures) - count),
        patches=verdict.patches,
        pictures=verdict.pictures,
        traits=None if table is None else tell_traits(pictures, table, first, folds=asked.folds, seed=asked.seed),
    )


def write_sheet(path: Path, pictures: Sequence[Picture], patches: Patches, verdict: Verdict, first: str) -> None:
    """The patches of side `first` that are told most surely, as a PNG, the surest first, and where they lie as CSV."""
    found = surest([picture.kind == first for picture in pictures], verdict.scores)
    tiles = [patches.levels[index].astype(np.float32) / np.float32(255) for index in found]
    picture = contact_sheet(tiles, columns=8, tile=64)
    write_picture(path.with_suffix(".png"), picture, "rgb", options=SaveOptions(overwrite=True))
    with path.with_suffix(".csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("picture", "row", "column", "logit"))
        for index in found:
            writer.writerow((pictures[index[0]].name, *patches.places[index], f"{verdict.scores[index]:.3f}"))


def surest(ours: Sequence[bool], scores: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Picture and number of the highest scores among our pictures, two of a picture at most."""
    found, taken = list[tuple[int, int]](), dict[int, int]()
    for flat in np.argsort(-scores, axis=None, kind="stable"):
        picture, patch = divmod(int(flat), scores.shape[1])
        if ours[picture] and taken.get(picture, 0) < SHOWN_OF_ONE and len(found) < SHOWN:
            taken[picture] = taken.get(picture, 0) + 1
            found.append((picture, patch))
    return found


def write_table(path: Path, pictures: Sequence[Picture], table: NDArray[np.float64]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("side", "picture", *(trait.name for trait in TRAITS)))
        for picture, row in zip(pictures, table, strict=True):
            writer.writerow((picture.kind, picture.name, *(f"{value:.5g}" for value in row)))


def write_report(folder: Path, lines: Sequence[str]) -> None:
    (folder / "report.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
