"""How large a training square must be to show what matters, and how large it can be."""

from __future__ import annotations

import math

from deepetch.datasets.fingerprint import Fingerprint
from deepetch.options import TrainOptions
from deepetch.plan.budget import MEMORY, hours, memory_for_run
from deepetch.plan.machine import GIB, Machine

STEP = 32  # sizes are multiples of it
LEAST_SIZE = 128  # four cells a side on the compact network's deepest level
USUAL_SIZE = TrainOptions().size
MOST_SIZE = 512  # from one place the compact network sees some 700 px, and in effect fewer (Luo et al. 2016)
LEAST_PX = 4.0  # of a thin structure: two cells of the compact network's finest level, which has half the size
OFF = 0.25  # pixels that an edge is off, on average, when it is rounded to whole ones
BORDER_COST = 0.015  # of IoU, that this may cost. Garments on white miss 0.007 at 320 px: OFF, nearly
LEAST_BATCH = 4  # pictures that must fit before more size is worth having
HOURS = 12.0  # a night


def choose_size(fingerprint: Fingerprint, machine: Machine) -> tuple[int, str]:
    """The least size that resolves thin structures and borders, no less than usual, as far as all limits allow it.

    Thinner structures never get a smaller size, nor does more memory or time.
    Returns  the size, and why.
    """
    thin, border = size_for_thickness(fingerprint), size_for_border(fingerprint)
    needs = {  # of equal ones the last gives the reason
        thin: f"a tenth of the pictures has structures of {fingerprint.thickness_px.low:.0f} px, "
        f"{fingerprint.thickness.low:.1%} of the longer side, or thinner: {thin} px keep {LEAST_PX:.0f} of them",
        border: f"a tenth of the pictures has a border ratio of {fingerprint.border_ratio.high:.1f} or more: at "
        f"{border} px an edge {OFF} px off costs them {BORDER_COST:.1%} of IoU",
        USUAL_SIZE: f"the usual; thin structures ask for {thin} px, borders for {border}",
    }
    limits = {
        size_of_pictures(fingerprint): f"half of the pictures are no longer than {fingerprint.longer.median:.0f} px",
        size_in_memory(machine): f"{memory_for_run(machine):.1f} GiB hold {LEAST_BATCH} pictures of no more",
        size_in_time(fingerprint, machine): f"more takes longer than {HOURS:.0f} h on {machine.cores} cores",
        MOST_SIZE: "five levels see no further",
    }
    needed, most = max(needs), min(limits)
    if needed <= most:
        return needed, needs[needed]
    return most, f"{needs[needed]}; but held to {most}: {limits[most]}"


def size_for_thickness(fingerprint: Fingerprint) -> int:
    """Where the tenth of pictures with the thinnest structures keeps LEAST_PX of them."""
    return _up(LEAST_PX / fingerprint.thickness.low)


def size_for_border(fingerprint: Fingerprint) -> int:
    """Where a border that is OFF everywhere costs BORDER_COST of IoU in the tenth of pictures with the most of it."""
    return _up(OFF * fingerprint.border_ratio.high / BORDER_COST)


def size_of_pictures(fingerprint: Fingerprint) -> int:
    """Enlarged pictures show nothing more."""
    return max(LEAST_SIZE, _up(fingerprint.longer.median))


def size_in_memory(machine: Machine) -> int:
    """The largest at which LEAST_BATCH pictures fit the compact network: size goes before batch, as in nnU-Net."""
    fixed, per_pixel = MEMORY["compact"]
    pixels = max(0.0, memory_for_run(machine) - fixed) * GIB / per_pixel
    return max(LEAST_SIZE, _down(math.sqrt(pixels / LEAST_BATCH)))


def size_in_time(fingerprint: Fingerprint, machine: Machine) -> int:
    """The largest at which a run takes no more than HOURS on the cores; a GPU, where none was measured, is no limit."""
    if machine.gpu_memory:
        return MOST_SIZE
    return max(LEAST_SIZE, _down(math.sqrt(HOURS / hours(fingerprint, machine, 1))))


def _up(size: float) -> int:
    return STEP * math.ceil(size / STEP)


def _down(size: float) -> int:
    return STEP * math.floor(size / STEP)
