from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from drawn_matte import disc_matte, noise_photo
from drawn_packshots import packshot, save

from deepetch.deliver.check import check_file
from deepetch.deliver.deliver import deliver
from deepetch.deliver.ink import TotalInk, total_ink
from deepetch.deliver.profiles import Profile, shipped_profiles
from deepetch.errors import InvalidArray, InvalidOptions
from deepetch.photo.photo import Metadata

PRESS = Profile(name="press", formats=(".tif",), space="cmyk", ink_limit=300)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_the_sum_of_the_inks_is_that_of_every_pixel(dtype):
    photo = noise_photo("cmyk", dtype, height=1100, width=20)
    full = np.iinfo(dtype).max
    sums = photo.samples.astype(float).sum(axis=2) / full * 100
    ink = total_ink(photo.samples, 250.0)
    assert ink.largest == pytest.approx(sums.max())
    assert ink.over == pytest.approx((sums > 250 + 200 / full).mean())
    alpha = disc_matte(photo).alpha
    seen = sums[alpha == full]
    ink = total_ink(photo.samples, 250.0, alpha=alpha)
    assert ink.largest == pytest.approx(seen.max())
    assert ink.over == pytest.approx((seen > 250 + 200 / full).mean())


def test_what_rounding_alone_puts_above_the_limit_is_not_over():
    assert total_ink(np.full((1, 1, 4), 191, np.uint8), 299.5).over == 0
    assert total_ink(np.full((1, 1, 4), 192, np.uint8), 300.0).over == 1


def test_a_picture_without_a_pixel_has_no_ink():
    assert total_ink(np.zeros((0, 3, 4), np.uint8)) == TotalInk(largest=0.0, over=0.0)
    alpha = np.zeros((2, 3), np.uint8)
    assert total_ink(np.full((2, 3, 4), 255, np.uint8), alpha=alpha) == TotalInk(largest=0.0, over=0.0)


def test_other_shapes_are_refused():
    with pytest.raises(InvalidArray, match="inks"):
        total_ink(np.zeros((2, 3, 3), np.uint8))
    with pytest.raises(InvalidArray, match="alpha"):
        total_ink(np.zeros((2, 3, 4), np.uint8), alpha=np.zeros((3, 2), np.uint8))


def test_a_delivery_with_too_much_ink_says_so_and_is_written(tmp_path):
    photo = noise_photo("cmyk")
    photo = replace(photo, samples=photo.samples // 2, metadata=Metadata(density=(300, 300)))
    matte = disc_matte(photo)
    assert deliver(photo, matte, PRESS, tmp_path / "a.tif") == ()
    photo.samples[40:50, 30:40] = 255
    (said,) = deliver(photo, matte, PRESS, tmp_path / "b.tif")
    share = 100 * 100 / np.count_nonzero(matte.alpha == 255)
    assert said.startswith(f"{share:.1f}% of the subject takes more than 300% of ink, up to 400%.")
    assert (tmp_path / "b.tif").exists()
    photo.samples[40:50, 30:40] = 0
    photo.samples[0, 0] = 255  # hidden
    assert deliver(photo, matte, PRESS, tmp_path / "c.tif") == ()


def test_the_check_measures_ink_and_warns(tmp_path):
    samples = packshot("cmyk")
    file = save(tmp_path / "a.tif", samples, "cmyk")

    def found(file, profile):
        (finding,) = [one for one in check_file(file, profile).findings if one.rule == "total ink"]
        return finding

    assert found(file, PRESS).verdict == "passed"
    assert found(file, PRESS).measured == "up to 150%"
    samples[100:110, 100:120] = 250
    file = save(tmp_path / "b.tif", samples, "cmyk")
    finding = found(file, PRESS)
    assert (finding.verdict, finding.limit, finding.value) == ("warning", "at most 300%", 392.2)
    assert finding.measured == "up to 392%, 0.5% of the pixels above"
    assert found(file, replace(PRESS, ink_limit=None)).verdict == "not stated"
    assert found(save(tmp_path / "c.tif", packshot()), PRESS).verdict == "not stated"


def test_a_limit_is_of_cmyk_and_one_that_can_be():
    assert shipped_profiles()["print-cmyk-coated"].ink_limit == 300
    with pytest.raises(InvalidOptions, match="ink_limit: it counts in CMYK alone"):
        Profile(name="shop", formats=(".tif",), ink_limit=300)
    for limit in (99, 401, float("nan")):
        with pytest.raises(InvalidOptions, match="ink_limit: expected 100 to 400"):
            replace(PRESS, ink_limit=limit)
