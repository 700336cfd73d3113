from __future__ import annotations

from models import colour_key


def test_list_names_the_default_model_and_its_licence(deepetch):
    answer = deepetch("models", "list")
    assert (answer.status, answer.err) == (0, "")
    assert answer.out.splitlines()[0].split()[0] == "default"
    assert "Apache-2.0" in answer.out


def test_list_as_json(deepetch):
    (rows,) = deepetch("models", "list", "--json").objects
    assert list(rows[0]) == ["name", "megabytes", "here", "licence", "non_commercial", "summary"]


def test_show_tells_what_a_file_says_of_itself(deepetch, tmp_path):
    file = colour_key(tmp_path / "mine.onnx", metadata={"licence": "CC0", "data": "drawn discs"})
    answer = deepetch("models", "show", file)
    assert answer.status == 0
    told = dict(line.split(maxsplit=1) for line in answer.out.splitlines() if len(line.split()) > 1)
    assert (told["name"], told["licence"], told["data"]) == ("mine.onnx", "CC0", "drawn discs")
    assert told["input_size"] == "64"
    assert told["providers"] == "CPUExecutionProvider"


def test_show_as_json(deepetch, key):
    (told,) = deepetch("models", "show", key, "--json").objects
    assert (told["name"], told["input_size"], told["mean"]) == ("key.onnx", 64, [0, 0, 0])


def test_unknown_model_is_a_wrong_call(deepetch):
    answer = deepetch("models", "show", "nosuch")
    assert (answer.status, answer.out) == (2, "")
    assert answer.err.startswith("deepetch: no model called 'nosuch' and no such file; known: default, u2netp, u2net")
    assert answer.err.count("\n") == 1


def test_file_that_is_no_model_is_one_line(deepetch, photo):
    answer = deepetch("models", "show", photo)
    assert (answer.status, answer.err.count("\n")) == (1, 1)
