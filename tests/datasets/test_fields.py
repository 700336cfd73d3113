from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from deepetch.datasets.fields import field, is_coordinate, read_json, require_known, told, write_json
from deepetch.errors import DatasetError, OutputExists, OutputFailed


def test_a_document_is_read_back_as_it_was_written(tmp_path):
    document = {"name": "größer", "points": [[1, 2.5]], "none": None, "deep": {"on": True}}
    write_json(tmp_path / "a.json", document, overwrite=False)
    assert json.loads((tmp_path / "a.json").read_bytes().decode("ascii")) == document
    assert read_json(tmp_path / "a.json") == document


def test_a_document_is_replaced_only_when_asked_to(tmp_path):
    write_json(tmp_path / "a.json", 1, overwrite=False)
    with pytest.raises(OutputExists):
        write_json(tmp_path / "a.json", 2, overwrite=False)
    assert read_json(tmp_path / "a.json") == 1
    write_json(tmp_path / "a.json", 2, overwrite=True)
    assert read_json(tmp_path / "a.json") == 2
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_a_document_without_a_folder_is_not_written(tmp_path):
    with pytest.raises(OutputFailed, match="does not exist"):
        write_json(tmp_path / "none" / "a.json", 1, overwrite=False)


@pytest.mark.parametrize("content", [b"", b"{", b"[1] more", b"\xff\xd8\xff\xe0", b"[" * 100_000])
def test_text_that_is_no_whole_json_is_said(tmp_path, content):
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(DatasetError, match=r"a\.json: expected whole JSON; got other text") as raised:
        read_json(tmp_path / "a.json")
    assert "\n" not in str(raised.value)


def test_a_file_that_cannot_be_opened_is_said(tmp_path):
    for path in (tmp_path, tmp_path / "none.json"):
        with pytest.raises(DatasetError, match=r"cannot be read \(.+\)\. Check the path"):
            read_json(path)


@pytest.mark.parametrize(("kind", "value"), [(dict, {}), (list, [1]), (str, ""), (int, 0)])
def test_a_field_of_its_kind_is_given_back(kind, value):
    assert field({"key": value}, "key", kind, "x") is value


@pytest.mark.parametrize(
    ("holder", "kind", "said"),
    [
        ({}, str, '"key" to be text; got nothing'),
        ({"key": None}, list, r'"key" to be \[...\]; got nothing'),
        ({"key": "a"}, dict, r'"key" to be \{...\}; got text'),
        ({"key": {}}, str, r'"key" to be text; got \{...\}'),
        ({"key": 2.5}, int, '"key" to be a whole number; got 2.5'),
        ({"key": True}, int, '"key" to be a whole number; got True'),
        (["key"], str, '"key" to be text; got nothing'),
        (None, str, '"key" to be text; got nothing'),
    ],
)
def test_a_field_of_another_kind_is_refused(holder, kind, said):
    with pytest.raises(DatasetError, match=rf"^x: expected {said}\. Export it again\.$"):
        field(holder, "key", kind, "x")


def test_long_values_are_told_by_their_kind():
    assert [told(value) for value in (None, "a" * 99, [1] * 99, {"a": 1}, 10**99, 0.5, False)] == [
        "nothing", "text", "[...]", "{...}", "a whole number", "0.5", "False"
    ]  # fmt: skip


@pytest.mark.parametrize("value", [0, -1_000_000, 1e6, 0.1])
def test_numbers_within_a_million_pixels_are_coordinates(value):
    assert is_coordinate(value)


@pytest.mark.parametrize("value", [1_000_001, -1e7, 10**400, math.nan, math.inf, True, None, "5", [1]])
def test_anything_else_is_no_coordinate(value):
    assert not is_coordinate(value)


def test_an_unknown_name_is_told_the_known_ones():
    require_known([], [], "class", "classes", Path("meta.json"))
    require_known(["b", "a"], {"a", "b"}, "class", "classes", Path("meta.json"))
    with pytest.raises(DatasetError, match=r'^meta\.json: there is no class "c"; classes: a, b\.$'):
        require_known(["a", "c"], ["b", "a"], "class", "classes", Path("meta.json"))
    with pytest.raises(DatasetError, match=r'there is no dataset "train"; datasets: none\.$'):
        require_known(["train"], {}, "dataset", "datasets", Path("shop"))
