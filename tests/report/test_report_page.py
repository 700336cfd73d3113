from __future__ import annotations

import base64
import io
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from drawn_runs import full_arm, picture, save_run, short_curves
from PIL import Image

from deepetch.errors import InvalidOptions, MissingExtra, OutputExists, OutputFailed
from deepetch.report.curves import read_curves
from deepetch.report.gallery import choose_pictures
from deepetch.report.page import render_html, write_html
from deepetch.report.report import Arm, Report, read_arm

VOID = {"meta", "img", "br", "hr", "link", "input"}


class Page(HTMLParser):
    """Elements with their attributes, the text outside the style sheet, and whether every element is closed."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.words, self.open = [], [], []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] != ["style"]:
            self.words.append(data)

    def all(self, tag):
        return [attributes for found, attributes in self.elements if found == tag]

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    return [read_curves(save_run(folder / f"seed{seed}", seed=seed) / "metrics.csv") for seed in range(3)]


@pytest.fixture(scope="module")
def comparison(runs):
    arms = [full_arm("compact", *runs), full_arm("classic", *runs[:2], shift=0.1)]
    return render_html(Report(title="Compact and classic", arms=arms))


@pytest.fixture(scope="module")
def single(runs):
    return render_html(Report(title="One run", arms=[full_arm("compact", runs[0])]))


def test_report_of_a_run_says_when_it_was_best_and_how_far_training_was_ahead(single, runs):
    text = Page(single).text
    assert "The run trained for 1,000 steps, 25 min 0 s." in text
    assert "The best validation IoU is 0.8000, at epoch 6, step 600." in text
    training = dict(zip(*runs[0].points("iou"), strict=True))[600]
    assert f"There, training is ahead of validation by {training - 0.8:.4f} in IoU" in text
    assert f"{training:.4f} in training, 0.8000 in validation." in text


def test_every_section_that_has_something_to_say_is_there_and_linked(single):
    page = Page(single)
    titles = ["Summary", "Curves", "Scores", "Calibration", "Pictures", "Speed and size", "Options", "Provenance"]
    ids = [attributes["id"] for attributes in page.all("h2")]
    assert [link["href"] for link in page.all("a")] == [f"#{name}" for name in ids]
    assert len(ids) == len(titles)
    for title in titles:
        assert title in page.text
    bare = Page(render_html(Report(title="t", arms=[Arm(name="a")])))
    assert len(bare.all("h2")) == 1
    assert "No curves of a training" in bare.text


@pytest.mark.parametrize("name", ["single", "comparison"])
def test_page_loads_nothing_runs_nothing_and_can_be_read_aloud(name, request):
    html = request.getfixturevalue(name)
    page = Page(html)
    assert page.all("html") == [{"lang": "en"}]
    for tag, attributes in page.elements:
        assert tag not in ("script", "link", "iframe", "object", "embed", "base", "form")
        for key in ("src", "href", "xlink:href", "srcset", "data", "action", "poster"):
            assert attributes.get(key, "#").startswith(("#", "data:image/jpeg;base64,"))
        assert not [key for key in attributes if key.startswith("on")]
    assert "@import" not in html
    assert set(re.findall(r"url\((.)", html)) <= {"#"}
    assert page.all("img")
    assert all(attributes["alt"] for attributes in page.all("img"))
    drawings = [attributes for attributes in page.all("div") if attributes.get("role") == "img"]
    assert len(drawings) == len(page.all("svg"))
    assert all(len(attributes["aria-label"]) > 20 for attributes in drawings)


@pytest.mark.parametrize("name", ["single", "comparison"])
def test_ids_are_unique_and_every_reference_finds_one(name, request):
    html = request.getfixturevalue(name)
    ids = [attributes["id"] for _, attributes in Page(html).elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    references = re.findall(r"url\(#([^)]+)\)", html) + re.findall(r'href="#([^"]+)"', html)
    assert references
    assert set(references) <= set(ids)


def test_page_is_legible_in_the_dark_on_paper_and_on_a_telephone(single):
    assert "prefers-color-scheme: dark" in single
    assert "@media print" in single
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in Page(single).all("meta")


def test_pictures_are_small_jpegs_in_the_page(single):
    images = Page(single).all("img")
    assert len(images) == 6 * 4
    for attributes in images:
        image = Image.open(io.BytesIO(base64.b64decode(attributes["src"].partition(",")[2])))
        assert image.size == (int(attributes["width"]), int(attributes["height"])) == (64, 48)
    assert [attributes["alt"] for attributes in images[:2]] == ["picture0: photo", "picture0: prediction laid over it"]


@pytest.mark.parametrize("hostile", ["<img src=x>", "</svg><script>alert(1)</script>", "a\"b' & <!--", "x\0\udcff"])
def test_names_are_text_wherever_they_come_from(hostile):
    run = short_curves(hostile, **{"val_iou": [0.5, 0.6], f"val_iou_{hostile}": [0.5, 0.6]})
    arm = replace(
        full_arm(hostile, run, run),
        gallery=choose_pictures([picture(hostile, kind=hostile)]),
        options={hostile: hostile},
        provenance={hostile: {hostile: [hostile]}},
        scores={"kind": [{"kind": hostile, "n": 1, hostile: 0.5, "iou": 0.5}]},
    )
    html = render_html(Report(title=hostile, arms=[arm, Arm(name="other")]))
    page = Page(html)
    assert len(page.all("img")) == 4
    assert not page.all("script")
    html.encode("utf-8")
    assert page.text.count(hostile.replace("\0", r"\x00").replace("\udcff", r"\udcff")) >= 5


def test_comparison_tells_each_arm_and_each_run(comparison):
    text = Page(comparison).text
    # seeds 0 to 2 lift the best by 0.001 each
    assert "compact: best validation IoU 0.8010, the mean of 3 runs from 0.8000 to 0.8020; there, training" in text
    assert "classic: best validation IoU 0.8005, the mean of 2 runs" in text
    assert re.search(r"compact\s+seed2\s+1,000\s+25 min 0 s\s+6\s+600\s+0\.8020", text)
    assert "0.9000 (0.8500 to 0.9300)" in text
    assert "0.8000 (0.7500 to 0.8300)" in text
    assert re.search(r"compact\s+40\.0\s+25\.00\s+CPU, 2 threads\s+7\.6 MB\s+1,900,000", text)


def test_options_that_differ_come_first(comparison):
    text = Page(comparison).text
    assert text.index("Different between the arms") < text.index("shift") < text.index("The same in all arms")
    assert re.search(r"shift\s+0\.0\s+0\.1", text)
    assert "versions: numpy" in text


def test_absolute_paths_stay_at_home(tmp_path):
    html = render_html(Report(title="t", arms=[read_arm(save_run(tmp_path / "run"))]))
    assert "…/set.pack" in html
    assert "somebody" not in html


def test_run_without_validation_says_so(tmp_path):
    arm = read_arm(save_run(tmp_path / "run", validated=False))
    assert "never validated, so there is no best step" in Page(render_html(Report(title="t", arms=[arm]))).text


def test_monitor_and_scores_that_do_not_fit_are_refused(runs):
    with pytest.raises(InvalidOptions, match="monitor: expected"):
        render_html(Report(title="t", arms=[Arm(name="a", runs=runs)], monitor="val_dice"))
    for row, said in (
        ({"size": "x"}, "expected a 'kind' in every row"),
        ({"kind": "x", "iou": "y"}, "a number as iou"),
    ):
        with pytest.raises(InvalidOptions, match=said):
            render_html(Report(title="t", arms=[Arm(name="a", scores={"kind": [row]})]))


def test_same_report_gives_the_same_page(runs, single):
    assert render_html(Report(title="One run", arms=[full_arm("compact", runs[0])])) == single


def test_file_is_written_whole_and_never_over_another(tmp_path):
    report = Report(title="t", arms=[Arm(name="a")])
    path = tmp_path / "report.html"
    write_html(report, path)
    first = path.read_text(encoding="utf-8")
    assert first == render_html(report)
    with pytest.raises(OutputExists):
        write_html(report, path)
    write_html(replace(report, title="other"), path, overwrite=True)
    assert path.read_text(encoding="utf-8") != first
    with pytest.raises(OutputFailed, match="does not exist"):
        write_html(report, tmp_path / "none" / "report.html")
    assert [file.name for file in tmp_path.iterdir()] == ["report.html"]


@pytest.mark.parametrize("package", ["matplotlib", "jinja2"])
def test_missing_package_is_named_with_what_to_install(tmp_path, monkeypatch, package):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtra, match=rf"{package}, which is not installed: pip install 'deepetch\[report\]'"):
        write_html(Report(title="t", arms=[Arm(name="a")]), tmp_path / "report.html")
    assert list(tmp_path.iterdir()) == []


def test_importing_the_report_loads_neither_matplotlib_nor_torch():
    code = (
        "import sys, deepetch.report.page, deepetch.report.markdown\n"
        "assert not {'matplotlib', 'jinja2', 'torch', 'onnxruntime'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
