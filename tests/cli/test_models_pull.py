"""`deepetch models pull` against a server on this machine; the row's own address is never asked."""

from __future__ import annotations

import hashlib

import pytest

from deepetch.inference import registry
from models import side_outputs
from weights_server import serving


@pytest.fixture
def server(tmp_path, monkeypatch):
    """It serves a tiny network, which three rows name; downloads go to `here`."""
    content = side_outputs(tmp_path / "source.onnx", (1.0, 0.0, 0.0)).read_bytes()
    monkeypatch.setenv("DEEPETCH_MODELS", str(tmp_path / "here"))
    with serving(content) as state:
        rows = tmp_path / "rows.toml"
        table = (
            f'url = "https://example.org/"\nchecksum = "md5:{hashlib.md5(content).hexdigest()}"\n'
            f"size = {len(content)}\n"
            'licence = "CC0"\nterms = "https://example.org/terms"\nsource = []\nfit = "stretch"\nvalues = "minmax"\n'
            'output = "d1"\nsummary = "red"\n'
        )
        rows.write_text(f"[red]\n{table}\n[gated]\nnon_commercial = true\n{table}")
        monkeypatch.setattr(registry, "PEERS", rows)
        yield state


def test_pulled_model_is_listed_and_shown(deepetch, server, tmp_path):
    (rows,) = deepetch("models", "list", "--json").objects
    assert [(row["name"], row["here"]) for row in rows] == [("default", True), ("red", False), ("gated", False)]
    assert rows[1]["megabytes"] == round(len(server.content) / 1e6, 1)
    assert rows[2]["non_commercial"]
    pulled = deepetch("models", "pull", "red", "--from", server.url)
    file = tmp_path / "here" / "red.onnx"
    assert (pulled.status, pulled.out, pulled.err) == (0, f"red -> {file}\n", "")
    assert file.read_bytes() == server.content
    listed = deepetch("models", "list").out.splitlines()
    assert [line.split()[3] for line in listed] == ["here", "here", "-"]
    (told,) = deepetch("models", "show", "red", "--json").objects
    assert (told["here"], told["fit"], told["values"]) == (True, "stretch", "minmax")
    assert told["providers"] == ["CPUExecutionProvider"]
    # what is there is not fetched again, from wherever
    assert deepetch("models", "pull", "red", "--from", "http://127.0.0.1:9/").status == 0
    assert server.asked == [None]


def test_model_that_is_not_here_is_shown_without_being_run(deepetch, server):
    (told,) = deepetch("models", "show", "red", "--json").objects
    assert (told["here"], told["providers"], told["download"]["terms"]) == (False, [], "https://example.org/terms")
    assert "https://example.org/terms" in deepetch("models", "show", "red").out


def test_licence_against_commercial_use_has_to_be_accepted(deepetch, server, tmp_path):
    refused = deepetch("models", "pull", "gated", "--from", server.url)
    assert (refused.status, refused.out) == (2, "")
    assert refused.err == (
        "deepetch: gated: its licence forbids commercial use (https://example.org/terms). Read it, then add "
        "--i-accept-the-licence.\n"
    )
    assert server.asked == []
    assert deepetch("models", "pull", "gated", "--i-accept-the-licence", "--from", server.url).status == 0


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("nosuch",), 2, "no model called 'nosuch' to download; known: red, gated."),
        (("default",), 2, "default: there is nothing to download"),
        (("red", "--from", "red.onnx"), 2, "red.onnx: no address to download from"),
        (("red", "--from", "http://127.0.0.1:9/"), 1, "no connection to 127.0.0.1"),
    ],
)
def test_what_cannot_be_pulled_is_one_line(deepetch, server, arguments, status, said):
    answer = deepetch("models", "pull", *arguments)
    assert (answer.status, answer.out, answer.err.count("\n")) == (status, "", 1)
    assert said in answer.err


def test_cut_off_wrong_and_silent_are_one_line_each_and_leave_nothing_to_use(deepetch, server, tmp_path):
    whole = server.content
    for said in ("ended after", "not the bytes", "is silent"):
        server.cut_after = 100 if said == "ended after" else None
        server.content = whole[:-1] + b"?" if said == "not the bytes" else whole
        server.hang_after = 100 if said == "is silent" else None
        answer = deepetch("models", "pull", "red", "--timeout", "0.2", "--from", server.url)
        assert (answer.status, answer.err.count("\n")) == (1, 1)
        assert said in answer.err
        assert not (tmp_path / "here" / "red.onnx").exists()


def test_description_in_place_of_a_model_is_checked(deepetch, tmp_path):
    (tmp_path / "m.toml").write_text("input = 320")
    answer = deepetch("models", "show", tmp_path / "m.toml")
    assert (answer.status, answer.err.count("\n")) == (2, 1)
    assert "did you mean input_size?" in answer.err
