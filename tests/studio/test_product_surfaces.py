from __future__ import annotations

import pytest
from drawn_products import SEEDS, SKINS, drawn
from shape_oracles import flux_from_axis, is_closed, signed_volume

from deepetch.studio.catalogue import PRODUCTS


@pytest.mark.parametrize("kind", PRODUCTS)
def test_solid_parts_are_closed_and_face_outward(kind: str) -> None:
    for seed in SEEDS:
        for part in drawn(kind, seed).parts:
            if part.name in SKINS:
                continue
            assert is_closed(part.mesh), (seed, part.name)
            assert signed_volume(part.mesh) > 0, (seed, part.name)


@pytest.mark.parametrize("kind", ["can", "bottle", "jar", "pump", "mug", "tumbler"])
def test_labels_face_away_from_the_axis(kind: str) -> None:
    for seed in SEEDS:
        for part in drawn(kind, seed).parts:
            if part.name in SKINS:
                assert flux_from_axis(part.mesh) > 0, (seed, part.name)
