from __future__ import annotations

import pytest
from drawn_runs import save_run

from deepetch.errors import InvalidOptions, TrainingError
from deepetch.report.report import Arm, Report, read_arm


def test_arm_of_one_run_is_what_lies_in_its_folder(tmp_path):
    arm = read_arm(save_run(tmp_path / "first"))
    assert arm.name == "first"
    assert [run.name for run in arm.runs] == ["first"]
    assert arm.options["channels"] == [32, 64]
    assert arm.provenance["versions"] == {"numpy": "2.4", "torch": "2.15"}


def test_arm_of_several_seeds_keeps_each_curve_and_lists_what_differs(tmp_path):
    arm = read_arm(*(save_run(tmp_path / f"s{seed}", seed=seed) for seed in (3, 1, 2)), name="compact")
    assert arm.name == "compact"
    assert [run.name for run in arm.runs] == ["s3", "s1", "s2"]
    assert arm.options["seed"] == "3, 1, 2"
    assert arm.options["network"] == "compact"


def test_run_without_provenance_has_none_but_options_are_needed(tmp_path):
    run = save_run(tmp_path / "run")
    (run / "provenance.json").unlink()
    assert read_arm(run).provenance == {}
    (run / "options.json").unlink()
    with pytest.raises(TrainingError, match=r"options\.json: cannot be read \(No such file"):
        read_arm(run)


@pytest.mark.parametrize("text", ["{", "[1]", "\udcff"])
def test_damaged_tables_are_refused_by_file(tmp_path, text):
    run = save_run(tmp_path / "run")
    (run / "provenance.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(TrainingError, match=r"provenance\.json: expected"):
        read_arm(run)


def test_report_needs_arms_with_names_of_their_own():
    with pytest.raises(InvalidOptions, match="needs the folder"):
        read_arm()
    with pytest.raises(InvalidOptions, match="one arm or more"):
        Report(title="t", arms=[])
    with pytest.raises(InvalidOptions, match="name of its own"):
        Report(title="t", arms=[Arm(name="a"), Arm(name="a")])
