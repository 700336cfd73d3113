from __future__ import annotations

import io
import struct
from dataclasses import replace

import numpy as np
import pytest
import pyvips
from drawn_matte import disc_matte, noise_photo
from PIL import Image, ImageCms

from deepetch import read_photo
from deepetch.deliver.deliver import deliver
from deepetch.deliver.profiles import Profile
from deepetch.deliver.proof import soft_proof, write_proof
from deepetch.errors import OutputExists, UnsupportedOutput
from deepetch.photo.photo import Metadata

PRESS = bytes(pyvips.Operation.call("profile_load", "cmyk"))
SRGB = bytes(pyvips.Operation.call("profile_load", "srgb"))
TINT = (0.78, 0.8, 0.5)  # XYZ of a yellowish, darker paper; D50 is 0.964, 1, 0.825


def changed(profile, tag, xyz):
    """An ICC profile with the value of an XYZ tag replaced."""
    count = int.from_bytes(profile[128:132], "big")
    for number in range(count):
        name, offset, _ = struct.unpack_from(">4sII", profile, 132 + 12 * number)
        if name == tag:
            return profile[: offset + 8] + struct.pack(">3i", *(round(v * 65536) for v in xyz)) + profile[offset + 20 :]
    raise AssertionError(tag)


def press_photo(profile=PRESS, **options):
    return replace(noise_photo("cmyk", **options), metadata=Metadata(profile=profile, density=(300, 300)))


@pytest.mark.parametrize(
    ("paper", "intent"),
    [(False, ImageCms.Intent.RELATIVE_COLORIMETRIC), (True, ImageCms.Intent.ABSOLUTE_COLORIMETRIC)],
)
def test_a_proof_is_what_littlecms_says_through_pillow(paper, intent):
    photo = press_photo(changed(PRESS, b"wtpt", TINT))
    image = Image.frombytes("CMYK", (photo.width, photo.height), photo.samples.tobytes())
    expected = ImageCms.profileToProfile(
        image, io.BytesIO(photo.metadata.profile), io.BytesIO(SRGB), renderingIntent=intent, outputMode="RGB", flags=0
    )
    np.testing.assert_allclose(soft_proof(photo, paper=paper).astype(int), np.asarray(expected).astype(int), atol=2)


def test_bare_paper_is_white_or_has_its_tint():
    photo = press_photo(changed(PRESS, b"wtpt", TINT))
    photo.samples[:] = 0
    assert (soft_proof(photo) == 255).all()
    red, green, blue = soft_proof(photo, paper=True)[0, 0].astype(int)
    assert 255 > red > green > blue > 150


def test_black_is_as_grey_as_the_ink():
    photo = press_photo()
    photo.samples[:] = (0, 0, 0, 255)
    assert soft_proof(photo).min() > 10


def test_16_bit_and_an_empty_picture():
    eight, sixteen = press_photo(), press_photo(dtype=np.uint16)
    sixteen = replace(sixteen, samples=eight.samples.astype(np.uint16) * 257)
    np.testing.assert_allclose(soft_proof(eight).astype(int), soft_proof(sixteen).astype(int), atol=2)
    assert soft_proof(replace(eight, samples=eight.samples[:0])).shape == (0, eight.width, 3)


def test_no_proof_of_what_is_not_known():
    with pytest.raises(UnsupportedOutput, match="not CMYK"):
        soft_proof(noise_photo())
    with pytest.raises(UnsupportedOutput, match="has no ICC profile"):
        soft_proof(noise_photo("cmyk"))
    with pytest.raises(UnsupportedOutput, match="is not one for CMYK pictures"):
        soft_proof(press_photo(SRGB))


def test_a_proof_is_an_srgb_png_with_the_alpha(tmp_path):
    photo = press_photo(dtype=np.uint16)
    photo = replace(photo, alpha=disc_matte(photo).alpha)
    path = tmp_path / "a-proof.png"
    write_proof(path, photo)
    proof = read_photo(path)
    assert (proof.space, proof.bits, proof.metadata.profile) == ("rgb", 8, SRGB)
    np.testing.assert_array_equal(proof.samples, soft_proof(photo))
    np.testing.assert_array_equal(proof.alpha, np.rint(photo.alpha / 257))
    with pytest.raises(OutputExists):
        write_proof(path, photo)
    write_proof(path, photo, overwrite=True)


# white, whatever white an ICC profile has


def test_white_is_no_ink_through_a_press_of_tinted_paper(tmp_path):
    tinted = tmp_path / "tinted.icc"
    tinted.write_bytes(changed(PRESS, b"wtpt", TINT))
    profile = Profile(name="press", formats=(".tif",), space="cmyk", icc=str(tinted), background="white")
    for dtype in (np.uint8, np.uint16):
        photo = noise_photo(dtype=dtype)
        matte = disc_matte(photo)
        deliver(photo, matte, profile, tmp_path / f"{np.dtype(dtype)}.tif")
        inks = read_photo(tmp_path / f"{np.dtype(dtype)}.tif")
        assert inks.space == "cmyk"
        assert not inks.samples[matte.alpha == 0].any()


@pytest.mark.parametrize(("dtype", "white"), [(np.uint8, 255), (np.uint16, 65535)])
def test_white_is_the_lightest_value_through_an_rgb_profile_of_tinted_white(tmp_path, dtype, white):
    data = changed(changed(SRGB, b"bXYZ", (0.10, 0.04, 0.4)), b"wtpt", TINT)  # less blue in its white
    tinted = tmp_path / "tinted.icc"
    tinted.write_bytes(data)
    photo = noise_photo(dtype=dtype)
    matte = disc_matte(photo)
    outside = matte.alpha == 0
    to_tinted = Profile(name="shop", formats=(".tif",), space="rgb", icc=str(tinted), background="white")
    deliver(photo, matte, to_tinted, tmp_path / "to.tif")
    from_tinted = replace(photo, metadata=Metadata(profile=data))
    to_srgb = Profile(name="shop", formats=(".tif",), space="rgb", icc="srgb", background="white")
    deliver(from_tinted, matte, to_srgb, tmp_path / "from.tif")
    for name in ("to", "from"):
        samples = read_photo(tmp_path / f"{name}.tif").samples
        assert samples.dtype == dtype
        assert (samples[outside] == white).all()
        assert (samples != photo.samples).any()
