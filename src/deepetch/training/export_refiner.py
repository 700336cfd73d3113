"""A border refiner to an ONNX file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from torch import Tensor, nn

from deepetch.inference.refiner import SQUARES
from deepetch.photo.atomic import atomic_output
from deepetch.training.export import describe, half_stored, traced
from deepetch.training.networks.refiner import BorderRefiner


class ExportedRefiner(nn.Module):
    """The refiner as inference sees it: squares in, their alphas out."""

    def __init__(self, network: BorderRefiner) -> None:
        super().__init__()
        self.network = network

    def forward(self, squares: Tensor) -> Tensor:
        return torch.sigmoid(self.network(squares).logits)


def write_refiner(network: BorderRefiner, path: Path, *, metadata: dict[str, Any], overwrite: bool = False) -> None:
    """Export with dynamic batch and sides (multiples of 16), float32; weights stored as float16.

    `squares` (n, 4, h, w), normalised pictures and coarse alphas in [-1, 1] -> `alpha` (n, 1, h, w) in [0, 1].
    """
    with atomic_output(path, overwrite=overwrite) as temporary:
        model = half_stored(
            traced(ExportedRefiner(network), torch.zeros(2, 4, 64, 80), SQUARES, ["alpha"], multiple=16)
        )
        describe(model, metadata)
        onnx.save(model, temporary)


def refiner_difference(network: BorderRefiner, path: Path) -> tuple[float, float]:
    """Largest and mean |alpha of ONNX Runtime - alpha of torch| over squares of noise."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    squares = torch.from_numpy(np.random.default_rng(0).normal(size=(16, 4, 64, 64)).astype(np.float32))
    squares[:, 3].clamp_(-1, 1)
    with torch.no_grad():
        ours = torch.sigmoid(network.eval()(squares).logits).numpy()
    gap = np.abs(session.run(["alpha"], {SQUARES: squares.numpy()})[0] - ours)
    return float(gap.max()), float(gap.mean())
