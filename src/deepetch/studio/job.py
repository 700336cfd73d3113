"""What Blender needs of a scene, as files in a folder: `scene.json`, `meshes.npz`, pictures that lie on surfaces."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepetch.options import SaveOptions
from deepetch.photo.read import read_photo
from deepetch.photo.view import working_view
from deepetch.photo.write import write_picture
from deepetch.studio.hands.hand import hand_parts
from deepetch.studio.product import Part, Product
from deepetch.studio.scene import Placed, Scene
from deepetch.studio.scenes import where_points_stand
from deepetch.studio.stage import lying_about, stage_surfaces
from deepetch.studio.surface import Surface

ROOM_SIDE = 2048  # pixels; more of what stands behind is not seen


def object_name(number: int) -> str:
    """The name of the number-th product in Blender and in Cryptomatte; counts from 1."""
    return f"product-{number}"


def write_job(
    scene: Scene,
    products: Sequence[Product],
    artwork: Sequence[NDArray[np.uint8] | None],
    folder: Path,
    *,
    layers: bool = True,
    threads: int = 0,
) -> None:
    """Write a job for the worker into an empty folder.

    products, artwork  one a placed product, in order; artwork (h, w, 3) uint8 or None.
    layers             also the empty stage, with and without shadows.
    threads            of Blender; 0: all cores.
    """
    arrays: dict[str, NDArray[Any]] = {}
    points = where_points_stand(
        products, [placed.position for placed in scene.products], [placed.turn for placed in scene.products]
    )
    stage = [_standing(surface, arrays, folder) for surface in stage_surfaces(scene.stage, points)]
    before = [_standing(surface, arrays, folder) for surface in lying_about(scene.stage, points)]
    things = []
    for number, (placed, product, printed) in enumerate(zip(scene.products, products, artwork, strict=True), 1):
        sheet = None if printed is None else _kept(printed, f"sheet-{number}.png", folder)
        pictures = [sheet if part.material.printed else None for part in product.parts]
        things.append(_object(object_name(number), product.parts, pictures, arrays, placed))
        if placed.hand is not None:
            hand = hand_parts(np.random.default_rng(placed.hand), product)
            before.append(_object(f"hand-{number}", hand, [None] * len(hand), arrays, placed))
    passes = {
        "meter": scene.exposure.meter == "ground",
        "plates": layers,
        "through": any(product.transparent for product in products),
    }
    said = {
        **asdict(scene),
        "threads": threads,
        "passes": [name for name, wanted in passes.items() if wanted],
        "stage": stage,
        "before": before,
        "products": things,
    }
    np.savez(folder / "meshes.npz", **arrays)  # type: ignore[arg-type]
    (folder / "scene.json").write_text(json.dumps(said), encoding="utf-8")


def _standing(surface: Surface, arrays: dict[str, NDArray[Any]], folder: Path) -> dict[str, Any]:
    """A surface of the scenery as an object of its own."""
    name = f"{surface.part.name}-{len(arrays)}"
    picture = surface.picture
    if isinstance(picture, Path):
        picture = np.rint(working_view(read_photo(picture), ROOM_SIDE) * 255).astype(np.uint8)
    kept = None if picture is None else _kept(picture, f"{name}.png", folder)
    return _object(name, [surface.part], [kept], arrays)


def _kept(picture: NDArray[np.uint8], name: str, folder: Path) -> str:
    write_picture(folder / name, picture, "rgb", options=SaveOptions(overwrite=True))
    return name


def _object(
    name: str,
    parts: Sequence[Part],
    pictures: Sequence[str | None],
    arrays: dict[str, NDArray[Any]],
    placed: Placed | None = None,
) -> dict[str, Any]:
    pieces: list[dict[str, Any]] = []
    for part, picture in zip(parts, pictures, strict=True):
        key = f"{name}/{len(pieces)}"
        for field in ("vertices", "faces", "uv"):
            arrays[f"{key}.{field}"] = getattr(part.mesh, field)
        material = {
            "finish": part.material.finish,
            "colour": part.material.colour,
            "rough": part.material.rough,
            "picture": picture,
        }
        pieces.append({"mesh": key, "smooth": part.mesh.smooth, "material": material})
    position, turn = ((0, 0, 0), (0, 0, 0)) if placed is None else (placed.position, placed.turn)
    return {"name": name, "pieces": pieces, "position": position, "turn": turn}
