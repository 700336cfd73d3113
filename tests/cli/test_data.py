from __future__ import annotations

import pytest

from deepetch.datasets.pack import open_pack
from drawn_subjects import save_data_set


@pytest.fixture
def data(tmp_path):
    return save_data_set(tmp_path / "data", train=3, val=2, test=2)


def test_pack_holds_train_and_val_and_never_test(deepetch, data, tmp_path):
    answer = deepetch("data", "pack", data, "-o", tmp_path / "d.pack", "--size", 64)
    assert (answer.status, answer.err) == (0, "")
    assert answer.out == f"{tmp_path / 'd.pack'}: 5 pictures of 64 px, 0 MB\n"
    assert {row["split"] for row in open_pack(tmp_path / "d.pack").rows} == {"train", "val"}


def test_existing_pack_stays_unless_overwritten(deepetch, data, tmp_path):
    (tmp_path / "d.pack").write_text("mine")
    answer = deepetch("data", "pack", data, "-o", tmp_path / "d.pack", "--size", 64)
    assert (answer.status, answer.err.count("\n")) == (1, 1)
    assert (tmp_path / "d.pack").read_text() == "mine"
    assert deepetch("data", "pack", data, "-o", tmp_path / "d.pack", "--size", 64, "--overwrite").status == 0


@pytest.mark.parametrize(
    ("more", "status"), [(["--size", "100"], 2), (["-o", "none/d.pack"], 1), (["-o", "."], 1), (["-o", "/"], 1)]
)
def test_pack_that_cannot_be_made_is_one_line(deepetch, data, tmp_path, monkeypatch, more, status):
    monkeypatch.chdir(tmp_path)
    answer = deepetch("data", "pack", data, "-o", "d.pack", *more)
    assert (answer.status, answer.out, answer.err.count("\n")) == (status, "", 1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data"]


def test_folder_without_index_is_one_line(deepetch, tmp_path):
    answer = deepetch("data", "pack", tmp_path, "-o", tmp_path / "d.pack")
    assert (answer.status, answer.err.count("\n")) == (1, 1)
    assert "no index.csv" in answer.err


def test_damaged_picture_is_one_line_and_leaves_no_file(deepetch, data, tmp_path):
    (data / "images" / "train2.png").write_bytes(b"no picture")
    answer = deepetch("data", "pack", data, "-o", tmp_path / "d.pack", "--size", 64)
    assert (answer.status, answer.err.count("\n")) == (1, 1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data"]
