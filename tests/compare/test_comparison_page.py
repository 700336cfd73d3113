from __future__ import annotations

import re
from html import unescape

import pytest
from drawn_contestants import Shifted, pictures
from markdown_it import MarkdownIt

from deepetch.compare.compare import compare
from deepetch.compare.page import band_means, in_words, require_writable, sections_of_comparison, write_comparison
from deepetch.errors import OutputExists, OutputFailed
from deepetch.measure.distance import BANDS
from deepetch.report.report import Cost

COSTS = {
    "a": Cost(ms_per_picture=40.0, peak_bytes=123_000_000, file_bytes=7_600_000, measured_on="CPU, 2 threads"),
    "b": Cost(file_bytes=10_000),
}


@pytest.fixture(scope="module")
def comparison():
    return compare([Shifted("a", 0), Shifted("b", 4)], pictures(12), shown=2)


@pytest.fixture(scope="module")
def folder(comparison, tmp_path_factory):
    folder = tmp_path_factory.mktemp("comparison") / "new" / "folder"
    page = write_comparison(comparison, folder, title="a, b: discs", costs=COSTS, timed="Timed alone.")
    assert page == folder / "index.html"
    return folder


def section(sections, title):
    (found,) = [part for part in sections if part.title == title]
    return found


def test_sections_say_it_in_order(comparison):
    sections = sections_of_comparison(comparison, COSTS, timed="Timed alone.")
    assert [part.title for part in sections] == [
        "Summary",
        "Differences",
        "By distance to the border",
        "Where they differ most",
        "Scores",
        "Calibration",
        "Speed and size",
    ]
    assert section(sections, "Speed and size").sentences == ["Timed alone."]
    (models,) = section(sections, "Summary").tables
    assert [row[0] for row in models.rows] == ["a", "b"]
    assert models.rows[0][-3:] == ["40", "123", "7.6"]
    assert models.rows[1][-3:-1] == ["–", "–"]


def test_differences_have_all_measures_then_kinds(comparison):
    every, kinds = section(sections_of_comparison(comparison, {}), "Differences").tables
    assert len(every.rows) == 17
    (iou,) = [row for row in every.rows if row[0] == "IoU"]
    assert iou[1] == "more"
    assert iou[2] == "1.0000"
    assert iou[-3:] == ["0 %", "100 %", "worse"]
    (mae,) = [row for row in every.rows if row[0] == "MAE"]
    assert (mae[1], mae[-1]) == ("less", "worse")
    assert re.fullmatch(r"\+0\.\d{4} \(\+0\.\d{4} to \+0\.\d{4}\)", mae[4])
    assert [row[:2] for row in kinds.rows] == [["packs", "6"], ["people", "6"]]
    assert kinds.rows[0][2].endswith(", worse")
    assert kinds.rows[0][3] == "0 %"


def test_distances_have_a_row_a_band(comparison):
    wrong, error = section(sections_of_comparison(comparison, {}), "By distance to the border").tables
    assert [len(table.rows) for table in (wrong, error)] == [len(BANDS)] * 2
    filled = [row for row in wrong.rows if row[2] != "–"]
    assert {row[2] for row in filled} == {"0.00 %"}
    assert max(float(row[3].split()[0]) for row in filled) > 10


def test_means_of_bands_leave_out_pictures_without_pixels_there(comparison):
    rows = band_means(comparison.distances["b"])
    assert [row["band"] for row in rows][:2] == ["inside over 6.2 %", "inside 1.6-6.2 %"]
    for index, row in enumerate(rows):
        there = [errors[index].wrong for errors in comparison.distances["b"] if errors[index].pixels]
        assert row["n"] == len(there)
        assert row["wrong"] == (pytest.approx(sum(there) / len(there)) if there else None)


@pytest.mark.parametrize(
    ("by", "count", "said"),
    [
        ((0, 4), 12, "leaves 0 out: it is worse."),
        ((4, 0), 12, "leaves 0 out: it is better."),
        ((2, 2), 12, "holds 0, so no difference is shown."),
        ((0, 4), 3, "fewer than 6 pictures show nothing for sure."),
        ((0, 4), 0, "no picture to judge it on."),
    ],
)
def test_sentence_says_no_more_than_was_shown(by, count, said):
    found = compare([Shifted("a", by[0]), Shifted("b", by[1])], pictures(count))
    assert in_words(found, "b").endswith(said)
    assert in_words(found, "b").startswith("b")


def test_page_holds_the_pictures_and_loads_nothing(folder):
    html = (folder / "index.html").read_text(encoding="utf-8")
    assert "Where they differ most" in html
    assert html.count('<article class="picture">') == 2
    assert html.count("<img ") == 2 * 3 * 2
    assert html.count('src="data:image/jpeg;base64,') == 12
    assert not re.search(r'(src|href)="(?!data:|#)', html)
    assert "<script" not in html


def test_markdown_holds_the_same_words_and_its_plots(folder):
    text = (folder / "report.md").read_text(encoding="utf-8")
    html = unescape(MarkdownIt("commonmark").enable("table").render(text))
    assert "<h1>a, b: discs</h1>" in html
    assert "it is worse." in html
    assert "<td>p0</td>" in html
    plots = set(re.findall(r'<img src="([^"]+)"', html))
    assert {file.name for file in folder.iterdir()} == {"index.html", "report.md", *plots}
    assert "distance.svg" in plots


def test_hostile_names_mean_themselves(tmp_path):
    found = compare([Shifted("<b>|a", 0), Shifted("b&*", 4)], pictures(1, kinds=("<i>",)))
    page = write_comparison(found, tmp_path / "c", title="<t>", costs={})
    assert "<b>|a" not in page.read_text()
    assert "&lt;b&gt;|a" in page.read_text()
    assert "\\<b\\>\\|a" in (tmp_path / "c" / "report.md").read_text()


def test_empty_comparison_is_written(tmp_path):
    found = compare([Shifted("a", 0), Shifted("b", 4)], [])
    assert "0 pictures" in write_comparison(found, tmp_path, title="none", costs={}).read_text()


def test_folder_with_files_is_kept_unless_overwriting_is_allowed(comparison, tmp_path):
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(OutputExists, match="holds files"):
        write_comparison(comparison, tmp_path, title="t", costs={})
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]
    write_comparison(comparison, tmp_path, title="t", costs={}, overwrite=True)
    with pytest.raises(OutputExists, match=r"index\.html"):
        require_writable(tmp_path, overwrite=False)
    require_writable(tmp_path, overwrite=True)
    require_writable(tmp_path / "new", overwrite=False)
    with pytest.raises(OutputFailed, match=r"mine\.txt"):
        require_writable(tmp_path / "mine.txt", overwrite=True)
