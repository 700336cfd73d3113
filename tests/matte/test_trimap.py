import numpy as np
import pytest
import tifffile
from PIL import Image

from deepetch.errors import InvalidArray, InvalidOptions, InvalidTrimap, PhotoTooLarge, UnreadablePhoto
from deepetch.matte import trimap as module
from deepetch.matte.trimap import (
    border_uncertainty,
    read_mask,
    read_scribble,
    read_trimap,
    require_known,
    require_trimap,
    trimap_from_alpha,
)
from deepetch.options import ReadOptions

LEVELS = (0, 128, 255)


def blob(height=40, width=50, dtype=np.uint8):
    """An ellipse with a soft edge of two pixels, a hole, and a speck at the picture's side."""
    rows, columns = np.mgrid[:height, :width]
    distance = np.hypot(rows - height * 0.45, (columns - width / 2) * 0.7)
    alpha = np.clip((12 - distance) / 2 + 0.5, 0, 1)
    alpha[15:18, 20:23] = 0
    alpha[0, 0] = 1
    return np.rint(alpha * np.iinfo(dtype).max).astype(dtype)


def by_brute_force(alpha, band):
    """The definition, pixel by pixel; `band` (h, w)."""
    full = np.iinfo(alpha.dtype).max
    inside = alpha / full >= 0.5
    rows, columns = np.indices(alpha.shape)
    trimap = np.where(alpha == full, 255, np.where(alpha == 0, 0, 128))
    for y, x in np.ndindex(alpha.shape):
        other = inside != inside[y, x]
        distance = np.hypot(rows[other] - y, columns[other] - x).min() - 0.5
        if distance <= band[y, x]:
            trimap[y, x] = 128
    return trimap


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("band_px", [0, 0.5, 1.7, 4, 60])
def test_the_trimap_follows_its_definition(band_px, dtype):
    alpha = blob(dtype=dtype)
    trimap = trimap_from_alpha(alpha, band_px=band_px)
    assert trimap.dtype == np.uint8
    np.testing.assert_array_equal(trimap, by_brute_force(alpha, np.full(alpha.shape, band_px)))


def test_the_band_widens_up_to_three_times_where_the_network_is_unsure():
    alpha = blob()
    uncertainty = np.random.default_rng(3).random((4, 5), np.float32)
    rows = np.clip((np.arange(40) + 0.5) * 4 / 40 - 0.5, 0, 3)
    columns = np.clip((np.arange(50) + 0.5) * 5 / 50 - 0.5, 0, 4)
    across = np.array([np.interp(columns, np.arange(5), row) for row in uncertainty])
    bilinear = np.array([np.interp(rows, np.arange(4), column) for column in across.T]).T
    expected = by_brute_force(alpha, 2.3 * (1 + 2 * bilinear))
    np.testing.assert_array_equal(trimap_from_alpha(alpha, band_px=2.3, uncertainty=uncertainty), expected)


@pytest.mark.parametrize("rows", [1, 7, 39])
def test_a_trimap_does_not_depend_on_the_strips_it_is_worked_out_in(rows, monkeypatch):
    alpha, uncertainty = blob(), np.linspace(0, 1, 20, dtype=np.float32).reshape(5, 4)
    expected = trimap_from_alpha(alpha, band_px=3, uncertainty=uncertainty)
    monkeypatch.setattr(module, "STRIP_ROWS", rows)
    np.testing.assert_array_equal(trimap_from_alpha(alpha, band_px=3, uncertainty=uncertainty), expected)


@pytest.mark.parametrize("value", [0, 255])
def test_without_a_contour_nothing_is_unknown(value):
    alpha = np.full((30, 20), value, np.uint8)
    np.testing.assert_array_equal(trimap_from_alpha(alpha, band_px=50), alpha)


def test_a_veil_is_unknown_however_far_from_the_contour():
    assert (trimap_from_alpha(np.full((30, 20), 90, np.uint8), band_px=0) == 128).all()


def test_no_alpha_no_trimap():
    assert trimap_from_alpha(np.zeros((0, 5), np.uint8), band_px=3).shape == (0, 5)
    assert trimap_from_alpha(np.zeros((5, 0), np.uint8), band_px=3).shape == (5, 0)


@pytest.mark.parametrize("band_px", [-1, float("nan"), float("inf")])
def test_a_band_is_a_number_of_pixels(band_px):
    with pytest.raises(InvalidOptions, match="expected 0 or more"):
        trimap_from_alpha(blob(), band_px=band_px)


def test_alpha_and_uncertainty_must_have_their_form():
    with pytest.raises(InvalidArray, match="uint8 or uint16"):
        trimap_from_alpha(np.zeros((4, 4), np.float32), band_px=1)
    with pytest.raises(InvalidArray, match=r"expected \(h, w\)"):
        trimap_from_alpha(np.zeros((4, 4, 3), np.uint8), band_px=1)
    with pytest.raises(InvalidArray, match=r"values in \[0, 1\]"):
        trimap_from_alpha(blob(), band_px=1, uncertainty=np.full((3, 3), np.nan, np.float32))
    with pytest.raises(InvalidArray, match="at least one pixel"):
        trimap_from_alpha(blob(), band_px=1, uncertainty=np.zeros((0, 3), np.float32))


@pytest.mark.parametrize(("ramp", "expected"), [(1, 0), (2, 0), (4, 0.46), (6, 0.94), (20, 1)])
def test_uncertainty_grows_with_the_ramps_width(ramp, expected):
    columns = np.arange(60) - 29.5
    coarse = np.tile(np.clip(columns / ramp + 0.5, 0, 1), (30, 1)).astype(np.float32)
    uncertainty = border_uncertainty(coarse)
    # (2/3 ramp / 7 - 0.2) / 0.4 if the sum over pixels were the integral
    assert uncertainty[15, 30] == pytest.approx(expected, abs=0.1)
    assert (uncertainty[:, :12] == 0).all()  # ramps end 10 pixels from the middle at most, windows 6 further


def test_uncertainty_of_nothing_and_of_flat_pictures():
    assert border_uncertainty(np.zeros((0, 4), np.float32)).shape == (0, 4)
    assert (border_uncertainty(np.ones((9, 9), np.float32)) == 0).all()
    assert (border_uncertainty(np.full((9, 9), 0.5, np.float32)) == 1).all()
    with pytest.raises(InvalidArray, match="expected float32"):
        border_uncertainty(np.zeros((4, 4)))


def drawn():
    """A trimap of three bands with a block in each corner of another level: (24, 40)."""
    trimap = np.repeat(np.array(LEVELS, np.uint8), [14, 12, 14])[None].repeat(24, 0)
    trimap[:8, :8], trimap[-8:, -8:] = 128, 0
    return trimap


def save(path, array):
    if path.suffix == ".tif":
        tifffile.imwrite(path, array, photometric="rgb" if array.ndim == 3 else "minisblack")
    else:
        Image.fromarray(array).save(path, **({"quality": 70} if path.suffix == ".jpg" else {}))
    return path


@pytest.mark.parametrize("name", ["grey.png", "rgb.png", "grey16.tif", "rgb16.tif", "opaque.png", "off.png"])
def test_a_trimap_is_read_from_any_file_that_holds_one(name, tmp_path):
    array = drawn()
    if name.startswith("rgb"):
        array = array[..., None].repeat(3, axis=2)
    if name.startswith("opaque"):
        array = np.dstack([array, array, array, np.full_like(array, 255)])
    if "16" in name:
        array = array.astype(np.uint16) * 257
    if name.startswith("off"):
        array = np.array([3, 90, 250], np.uint8)[np.searchsorted(LEVELS, array)]
    np.testing.assert_array_equal(read_trimap(save(tmp_path / name, array), (24, 40)), drawn())


@pytest.mark.parametrize("channels", [1, 3])
def test_jpegs_noise_changes_a_trimap_only_beside_its_edges(channels, tmp_path):
    array = drawn() if channels == 1 else drawn()[..., None].repeat(3, axis=2)
    read = read_trimap(save(tmp_path / "trimap.jpg", array), (24, 40))
    assert set(np.unique(read)) <= set(LEVELS)
    far = np.ones((24, 40), bool)
    for edge in (14, 26):
        far[:, edge - 3 : edge + 3] = False
    far[5:11, :11], far[-11:-5, -11:], far[:, 5:11], far[:, -11:-5] = False, False, False, False
    np.testing.assert_array_equal(read[far], drawn()[far])
    assert not ((read == 255) & (drawn() == 0)).any()
    assert not ((read == 0) & (drawn() == 255)).any()


def test_a_trimap_without_unknown_pixels_is_one(tmp_path):
    array = np.where(drawn() > 0, 255, 0).astype(np.uint8)
    np.testing.assert_array_equal(read_trimap(save(tmp_path / "t.png", array), (24, 40)), array)


@pytest.mark.parametrize("read", [read_trimap, read_scribble, read_mask])
def test_another_size_than_the_photos_is_said_with_both(read, tmp_path):
    with pytest.raises(
        InvalidTrimap, match=r"is 40 x 24 pixels, the photo, upright, 50 x 30\. Give one of the photo's size\."
    ):
        read(save(tmp_path / "t.png", drawn()), (30, 50))


@pytest.mark.parametrize("read", [read_trimap, read_scribble])
@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ((0, 0, 0), r"is background \(black\) everywhere"),
        ((255, 255, 255), r"is foreground \(white\) everywhere"),
        ((128, 128, 128), "leaves every pixel unknown"),
        ((100, 128, 140), "leaves every pixel unknown"),
        ((0, 128, 128), "knows no foreground"),
        ((128, 128, 255), "knows no background"),
        ((0, 1, 2), r"is background \(black\) everywhere"),
    ],
)
def test_a_trimap_that_says_too_little_is_refused_in_one_line(read, values, complaint, tmp_path):
    array = np.array(values, np.uint8)[np.searchsorted(LEVELS, drawn())]
    with pytest.raises(InvalidTrimap, match=complaint) as error:
        read(save(tmp_path / "t.png", array), (24, 40))
    assert "\n" not in str(error.value)
    assert "Mark" in str(error.value)
    assert str(error.value).startswith(str(tmp_path))


def painted():
    """A coloured picture with a white and a black stroke: RGB (24, 40, 3), and the trimap it means."""
    picture = np.full((24, 40, 3), (200, 40, 60), np.uint8)
    picture[:, 30:] = (90, 200, 220)
    picture[4:7, 5:20], picture[15:18, 8:35] = 255, 0
    trimap = np.full((24, 40), 128, np.uint8)
    trimap[4:7, 5:20], trimap[15:18, 8:35] = 255, 0
    return picture, trimap


def test_strokes_on_colours_are_a_scribble(tmp_path):
    picture, trimap = painted()
    np.testing.assert_array_equal(read_scribble(save(tmp_path / "s.png", picture), (24, 40)), trimap)
    deep = save(tmp_path / "s.tif", picture.astype(np.uint16) * 257)
    np.testing.assert_array_equal(read_scribble(deep, (24, 40)), trimap)


@pytest.mark.parametrize("under", [0, 255])
def test_strokes_on_a_transparent_layer_are_a_scribble_whatever_lies_hidden(under, tmp_path):
    _, trimap = painted()
    layer = np.full((24, 40, 4), under, np.uint8)
    layer[..., :3][trimap != 128] = trimap[trimap != 128][:, None]
    layer[..., 3] = np.where(trimap == 128, 40, 230)
    np.testing.assert_array_equal(read_scribble(save(tmp_path / "s.png", layer), (24, 40)), trimap)


@pytest.mark.parametrize("read", [read_trimap, read_mask])
def test_a_colour_picture_is_no_trimap_and_no_mask(read, tmp_path):
    with pytest.raises(InvalidTrimap, match="is a colour picture"):
        read(save(tmp_path / "s.png", painted()[0]), (24, 40))


def test_a_cmyk_picture_is_refused(tmp_path):
    Image.new("CMYK", (40, 24)).save(tmp_path / "t.tif")
    with pytest.raises(InvalidTrimap, match="a CMYK picture"):
        read_trimap(tmp_path / "t.tif", (24, 40))


def test_a_mask_keeps_its_values_in_either_depth(tmp_path):
    alpha = blob(24, 40)
    path = save(tmp_path / "m.png", alpha)
    np.testing.assert_array_equal(read_mask(path, (24, 40)), alpha)
    deep = read_mask(path, (24, 40), bits=16)
    assert deep.dtype == np.uint16
    np.testing.assert_array_equal(deep, alpha.astype(int) * 257)
    exact = blob(24, 40, np.uint16)
    path = save(tmp_path / "m.tif", exact)
    np.testing.assert_array_equal(read_mask(path, (24, 40), bits=16), exact)
    shallow = read_mask(path, (24, 40))
    assert shallow.dtype == np.uint8
    np.testing.assert_array_equal(shallow, np.rint(exact / 257))


def test_of_a_cut_out_the_transparency_is_the_mask(tmp_path):
    picture, _ = painted()
    alpha = blob(24, 40)
    path = save(tmp_path / "cut-out.png", np.dstack([picture, alpha]))
    np.testing.assert_array_equal(read_mask(path, (24, 40)), alpha)


def test_of_an_opaque_rgba_picture_the_grey_is_the_mask(tmp_path):
    alpha = blob(24, 40)
    path = save(tmp_path / "m.png", np.dstack([alpha, alpha, alpha, np.full_like(alpha, 255)]))
    np.testing.assert_array_equal(read_mask(path, (24, 40)), alpha)


def test_a_mask_saved_as_jpeg_is_black_and_white_again(tmp_path):
    mask = np.zeros((48, 64), np.uint8)
    mask[16:32, 16:48] = 255
    read = read_mask(save(tmp_path / "m.jpg", mask), (48, 64))
    far = np.ones((48, 64), bool)
    far[8:40, 8:56], far[24:26, 24:40] = False, True  # JPEG's blocks of 8
    np.testing.assert_array_equal(read[far], mask[far])
    assert (np.abs(read.astype(int) - mask) <= 60).all()


@pytest.mark.parametrize("value", [0, 77, 255])
def test_a_mask_of_one_value_is_refused(value, tmp_path):
    with pytest.raises(InvalidTrimap, match=f"has the value {value} of 255"):
        read_mask(save(tmp_path / "m.png", np.full((24, 40), value, np.uint8)), (24, 40))


def test_what_is_no_picture_or_too_large_is_said_as_for_photos(tmp_path):
    with pytest.raises(UnreadablePhoto, match="there is no such file"):
        read_trimap(tmp_path / "none.png", (24, 40))
    with pytest.raises(PhotoTooLarge):
        read_trimap(save(tmp_path / "t.png", drawn()), (24, 40), ReadOptions(max_pixels=100))


def test_trimaps_have_one_form():
    require_trimap(drawn(), (24, 40))
    with pytest.raises(InvalidArray, match="values 0, 128 and 255 only; got 127"):
        require_trimap(np.full((2, 2), 127, np.uint8), (2, 2))
    with pytest.raises(InvalidArray, match=r"expected uint8 \(2, 3\)"):
        require_trimap(np.zeros((2, 2), np.uint8), (2, 3))
    with pytest.raises(InvalidArray, match="expected uint8"):
        require_trimap(np.zeros((2, 2), np.float32), (2, 2))
    require_known(np.zeros((0, 3), np.uint8))
