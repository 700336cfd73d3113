"""Runs inside Blender's own Python: makes the pictures of one job after another.

Reads a folder's path a line from standard input; the folder holds `scene.json` and `meshes.npz` (see `studio.job`).
Writes the passes as EXR files beside them and answers with a line of JSON: {"done": PATH} or {"failed": PATH, "why":
TEXT}.
Needs bpy and NumPy, and nothing of deepetch: only files and JSON cross.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import bpy  # type: ignore[import-not-found]  # first: it brings what the others need

# isort: split
import numpy as np
from bpy_extras.object_utils import world_to_camera_view  # type: ignore[import-not-found]
from materials import make_material
from mathutils import Vector  # type: ignore[import-not-found]

CLEAN_SAMPLES = 128  # of what is measured: never denoised
METER_SAMPLES, METER_SIDE = 32, 64  # of the empty stage, of which only the median is wanted


def main() -> None:
    answers = os.fdopen(os.dup(1), "w")  # Blender prints to standard output as it likes
    os.dup2(2, 1)
    for line in sys.stdin:
        folder = Path(line.rstrip("\n"))
        try:
            render(folder)
            said: dict[str, str] = {"done": str(folder)}
        except (RuntimeError, OSError, ValueError, KeyError) as error:  # Blender's own are RuntimeErrors
            said = {"failed": str(folder), "why": " ".join(str(error).split())}
        answers.write(json.dumps(said) + "\n")
        answers.flush()


def render(folder: Path) -> None:
    """Make every pass of one job."""
    job = json.loads((folder / "scene.json").read_text(encoding="utf-8"))
    scene = new_scene(job)
    with np.load(folder / "meshes.npz") as meshes:
        stage = [add_object(part, meshes, folder) for part in job["stage"]]
        before = [add_object(part, meshes, folder) for part in job["before"]]
        products = [add_object(part, meshes, folder) for part in job["products"]]
    add_camera(scene, job["camera"])
    lamps = [add_light(scene, light) for light in job["lights"]]
    behind = add_world(scene, job["world"])

    settings = scene.cycles
    settings.use_denoising = True
    settings.samples = job["samples"]
    shoot(scene, folder / "colour.exr")

    if "plates" in job["passes"]:
        settings.samples = max(1, job["samples"] // 2)  # smooth, so that the denoiser needs less
        for item in products:
            item.visible_camera = False
        shoot(scene, folder / "plate.exr")
        for item in products:
            item.visible_camera, item.hide_render = True, True
        shoot(scene, folder / "empty.exr")

    settings.use_denoising = False
    if "meter" in job["passes"]:
        for item in products:
            item.hide_render = True
        settings.samples = METER_SAMPLES
        scene.render.resolution_percentage = max(1, 100 * METER_SIDE // max(job["width"], job["height"]))
        shoot(scene, folder / "meter.exr")
        scene.render.resolution_percentage = 100
    for item in products:
        item.hide_render = False

    settings.samples = CLEAN_SAMPLES
    frame(scene, products)
    if "through" in job["passes"]:
        for item in stage:
            item.visible_camera = item.visible_transmission = False
        for lamp in lamps:
            lamp.hide_render = True
        behind()
        white = flat_material()
        for item in before:  # as the ground: what is before a product is not kept out by it
            for slot in range(len(item.data.materials)):
                item.data.materials[slot] = white
        settings.diffuse_bounces = settings.glossy_bounces = 0  # what has been mirrored or scattered is not from behind
        shoot(scene, folder / "through.exr")

    for item in stage:
        item.hide_render = True
    for item in before:
        item.is_holdout = True
    scene.render.film_transparent = True
    layer = scene.view_layers[0]
    layer.use_pass_cryptomatte_object = True
    layer.use_pass_z = True
    layer.material_override = flat_material()
    settings.max_bounces = settings.transparent_max_bounces = 0
    shoot(scene, folder / "coverage.exr")


def new_scene(job: dict[str, Any]) -> Any:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.render.resolution_x, scene.render.resolution_y = job["width"], job["height"]
    scene.render.resolution_percentage = 100
    scene.render.image_settings.file_format = "OPEN_EXR_MULTILAYER"
    scene.render.image_settings.color_depth = "32"
    scene.render.image_settings.exr_codec = "ZIP"
    scene.render.use_persistent_data = False  # with it, a change of the world's sampling is not taken notice of
    scene.render.threads_mode = "FIXED" if job["threads"] else "AUTO"
    if job["threads"]:
        scene.render.threads = job["threads"]
    scene.view_settings.view_transform = "Standard"  # EXR files are linear in any case
    settings = scene.cycles
    settings.device = "CPU"
    settings.seed = job["seed"]
    settings.use_adaptive_sampling = False  # the same samples in every pass
    settings.use_light_tree = False  # made for many lights; with a few it takes a fifth of the time for nothing
    settings.denoiser = "OPENIMAGEDENOISE"
    settings.denoising_prefilter = "FAST"
    settings.max_bounces = 12
    settings.diffuse_bounces, settings.glossy_bounces, settings.transmission_bounces = 3, 4, 12
    settings.transparent_max_bounces = 16
    settings.caustics_reflective = settings.caustics_refractive = False
    settings.sample_clamp_indirect = 4.0
    scene.view_layers[0].cycles.denoising_store_passes = False
    return scene


def frame(scene: Any, products: list[Any]) -> None:
    """Render only where products can be, from now on; the rest of the frame stays empty."""
    bpy.context.view_layer.update()
    seen = [
        world_to_camera_view(scene, scene.camera, item.matrix_world @ vertex.co)
        for item in products
        for vertex in item.data.vertices
    ]
    if any(point.z <= 0 for point in seen):  # something reaches behind the camera
        return
    margin = 0.02 + (0.08 if scene.camera.data.dof.use_dof else 0.0)  # what is out of focus is wider
    scene.render.use_border, scene.render.use_crop_to_border = True, False
    scene.render.border_min_x = max(0.0, min(point.x for point in seen) - margin)
    scene.render.border_max_x = min(1.0, max(point.x for point in seen) + margin)
    scene.render.border_min_y = max(0.0, min(point.y for point in seen) - margin)
    scene.render.border_max_y = min(1.0, max(point.y for point in seen) + margin)


def shoot(scene: Any, path: Path) -> None:
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)
    if not path.exists():
        raise RuntimeError(f"Blender has written no {path.name}; is the disk full?")


def add_object(part: dict[str, Any], meshes: Any, folder: Path) -> Any:
    """One object: its surfaces, each with a material; `pieces` names their arrays."""
    surface = bpy.data.meshes.new(part["name"])
    vertices, corners, sheet, sides, slots, smooth = [], [], [], [], [], []
    start = 0
    for slot, piece in enumerate(part["pieces"]):
        points, faces = (meshes[f"{piece['mesh']}.{name}"] for name in ("vertices", "faces"))
        used = faces >= 0  # the last place of a triangle is not
        vertices.append(points)
        corners.append(faces[used] + start)
        sheet.append(meshes[f"{piece['mesh']}.uv"][used])
        sides.append(used.sum(1))
        slots.append(np.full(len(faces), slot))
        smooth.append(np.full(len(faces), piece["smooth"]))
        start += len(points)
        surface.materials.append(make_material(piece["material"], folder))
    # filled as arrays: as lists of Python's numbers it takes two seconds for a shop
    totals = np.concatenate(sides).astype(np.int32)
    surface.vertices.add(start)
    surface.vertices.foreach_set("co", np.concatenate(vertices).astype(np.float32).ravel())
    surface.loops.add(int(totals.sum()))
    surface.loops.foreach_set("vertex_index", np.concatenate(corners).astype(np.int32))
    surface.polygons.add(len(totals))
    surface.polygons.foreach_set("loop_start", np.concatenate([[0], np.cumsum(totals)[:-1]]).astype(np.int32))
    surface.polygons.foreach_set("loop_total", totals)
    surface.update(calc_edges=True)
    surface.uv_layers.new(name="sheet").data.foreach_set("uv", np.concatenate(sheet).astype(np.float32).ravel())
    surface.polygons.foreach_set("material_index", np.concatenate(slots).astype(np.int32))
    surface.polygons.foreach_set("use_smooth", np.concatenate(smooth).astype(bool))
    surface.set_sharp_from_angle(angle=np.radians(30))
    surface.validate()
    item = bpy.data.objects.new(part["name"], surface)
    item.location = part["position"]
    item.rotation_euler = [np.radians(degrees) for degrees in part["turn"]]
    bpy.context.scene.collection.objects.link(item)
    return item


def add_camera(scene: Any, said: dict[str, Any]) -> None:
    lens = bpy.data.cameras.new("camera")
    lens.sensor_fit, lens.sensor_width, lens.sensor_height = "AUTO", 36.0, 36.0
    lens.lens = said["focal_mm"]
    lens.shift_x, lens.shift_y = said["shift"]
    lens.clip_start, lens.clip_end = 0.005, 100.0
    if said["f_stop"] is not None:
        lens.dof.use_dof = True
        lens.dof.aperture_fstop = said["f_stop"]
        lens.dof.focus_distance = said["focus"]
    item = bpy.data.objects.new("camera", lens)
    item.location = said["position"]
    item.rotation_euler = aim(said["position"], said["target"])
    item.rotation_euler.rotate_axis("Z", np.radians(said["roll"]))
    scene.collection.objects.link(item)
    scene.camera = item


def add_light(scene: Any, said: dict[str, Any]) -> Any:
    lamp = bpy.data.lights.new("light", "SUN" if said["kind"] == "sun" else "AREA")
    lamp.energy, lamp.color = said["power"], said["colour"]
    if said["kind"] == "sun":
        lamp.angle = said["size"][0]
    else:
        lamp.shape, lamp.size, lamp.size_y = "RECTANGLE", *said["size"]
    item = bpy.data.objects.new("light", lamp)
    item.location = said["position"]
    item.rotation_euler = aim(said["position"], said["target"])
    item.visible_camera = False
    scene.collection.objects.link(item)
    return item


def aim(position: list[float], target: list[float]) -> Any:
    return (Vector(target) - Vector(position)).to_track_quat("-Z", "Y").to_euler()


def add_world(scene: Any, said: dict[str, Any]) -> Any:
    """A sky between two colours; returns a function that leaves of all light a flat white one behind everything.

    That is seen directly only: from the camera, through glass or not, but by no mirror and off no matt surface.
    """
    world = bpy.data.worlds.new("world")
    world.use_nodes = True
    scene.world = world
    nodes, links = world.node_tree.nodes, world.node_tree.links
    nodes.clear()
    coordinates, split = nodes.new("ShaderNodeTexCoord"), nodes.new("ShaderNodeSeparateXYZ")
    links.new(coordinates.outputs["Generated"], split.inputs[0])
    height = nodes.new("ShaderNodeMapRange")
    height.inputs["From Min"].default_value = -1.0
    links.new(split.outputs["Z"], height.inputs["Value"])
    blend = nodes.new("ShaderNodeMix")
    blend.data_type = "RGBA"
    blend.inputs[6].default_value = (*said["below"], 1)
    blend.inputs[7].default_value = (*said["above"], 1)
    links.new(height.outputs["Result"], blend.inputs[0])
    sky, output = nodes.new("ShaderNodeBackground"), nodes.new("ShaderNodeOutputWorld")
    sky.inputs["Strength"].default_value = said["strength"]
    links.new(blend.outputs[2], sky.inputs["Color"])
    links.new(sky.outputs[0], output.inputs["Surface"])

    # a sky this smooth needs no finer map of where its light comes from; the default's takes half a second each pass
    world.cycles.sampling_method, world.cycles.sample_map_resolution = "MANUAL", 64

    def behind() -> None:
        path, bounced, direct = (nodes.new(f"ShaderNode{name}") for name in ("LightPath", "Math", "Math"))
        bounced.operation, direct.operation = "ADD", "LESS_THAN"
        links.new(path.outputs["Diffuse Depth"], bounced.inputs[0])
        links.new(path.outputs["Glossy Depth"], bounced.inputs[1])
        links.new(bounced.outputs[0], direct.inputs[0])
        direct.inputs[1].default_value = 0.5
        for link in list(sky.inputs["Color"].links):
            links.remove(link)
        sky.inputs["Color"].default_value = (1, 1, 1, 1)
        links.new(direct.outputs[0], sky.inputs["Strength"])
        world.cycles.sampling_method = "NONE"  # else matt surfaces look for its light, and take themselves for direct

    return behind


def flat_material() -> Any:
    """White light from everywhere on it, which lights nothing else: only its outline is left to see."""
    material = bpy.data.materials.new("flat")
    material.cycles.emission_sampling = "NONE"
    material.use_nodes = True
    nodes = material.node_tree.nodes
    nodes.clear()
    light, output = nodes.new("ShaderNodeEmission"), nodes.new("ShaderNodeOutputMaterial")
    material.node_tree.links.new(light.outputs[0], output.inputs["Surface"])
    return material


if __name__ == "__main__":
    main()
