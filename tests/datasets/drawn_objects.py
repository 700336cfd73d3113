"""Annotations as COCO and Supervisely store them, and the pictures and masks they belong to, drawn in code.

Masks are packed by pycocotools, Pillow and zlib; nothing here uses deepetch.
"""

from __future__ import annotations

import base64
import io
import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from pycocotools import mask as mask_api

from drawn_subjects import disc_photo, save_photo

COCO_SIZE, SUPERVISELY_SIZE = (4, 6), (6, 8)  # of a picture unless told otherwise: height, width


def rows_of(mask: Any) -> list[str]:
    """A mask as a drawing, a text a row: "#" is True."""
    return ["".join(".#"[pixel] for pixel in row) for row in mask.astype(int)]


def random_mask(seed: int = 0, height: int = SUPERVISELY_SIZE[0], width: int = SUPERVISELY_SIZE[1]) -> Any:
    return np.random.default_rng(seed).random((height, width)) < 0.5


def mask_of_random_size(seed: int) -> Any:
    """From 1 x 1 to 39 x 39, and from nearly empty to nearly full."""
    random = np.random.default_rng(seed)
    return random.random(random.integers(1, 40, 2)) < random.random()


def without(document: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key not in keys}


def save_json(path: Path, document: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


# COCO

SQUARE = [1, 1, 5, 1, 5, 3, 1, 3]
CATEGORIES = [{"id": 1, "name": "jar", "supercategory": "packs"}, {"id": 2, "name": "lid", "supercategory": "packs"}]


def draw(*paths: Path, height: int = COCO_SIZE[0], width: int = COCO_SIZE[1]) -> None:
    """Black pictures."""
    for path in paths:
        save_photo(path, np.zeros((height, width, 3), np.uint8))


def image(number: Any, name: str, **other: Any) -> dict[str, Any]:
    return {"id": number, "file_name": name, "width": COCO_SIZE[1], "height": COCO_SIZE[0]} | other


def entry(
    number: Any = 7, picture: Any = 1, category: Any = 1, segmentation: Any = (SQUARE,), **other: Any
) -> dict[str, Any]:
    """An annotation; a tuple of polygons becomes a list of them."""
    return {
        "id": number,
        "image_id": picture,
        "category_id": category,
        "segmentation": list(segmentation) if isinstance(segmentation, tuple) else segmentation,
        "bbox": [1, 1, 4, 2],
        "area": 8,
        "iscrowd": 0,
    } | other


def compressed(mask: Any) -> dict[str, Any]:
    """The run lengths of a mask as COCO's own tool packs them."""
    rle = mask_api.encode(np.asfortranarray(mask.astype(np.uint8)))
    return {"size": list(mask.shape), "counts": rle["counts"].decode()}


def save_coco(path: Path, images: Any = (), annotations: Any = (), categories: Any = CATEGORIES, **other: Any) -> Path:
    document = {"images": list(images), "annotations": list(annotations), "categories": list(categories)}
    return save_json(path, document | other)


def save_coco_set(folder: Path) -> Path:
    """Pictures a and b with an object each, c with both, d with none."""
    draw(*(folder / "images" / f"{name}.png" for name in "abcd"))
    save_coco(
        folder / "labels.json",
        [image(number, f"{name}.png") for number, name in enumerate("abcd", 1)],
        [entry(1, 1, 1), entry(2, 2, 2, ([0, 0, 2, 0, 2, 4, 0, 4],)), entry(3, 3, 1), entry(4, 3, 2, ([0, 0] * 4,))],
        info={"description": "drawn"},
    )
    return folder


# Supervisely

RING = {"exterior": [[1, 1], [6, 1], [6, 4], [1, 4]], "interior": [[[3, 2], [4, 2], [4, 3], [3, 3]]]}
RING_ROWS = [
    "........",
    ".######.",
    ".##..##.",
    ".##..##.",
    ".######.",
    "........",
]


def png(picture: Image.Image, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG", **options)
    return out.getvalue()


def palette_png(mask: Any) -> bytes:
    picture = Image.fromarray(mask.astype(np.uint8))
    picture.putpalette([0, 0, 0, 255, 255, 255])
    return png(picture, transparency=0, optimize=0)


def text_of(content: bytes) -> str:
    """A file as it is written into an annotation."""
    return base64.b64encode(zlib.compress(content, 1)).decode()


def mask_in(thing: dict[str, Any], height: int = SUPERVISELY_SIZE[0], width: int = SUPERVISELY_SIZE[1]) -> Any:
    """Decode a bitmap object as Supervisely's documentation does: the fourth channel of the PNG is the mask."""
    content = zlib.decompress(base64.b64decode(thing["bitmap"]["data"]))
    levels = np.array(Image.open(io.BytesIO(content)).convert("RGBA"))[..., 3]
    assert set(np.unique(levels)) <= {0, 255}
    mask = np.zeros((height, width), bool)
    left, top = thing["bitmap"]["origin"]
    mask[top : top + levels.shape[0], left : left + levels.shape[1]] = levels > 0
    return mask


def bitmap_object(data: Any, origin: Any = (0, 0), title: str = "person", **others: Any) -> dict[str, Any]:
    bitmap = {"data": data, "origin": list(origin)}
    return {"classTitle": title, "geometryType": "bitmap", "tags": [], "description": "", "bitmap": bitmap, **others}


def outline_object(kind: str, points: Any, title: str = "person", **others: Any) -> dict[str, Any]:
    return {"classTitle": title, "geometryType": kind, "tags": [], "description": "", "points": points, **others}


def annotation_of(*things: Any, height: int = SUPERVISELY_SIZE[0], width: int = SUPERVISELY_SIZE[1]) -> dict[str, Any]:
    return {"description": "", "size": {"height": height, "width": width}, "tags": [], "objects": list(things)}


def meta_of(**shapes: str) -> dict[str, Any]:
    """`meta.json` of a project with classes of these shapes."""
    classes = [
        {"title": title, "shape": shape, "color": "#FF0000", "geometry_config": {}, "id": 7}
        for title, shape in shapes.items()
    ]
    return {"classes": classes, "tags": [], "projectType": "images"}


def save_project(folder: Path) -> Path:
    """Two datasets; train has two pictures, one with an annotation named in the older way.

    In each picture a person is `random_mask(seed)` and a bag `random_mask(seed + 10)`.
    """
    save_json(folder / "meta.json", meta_of(person="any", bag="bitmap", box="rectangle"))
    for dataset, name, seed in (("train", "b.JPG", 1), ("train", "a.png", 2), ("ds2", "c.png", 3)):
        save_photo(folder / dataset / "img" / name, disc_photo(*SUPERVISELY_SIZE, seed=seed))
        noted = "b.json" if name == "b.JPG" else f"{name}.json"
        things = [
            bitmap_object(text_of(palette_png(random_mask(seed)))),
            bitmap_object(text_of(palette_png(random_mask(seed + 10))), title="bag"),
        ]
        save_json(folder / dataset / "ann" / noted, annotation_of(*things))
    return folder
