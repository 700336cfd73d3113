"""What a run leaves to go on from: `last.ckpt`, whole, and `best.ckpt`, the averaged weights of its best validation."""

from __future__ import annotations

from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from lightning.pytorch.plugins.io import TorchCheckpointIO

from deepetch.errors import TrainingError
from deepetch.photo.atomic import atomic_output

LAST, BEST = "last.ckpt", "best.ckpt"


class AtomicCheckpoints(TorchCheckpointIO):
    """Write beside the old checkpoint, then rename: a run killed while writing loses nothing."""

    def save_checkpoint(self, checkpoint: dict[str, Any], path: Any, storage_options: Any = None) -> None:
        save_atomically(checkpoint, Path(path))


def save_atomically(checkpoint: dict[str, Any], path: Path) -> None:
    """Write a checkpoint whole or not at all. Raises OutputFailed, with the reason, when the disk is full."""
    # through a file of our own: torch's names no reason when the disk is full
    with atomic_output(path, overwrite=True) as temporary, temporary.open("wb") as file:
        torch.save(checkpoint, file)


def read_checkpoint(path: Path) -> dict[str, Any]:
    """Map a checkpoint of `fit`.

    Raises  TrainingError when there is none, or it is damaged.
    """
    try:
        checkpoint: dict[str, Any] = torch.load(path, weights_only=True, map_location="cpu", mmap=True)
        int(checkpoint["global_step"]), checkpoint["state_dict"].items()
    except OSError as error:
        raise TrainingError(f"{path.parent}: no run of `deepetch train` lies here ({path.name} is missing).") from error
    except (RuntimeError, UnpicklingError, EOFError, LookupError, TypeError, ValueError, AttributeError) as error:
        raise TrainingError(f"{path}: no checkpoint of `deepetch train`, or a damaged one.") from error
    return checkpoint
