"""From a photo's bytes to a file's bytes, with a tiny real model that cuts out what is orange."""

from __future__ import annotations

import numpy as np
import pytest
import tifffile
from PIL import Image
from psd_tools import PSDImage

from deepetch import CutOptions, MatteOptions, SaveOptions, cut_out, load_model, read_photo
from deepetch.errors import InvalidOptions, ModelMismatch, NoSubject, OutputExists, UnsupportedOutput
from deepetch.options import EdgeOptions
from drawn_subjects import disc_mask, disc_photo, save_photo, wall_photo
from models import colour_key, constant, sure_of_a_subject


@pytest.fixture
def model(tmp_path):
    return load_model(str(colour_key(tmp_path / "key.onnx")))


@pytest.fixture
def grey_model(tmp_path):
    """Cuts out the left half, whatever it is shown: greys have no colour to tell by."""
    return load_model(str(constant(tmp_path / "all.onnx", 0.999)))


def photo_of(tmp_path, *, space="rgb", bits=8, height=96, width=128):
    suffix = ".png" if bits == 8 and space != "cmyk" else ".tif"
    samples = disc_photo(height, width, space=space, bits=bits)
    return read_photo(save_photo(tmp_path / f"{space}{bits}{suffix}", samples, space=space)), samples


def pixels(path):
    return tifffile.imread(path) if path.suffix == ".tif" else np.asarray(Image.open(path))


@pytest.mark.parametrize(("bits", "suffix"), [(8, ".png"), (8, ".tif"), (16, ".tif")])
def test_opaque_pixels_are_bit_for_bit_the_photos(tmp_path, model, bits, suffix):
    photo, samples = photo_of(tmp_path, bits=bits)
    out = tmp_path / f"out{suffix}"
    cut_out(photo, model).save(out)
    result = pixels(out)
    assert result.dtype == samples.dtype
    opaque = result[..., 3] == 2**bits - 1
    assert opaque.sum() > 0.8 * disc_mask().sum()
    assert np.array_equal(result[opaque][:, :3], samples[opaque])


def test_16_bit_png_keeps_16_bit(tmp_path, model):
    photo, _ = photo_of(tmp_path, bits=16)
    cutout = cut_out(photo, model)
    cutout.save(tmp_path / "out.png")
    again = read_photo(tmp_path / "out.png")
    assert again.bits == 16
    assert np.array_equal(again.alpha, cutout.alpha)


def test_alpha_is_the_disc(tmp_path, model):
    photo, _ = photo_of(tmp_path)
    cutout = cut_out(photo, model)
    assert cutout.alpha.dtype == np.uint8
    assert cutout.alpha.shape == (96, 128)
    found, true = cutout.alpha >= 128, disc_mask()
    # the network saw half the size: its border may lie half of one of its pixels off
    assert (found & true).sum() / (found | true).sum() > 0.95
    assert cutout.foreground == pytest.approx(true.mean(), abs=0.02)


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_white_background_is_exactly_255(tmp_path, model, suffix):
    photo, samples = photo_of(tmp_path)
    cutout = cut_out(photo, model)
    cutout.save(tmp_path / f"white{suffix}", SaveOptions(background="white"))
    result = pixels(tmp_path / f"white{suffix}")
    assert result.shape == samples.shape
    assert (result[cutout.alpha == 0] == 255).all()
    assert (cutout.alpha == 0).sum() > 0.7 * (~disc_mask()).sum()
    opaque = cutout.alpha == 255
    assert np.array_equal(result[opaque], samples[opaque])


@pytest.mark.parametrize("quality", [60, 92, 100])
def test_jpeg_is_exactly_white_in_every_block_without_a_subject_pixel(tmp_path, model, quality):
    photo, _ = photo_of(tmp_path, height=200, width=270)
    cutout = cut_out(photo, model)
    cutout.save(tmp_path / "white.jpg", SaveOptions(background="white", quality=quality))
    image = Image.open(tmp_path / "white.jpg")
    assert [layer[1:3] for layer in image.layer] == [(1, 1)] * 3  # 4:4:4: a block is 8 x 8 in every channel
    result = np.asarray(image)
    blocks = 0
    for top in range(0, 200, 8):
        for left in range(0, 270, 8):
            block = np.s_[top : top + 8, left : left + 8]
            if not cutout.alpha[block].any():
                blocks += 1
                assert (result[block] == 255).all(), (top, left)
    assert blocks > 300


def test_colour_background(tmp_path, model):
    photo, _ = photo_of(tmp_path)
    samples, alpha = cut_out(photo, model).over("#102030")
    assert alpha is None
    assert samples[0, 0].tolist() == [0x10, 0x20, 0x30]


def test_blend_has_no_alpha_and_keeps_opaque_pixels(tmp_path, model):
    photo, given = photo_of(tmp_path)
    cutout = cut_out(photo, model)
    samples, alpha = cutout.over("blend")
    assert alpha is None
    assert np.array_equal(samples[cutout.alpha == 255], given[cutout.alpha == 255])


@pytest.mark.parametrize("bits", [8, 16])
def test_grey_photo_stays_grey(tmp_path, grey_model, bits):
    photo, samples = photo_of(tmp_path, space="grey", bits=bits)
    cutout = cut_out(photo, grey_model)
    cutout.save(tmp_path / "out.tif")
    result = tifffile.imread(tmp_path / "out.tif")
    assert result.dtype == samples.dtype
    assert result.shape == (96, 128, 2)
    opaque = result[..., 1] == 2**bits - 1
    assert opaque.any()
    assert np.array_equal(result[..., 0][opaque], samples[..., 0][opaque])


@pytest.mark.parametrize("bits", [8, 16])
def test_cmyk_tiff_keeps_its_inks(tmp_path, model, bits):
    photo, samples = photo_of(tmp_path, space="cmyk", bits=bits)
    cutout = cut_out(photo, model)
    cutout.save(tmp_path / "out.tif")
    result = tifffile.imread(tmp_path / "out.tif")
    assert result.shape == (96, 128, 5)
    opaque = result[..., 4] == 2**bits - 1
    assert opaque.sum() > 0.8 * disc_mask().sum()
    assert np.array_equal(result[opaque][:, :4], samples[opaque])


def test_cmyk_as_png_is_refused_unless_converted(tmp_path, model):
    photo, _ = photo_of(tmp_path, space="cmyk")
    cutout = cut_out(photo, model)
    with pytest.raises(UnsupportedOutput):
        cutout.save(tmp_path / "out.png")
    assert not (tmp_path / "out.png").exists()
    assert cutout.save(tmp_path / "out.png", SaveOptions(convert_to="srgb"))
    assert pixels(tmp_path / "out.png").shape == (96, 128, 4)


@pytest.mark.parametrize("bits", [8, 16])
def test_psd_holds_the_photo_and_alpha_as_its_mask(tmp_path, model, bits):
    photo, samples = photo_of(tmp_path, bits=bits)
    cutout = cut_out(photo, model)
    assert cutout.save(tmp_path / "out.psd") == ()
    document = PSDImage.open(tmp_path / "out.psd")
    (layer,) = list(document)
    colour = layer.numpy("color")
    assert np.array_equal(np.round(colour * (2**bits - 1)).astype(samples.dtype), samples)
    mask = layer.numpy("mask")[..., 0]
    assert np.array_equal(np.round(mask * (2**bits - 1)).astype(samples.dtype), cutout.alpha)


def test_photo_without_subject_is_no_cutout(tmp_path, model):
    with pytest.raises(NoSubject, match="no subject found") as error:
        cut_out(read_photo(save_photo(tmp_path / "wall.png", wall_photo())), model)
    assert "\n" not in str(error.value)


def test_unsure_model_is_no_cutout_until_allowed(tmp_path):
    photo, _ = photo_of(tmp_path)
    model = load_model(str(constant(tmp_path / "m.onnx", 0.6)))
    assert cut_out(photo, model).confidence == pytest.approx(0.6, abs=0.01)
    with pytest.raises(NoSubject, match=r"confidence 0.60"):
        cut_out(photo, model, CutOptions(min_confidence=0.7))


def test_picture_that_the_model_knows_to_be_empty_is_no_cutout_until_allowed(tmp_path):
    photo, _ = photo_of(tmp_path)
    model = load_model(str(sure_of_a_subject(tmp_path / "m.onnx", 0.05)))
    with pytest.raises(NoSubject, match=r"presence 0.05, confidence 1.00"):
        cut_out(photo, model)
    assert cut_out(photo, model, CutOptions(min_presence=0.0)).alpha.any()


def test_subject_smaller_than_asked_is_none(tmp_path, model):
    photo, _ = photo_of(tmp_path)
    with pytest.raises(NoSubject):
        cut_out(photo, model, CutOptions(min_subject=0.5))


def test_confidence_is_a_share_and_follows_the_calibration(tmp_path, model):
    photo, _ = photo_of(tmp_path)
    raw = cut_out(photo, model).confidence
    assert 0.9 < raw <= 1
    knots = {"calibration": [[0.0, 0.4], [1.0, 0.5]]}
    modest = load_model(str(colour_key(tmp_path / "modest.onnx", metadata=knots)))
    assert cut_out(photo, modest).confidence == pytest.approx(0.4 + 0.1 * raw, abs=1e-6)


def test_photos_own_alpha_is_kept(tmp_path, model):
    own = np.full((96, 128), 255, np.uint8)
    own[:, :64] = 0
    photo = read_photo(save_photo(tmp_path / "half.png", np.dstack([disc_photo(), own])))
    alpha = cut_out(photo, model).alpha
    assert not alpha[:, :64].any()
    assert alpha[48, 70] == 255


def test_subject_that_the_photos_own_alpha_hides_is_no_subject(tmp_path, model):
    hidden = np.dstack([disc_photo(), np.zeros((96, 128), np.uint8)])
    with pytest.raises(NoSubject, match="transparency hides it"):
        cut_out(read_photo(save_photo(tmp_path / "hidden.png", hidden)), model)


def test_model_that_answers_no_numbers_is_refused(tmp_path):
    photo, _ = photo_of(tmp_path)
    with pytest.raises(ModelMismatch):
        cut_out(photo, load_model(str(constant(tmp_path / "nan.onnx", float("nan")))))


@pytest.mark.parametrize("suffix", [".png", ".tif", ".jpg", ".webp", ".avif", ".psd"])
def test_same_photo_gives_the_same_bytes(tmp_path, model, suffix):
    photo, _ = photo_of(tmp_path)
    saving = SaveOptions(background="white" if suffix == ".jpg" else "transparent")
    for name in ("a", "b"):
        cut_out(photo, model).save(tmp_path / f"{name}{suffix}", saving)
    assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()


def test_photo_is_left_as_it_was(tmp_path, model):
    photo, samples = photo_of(tmp_path)
    cut_out(photo, model).save(tmp_path / "out.png", SaveOptions(background="white"))
    assert np.array_equal(photo.samples, samples)


@pytest.mark.parametrize("suffix", [".png", ".psd"])
def test_existing_file_stays_unless_overwritten(tmp_path, model, suffix):
    photo, _ = photo_of(tmp_path)
    out = tmp_path / f"out{suffix}"
    out.write_text("mine")
    cutout = cut_out(photo, model)
    with pytest.raises(OutputExists, match="--overwrite"):
        cutout.save(out)
    assert out.read_text() == "mine"
    cutout.save(out, SaveOptions(overwrite=True))
    assert out.read_bytes()[:4] != b"mine"


def test_unknown_background_is_refused(tmp_path, model):
    photo, _ = photo_of(tmp_path)
    with pytest.raises(InvalidOptions, match="background"):
        cut_out(photo, model).over("pinkish")


@pytest.mark.parametrize("refine", ["none", "guided"])
@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 200), (200, 1), (31, 17), (640, 480)])
def test_every_size_has_an_alpha_of_its_size(tmp_path, grey_model, height, width, refine):
    samples = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    photo = read_photo(save_photo(tmp_path / "p.png", samples))
    cutout = cut_out(photo, grey_model, CutOptions(matte=MatteOptions(refine=refine)))
    assert cutout.alpha.shape == (height, width)
    assert (cutout.alpha > 250).all()


@pytest.mark.parametrize(
    "wrong", [{"quality": 0}, {"quality": 101}, {"png_compression": 10}, {"tiff_compression": "zip"}]
)
def test_save_options_that_do_not_exist_are_refused(wrong):
    with pytest.raises(InvalidOptions):
        SaveOptions(**wrong)


# --- a retoucher's controls ---


def test_edge_moves_by_pixels_of_the_photo(tmp_path, model):
    photo, _ = photo_of(tmp_path)
    areas = [
        cut_out(photo, model, CutOptions(edge=EdgeOptions(shift_edge=shift))).alpha.mean() / 255 * 96 * 128
        for shift in (-5.0, 0.0, 5.0)
    ]
    radii = np.sqrt(np.array(areas) / np.pi)
    assert np.diff(radii) == pytest.approx([5, 5], abs=0.3)


def test_colours_are_those_of_the_feathered_edge(tmp_path, model):
    photo, _ = photo_of(tmp_path)
    plain, soft = (cut_out(photo, model, CutOptions(edge=EdgeOptions(feather=feather))) for feather in (0.0, 4.0))
    assert soft.matte.border.index.size > 1.5 * plain.matte.border.index.size
    assert np.array_equal(soft.matte.border.index, np.flatnonzero((soft.alpha > 0) & (soft.alpha < 255)))


def test_radius_is_where_refinement_may_change_alpha(tmp_path, model):
    photo, _ = photo_of(tmp_path)
    bilinear = cut_out(photo, model, CutOptions(matte=MatteOptions(refine="none"))).alpha.astype(int)
    changed = [
        (np.abs(cut_out(photo, model, CutOptions(edge=EdgeOptions(radius=radius))).alpha - bilinear) > 2).sum()
        for radius in (1.0, 12.0)
    ]
    assert changed[0] <= changed[1]
    assert changed[1] > 0


def test_a_subject_shrunk_to_nothing_is_said(tmp_path, model):
    photo, _ = photo_of(tmp_path)
    with pytest.raises(NoSubject, match="nothing of the subject is left"):
        cut_out(photo, model, CutOptions(edge=EdgeOptions(shift_edge=-90)))
