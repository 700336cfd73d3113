"""What a TOML file says of a network is what happens to the picture and to the answer."""

from __future__ import annotations

import re

import numpy as np
import pytest

from deepetch.errors import InvalidOptions, ModelMismatch, UnknownModel
from deepetch.inference.normalize import MEAN, STD
from deepetch.inference.registry import PEERS, find_model, known_models
from deepetch.inference.session import load_model
from deepetch.inference.spec import read_peers, read_spec
from deepetch.segment.segment import segment
from deepetch.segment.unet import view_side
from models import colour_key, constant, side_outputs

WEIGHTS = (0.5, -0.25, 0.125)
PEER = """
[net]
url = "https://example.org/net.onnx"
checksum = "md5:0123456789abcdef0123456789abcdef"
size = 10
licence = "MIT"
terms = "https://example.org/licence"
source = ["https://example.org"]
"""


def described(path, text, model=None):
    """A TOML file beside an ONNX file of the same name."""
    if model is None:
        side_outputs(path.with_suffix(".onnx"), WEIGHTS)
    path.write_text(text, encoding="utf-8")
    return path


def oracle(view, size, mean, std):
    """The network's sum over a view that is brought to size x size by block means and repetition; float64."""
    rows = view.astype(np.float64)
    for axis in (0, 1):
        if rows.shape[axis] >= size:
            rows = np.stack(np.split(rows, size, axis)).mean(axis + 1)
            rows = np.moveaxis(rows, 0, axis)
        else:
            rows = np.repeat(rows, size // rows.shape[axis], axis)
    return ((rows - mean) / std) @ np.array(WEIGHTS)


def test_input_is_stretched_and_answer_taken_by_name_and_stretched(tmp_path):
    text = (
        'input_size = 64\nfit = "stretch"\noutput = "d1"\nvalues = "minmax"\nmean = [0.5, 0.4, 0.3]\nstd = [1, 2, 0.5]'
    )
    model = load_model(str(described(tmp_path / "u2.toml", text)))
    view = np.random.default_rng(0).random((128, 256, 3), np.float32)
    expected = oracle(view, 64, [0.5, 0.4, 0.3], [1, 2, 0.5])
    expected = (expected - expected.min()) / (expected.max() - expected.min())
    alpha = segment(model, view).alpha
    assert alpha.shape == (64, 128)  # in the picture's form, the shorter side at the network's
    assert alpha.dtype == np.float32
    # bilinear at twice the width: each pair of columns has 3/4 of its own and 1/4 of a neighbour
    left = np.concatenate([expected[:, :1], expected[:, :-1]], 1)
    right = np.concatenate([expected[:, 1:], expected[:, -1:]], 1)
    assert np.allclose(alpha[:, ::2], 0.75 * expected + 0.25 * left, atol=1e-5)
    assert np.allclose(alpha[:, 1::2], 0.75 * expected + 0.25 * right, atol=1e-5)


def test_square_picture_comes_back_as_the_network_answers(tmp_path):
    text = 'input_size = 64\nfit = "stretch"\noutput = "d1"\nvalues = "logits"'
    model = load_model(str(described(tmp_path / "b.toml", text)))
    view = np.random.default_rng(1).random((128, 128, 3), np.float32)
    expected = 1 / (1 + np.exp(-oracle(view, 64, np.array(MEAN), np.array(STD))))
    assert np.allclose(segment(model, view).alpha, expected, atol=1e-5)


def test_first_output_counts_where_none_is_named(tmp_path):
    model = load_model(str(described(tmp_path / "m.toml", "")))
    assert (model.predict(np.zeros((32, 64, 3), np.float32)).alpha == 0.25).all()


def test_same_answer_everywhere_is_not_stretched(tmp_path):
    model = load_model(str(described(tmp_path / "m.toml", 'values = "minmax"')))
    assert (model.predict(np.zeros((32, 32, 3), np.float32)).alpha == 0.25).all()


def test_extreme_logits_are_zero_and_one_without_a_warning(tmp_path):
    model = load_model(str(described(tmp_path / "m.toml", 'output = "d1"\nvalues = "logits"\nstd = [1e-6, 1, 1]')))
    view = np.zeros((32, 32, 3), np.float32)
    view[:16, :, 0] = 1
    alpha = model.predict(view).alpha
    assert (alpha[:16] == 1).all()
    assert (alpha[16:] == 0).all()


def test_fixed_oblong_input_is_filled(tmp_path):
    side_outputs(tmp_path / "m.onnx", WEIGHTS, shape=(1, 3, 64, 96))
    model = load_model(str(described(tmp_path / "m.toml", 'fit = "stretch"', model=True)))
    assert (segment(model, np.zeros((50, 50, 3), np.float32)).alpha == 0.25).all()


@pytest.mark.parametrize(
    ("height", "width", "side"), [(100, 100, 320), (100, 150, 480), (150, 100, 480), (10, 4000, 1280), (1, 1, 320)]
)
def test_view_of_a_stretched_picture_shows_all_that_its_shorter_side_needs(tmp_path, height, width, side):
    spec = read_spec(described(tmp_path / "m.toml", 'fit = "stretch"'))
    assert view_side(spec, height, width) == side
    assert view_side(find_model("default"), height, width) == find_model("default").input_size


def test_output_that_is_not_there_is_refused_with_those_that_are(tmp_path):
    path = described(tmp_path / "m.toml", 'output = "d9"')
    with pytest.raises(ModelMismatch, match="no output called 'd9'; it has d0, d1"):
        load_model(str(path))


def test_file_of_the_same_name_beside_it_describes_an_onnx_file(tmp_path):
    described(tmp_path / "m.toml", 'licence = "CC0"')
    assert find_model(str(tmp_path / "m.onnx")).licence == "CC0"


def test_file_beside_it_that_describes_another_does_not_count(tmp_path):
    colour_key(tmp_path / "other.onnx")
    described(tmp_path / "m.toml", 'file = "other.onnx"\nlicence = "CC0"')
    assert find_model(str(tmp_path / "m.onnx")).licence == "unknown"
    assert find_model(str(tmp_path / "m.toml")).file == tmp_path / "other.onnx"


def test_what_the_file_says_of_itself_counts_no_more(tmp_path):
    constant(tmp_path / "m.onnx", 0.5, metadata={"input_size": 96, "licence": "CC0"})
    spec = load_model(str(described(tmp_path / "m.toml", "input_size = 128", model=True))).spec
    assert (spec.input_size, spec.licence, spec.mean) == (128, "unknown", MEAN)


def test_name_is_the_file_s_unless_it_says_one(tmp_path):
    assert read_spec(described(tmp_path / "m.toml", "")).name == "m.toml"
    assert read_spec(described(tmp_path / "m.toml", 'name = "mine"')).name == "mine"


def test_onnx_file_that_is_not_there_is_said(tmp_path):
    (tmp_path / "m.toml").write_text("")
    with pytest.raises(UnknownModel, match=r"no such file: .*m\.onnx"):
        load_model(str(tmp_path / "m.toml"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("input = 320", "input: no such key; did you mean input_size?"),
        ("zzz = 1", "zzz: no such key; known: name, input_size"),
        ('sha256 = "a"', "sha256: no such key"),
        ('input_size = "320"', "input_size: expected a whole number; got '320'"),
        ("input_size = true", "input_size: expected a whole number"),
        ("input_size = 320.0", "input_size: expected a whole number"),
        ("input_size = 100", "input_size is no multiple of 32"),
        ("input_size = -32", "input_size is no multiple of 32"),
        ("mean = 0.5", "mean: expected three numbers"),
        ("mean = [0.5, 0.5]", "mean: expected three numbers"),
        ('mean = ["a", "b", "c"]', "mean: expected three numbers"),
        ("std = [1, 1, 0]", "mean or std are no three numbers"),
        ("std = [1, 1, nan]", "mean or std are not finite"),
        ('fit = "crop"', "fit: expected one of letterbox, stretch; got 'crop'"),
        ("fit = []", "fit: expected one of letterbox, stretch"),
        ('values = "sigmoid"', "values: expected one of alpha, logits, minmax"),
        ("output = 1", "output: expected text in quotes"),
        ("file = 1", "file: expected text in quotes"),
        ('file = ""', "file: expected text in quotes"),
        ("[table]", "table: no such key"),
        ("input_size", "no TOML"),
        ("input_size = 1\ninput_size = 2", "no TOML"),
    ],
)
def test_what_makes_no_sense_is_one_line(tmp_path, text, said):
    with pytest.raises(InvalidOptions, match=re.escape(said)) as caught:
        load_model(str(described(tmp_path / "m.toml", text)))
    assert str(caught.value).startswith(f"{tmp_path / 'm.toml'}: ")
    assert "\n" not in str(caught.value)


def test_bytes_that_are_no_text_are_one_line(tmp_path):
    (tmp_path / "m.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(InvalidOptions, match="no TOML"):
        find_model(str(tmp_path / "m.toml"))


def test_peers_are_rows_with_all_that_a_download_needs(tmp_path):
    peers = read_peers(PEERS, tmp_path)
    assert list(peers)[:2] == ["u2netp", "u2net"]
    for name, spec in peers.items():
        assert spec.name == name
        assert spec.file == tmp_path / f"{name}.onnx"
        assert spec.download.source
        assert all(page.startswith("https://") for page in (*spec.download.source, spec.download.terms))
        assert "" not in (spec.summary, spec.paper)
        assert spec.licence != "unknown"
    assert {name for name, spec in peers.items() if spec.download.non_commercial} == {"rmbg-1.4", "rmbg-2.0"}
    assert len({spec.download.checksum for spec in peers.values()}) == len(peers)
    assert peers["isnet-general-use"].mean == (0.5, 0.5, 0.5)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("https:", "http:"), "url: expected https"),
        (("md5:0", "md5:"), "checksum: expected md5"),
        (("md5:", "crc:"), "checksum: expected md5"),
        (("size = 10", "size = 0"), "size: expected 1 or more"),
        (("size = 10", ""), "size is missing"),
        (("[net]", "[Net]"), "expected a table, named in small letters"),
        (("[net]", "net = 1\n[other]"), "expected a table"),
        (("size", "name = 'x'\nsize"), "name: no such key"),
        (('["https://example.org"]', "[1]"), "source: expected a list of texts"),
    ],
)
def test_peer_without_what_a_download_needs_is_refused(tmp_path, change, said):
    path = tmp_path / "peers.toml"
    path.write_text(PEER.replace(*change))
    with pytest.raises(InvalidOptions, match=re.escape(said)):
        read_peers(path, tmp_path)


def test_peer_is_found_once_it_is_downloaded(tmp_path):
    with pytest.raises(UnknownModel, match=r"u2net: not downloaded yet\. Run `deepetch models pull u2net`"):
        find_model("u2net", folder=tmp_path)
    side_outputs(tmp_path / "u2net.onnx", WEIGHTS)
    model = load_model("u2net", folder=tmp_path)
    assert (model.spec.name, model.spec.fit, model.spec.values) == ("u2net", "stretch", "minmax")
    assert next(iter(known_models(tmp_path))) == "default"
