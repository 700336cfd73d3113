"""Runs inside Blender's own Python: a job's products in all their light, before a white ground and before a black one.

What `worker.py` renders in one pass without lamps, the long way: the difference of both is what comes through (Smith
and Blinn 1996). Writes `white.exr` and `black.exr` into the job's folder.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "src" / "deepetch" / "studio" / "blender"))

import worker  # first: it brings Blender

# isort: split
import numpy as np


def render(folder: Path) -> None:
    job = json.loads((folder / "scene.json").read_text(encoding="utf-8"))
    scene = worker.new_scene(job)
    with np.load(folder / "meshes.npz") as meshes:
        stage = [worker.add_object(part, meshes, folder) for part in job["stage"]]
        products = [worker.add_object(part, meshes, folder) for part in job["products"]]
    worker.add_camera(scene, job["camera"])
    for light in job["lights"]:
        worker.add_light(scene, light)
    behind = worker.add_world(scene, job["world"])
    scene.cycles.use_denoising, scene.cycles.samples = False, worker.CLEAN_SAMPLES
    worker.frame(scene, products)
    for item in stage:  # it still throws light on the products
        item.visible_camera = item.visible_transmission = False
    behind()
    worker.shoot(scene, folder / "white.exr")
    sky = scene.world.node_tree.nodes["Background"].inputs["Strength"]
    scene.world.node_tree.links.remove(sky.links[0])
    sky.default_value = 0
    worker.shoot(scene, folder / "black.exr")


worker.render = render
worker.main()
