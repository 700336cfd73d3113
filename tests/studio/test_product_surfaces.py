from __future__ import annotations

import pytest
from drawn_products import FEW, SEEDS, SKINS, drawn, families_of
from shape_oracles import flux_from_axis, is_closed, signed_volume

from deepetch.studio.catalogue import FAMILIES


@pytest.mark.parametrize("family", FAMILIES)
def test_solid_parts_are_closed_and_face_outward(family: str) -> None:
    for seed in SEEDS:
        for part in drawn(family, seed).parts:
            if part.name in SKINS:
                continue
            assert is_closed(part.mesh), (seed, part.name)
            assert signed_volume(part.mesh) > 0, (seed, part.name)


@pytest.mark.parametrize("family", families_of("can", "bottle", "jar", "pump", "mug", "tumbler"))
def test_labels_face_away_from_the_axis(family: str) -> None:
    for seed in FEW:
        for part in drawn(family, seed).parts:
            if part.name in SKINS:
                assert flux_from_axis(part.mesh) > 0, (seed, part.name)
