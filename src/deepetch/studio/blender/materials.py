"""Finishes as Blender's shader nodes, one row each."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import bpy  # type: ignore[import-not-found]

# Of the Principled BSDF. Roughness and coat from 0 to 1; ior is the index of refraction.
FINISHES: dict[str, dict[str, float]] = {
    "paper": {"Roughness": 0.75, "Specular IOR Level": 0.25},
    "coated board": {"Roughness": 0.38, "Coat Weight": 0.25, "Coat Roughness": 0.25},
    "matt plastic": {"Roughness": 0.55},
    "gloss plastic": {"Roughness": 0.14, "Coat Weight": 0.4, "Coat Roughness": 0.05},
    "foil": {"Metallic": 0.85, "Roughness": 0.3},
    "metal": {"Metallic": 1.0, "Roughness": 0.22},
    "clear glass": {"Transmission Weight": 1.0, "Roughness": 0.0, "IOR": 1.5},
    "frosted glass": {"Transmission Weight": 1.0, "Roughness": 0.35, "IOR": 1.5},
    "clear plastic": {"Transmission Weight": 1.0, "Roughness": 0.02, "IOR": 1.2},
    "liquid": {"Transmission Weight": 1.0, "Roughness": 0.0, "IOR": 1.33},
    "ceramic": {"Roughness": 0.2, "Coat Weight": 0.6, "Coat Roughness": 0.08},
    "cloth": {"Roughness": 0.9, "Specular IOR Level": 0.1, "Sheen Weight": 0.3},
    "wood": {"Roughness": 0.5},
    "stone": {"Roughness": 0.3},
    "skin": {"Roughness": 0.5, "Specular IOR Level": 0.4, "Subsurface Weight": 0.25, "Subsurface Scale": 0.006},
}


class Grain(NamedTuple):
    """A shade that a colour is multiplied with in places; scale: of the noise along each axis, per metre."""

    scale: tuple[float, float, float]
    shade: tuple[float, float, float]


GRAIN = {
    "wood": Grain((2.0, 40.0, 40.0), (0.55, 0.5, 0.48)),
    "stone": Grain((25.0, 25.0, 25.0), (0.55, 0.5, 0.48)),
    "paper": Grain((6.0, 6.0, 6.0), (0.93, 0.92, 0.9)),  # no ground is one even colour
    "cloth": Grain((30.0, 30.0, 30.0), (0.82, 0.82, 0.83)),
    "skin": Grain((60.0, 60.0, 60.0), (0.93, 0.82, 0.78)),
}
CRINKLED = {"foil": (0.25, 0.012), "cloth": (0.3, 0.004), "paper": (0.03, 0.002), "film": (0.15, 0.03)}  # depth, metres


def make_material(said: dict[str, Any], folder: Path) -> Any:
    """A material: finish, colour (encoded sRGB), and a picture that lies on it by uv, if it has one."""
    material = bpy.data.materials.new(said["finish"])
    material.use_nodes = True
    nodes, links = material.node_tree.nodes, material.node_tree.links
    nodes.clear()
    output = nodes.new("ShaderNodeOutputMaterial")
    colour = colour_socket(nodes, links, said, folder)
    is_film = said["finish"] == "film"
    surface = film(nodes, links, said) if is_film else principled(nodes, links, said, colour)
    links.new(surface, output.inputs["Surface"])
    return material


def principled(nodes: Any, links: Any, said: dict[str, Any], colour: Any) -> Any:
    shader = nodes.new("ShaderNodeBsdfPrincipled")
    for name, value in FINISHES[said["finish"]].items():
        shader.inputs[name].default_value = value
    shader.inputs["Roughness"].default_value = min(
        1.0, max(0.0, shader.inputs["Roughness"].default_value + said["rough"])
    )
    links.new(colour, shader.inputs["Base Color"])
    if said["finish"] in CRINKLED:
        links.new(bump(nodes, links, *CRINKLED[said["finish"]]), shader.inputs["Normal"])
    return shader.outputs[0]


def film(nodes: Any, links: Any, said: dict[str, Any]) -> Any:
    """A thin transparent wrap: light goes straight through, and is mirrored more the flatter it comes in."""
    clear, mirror, mixer = (nodes.new(f"ShaderNode{name}") for name in ("BsdfTransparent", "BsdfGlossy", "MixShader"))
    tint = [linear(value) for value in said["colour"]]
    clear.inputs["Color"].default_value = (*(0.9 + 0.1 * value for value in tint), 1)
    mirror.inputs["Roughness"].default_value = max(0.02, 0.06 + said["rough"])
    fresnel = nodes.new("ShaderNodeFresnel")
    # the node takes a back face for the way out of glass, where flat rays are mirrored whole; a film has no inside
    side, index = nodes.new("ShaderNodeNewGeometry"), nodes.new("ShaderNodeMapRange")
    index.inputs["To Min"].default_value, index.inputs["To Max"].default_value = 1.45, 1 / 1.45
    links.new(side.outputs["Backfacing"], index.inputs["Value"])
    links.new(index.outputs["Result"], fresnel.inputs["IOR"])
    wave = bump(nodes, links, *CRINKLED["film"])
    links.new(wave, mirror.inputs["Normal"])
    links.new(wave, fresnel.inputs["Normal"])
    links.new(fresnel.outputs[0], mixer.inputs[0])
    links.new(clear.outputs[0], mixer.inputs[1])
    links.new(mirror.outputs[0], mixer.inputs[2])
    return mixer.outputs[0]


def colour_socket(nodes: Any, links: Any, said: dict[str, Any], folder: Path) -> Any:
    if said["picture"]:
        picture = nodes.new("ShaderNodeTexImage")
        picture.image = bpy.data.images.load(str(folder / said["picture"]))
        picture.extension = "EXTEND"
        return picture.outputs["Color"]
    plain = nodes.new("ShaderNodeRGB")
    plain.outputs[0].default_value = (*(linear(value) for value in said["colour"]), 1)
    if said["finish"] in GRAIN:
        return grain(nodes, links, plain.outputs[0], GRAIN[said["finish"]])
    return plain.outputs[0]


def grain(nodes: Any, links: Any, colour: Any, how: Grain) -> Any:
    """A darker shade in a colour, in veins, clouds or stains."""
    place, stretch, noise = (nodes.new(f"ShaderNode{name}") for name in ("TexCoord", "Mapping", "TexNoise"))
    links.new(place.outputs["Object"], stretch.inputs["Vector"])
    stretch.inputs["Scale"].default_value = how.scale
    links.new(stretch.outputs[0], noise.inputs["Vector"])
    noise.inputs["Detail"].default_value = 8.0
    veins = nodes.new("ShaderNodeMapRange")
    veins.inputs["From Min"].default_value, veins.inputs["From Max"].default_value = 0.35, 0.7
    links.new(noise.outputs["Fac"], veins.inputs["Value"])
    mixed = nodes.new("ShaderNodeMix")
    mixed.data_type, mixed.blend_type = "RGBA", "MULTIPLY"
    links.new(veins.outputs["Result"], mixed.inputs[0])
    links.new(colour, mixed.inputs[6])
    mixed.inputs[7].default_value = (*how.shade, 1)
    return mixed.outputs[2]


def bump(nodes: Any, links: Any, depth: float, size: float) -> Any:
    """Normals of an uneven surface; `size` of its waves in metres."""
    place, noise, raised = (nodes.new(f"ShaderNode{name}") for name in ("TexCoord", "TexNoise", "Bump"))
    links.new(place.outputs["Object"], noise.inputs["Vector"])
    noise.inputs["Scale"].default_value = 1 / size
    noise.inputs["Detail"].default_value = 3.0
    links.new(noise.outputs["Fac"], raised.inputs["Height"])
    raised.inputs["Strength"].default_value = depth
    raised.inputs["Distance"].default_value = size
    return raised.outputs[0]


def linear(value: float) -> float:
    """Encoded sRGB to linear light (IEC 61966-2-1)."""
    return float(value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4)
