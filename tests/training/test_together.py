"""Several processes that train together, over gloo, as several GPUs do."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import torch

from deepetch.options import TrainOptions
from deepetch.training.checkpoint import LAST
from deepetch.training.fit import fit
from deepetch.training.metrics import METRICS, read_metrics
from deepetch.training.networks.build import build_network

OPTIONS = TrainOptions(
    channels=(8, 8, 8, 8, 8), size=64, batch=2, steps=3, workers=0, precision="32-true", augmentation="none"
)
CALL = ["--channels", "8,8,8,8,8", "--size", "64", "--batch", "2", "--steps", "3", "--workers", "0"]
CALL += ["--precision", "32-true", "--augmentation", "none", "--no-report"]


def updates(run):
    """How far a run has moved the convolutions that Muon moves, as one vector."""
    torch.manual_seed(OPTIONS.seed)
    begun = build_network("compact", channels=OPTIONS.channels).state_dict()
    state = torch.load(run / LAST, weights_only=True)["current_model_state"]
    moved = [
        (state[f"network.{name}"] - value).flatten()
        for name, value in begun.items()
        if value.ndim == 4 and min(value.shape[:2]) >= 5
    ]
    return torch.cat(moved)


def test_two_processes_learn_what_one_learns_from_both_their_batches(tmp_path, pack, pack_file):
    two, one, half = (tmp_path / name for name in ("two", "one", "half"))
    done = subprocess.run(
        [sys.executable, "-m", "deepetch", "train", pack_file, "-o", two, *CALL, "--devices", "2"],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert [json.loads(line)["step"] for line in done.stdout.splitlines() if line.startswith("{")] == [3]  # said once
    fit(pack, one, replace(OPTIONS, accumulate=2))
    fit(pack, half, OPTIONS)
    expected, found, other = updates(one), updates(two), updates(half)
    # the same two gradients averaged in another order; Muon's iterations in bfloat16 enlarge the last digits
    assert (found - expected).norm() < 0.1 * expected.norm()
    assert (other - expected).norm() > 0.3 * expected.norm()  # one of the two batches alone teaches something else
    assert float(read_metrics(two / METRICS)[-1]["epoch"]) == float(read_metrics(one / METRICS)[-1]["epoch"])
