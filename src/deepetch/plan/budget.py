"""What a run costs in memory and time, and what a machine has for it.

The numbers were measured with this code on two cores of a Zen 4, in bf16.
"""

from __future__ import annotations

from typing import Literal

from deepetch.datasets.fingerprint import Fingerprint
from deepetch.plan.machine import GIB, Machine

Network = Literal["compact", "unet"]

# GiB that a run takes at all, and bytes for each pixel of a batch, with what is kept for the way back. 32 pictures of
# 256 px took 5 GB in the compact network, with the process that prepares them; one took 0.45 GB in the classic one
MEMORY: dict[Network, tuple[float, float]] = {"compact": (0.9, 1_900.0), "unet": (1.5, 6_900.0)}
RAM_SHARE, GPU_SHARE = 0.5, 0.85  # that a run may take: RAM also holds the pictures' file, and other programs
PIXELS_A_SECOND = 416_000.0  # of training squares, through the compact network and back, on each core
SHOWN = 130_000  # pictures that the default model was shown, not always different ones
EPOCHS = (10, 200)  # fewest, most


def run_memory(network: Network, size: int, batch: int) -> float:
    """GiB that training takes: a part that is always there, and one that grows with the pixels of a batch.

    Measured in RAM; on a GPU it is less, as batches are prepared elsewhere.
    """
    fixed, per_pixel = MEMORY[network]
    return fixed + batch * size**2 * per_pixel / GIB


def memory_for_run(machine: Machine) -> float:
    """GiB that a run may take: of the GPU's, when there is one."""
    return GPU_SHARE * machine.gpu_memory if machine.gpu_memory else RAM_SHARE * machine.memory


def epochs_for(fingerprint: Fingerprint) -> int:
    """So many that SHOWN pictures are shown in all, within EPOCHS: more pictures never get more epochs.

    At the most epochs, 40 pictures make 8,000: so many, a good third of them of 150 cartons and clothes, took a network
    that knew people from an IoU of 0.39 to 0.84 on cartons in a shop.
    """
    fewest, most = EPOCHS
    return min(most, max(fewest, round(SHOWN / fingerprint.training)))


def hours(fingerprint: Fingerprint, machine: Machine, size: int) -> float:
    """That one run of the compact network takes on the cores."""
    return epochs_for(fingerprint) * fingerprint.training * size**2 / PIXELS_A_SECOND / machine.cores / 3600
