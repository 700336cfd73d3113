"""The pictures of a pack where training wants them: mapped from the file, or on a GPU."""

from __future__ import annotations

from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor

from deepetch.datasets.pack import Pack

CPU = torch.device("cpu")


class Squares:
    """Pictures, alphas and content as tensors, uint8 and float32, on one device.

    On a CPU they stay in the file, and the system reads what is asked for; on a GPU they are copied there once.
    """

    def __init__(self, pack: Pack, device: torch.device | None = None) -> None:
        self.device = device or CPU
        self.images, self.alphas, self.content = (
            torch.from_numpy(array).to(self.device) for array in (pack.images, pack.alphas, pack.content)
        )

    def read(self, rows: NDArray[Any]) -> tuple[Tensor, Tensor, Tensor]:
        """Images (n, 3, s, s), alphas (n, 1, s, s), both float32 in [0, 1], and content (n, 4) of the given rows."""
        index = torch.from_numpy(rows).to(self.device)
        images = self.images[index].permute(0, 3, 1, 2).float() / 255
        return images, self.alphas[index][:, None].float() / 255, self.content[index]


def fits(pack: Pack, device: torch.device) -> bool:
    """Whether a pack takes less than half of what is free on a GPU; False for a CPU."""
    if device.type != "cuda":
        return False
    free, _ = torch.cuda.mem_get_info(device)
    return bool(pack.images.nbytes + pack.alphas.nbytes < free / 2)
