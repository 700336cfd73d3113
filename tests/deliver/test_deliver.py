"""A drawn cut-out delivered to every channel, and read back by software that did not write it."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
import pyvips
import tifffile
from drawn_matte import disc_matte, noise_photo
from PIL import Image, ImageCms
from psd_tools import PSDImage
from psd_tools.constants import Resource as Key

from deepetch import Cutout, SaveOptions, read_photo
from deepetch.deliver.check import check_file
from deepetch.deliver.deliver import View, as_called, deliver, view_of
from deepetch.deliver.frame import Box
from deepetch.deliver.profiles import Profile, shipped_profiles
from deepetch.deliver.save import write_cutout
from deepetch.deliver.spot import white_plate
from deepetch.errors import InvalidOptions, NoShadow, NoSubject, OutputExists, UnsupportedOutput
from deepetch.matte.matte import BorderColours, Matte
from deepetch.options import ShadowOptions, SpotOptions, spot_from
from deepetch.photo.photo import Metadata, Photo

SHIPPED = shipped_profiles()
PRINT = "print-cmyk-coated"
HEIGHT, WIDTH = 2700, 2600


@pytest.fixture(scope="module")
def large():
    """A soft ellipse of about 1,500 x 2,500 pixels, all shades of brown, on a bluish wall."""
    rows, columns = np.ogrid[:HEIGHT, :WIDTH]
    inside = 1 - np.hypot((columns - WIDTH / 2) / 750, (rows - HEIGHT / 2) / 1250)
    alpha = np.rint(np.clip(inside * 300 + 0.5, 0, 1) * 255).astype(np.uint8)
    shade = np.rint(np.clip(160 + 60 * np.sin(columns / 90) * np.cos(rows / 70), 0, 255)).astype(np.uint8)
    samples = np.empty((HEIGHT, WIDTH, 3), np.uint8)
    samples[:] = (90, 110, 160)
    seen = alpha > 0
    samples[seen] = np.stack([shade, shade // 2, shade // 4], axis=-1)[seen]
    index = np.flatnonzero((alpha > 0) & (alpha < 255))
    photo = Photo(samples=samples, space="rgb", format="jpeg", metadata=Metadata(density=(72.0, 72.0)))
    return photo, Matte(alpha, BorderColours(index, samples.reshape(-1, 3)[index]))


@pytest.fixture
def press(tmp_path):
    """An ICC profile of a press: the general one that libvips brings."""
    path = tmp_path / "press.icc"
    path.write_bytes(bytes(pyvips.Operation.call("profile_load", "cmyk")))
    return path


def small(dtype=np.uint8, space="rgb", height=120, width=100, metadata=None):
    photo = noise_photo(space, dtype, height, width, metadata)
    return photo, disc_matte(photo)


def own(**keys):
    return Profile(**({"name": "shop", "formats": (".png",)} | keys))


def vips(path):
    return pyvips.Image.new_from_file(str(path))


def assert_read_again(path, profile):
    """What `read_photo` makes of a delivered file has nothing to complain about."""
    photo = read_photo(path)
    assert photo.warnings == ()
    assert photo.space == (profile.space or "rgb")
    assert (vips(path).width, vips(path).height) == (photo.width, photo.height)
    # PNG, WebP and TIFF hold it as a ratio or in metres
    assert profile.min_density is None or min(photo.metadata.density) >= profile.min_density - 0.01
    assert (photo.alpha is not None) == (profile.background == "transparent")


def assert_white_around(colours, *, block):
    """Exactly 255 in all channels wherever a `block` x `block` square shows none of the dark subject."""
    height, width = (side // block * block for side in colours.shape[:2])
    dark = (colours[:height, :width].min(axis=2) < 230).reshape(height // block, block, width // block, block)
    touched = dark.any(axis=(1, 3))
    near = np.zeros_like(touched)  # a soft edge may begin in the next one
    padded = np.pad(touched, 1)
    for row in range(3):
        for column in range(3):
            near |= padded[row : row + touched.shape[0], column : column + touched.shape[1]]
    white = (colours[:height, :width] == 255).all(axis=2).reshape(dark.shape).all(axis=(1, 3))
    assert white[~near].all()
    assert (~near).mean() > 0.05


def subject_share(colours):
    """The larger share of height and width that is not near white."""
    seen = colours.min(axis=2) < 200
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    return max((rows[-1] + 1 - rows[0]) / colours.shape[0], (columns[-1] + 1 - columns[0]) / colours.shape[1])


@pytest.mark.parametrize("name", [name for name in SHIPPED if SHIPPED[name].formats[0] == ".jpg"])
def test_a_jpeg_is_what_its_channel_asks_for(large, tmp_path, name):
    profile, path = SHIPPED[name], tmp_path / "a.jpg"
    said = deliver(*large, profile, path)
    assert said == ()
    assert_read_again(path, profile)
    with Image.open(path) as image:
        assert (image.format, image.mode) == ("JPEG", "RGB")
        colours = np.asarray(image)
        density = image.info.get("dpi")
        icc = image.info.get("icc_profile")
    height, width = colours.shape[:2]
    assert (width, height) == (profile.width or width, profile.height or height)
    assert width >= (profile.min_width or 1)
    assert height >= (profile.min_height or 1)
    assert (profile.min_long_side or 1) <= max(width, height) <= (profile.max_long_side or 10**6)
    assert width * height <= (profile.max_pixels or 10**9)
    assert width / height == pytest.approx(profile.aspect or width / height, rel=0.005)
    if profile.fill_min is not None:
        # one pixel of the soft edge a side
        assert profile.fill_min - 0.002 <= subject_share(colours) <= (profile.fill_max or 1) + 0.002
    assert path.stat().st_size <= (profile.max_bytes or 10**9)
    assert min(density) >= (profile.min_density or 1)
    assert_white_around(colours, block=8)
    if profile.icc == "srgb":
        assert "sRGB" in ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(icc)))


def test_the_gs1_tiff(large, tmp_path):
    path = tmp_path / "a.tif"
    assert deliver(*large, SHIPPED["gs1-high-resolution"], path) == ()
    assert_read_again(path, SHIPPED["gs1-high-resolution"])
    with tifffile.TiffFile(path) as file:
        page = file.pages[0]
        tags, colours = page.tags, page.asarray()
        assert page.photometric.name == "RGB"
        assert [tags[name].value for name in ("XResolution", "YResolution", "ResolutionUnit")] == [
            (3_000_000, 10_000), (3_000_000, 10_000), 2,
        ]  # fmt: skip
        resources = tags[34377].value
    assert 2401 <= max(colours.shape[:2]) <= 4800
    seen = colours.min(axis=2) < 255
    assert all(seen[edge].any() for edge in (np.s_[0], np.s_[-1], np.s_[:, 0], np.s_[:, -1]))  # margin 0
    assert (colours[:20, :20] == 255).all()
    assert_white_around(colours, block=8)
    assert b"Path 1" in bytes(resources)
    assert path.stat().st_size <= 40_000_000


def test_the_print_tiff_is_cmyk_by_the_profile_given(large, tmp_path, press):
    path = tmp_path / "a.tif"
    said = deliver(*large, SHIPPED[PRINT], path, icc=press)
    assert said == ("The colours were converted to press.icc.",)
    assert_read_again(path, SHIPPED[PRINT])
    with tifffile.TiffFile(path) as file:
        page = file.pages[0]
        assert page.photometric.name == "SEPARATED"
        assert bytes(page.tags[34675].value) == press.read_bytes()
        assert page.tags["XResolution"].value == (3_000_000, 10_000)
        inks = page.asarray()
    photo, matte = large
    assert inks.shape == (HEIGHT, WIDTH, 4)
    assert not inks[matte.alpha == 0].any()  # paper
    middle = np.s_[1000:1400, 1100:1500]
    image = Image.open(path)
    image.load()
    seen = ImageCms.profileToProfile(
        image.crop((1100, 1000, 1500, 1400)),
        str(press),
        ImageCms.createProfile("sRGB"),
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        outputMode="RGB",
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    difference = np.abs(np.asarray(seen).astype(int) - photo.samples[middle])
    # browns are printable; 8 bits of ink and the press's own black leave a few levels
    assert difference.mean() < 4


def test_a_photo_in_the_presss_space_is_not_touched(tmp_path, press):
    metadata = Metadata(profile=press.read_bytes(), density=(300.0, 300.0))
    photo, matte = small(np.uint16, "cmyk", metadata=metadata)
    profile = replace(SHIPPED[PRINT], ink_limit=None)
    assert deliver(photo, matte, profile, tmp_path / "a.tif", icc=press) == ()
    inks = tifffile.imread(tmp_path / "a.tif")
    opaque = matte.alpha == 65535
    assert np.array_equal(inks[opaque], photo.samples[opaque])


def test_16_bit_are_converted_with_16(tmp_path, press):
    photo, matte = small(np.uint16)
    deliver(photo, matte, SHIPPED[PRINT], tmp_path / "a.tif", icc=press)
    inks = tifffile.imread(tmp_path / "a.tif")
    assert inks.dtype == np.uint16
    assert (inks % 257 != 0).any()


def test_the_packaging_psd(large, tmp_path):
    path = tmp_path / "a.psd"
    assert deliver(*large, SHIPPED["packaging-psd"], path) == ()
    document = PSDImage.open(path)
    (layer,) = list(document)
    assert np.array_equal(np.rint(layer.numpy("mask")[..., 0] * 255), large[1].alpha)
    assert document.image_resources.get_data(Key.CLIPPING_PATH_NAME) == "Path 1"
    assert document.image_resources.get_data(Key.RESOLUTION_INFO).horizontal == 300 * 65536
    assert document.size == (WIDTH, HEIGHT)


def test_the_web_picture_is_cropped_and_transparent(large, tmp_path):
    path = tmp_path / "a.webp"
    deliver(*large, SHIPPED["web-transparent"], path)
    assert_read_again(path, SHIPPED["web-transparent"])
    with Image.open(path) as image:
        assert image.mode == "RGBA"
        pixels = np.asarray(image)
    seen = pixels[..., 3] >= 13  # a twentieth, where the frame sees the subject
    assert all(seen[edge].any() for edge in (np.s_[0], np.s_[-1], np.s_[:, 0], np.s_[:, -1]))
    assert pixels[0, 0, 3] == 0


# what a channel leaves open, and what it forbids


def test_the_method_of_a_cutout_writes_the_same(tmp_path):
    photo, matte = small()
    profile = own(fill_min=0.8, background="white", bits=8)
    deliver(photo, matte, profile, tmp_path / "a.png")
    Cutout(photo=photo, matte=matte, confidence=None, model="given").deliver(tmp_path / "b.png", profile)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_white_is_exactly_white_in_grey_cmyk_and_16_bit(tmp_path, press):
    for space, dtype in (("grey", np.uint16), ("cmyk", np.uint8), ("rgb", np.uint16)):
        photo, matte = small(dtype, space)
        if space == "cmyk":
            photo = replace(photo, metadata=Metadata(profile=press.read_bytes()))
        deliver(photo, matte, own(background="white", space="rgb", icc="srgb"), tmp_path / f"{space}.png")
        pixels = read_photo(tmp_path / f"{space}.png").samples
        assert pixels.shape[2] == 3
        assert (pixels[matte.alpha == 0] == np.iinfo(pixels.dtype).max).all()


def test_sixteen_bit_become_eight_where_asked_and_never_the_other_way(tmp_path):
    photo, matte = small(np.uint16)
    said = deliver(photo, matte, own(bits=8), tmp_path / "a.png")
    assert said == ("shop asks for 8 bit: the 16-bit values were rounded.",)
    again = read_photo(tmp_path / "a.png")
    assert again.bits == 8
    opaque = matte.alpha == 65535
    assert np.array_equal(again.samples[opaque], np.rint(photo.samples[opaque] / 257).astype(np.uint8))
    with pytest.raises(UnsupportedOutput, match="shop: asks for 16 bit, and the photo has 8"):
        deliver(*small(), own(bits=16), tmp_path / "b.png")
    assert not (tmp_path / "b.png").exists()


def test_a_density_that_is_high_enough_stays(tmp_path):
    for stated, written in (((240.0, 240.0), 240), ((72.0, 72.0), 150), (None, 150)):
        photo, matte = small(metadata=Metadata(density=stated))
        deliver(photo, matte, own(min_density=150), tmp_path / "a.png", SaveOptions(overwrite=True))
        with Image.open(tmp_path / "a.png") as image:
            assert image.info["dpi"] == pytest.approx((written, written), abs=0.1)


def test_a_density_in_exif_is_replaced_too(tmp_path):
    exif = Image.Exif()
    exif[282] = exif[283] = 72.0
    exif[296] = 2
    block = exif.tobytes().removeprefix(b"Exif\0\0")
    for suffix in (".jpg", ".png", ".webp", ".tif"):
        photo, matte = small(metadata=Metadata(density=(72.0, 72.0), exif=block))
        deliver(photo, matte, own(formats=(suffix,), min_density=300), tmp_path / f"a{suffix}")
        assert read_photo(tmp_path / f"a{suffix}").metadata.density == pytest.approx((300, 300), abs=0.01)
        with Image.open(tmp_path / f"a{suffix}") as image:
            assert image.getexif().get(282) == 300 or suffix == ".tif"  # there it is the picture's own tag


def test_paths_by_name_forbidden_and_in_jpeg(tmp_path):
    profile = own(formats=(".jpg", ".tif"), background="white", path="required", path_name="Outline")
    deliver(*small(), profile, tmp_path / "a.jpg")
    with Image.open(tmp_path / "a.jpg") as image:
        assert sorted(image.info["photoshop"]) == [2000, 2999]
        assert b"Outline" in image.info["photoshop"][2999]
    allowed = replace(profile, path="allowed")
    deliver(*small(), allowed, tmp_path / "b.jpg")
    with Image.open(tmp_path / "b.jpg") as image:
        assert "photoshop" not in image.info
    deliver(*small(), allowed, tmp_path / "c.jpg", SaveOptions(path=True))
    with Image.open(tmp_path / "c.jpg") as image:
        assert b"Outline" in image.info["photoshop"][2999]
    deliver(*small(), replace(profile, path="forbidden", path_name=None), tmp_path / "d.tif")
    with tifffile.TiffFile(tmp_path / "d.tif") as file:
        assert 34377 not in file.pages[0].tags


def test_a_required_path_that_cannot_be_had_is_refused(tmp_path):
    photo, matte = small()
    faint = Matte(np.minimum(matte.alpha, 100), matte.border)
    index = np.flatnonzero((faint.alpha > 0) & (faint.alpha < 255))
    faint = Matte(faint.alpha, BorderColours(index, photo.samples.reshape(-1, 3)[index]))
    with pytest.raises(NoSubject, match="no clipping path"):
        deliver(photo, faint, own(formats=(".tif",), path="required"), tmp_path / "a.tif")
    rng = np.random.default_rng(0)
    alpha = (np.kron(rng.integers(0, 2, (60, 60)), np.ones((8, 8))) * 255).astype(np.uint8)
    photo = noise_photo("rgb", np.uint8, *alpha.shape)
    checks = Matte(alpha, BorderColours(np.zeros(0, np.int64), photo.samples.reshape(-1, 3)[:0]))
    with pytest.raises(UnsupportedOutput, match="too long for JPEG, and shop requires one"):
        deliver(photo, checks, own(formats=(".jpg",), background="white", path="required"), tmp_path / "a.jpg")
    assert list(tmp_path.iterdir()) == []


def test_the_quality_is_lowered_to_keep_the_size_and_not_below_the_least(tmp_path):
    photo, matte = small(height=300, width=300)
    sizes = {}
    for quality in (60, 92):
        deliver(photo, matte, own(formats=(".jpg",)), tmp_path / f"{quality}.jpg", SaveOptions(quality=quality))
        sizes[quality] = (tmp_path / f"{quality}.jpg").stat().st_size
    limit = (sizes[60] + sizes[92]) // 2
    (said,) = deliver(photo, matte, own(formats=(".jpg",), max_bytes=limit), tmp_path / "a.jpg")
    assert said.startswith(f"JPEG of quality 92 takes {sizes[92]:,} bytes, the limit is {limit:,} bytes: quality ")
    used = int(said.split("quality ")[-1].split()[0])
    assert 60 < used < 92
    assert (tmp_path / "a.jpg").stat().st_size <= limit
    deliver(photo, matte, own(formats=(".jpg",)), tmp_path / "b.jpg", SaveOptions(quality=used))
    assert (tmp_path / "a.jpg").read_bytes() == (tmp_path / "b.jpg").read_bytes()
    deliver(photo, matte, own(formats=(".jpg",)), tmp_path / "c.jpg", SaveOptions(quality=used + 1))
    assert (tmp_path / "c.jpg").stat().st_size > limit
    for formats in ((".jpg",), (".png",), (".tif",), (".psd",)):
        path = tmp_path / f"none{formats[0]}"
        with pytest.raises(UnsupportedOutput, match="the limit is 1,000 bytes") as error:
            deliver(photo, matte, own(formats=formats, max_bytes=1000), path)
        assert "\n" not in str(error.value)
        assert not path.exists()


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"fill_min": 0.8, "width": 400, "height": 400}, r"has 73 x 73 pixels and needs .* the limit is 1"),
        ({"margin": 0, "min_long_side": 90}, r"the limit is 1\. Ask for a smaller picture, or give a larger photo"),
        ({"min_height": 110, "width": 100}, r"shop: the picture would be 100 x \d+, and min_height is 110"),
    ],
)
def test_sizes_that_cannot_be_had_are_refused_with_the_figures(tmp_path, keys, message):
    photo, matte = small(height=100, width=100)
    if "min_height" in keys:
        photo, matte = small(height=90, width=100)
    with pytest.raises(InvalidOptions, match=message) as error:
        deliver(photo, matte, own(**keys), tmp_path / "a.png")
    assert "\n" not in str(error.value)
    assert list(tmp_path.iterdir()) == []


def plain(width, height):
    """A grey photo with a dark rectangle for its subject."""
    samples = np.full((height, width, 3), 200, np.uint8)
    alpha = np.zeros((height, width), np.uint8)
    alpha[height // 4 : height // 2, width // 4 : width // 2] = 255
    samples[alpha == 255] = 40
    border = BorderColours(np.zeros(0, np.int64), samples[:0, 0])
    return Photo(samples=samples, space="rgb", format="jpeg"), Matte(alpha, border)


@pytest.mark.parametrize(
    ("name", "size", "delivered"),
    [
        ("walmart", (1500, 1400), (1500, 1500)),
        ("walmart", (2199, 2100), (2199, 2199)),
        ("zalando", (700, 1100), (763, 1100)),
        ("zalando", (762, 1100), (763, 1100)),
        ("zalando", (1700, 1300), (1700, 2454)),
        ("shopify", (800, 500), (800, 800)),
    ],
)
def test_a_photo_below_the_advised_size_is_delivered_as_large_as_it_is(tmp_path, name, size, delivered):
    profile, path = SHIPPED[name], tmp_path / "04006381333931.jpg"
    (said,) = deliver(*plain(*size), profile, path)
    assert f"too few pixels for the {profile.width} x {profile.height} that {name} advises" in said
    assert f"{delivered[0]} x {delivered[1]} was delivered; {profile.min_width} x {profile.min_height} is its" in said
    checked = check_file(path, profile)
    assert (checked.delivered.photo.width, checked.delivered.photo.height) == delivered
    assert checked.passed
    assert {"width", "height"} & {finding.rule for finding in checked.with_verdict("warning")}


@pytest.mark.parametrize(
    ("name", "size", "needed"),
    [
        ("walmart", (1499, 1400), "1500 x 1401"),
        ("zalando", (761, 1099), "762 x 1100"),
        ("shopify", (799, 799), "800 x 800"),
    ],
)
def test_a_photo_below_the_least_size_of_a_channel_is_refused_with_that(tmp_path, name, size, needed):
    path = tmp_path / "a.jpg"
    message = f"{name}: the picture has {size[0]} x {size[1]} pixels and needs {needed} for"
    with pytest.raises(InvalidOptions, match=message):
        deliver(*plain(*size), SHIPPED[name], path)
    assert not path.exists()


def test_a_photo_a_pixel_short_of_the_advised_shape_has_the_advised_size(tmp_path):
    assert deliver(*plain(1800, 2600), SHIPPED["zalando"], tmp_path / "a.jpg") == ()
    assert read_photo(tmp_path / "a.jpg").samples.shape[:2] == (2600, 1801)


def test_a_size_is_advice_by_the_table_alone(tmp_path):
    photo, matte = small(height=100, width=100)  # the disc has 73 pixels
    keys = {"fill_min": 0.7, "fill_max": 0.9, "width": 200, "height": 200}
    for least in ({}, {"min_width": 90}, {"min_long_side": 90}):
        with pytest.raises(InvalidOptions, match="for 70% of 200 x 200"):
            deliver(photo, matte, own(**keys, **least), tmp_path / "a.png")
    with pytest.raises(InvalidOptions, match="for 70% of 105 x 105"):
        deliver(photo, matte, own(**keys, min_width=90, min_height=105), tmp_path / "a.png")
    (said,) = deliver(photo, matte, own(**keys, min_width=90, min_height=90), tmp_path / "a.png")
    assert "104 x 104 was delivered; 90 x 90 is its least" in said  # 73 / 0.7
    (said,) = deliver(photo, matte, own(width=200, min_width=90), tmp_path / "b.png")
    assert "for the width 200 that shop advises: 100 x 100 was delivered; width 90 is its least" in said


@pytest.mark.parametrize(
    ("keys", "call", "message"),
    [
        ({}, {"suffix": ".webp"}, r"the format \.webp and the profile shop, which takes \.png, contradict"),
        ({"formats": (".png", ".gif")}, {"suffix": ".gif"}, r"shop: takes \.gif, but that is not written here"),
        (
            {"formats": (".tif", ".webp"), "path": "required"}, {"suffix": ".webp"},
            r"shop: the format \.webp cannot be used here",
        ),
        ({"background": "white"}, {"background": "#ff0000"}, "background #ff0000 and the profile shop, which asks for"),
        ({"background": "transparent"}, {"background": "white"}, "asks for transparent, contradict"),
        ({"formats": (".jpg",)}, {"background": "transparent"}, r"shop: \.jpg holds no transparency"),
        ({"formats": (".tif",), "space": "cmyk"}, {"convert_to": "srgb"}, "asks for cmyk, contradict"),
        ({"formats": (".tif",), "icc": "given"}, {"convert_to": "srgb"}, "asks for another ICC profile, contradict"),
        ({"path": "forbidden"}, {"path": True}, "which forbids it, contradict"),
        ({"background": "white"}, {"shadow": "own"}, "asks for pure white around the subject, contradict"),
        ({"background": "transparent"}, {"shadow": "drop"}, "asks for nothing around the subject, contradict"),
        ({}, {"spot": True}, r"shop: \.png holds no spot channel"),
    ],
)  # fmt: skip
def test_what_contradicts_a_profile_names_both(keys, call, message):
    with pytest.raises(InvalidOptions, match=message) as error:
        as_called(own(**keys), **call)
    assert "\n" not in str(error.value)


def test_what_agrees_with_a_profile_is_taken(tmp_path):
    profile = own(formats=(".jpg", ".jpeg", ".tiff", ".png"), background="white")
    assert as_called(profile, suffix=".JPEG").formats[0] == ".jpg"
    assert as_called(profile, suffix=".tif", background="#FFFFFF").formats[0] == ".tif"
    assert as_called(own(), background="#ff0000", convert_to="srgb", path=True).icc == "srgb"
    deliver(*small(), own(), tmp_path / "a.png", background="#ff0000")
    with Image.open(tmp_path / "a.png") as image:
        assert image.getpixel((0, 0)) == (255, 0, 0)


def test_icc_files_that_cannot_be_used(tmp_path, press):
    link = bytearray(press.read_bytes())
    link[12:16] = b"link"
    one_way = press.read_bytes().replace(b"B2A", b"X2A")
    rgb = bytes(pyvips.Operation.call("profile_load", "srgb"))
    for number, (content, message) in enumerate(
        (
            (b"no profile", "is damaged"),
            (bytes(link), "is of the class 'link'"),
            (one_way, "has no table for converting to it"),
            (rgb, "is not one for CMYK pictures"),
        )
    ):
        file = tmp_path / f"{number}.icc"
        file.write_bytes(content)
        with pytest.raises(InvalidOptions, match=message) as error:
            deliver(*small(), SHIPPED[PRINT], tmp_path / "a.tif", icc=file)
        assert "\n" not in str(error.value)
    for icc, message in (
        (tmp_path / "none.icc", "no ICC profile to read"),
        (None, "print-cmyk-coated: the channel names no ICC profile"),
    ):
        with pytest.raises(InvalidOptions, match=message):
            deliver(*small(), SHIPPED[PRINT], tmp_path / "a.tif", icc=icc)
    with pytest.raises(InvalidOptions, match="shop: leaves no ICC profile to choose"):
        deliver(*small(), own(), tmp_path / "a.png", icc=press)
    with pytest.raises(InvalidOptions, match="shop: asks for cmyk, and the photo is rgb"):
        deliver(*small(), own(formats=(".tif",), space="cmyk"), tmp_path / "a.tif")
    assert not (tmp_path / "a.tif").exists()


def test_a_profiles_own_icc_file_is_used(tmp_path, press):
    said = deliver(*small(), own(formats=(".tif",), icc=str(press)), tmp_path / "a.tif")
    assert said == ("The colours were converted to press.icc.",)
    assert read_photo(tmp_path / "a.tif").space == "cmyk"


def test_an_existing_file_stays(tmp_path):
    path = tmp_path / "a.png"
    path.write_text("mine")
    with pytest.raises(OutputExists):
        deliver(*small(), own(), path)
    assert path.read_text() == "mine"


def test_a_shadow_is_refused_where_the_check_of_the_channel_would_fail(tmp_path):
    photo, matte = small(height=800, width=700)
    asked = own(background="white")
    options = SaveOptions(background="white", shadow=ShadowOptions(kind="drop"))
    with pytest.raises(InvalidOptions, match="a shadow and the profile shop"):
        deliver(photo, matte, asked, tmp_path / "a.png", options)
    assert list(tmp_path.iterdir()) == []
    write_cutout(tmp_path / "a.png", photo, matte, options)
    failed = [finding.rule for finding in check_file(tmp_path / "a.png", asked).with_verdict("failed")]
    assert "background" in failed


def test_a_channel_without_a_background_takes_a_shadow(tmp_path):
    photo, matte = small()
    options = SaveOptions(shadow=ShadowOptions(kind="drop"))
    deliver(photo, matte, own(formats=(".jpg",)), tmp_path / "a.jpg", options)
    assert (read_photo(tmp_path / "a.jpg").samples[95:100, 40:60] < 250).any()


@pytest.mark.parametrize("kind", ["contact", "reflection"])
def test_a_larger_canvas_does_not_hide_that_the_subject_is_cut_off(kind, tmp_path):
    photo, matte = small()
    kept = matte.border.index < 70 * photo.width
    border = BorderColours(matte.border.index[kept], matte.border.colours[kept])
    photo, matte = replace(photo, samples=photo.samples[:70]), Matte(matte.alpha[:70], border)
    options = SaveOptions(background="white", shadow=ShadowOptions(kind=kind))
    with pytest.raises(NoShadow, match="no ground"):
        deliver(photo, matte, own(margin=20), tmp_path / "a.png", options)
    assert list(tmp_path.iterdir()) == []


def test_a_subject_with_few_pixels_fills_no_more_than_is_asked_for(tmp_path):
    photo, matte = small(height=100, width=100)  # the disc has 73 pixels
    asked = own(fill_min=0.7, fill_max=0.9, width=100, height=100)
    deliver(photo, matte, asked, tmp_path / "a.png")
    checked = check_file(tmp_path / "a.png", asked)
    assert [finding.measured for finding in checked.findings if finding.rule == "fill"] == ["70.0%"]
    with pytest.raises(InvalidOptions, match=r"needs 77 x 77 for 70% of 110 x 110"):
        deliver(photo, matte, own(fill_min=0.7, fill_max=0.9, width=110, height=110), tmp_path / "b.png")


def test_a_channel_may_take_what_is_enlarged_a_little_and_stands_on_a_line(tmp_path):
    photo, matte = small(height=100, width=100)
    keys = {"fill_min": 0.7, "fill_max": 0.7, "width": 110, "height": 110, "max_upscale": 1.1}
    deliver(photo, matte, own(**keys, align="base-line", base_line=0.9), tmp_path / "a.png")
    rows = np.flatnonzero((read_photo(tmp_path / "a.png").alpha >= 13).any(axis=1))
    assert rows[-1] + 1 == pytest.approx(99, abs=1)


def test_views_of_one_product_have_one_scale(tmp_path):
    photo, matte = small(height=100, width=100)
    asked = own(fill_min=0.9, width=50, height=50)
    views = [view_of(photo, matte), View(Box(0, 0, 146, 20), (200, 100))]
    said = [
        deliver(photo, matte, asked, tmp_path / name, views=others)
        for name, others in (("alone.png", ()), ("set.png", views))
    ]
    assert said == [(), ("The subject fills 48% at the scale of its other views; shop asks for 90% or more.",)]
    wide = {name: (read_photo(tmp_path / name).alpha >= 13).any(axis=0).sum() for name in ("alone.png", "set.png")}
    assert wide["alone.png"] == pytest.approx(0.95 * 50, abs=1.5)
    assert wide["set.png"] == pytest.approx(0.95 * 50 / 2, abs=1.5)  # the other view is twice as wide
    with pytest.raises(InvalidOptions, match="shop: the largest subject has 146 x 73 pixels"):
        deliver(photo, matte, own(margin=0, width=500), tmp_path / "a.png", views=views)


def test_packaging_takes_a_shadow_as_a_layer_and_white_ink_as_a_channel(tmp_path):
    photo, matte = small(metadata=Metadata(density=(300, 300)))
    options = SaveOptions(shadow=ShadowOptions(kind="drop"), spot=SpotOptions(choke=0.2, unit="mm"))
    deliver(photo, matte, SHIPPED["packaging-psd"], tmp_path / "a.psd", options)
    document = PSDImage.open(tmp_path / "a.psd")
    assert [layer.name for layer in document] == ["Shadow", "Photo"]
    assert document._record.header.channels == 3 + 2
    checked = check_file(tmp_path / "a.psd", SHIPPED["packaging-psd"])
    assert [finding.rule for finding in checked.with_verdict("failed")] == []


@pytest.mark.parametrize(
    ("said", "expected"), [(None, SpotOptions(choke=0.1, unit="mm")), ("3px", SpotOptions(choke=3))]
)
def test_the_choke_of_a_channel_counts_unless_the_call_says_another(said, expected, tmp_path):
    profile = own(formats=(".tif",), spot_white="0.1mm")
    photo, matte = small(metadata=Metadata(density=(300, 300)))
    options = SaveOptions(spot=None if said is None else spot_from(said))
    deliver(photo, matte, profile, tmp_path / "a.tif", options)
    plate = white_plate(photo, matte.alpha, expected).levels
    np.testing.assert_array_equal(tifffile.imread(tmp_path / "a.tif")[..., -1], plate)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"spot_white": "1px"}, r"spot_white: \.png holds no spot channel"),
        ({"formats": (".tif",), "spot_white": "wide"}, "spot_white: expected a choke"),
    ],
)
def test_a_choke_that_makes_no_sense_is_refused(keys, message):
    with pytest.raises(InvalidOptions, match=message):
        own(**keys)
