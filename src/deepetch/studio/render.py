"""Render labelled packshots into a folder that `datasets` reads; what is there already is not rendered again."""

from __future__ import annotations

import csv
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepetch.datasets.coco import ANNOTATIONS, PREFIX
from deepetch.datasets.coco_objects import object_entry
from deepetch.datasets.fields import write_json
from deepetch.datasets.index import INDEX
from deepetch.datasets.objects import Bitmap, LabelledObject
from deepetch.datasets.place import make_folder
from deepetch.errors import StudioError
from deepetch.options import SaveOptions
from deepetch.photo.atomic import atomic_output
from deepetch.photo.read import read_photo
from deepetch.photo.view import working_view
from deepetch.photo.write import write_picture
from deepetch.studio import truth
from deepetch.studio.artwork import draw_artwork, wrap_label
from deepetch.studio.blender_process import Blender
from deepetch.studio.catalogue import KINDS, build
from deepetch.studio.develop import develop
from deepetch.studio.job import object_name, write_job
from deepetch.studio.passes import read_coverage, read_cryptomatte, read_depth, read_light
from deepetch.studio.product import Product
from deepetch.studio.recipes import RECIPES, read_recipes
from deepetch.studio.scene import Placed, Scene, differences, to_json

SOURCE = "deepetch studio"
LAST_LAYER = "shadow"  # of those that `layers` asks for, the one written last
LABEL_SIDE = 2048  # pixels; more of a label is not seen
DEPTH_UNIT = 1e-4  # metres; a 16-bit PNG reaches 6.5 m, where nothing is it says NOWHERE
NOWHERE = 65535


def render(
    folder: Path,
    scenes: Sequence[Scene],
    *,
    python: Callable[[], Path],
    layers: bool = True,
    report: Callable[[str, float], None] = lambda name, seconds: None,
) -> int:
    """Render those of the scenes that are not there yet, or not with the layers wanted; return how many that were.

    A picture's recipe, `recipes/NAME.json`, is written last: what an interruption leaves behind is rendered again. The
    index is written at the end, however that comes.
    python  finds one that can import Blender, see `blender_process`; called if there is something to render.
    layers  also foreground, background and shadow.
    Raises  before anything is rendered, StudioError as `unrendered` and UnreadablePhoto for a user's picture that a
            scene shows; then StudioError, OutputFailed.
    """
    missing = unrendered(folder, scenes, layers=layers)
    for picture in sorted({name for scene in missing for name in scene.pictures()}):
        read_photo(Path(picture))
    if not missing:
        write_indices(folder)
        return 0
    try:
        with Blender(python()) as blender:
            for scene in missing:
                began = time.monotonic()
                render_scene(scene, folder, blender, layers=layers)
                report(scene.name, time.monotonic() - began)
    finally:
        write_indices(folder)
    return len(missing)


def unrendered(folder: Path, scenes: Sequence[Scene], *, layers: bool = True) -> list[Scene]:
    """Those of the scenes that a folder does not hold yet, or not with their layers where these are wanted.

    Raises  StudioError when it holds another scene of the same name or what is no scene, or two of the scenes share a
            name.
    """
    names = Counter(scene.name for scene in scenes)
    if twice := [name for name, count in names.items() if count > 1]:
        raise StudioError(f"{twice[0]}: the name of two scenes. Give each its own.")
    recipes = folder / RECIPES
    kept = {scene.name: scene for scene in read_recipes(recipes)} if any(recipes.glob("*.json")) else {}
    for scene in scenes:
        if scene.name in kept and (others := differences(kept[scene.name], scene)):
            raise StudioError(
                f"{recipes / scene.name}.json: rendered with other options (it differs in {', '.join(others)}). "
                "Choose another folder."
            )
    return [
        scene
        for scene in scenes
        if scene.name not in kept or (layers and not (folder / LAST_LAYER / f"{scene.name}.png").exists())
    ]


def render_scene(scene: Scene, folder: Path, blender: Blender, *, layers: bool = True) -> None:
    """Render one scene and write all of its files, the recipe last."""
    with TemporaryDirectory() as name:
        job = Path(name) / "job"
        products = prepare(scene, job, layers=layers)
        blender.render(job)
        write_truth(scene, products, job, folder, layers=layers)


def prepare(scene: Scene, job: Path, *, layers: bool) -> list[Product]:
    """Draw a scene's products and artwork into a new folder for Blender; the products.

    Raises  StudioError when that cannot be written.
    """
    products = [build(placed.family, placed.shape_seed) for placed in scene.products]
    sheets = [printed(placed, product) for placed, product in zip(scene.products, products, strict=True)]
    try:
        job.mkdir()
        write_job(scene, products, sheets, job, layers=layers)
    except OSError as error:
        raise StudioError(f"{job}: Blender's job cannot be written ({error.strerror}). Make room there.") from error
    return products


def printed(placed: Placed, product: Product) -> NDArray[np.uint8] | None:
    """The sheet of artwork of a product, (h, w, 3) uint8; None if nothing is printed on it."""
    if product.sheet is None:
        return None
    if placed.artwork is not None:
        label = working_view(read_photo(Path(placed.artwork)), LABEL_SIDE)
        return wrap_label(_levels(label), product.sheet, product.faces)
    draw = np.random.default_rng(placed.artwork_seed)
    return draw_artwork(
        draw,
        product.sheet,
        product.faces,
        pictures=[Path(placed.picture)] if placed.picture is not None else [],
        mood=placed.mood,
        figure=placed.figure,
        held_out=placed.held_out,
    )


def write_truth(scene: Scene, products: Sequence[Product], job: Path, folder: Path, *, layers: bool) -> None:
    """From the passes in a job's folder to the files of a picture."""
    light, coverage = read_light(job / "colour.exr"), read_coverage(job / "coverage.exr")
    empty = read_light(job / "empty.exr") if layers else None
    metered = read_light(job / "meter.exr") if scene.exposure.meter == "ground" else light
    gain = truth.gain(scene.exposure, metered)
    clean = truth.encode(light * gain)
    alpha = truth.opaque_alpha(coverage)
    if any(product.transparent for product in products):
        alpha = truth.transparent_alpha(coverage, read_light(job / "through.exr"))
    ids, shares, names = read_cryptomatte(job / "coverage.exr")
    hashes = np.array([names[object_name(k)] for k in range(1, len(products) + 1)], np.uint32)
    instances = truth.instance_map(ids, shares, hashes)
    depth = np.where(coverage > 0, np.minimum(read_depth(job / "coverage.exr") / DEPTH_UNIT, NOWHERE), NOWHERE)

    put = _Putter(folder, scene.name)
    put.picture("images", develop(clean, scene.flaws, seed=scene.seed), ".jpg", quality=scene.flaws.jpeg_quality)
    put.grey("masks", _levels(alpha))
    put.grey("instances", instances)
    put.grey("depth", np.rint(depth).astype(np.uint16))
    put.picture("clean", _levels(clean), ".png")
    if empty is not None:
        plate = truth.encode(read_light(job / "plate.exr") * gain)
        behind = truth.background(clean, plate, alpha)
        put.picture("foreground", _levels(truth.foreground(clean, behind, alpha)), ".png", alpha=_levels(alpha))
        put.picture("background", _levels(behind), ".png")
        put.grey(LAST_LAYER, _levels(truth.shadow_alpha(plate, truth.encode(empty * gain))))
    with atomic_output(put.path(RECIPES, ".json"), overwrite=True) as temporary:
        temporary.write_text(to_json(scene), encoding="utf-8")


def write_indices(folder: Path) -> None:
    """Write `index.csv` and `annotations/instances_SPLIT.json` of the finished pictures; nothing if there is none."""
    if not any((folder / RECIPES).glob("*.json")):
        return
    scenes = read_recipes(folder / RECIPES)
    with (
        atomic_output(folder / INDEX, overwrite=True) as temporary,
        temporary.open("w", newline="", encoding="utf-8") as file,
    ):
        rows = csv.writer(file)
        rows.writerow(("image", "mask", "kind", "source", "split", "group"))
        for scene in scenes:
            rows.writerow((f"images/{scene.name}.jpg", f"masks/{scene.name}.png", scene.kind, SOURCE, scene.split, ""))
    for split in sorted({scene.split for scene in scenes}):
        make_folder(folder / ANNOTATIONS)
        write_json(
            folder / ANNOTATIONS / f"{PREFIX}{split}.json",
            coco_document(folder, [scene for scene in scenes if scene.split == split]),
            overwrite=True,
        )


def coco_document(folder: Path, scenes: Sequence[Scene]) -> dict[str, Any]:
    """Scenes as COCO says them: an annotation a product that can be seen, its category the product's kind."""
    numbers = {kind: number for number, kind in enumerate(KINDS, 1)}
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for identity, scene in enumerate(scenes, 1):
        images.append({"id": identity, "file_name": f"{scene.name}.jpg", "width": scene.width, "height": scene.height})
        instances = read_photo(folder / "instances" / f"{scene.name}.png").samples[..., 0]
        for place, placed in enumerate(scene.products, 1):
            mask = instances == place
            if mask.any():
                thing = LabelledObject(category=placed.kind, shapes=(Bitmap(mask),))
                entry = object_entry(thing, scene.height, scene.width)
                ids = {"id": len(annotations) + 1, "image_id": identity, "category_id": numbers[placed.kind]}
                annotations.append(ids | entry)
    categories = [{"id": number, "name": kind, "supercategory": ""} for kind, number in numbers.items()]
    return {"info": {}, "licenses": [], "images": images, "annotations": annotations, "categories": categories}


def _levels(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    """[0, 1] as 8 bits."""
    return np.rint(values * 255).astype(np.uint8)


class _Putter:
    """Writes files of one picture, each into the folder of its sort."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name = folder, name

    def picture(
        self,
        sort: str,
        samples: NDArray[np.uint8],
        suffix: str,
        *,
        alpha: NDArray[np.uint8] | None = None,
        quality: int = 92,
    ) -> None:
        options = SaveOptions(overwrite=True, quality=quality)
        write_picture(self.path(sort, suffix), samples, "rgb", alpha=alpha, options=options)

    def grey(self, sort: str, levels: NDArray[np.uint8] | NDArray[np.uint16]) -> None:
        write_picture(self.path(sort, ".png"), levels[..., None], "grey", options=SaveOptions(overwrite=True))

    def path(self, sort: str, suffix: str) -> Path:
        """Where a file of a sort goes; its folder is there."""
        path = self.folder / sort / f"{self.name}{suffix}"
        make_folder(path.parent)
        return path
