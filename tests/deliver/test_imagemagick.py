"""Our PSD and TIFF files as ImageMagick sees them: flattened picture, layers, blend modes, masks, extra channels."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drawn_matte import CASES, disc_matte, noise_photo

from deepetch.deliver.background import composite, parse_background
from deepetch.deliver.save import write_cutout
from deepetch.deliver.shadow import draw_shadow
from deepetch.options import SaveOptions, ShadowOptions, SpotOptions
from deepetch.photo.photo import Metadata

# version 7, or 6 by the name that Debian gives it; "convert" alone may be another program
CONVERT = shutil.which("magick") or shutil.which("convert-im6.q16")
pytestmark = pytest.mark.skipif(CONVERT is None, reason="ImageMagick is not installed (apt-get install imagemagick)")

OPTIONS = SaveOptions(background="#808080", shadow=ShadowOptions(kind="drop", opacity=0.8), spot=SpotOptions(choke=2))


def convert(*arguments: str) -> bytes:
    return subprocess.run([str(CONVERT), *arguments], capture_output=True, check=True, timeout=60).stdout


def pixels(file: str, space: str, dtype: Any, height: int, width: int, *, alpha: bool = False) -> Any:
    """(h, w, c) samples of one picture of a file."""
    kind = np.dtype(dtype).newbyteorder(">")
    # grey is not to be taken for linear light
    alike = ("-set", "colorspace", "sRGB") if space == "grey" else ()
    written = f"{'cmyk' if space == 'cmyk' else 'rgb'}{'a' * alpha}:-"
    raw = convert(file, *alike, "-depth", str(8 * kind.itemsize), "-endian", "MSB", written)
    seen = np.frombuffer(raw, kind).reshape(height, width, -1)
    return seen[..., [0, 3][: 1 + alpha]] if space == "grey" else seen


def listed(file: Path) -> list[list[str]]:
    shown = convert(str(file), "-format", "%l|%W|%H|%g|%[compose]\n", "info:").decode()
    return [line.split("|") for line in shown.splitlines() if line]


@pytest.fixture(params=CASES, ids=[f"{space}{np.dtype(dtype).itemsize * 8}" for space, dtype in CASES])
def written(request, tmp_path):
    space, dtype = request.param
    photo = noise_photo(space, dtype, metadata=Metadata(density=(300, 300)))
    matte = disc_matte(photo)
    assert write_cutout(tmp_path / "a.psd", photo, matte, OPTIONS) == ()
    return tmp_path / "a.psd", photo, matte


def test_layers_their_places_and_blend_modes(written):
    file, photo, matte = written
    shadow = draw_shadow(photo, matte, OPTIONS.shadow)
    height, width = shadow.coverage.shape
    _flattened, *layers = listed(file)
    found = [(name, geometry, compose) for name, _, _, geometry, compose in layers]
    whole = f"{photo.width}x{photo.height}+0+0"
    assert found == [
        ("Background", whole, "Over"),
        ("Shadow", f"{width}x{height}+{shadow.left}+{shadow.top}", "Multiply"),
        ("Photo", whole, "Over"),
    ]


def test_the_flattened_picture_is_the_composite(written):
    file, photo, matte = written
    seen = pixels(f"{file}[0]", photo.space, photo.samples.dtype, photo.height, photo.width)
    shadow = draw_shadow(photo, matte, OPTIONS.shadow)
    expected, _ = composite(photo, matte, parse_background(OPTIONS.background), shadow=shadow)
    np.testing.assert_array_equal(seen, expected)


def test_the_photo_is_untouched_under_its_mask(written):
    file, photo, matte = written
    seen = pixels(f"{file}[3]", photo.space, photo.samples.dtype, photo.height, photo.width, alpha=True)
    shown = matte.alpha > 0
    np.testing.assert_array_equal(seen[shown][:, :-1], photo.samples[shown])
    np.testing.assert_array_equal(seen[..., -1], matte.alpha)


def test_density(written):
    file, _, _ = written
    assert convert(f"{file}[0]", "-format", "%x %U", "info:") in (b"300 PixelsPerInch", b"300")


@pytest.mark.parametrize(("space", "dtype"), CASES)
def test_tiff_with_alpha_path_and_spot_channel(space, dtype, tmp_path):
    photo = noise_photo(space, dtype, metadata=Metadata(density=(300, 300)))
    matte = disc_matte(photo)
    # of two extra channels beside grey it takes the last one for the alpha, whatever the file says
    options = SaveOptions(spot=None if space == "grey" else SpotOptions(choke=2))
    write_cutout(tmp_path / "a.tif", photo, matte, options)
    seen = pixels(str(tmp_path / "a.tif"), space, dtype, 90, 70, alpha=True)
    opaque = matte.alpha == np.iinfo(dtype).max
    np.testing.assert_array_equal(seen[opaque][:, :-1], photo.samples[opaque])
    np.testing.assert_array_equal(seen[..., -1], matte.alpha)
    clip = convert(str(tmp_path / "a.tif"), "-format", "%[8BIM:1999,2998:#1]", "info:")
    assert b"<path" in clip or b"path fill" in clip
