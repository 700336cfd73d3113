"""Several processes that train together, over gloo, as several GPUs do."""

from __future__ import annotations

import json
import subprocess
import sys

import torch

from deepetch.training.checkpoint import LAST
from deepetch.training.metrics import METRICS, read_metrics

OPTIONS = ["--channels", "8,8,8,8,8", "--size", "64", "--batch", "2", "--steps", "3", "--workers", "0"]
OPTIONS += ["--precision", "32-true", "--augmentation", "none"]


def deepetch(*arguments):
    done = subprocess.run(
        [sys.executable, "-m", "deepetch", *map(str, arguments)],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def parameters(run):
    checkpoint = torch.load(run / LAST, weights_only=True)
    state = checkpoint["current_model_state"]
    return {name: value for name, value in state.items() if "running" not in name and "num_batches" not in name}


def test_two_processes_learn_what_one_learns_from_both_their_batches(tmp_path, pack_file):
    two, one = tmp_path / "two", tmp_path / "one"
    said = deepetch("train", pack_file, "-o", two, *OPTIONS, "--devices", 2)
    assert [json.loads(line)["step"] for line in said.splitlines() if line.startswith("{")] == [3]  # not once a process
    deepetch("train", pack_file, "-o", one, *OPTIONS, "--accumulate", 2)
    expected, found = parameters(one), parameters(two)
    for name, value in expected.items():
        # the same two gradients, averaged in another order; Muon's five iterations in bfloat16 enlarge the last digits
        assert torch.allclose(found[name], value, rtol=1e-2, atol=1e-4), name
    assert float(read_metrics(two / METRICS)[-1]["epoch"]) == float(read_metrics(one / METRICS)[-1]["epoch"])
