from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from facts import CARTONS, facts

from deepetch.datasets.example import Example
from deepetch.datasets.split import folds as divide
from deepetch.datasets.truth import NoSubject
from deepetch.errors import InvalidOptions
from deepetch.options import TrainOptions
from deepetch.plan.budget import memory_for_run, run_memory
from deepetch.plan.machine import Machine
from deepetch.plan.rules import Plan, make_plan

DESK = Machine(memory=24.0, cores=2)
CARD = Machine(memory=64.0, cores=16, gpu_memory=24.0)


def drawn_facts(generator):
    """A fingerprint as a set may have it, from ten pictures to a hundred thousand, from wires to cartons."""
    training = int(10 ** generator.uniform(0, 5))
    return facts(
        training=training,
        labelled=training + training // 10,
        units=max(1, training // int(generator.integers(1, 8))),
        grey=float(generator.choice([0.0, 0.4, 1.0])),
        noise=float(generator.uniform(0, 40)),
        longer=float(generator.integers(60, 5000)),
        border_ratio=float(10 ** generator.uniform(0.6, 2.5)),
        thickness=float(10 ** generator.uniform(-3, -0.3)),
    )


def drawn_machine(generator):
    return Machine(
        memory=float(2 ** generator.uniform(0, 9)),
        cores=int(generator.integers(1, 129)),
        gpu_memory=float(generator.choice([0.0, 2 ** generator.uniform(1, 8)])),
    )


DRAWN = [(drawn_facts(generator), drawn_machine(generator)) for generator in map(np.random.default_rng, range(300))]


def test_every_plan_is_one_that_training_takes():
    for fingerprint, machine in DRAWN:
        plan = make_plan(fingerprint, machine)  # TrainOptions and Plan refuse what no run can have
        levels = len(plan.train.channels) or 5
        assert plan.train.size % 2 ** (levels if plan.train.network == "compact" else levels - 1) == 0
        assert plan.train.batch * plan.train.accumulate <= TrainOptions().batch
        assert 0 < plan.train.learning_rate <= TrainOptions().learning_rate
        assert plan.init_from in ("", "default")
        assert plan == make_plan(fingerprint, machine)


def test_every_choice_has_a_reason_of_one_line():
    for fingerprint, machine in DRAWN:
        plan = make_plan(fingerprint, machine)
        changed = {
            field.name for field in dataclasses.fields(TrainOptions)
            if getattr(plan.train, field.name) != getattr(TrainOptions(), field.name)
        }  # fmt: skip
        assert changed | {"folds", "init_from"} <= plan.reasons.keys()
        assert all(reason and "\n" not in reason for reason in plan.reasons.values())


def with_more(machine, part, factor):
    return dataclasses.replace(machine, **{part: type(getattr(machine, part))(getattr(machine, part) * factor)})


@pytest.mark.parametrize("factor", [1.01, 1.3, 2, 9])
def test_more_memory_never_gives_a_smaller_batch_or_size(factor):
    for fingerprint, machine in DRAWN:
        less = make_plan(fingerprint, machine).train
        more = make_plan(
            fingerprint, with_more(machine, "gpu_memory" if machine.gpu_memory else "memory", factor)
        ).train
        assert more.batch >= less.batch
        assert more.size >= less.size


@pytest.mark.parametrize("factor", [2, 5])
def test_more_cores_never_give_a_smaller_size_or_fewer_workers(factor):
    for fingerprint, machine in DRAWN:
        less, more = (make_plan(fingerprint, m).train for m in (machine, with_more(machine, "cores", factor)))
        assert more.size >= less.size
        assert more.workers >= less.workers


@pytest.mark.parametrize("factor", [0.99, 0.7, 0.1])
def test_thinner_structures_or_more_border_never_give_a_smaller_size(factor):
    for fingerprint, machine in DRAWN:
        size = make_plan(fingerprint, machine).train.size
        thinner = dataclasses.replace(
            fingerprint, thickness=facts(thickness=fingerprint.thickness.low * factor).thickness
        )
        more = facts(border_ratio=fingerprint.border_ratio.high / factor).border_ratio
        assert make_plan(thinner, machine).train.size >= size
        assert make_plan(dataclasses.replace(fingerprint, border_ratio=more), machine).train.size >= size


@pytest.mark.parametrize("more", [1, 50, 3000, 60_000])
def test_more_pictures_never_get_more_epochs_or_folds(more):
    for fingerprint, machine in DRAWN:
        larger = dataclasses.replace(
            fingerprint,
            training=fingerprint.training + more,
            labelled=fingerprint.labelled + more,
        )
        few, many = make_plan(fingerprint, machine), make_plan(larger, machine)
        assert many.train.epochs <= few.train.epochs
        assert many.folds <= few.folds


def test_batch_fits_the_memory_unless_a_single_picture_does_not():
    for fingerprint, machine in DRAWN:
        options = make_plan(fingerprint, machine).train
        assert options.batch == 1 or run_memory(options.network, options.size, options.batch) <= memory_for_run(machine)


@pytest.mark.parametrize(
    ("network", "size", "batch", "gib"),
    # what was measured: 5 GB for 32 pictures; 0.45 GB more for each picture of the classic network
    [("compact", 256, 32, 5e9 / 2**30), ("unet", 256, 1, 1.5 + 0.42), ("unet", 256, 9, 1.5 + 9 * 0.42)],
)
def test_memory_of_a_run_is_as_measured(network, size, batch, gib):
    assert run_memory(network, size, batch) == pytest.approx(gib, rel=0.02)


@pytest.mark.parametrize(
    ("changes", "machine", "size", "said"),
    [
        ({}, DESK, 224, "the usual; thin structures ask for 32 px, borders for 160"),
        ({"thickness": 0.0125, "thickness_px": 15.0}, DESK, 320, "structures of 15 px, 1.2% of the longer side"),
        ({"border_ratio": 18.0}, DESK, 320, "a border ratio of 18.0 or more: at 320 px"),
        ({"thickness": 0.0125, "longer": 250.0}, DESK, 256, "but held to 256: half of the pictures are no longer"),
        ({"thickness": 0.001}, CARD, 512, "five levels see no further"),
        ({"thickness": 0.0125}, Machine(memory=2.6, cores=2), 224, "1.3 GiB hold 4 pictures of no more"),
        ({"thickness": 0.0125, "training": 300_000}, DESK, 128, "more takes longer than 12 h on 2 cores"),
        ({"thickness": 0.0125, "training": 300_000}, CARD, 320, "320 px keep 4 of them"),
        ({"longer": 40.0}, DESK, 128, "no longer than 40 px"),
    ],
)  # fmt: skip
def test_size_is_the_least_that_resolves_the_subject_within_the_limits(changes, machine, size, said):
    plan = make_plan(facts(**changes), machine)
    assert plan.train.size == size
    assert said in plan.reasons["size"]


WIRES = {"thickness": 0.004, "training": 20_000, "labelled": 22_000}


@pytest.mark.parametrize(
    ("changes", "machine", "network", "said"),
    [
        ({}, CARD, "compact", "44.8 px at 224"),
        (WIRES, Machine(memory=64.0, cores=16, gpu_memory=80.0), "unet", "thin structures have only 2.0 px at 512"),
        (WIRES, CARD, "compact", "unet needs a GPU"),
        (WIRES, DESK, "compact", "0.0 are there"),
        (WIRES | {"training": 400}, Machine(memory=64.0, cores=16, gpu_memory=80.0), "compact", "shipped weights"),
    ],
)
def test_the_classic_network_is_for_many_pictures_of_thin_things_on_a_large_gpu(changes, machine, network, said):
    plan = make_plan(facts(**changes), machine)
    assert plan.train.network == network
    assert said in plan.reasons["network"]


@pytest.mark.parametrize(("longer", "channels"), [(200.0, ()), (2000.0, (64, 128, 256, 512, 512, 512))])
def test_the_classic_network_is_as_deep_as_its_size_asks_for(longer, channels):
    machine = Machine(memory=64.0, cores=16, gpu_memory=80.0)
    plan = make_plan(facts(**WIRES, longer=longer), machine)
    assert (plan.train.network, plan.train.channels, plan.train.normalisation) == ("unet", channels, "group")
    assert plan.train.size // 2 ** ((len(channels) or 5) - 1) <= 16


@pytest.mark.parametrize(
    ("training", "epochs", "batch", "init_from", "rate", "warmup"),
    [
        (1, 200, 2, "default", 0.00025, 20),
        (40, 200, 8, "default", 0.0005, 100),
        (300, 200, 32, "default", 0.001, 200),
        (4_000, 32, 32, "default", 0.001, 200),
        (20_000, 10, 32, "", 0.003, 200),
    ],
)
def test_small_sets_get_more_epochs_smaller_batches_and_a_start(training, epochs, batch, init_from, rate, warmup):
    plan = make_plan(facts(training=training, labelled=training), DESK)
    assert (plan.train.epochs, plan.train.batch, plan.init_from) == (epochs, batch, init_from)
    assert (plan.train.learning_rate, plan.train.warmup_steps) == (rate, warmup)


def test_what_memory_cannot_hold_at_once_is_accumulated():
    plan = make_plan(facts(), Machine(memory=4.0, cores=2))
    assert (plan.train.batch, plan.train.accumulate) == (8, 4)
    assert plan.train.learning_rate == make_plan(facts(), DESK).train.learning_rate


@pytest.mark.parametrize(
    ("labelled", "units", "count"), [(999, 999, 5), (1000, 1000, 0), (400, 3, 3), (400, 1, 0), (4, 4, 4), (1, 1, 0)]
)
def test_small_sets_are_cross_validated(labelled, units, count):
    plan = make_plan(facts(labelled=labelled, training=labelled, units=units), DESK)
    assert plan.folds == count


@pytest.mark.parametrize(("pictures", "groups"), [(2, 2), (9, 3), (50, 4), (50, 50)])
def test_a_set_can_be_divided_into_the_folds_that_are_planned(pictures, groups):
    examples = [
        Example(name=str(n), image=Path(str(n)), truth=NoSubject(), kind="a", source="", split="train",
                group=f"g{n % groups}")
        for n in range(pictures)
    ]  # fmt: skip
    plan = make_plan(facts(labelled=pictures, training=pictures, units=groups), DESK)
    assert all(sum(e.split == "val" for e in fold) > 0 for fold in divide(examples, plan.folds))


@pytest.mark.parametrize(
    ("changes", "augmentation", "said"),
    [
        ({}, "studio", "noise of 0.4 levels at 224 px"),
        ({"grey": 0.6}, "classic", "60% of the pictures are grey"),
        ({"noise": 15.0, "longer": 200.0}, "classic", "noise of 15.0 levels at 224 px"),
        ({"noise": 30.0, "longer": 4000.0}, "studio", "noise of 1.7 levels"),  # it vanishes when they are reduced
    ],
)
def test_new_backgrounds_are_for_pictures_that_they_do_not_give_away(changes, augmentation, said):
    plan = make_plan(facts(**changes), DESK)
    assert plan.train.augmentation == augmentation
    assert said in plan.reasons["augmentation"]


@pytest.mark.parametrize(
    ("machine", "workers"),
    [(DESK, 1), (Machine(memory=24, cores=64), 7), (CARD, 8), (Machine(memory=9, cores=1, gpu_memory=8), 1)],
)
def test_workers_keep_the_device_busy(machine, workers):
    assert make_plan(CARTONS, machine).train.workers == workers


def test_hours_are_said_where_they_were_measured():
    assert "about 1.5 h a run on 2 cores" in make_plan(facts(training=450), DESK).reasons["epochs"]
    assert " h a run" not in make_plan(facts(training=450), CARD).reasons["epochs"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"folds": 1},
        {"folds": -5},
        {"init_from": "default", "train": TrainOptions(network="unet")},
        {"init_from": "default", "train": TrainOptions(channels=(8, 8, 8, 8, 8))},
    ],
)
def test_a_plan_that_contradicts_itself_is_refused(wrong):
    with pytest.raises(InvalidOptions, match=r"^(folds|init_from): "):
        Plan(**wrong)
