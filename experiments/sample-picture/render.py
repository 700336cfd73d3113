"""Render the sample packshot: a gable-top carton and a mug on a wooden table, in front of a soft wall.

    python3.11 -m venv .venv-blender
    .venv-blender/bin/pip install "bpy==4.5.*" pillow font-fredoka-one font-roboto
    .venv-blender/bin/python render.py -o packshot.jpg [--samples 64] [--width 1600]

Everything is made here: the shapes, the printed artwork (drawn with Pillow), the materials, the light.
The brand is invented. Lengths are in metres in the scene and in centimetres on the printed sheet.
Cycles on the CPU needs a few minutes; try `--width 400 --samples 16` first.
"""

import argparse
import math
import random
import tempfile
from pathlib import Path

import bpy  # first: it brings bmesh and mathutils

# isort: split
import bmesh
import numpy as np
from font_fredoka_one import FredokaOne
from font_roboto import RobotoBold, RobotoMedium
from mathutils import Vector
from PIL import Image, ImageCms, ImageDraw, ImageFont

# The carton, in metres: a square body, a roof that folds to a ridge, and the sealed fin on top.
SIDE, BODY, ROOF, FIN = 0.074, 0.172, 0.031, 0.017
SLOPE = math.hypot(SIDE / 2, ROOF)  # length of the sloping roof panel
SHEET_CM = (4 * SIDE * 100, (BODY + SLOPE + FIN) * 100)  # front, right, back, left side by side
PX_PER_CM = 130

CREAM, INK, CORAL = "#f7eddb", "#173f4a", "#e65a34"
SUN, STRAW, MEADOW, LEAF = "#f7a72b", "#efc465", "#5d9a5a", "#2c6a4b"


# ---------------------------------------------------------------- the printed sheet


def px(x: float, z: float) -> tuple[float, float]:
    """Give the pixel of a point of the sheet, `x` cm from the left and `z` cm above the carton's foot."""
    return x * PX_PER_CM, (SHEET_CM[1] - z) * PX_PER_CM


def draw_text(draw, x, z, text, font, size_cm, colour, *, anchor="ms", spacing_cm=0.0):
    face = ImageFont.truetype(font, round(size_cm * PX_PER_CM))
    if not spacing_cm:
        draw.text(px(x, z), text, colour, face, anchor=anchor)
        return
    widths = [face.getlength(letter) / PX_PER_CM + spacing_cm for letter in text]
    x -= (sum(widths) - spacing_cm) / 2
    for letter, width in zip(text, widths, strict=True):
        draw.text(px(x, z), letter, colour, face, anchor="ls")
        x += width


def draw_disc(draw, x, z, radius, colour):
    left, top = px(x - radius, z + radius)
    draw.ellipse((left, top, left + 2 * radius * PX_PER_CM, top + 2 * radius * PX_PER_CM), colour)


def draw_ellipse(draw, x, z, length, width, degrees, colour):
    """Fill an ellipse (a grain, a leaf) whose long axis points `degrees` above the horizontal."""
    turn = math.radians(degrees)
    points = []
    for step in range(48):
        angle = math.tau * step / 48
        along, across = length / 2 * math.cos(angle), width / 2 * math.sin(angle)
        points.append(
            px(
                x + along * math.cos(turn) - across * math.sin(turn),
                z + along * math.sin(turn) + across * math.cos(turn),
            )
        )
    draw.polygon(points, colour)


def draw_wave(draw, height, swing, phase, colour, *, upward):
    """Fill the sheet below (or above) a wave that closes on itself round the carton."""
    width = SHEET_CM[0]
    edge = []
    for step in range(1201):
        angle = math.tau * step / 1200
        wave = math.sin(2 * angle + phase) + 0.45 * math.sin(4 * angle + 2.3 * phase)
        edge.append(px(width * step / 1200, height + swing * wave))
    far = SHEET_CM[1] if upward else 0
    draw.polygon([*edge, px(width, far), px(0, far)], colour)


def draw_barley(draw, x, z, height, lean, colour):
    """Draw one ear of barley: a bent stalk, pairs of grains, long awns."""
    stalk = [(x + lean * (t / 40) ** 2, z + height * t / 40) for t in range(41)]
    draw.line([px(*point) for point in stalk], colour, round(0.06 * PX_PER_CM), joint="curve")
    for pair in range(7):
        gx, gz = stalk[22 + 3 * pair]
        tilt = 90 - math.degrees(math.atan(2 * lean * (22 + 3 * pair) / 40 / height))
        for way in (-1, 1):
            angle = tilt + 32 * way
            cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
            draw_ellipse(draw, gx + 0.2 * cos, gz + 0.2 * sin, 0.46, 0.2, angle, colour)
            awn = math.radians(tilt + 20 * way)
            tip = (gx + 1.15 * math.cos(awn), gz + 1.15 * math.sin(awn))
            draw.line([px(gx + 0.3 * cos, gz + 0.3 * sin), px(*tip)], colour, round(0.025 * PX_PER_CM))


def draw_apricot(draw, x, z, radius):
    draw_disc(draw, x, z, radius, "#f08a2c")
    draw_disc(draw, x - 0.12 * radius, z + 0.1 * radius, 0.84 * radius, "#f69a36")
    draw_disc(draw, x - 0.3 * radius, z + 0.32 * radius, 0.42 * radius, "#fab75c")
    crease = [
        (x + radius * (0.12 + 0.3 * math.sin(math.pi * t / 20)), z + radius * (0.92 - 1.84 * t / 20)) for t in range(21)
    ]
    draw.line([px(*point) for point in crease], "#d9701f", round(0.06 * radius * PX_PER_CM), joint="curve")
    draw_ellipse(draw, x + 0.55 * radius, z + 1.12 * radius, 1.1 * radius, 0.46 * radius, 28, LEAF)
    draw_ellipse(draw, x - 0.3 * radius, z + 1.12 * radius, 0.8 * radius, 0.36 * radius, 146, MEADOW)


def draw_barcode(draw, x, z, width, height, seed):
    left, top = px(x, z + height)
    right, bottom = px(x + width, z)
    draw.rectangle((left, top, right, bottom), "white")
    bars = random.Random(seed)
    module = width * PX_PER_CM / 118
    at = left + 9 * module
    while at < right - 12 * module:
        thick = bars.choice((1, 1, 2, 3)) * module
        draw.rectangle((at, top + 0.12 * PX_PER_CM, at + thick, bottom - 0.42 * PX_PER_CM), "black")
        at += thick + bars.choice((1, 1, 2, 2)) * module
    draw_text(draw, x + width / 2, z + 0.12, "2 004001 300127", RobotoMedium, 0.28, "black")


def draw_front(draw, left):
    """Draw the front of the pack on the column that starts `left` cm from the sheet's edge."""
    middle = left + SIDE * 50
    draw_barley(draw, left + 1.15, 2.4, 5.6, -0.25, "#c07a16")
    draw_barley(draw, left + 1.75, 2.4, 6.5, 0.25, LEAF)
    draw_barley(draw, left + 2.6, 2.2, 5.2, 0.75, "#c07a16")
    draw_apricot(draw, left + 5.35, 4.35, 1.02)
    draw_apricot(draw, left + 4.2, 2.95, 0.86)
    draw_text(draw, middle, 13.65, "oat &", FredokaOne, 2.0, INK)
    draw_text(draw, middle, 11.75, "barley", FredokaOne, 2.0, INK)
    draw_text(draw, middle, 10.72, "OAT DRINK WITH APRICOT", RobotoBold, 0.37, CORAL, spacing_cm=0.055)
    draw_text(draw, middle, 10.2, "gently malted, no added sugar", RobotoMedium, 0.36, INK)
    draw_text(draw, left + 0.55, 0.55, "1 L", FredokaOne, 0.8, CREAM, anchor="ls")
    draw_text(draw, left + 6.65, 0.78, "SHAKE WELL", RobotoBold, 0.27, CREAM, anchor="rs")
    draw_text(draw, left + 6.65, 0.45, "SERVE CHILLED", RobotoBold, 0.27, CREAM, anchor="rs")
    draw_text(draw, middle, 100 * (BODY + SLOPE) + 0.62, "plant based", FredokaOne, 0.78, CREAM)


def draw_side(draw, left):
    """Draw a side of the pack: a short text, the nutrition table, the barcode."""
    middle, start, end = left + SIDE * 50, left + 0.75, left + 6.45
    draw_text(draw, middle, 14.2, "grown slowly,", FredokaOne, 0.78, INK)
    draw_text(draw, middle, 13.3, "poured happily", FredokaOne, 0.78, INK)
    story = (
        "We soak whole oats overnight, stir in a little",
        "malted barley and finish with sun-ripe apricot.",
        "That is all there is to it. Lovely cold, better",
        "in porridge, and it foams for coffee too.",
    )
    for row, line in enumerate(story):
        draw_text(draw, start, 12.5 - 0.4 * row, line, RobotoMedium, 0.275, INK, anchor="ls")
    table = (
        ("Nutrition", "per 100 ml"),
        ("Energy", "201 kJ / 48 kcal"),
        ("Fat", "1.5 g"),
        ("of which saturates", "0.2 g"),
        ("Carbohydrate", "7.1 g"),
        ("of which sugars", "3.6 g"),
        ("Fibre", "0.9 g"),
        ("Protein", "1.1 g"),
        ("Salt", "0.10 g"),
    )
    for row, (name, amount) in enumerate(table):
        z = 10.2 - 0.42 * row
        font = RobotoBold if row == 0 else RobotoMedium
        draw_text(draw, start, z, name, font, 0.29, INK, anchor="ls")
        draw_text(draw, end, z, amount, font, 0.29, INK, anchor="rs")
        draw.line([px(start, z - 0.11), px(end, z - 0.11)], INK, 2 if row else 5)
    draw_barcode(draw, left + 2.9, 0.6, 3.5, 2.1, seed=7)
    draw_disc(draw, left + 1.7, 1.65, 0.85, CREAM)
    draw_text(draw, left + 1.7, 1.62, "100%", FredokaOne, 0.5, LEAF)
    draw_text(draw, left + 1.7, 1.28, "recyclable", RobotoBold, 0.24, LEAF)


def draw_sheet() -> Image.Image:
    """Draw the whole printed sheet, four columns wide, that is folded into the carton."""
    sheet = Image.new("RGB", (round(SHEET_CM[0] * PX_PER_CM), round(SHEET_CM[1] * PX_PER_CM)), CREAM)
    draw = ImageDraw.Draw(sheet)
    column = SIDE * 100
    for face in (0, 2):
        draw_disc(draw, (face + 0.42) * column, 6.35, 2.55, SUN)
    draw_wave(draw, 5.0, 0.42, 0.4, STRAW, upward=False)
    draw_wave(draw, 3.9, 0.5, 2.6, MEADOW, upward=False)
    draw_wave(draw, 2.3, 0.42, 4.6, LEAF, upward=False)
    draw_wave(draw, 16.35, 0.26, 1.2, SUN, upward=True)
    draw_wave(draw, 16.75, 0.26, 1.0, CORAL, upward=True)
    for face in (0, 2):
        draw_front(draw, face * column)
        draw_side(draw, (face + 1) * column)
    return sheet


# ---------------------------------------------------------------- materials


def new_material(name: str, **principled):
    """Make a Principled material; each keyword sets the input of that name ("Base Color" is base_color)."""
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    shader = material.node_tree.nodes["Principled BSDF"]
    for key, value in principled.items():
        shader.inputs[key.replace("_", " ").title().replace("Ior", "IOR")].default_value = value
    return material, material.node_tree, shader


def add_node(tree, kind, inputs=None, **settings):
    """Add a node; a value of `inputs` is either a number or the socket it is linked from."""
    node = tree.nodes.new(kind)
    for key, value in settings.items():
        setattr(node, key, value)
    for key, value in (inputs or {}).items():
        if isinstance(value, bpy.types.NodeSocket):
            tree.links.new(value, node.inputs[key])
        else:
            node.inputs[key].default_value = value
    return node


def add_ramp(tree, factor, stops):
    ramp = add_node(tree, "ShaderNodeValToRGB", {"Fac": factor})
    while len(ramp.color_ramp.elements) < len(stops):
        ramp.color_ramp.elements.new(0.5)
    for element, (position, colour) in zip(ramp.color_ramp.elements, stops, strict=True):
        element.position, element.color = position, linear(colour)
    return ramp.outputs["Color"]


def linear(colour: str) -> tuple[float, float, float, float]:
    """Turn an sRGB colour such as "#f7eddb" into the linear RGBA that Blender expects."""
    values = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    return (*(v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values), 1.0)


def carton_material(sheet_path: Path):
    """Coated board: the printed sheet, a satin film, and the slight waviness of a filled carton."""
    material, tree, shader = new_material("carton", roughness=0.36, coat_weight=0.25, coat_roughness=0.22)
    print_ = add_node(tree, "ShaderNodeTexImage", image=bpy.data.images.load(str(sheet_path)))
    print_.interpolation = "Cubic"
    tree.links.new(print_.outputs["Color"], shader.inputs["Base Color"])
    place = add_node(tree, "ShaderNodeTexCoord").outputs["Object"]
    sag = add_node(tree, "ShaderNodeTexNoise", {"Vector": place, "Scale": 16.0, "Detail": 1.0})
    grain = add_node(tree, "ShaderNodeTexNoise", {"Vector": place, "Scale": 900.0, "Detail": 2.0})
    waves = add_node(tree, "ShaderNodeBump", {"Strength": 0.55, "Distance": 0.006, "Height": sag.outputs["Fac"]})
    fibres = add_node(
        tree,
        "ShaderNodeBump",
        {
            "Strength": 0.12,
            "Distance": 0.0004,
            "Height": grain.outputs["Fac"],
            "Normal": waves.outputs["Normal"],
        },
    )
    tree.links.new(fibres.outputs["Normal"], shader.inputs["Normal"])
    return material


def wood_material():
    """Oiled boards that run from left to right, each with its own grain and tone."""
    material, tree, shader = new_material("wood", roughness=0.42)
    place = add_node(tree, "ShaderNodeTexCoord").outputs["Object"]
    axes = add_node(tree, "ShaderNodeSeparateXYZ", {"Vector": place})
    across = add_node(tree, "ShaderNodeMath", {0: axes.outputs["Y"], 1: 0.135}, operation="DIVIDE")
    across = add_node(tree, "ShaderNodeMath", {0: across.outputs[0], 1: 10.37}, operation="ADD").outputs[0]
    board = add_node(tree, "ShaderNodeMath", {0: across}, operation="FLOOR").outputs[0]
    within = add_node(tree, "ShaderNodeMath", {0: across}, operation="FRACT").outputs[0]
    chance = add_node(tree, "ShaderNodeTexWhiteNoise", {"W": board}, noise_dimensions="1D").outputs["Color"]
    shifted = add_node(tree, "ShaderNodeVectorMath", {0: place, 1: chance}, operation="ADD").outputs[0]
    fine = add_node(tree, "ShaderNodeMapping", {"Vector": shifted, "Scale": (9.0, 260.0, 30.0)}).outputs[0]
    broad = add_node(tree, "ShaderNodeMapping", {"Vector": shifted, "Scale": (2.6, 17.0, 5.0)}).outputs[0]
    pores = add_node(tree, "ShaderNodeTexNoise", {"Vector": fine, "Scale": 1.0, "Detail": 5.0}).outputs["Fac"]
    rings = add_node(
        tree, "ShaderNodeTexNoise", {"Vector": broad, "Scale": 1.0, "Detail": 3.0, "Distortion": 1.1}
    ).outputs["Fac"]
    grain = add_node(tree, "ShaderNodeMix", {0: 0.36, 2: rings, 3: pores}).outputs[0]
    colour = add_ramp(tree, grain, [(0.3, "#8a552b"), (0.46, "#a86f39"), (0.56, "#b87f47"), (0.72, "#c9935a")])
    tone = add_node(tree, "ShaderNodeSeparateXYZ", {"Vector": chance}).outputs["X"]
    tone = add_node(tree, "ShaderNodeMapRange", {"Value": tone, "To Min": 0.84, "To Max": 1.1}).outputs[0]
    colour = add_node(tree, "ShaderNodeHueSaturation", {"Color": colour, "Value": tone}).outputs["Color"]
    seam = add_node(tree, "ShaderNodeMath", {0: within, 1: 0.0, 2: 0.012}, operation="COMPARE").outputs[0]
    colour = add_node(tree, "ShaderNodeMix", {0: seam, 6: colour, 7: linear("#2b1609")}, data_type="RGBA").outputs[2]
    tree.links.new(colour, shader.inputs["Base Color"])
    height = add_node(tree, "ShaderNodeMath", {0: pores, 1: seam}, operation="SUBTRACT").outputs[0]
    bump = add_node(tree, "ShaderNodeBump", {"Strength": 0.25, "Distance": 0.0012, "Height": height})
    tree.links.new(bump.outputs["Normal"], shader.inputs["Normal"])
    gloss = add_node(tree, "ShaderNodeMapRange", {"Value": grain, "To Min": 0.55, "To Max": 0.36}).outputs[0]
    tree.links.new(gloss, shader.inputs["Roughness"])
    return material


def wall_material():
    """Painted plaster, a deeper tone at the foot and towards the right."""
    material, tree, shader = new_material("wall", roughness=0.9)
    place = add_node(tree, "ShaderNodeTexCoord").outputs["Object"]
    axes = add_node(tree, "ShaderNodeSeparateXYZ", {"Vector": place})
    height = add_node(tree, "ShaderNodeMapRange", {"Value": axes.outputs["Z"], "From Min": -0.1, "From Max": 0.75})
    cloud = add_node(tree, "ShaderNodeTexNoise", {"Vector": place, "Scale": 3.0, "Detail": 3.0})
    mixed = add_node(tree, "ShaderNodeMix", {0: 0.18, 2: height.outputs[0], 3: cloud.outputs["Fac"]})
    colour = add_ramp(tree, mixed.outputs[0], [(0.1, "#2f6a72"), (0.9, "#6fa9a8")])
    tree.links.new(colour, shader.inputs["Base Color"])
    return material


def glaze_material():
    """Speckled stoneware glaze that ends above a bare clay foot."""
    material, tree, shader = new_material("glaze", coat_weight=0.5, coat_roughness=0.06)
    place = add_node(tree, "ShaderNodeTexCoord").outputs["Object"]
    cells = add_node(tree, "ShaderNodeTexVoronoi", {"Vector": place, "Scale": 330.0, "Randomness": 1.0})
    chance = add_node(tree, "ShaderNodeSeparateColor", {"Color": cells.outputs["Color"]}).outputs["Red"]
    rare = add_node(tree, "ShaderNodeMath", {0: chance, 1: 0.9}, operation="GREATER_THAN").outputs[0]
    small = add_node(tree, "ShaderNodeMath", {0: cells.outputs["Distance"], 1: 0.24}, operation="LESS_THAN").outputs[0]
    speck = add_node(tree, "ShaderNodeMath", {0: rare, 1: small}, operation="MULTIPLY").outputs[0]
    speck = add_node(tree, "ShaderNodeMath", {0: speck, 1: 0.7}, operation="MULTIPLY").outputs[0]
    glaze = add_node(
        tree,
        "ShaderNodeMix",
        {0: speck, 6: linear("#ece4d3"), 7: linear("#5b4a3a")},
        data_type="RGBA",
    ).outputs[2]
    wobble = add_node(tree, "ShaderNodeTexNoise", {"Vector": place, "Scale": 30.0}).outputs["Fac"]
    edge = add_node(tree, "ShaderNodeMapRange", {"Value": wobble, "To Min": 0.009, "To Max": 0.014})
    up = add_node(tree, "ShaderNodeSeparateXYZ", {"Vector": place}).outputs["Z"]
    bare = add_node(tree, "ShaderNodeMath", {0: up, 1: edge.outputs[0]}, operation="LESS_THAN").outputs[0]
    colour = add_node(tree, "ShaderNodeMix", {0: bare, 6: glaze, 7: linear("#a8714a")}, data_type="RGBA").outputs[2]
    tree.links.new(colour, shader.inputs["Base Color"])
    rough = add_node(tree, "ShaderNodeMapRange", {"Value": bare, "To Min": 0.22, "To Max": 0.85}).outputs[0]
    tree.links.new(rough, shader.inputs["Roughness"])
    coat = add_node(tree, "ShaderNodeMapRange", {"Value": bare, "To Min": 0.5, "To Max": 0.0}).outputs[0]
    tree.links.new(coat, shader.inputs["Coat Weight"])
    return material


# ---------------------------------------------------------------- shapes


def add_mesh(name: str, points, faces, material, *, smooth=False):
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(points, [], faces)
    mesh.materials.append(material)
    mesh.update()
    thing = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(thing)
    for face in mesh.polygons:
        face.use_smooth = smooth
    return thing


def add_carton(material):
    """Fold the sheet into a gable-top carton; the side gussets meet under the ridge, as on a real one."""
    half, top, ridge = SIDE / 2, BODY, BODY + ROOF
    fin, seal = ridge + FIN, 0.0013
    points = [(x, y, z) for z in (0, top) for x, y in ((-half, -half), (half, -half), (half, half), (-half, half))]
    points += [(x, y, z) for z in (ridge, fin) for x, y in ((-half, -seal), (half, -seal), (half, seal), (-half, seal))]
    points += [(0.006, 0, ridge - 0.004), (-0.006, 0, ridge - 0.004)]
    # Each face with the column of the sheet it shows, 0 to 3.
    faces = [
        ((0, 1, 5, 4), 0), ((1, 2, 6, 5), 1), ((2, 3, 7, 6), 2), ((3, 0, 4, 7), 3),
        ((4, 5, 9, 8), 0), ((6, 7, 11, 10), 2),  # roof
        ((8, 9, 13, 12), 0), ((10, 11, 15, 14), 2), ((9, 10, 14, 13), 1), ((11, 8, 12, 15), 3),  # fin
        ((12, 13, 14, 15), 0), ((3, 2, 1, 0), 0),
        ((5, 6, 16), 1), ((5, 16, 9), 1), ((6, 10, 16), 1), ((9, 16, 10), 1),  # right gusset
        ((7, 4, 17), 3), ((4, 8, 17), 3), ((7, 17, 11), 3), ((8, 11, 17), 3),  # left gusset
    ]  # fmt: skip
    carton = add_mesh("carton", points, [corners for corners, _ in faces], material)
    mesh = carton.data
    sheet = mesh.uv_layers.new(name="sheet")
    for face, (_, column) in zip(mesh.polygons, faces, strict=True):
        for loop in face.loop_indices:
            x, y, z = points[mesh.loops[loop].vertex_index]
            along = (x, y, -x, -y)[column] + half
            if z > top:
                z = top + (z - top) * SLOPE / ROOF if z <= ridge else top + SLOPE + (z - ridge)
            sheet.data[loop].uv = (column + along / SIDE) / 4, z * 100 / SHEET_CM[1]
    weights = mesh.attributes.new("bevel_weight_edge", "FLOAT", "EDGE")
    for edge in mesh.edges:
        low, high = sorted(edge.vertices)
        upright = high < 8 and high - low == 4
        weights.data[edge.index].value = 1.0 if upright else 0.35 if low < 4 or high < 8 or low > 11 else 0.0
    bevel = carton.modifiers.new("bevel", "BEVEL")
    bevel.limit_method, bevel.width, bevel.segments = "WEIGHT", 0.0022, 4
    carton.modifiers.new("normals", "WEIGHTED_NORMAL").keep_sharp = True
    return carton


def add_lathe(name: str, profile, material, *, steps=128, teeth=0, depth=0.0):
    """Turn a profile of (radius, height) about the z axis; `teeth` grooves of `depth` make it knurled."""
    points, faces = [], []
    for step in range(steps):
        angle = math.tau * step / steps
        groove = depth * max(0.0, math.cos(teeth * angle)) if teeth else 0.0
        points += [((r - min(groove, r)) * math.cos(angle), (r - min(groove, r)) * math.sin(angle), z)
                   for r, z in profile]  # fmt: skip
    count = len(profile)
    for step in range(steps):
        here, there = step * count, (step + 1) % steps * count
        faces += [(here + k, there + k, there + k + 1, here + k + 1) for k in range(count - 1)]
    thing = add_mesh(name, points, faces, material, smooth=True)
    shape = bmesh.new()
    shape.from_mesh(thing.data)
    bmesh.ops.remove_doubles(shape, verts=shape.verts, dist=1e-6)
    bmesh.ops.recalc_face_normals(shape, faces=shape.faces)
    shape.to_mesh(thing.data)
    shape.free()
    return thing


def add_cap(carton):
    """Screw a knurled cap on the front slope of the roof."""
    white, _, _ = new_material("cap", base_color=linear("#f3eee4"), roughness=0.3)
    flange = [(0.0, 0.0), (0.0172, 0.0), (0.0172, 0.0012), (0.0166, 0.0017), (0.0140, 0.0018)]
    cap = [(0.0142, 0.0018), (0.0142, 0.0108), (0.0138, 0.0117), (0.0129, 0.0122), (0.0, 0.0122)]
    pitch = math.atan2(ROOF, SIDE / 2)
    for thing in (
        add_lathe("flange", flange, white),
        add_lathe("cap", cap, white, steps=540, teeth=54, depth=0.00045),
    ):
        edges = thing.modifiers.new("edges", "EDGE_SPLIT")
        edges.split_angle = math.radians(40)
        thing.parent = carton
        thing.location = (0, -SIDE / 4 - 0.0012, BODY + ROOF / 2 + 0.001)
        thing.rotation_euler = (pitch, 0, 0)


def add_mug():
    """Make a stoneware mug with a handle, nearly full."""
    glaze = glaze_material()
    outside = [(0.0, 0.001), (0.027, 0.001), (0.0285, 0.0), (0.031, 0.0012), (0.0365, 0.007), (0.0405, 0.018)]
    outside += [(0.042, 0.035), (0.0418, 0.055), (0.0408, 0.074), (0.0405, 0.0795)]
    inside = [(0.0399, 0.0812), (0.0387, 0.0816), (0.0376, 0.0806), (0.0374, 0.074), (0.038, 0.045)]
    inside += [(0.036, 0.02), (0.028, 0.008), (0.0, 0.006)]
    mug = add_lathe("mug", outside + inside, glaze, steps=96)
    mug.modifiers.new("round", "SUBSURF").render_levels = 2
    curve = bpy.data.curves.new("handle", "CURVE")
    curve.dimensions, curve.resolution_u, curve.use_fill_caps = "3D", 32, True
    spline = curve.splines.new("BEZIER")
    path = [(0.037, 0.066), (0.060, 0.064), (0.0665, 0.043), (0.0535, 0.022), (0.037, 0.0185)]
    spline.bezier_points.add(len(path) - 1)
    for point, (x, z), thick in zip(spline.bezier_points, path, (1.25, 0.98, 0.92, 0.95, 1.2), strict=True):
        point.co, point.radius = (x, 0, z), thick
        point.handle_left_type = point.handle_right_type = "AUTO"
    outline = bpy.data.curves.new("handle outline", "CURVE")
    ring = outline.splines.new("NURBS")
    ring.points.add(11)
    for step, point in enumerate(ring.points):
        angle = math.tau * step / 12
        point.co = (0.0048 * math.cos(angle), 0.0078 * math.sin(angle), 0, 1)
    ring.use_cyclic_u = True
    outline_thing = bpy.data.objects.new("handle outline", outline)
    curve.bevel_mode, curve.bevel_object = "OBJECT", outline_thing
    curve.materials.append(glaze)
    handle = bpy.data.objects.new("handle", curve)
    bpy.context.scene.collection.objects.link(handle)
    handle.parent = mug
    drink, _, _ = new_material(
        "oat drink",
        base_color=linear("#f0dcb8"),
        roughness=0.16,
        subsurface_weight=0.4,
        subsurface_scale=0.004,
    )
    level = [(0.0, 0.0730), (0.030, 0.0730), (0.0355, 0.0732), (0.0370, 0.0739), (0.0379, 0.0751)]
    add_lathe("drink", level, drink, steps=96).parent = mug
    return mug


def add_room():
    """Lay the table and raise the wall behind it."""
    table = [(-1.1, -0.7, 0), (1.1, -0.7, 0), (1.1, 0.36, 0), (-1.1, 0.36, 0)]
    add_mesh("table", table, [(0, 1, 2, 3)], wood_material())
    wall = [(-2.5, 1.0, -1.2), (2.5, 1.0, -1.2), (2.5, 1.0, 2.2), (-2.5, 1.0, 2.2)]
    add_mesh("wall", wall, [(0, 1, 2, 3)], wall_material())


# ---------------------------------------------------------------- light, camera, picture


def aim(thing, target):
    thing.rotation_euler = (Vector(target) - thing.location).to_track_quat("-Z", "Y").to_euler()


def add_window(location, target, *, width, height, strength, colour):
    """Hang a window of two by three panes as the light, so that glossy things mirror a window."""
    material = bpy.data.materials.new("daylight")
    material.use_nodes = True
    tree = material.node_tree
    tree.nodes.clear()
    light = add_node(tree, "ShaderNodeEmission", {"Color": linear(colour), "Strength": strength})
    add_node(tree, "ShaderNodeOutputMaterial", {"Surface": light.outputs[0]})
    points, faces = [], []
    for column in range(2):
        for row in range(3):
            left, foot = (column / 2 - 0.5) * width, (row / 3 - 0.5) * height
            right, head = left + 0.46 * width, foot + 0.31 * height
            faces.append(range(len(points), len(points) + 4))
            points += [(left, foot, 0), (right, foot, 0), (right, head, 0), (left, head, 0)]
    window = add_mesh("window", points, [tuple(face) for face in faces], material)
    window.location = location
    aim(window, target)
    return window


def add_lamp(name, location, target, *, size, watts, colour):
    lamp = bpy.data.lights.new(name, "AREA")
    lamp.shape, lamp.size, lamp.energy, lamp.color = "DISK", size, watts, linear(colour)[:3]
    thing = bpy.data.objects.new(name, lamp)
    bpy.context.scene.collection.objects.link(thing)
    thing.location = location
    aim(thing, target)


def add_blind_light(location, target, *, watts, colour):
    """Throw low sun through a blind on to the wall; the narrow cone misses the products."""
    sun = bpy.data.lights.new("sun", "SPOT")
    sun.energy, sun.color, sun.shadow_soft_size = watts, linear(colour)[:3], 0.03
    sun.spot_size, sun.spot_blend = math.radians(30), 0.35
    thing = bpy.data.objects.new("sun", sun)
    bpy.context.scene.collection.objects.link(thing)
    thing.location = location
    aim(thing, target)
    points, faces = [], []
    for slat in range(-4, 5):
        middle = 0.075 * slat
        faces.append(tuple(range(len(points), len(points) + 4)))
        points += [(x, middle + y, 0) for x, y in ((-0.5, -0.018), (0.5, -0.018), (0.5, 0.018), (-0.5, 0.018))]
    board, _, _ = new_material("slat", roughness=1.0)
    blind = add_mesh("blind", points, faces, board)
    blind.location = Vector(location).lerp(Vector(target), 0.42)
    aim(blind, target)
    blind.visible_camera = blind.visible_glossy = False


def add_light():
    add_window((-0.95, -0.75, 0.75), (0, 0, 0.08), width=0.66, height=0.86, strength=16.5, colour="#fff8ef")
    add_lamp("fill", (1.1, -0.9, 0.5), (0, 0, 0.1), size=1.2, watts=2.8, colour="#e6efff")
    add_lamp("rim", (0.6, 0.62, 0.62), (0, 0, 0.14), size=0.3, watts=3.5, colour="#ffe9cf")
    add_blind_light((-1.3, -0.1, 1.25), (0.2, 1.0, 0.3), watts=120, colour="#ffe2b8")
    world = bpy.data.worlds.new("room")
    world.use_nodes = True
    world.node_tree.nodes["Background"].inputs["Color"].default_value = linear("#c9cdd0")
    world.node_tree.nodes["Background"].inputs["Strength"].default_value = 0.2
    bpy.context.scene.world = world


def add_camera():
    """Place a 100 mm lens a metre away, focused on the front edge of the carton."""
    camera = bpy.data.cameras.new("camera")
    camera.lens, camera.sensor_width, camera.clip_start = 100, 36, 0.05
    thing = bpy.data.objects.new("camera", camera)
    bpy.context.scene.collection.objects.link(thing)
    thing.location = (0.03, -1.12, 0.27)
    aim(thing, (0.03, 0, 0.103))
    camera.dof.use_dof, camera.dof.focus_distance, camera.dof.aperture_fstop = True, 1.10, 7.1
    bpy.context.scene.camera = thing


def build_scene(sheet_path: Path):
    bpy.ops.wm.read_factory_settings(use_empty=True)
    add_room()
    carton = add_carton(carton_material(sheet_path))
    carton.location, carton.rotation_euler = (-0.022, 0.02, 0), (0, 0, math.radians(-29))
    add_cap(carton)
    mug = add_mug()
    mug.location, mug.rotation_euler = (0.083, -0.028, 0), (0, 0, math.radians(-22))
    mug.scale = (0.92, 0.92, 0.92)
    add_light()
    add_camera()


def render_picture(path: Path, *, samples: int, width: int):
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.samples = samples
    scene.cycles.use_denoising, scene.cycles.denoiser = True, "OPENIMAGEDENOISE"
    scene.cycles.max_bounces, scene.cycles.caustics_reflective = 6, False
    scene.cycles.use_adaptive_sampling, scene.cycles.adaptive_threshold = True, 0.02
    scene.render.resolution_x, scene.render.resolution_y = width, width * 3 // 4
    scene.view_settings.view_transform = "Standard"  # the printed colours stay the printed colours
    scene.render.image_settings.file_format = "PNG"
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)


def save_jpeg(rendered: Path, output: Path):
    """Save as sRGB JPEG with a trace of sensor noise, which a denoised rendering lacks."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    values = np.asarray(Image.open(rendered).convert("RGB"), dtype=np.float32)
    noise = np.random.default_rng(0).normal(0.0, 1.3, (*values.shape[:2], 1))
    picture = Image.fromarray(np.clip(values + noise, 0, 255).round().astype(np.uint8))
    picture.save(output, quality=92, subsampling=0, optimize=True, icc_profile=profile)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", "--output", type=Path, required=True, help="the JPEG to write")
    parser.add_argument("--samples", type=int, default=64, help="light paths per pixel")
    parser.add_argument("--width", type=int, default=1600, help="in pixels; the height is three quarters")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sheet_path, rendered = Path(folder, "sheet.png"), Path(folder, "picture.png")
        draw_sheet().save(sheet_path)
        build_scene(sheet_path)
        render_picture(rendered, samples=arguments.samples, width=arguments.width)
        save_jpeg(rendered, arguments.output)


if __name__ == "__main__":
    main()
