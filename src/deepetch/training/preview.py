"""See what a training step sees: augmented pictures with their truth, on one sheet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from deepetch.datasets.example import Example
from deepetch.datasets.overlay import tinted
from deepetch.datasets.pack import open_pack
from deepetch.datasets.packing import write_pack
from deepetch.inference.normalize import MEAN, STD
from deepetch.options import MASK_RCNN, TrainOptions
from deepetch.photo.contact_sheet import contact_sheet
from deepetch.training.instance_preset import InstanceBatch
from deepetch.training.stream import make_batches

MOST_PACKED = 200  # pictures decoded for a preview; more would show no more


def preview(examples: Sequence[Example], options: TrainOptions, *, columns: int = 6) -> NDArray[np.uint8]:
    """A contact sheet (h, w, 3) uint8 of one batch as a run with these options sees it, its subjects tinted.

    It is the first batch of the run on these pictures (of more than 200, on 200 spread over them).
    Raises  DatasetError, TrainingError as training does.
    """
    chosen = [
        examples[index] for index in np.linspace(0, len(examples) - 1, min(len(examples), MOST_PACKED)).astype(int)
    ]
    with TemporaryDirectory() as folder:
        pack = Path(folder) / "preview.pack"
        write_pack(chosen, pack, size=max(options.size, 320), instances=options.network in MASK_RCNN)
        batch = make_batches(open_pack(pack), options).draw(0)
    images = batch.images.permute(0, 2, 3, 1).numpy() * np.array(STD, np.float32) + np.array(MEAN, np.float32)
    if isinstance(batch, InstanceBatch):
        alphas = np.stack([target.masks.sum(0).clamp(max=1).float().numpy() for target in batch.targets])
    else:
        alphas = batch.alphas[:, 0].numpy()
    shown = [tinted(image.clip(0, 1), alpha) for image, alpha in zip(images, alphas, strict=True)]
    return contact_sheet(shown, columns=columns, tile=options.size)
