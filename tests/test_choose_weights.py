"""The weights of an ensemble, chosen on labelled pictures."""

from __future__ import annotations

import pytest

from deepetch.datasets.index import read_index
from deepetch.ensemble import choose_weights, write_ensemble
from deepetch.inference.session import load_model
from deepetch.segment.ensemble import Ensemble, EnsembleWeights
from deepetch.segment.segment import load_segmenter
from detectors import Found, detector
from drawn_subjects import save_data_set
from models import colour_key, constant

DISC = Found(2, 0.9, (20, 20, 44, 44))  # about where the drawn disc lies in its 64 pixels


def pictures(folder):
    return read_index(save_data_set(folder / "data"), split="val")


def ensemble(drawer, proposer):
    return Ensemble(drawer=load_model(str(drawer)), proposer=load_model(str(proposer)))


def test_a_segmenter_that_is_right_stays_alone(tmp_path):
    wrong = detector(tmp_path / "wrong.onnx", [Found(2, 0.9, (0, 8, 10, 20))])
    chosen = choose_weights(ensemble(colour_key(tmp_path / "key.onnx", steepness=1e4), wrong), pictures(tmp_path))
    assert chosen.weights == EnsembleWeights(mask=0.0, beyond=1.0)
    assert chosen.iou == chosen.segmenter > 0.9 > chosen.instances


def test_instances_that_are_right_overrule_a_segmenter_that_sees_everything(tmp_path):
    both = ensemble(constant(tmp_path / "all.onnx", 0.6), detector(tmp_path / "disc.onnx", [DISC]))
    chosen = choose_weights(both, pictures(tmp_path))
    assert chosen.iou > chosen.segmenter + 0.2
    assert chosen.weights.mask > 0


def test_progress_counts_pictures_and_none_is_refused(tmp_path):
    seen = []
    both = ensemble(colour_key(tmp_path / "key.onnx"), detector(tmp_path / "disc.onnx", [DISC]))
    choose_weights(both, pictures(tmp_path), progress=seen.append)
    assert seen == [1, 2, 3]
    with pytest.raises(ValueError, match="no picture"):
        choose_weights(both, [])


def test_what_is_written_is_read_from_anywhere(tmp_path, monkeypatch):
    colour_key(tmp_path / "key.onnx")
    detector(tmp_path / "disc.onnx", [DISC])
    monkeypatch.chdir(tmp_path)
    write_ensemble(tmp_path / "both.toml", "key.onnx", "disc.onnx", EnsembleWeights(mask=0.1, beyond=0.5))
    monkeypatch.chdir("/")
    assert load_segmenter(str(tmp_path / "both.toml")).weights == EnsembleWeights(mask=0.1, beyond=0.5)
