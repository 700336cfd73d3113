"""Runs of Mask R-CNN: begun from packs and annotations, stopped and resumed, exported and reported."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
from dataclasses import replace

import numpy as np
import pytest
import torch
from drawn_packs import CLASSES, shelf, shelf_pack

from deepetch.datasets.coco import read_coco
from deepetch.datasets.pack import open_pack
from deepetch.errors import InvalidOptions, MissingExtra, TrainingError, TrainingStopped
from deepetch.inference.session import load_model
from deepetch.options import LIGHT_MASK_RCNN, TrainOptions
from deepetch.run_report import report_run
from deepetch.segment.instances import find_instances
from deepetch.segment.segment import segment
from deepetch.training.checkpoint import BEST, LAST, read_checkpoint
from deepetch.training.export import export_network
from deepetch.training.export_instances import difference, drawn_pictures, write_instances
from deepetch.training.fit import fit
from deepetch.training.learner import InstanceLearner, Learner
from deepetch.training.networks import mask_rcnn
from deepetch.training.networks.build import build_network
from deepetch.training.networks.compact import CompactOptions, CompactUNet
from deepetch.training.preview import preview
from deepetch.training.run import open_run, start_run
from deepetch.training.weights import DEFAULT_WEIGHTS, read_weights, trained_network, write_weights
from drawn_subjects import save_photo

SIZE = 64
LIGHT = "mask-rcnn-light"


@pytest.fixture
def light() -> TrainOptions:
    return replace(
        LIGHT_MASK_RCNN, size=SIZE, batch=2, steps=2, warmup_steps=1, validate_every=2, workers=0, checkpoint_minutes=60
    )


@pytest.fixture(scope="module")
def annotated(tmp_path_factory):
    """A set in COCO's form of drawn shelves: "jar" is red, "lid" is green."""
    folder = tmp_path_factory.mktemp("coco")
    number = 0
    for split, seeds in (("train", range(4)), ("val", range(4, 6))):
        images, entries = [], []
        for seed in seeds:
            picture, numbers = shelf(seed)
            save_photo(folder / "images" / f"p{seed}.png", picture)
            images.append({"id": seed + 1, "file_name": f"p{seed}.png", "height": 96, "width": 96})
            for category in (1, 2):
                rows, columns = np.nonzero(numbers == category)
                top, left, bottom, right = rows.min(), columns.min(), rows.max() + 1, columns.max() + 1
                number += 1
                corners = [left, top, right, top, right, bottom, left, bottom]
                told = {"id": number, "image_id": seed + 1, "category_id": category, "iscrowd": 0}
                entries.append(told | {"segmentation": [[int(side) for side in corners]]})
        categories = [{"id": category, "name": name} for category, name in enumerate(CLASSES, 1)]
        document = {"images": images, "annotations": entries, "categories": categories}
        (folder / f"instances_{split}.json").write_text(json.dumps(document))
    return folder


@pytest.fixture(scope="module")
def run_of_annotations(annotated, tmp_path_factory):
    """A run of two steps from COCO's form, and what it said."""
    run, lines = tmp_path_factory.mktemp("runs") / "run", []
    options = replace(LIGHT_MASK_RCNN, size=SIZE, batch=2, steps=2, warmup_steps=1, validate_every=2, workers=0)
    assert start_run(annotated, run, {"run": options}, report=lines.append)
    return run, lines


def weights_of(run):
    return read_checkpoint(run / LAST)["state_dict"]


def require_same(one, other):
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)


# beginning


def test_a_run_from_annotations_finds_their_classes_and_keeps_its_books(run_of_annotations):
    run, lines = run_of_annotations
    stored = json.loads((run / "options.json").read_text())
    assert (stored["network"], stored["classes"]) == (LIGHT, ["jar", "lid"])
    assert open_pack(run / "data.pack").classes == CLASSES
    assert trained_network(run).options.classes == CLASSES
    row = json.loads(lines[-1])
    assert {"step", "loss", "learning_rate", "val_loss", "val_iou", "val_accuracy"} <= row.keys()
    with (run / "metrics.csv").open() as file:
        assert [line["step"] for line in csv.DictReader(file)] == ["2"]
    assert (run / BEST).exists()


def test_a_run_begins_with_the_defaults_encoder_unless_it_is_told_not_to(
    run_of_annotations, pack_file, light, tmp_path
):
    run, _ = run_of_annotations
    assert json.loads((run / "options.json").read_text())["normalisation"] == "batch"
    begun = read_weights(run / "begin.safetensors").detector.backbone
    default = read_weights(DEFAULT_WEIGHTS)
    torch.testing.assert_close(begun.stem[0].weight, default.stem[0].weight, rtol=1e-3, atol=1e-4)
    one = replace(light, steps=1)
    start_run(pack_file, tmp_path / "none", {"run": one}, encoder_weights="none", report=lambda line: None)
    assert trained_network(tmp_path / "none").options.normalisation == "group"
    assert not (tmp_path / "none" / "begin.safetensors").exists()


def test_groups_are_not_changed_to_what_the_defaults_encoder_needs(pack_file, light, tmp_path):
    grouped = {"run": replace(light, steps=1, normalisation="group")}
    start_run(pack_file, tmp_path / "run", grouped, report=lambda line: None)
    assert trained_network(tmp_path / "run").options.normalisation == "group"
    with pytest.raises(InvalidOptions, match="they go with --normalisation batch, not group"):
        start_run(pack_file, tmp_path / "b", grouped, encoder_weights="default", report=lambda line: None)
    assert not (tmp_path / "b").exists()


@pytest.mark.parametrize("network", [LIGHT, "compact", "unet"])
def test_encoder_weights_that_a_network_cannot_have_are_one_line(pack_file, light, tmp_path, network):
    options = light if network == LIGHT else TrainOptions(network=network, size=64, batch=2, steps=1)
    with pytest.raises(InvalidOptions, match=f"--encoder-weights imagenet: {network} knows only default and none"):
        start_run(pack_file, tmp_path / "r", {"run": options}, encoder_weights="imagenet", report=lambda line: None)
    assert not (tmp_path / "r").exists()


def test_a_run_from_masks_has_the_classes_of_their_kinds(pack_file, light, tmp_path):
    """The pack of the other networks' tests: people, a cut-out, and a wall with nothing on it."""
    start_run(pack_file, tmp_path / "run", {"run": replace(light, steps=1)}, report=lambda line: None)
    assert trained_network(tmp_path / "run").options.classes == ("person", "product")


def test_weights_of_other_classes_are_said_and_those_begin_anew(annotated, light, tmp_path):
    write_weights(build_network(LIGHT, classes=("cap", "tin")), tmp_path / "w.safetensors")
    begun = read_weights(tmp_path / "w.safetensors").detector
    lines, init = [], str(tmp_path / "w.safetensors")
    start_run(annotated, tmp_path / "run", {"run": replace(light, steps=1)}, init_from=init, report=lines.append)
    assert lines[0] == f"{init}: weights of other classes; those of jar, lid begin anew."
    assert trained_network(tmp_path / "run").options.classes == CLASSES
    ours = read_weights(tmp_path / "run" / "begin.safetensors").detector
    assert torch.equal(ours.rpn.head.cls_logits.weight, begun.rpn.head.cls_logits.weight)


def test_weights_that_know_more_classes_keep_them(annotated, light, tmp_path):
    write_weights(build_network(LIGHT, classes=("cap", "lid", "jar")), tmp_path / "w.safetensors")
    lines, init = [], str(tmp_path / "w.safetensors")
    start_run(annotated, tmp_path / "run", {"run": replace(light, steps=1)}, init_from=init, report=lines.append)
    assert not lines[0].startswith(init)
    assert trained_network(tmp_path / "run").options.classes == ("cap", "lid", "jar")


def test_weights_of_another_network_are_refused(pack_file, light, options, tmp_path):
    write_weights(CompactUNet(CompactOptions(channels=(8, 8, 8, 8, 8))), tmp_path / "compact.safetensors")
    write_weights(build_network(LIGHT, classes=CLASSES), tmp_path / "light.safetensors")
    for name, wanted, said in (
        ("compact", light, "weights of compact, not of mask-rcnn-light"),
        ("light", options, "weights of mask-rcnn-light, not of compact"),
        ("light", replace(light, network="mask-rcnn"), "weights of mask-rcnn-light, not of mask-rcnn"),
    ):
        with pytest.raises(InvalidOptions, match=said):
            start_run(
                pack_file, tmp_path / "run", {"run": wanted}, init_from=str(tmp_path / f"{name}.safetensors"),
                report=lambda line: None,
            )  # fmt: skip
    assert not (tmp_path / "run").exists()


def test_without_torchvision_nothing_is_begun(annotated, light, tmp_path, monkeypatch):
    monkeypatch.setattr(mask_rcnn, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"pip install 'deepetch\[maskrcnn\]'"):
        start_run(annotated, tmp_path / "run", {"run": light}, report=lambda line: None)
    assert not (tmp_path / "run").exists()


def test_folds_are_refused(pack_file, light, tmp_path):
    with pytest.raises(InvalidOptions, match="no --folds"):
        start_run(pack_file, tmp_path / "run", {"run": light}, folds=2, report=lambda line: None)
    assert not (tmp_path / "run").exists()


def test_a_preview_shows_what_a_step_sees(annotated, light):
    examples = read_coco(annotated / "instances_train.json", images=annotated / "images")
    sheet = preview(examples, replace(light, classes=CLASSES))
    assert sheet.ndim == 3
    assert len(np.unique(sheet.reshape(-1, 3), axis=0)) > 100


# going on


def test_a_run_that_was_stopped_goes_on_to_the_same_numbers(tmp_path, light):
    pack, long = shelf_pack(train=4, val=1), replace(light, classes=CLASSES, steps=3, validate_every=3)
    rows, stopped = [], []
    assert fit(pack, tmp_path / "whole", long, network=network_of(), report=rows.append)

    def stop(step, steps, loss):
        if step == 1:
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(TrainingStopped):
        fit(pack, tmp_path / "parts", long, network=network_of(), progress=stop)
    assert read_checkpoint(tmp_path / "parts" / LAST)["global_step"] == 1
    assert fit(pack, tmp_path / "parts", long, network=network_of(), report=stopped.append)
    require_same(weights_of(tmp_path / "whole"), weights_of(tmp_path / "parts"))
    timeless = [
        {k: v for k, v in json.loads(line[-1]).items() if k not in ("seconds", "loss")} for line in (rows, stopped)
    ]
    assert timeless[0] == timeless[1]


def network_of():
    torch.manual_seed(5)
    return build_network(LIGHT, classes=CLASSES)


def test_a_checkpoint_of_other_classes_is_refused(run_of_annotations, light):
    run, _ = run_of_annotations
    other = build_network(LIGHT, classes=("jar", "cap"), normalisation="batch")
    with pytest.raises(TrainingError, match="a checkpoint of another network"):
        fit(shelf_pack(), run, replace(light, classes=("jar", "cap")), network=other)


def test_a_run_goes_on_beyond_its_end(run_of_annotations, tmp_path):
    run, _ = run_of_annotations
    shutil.copytree(run, tmp_path / "run")
    assert open_run(tmp_path / "run", {"steps": 3}, report=lambda line: None)
    assert read_checkpoint(tmp_path / "run" / LAST)["global_step"] == 3


# weights that were read come in evaluation mode


def test_weights_that_were_read_are_trained_in_training_mode(tmp_path, pack, options):
    network = CompactUNet(CompactOptions(channels=options.channels)).eval()
    before = network.stem[1].running_mean.clone()
    fit(pack, tmp_path, replace(options, steps=1, averaging=0.0), network=network)
    moved = weights_of(tmp_path)["network.stem.1.running_mean"]
    assert not torch.equal(before, moved)


def test_learners_train_what_they_are_given(options, light):
    for kind, network, wanted in ((Learner, CompactUNet(), options), (InstanceLearner, network_of(), light)):
        learner = kind(network.eval(), wanted, steps=1)
        assert all(module.training for module in learner.network.modules())


# export


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """A network that knows nothing and is sure of it, in torch and as a file; of 50 things at most 8 are told."""
    torch.manual_seed(0)
    network = build_network(LIGHT, classes=CLASSES).eval()
    heads = network.detector.roi_heads
    heads.detections_per_img = 8
    with torch.no_grad():
        heads.box_predictor.cls_score.bias.copy_(torch.tensor([0.0, 1.0, 0.0]))
    path = tmp_path_factory.mktemp("export") / "light.onnx"
    return network, path, write_instances(network, path, size=SIZE, metadata={"licence": "ours"})


def test_a_file_finds_what_the_network_finds(exported):
    network, path, found = exported
    assert found.things >= 4
    assert found.boxes < 0.01
    assert found.masks < 1e-4
    assert difference(network, path, drawn_pictures(SIZE)) == found


def test_a_file_says_what_it_is(exported):
    _, path, _ = exported
    model = load_model(str(path))
    assert model.classes == CLASSES
    assert (model.spec.input_size, model.spec.licence) == (SIZE, "ours")


def test_instances_of_a_photo_are_those_of_torch(exported):
    network, path, _ = exported
    view = np.random.default_rng(0).random((SIZE, SIZE, 3), dtype=np.float32)
    model = load_model(str(path))
    found = find_instances(model, view, least_score=0.0)
    mean, std = np.array(model.spec.mean, np.float32), np.array(model.spec.std, np.float32)
    with torch.no_grad():
        (ours,) = network.detect(torch.from_numpy((view - mean) / std).permute(2, 0, 1)[None])
    assert len(found) == len(ours.scores)
    np.testing.assert_allclose([one.score for one in found], ours.scores, atol=1e-4)
    np.testing.assert_allclose([one.box for one in found], ours.boxes / SIZE, atol=1e-3)
    np.testing.assert_allclose([one.mask for one in found], ours.masks[:, 0], atol=1e-3)
    assert segment(model, view).alpha.shape == (SIZE, SIZE)


def test_another_networks_file_is_found_out(exported):
    _, path, _ = exported
    torch.manual_seed(1)
    other = build_network(LIGHT, classes=CLASSES).eval()
    with pytest.raises(TrainingError, match="do not find the same things; run this network with torch"):
        difference(other, path, drawn_pictures(SIZE))


def test_a_file_that_finds_more_is_found_out(exported):
    """Torch asked to be surer: all that it finds is in the file's answer, which holds more."""
    network, path, _ = exported
    heads = network.detector.roi_heads
    try:
        heads.score_thresh, heads.detections_per_img = 0.0, 2
        with pytest.raises(TrainingError, match="do not find the same things"):
            difference(network, path, drawn_pictures(SIZE))
    finally:
        heads.score_thresh, heads.detections_per_img = 0.05, 8


def test_a_file_that_onnx_runtime_cannot_run_is_one_line_and_not_kept(exported, tmp_path):
    network, path, _ = exported
    with pytest.raises(TrainingError, match="ONNX Runtime cannot run this network") as caught:
        difference(network, path, [torch.zeros(1, 3, SIZE, SIZE // 2)])
    assert "\n" not in str(caught.value)


def test_an_exported_network_may_find_nothing(exported, tmp_path):
    """A head of the mask with group normalisation: of no thing at all it must make no mask, not an error."""
    network, _, _ = exported
    heads = network.detector.roi_heads
    try:
        heads.score_thresh = 0.99
        found = write_instances(network, tmp_path / "none.onnx", size=SIZE, metadata={})
    finally:
        heads.score_thresh = 0.05
    assert found.things == 0
    assert find_instances(load_model(str(tmp_path / "none.onnx")), np.zeros((40, 64, 3), np.float32)) == []


def test_exporting_leaves_the_network_as_it_was(exported):
    network, _, _ = exported
    assert any(isinstance(module, torch.nn.GroupNorm) for module in network.detector.roi_heads.modules())


def test_what_mask_rcnn_has_not_is_said_before_anything_is_written(run_of_annotations, tmp_path):
    run, _ = run_of_annotations
    for more in ({"calibration_pack": run / "data.pack"}, {"presence_pack": run / "data.pack"}):
        with pytest.raises(InvalidOptions, match="Mask R-CNN has no --int8 and no --presence"):
            export_network(run, tmp_path / "m.onnx", input_size=SIZE, **more)
    assert list(tmp_path.iterdir()) == []


def test_a_run_ends_with_its_model_and_its_page(run_of_annotations):
    run, _ = run_of_annotations
    assert report_run(run) == run / "report.html"
    assert load_model(str(run / "model.onnx")).classes == CLASSES
    page = (run / "report.html").read_text()
    assert "mask-rcnn-light" in page
    assert "IoU" in page
