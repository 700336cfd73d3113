"""A run as a folder: begin it, go on with it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from deepetch.datasets.index import read_index
from deepetch.datasets.pack import open_pack, write_pack
from deepetch.errors import TrainingError
from deepetch.inference.registry import WEIGHTS
from deepetch.options import TrainOptions
from deepetch.training.export import read_weights
from deepetch.training.fit import CHECKPOINT, fit

OPTIONS = "options.json"
DEFAULT_WEIGHTS = WEIGHTS / "default.safetensors"


def start_run(
    data: Path, run: Path, options: TrainOptions, *, init_from: str | None = None, report: Callable[[str], None]
) -> None:
    """Train on a data set, or on a pack of one, into a new folder.

    init_from  a safetensors file, or "default" for the weights in the package.
    Raises     TrainingError when `run` holds a run already or the weights do not fit; DatasetError.
    """
    if (run / OPTIONS).exists():
        raise TrainingError(
            f"{run}: a run lies here. Go on with `deepetch train --resume {run}`, or choose another folder."
        )
    initial = None
    if init_from is not None:
        initial = read_weights(DEFAULT_WEIGHTS if init_from == "default" else Path(init_from)).state_dict()
    pack = data
    if data.is_dir():
        examples = [example for example in read_index(data) if example.split != "test"]
        pack = run / "data.pack"
        run.mkdir(parents=True, exist_ok=True)
        write_pack(examples, pack, overwrite=True)
    open_pack(pack)  # say now what is wrong with it
    run.mkdir(parents=True, exist_ok=True)
    _write_options(run, pack, options)
    fit(pack, run, options, initial=initial, report=report)


def open_run(run: Path, changes: dict[str, Any], *, report: Callable[[str], None]) -> None:
    """Go on with a run from its last checkpoint.

    changes  options that may change under way, such as `steps` or `minutes`.
    Raises   TrainingError when the folder holds no run, or the options cannot be read.
    """
    try:
        stored = json.loads((run / OPTIONS).read_text())
        pack = Path(stored.pop("pack"))
        options = TrainOptions(**stored)
    except OSError as error:
        raise TrainingError(f"{run}: no run lies here; begin one with `deepetch train DATA -o {run}`.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise TrainingError(f"{run / OPTIONS}: cannot be read as the options of a run.") from error
    if not (run / CHECKPOINT).exists():
        report(f"{run}: no checkpoint yet; the run begins anew.")
    options = dataclasses.replace(options, **({"minutes": None} | changes))
    _write_options(run, pack, options)
    fit(pack, run, options, report=report)


def _write_options(run: Path, pack: Path, options: TrainOptions) -> None:
    stored = {"pack": str(pack.resolve())} | dataclasses.asdict(options)
    (run / OPTIONS).write_text(json.dumps(stored, indent=1) + "\n")
