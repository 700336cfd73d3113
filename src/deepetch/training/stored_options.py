"""`options.json`: with what a run began."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

from deepetch.errors import TrainingError
from deepetch.options import TrainOptions, options_from
from deepetch.photo.atomic import atomic_output

OPTIONS = "options.json"


def write_options(run: Path, pack: Path, options: TrainOptions) -> None:
    """Store a run's pack and options in its folder, which exists."""
    stored = {"pack": str(pack.resolve())} | dataclasses.asdict(options)
    with atomic_output(run / OPTIONS, overwrite=True) as temporary:
        temporary.write_text(json.dumps(stored, indent=1) + "\n")


def read_options(run: Path) -> tuple[Path, TrainOptions]:
    """The pack and the options of a run.

    Raises  TrainingError when the folder holds no run, or its options cannot be read.
    """
    try:
        stored = json.loads((run / OPTIONS).read_text())
        pack = Path(stored.pop("pack"))
        return pack, options_from(stored)
    except OSError as error:
        raise TrainingError(f"{run}: no run lies here; begin one with `deepetch train DATA -o {run}`.") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise TrainingError(f"{run / OPTIONS}: cannot be read as the options of a run.") from error
