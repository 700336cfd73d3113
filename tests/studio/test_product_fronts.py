from __future__ import annotations

import numpy as np
import pytest
from drawn_products import FEW, drawn
from shape_oracles import triangles

from deepetch.studio.catalogue import FAMILIES


@pytest.mark.parametrize("family", FAMILIES)
def test_the_first_face_is_what_the_viewer_sees_in_front(family: str) -> None:
    for seed in FEW:
        product = drawn(family, seed)
        if product.sheet is None:
            continue
        left, bottom, right, top = product.faces[0]
        middle, weight = np.zeros(3), 0.0
        for part in product.parts:
            if not part.material.printed:
                continue
            corners, uv = triangles(part.mesh)
            u, v = uv.mean(axis=1).T
            normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
            shown = (u > left) & (u < right) & (v > bottom) & (v < top) & (normal[:, 1] < 0)
            middle += (corners.mean(axis=1)[shown] * -normal[shown, 1:2]).sum(axis=0)
            weight += float(-normal[shown, 1].sum())
        assert weight > 0, seed
        middle /= weight
        width = max(float(part.mesh.high[0]) for part in product.parts)
        # the bubble of a blister lies before its card
        assert middle[1] < 0 or product.kind == "blister", (seed, middle)
        assert abs(middle[0]) < 0.2 * width, (seed, middle)
