"""A run as a folder: begin it, go on with it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from deepetch.datasets.pack import open_pack
from deepetch.errors import InvalidOptions, OutputFailed, TrainingError
from deepetch.inference.normalize import MEAN, STD
from deepetch.inference.registry import WEIGHTS
from deepetch.options import DataOptions, TrainOptions
from deepetch.photo.atomic import atomic_output
from deepetch.training.batches import TrainingStream
from deepetch.training.export import KERAS_SUFFIXES, read_weights
from deepetch.training.fit import CHECKPOINT, fit
from deepetch.training.networks.build import Network

OPTIONS = "options.json"
DEFAULT_WEIGHTS = WEIGHTS / "default.safetensors"


def start_run(
    data: Path,
    run: Path,
    options: TrainOptions,
    *,
    chosen: DataOptions = DataOptions(),
    init_from: str | None = None,
    report: Callable[[str], None],
) -> None:
    """Train on a data set, or on a pack of one, into a new folder.

    chosen     which classes and data sets of it; a pack knows none.
    init_from  a safetensors file, the classic network saved by Keras, or "default" for the weights in the package; the
               run gets their network and its widths.
    Raises     TrainingError when `run` holds a run already or the weights do not fit; DatasetError; OutputFailed.
    """
    if (run / OPTIONS).exists():
        raise TrainingError(
            f"{run}: a run lies here. Go on with `deepetch train --resume {run}`, or choose another folder."
        )
    initial = None
    if init_from is not None:
        network = _initial_network(DEFAULT_WEIGHTS if init_from == "default" else Path(init_from))
        initial = network.state_dict()
        options = dataclasses.replace(options, network=network.name, channels=network.options.channels)
    pack = data
    if data.is_dir() or data.suffix.lower() == ".json":
        from deepetch.datasets.packing import write_pack  # decoding pictures is no part of training
        from deepetch.datasets.read import read_dataset

        examples = [example for example in read_dataset(data, chosen) if example.split != "test"]
        _make_folder(run)
        pack = run / "data.pack"
        write_pack(examples, pack, overwrite=True)
    elif chosen.categories is not None or chosen.datasets is not None:
        raise InvalidOptions(f"{data}: a pack holds masks only; choose --categories and --datasets when you make it.")
    TrainingStream(open_pack(pack), size=options.size, batch=options.batch, seed=options.seed)  # say now what is wrong
    _make_folder(run)
    _write_options(run, pack, options)
    fit(pack, run, options, initial=initial, report=report)


def _initial_network(path: Path) -> Network:
    if path.suffix.lower() not in KERAS_SUFFIXES:
        return read_weights(path)
    from deepetch.training.keras_weights import fold_normalisation, read_keras_weights

    network = read_keras_weights(path)
    fold_normalisation(network, MEAN, STD)
    return network


def open_run(run: Path, changes: dict[str, Any], *, report: Callable[[str], None]) -> None:
    """Go on with a run from its last checkpoint.

    changes  options that may change under way, such as `steps` or `minutes`.
    Raises   TrainingError when the folder holds no run, or the options cannot be read.
    """
    try:
        stored = json.loads((run / OPTIONS).read_text())
        pack = Path(stored.pop("pack"))
        options = TrainOptions(**stored | {"channels": tuple(stored.get("channels", TrainOptions.channels))})
    except OSError as error:
        raise TrainingError(f"{run}: no run lies here; begin one with `deepetch train DATA -o {run}`.") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise TrainingError(f"{run / OPTIONS}: cannot be read as the options of a run.") from error
    if not (run / CHECKPOINT).exists():
        report(f"{run}: no checkpoint yet; the run begins anew.")
    options = dataclasses.replace(options, **({"minutes": None} | changes))
    _write_options(run, pack, options)
    fit(pack, run, options, report=report)


def _write_options(run: Path, pack: Path, options: TrainOptions) -> None:
    stored = {"pack": str(pack.resolve())} | dataclasses.asdict(options)
    with atomic_output(run / OPTIONS, overwrite=True) as temporary:
        temporary.write_text(json.dumps(stored, indent=1) + "\n")


def _make_folder(run: Path) -> None:
    try:
        run.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputFailed(f"{run}: the folder cannot be made ({error.strerror}). Choose another with -o.") from error
