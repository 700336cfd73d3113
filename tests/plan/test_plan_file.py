from __future__ import annotations

import dataclasses
import tomllib

import pytest
from facts import CARTONS, facts

from deepetch.errors import InvalidOptions, OutputExists
from deepetch.options import TrainOptions
from deepetch.plan.file import plan_text, read_plan, write_plan
from deepetch.plan.machine import Machine
from deepetch.plan.rules import Plan, make_plan

DESK = Machine(memory=24.0, cores=2)
PLAN = make_plan(CARTONS, DESK)


@pytest.fixture
def written(tmp_path):
    write_plan(PLAN, tmp_path / "plan.toml")
    return tmp_path / "plan.toml"


def edited(path, old, new):
    """Change one place of a file, which must be there once."""
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))
    return path


PLANS = [
    PLAN,
    make_plan(facts(training=30, labelled=33, units=33, grey=1.0), Machine(memory=1.0, cores=1)),
    make_plan(
        facts(thickness=0.004, training=20_000, labelled=22_000), Machine(memory=64.0, cores=16, gpu_memory=80.0)
    ),
    make_plan(facts(pictures={"train": {'a "b"\\ \x7f\t\n': 1, "дом": 2, "caf\udce9": 3, "": 4}}), DESK),
    Plan(train=TrainOptions(minutes=1.5, patience=3, validate_every=50, epochs=None, steps=77)),
    Plan(init_from="runs/old weights.safetensors", folds=3),
]


@pytest.mark.parametrize("plan", PLANS)
def test_a_plan_is_read_as_it_was_written(tmp_path, plan):
    write_plan(plan, tmp_path / "plan.toml")
    assert read_plan(tmp_path / "plan.toml") == plan


def test_the_file_is_plain_toml_with_every_choice_and_its_reason(written):
    document = tomllib.loads(written.read_text())
    assert document["train"]["size"] == PLAN.train.size
    assert document["fingerprint"]["thickness"] == {"low": 0.2, "median": 0.2, "high": 0.2}
    assert document["fingerprint"]["pictures"]["train"] == {"packs": 2000}
    assert document["machine"]["cores"] == 2
    for name, reason in PLAN.reasons.items():
        (line,) = [line for line in written.read_text().splitlines() if line.startswith(f"{name} = ")]
        assert line.endswith(f"  # {reason}")


def test_every_option_of_training_is_named_so_that_it_can_be_changed(written):
    text = written.read_text()
    for field in dataclasses.fields(TrainOptions):
        assert f"\n{field.name} = " in text or f"\n# {field.name}" in text or field.name == "steps"


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("size = 224", "size = 320", {"size": 320}),
        ("# patience: not set", "patience = 5", {"patience": 5}),
        ("# minutes: not set", "minutes = 90", {"minutes": 90.0}),
        ("# weight_decay = 0.05", "weight_decay = 0.1", {"weight_decay": 0.1}),
        ("epochs = 65", "steps = 900  # was 65 epochs, now #", {"epochs": None, "steps": 900}),
        ("channels = []", "channels = [8, 16, 24, 32, 40]", {"channels": (8, 16, 24, 32, 40)}),
    ],
)
def test_an_edited_plan_comes_back_as_edited(written, old, new, changed):
    if "channels" in changed:
        edited(written, 'init_from = "default"', 'init_from = ""')
    plan = read_plan(edited(written, old, new))
    assert plan.train == dataclasses.replace(PLAN.train, **changed)
    assert plan.fingerprint == CARTONS


def test_a_plan_written_by_hand_needs_no_facts(tmp_path):
    (tmp_path / "mine.toml").write_text('init_from = "default"\n[train]\nepochs = 30\n')
    plan = read_plan(tmp_path / "mine.toml")
    assert plan == Plan(init_from="default", train=TrainOptions(epochs=30))
    assert (plan.folds, plan.fingerprint, plan.machine, plan.reasons) == (0, None, None, {})


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("size = 224", "sise = 224", "line {}: train.sise: there is no such key; did you mean size?"),
        ("folds = 0", "fold = 5", "line {}: fold: there is no such key; did you mean folds?"),
        ("size = 224", "zzz = 1", "line {}: train.zzz: there is no such key; known are network, channels"),
        ("size = 224", 'size = "224"', "line {}: train.size: expected a whole number; got '224'."),
        ("size = 224", "size = 224.0", "line {}: train.size: expected a whole number; got 224.0."),
        ("size = 224", "size = true", "line {}: train.size: expected a whole number; got True."),
        ("size = 224", "size = 225", "line {}: train.size: expected a multiple of 32, at least 64; got 225."),
        ("size = 224", "size = 1979-05-27", "line {}: train.size: expected a whole number; got datetime"),
        ("batch = 32", "batch = 0", "line {}: train.batch: expected more than 0; got 0."),
        ("# minutes: not set", 'minutes = "long"', "line {}: train.minutes: expected a number; got 'long'."),
        ("# minutes: not set", "minutes = inf", "line {}: train.minutes: expected a number; got inf."),
        ("# minutes: not set", f"minutes = {10**400}", "line {}: train.minutes: expected a number; got 1000"),
        ("# compile = false", "compile = 1", "line {}: train.compile: expected true or false; got 1."),
        ("channels = []", "channels = 64", "line {}: train.channels: expected numbers in brackets; got 64."),
        ("channels = []", "channels = [64, 'a']", "line {}: train.channels: expected a whole number; got 'a'."),
        ('"studio"', '"studi"', "line {}: train.augmentation: expected one of studio, classic, none; got 'studi'."),
        ("folds = 0", "folds = 1", "line {}: folds: expected 0 for one run, or 2 and more; got 1."),
        ('network = "compact"', 'network = "unet"', 'line 4: init_from: "default" are weights of the compact network'),
        ("cores = 2", "cores = [2]", "line {}: machine.cores: expected a whole number; got [2]."),
        ("cores = 2", "", "machine.cores: the key is missing."),
        ("noise = {low", "noise = {least", "line {}: fingerprint.noise.least: there is no such key"),
        ("pictures = {train", "pictures = 3 #", "line {}: fingerprint.pictures: expected a table; got 3."),
        ("folds = 0", "folds =", "expected a plan as TOML; got other text (Invalid value (at line 3"),
        ("size = 224", "size = 224\nsize = 256", "expected a plan as TOML; got other text (Cannot overwrite a value"),
        ("[train]", "[[train]]", "train: expected a table; got [{"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(written, old, new, said):
    number = written.read_text().split(old)[0].count("\n") + 1
    with pytest.raises(InvalidOptions) as caught:
        read_plan(edited(written, old, new))
    assert str(caught.value).startswith(f"{written}: {said.replace('{}', str(number))}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "content", [b"\x89PNG\r\n\x1a\n\0\0", b"size: 224\n", b"a = " + b"[" * 9999, b"a = " + b"9" * 5000]
)
def test_what_is_no_plan_is_one_line(tmp_path, content):
    (tmp_path / "plan.toml").write_bytes(content)
    with pytest.raises(InvalidOptions, match="expected a plan as TOML") as caught:
        read_plan(tmp_path / "plan.toml")
    assert "\n" not in str(caught.value)


def test_a_plan_that_is_not_there_says_how_to_make_one(tmp_path):
    for path in (tmp_path / "none.toml", tmp_path):
        with pytest.raises(InvalidOptions, match="deepetch plan DATA -o FILE"):
            read_plan(path)


def test_an_empty_file_is_a_plan_in_which_everything_is_as_always(tmp_path):
    (tmp_path / "plan.toml").write_text("")
    assert read_plan(tmp_path / "plan.toml") == Plan()


def test_an_existing_plan_is_kept_unless_told(written):
    with pytest.raises(OutputExists):
        write_plan(Plan(), written)
    assert read_plan(written) == PLAN
    write_plan(Plan(), written, overwrite=True)
    assert read_plan(written) == Plan()
    assert [path.name for path in written.parent.iterdir()] == ["plan.toml"]


def test_text_of_a_plan_is_the_same_each_time():
    assert plan_text(PLAN) == plan_text(make_plan(CARTONS, DESK))
