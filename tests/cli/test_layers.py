"""`deepetch layers`, and `cut --refine soft`, with the default model on a small picture."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from psd_tools import PSDImage

from drawn_subjects import disc_mask, disc_photo, save_photo
from models import colour_key


@pytest.fixture
def photo(tmp_path):
    return save_photo(tmp_path / "photo.png", disc_photo())


def test_psd_holds_the_photo_under_masks_that_add_up(deepetch, photo, tmp_path):
    answer = deepetch("layers", photo, "--size", 64, "--most", 4)
    path = tmp_path / "photo-layers.psd"
    assert (answer.status, answer.err) == (0, "")
    assert answer.out == f"{photo} -> {path}\n"
    below, *layers = list(PSDImage.open(path))
    assert (below.numpy("mask") == 1).all()
    assert 1 <= len(layers) <= 4
    assert {layer.name.split()[0] for layer in layers} <= {"subject", "background"}
    total = sum(layer.numpy("mask")[..., 0].astype(float) for layer in layers)
    assert np.abs(total - 1).max() < 0.02
    for layer in layers:
        assert np.array_equal(np.rint(layer.numpy("color") * 255).astype(np.uint8), disc_photo())


def test_folder_holds_a_png_a_layer(deepetch, photo, tmp_path):
    answer = deepetch("layers", photo, "-o", tmp_path / "layers", "--size", 64, "--most", 3)
    assert answer.status == 0
    files = sorted((tmp_path / "layers").iterdir())
    assert files
    assert answer.out.count("\n") == len(files)
    total = sum(np.asarray(Image.open(file))[..., 3].astype(int) for file in files)
    assert np.abs(total - 255).max() <= len(files)
    before = {file: file.read_bytes() for file in files}
    again = deepetch("layers", photo, "-o", tmp_path / "layers", "--size", 64, "--most", 3)
    assert (again.status, again.out, again.err.count("\n")) == (1, "", 1)
    assert {file: file.read_bytes() for file in files} == before


def test_soft_refinement_writes_a_cut_out(deepetch, photo, tmp_path):
    answer = deepetch("cut", photo, "--refine", "soft", "--always", "-o", tmp_path / "out.png")
    assert (answer.status, answer.err) == (0, "")
    found = np.asarray(Image.open(tmp_path / "out.png"))[..., 3] >= 128
    assert (found & disc_mask()).sum() / (found | disc_mask()).sum() > 0.8


def test_what_the_file_hides_is_in_no_layer(deepetch, tmp_path):
    samples = np.dstack([disc_photo(), np.full((96, 128), 255, np.uint8)])
    samples[:, :30, 3] = 0
    Image.fromarray(samples).save(tmp_path / "own.png")
    assert deepetch("layers", tmp_path / "own.png", "--size", 64, "--most", 3).status == 0
    below, *layers = list(PSDImage.open(tmp_path / "own-layers.psd"))
    for layer in (below, *layers):
        assert (layer.numpy("mask")[:, :30] == 0).all()


def test_fewer_layers_leave_no_older_ones(deepetch, photo, tmp_path):
    out = tmp_path / "layers"
    out.mkdir()
    for name in ("photo-subject-9.png", "photo-subject-x.png", "other-subject-9.png"):
        (out / name).write_text("old")
    assert deepetch("layers", photo, "-o", out, "--size", 64, "--most", 2, "--overwrite").status == 0
    left = {path.name for path in out.iterdir()}
    assert {"photo-subject-x.png", "other-subject-9.png"} <= left
    assert "photo-subject-9.png" not in left


def test_wrong_calls_are_one_line(deepetch, photo, tmp_path):
    key = colour_key(tmp_path / "key.onnx")
    for arguments, status, said in (
        (["-o", tmp_path / "out.tif"], 2, "to a .psd file, or to a folder"),
        (["--model", key], 1, "no deep features"),
    ):
        answer = deepetch("layers", photo, *arguments)
        assert (answer.status, answer.out, answer.err.count("\n")) == (status, "", 1)
        assert said in answer.err
    folder = deepetch("layers", tmp_path)
    assert (folder.status, folder.err.count("\n")) == (1, 1)
    mask = deepetch("cut", photo, "--refine", "soft", "--mask", photo)
    assert (mask.status, mask.err.count("\n")) == (2, 1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["key.onnx", "photo.png"]
