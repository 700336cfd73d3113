"""With Blender itself: what the formulas promise holds for what it renders.

Needs a Python that can import bpy: DEEPETCH_BLENDER names it, or `deepetch studio render` has made its environment.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import typer
from PIL import Image

from deepetch.options import StudioOptions
from deepetch.studio.arrange import turned
from deepetch.studio.bench import bench_scenes
from deepetch.studio.blender_process import WORKER, Blender, can_render
from deepetch.studio.catalogue import FAMILIES, build
from deepetch.studio.passes import read_light
from deepetch.studio.render import prepare, render, render_scene
from deepetch.studio.scene import from_json
from deepetch.studio.scenes import draw_scene
from deepetch.studio.view import SENSOR
from drawn_subjects import save_photo

OWN = Path(typer.get_app_dir("deepetch")) / "blender-4.5" / "bin" / "python"
PYTHON = Path(os.environ.get("DEEPETCH_BLENDER", OWN))
pytestmark = pytest.mark.skipif(not can_render(PYTHON), reason=f"{PYTHON} cannot import bpy")

OPAQUE = StudioOptions(seed=11, size=96, samples=4, kinds=("carton", "mug", "can"))
GLASS = StudioOptions(seed=11, size=96, samples=4, kinds=("tumbler",))


def grey(path):
    with Image.open(path) as picture:
        return np.asarray(picture).astype(float)


@pytest.fixture(scope="module")
def opaque(tmp_path_factory):
    folder = tmp_path_factory.mktemp("opaque")
    render(folder, [draw_scene(index, OPAQUE) for index in range(3)], python=lambda: PYTHON)
    return folder


@pytest.fixture(scope="module")
def glass(tmp_path_factory):
    folder = tmp_path_factory.mktemp("glass")
    render(folder, [draw_scene(0, GLASS)], python=lambda: PYTHON)
    return folder


def recipes(folder):
    return [from_json(path.read_text(), path) for path in sorted((folder / "recipes").glob("*.json"))]


@pytest.mark.parametrize("folder", ["opaque", "glass"])
def test_layers_compose_the_picture(folder, request):
    place = request.getfixturevalue(folder)
    for scene in recipes(place):
        front = grey(place / "foreground" / f"{scene.name}.png")
        behind, clean = (grey(place / sort / f"{scene.name}.png") for sort in ("background", "clean"))
        alpha = front[..., 3:] / 255
        gap = np.abs(alpha * front[..., :3] + (1 - alpha) * behind - clean)
        possible = (front[..., :3] > 0) & (front[..., :3] < 255) | (alpha == 0)  # elsewhere no colour explains it
        # alpha, foreground, background and picture are rounded to a level each
        assert gap[possible].max() <= 2.5
        assert gap.mean() < 1.0


def test_mask_lies_where_a_pinhole_camera_sees_the_products(opaque):
    for scene in recipes(opaque):
        if scene.camera.f_stop is not None:
            continue
        points = np.concatenate(
            [
                turned(build(placed.family, placed.shape_seed), placed.turn) + placed.position
                for placed in scene.products
            ]
        )
        camera = scene.camera
        forward = np.subtract(camera.target, camera.position)
        forward /= np.linalg.norm(forward)
        right = np.cross(forward, [0, 0, 1])
        right /= np.linalg.norm(right)
        up = np.cross(right, forward)
        roll = np.radians(camera.roll)
        right, up = right * np.cos(roll) + up * np.sin(roll), up * np.cos(roll) - right * np.sin(roll)
        seen = points - camera.position
        longer = max(scene.width, scene.height)
        scale = camera.focal_mm / SENSOR * longer / (seen @ forward)
        columns = scene.width / 2 + seen @ right * scale - camera.shift[0] * longer
        rows = scene.height / 2 - seen @ up * scale + camera.shift[1] * longer
        alpha = grey(opaque / "masks" / f"{scene.name}.png") / 255
        covered_rows, covered_columns = np.nonzero(alpha > 0.02)
        box = covered_columns.min(), covered_columns.max() + 1, covered_rows.min(), covered_rows.max() + 1
        frame = np.clip(columns, 0, scene.width), np.clip(rows, 0, scene.height)
        expected = frame[0].min(), frame[0].max(), frame[1].min(), frame[1].max()
        assert np.allclose(box, expected, atol=1.5)


def test_every_product_that_is_in_view_is_an_instance(opaque):
    for scene in recipes(opaque):
        instances, mask = (grey(opaque / sort / f"{scene.name}.png") for sort in ("instances", "masks"))
        assert set(np.unique(instances)) <= set(range(len(scene.products) + 1))
        assert ((instances > 0) == (mask > 127)).mean() > 0.99


def test_glass_is_between_nothing_and_all(glass):
    (scene,) = recipes(glass)
    mask, instances = (grey(glass / sort / f"{scene.name}.png") for sort in ("masks", "instances"))
    inside = mask[instances > 0]
    assert ((inside > 5) & (inside < 250)).mean() > 0.3


@pytest.mark.parametrize("family", ["straight tumbler", "sloping wine bottle", "sleeved tray", "blister of discs"])
def test_what_comes_through_is_the_difference_of_two_grounds(family, tmp_path):
    kind = FAMILIES[family].kind
    drawn = (draw_scene(index, StudioOptions(seed=12, size=96, samples=1, kinds=(kind,))) for index in range(400))
    scene = next(
        scene
        for scene in drawn
        if [placed.family for placed in scene.products] == [family]
        and scene.products[0].hand is None
        and scene.stage.props is None
    )
    job = tmp_path / "job"
    prepare(scene, job, layers=False)
    for program in (WORKER, Path(__file__).with_name("two_grounds_worker.py")):
        with Blender(PYTHON, worker=program) as blender:
            blender.render(job)
    white, black, through = (read_light(job / f"{name}.exr") for name in ("white", "black", "through"))
    assert (through < 0.9).any()
    assert black.max() > 1e-4  # the lamps were on
    # sums of floating-point numbers as large as the light is
    assert np.abs(white - black - through).max() < 1e-5 * max(1, white.max())


def test_a_label_of_the_users_own_is_seen(tmp_path):
    drawn = np.full((80, 80, 3), (230, 20, 230), np.uint8)
    drawn[20:60, 20:60] = 20, 230, 20  # a green square on magenta
    label = save_photo(tmp_path / "label.png", drawn).absolute()
    options = StudioOptions(seed=13, size=96, samples=4, kinds=("carton",))
    scenes = [draw_scene(index, options, artwork=[label]) for index in range(20)]
    scene = next(scene for scene in scenes if len(scene.products) == 1 and scene.products[0].artwork)
    render(tmp_path / "set", [scene], python=lambda: PYTHON, layers=False)
    clean, mask = (grey(tmp_path / "set" / sort / f"{scene.name}.png") for sort in ("clean", "masks"))
    red, green, blue = np.moveaxis(clean[mask > 250], -1, 0)
    assert (np.minimum(red, blue) > 2 * green).mean() > 0.05
    assert (green > 2 * np.maximum(red, blue)).mean() > 0.05


def test_shadow_is_where_the_stage_gets_darker(opaque):
    for scene in recipes(opaque):
        shadow = grey(opaque / "shadow" / f"{scene.name}.png")
        assert shadow.max() > 40
        assert np.percentile(shadow, 10) < 60


def test_same_scene_is_the_same_picture(opaque, tmp_path):
    scene = draw_scene(0, OPAQUE)
    with Blender(PYTHON) as blender:
        render_scene(scene, tmp_path, blender)
    for sort in ("clean", "masks", "instances"):
        first, second = (grey(folder / sort / f"{scene.name}.png") for folder in (opaque, tmp_path))
        # the denoiser's sums may differ in their last bits
        assert np.abs(first - second).max() <= 1


def test_bench_is_rendered_as_it_lies_in_the_repository(tmp_path):
    scene = next(scene for scene in bench_scenes(("film",), each=1, size=240))
    with Blender(PYTHON) as blender:
        render_scene(scene, tmp_path, blender, layers=False)
    kept = Path(__file__).parents[2] / "examples" / "packshots"
    mask, again = (grey(folder / "masks" / f"{scene.name}.png") for folder in (kept, tmp_path))
    assert np.abs(mask - again).mean() < 0.2
    picture, seen = (grey(folder / "images" / f"{scene.name}.jpg") for folder in (kept, tmp_path))
    # another version of the library that letters the artwork may draw it a little otherwise
    assert np.abs(picture - seen).mean() < 3
