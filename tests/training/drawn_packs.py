"""Packs in memory whose things have a colour each, so that a composed picture itself says which pixel is whose."""

from __future__ import annotations

from typing import Any

import numpy as np

from deepetch.datasets.pack import Pack

RED, GREEN, BLUE = (0.9, 0.15, 0.1), (0.15, 0.85, 0.1), (0.1, 0.15, 0.7)
CLASSES = ("jar", "lid")  # the red ones and the green ones


def shelf(seed: int, side: int = 96) -> tuple[Any, Any]:
    """A picture (side, side, 3) uint8 of a red and a green rectangle on blue, and its numbers: red 1, green 2."""
    random = np.random.default_rng(seed)
    picture, numbers = np.empty((side, side, 3)), np.zeros((side, side), np.uint8)
    picture[:] = BLUE
    for number, colour in ((1, RED), (2, GREEN)):
        left = number * side // 2 - side // 2 + side // 16
        top, height, width = random.integers(side // 8, side // 3), side * 5 // 12, side * 3 // 8
        place = slice(top, top + height), slice(left, left + width)
        picture[place], numbers[place] = colour, number
    picture += random.normal(scale=0.01, size=picture.shape)
    return np.rint(picture.clip(0, 1) * 255).astype(np.uint8), numbers


def shelf_pack(*, train: int = 8, val: int = 2, side: int = 96, numbered: bool = True, kind: str = "packs") -> Pack:
    """Pictures that fill their squares; without numbers the red and the green part are told apart by the gap."""
    count = train + val
    images, numbers = (np.stack(planes) for planes in zip(*(shelf(seed, side) for seed in range(count)), strict=True))
    labels = np.zeros((count, 255), np.uint8)
    labels[:, 1] = 1
    rows = [
        {"name": f"p{index}", "kind": kind, "source": "", "split": "train" if index < train else "val", "group": ""}
        for index in range(count)
    ]
    content = np.tile(np.array([0, 0, 1, 1], np.float32), (count, 1))
    alphas = (numbers > 0).astype(np.uint8) * 255
    if not numbered:
        return Pack(images, alphas, content, rows)
    return Pack(images, alphas, content, rows, numbers, labels, CLASSES)


def wide_pack(*, train: int = 6, side: int = 96) -> Pack:
    """Pictures half as high as wide, of a red rectangle that stands on the lower edge: its reflection hangs below."""
    images, numbers = np.empty((train, side, side, 3)), np.zeros((train, side, side), np.uint8)
    top, bottom = side // 4, side * 3 // 4
    for index in range(train):
        inner = np.empty((side // 2, side, 3))
        inner[:] = BLUE
        inner[side // 4 :, side // 4 : side * 3 // 4] = RED
        images[index] = np.pad(inner, ((side // 4, side // 4), (0, 0), (0, 0)), mode="symmetric")
        numbers[index, top + side // 4 : bottom, side // 4 : side * 3 // 4] = 1
    alphas = (images[..., 0] > 0.5).astype(np.uint8) * 255  # reflected as well
    content = np.tile(np.array([0.25, 0, 0.75, 1], np.float32), (train, 1))
    rows = [{"name": f"w{i}", "kind": "packs", "source": "", "split": "train", "group": ""} for i in range(train)]
    labels = np.zeros((train, 255), np.uint8)
    return Pack(np.rint(images * 255).astype(np.uint8), alphas, content, rows, numbers, labels, ("jar",))
