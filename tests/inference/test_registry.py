from __future__ import annotations

import pytest

from deepetch.errors import UnknownModel
from deepetch.inference.registry import MODELS, find_model


def test_default_is_a_row_with_its_licence():
    spec = find_model("default")
    assert spec is MODELS["default"]
    assert spec.licence == "Apache-2.0"
    assert spec.file.name == "default.onnx"


def test_names_are_those_of_their_rows():
    assert all(name == spec.name for name, spec in MODELS.items())


def test_any_file_is_a_model_called_by_its_name(tmp_path):
    file = tmp_path / "mine.onnx"
    file.write_bytes(b"")
    spec = find_model(str(file))
    assert (spec.name, spec.file) == ("mine.onnx", file)
    assert spec.licence == "unknown"


@pytest.mark.parametrize(
    "name", ["", "nosuch", "/no/such/file.onnx", "Default", "a\x00b", pytest.param("x" * 5000, id="long")]
)
def test_neither_name_nor_file_is_refused_with_what_is_known(name):
    with pytest.raises(UnknownModel, match="known: default"):
        find_model(name)


def test_folder_is_no_model(tmp_path):
    with pytest.raises(UnknownModel):
        find_model(str(tmp_path))
