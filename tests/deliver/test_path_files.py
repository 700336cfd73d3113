from __future__ import annotations

import io
import re

import ezdxf
import numpy as np
import pypdfium2
import pytest
import resvg_py
from drawn_shapes import blobs, disc, polygon
from PIL import Image

from deepetch.deliver.path.path import clipping_path, rasterise
from deepetch.deliver.path.write import write_path
from deepetch.deliver.path.write_dxf import write_dxf
from deepetch.deliver.path.write_pdf import write_pdf
from deepetch.deliver.path.write_svg import svg, write_svg
from deepetch.errors import InvalidOptions, MissingExtra, OutputExists, UnsupportedOutput

DPI = (300.0, 150.0)


def ring():
    return clipping_path(np.minimum(disc(45), 255 - disc(18)))


@pytest.fixture(params=["ring", "blobs", "rectangle"])
def path(request):
    if request.param == "ring":
        return ring()
    if request.param == "blobs":
        return clipping_path(blobs(1))
    return clipping_path(polygon([(30, 25), (150, 25), (150, 130), (30, 130)]))


def assert_like(drawn, path):
    """Two renderers agree on a pixel's share to a tenth or so, and on all of it inside and outside."""
    own = rasterise(path).astype(int)
    assert drawn.shape == own.shape
    assert np.abs(drawn.astype(int) - own).max() < 50
    assert np.abs(drawn.astype(int) - own).mean() < 0.5


def test_svg_is_drawn_by_resvg_as_the_path_is(path, tmp_path):
    write_svg(tmp_path / "a.svg", path)
    picture = Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_path=str(tmp_path / "a.svg")))))
    assert_like(np.asarray(picture)[..., 3], path)


def test_svg_has_one_path_in_pixels_and_its_size_in_millimetres():
    path = ring()
    text = svg(path, density=DPI)
    assert text.count("<path") == 1
    assert 'fill-rule="evenodd"' in text
    assert f'viewBox="0 0 {path.width} {path.height}"' in text
    width, height = re.search(r'width="([\d.]+)mm" height="([\d.]+)mm"', text).groups()
    assert float(width) == pytest.approx(path.width / 300 * 25.4, abs=1e-4)
    assert float(height) == pytest.approx(path.height / 150 * 25.4, abs=1e-4)
    assert f'width="{path.width}"' in svg(path)
    assert svg(path).count("M") == svg(path).count("Z") == 2


def test_pdf_is_drawn_by_pdfium_as_the_path_is(path, tmp_path):
    write_pdf(tmp_path / "a.pdf", path)
    with pypdfium2.PdfDocument(tmp_path / "a.pdf") as document:
        assert document.get_version() == 14
        page = document[0]
        assert_like(255 - np.asarray(page.render(scale=1).to_numpy())[..., 0], path)
        assert [item.type for item in page.get_objects()] == [pypdfium2.raw.FPDF_PAGEOBJ_PATH]


def test_pdf_has_the_physical_size(tmp_path):
    path = ring()
    write_pdf(tmp_path / "a.pdf", path, density=DPI)
    with pypdfium2.PdfDocument(tmp_path / "a.pdf") as document:
        assert document[0].get_size() == pytest.approx((path.width / 300 * 72, path.height / 150 * 72), abs=1e-3)
        drawn = 255 - np.asarray(document[0].render(scale=300 / 72).to_numpy())[..., 0]  # twice as high
    assert drawn.mean() == pytest.approx(rasterise(path).mean(), rel=0.02)


def test_a_page_too_large_for_pdf_is_refused(tmp_path):
    with pytest.raises(UnsupportedOutput, match="200 inches"):
        write_pdf(tmp_path / "a.pdf", ring(), density=(0.5, 0.5))
    assert not any(tmp_path.iterdir())


def test_dxf_has_closed_polylines_in_millimetres(path, tmp_path):
    write_dxf(tmp_path / "a.dxf", path, density=DPI)
    document = ezdxf.readfile(tmp_path / "a.dxf")
    assert document.dxfversion == "AC1015"
    assert document.header["$INSUNITS"] == 4
    assert not document.audit().errors
    lines = list(document.modelspace())
    assert {line.dxftype() for line in lines} == {"LWPOLYLINE"}
    assert all(line.closed for line in lines)
    assert len(lines) == len(path.subpaths)
    area = 0.0
    for line in lines:
        x, y = np.array(line.get_points("xy")).T
        area += (x @ np.roll(y, -1) - np.roll(x, -1) @ y) / 2
        assert x.min() >= -0.1
        assert y.max() <= path.height / 150 * 25.4 + 0.1
    pixel = 25.4**2 / 300 / 150
    # y points up: what ran clockwise runs the other way
    assert -area / pixel == pytest.approx(rasterise(path).sum() / 255, rel=0.01)


def test_dxf_needs_a_density_and_its_library(tmp_path, monkeypatch):
    with pytest.raises(UnsupportedOutput, match="density"):
        write_dxf(tmp_path / "a.dxf", ring(), density=None)
    monkeypatch.setitem(__import__("sys").modules, "ezdxf", None)
    with pytest.raises(MissingExtra, match="deepetch"):
        write_dxf(tmp_path / "a.dxf", ring(), density=DPI)
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("write", [write_svg, write_pdf, write_dxf])
def test_the_same_path_gives_the_same_bytes_and_nothing_is_overwritten(write, tmp_path):
    path = ring()
    files = [tmp_path / name for name in ("a.file", "b.file")]
    for file in files:
        write(file, path, density=DPI)
    assert files[0].read_bytes() == files[1].read_bytes()
    with pytest.raises(OutputExists):
        write(files[0], path, density=DPI)
    write(files[0], path, density=DPI, overwrite=True)


def test_the_suffix_names_the_kind(tmp_path):
    path = ring()
    for name, write in (("a.SVG", write_svg), ("a.pdf", write_pdf), ("a.dxf", write_dxf)):
        write_path(tmp_path / name, path, density=DPI)
        write(tmp_path / "other", path, density=DPI, overwrite=True)
        assert (tmp_path / name).read_bytes() == (tmp_path / "other").read_bytes()
    with pytest.raises(InvalidOptions, match=r"\.svg, \.pdf, \.dxf"):
        write_path(tmp_path / "a.eps", path)
    for wrong in (0, -1, float("nan"), float("inf")):
        with pytest.raises(InvalidOptions, match="density"):
            write_path(tmp_path / "b.svg", path, density=(300, wrong))
    with pytest.raises(UnsupportedOutput, match="--density 300"):
        write_path(tmp_path / "b.dxf", path)
