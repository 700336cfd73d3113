"""Two models as one: instances propose, a segmenter draws (after Vuola et al. 2019).

A Mask R-CNN tells the things of a picture apart, and knows which parts are things at all, but draws each on 28 x 28
points; a U-Net draws finely, and takes whatever looks like a subject. Together: what the U-Net draws counts where
something was found, less where nothing was, and the instances' masks have a say in what both show.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from deepetch.arrays import Alpha, View
from deepetch.errors import InvalidOptions
from deepetch.inference.instance import Instance
from deepetch.inference.session import Model, Segmentation
from deepetch.inference.spec import ModelSpec
from deepetch.segment.instances import find_instances, union
from deepetch.segment.unet import segment_by_network

HALO = 0.02  # alpha up to here belongs to no part
COVERED = 0.2  # share of a part that must be found for the part to count as found


@dataclass(frozen=True, kw_only=True)
class EnsembleWeights:
    """mask    of the instances' masks in the alpha, from 0, the segmenter alone, to 1.
    beyond  what becomes of the alpha of a part that nothing was found in: 1 leaves it, 0 removes it.

    Raises  InvalidOptions for a weight that is no share.
    """

    mask: float = 0.2
    beyond: float = 0.5

    def __post_init__(self) -> None:
        for name in ("mask", "beyond"):
            if not 0 <= getattr(self, name) <= 1:
                raise InvalidOptions(f"{name}: expected 0 to 1; got {getattr(self, name)}.")


@dataclass(frozen=True, eq=False, kw_only=True)
class Ensemble:
    """drawer, proposer  a segmenter, and a model that tells things apart.
    spec              the segmenter's row under the ensemble's name, without its calibration: that was of it alone.

    Raises  InvalidOptions when the two have not these parts.
    """

    drawer: Model
    proposer: Model
    weights: EnsembleWeights = EnsembleWeights()
    name: str = "ensemble"

    def __post_init__(self) -> None:
        if self.drawer.spec.classes or not self.proposer.spec.classes:
            raise InvalidOptions(
                f"{self.name}: expected a segmenter, then a model that tells things apart; got "
                f"{self.drawer.spec.name} and {self.proposer.spec.name}."
            )

    @property
    def spec(self) -> ModelSpec:
        side = max(self.drawer.spec.input_size, self.proposer.spec.input_size)
        return replace(self.drawer.spec, name=self.name, input_size=side, calibration=())

    @property
    def classes(self) -> tuple[str, ...]:
        """Of the things that it tells apart."""
        return self.proposer.spec.classes

    def require_features(self) -> None:
        """Raise ModelMismatch unless the segmenter gives its deep features."""
        self.drawer.require_features()

    def segment(self, view: View, *, features: bool = False) -> Segmentation:
        """As `segment_by_network`, of both; alpha on the segmenter's grid."""
        drawn = segment_by_network(self.drawer, view, features=features)
        found = find_instances(self.proposer, view)
        return replace(drawn, alpha=combined(drawn.alpha, found, self.weights), instances=tuple(found))


def combined(drawn: Alpha, found: Sequence[Instance], weights: EnsembleWeights) -> Alpha:
    """One alpha (h, w) float32 of a segmenter's alpha and the instances found in the same picture.

    A part is what hangs together of the segmenter's alpha above 0.02. It counts as found when instances cover a fifth
    of it.
    """
    masks = union(found, drawn.shape[0], drawn.shape[1])
    count, labels = cv2.connectedComponents((drawn > HALO).astype(np.uint8), connectivity=8)
    area = np.bincount(labels.ravel(), minlength=count)
    hit = np.bincount(labels[masks >= 0.5], minlength=count)
    kept = np.where(hit >= COVERED * area, 1.0, weights.beyond).astype(np.float32)
    kept[0] = 1.0
    alpha: Alpha = ((1 - weights.mask) * drawn * kept[labels] + weights.mask * masks).astype(np.float32)
    return alpha
