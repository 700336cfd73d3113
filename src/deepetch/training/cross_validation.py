"""Train each of some configurations on every fold, and find the one that does best on pictures it did not see."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import mean
from typing import Any

from deepetch.datasets.pack import open_pack
from deepetch.errors import OutputFailed, TrainingError
from deepetch.options import TrainOptions, options_from
from deepetch.photo.atomic import atomic_output
from deepetch.training.checkpoint import BEST, read_checkpoint
from deepetch.training.fit import fit
from deepetch.training.folds import fold_packs
from deepetch.training.journal import Progress, unseen
from deepetch.training.networks.build import Network
from deepetch.training.stored_options import write_options
from deepetch.training.validate import SMALLER_IS_BETTER
from deepetch.training.weights import read_weights

CROSS_VALIDATION = "cross_validation.json"
BEGIN = "begin.safetensors"


def cross_validate(
    pack: Path,
    run: Path,
    configurations: Mapping[str, TrainOptions],
    k: int,
    *,
    progress: Progress = unseen,
    report: Callable[[str], None] = lambda line: None,
) -> bool:
    """Train into `run`/NAME/fold-1 ... fold-k for each configuration; goes on where that was stopped.

    Every fold begins with the weights of `begin.safetensors` where that lies in `run`, else with random ones.
    At the end `cross_validation.json` holds each fold's best score and the name of the best configuration.
    Returns  whether all is done: False when only the minutes of a fold are over.
    Raises   InvalidOptions for folds that the pack cannot be divided into; what `fit` raises.
    """
    packs = fold_packs(open_pack(pack), k)
    stored: dict[str, Any] = {
        "pack": str(pack.resolve()),
        "folds": k,
        "configurations": {name: dataclasses.asdict(options) for name, options in configurations.items()},
    }
    _write(run, stored)
    for name, options in configurations.items():
        for number, data in enumerate(packs, 1):
            report(f"{name}, fold {number} of {k}")
            folder, network = fold_folder(run, name, number), begin_weights(run)
            folder.mkdir(parents=True, exist_ok=True)
            write_options(folder, pack, options)
            if not fit(data, folder, options, network=network, progress=progress, report=report):
                return False
    scores = {
        name: [best_score(fold_folder(run, name, number), options.monitor) for number in range(1, k + 1)]
        for name, options in configurations.items()
    }
    first = next(iter(configurations.values()))
    choose = min if first.monitor in SMALLER_IS_BETTER else max
    best = choose(scores, key=lambda name: mean(scores[name]))
    _write(run, stored | {"monitor": first.monitor, "scores": scores, "best": best})
    for name, found in scores.items():
        said = ", ".join(f"{score:.4f}" for score in found)
        report(f"{name}: {first.monitor} {mean(found):.4f} on average ({said}){' <- best' if name == best else ''}")
    return True


def read_cross_validation(run: Path) -> dict[str, Any] | None:
    """What `cross_validate` has stored in a folder; None when there is nothing.

    Raises  TrainingError when it cannot be read.
    """
    path = run / CROSS_VALIDATION
    try:
        stored: dict[str, Any] = json.loads(path.read_text())
        return stored | {
            "pack": Path(stored["pack"]),
            "folds": int(stored["folds"]),
            "configurations": {name: options_from(values) for name, values in stored["configurations"].items()},
        }
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise TrainingError(f"{path}: cannot be read as a cross-validation.") from error


def begin_weights(run: Path) -> Network | None:
    """The network that a run begins with, if it was not to be one with random weights."""
    return read_weights(run / BEGIN) if (run / BEGIN).exists() else None


def fold_folder(run: Path, name: str, number: int) -> Path:
    """Where a configuration's fold is trained; folds count from 1."""
    return run / name / f"fold-{number}"


def best_score(run: Path, monitor: str) -> float:
    """The score of a run's best validation. Raises TrainingError without one."""
    try:
        return float(read_checkpoint(run / BEST)[monitor])
    except KeyError as error:
        raise TrainingError(f"{run / BEST}: was not judged by {monitor}.") from error


def _write(run: Path, stored: Mapping[str, Any]) -> None:
    try:
        run.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputFailed(f"{run}: the folder cannot be made ({error.strerror}). Choose another with -o.") from error
    with atomic_output(run / CROSS_VALIDATION, overwrite=True) as temporary:
        temporary.write_text(json.dumps(stored, indent=1) + "\n")
