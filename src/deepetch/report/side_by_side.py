"""One picture as several models cut it, to be looked at together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from deepetch.report.gallery import Tile


@dataclass(frozen=True, eq=False, kw_only=True)
class SideBySide:
    """A picture of an evaluation with what each model made of it.

    spread  between the best and the worst IoU.
    truth   the picture with what is true in place of a prediction.
    tiles   the picture with each model's prediction, by the model's name.
    """

    name: str
    kind: str
    spread: float
    truth: Tile
    tiles: Mapping[str, Tile]
