"""How to train on a set, from its fingerprint and the machine: a rule for each choice, with its reason.

The idea is nnU-Net's (Isensee et al. 2021): what a set needs follows from what it is, and from the memory at hand.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

from deepetch.datasets.fingerprint import Fingerprint
from deepetch.errors import InvalidOptions
from deepetch.options import TrainOptions
from deepetch.plan.budget import EPOCHS, GPU_SHARE, SHOWN, Network, epochs_for, hours, memory_for_run, run_memory
from deepetch.plan.machine import Machine
from deepetch.plan.size import LEAST_PX, choose_size

USUAL = TrainOptions()
DEFAULT_LEARNT_FROM = 4_777  # pictures with a subject, of the shipped weights
FEW = 1_000  # labelled pictures: of fewer, a tenth as `val` tells models apart by chance
FOLDS = 5
CORES_A_WORKER = 10  # cores that one process keeps busy: preparing a batch took an eleventh of the work of a step
MOST_WORKERS = 8
GREY_SHARE = 0.5
STUDIO_NOISE = 12.75  # levels of 8 bits, the strongest that the studio preset adds
FIVE_LEVELS = (64, 128, 256, 512, 1024)  # of the classic network
WIDEST = 512  # channels of a level where it has another number of levels, as in nnU-Net
MOST_CELLS = 16  # a side, on the classic network's deepest level at the size it is known for


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How to train, and what that follows from; `plan.file` writes and reads it.

    folds        of a cross-validation; 0: one run.
    init_from    "default", a file of weights, or "" for random ones.
    fingerprint, machine  None in a plan that a person wrote without them.
    reasons      of the choices, by their names: the comments of a file, which are not read back.
    Raises       InvalidOptions for folds or weights that no run can have.
    """

    train: TrainOptions = field(default_factory=TrainOptions)
    folds: int = 0
    init_from: str = ""
    fingerprint: Fingerprint | None = None
    machine: Machine | None = None
    reasons: dict[str, str] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        if self.folds < 0 or self.folds == 1:
            raise InvalidOptions(f"folds: expected 0 for one run, or 2 and more; got {self.folds}.")
        if self.init_from == "default" and (self.train.network != "compact" or self.train.channels):
            raise InvalidOptions(
                'init_from: "default" are weights of the compact network as it is. Choose network = "compact" '
                'and channels = [], or init_from = "".'
            )


def make_plan(fingerprint: Fingerprint, machine: Machine) -> Plan:
    """Choose how to train; the same facts always give the same plan."""
    epochs, why_epochs = choose_epochs(fingerprint)
    size, why_size = choose_size(fingerprint, machine)
    network, why_network = choose_network(fingerprint, machine, size)
    channels, why_channels = choose_channels(network, size)
    normalisation, why_normalisation = choose_normalisation(network)
    batch, accumulate, why_batch = choose_batch(fingerprint, machine, network, size)
    init_from, why_init = choose_init(fingerprint)
    learning_rate, why_rate = choose_learning_rate(network, init_from, batch * accumulate)
    warmup_steps, why_warmup = choose_warmup(fingerprint, epochs, batch * accumulate)
    augmentation, why_augmentation = choose_augmentation(fingerprint, size)
    workers, why_workers = choose_workers(machine)
    folds, why_folds = choose_folds(fingerprint)
    if not machine.gpu_memory:
        why_epochs += f"; about {hours(fingerprint, machine, size):.1f} h a run on {machine.cores} cores"
    return Plan(
        train=TrainOptions(
            network=network,
            channels=channels,
            normalisation=normalisation,
            augmentation=augmentation,
            size=size,
            batch=batch,
            accumulate=accumulate,
            epochs=epochs,
            learning_rate=learning_rate,
            warmup_steps=warmup_steps,
            workers=workers,
        ),
        folds=folds,
        init_from=init_from,
        fingerprint=fingerprint,
        machine=machine,
        reasons={
            "folds": why_folds,
            "init_from": why_init,
            "network": why_network,
            "channels": why_channels,
            "normalisation": why_normalisation,
            "augmentation": why_augmentation,
            "size": why_size,
            "batch": why_batch,
            "accumulate": f"{batch} x {accumulate} = {batch * accumulate} pictures a step",
            "epochs": why_epochs,
            "learning_rate": why_rate,
            "warmup_steps": why_warmup,
            "workers": why_workers,
        },
    )


def choose_epochs(fingerprint: Fingerprint) -> tuple[int, str]:
    """See `budget.epochs_for`."""
    epochs, (fewest, most) = epochs_for(fingerprint), EPOCHS
    shown = epochs * fingerprint.training
    return epochs, (
        f"{fingerprint.training:,} pictures x {epochs} = {shown:,} shown; default: {SHOWN:,}; {fewest} to {most}"
    )


def choose_network(fingerprint: Fingerprint, machine: Machine, size: int) -> tuple[Network, str]:
    """The compact network, unless three things speak for the classic one together. A judgement, not measured.

    Thin structures have fewer than LEAST_PX at the size that is possible, so that features at full size are worth
    having; there are so many pictures that the shipped weights, which are the compact one's, give no start; and a GPU
    holds a whole batch of it, for on two cores it sees a picture a second, the compact one 18.
    """
    left = size * fingerprint.thickness.low
    if left >= LEAST_PX:
        return "compact", f"thin structures have {left:.1f} px at {size}; it resolves {LEAST_PX:.0f}"
    thin = f"thin structures have only {left:.1f} px at {size}"
    if fingerprint.training < DEFAULT_LEARNT_FROM:
        return "compact", f"{thin}, but its shipped weights are worth more than {fingerprint.training:,} pictures"
    needed, there = run_memory("unet", size, USUAL.batch), GPU_SHARE * machine.gpu_memory
    if needed > there:
        return "compact", f"{thin}, but unet needs a GPU with {needed:.1f} GiB for a run; {there:.1f} are there"
    return "unet", f"{thin}: features at full size, in {needed:.1f} of {there:.1f} GiB"


def choose_channels(network: Network, size: int) -> tuple[tuple[int, ...], str]:
    """Depth and widths: the classic network halves the size until MOST_CELLS or fewer are left.

    At its usual number of levels it has its own widths, else no level more than WIDEST. The compact network has five
    levels, from 1/2 to 1/32 of the size, and no others.
    """
    if network == "compact":
        return (), f"its own five levels, the deepest with {size // 32} x {size // 32} cells"
    levels = 1 + max(1, math.ceil(math.log2(size / MOST_CELLS)))
    cells = size // 2 ** (levels - 1)
    why = f"{levels} levels, the deepest with {cells} x {cells} cells"
    if levels == len(FIVE_LEVELS):
        return (), f"its own {why}"
    return tuple(min(FIVE_LEVELS[0] * 2**level, WIDEST) for level in range(levels)), why


def choose_normalisation(network: Network) -> tuple[Literal["none", "group"], str]:
    """By groups in the classic network, which asks for no large batch (Wu and He 2018); without any, it can die."""
    if network == "compact":
        return "none", "an option of unet; the compact network has its own"
    return "group", "without any unet can die; groups do well in small batches too"


def choose_batch(fingerprint: Fingerprint, machine: Machine, network: Network, size: int) -> tuple[int, int, str]:
    """A power of two, of which an epoch has four or more; memory may divide it into batches that make one step.

    Returns  batch, batches a step, and why; more memory never gives a smaller batch.
    """
    wanted = _power_of_two(min(USUAL.batch, max(2, fingerprint.training // 4)))
    batch = wanted
    while batch > 1 and run_memory(network, size, batch) > memory_for_run(machine):
        batch //= 2
    whose = f"{machine.gpu_memory:g} of the GPU" if machine.gpu_memory else f"{machine.memory:g}"
    aim = "the usual" if wanted == USUAL.batch else f"a quarter of {fingerprint.training} pictures, at least 2"
    needed, there = run_memory(network, size, batch), memory_for_run(machine)
    return (
        batch,
        wanted // batch,
        f"aim {wanted}, {aim}; takes {needed:.1f} GiB, and {there:.1f} of {whose} are for a run",
    )


def choose_init(fingerprint: Fingerprint) -> tuple[str, str]:
    """The shipped weights for a set smaller than the one that they were learnt from."""
    if fingerprint.training < DEFAULT_LEARNT_FROM:
        return (
            "default",
            f"{fingerprint.training:,} pictures; the shipped weights were learnt from {DEFAULT_LEARNT_FROM:,}",
        )
    return (
        "",
        f"random: no fewer pictures, {fingerprint.training:,}, than the {DEFAULT_LEARNT_FROM:,} of the shipped weights",
    )


def choose_learning_rate(network: Network, init_from: str, pictures: int) -> tuple[float, str]:
    """The usual one for random weights of the compact network; a third of it to go on from weights that are good.

    A third also for the classic network, for which none was searched. A step of fewer pictures has a noisier gradient:
    the rate goes with the root of their number (Malladi et al. 2022).
    """
    why, rate = f"{USUAL.learning_rate:g}", USUAL.learning_rate
    if init_from or network == "unet":
        why, rate = f"{why} / 3, as the weights are good" if init_from else f"{why} / 3, as none was searched", rate / 3
    if pictures != USUAL.batch:
        why, rate = (
            f"{why}, x root of {pictures} / {USUAL.batch} pictures a step",
            rate * math.sqrt(pictures / USUAL.batch),
        )
    return float(f"{rate:.2g}"), why


def choose_warmup(fingerprint: Fingerprint, epochs: int, pictures: int) -> tuple[int, str]:
    """The usual number of steps, but no more than a tenth of the run."""
    steps = epochs * math.ceil(fingerprint.training / pictures)
    return min(USUAL.warmup_steps, max(1, steps // 10)), f"a tenth of {steps:,} steps, at most {USUAL.warmup_steps}"


def choose_augmentation(fingerprint: Fingerprint, size: int) -> tuple[Literal["studio", "classic"], str]:
    """The studio preset, which puts subjects before new backgrounds, unless that alone would give them away.

    A grey subject before colours, or one with grain before a clean backdrop, is told by that, and a network learns it
    instead of the subject. Averaging over areas shrinks noise as it shrinks a picture.
    """
    if fingerprint.grey >= GREY_SHARE:
        return "classic", f"{fingerprint.grey:.0%} of the pictures are grey, new backgrounds are not"
    noise = fingerprint.noise.median * min(1.0, size / fingerprint.longer.median)
    if noise > STUDIO_NOISE:
        return "classic", f"noise of {noise:.1f} levels at {size} px gives a subject away before a clean background"
    colour = 1 - fingerprint.grey
    return (
        "studio",
        f"{colour:.0%} in colour; noise of {noise:.1f} levels at {size} px, less than the {STUDIO_NOISE} it adds",
    )


def choose_workers(machine: Machine) -> tuple[int, str]:
    """Processes that prepare batches: all cores but one beside a GPU, else as few as keep the cores busy."""
    if machine.gpu_memory:
        return min(MOST_WORKERS, max(1, machine.cores - 1)), f"{machine.cores} cores less one, at most {MOST_WORKERS}"
    workers = min(MOST_WORKERS, math.ceil(machine.cores / CORES_A_WORKER))
    return workers, f"{machine.cores} cores train, and one worker keeps {CORES_A_WORKER} busy"


def choose_folds(fingerprint: Fingerprint) -> tuple[int, str]:
    """Cross-validation for a set whose own `val` is too small to judge by; each fold is a run."""
    if fingerprint.labelled >= FEW:
        return 0, f"one run: {fingerprint.labelled:,} labelled pictures, not fewer than {FEW:,}"
    if fingerprint.units < 2:
        return 0, "one run: a single group cannot be divided"
    folds = min(FOLDS, fingerprint.units)
    return folds, f"as many runs: {fingerprint.labelled:,} labelled pictures, fewer than {FEW:,}; 0 is one run"


def _power_of_two(number: int) -> int:
    """The largest that is not larger."""
    return 1 << (number.bit_length() - 1)
