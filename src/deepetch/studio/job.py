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
from deepetch.studio.product import Part, Product
from deepetch.studio.scene import Placed, Scene
from deepetch.studio.stage import stage_parts

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
    stage = []
    for part, picture in stage_parts(scene.stage):
        name = None
        if picture is not None:
            name = f"{part.name}.png"
            seen = working_view(read_photo(Path(picture)), ROOM_SIDE)
            write_picture(
                folder / name, np.rint(seen * 255).astype(np.uint8), "rgb", options=SaveOptions(overwrite=True)
            )
        stage.append(_object(part.name, [part], [name], arrays))
    things = []
    for number, (placed, product, printed) in enumerate(zip(scene.products, products, artwork, strict=True), 1):
        sheet = None
        if printed is not None:
            sheet = f"sheet-{number}.png"
            write_picture(folder / sheet, printed, "rgb", options=SaveOptions(overwrite=True))
        pictures = [sheet if part.material.printed else None for part in product.parts]
        things.append(_object(object_name(number), product.parts, pictures, arrays, placed))
    transparent = any(product.transparent for product in products)
    said = {
        **asdict(scene),
        "threads": threads,
        "passes": [*(["plates"] if layers else []), *(["through"] if transparent else [])],
        "stage": stage,
        "products": things,
    }
    np.savez(folder / "meshes.npz", **arrays)  # type: ignore[arg-type]
    (folder / "scene.json").write_text(json.dumps(said), encoding="utf-8")


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
