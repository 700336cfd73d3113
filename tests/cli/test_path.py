from __future__ import annotations

import io
import re

import ezdxf
import numpy as np
import pypdfium2
import pytest
import resvg_py
from PIL import Image
from psd_tools import PSDImage
from psd_tools.constants import Resource

from drawn_subjects import disc_mask, disc_photo, save_photo, wall_photo

FIELDS = ["input", "output", "width", "height", "seconds", "model", "confidence", "subpaths", "nodes", "warnings"]


@pytest.fixture
def mask(tmp_path):
    path = tmp_path / "mask.png"
    Image.fromarray(disc_mask().astype(np.uint8) * 255).save(path, dpi=(254, 254))
    return path


def iou_of_disc(svg):
    text = re.sub(r'width="[\d.]+mm" height="[\d.]+mm"', 'width="128" height="96"', svg.read_text())
    drawn = np.asarray(Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=text)))))[..., 3] >= 128
    return (drawn & disc_mask()).sum() / (drawn | disc_mask()).sum()


def test_a_mask_becomes_an_svg_beside_it(deepetch, mask, tmp_path):
    answer = deepetch("path", mask)
    out = tmp_path / "mask-path.svg"
    assert (answer.status, answer.err) == (0, "")
    assert answer.out.startswith(f"{mask} -> {out}  as a mask  ")
    assert iou_of_disc(out) > 0.98
    assert 'width="12.8000mm" height="9.6000mm"' in out.read_text()  # 10 pixels a millimetre


def test_a_photo_is_segmented(deepetch, photo, key, tmp_path):
    answer = deepetch("path", photo, "--model", key, "-o", tmp_path / "a.svg")
    assert (answer.status, answer.err) == (0, "")
    assert "confidence 1.00" in answer.out
    assert iou_of_disc(tmp_path / "a.svg") > 0.95


def test_the_alpha_of_a_cut_out_is_taken_and_no_model_is_asked(deepetch, tmp_path):
    samples = np.dstack([disc_photo(), disc_mask().astype(np.uint8) * 255])
    Image.fromarray(samples).save(tmp_path / "cut.png")
    assert deepetch("path", tmp_path / "cut.png", "--model", "nosuch").status == 0
    assert iou_of_disc(tmp_path / "cut-path.svg") > 0.98


def test_a_grey_photo_has_to_be_called_one(deepetch, key, tmp_path):
    grey = save_photo(tmp_path / "grey.png", disc_photo(space="grey"))
    answer = deepetch("path", grey)
    assert (answer.status, answer.out, answer.err.count("\n")) == (2, "", 1)
    assert "--as photo or --as mask" in answer.err
    assert not (tmp_path / "grey-path.svg").exists()
    assert deepetch("path", grey, "--as", "mask").status == 0  # 0.9 is above one half, 0.2 is not
    assert iou_of_disc(tmp_path / "grey-path.svg") > 0.98
    seen = deepetch("path", grey, "--as", "photo", "--model", key, "--overwrite")
    assert (seen.status, seen.err.count("\n")) == (1, 1)  # the key sees colours alone
    assert "no subject" in seen.err


def test_pdf_and_dxf_have_the_physical_size(deepetch, mask, tmp_path):
    for name in ("a.pdf", "a.dxf", "b.dxf"):
        density = ["--density", 127] if name == "b.dxf" else []
        assert deepetch("path", mask, "-o", tmp_path / name, *density).status == 0
    with pypdfium2.PdfDocument(tmp_path / "a.pdf") as document:
        assert document[0].get_size() == pytest.approx((12.8 / 25.4 * 72, 9.6 / 25.4 * 72), abs=1e-2)
    for name, millimetres in (("a.dxf", 6.4), ("b.dxf", 12.8)):
        (line,) = ezdxf.readfile(tmp_path / name).modelspace()
        x, y = np.array(line.get_points("xy")).T
        assert np.ptp(x) == pytest.approx(millimetres, abs=0.25)
        assert np.ptp(y) == pytest.approx(millimetres, abs=0.25)


def test_json_says_what_was_drawn(deepetch, mask, photo, key, tmp_path):
    given = deepetch("path", mask, "--json", "--tolerance", 2)
    seen = deepetch("path", photo, "--json", "--model", key)
    (first,), (second,) = given.objects, seen.objects
    assert list(first) == list(second) == FIELDS
    assert (first["model"], first["confidence"], first["subpaths"], first["nodes"]) == ("given", None, 1, 4)
    assert (second["model"], second["output"]) == ("key.onnx", str(tmp_path / "photo-path.svg"))
    assert 0.9 < second["confidence"] <= 1


def test_an_existing_file_stays_unless_said(deepetch, mask, tmp_path):
    out = tmp_path / "a.svg"
    out.write_text("mine")
    answer = deepetch("path", mask, "-o", out)
    assert (answer.status, answer.out, answer.err.count("\n")) == (1, "", 1)
    assert out.read_text() == "mine"
    assert deepetch("path", mask, "-o", out, "--overwrite").status == 0
    assert out.read_text().startswith("<?xml")


def test_wrong_calls_are_one_line(deepetch, mask, photo, key, tmp_path):
    before = {path.name for path in tmp_path.iterdir()}
    wall = save_photo(tmp_path / "wall.png", wall_photo())
    black = save_photo(tmp_path / "black.png", np.zeros((20, 20, 1), np.uint8))
    for arguments, status, said in (
        ((mask, "-o", tmp_path / "a.png"), 2, "deepetch cut writes pictures"),
        ((mask, "-o", tmp_path / "a.svg", "--tolerance", 0), 2, "tolerance: expected 0.1 to 10"),
        ((mask, "-o", tmp_path / "a.svg", "--density", 0), 2, "density: expected"),
        ((mask, "-o", tmp_path / "a.svg", "--as", "cut-out"), 2, "--as: expected one of auto, mask, photo"),
        ((photo, "-o", tmp_path / "a.dxf", "--model", key), 1, "--density 300"),
        ((photo, "--as", "mask"), 2, "has colours"),
        ((wall, "--model", key), 1, "no subject found"),
        ((black,), 1, "no clipping path"),
        ((tmp_path / "none.png",), 1, "no such file"),
        ((photo, "--model", "nosuch"), 2, "nosuch"),
    ):
        answer = deepetch("path", *arguments)
        assert (answer.status, answer.out, answer.err.count("\n")) == (status, "", 1), answer
        assert said in answer.err
    assert {path.name for path in tmp_path.iterdir()} == before | {"wall.png", "black.png"}


def test_cut_writes_a_path_into_jpeg_when_asked_and_into_psd_always(deepetch, photo, key, tmp_path):
    call = ["cut", photo, "--model", key]
    assert deepetch(*call, "--background", "white", "--path", "-o", tmp_path / "a.jpg").err == ""
    with Image.open(tmp_path / "a.jpg") as image:
        assert sorted(image.info["photoshop"]) == [2000, 2999]
    assert deepetch(*call, "-o", tmp_path / "a.psd").status == 0
    assert PSDImage.open(tmp_path / "a.psd").image_resources.get_data(Resource.CLIPPING_PATH_NAME) == "Path 1"
    said = deepetch(*call, "--path", "-o", tmp_path / "a.png")
    assert (said.status, said.err) == (
        0,
        "  note: PNG holds no path: none was written. Use .psd, .tif or .jpg.\n",
    )
    refused = deepetch(*call, "-o", tmp_path / "a.svg")
    assert (refused.status, refused.out) == (2, "")
    assert "deepetch path writes one" in refused.err
