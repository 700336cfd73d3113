from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from html import unescape

import pytest
from drawn_runs import full_arm, picture, save_run, short_curves
from markdown_it import MarkdownIt

from deepetch.errors import OutputExists, OutputFailed
from deepetch.report.curves import read_curves
from deepetch.report.gallery import choose_pictures
from deepetch.report.markdown import escaped, write_markdown
from deepetch.report.report import Arm, Report


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    run = read_curves(save_run(folder / "run") / "metrics.csv")
    return write_markdown(Report(title="One run", arms=[full_arm("compact", run)]), folder / "new" / "folder")


def rendered(text):
    return MarkdownIt("commonmark").enable("table").render(text)


def test_page_shows_its_plots_and_no_photograph(page):
    html = rendered(page.read_text(encoding="utf-8"))
    pictures = re.findall(r'<img src="([^"]+)" alt="([^"]+)"', html)
    assert pictures
    files = {file.name for file in page.parent.iterdir()}
    assert files == {"report.md", *(name for name, _ in pictures)}
    for name, _ in pictures:
        assert ElementTree.parse(page.parent / name).getroot().tag == "{http://www.w3.org/2000/svg}svg"
        assert "<image" not in (page.parent / name).read_text(encoding="utf-8")


def test_page_holds_the_same_words_and_tables_as_the_html(page):
    html = unescape(rendered(page.read_text(encoding="utf-8")))
    assert "<h1>One run</h1>" in html
    assert "The best validation IoU is 0.8000, at epoch 6, step 600." in html
    assert "<td>0.9000 (0.8500 to 0.9300)</td>" in html
    assert "<td>picture0</td>" in html
    assert "<td>worst</td>" in html
    assert html.count("<table>") == html.count("</table>") == 6


@pytest.mark.parametrize(
    "hostile", ["<img src=x>", "a|b", "*a* _b_ `c`", "[x](http://y)", "&amp; \\", "# 1", "a\nb", "$x$"]
)
def test_names_mean_themselves_in_markdown(tmp_path, hostile):
    gallery = choose_pictures([picture(hostile)])
    page = write_markdown(Report(title=hostile, arms=[Arm(name=hostile, gallery=gallery)]), tmp_path)
    html = rendered(page.read_text(encoding="utf-8"))
    shown = hostile.replace("\n", " ")
    assert unescape(re.search("<h1>(.*)</h1>", html)[1]) == shown
    assert unescape(re.search("<tbody>\n<tr>\n<td>(.*)</td>", html)[1]) == shown
    assert "<img" not in html
    assert "<a" not in html


def test_escaped_text_renders_as_it_was():
    text = "".join(chr(code) for code in range(33, 127))
    assert unescape(re.search("<p>x(.*)</p>", rendered("x" + escaped(text)))[1]) == text


def test_kinds_with_odd_names_get_files_of_their_own(tmp_path):
    kinds = ["Shoes", "shoes", "a/b", "../../x", "é" * 300]
    run = short_curves(val_iou=[0.5, 0.6], **{f"val_iou_{kind}": [0.5, 0.6] for kind in kinds})
    arms = [Arm(name=name, runs=[run]) for name in ("a", "b")]
    page = write_markdown(Report(title="t", arms=arms), tmp_path / "report")
    named = re.findall(r"\]\(([^)]+\.svg)\)", page.read_text(encoding="utf-8"))
    assert len(named) == len({name.lower() for name in named})
    assert {file.name for file in page.parent.iterdir()} == {"report.md", *named}
    assert [file.name for file in tmp_path.iterdir()] == ["report"]


def test_nothing_is_overwritten_unless_asked(tmp_path):
    report = Report(title="t", arms=[Arm(name="a", runs=[short_curves()])])
    (tmp_path / "loss.svg").write_text("mine")
    with pytest.raises(OutputExists, match=r"loss\.svg"):
        write_markdown(report, tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["loss.svg"]
    write_markdown(report, tmp_path, overwrite=True)
    assert "<svg" in (tmp_path / "loss.svg").read_text(encoding="utf-8")
    with pytest.raises(OutputExists, match=r"report\.md"):
        write_markdown(report, tmp_path)


def test_folder_that_cannot_be_made_is_said(tmp_path):
    report = Report(title="t", arms=[Arm(name="a")])
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputFailed, match="file"):
        write_markdown(report, tmp_path / "file")
