"""The arms of the study: what each changes of `classic.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from deepetch.options import TrainOptions

COARSE = 2.5  # corners per 100 px of contour: a click every 40 px, as hurried outlines of COCO have them


@dataclass(frozen=True)
class Arm:
    """One way to train, repeated with some seeds.

    changes  of the plan's options.
    density  of the corners that its masks are coarsened to; None: as they are.
    """

    name: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    seeds: tuple[int, ...] = (42,)
    density: float | None = None

    def options(self, plan: TrainOptions, seed: int) -> TrainOptions:
        return replace(plan, **{**self.changes, "seed": seed})


AUGMENTED = {"augmentation": "classic", "epochs": 200, "patience": None}

# As the study ran it, on a GPU; then the resolutions and the coarse masks.
FULL = (
    Arm("plain"),
    Arm("augmented", AUGMENTED),
    Arm("augmented-128", {**AUGMENTED, "size": 128}),
    Arm("augmented-384", {**AUGMENTED, "size": 384}),
    Arm("augmented-coarse", AUGMENTED, density=COARSE),
)

# For two CPU cores: a quarter of the width, a quarter of the pixels, fewer epochs.
SMALL = {"channels": (16, 32, 64, 128, 256), "size": 128, "epochs": 30, "learning_rate": 3e-4, "patience": None}
REDUCED = (
    Arm("plain", SMALL, seeds=(42, 43, 44)),
    Arm("augmented", {**SMALL, "augmentation": "classic"}, seeds=(42, 43, 44)),
)
