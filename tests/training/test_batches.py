from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from deepetch.datasets.pack import BACKGROUNDS, Pack
from deepetch.errors import TrainingError
from deepetch.inference.normalize import to_tensor
from deepetch.training.augment import seeded
from deepetch.training.batch import normalise
from deepetch.training.squares import Squares
from deepetch.training.stream import TrainingStream, begin_worker
from deepetch.training.studio_preset import OTHER, RECIPE, StudioBatches, recipe_of


def flat_pack(kinds, size=64):
    """One picture a kind, split train; a subject fills the middle of all but backgrounds."""
    count = len(kinds)
    images = np.full((count, size, size, 3), 128, np.uint8)
    alphas = np.zeros((count, size, size), np.uint8)
    for index, kind in enumerate(kinds):
        if kind != BACKGROUNDS:
            alphas[index, 16:48, 16:48] = 255
    content = np.tile(np.array([[0, 0, 1, 1]], np.float32), (count, 1))
    return Pack(images, alphas, content, [{"name": k, "kind": k, "source": "", "split": "train"} for k in kinds])


def batches(pack, *, batch=4, seed=3):
    return StudioBatches(pack, size=64, batch=batch, seed=seed)


def stream(pack, *, first=0, stride=1):
    return TrainingStream(batches(pack), first=first, stride=stride)


def test_batch_has_the_shapes_and_ranges_of_training(pack):
    batch = batches(pack, batch=6).draw(0)
    assert batch.images.shape == (6, 3, 64, 64)
    assert batch.alphas.shape == (6, 1, 64, 64)
    assert batch.images.dtype == batch.alphas.dtype == torch.float32
    assert batch.alphas.min() >= 0
    assert batch.alphas.max() <= 1
    low, high = normalise(torch.zeros(1, 3, 1, 1)), normalise(torch.ones(1, 3, 1, 1))
    assert (batch.images >= low - 1e-6).all()
    assert (batch.images <= high + 1e-6).all()


def test_normalise_is_what_inference_does():
    view = np.random.default_rng(0).random((8, 9, 3), np.float32)
    ours = normalise(torch.from_numpy(view).permute(2, 0, 1)[None]).numpy()
    assert np.allclose(ours, to_tensor(view), atol=1e-6)


def test_rows_are_read_as_shares_of_255(pack):
    rows = np.array([3, 0])
    images, alphas, content = Squares(pack).read(rows)
    assert np.allclose(images.permute(0, 2, 3, 1).numpy(), pack.images[rows] / 255, atol=1e-7)
    assert np.allclose(alphas[:, 0].numpy(), pack.alphas[rows] / 255, atol=1e-7)
    assert np.array_equal(content.numpy(), pack.content[rows])


def test_batch_depends_on_seed_and_step_alone(pack):
    first = batches(pack).draw(5)
    assert torch.equal(first.images, batches(pack).draw(5).images)
    assert not torch.equal(first.images, batches(pack).draw(6).images)
    assert not torch.equal(first.images, batches(pack, seed=4).draw(5).images)


def test_random_numbers_depend_on_every_part_of_the_key():
    drawn = [seeded(torch.device("cpu"), *key) for key in ((1, 5), (2, 5), (1, 6), (1, 5, 1), (1, 5))]
    values = [torch.rand(4, generator=generator) for generator in drawn]
    assert torch.equal(values[0], values[4])
    for other in values[1:4]:
        assert not torch.equal(values[0], other)


def test_resumed_stream_equals_the_uninterrupted_one(pack):
    whole = list(itertools.islice(stream(pack), 5))
    resumed = list(itertools.islice(stream(pack, first=3), 2))
    for old, new in zip(whole[3:], resumed, strict=True):
        assert torch.equal(old.images, new.images)
        assert torch.equal(old.alphas, new.alphas)


@pytest.mark.parametrize("workers", [1, 2])
def test_workers_give_the_same_batches_in_the_same_order(pack, workers):
    expected = [batches(pack).draw(index) for index in (2, 3, 4)]
    loader = DataLoader(stream(pack, first=2), batch_size=None, num_workers=workers, worker_init_fn=begin_worker)
    for (images, alphas), batch in zip(itertools.islice(loader, 3), expected, strict=True):
        assert torch.equal(images, batch.images)
        assert torch.equal(alphas, batch.alphas)


@pytest.mark.parametrize("workers", [0, 2])
def test_processes_that_train_together_share_the_batches(pack, workers):
    expected = [batches(pack).draw(index) for index in range(4)]
    loaders = [
        DataLoader(
            stream(pack, first=rank, stride=2), batch_size=None, num_workers=workers, worker_init_fn=begin_worker
        )
        for rank in (0, 1)
    ]
    parts = [list(itertools.islice(loader, 2)) for loader in loaders]
    for index, batch in enumerate(expected):
        images, _ = parts[index % 2][index // 2]
        assert torch.equal(images, batch.images)


def test_kinds_are_drawn_by_their_shares():
    kinds = [*RECIPE, "toys"]
    made = batches(flat_pack(kinds))
    drawn = made._kinds(np.random.default_rng(0), 20_000, kinds)
    total = sum(recipe_of(kind).share for kind in kinds)
    for kind in kinds:
        # four standard errors of a share near a half: 4 x 0.5 / sqrt(20000)
        assert drawn.count(kind) / 20_000 == pytest.approx(recipe_of(kind).share / total, abs=0.015)
    assert recipe_of("toys") is OTHER


def test_backgrounds_alone_have_zero_alpha():
    made = batches(flat_pack(["people", BACKGROUNDS]), batch=64)
    alphas = torch.cat([made.draw(step).alphas for step in range(4)])
    empty = (alphas.amax((1, 2, 3)) == 0).float().mean()
    share = RECIPE[BACKGROUNDS].share / (RECIPE[BACKGROUNDS].share + RECIPE["people"].share)
    # of the backgrounds 12 % get a subject in front; 256 pictures
    assert 0.01 < empty < 2.5 * share


def test_without_backgrounds_every_picture_shows_its_subject():
    made = batches(flat_pack(["people", "garments", "cutouts"]), batch=32)
    assert (made.draw(0).alphas.amax((1, 2, 3)) > 0.9).all()


def test_only_the_train_split_is_seen(pack):
    train = set(pack.select(split="train").tolist())
    assert {int(row) for members in batches(pack).members.values() for row in members} == train


def test_pack_without_a_labelled_training_picture_is_refused():
    with pytest.raises(TrainingError, match="no labelled picture in its train split"):
        batches(flat_pack([BACKGROUNDS]))
    other = flat_pack(["people"])
    other.rows[0]["split"] = "val"
    with pytest.raises(TrainingError):
        batches(other)
