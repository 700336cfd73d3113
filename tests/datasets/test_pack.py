from __future__ import annotations

import json

import numpy as np
import pytest
from safetensors import safe_open

from deepetch.datasets.example import Example
from deepetch.datasets.index import read_index
from deepetch.datasets.pack import open_pack
from deepetch.datasets.packing import write_pack
from deepetch.datasets.truth import MaskFile, OwnAlpha
from deepetch.errors import DatasetError, InvalidOptions, OutputExists, OutputFailed, UnreadablePhoto
from drawn_subjects import disc_mask, disc_photo, save_data_set, save_photo


@pytest.fixture
def examples(tmp_path):
    return read_index(save_data_set(tmp_path / "data"))


@pytest.fixture
def pack_file(tmp_path, examples):
    write_pack(examples, tmp_path / "data.pack", size=64)
    return tmp_path / "data.pack"


def test_rows_are_the_examples_in_order(pack_file, examples):
    pack = open_pack(pack_file)
    assert pack.size == 64
    assert [row["name"] for row in pack.rows] == [example.name for example in examples]
    assert pack.rows[0] == {"name": "train0", "kind": "people", "source": "drawn", "split": "train", "group": ""}


def test_safetensors_own_reader_reads_the_same(pack_file):
    pack = open_pack(pack_file)
    with safe_open(pack_file, "np") as file:
        assert json.loads(file.metadata()["rows"]) == pack.rows
        for name in ("images", "alphas", "content"):
            assert np.array_equal(file.get_tensor(name), getattr(pack, name))


def test_picture_of_the_packs_size_is_stored_bit_for_bit(tmp_path):
    image = save_photo(tmp_path / "a.png", disc_photo(48, 64))
    mask = save_photo(tmp_path / "m.png", disc_mask(48, 64)[..., None].astype(np.uint8) * 255)
    example = Example(name="a", image=image, truth=MaskFile(mask), kind="people", source="", split="train")
    write_pack([example], tmp_path / "a.pack", size=64)
    pack = open_pack(tmp_path / "a.pack")
    assert pack.content.tolist() == [[8 / 64, 0, 56 / 64, 1]]
    assert np.array_equal(pack.images[0, 8:56], disc_photo(48, 64))
    assert np.array_equal(pack.alphas[0, 8:56], disc_mask(48, 64).astype(np.uint8) * 255)
    assert np.array_equal(pack.images[0], np.pad(disc_photo(48, 64), ((8, 8), (0, 0), (0, 0)), mode="symmetric"))


def test_content_says_where_the_true_picture_lies(pack_file):
    pack = open_pack(pack_file)
    tall, wide = pack.content[0] * 64, pack.content[1] * 64
    assert tall.tolist() == [0, 10, 64, 53]  # 96 x 64 in 64: 64 x 43
    assert wide.tolist() == [10, 0, 53, 64]


def test_picture_without_subject_has_zero_alpha(pack_file):
    pack = open_pack(pack_file)
    assert not pack.alphas[pack.select(split="train", kind="backgrounds")].any()
    assert pack.alphas[pack.select(split="train", kind="people")].any()


def test_select_gives_indices_or_none(pack_file):
    pack = open_pack(pack_file)
    assert pack.select(split="train").tolist() == [0, 1, 2, 3, 4, 5]
    assert pack.select(split="val", kind="cutouts").tolist() == [8]
    assert pack.select(split="val", kind="shoes").tolist() == []
    assert pack.select(split="val", kind="shoes").dtype == np.int64


def test_pack_is_mapped_and_its_file_is_never_changed(pack_file):
    before = pack_file.read_bytes()
    pack = open_pack(pack_file)
    assert isinstance(pack.images, np.memmap)
    pack.images[0] = 0
    pack.images.flush()
    assert pack_file.read_bytes() == before


def test_same_examples_give_the_same_bytes(pack_file, examples, tmp_path):
    write_pack(examples, tmp_path / "again.pack", size=64)
    assert (tmp_path / "again.pack").read_bytes() == pack_file.read_bytes()


def test_progress_counts_the_pictures(examples, tmp_path):
    seen = []
    write_pack(examples, tmp_path / "p.pack", size=32, progress=seen.append)
    assert seen == list(range(1, len(examples) + 1))


def test_existing_pack_stays_unless_overwritten(pack_file, examples):
    before = pack_file.read_bytes()
    with pytest.raises(OutputExists):
        write_pack(examples, pack_file, size=32)
    assert pack_file.read_bytes() == before
    write_pack(examples, pack_file, size=32, overwrite=True)
    assert open_pack(pack_file).size == 32


def test_damaged_picture_leaves_no_file(examples, tmp_path):
    examples[3].image.write_bytes(b"no picture")
    with pytest.raises(UnreadablePhoto):
        write_pack(examples, tmp_path / "p.pack", size=32)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data"]


def test_nothing_to_pack_and_wrong_sizes_are_refused(examples, tmp_path):
    with pytest.raises(DatasetError, match="nothing to pack"):
        write_pack([], tmp_path / "p.pack")
    with pytest.raises(InvalidOptions, match="multiple of 32"):
        write_pack(examples, tmp_path / "p.pack", size=100)
    with pytest.raises(OutputFailed, match="does not exist"):
        write_pack(examples, tmp_path / "none" / "p.pack")
    assert not list(tmp_path.glob("*.pack"))


def header(entries):
    text = json.dumps(entries).encode()
    return len(text).to_bytes(8, "little") + text


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"text that is no pack",
        b"\x10" + bytes(7) + b"{}",
        header([]),
        header({"__metadata__": {"rows": "[]"}}),
        header({"__metadata__": {"rows": 7}}),
        header({"__metadata__": {"rows": "[]"}, "images": {"dtype": "F64", "shape": [1], "data_offsets": [0, 8]}}),
        (2**60).to_bytes(8, "little"),
    ],
)
def test_file_that_is_no_pack_says_how_to_make_one(tmp_path, content):
    (tmp_path / "p.pack").write_bytes(content)
    with pytest.raises(DatasetError, match="deepetch data pack"):
        open_pack(tmp_path / "p.pack")


def test_truncated_pack_is_refused(pack_file):
    pack_file.write_bytes(pack_file.read_bytes()[:-100])
    with pytest.raises(DatasetError, match="no pack"):
        open_pack(pack_file)


def test_missing_pack_is_said(tmp_path):
    with pytest.raises(DatasetError, match="No such file"):
        open_pack(tmp_path / "none.pack")
    with pytest.raises(DatasetError, match="cannot open the pack"):
        open_pack(tmp_path)


def test_colours_of_a_cutout_are_packed_straight_not_over_white(tmp_path):
    samples = np.dstack([np.full((64, 64, 3), 40, np.uint8), np.full((64, 64), 128, np.uint8)])
    image = save_photo(tmp_path / "cut.png", samples)
    example = Example(name="a", image=image, truth=OwnAlpha(image), kind="cutouts", source="", split="train")
    write_pack([example], tmp_path / "data.pack", size=64)
    assert (open_pack(tmp_path / "data.pack").images == 40).all()
