"""Contestants and pictures without any network: what a comparison takes is a name, a size and a prediction."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from deepetch.assess import Labelled
from deepetch.evaluate import Prediction
from deepetch.photo.photo import Photo
from drawn_subjects import disc_mask, disc_photo


@dataclass
class Shifted:
    """Says the true disc, moved down by so many pixels; `seen` are the names it was asked for, by their order."""

    name: str
    by: int
    file_bytes: int = 1000
    bits: int = 8
    seen: list[int] = field(default_factory=list)

    def predict(self, photo, options):
        mask = np.roll(disc_mask(*photo.samples.shape[:2]), self.by, 0)
        self.seen.append(int(photo.samples.sum()))
        full, kind = (255, np.uint8) if self.bits == 8 else (65535, np.uint16)
        alpha = mask.astype(np.float32)
        return Prediction(levels=(mask * full).astype(kind), coarse=alpha, raw_confidence=0.9, confidence=0.8)


def pictures(count, *, height=48, width=64, kinds=("people", "packs")):
    """Discs, taking turns in their kind; each a little other in its noise."""
    return [
        Labelled(
            Photo(samples=disc_photo(height, width, seed=n), space="rgb", format="png"),
            disc_mask(height, width).astype(np.float32),
            f"p{n}",
            kinds[n % len(kinds)],
            "drawn",
        )
        for n in range(count)
    ]
