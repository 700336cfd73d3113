from __future__ import annotations

import numpy as np
import pytest
from drawn_products import FEW, drawn
from shape_oracles import print_scale

from deepetch.studio.catalogue import FAMILIES

BARE = ("open compact", "bangle", "tape", "stemmed glass")  # nothing is printed on


@pytest.mark.parametrize("family", FAMILIES)
def test_prints_lie_on_the_sheet_and_are_true_to_scale_in_front(family: str) -> None:
    printed = 0
    for seed in FEW:
        product = drawn(family, seed)
        surfaces = [part.mesh for part in product.parts if part.material.printed]
        if product.sheet is None:
            assert not surfaces
            assert not product.faces
            continue
        printed += 1
        assert product.faces
        for left, bottom, right, top in product.faces:
            assert 0 <= left < right <= 1 + 1e-9, (seed, left, right)
            assert 0 <= bottom < top <= 1 + 1e-9, (seed, bottom, top)
        for mesh in surfaces:
            assert mesh.uv.min() >= 0
            assert mesh.uv.max() <= 1
        scale = np.concatenate([print_scale(mesh, product.sheet, product.faces[0]) for mesh in surfaces])
        strain, area = scale[:, :2], scale[:, 2]
        true = (np.abs(np.log(strain)) < np.log(1.15)).all(axis=1)
        # bevels, seals and tapers may strain a print, its bulk may not
        assert area[true].sum() > 0.75 * area.sum() > 0, (seed, np.median(strain, axis=0))
    assert (printed == 0) if family in BARE else (printed > 0)
