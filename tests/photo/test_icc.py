from __future__ import annotations

from typing import Any

import pytest
from drawn import built_in_profile, grey_profile

from deepetch.photo.icc import profile_fault


@pytest.mark.parametrize("space", ["grey", "rgb", "cmyk"])
def test_whole_profiles_have_no_fault(space: Any) -> None:
    profile = {"grey": grey_profile(1.8), "rgb": built_in_profile("srgb"), "cmyk": built_in_profile("cmyk")}[space]
    assert profile_fault(profile, space) is None
