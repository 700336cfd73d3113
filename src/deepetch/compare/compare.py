"""Several contestants on the same pictures, by the same measures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from deepetch.arrays import Alpha, Levels, full_scale
from deepetch.assess import SHOWN, Labelled
from deepetch.compare.contestant import Contestant
from deepetch.compare.difference import Difference, differences
from deepetch.errors import DeepetchError, InvalidOptions
from deepetch.evaluate import Score, by_kind, score_prediction
from deepetch.measure.distance import BandError, distance_bands, error_by_distance
from deepetch.options import MatteOptions
from deepetch.photo.view import reduced, working_view
from deepetch.report.gallery import SIDE, Picture, make_tile
from deepetch.report.side_by_side import SideBySide

RANKED_BY = "iou"  # the measure by which pictures count as those where contestants differ most


@dataclass(frozen=True, eq=False, kw_only=True)
class Comparison:
    """What came of it; everything by contestant is in the order they were given in.

    baseline   the contestant that the others are compared with.
    scores     of every picture, in the same order for each contestant.
    distances  the error of every picture in bands of distance to the true border, likewise.
    apart      the pictures on which the contestants differ most in IoU, the most different first.
    """

    baseline: str
    scores: Mapping[str, Sequence[Score]]
    distances: Mapping[str, Sequence[Sequence[BandError]]]
    apart: Sequence[SideBySide]

    @property
    def n(self) -> int:
        """Pictures."""
        return len(self.scores[self.baseline])

    @property
    def others(self) -> list[str]:
        """All but the baseline."""
        return [name for name in self.scores if name != self.baseline]

    def differences(self, name: str) -> dict[str, Difference]:
        """A contestant less the baseline, each measure."""
        return differences(self.scores[name], self.scores[self.baseline])

    def differences_by_kind(self, name: str) -> dict[str, dict[str, Difference]]:
        """The same for each kind of picture."""
        base = by_kind(self.scores[self.baseline])
        return {kind: differences(group, base[kind]) for kind, group in by_kind(self.scores[name]).items()}


def compare(
    contestants: Sequence[Contestant],
    pictures: Iterable[Labelled],
    options: MatteOptions = MatteOptions(),
    *,
    baseline: str | None = None,
    shown: int = 12,
) -> Comparison:
    """Run all contestants on one picture after the other, and keep scores, and of a few pictures small copies.

    baseline  name of the contestant that the others are compared with; None: the first.
    shown     so many of the pictures where they differ most are kept to be looked at.
    Raises    InvalidOptions for less than two contestants, two of one name, a baseline that is none of them, or shown
              below 0. Whatever a contestant raises on a picture, with the two's names before it.
    """
    names = [contestant.name for contestant in contestants]
    baseline = names[0] if names and baseline is None else baseline
    _require_sense(names, baseline, shown)
    scores: dict[str, list[Score]] = {name: [] for name in names}
    distances: dict[str, list[Sequence[BandError]]] = {name: [] for name in names}
    apart: list[SideBySide] = []
    for picture in pictures:
        bands = distance_bands(picture.true >= 0.5)
        thumbnails: dict[str, Levels] = {}
        for contestant in contestants:
            try:
                prediction = contestant.predict(picture.photo, options)
                score = score_prediction(
                    prediction, picture.true, name=picture.name, kind=picture.kind, source=picture.source
                )
            except DeepetchError as error:
                raise type(error)(f"{contestant.name} on {picture.name}: {error}") from error
            scores[contestant.name].append(score)
            distances[contestant.name].append(error_by_distance(prediction.alpha, picture.true, bands))
            thumbnails[contestant.name] = _small(prediction.levels)
        values = [getattr(found[-1], RANKED_BY) for found in scores.values()]
        between = max(values) - min(values)
        if shown and (len(apart) < shown or between > apart[-1].spread):
            last = {name: found[-1] for name, found in scores.items()}
            apart.append(_side_by_side(picture, thumbnails, last, between))
            apart = sorted(apart, key=lambda one: -one.spread)[:shown]
    return Comparison(baseline=str(baseline), scores=scores, distances=distances, apart=apart)


def _require_sense(names: Sequence[str], baseline: str | None, shown: int) -> None:
    if len(names) < 2 or len(set(names)) < len(names):
        raise InvalidOptions(f"a comparison takes two contestants or more, each with a name of its own; got {names}.")
    if baseline not in names:
        raise InvalidOptions(f"baseline: expected one of {', '.join(names)}; got {baseline!r}.")
    if shown < 0:
        raise InvalidOptions(f"shown: expected 0 pictures or more; got {shown}.")


def _small(levels: Levels) -> Levels:
    """An alpha (h, w) at the size that the page shows; a full one of each contestant would be hundreds of megabytes."""
    return reduced(levels[..., None], SIDE)[..., 0]


def _side_by_side(
    picture: Labelled, thumbnails: Mapping[str, Levels], scores: Mapping[str, Score], between: float
) -> SideBySide:
    view = working_view(picture.photo, SIDE)
    true = _small(np.rint(picture.true * 255).astype(np.uint8)).astype(np.float32) / np.float32(255)

    def drawn(name: str, alpha: Alpha, found: Mapping[str, float]) -> Picture:
        return Picture(name=name, kind=picture.kind, view=view, true=true, predicted=alpha, scores=found)

    return SideBySide(
        name=picture.name,
        kind=picture.kind,
        spread=between,
        truth=make_tile(drawn("truth", true, {})),
        tiles={
            name: make_tile(
                drawn(
                    name,
                    levels.astype(np.float32) / np.float32(full_scale(levels)),
                    {measure: getattr(scores[name], measure) for measure in SHOWN},
                )
            )
            for name, levels in thumbnails.items()
        },
    )
