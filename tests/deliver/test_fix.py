from __future__ import annotations

import numpy as np
import pytest
from drawn_packshots import clipping_block, disc, packshot, path_block, save, save_with_resources
from PIL import Image

from deepetch.deliver.check import check_file
from deepetch.deliver.fix import FIXES, REASONS, fix_file
from deepetch.deliver.path.read import drawn_path
from deepetch.deliver.profiles import Profile
from deepetch.errors import InvalidOptions, OutputExists
from deepetch.photo.read import read_photo

ALL = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".psd", ".webp")


def fixed(file, output=None, overwrite=False, **rules):
    before = file.read_bytes()
    result = fix_file(check_file(file, Profile(**{"name": "own", "formats": ALL} | rules)), output, overwrite=overwrite)
    assert file.read_bytes() == before
    return result


def near_white(value=252, bits=8):
    samples = packshot(bits=bits)
    samples[~disc()] = value * (1 if bits == 8 else 257)
    return samples


def test_a_wrong_ending_becomes_the_right_one_byte_for_byte(tmp_path):
    file = save(tmp_path / "can.jpg", packshot(), kind=".png")
    result = fixed(file)
    assert result.output == tmp_path / "can-fixed.png"
    assert result.output.read_bytes() == file.read_bytes()
    assert (result.after.passed, result.left) == (True, ())
    assert result.done == ("It is called .png, as its content is.",)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif"])
def test_density_and_srgb_go_in_and_no_sample_changes(suffix, tmp_path):
    file = save(tmp_path / f"can{suffix}", packshot())
    result = fixed(file, min_density=300, icc="srgb")
    assert result.after.passed
    assert result.done == ("It carries sRGB's profile.", "It states 300 pixels per inch.")
    with Image.open(result.output) as image:
        assert image.info["dpi"] == pytest.approx((300, 300), abs=0.01)
        assert len(image.info["icc_profile"]) > 200
        np.testing.assert_array_equal(np.asarray(image), np.asarray(Image.open(file)))


@pytest.mark.parametrize(("suffix", "bits"), [(".png", 8), (".tif", 8), (".tif", 16)])
def test_a_near_white_background_becomes_white_and_the_subject_stays(suffix, bits, tmp_path):
    file = save(tmp_path / f"can{suffix}", near_white(bits=bits))
    result = fixed(file, background="white")
    assert result.after.passed
    np.testing.assert_array_equal(read_photo(result.output).samples, packshot(bits=bits))
    count = f"{np.count_nonzero(~disc()):,}"
    assert result.done == (f"{count} pixels of 250 or more around the subject were made white.",)


def test_a_jpeg_is_encoded_anew_for_its_background_and_that_is_said(tmp_path):
    file = save_with_resources(tmp_path / "can.jpg", path_block() + clipping_block(), near_white())
    result = fixed(file, background="white", path="required", path_name="Path 1")
    assert result.after.passed, result.left
    assert result.done[0].endswith("The JPEG was encoded anew, at quality 95.")
    before, after = (read_photo(each).samples.astype(int) for each in (file, result.output))
    assert np.abs(before - after)[disc(radius=75)].max() <= 6  # quality 95
    assert (after[~disc(radius=90 + 23)] == 255).all()  # beyond a block of 16 x 16


def test_a_transparent_picture_comes_to_lie_on_white(tmp_path):
    alpha = np.rint(np.clip(100 - np.hypot(*(np.mgrid[:200, :200] - 99.5)), 0, 1) * 255).astype(np.uint8)
    samples = np.full((200, 200, 3), (200, 80, 20), np.uint8)
    Image.fromarray(np.dstack([samples, alpha])).save(tmp_path / "can.png")
    result = fixed(tmp_path / "can.png", background="white")
    expected = 255 + alpha[..., None] / 255 * (samples - 255.0)
    np.testing.assert_array_equal(read_photo(result.output).samples, np.rint(expected).astype(np.uint8))


def test_grey_and_what_the_subject_encloses_is_left(tmp_path):
    grey = save(tmp_path / "grey.png", near_white(240))
    result = fixed(grey, background="white")
    assert (result.output, result.done, result.after) == (None, (), None)
    assert result.left == (("background", "what is not white is darker than 250, or enclosed by the subject"),)
    hole = near_white()
    hole[disc(200, 45)] = 252
    result = fixed(save(tmp_path / "ring.png", hole), background="white")
    assert not result.after.passed
    assert (read_photo(result.output).samples[disc(200, 45)] == 252).all()
    ((rule, why),) = result.left
    assert rule == "background"
    assert "enclosed" in why


def test_paths_stay_in_a_tiff_that_is_written_again(tmp_path):
    file = save_with_resources(tmp_path / "can.tif", path_block() + clipping_block())
    result = fixed(file, min_density=300, path="required", path_name="Path 1")
    assert result.after.passed


@pytest.mark.parametrize(
    ("rules", "rule", "why"),
    [
        ({"min_long_side": 1000}, "long side", "scaled"),
        ({"space": "cmyk", "formats": (".tif", ".jpg")}, "colour space", "converted"),
        ({"path": "required", "formats": (".jpg",)}, "path", "deepetch cut"),
        ({"name_rule": "{gtin}"}, "name", "for you to choose"),
        ({"fill_max": 0.3}, "fill", "cropped"),
        ({"min_density": 400}, "density", "size in print"),
    ],
)
def test_what_is_not_safe_is_left_with_a_reason(rules, rule, why, tmp_path):
    result = fixed(save(tmp_path / "can.jpg", packshot(), dpi=(300, 300)), **rules)
    assert result.output is None
    assert not list(tmp_path.glob("*fixed*"))
    ((left, reason),) = result.left
    assert left == rule
    assert why in reason


def test_every_rule_that_can_fail_has_a_reason(tmp_path):
    file = save(tmp_path / "can.png", packshot())
    rules = {finding.rule for finding in check_file(file, Profile(name="own", formats=ALL)).findings}
    assert REASONS.keys() | FIXES.keys() == rules | {"path name", "clipping"}


def test_files_that_would_lose_something_are_left(tmp_path):
    psd = save(tmp_path / "a.psd", near_white())
    webp = save(tmp_path / "a.webp", near_white(), lossless=True)
    pages = tmp_path / "a.tif"
    Image.fromarray(near_white()).save(pages, save_all=True, append_images=[Image.fromarray(packshot())])
    layers = save(tmp_path / "b.tif", near_white(), extratags=[(37724, 7, 4, b"8BIM", True)])
    for file, why in ((psd, "PSD files"), (webp, "WebP files"), (pages, "2 pictures"), (layers, "layers")):
        result = fixed(file, background="white", min_density=300)
        assert result.output is None
        assert all(why in reason for _, reason in result.left), result.left
        assert [rule for rule, _ in result.left] == ["density", "background"]


def test_where_it_goes(tmp_path):
    file = save(tmp_path / "4006381333931.png", near_white())
    rules = {"background": "white", "name_rule": "{gtin}"}
    assert fixed(file, **rules).after.passed  # the name is judged without -fixed
    with pytest.raises(OutputExists):
        fixed(file, **rules)
    assert fixed(file, overwrite=True, **rules).after.passed
    (tmp_path / "out").mkdir()
    assert fixed(file, tmp_path / "out", **rules).output == tmp_path / "out" / "4006381333931.png"
    assert not fixed(file, tmp_path / "b.png", **rules).after.passed
    for wrong, said in ((file, "writes a new file"), (tmp_path / "a.jpg", "keeps the format")):
        with pytest.raises(InvalidOptions, match=said):
            fixed(file, wrong, overwrite=True, **rules)
    with pytest.raises(InvalidOptions, match="writes a new file"):
        fixed(file, tmp_path, overwrite=True, **rules)


@pytest.mark.parametrize("suffix", [".jpg", ".tif"])
def test_a_path_turns_with_the_picture_that_is_written_upright(suffix, tmp_path):
    samples = near_white()
    samples = np.concatenate([samples, samples[:, :60]], axis=1)
    blocks = path_block(points=[(0.1, 0.2), (0.1, 0.6), (0.5, 0.6)]) + clipping_block()
    file = save_with_resources(tmp_path / f"can{suffix}", blocks, samples, 6)
    result = fixed(file, background="white")
    assert read_photo(result.output).samples.shape[:2] == (260, 200)
    with Image.open(result.output) as image:
        assert image.getexif().get(274, 1) == 1
    path = drawn_path(result.after.delivered.resources, 200, 260)
    # a quarter clockwise: what was at (x, y) of 260 x 200 is at (200 - y, x)
    expected = [(180, 52), (180, 156), (100, 156)]
    np.testing.assert_allclose(path.subpaths[0][:, 0], expected, atol=1e-3)
