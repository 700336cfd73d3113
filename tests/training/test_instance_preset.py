"""What Mask R-CNN is told of a composed picture is what the picture shows."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from drawn_packs import CLASSES, shelf, shelf_pack, wide_pack

from deepetch.datasets.pack import Pack
from deepetch.errors import TrainingError
from deepetch.inference.normalize import MEAN, STD
from deepetch.training.instance_preset import (
    LEAST,
    InstanceBatches,
    blank_beside,
    pack_classes,
    row_instances,
    target_of,
)

SIZE = 96


@pytest.fixture(scope="module")
def batches():
    return InstanceBatches(shelf_pack(), CLASSES, size=SIZE, batch=8, seed=3)


@pytest.fixture(scope="module")
def drawn(batches):
    """A few batches, and what they were composed of."""
    return [(batches.draw(index), batches.pictures.compose(index)) for index in range(4)]


def colours(images):
    """(n, 3, s, s) in [0, 1]."""
    return images * torch.tensor(STD).view(3, 1, 1) + torch.tensor(MEAN).view(3, 1, 1)


def is_grey(picture):
    """Every twelfth picture or so has lost its colours."""
    return (picture.amax(0) - picture.amin(0)).quantile(0.9) < 0.2


def test_every_mask_lies_on_pixels_of_its_things_colour(drawn):
    seen = {1: [], 2: []}
    for batch, _ in drawn:
        for picture, target in zip(colours(batch.images), batch.targets, strict=True):
            if is_grey(picture):
                continue
            strongest = picture.argmax(0)
            for label, mask in zip(target.labels.tolist(), target.masks.bool(), strict=True):
                seen[label].append((strongest[mask] == label - 1).float().mean().item())
    for shares in seen.values():
        assert len(shares) > 20
        assert np.median(shares) > 0.99  # cameras out of focus mix the borders
        assert np.mean(shares) > 0.95


def test_masks_are_the_composed_alpha_divided(drawn):
    for batch, composed in drawn:
        for picture, target, alpha in zip(batch.images, batch.targets, composed.alphas, strict=True):
            count = target.masks.sum(0)
            assert count.max() <= 1  # disjoint
            shown = (alpha[0] >= 0.5) & (picture.abs() > 1e-6).any(0)  # what is reflected is blanked
            wrong = (count.bool() != shown).sum().item()
            assert wrong <= 0.02 * SIZE * SIZE  # edges lie between pixels; what is hardly seen is no thing


def test_a_subject_in_front_hides_what_is_behind(drawn):
    for batch, composed in drawn:
        if len(composed.layers) < 2:
            continue
        for place in composed.layers[1].places.tolist():
            target = batch.targets[place]
            assert target.masks.sum(0).max() <= 1
            assert 2 <= len(target.labels) <= 4
            return
    pytest.fail("no picture with a second subject")


def test_boxes_are_those_of_their_masks(drawn):
    for batch, _ in drawn:
        for target in batch.targets:
            assert target.boxes.shape == (len(target.labels), 4)
            assert (target.masks.dtype, target.labels.dtype) == (torch.uint8, torch.int64)
            for box, mask in zip(target.boxes.tolist(), target.masks.numpy(), strict=True):
                rows, columns = np.nonzero(mask)
                assert box == [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
                assert mask.sum() >= LEAST * SIZE * SIZE


def test_batches_depend_on_seed_and_number_alone(batches):
    again = InstanceBatches(shelf_pack(), CLASSES, size=SIZE, batch=8, seed=3)
    for index in (2, 0):
        ours, theirs = batches.draw(index), again.draw(index)
        assert torch.equal(ours.images, theirs.images)
        for one, other in zip(ours.targets, theirs.targets, strict=True):
            assert all(torch.equal(left, right) for left, right in zip(one, other, strict=True))
    assert not torch.equal(batches.draw(0).images, batches.draw(1).images)
    other = InstanceBatches(shelf_pack(), CLASSES, size=SIZE, batch=8, seed=4)
    assert not torch.equal(batches.draw(0).images, other.draw(0).images)


def test_things_of_other_classes_are_background():
    few = InstanceBatches(shelf_pack(), ("lid",), size=SIZE, batch=8, seed=3)
    all_of_them = InstanceBatches(shelf_pack(), CLASSES, size=SIZE, batch=8, seed=3)
    ours, theirs = few.draw(0), all_of_them.draw(0)
    assert torch.equal(ours.images, theirs.images)
    for one, other in zip(ours.targets, theirs.targets, strict=True):
        assert one.labels.tolist() == [1] * int((other.labels == 2).sum())
        assert torch.equal(one.masks, other.masks[other.labels == 2])


def test_labels_follow_the_networks_order_of_classes():
    turned = InstanceBatches(shelf_pack(), ("lid", "cap", "jar"), size=SIZE, batch=8, seed=3)
    plain = InstanceBatches(shelf_pack(), CLASSES, size=SIZE, batch=8, seed=3)
    for one, other in zip(turned.draw(0).targets, plain.draw(0).targets, strict=True):
        assert one.labels.tolist() == [{1: 3, 2: 1}[label] for label in other.labels.tolist()]


def test_a_pack_that_shows_none_of_the_classes_is_refused():
    with pytest.raises(TrainingError, match="the pack shows jar, lid; none of person"):
        InstanceBatches(shelf_pack(), ("person",), size=SIZE, batch=8, seed=3)


def test_what_a_square_shows_beside_its_picture_is_one_colour():
    batches = InstanceBatches(wide_pack(), ("jar",), size=SIZE, batch=6, seed=1)
    whole = 0
    for index in range(3):
        batch, composed = batches.draw(index), batches.pictures.compose(index)
        in_place = ~composed.layers[0].cut
        for layer in composed.layers[1:]:
            in_place[layer.places] = False
        for place in in_place.nonzero()[:, 0].tolist():
            blank = (batch.images[place].abs() < 1e-6).all(0)
            assert blank.float().mean() > 0.15  # half of the square, the more the smaller it is shown
            if is_grey(colours(batch.images)[place]):
                continue
            picture, thing = colours(batch.images)[place], batch.targets[place].masks.sum(0).bool()
            assert not (blank & thing).any()
            red = (picture.argmax(0) == 0) & ~blank
            assert (red & ~thing).sum() < 0.15 * thing.sum()  # its mirror image would be as large
            whole += 1
    assert whole > 5


def test_validations_pictures_are_blanked_alike():
    images = torch.rand(2, 3, 8, 8)
    blanked = blank_beside(images, torch.tensor([[0.25, 0, 0.75, 1], [0, 0, 1, 1]]))
    assert torch.equal(blanked[0, :, 2:6], images[0, :, 2:6])
    assert torch.equal(blanked[1], images[1])
    beside = torch.cat([blanked[0, :, :2], blanked[0, :, 6:]], 1)
    torch.testing.assert_close(beside, torch.tensor(MEAN).view(3, 1, 1).expand_as(beside))


def test_a_pack_without_numbers_has_its_connected_parts():
    pack = shelf_pack(numbered=False, kind="people")
    assert pack_classes(pack) == ("person",)
    found, names = row_instances(pack, 0)
    _, numbers = shelf(0)
    assert names == ("person", "person")
    assert {tuple(np.unique(numbers[found == k])) for k in (1, 2)} == {(1,), (2,)}
    batch = InstanceBatches(pack, ("person",), size=SIZE, batch=4, seed=0).draw(0)
    assert max(len(target.labels) for target in batch.targets) >= 2


def test_parts_of_a_reflection_are_no_things():
    pack = wide_pack()
    plain = Pack(pack.images, pack.alphas, pack.content, pack.rows)
    found, names = row_instances(plain, 0)
    assert names == ("product",)
    np.testing.assert_array_equal(found, pack.instances[0])


def test_kinds_say_the_classes_where_nothing_else_does():
    pack = shelf_pack(numbered=False)
    rows = [
        row | {"kind": kind} for row, kind in zip(pack.rows, ["people", "backgrounds", *["garments"] * 8], strict=True)
    ]
    assert pack_classes(Pack(pack.images, pack.alphas, pack.content, rows)) == ("person", "product")


def test_a_picture_with_nothing_to_find_has_an_empty_target():
    numbers = torch.zeros(20, 30, dtype=torch.int64)
    numbers[:1, :1] = 1
    target = target_of(numbers, {1: 1, 2: 1})
    assert [tuple(part.shape) for part in target] == [(1, 4), (1,), (1, 20, 30)]  # a 600th is enough
    large = torch.zeros(100, 100, dtype=torch.int64)
    large[0, :3] = 1
    target = target_of(large, {1: 1})
    assert [tuple(part.shape) for part in target] == [(0, 4), (0,), (0, 100, 100)]
