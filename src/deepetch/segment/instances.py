"""A view to the things in it, one by one, as a Mask R-CNN finds them."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from deepetch.arrays import Alpha, View
from deepetch.inference.instance import Instance
from deepetch.inference.session import Model
from deepetch.photo.resize import letterbox, place

LEAST_SCORE = 0.5  # what is less sure is not shown


def find_instances(model: Model, view: View, *, least_score: float = LEAST_SCORE) -> list[Instance]:
    """Ask a network that tells things apart what a working view (h, w, 3) shows.

    The picture is letterboxed with one colour: what is reflected would be found too.
    Returns  the surest first; [] when nothing is found.
    Raises   ModelMismatch when the network refuses the picture, or answers with what is none of its classes.
    """
    side = model.spec.input_size
    placement = place(view.shape[0], view.shape[1], side, square=True)
    found = model.detect(letterbox(view, placement, fill=model.spec.mean))
    height, width = placement.bottom - placement.top, placement.right - placement.left
    boxes = (found.boxes - np.array([placement.left, placement.top] * 2, np.float64)) / np.array([width, height] * 2)
    return [
        Instance(
            name=model.spec.classes[label - 1],
            score=float(score),
            box=(float(box[0]), float(box[1]), float(box[2]), float(box[3])),
            mask=mask,
        )
        for box, label, score, mask in zip(boxes, found.labels.tolist(), found.scores, found.masks, strict=True)
        if score >= least_score
    ]


def pasted(instance: Instance, height: int, width: int) -> Alpha:
    """The alpha (height, width) float32 of an instance in its picture: its mask laid into its box, bilinear, 0 outside.

    A picture may have any size: the box is a share of it, and the mask's pixels lie where they were seen, unrounded.
    """
    left, top, right, bottom = instance.box
    down, across = instance.mask.shape
    scale = across / ((right - left) * width), down / ((bottom - top) * height)
    # from the centre of a pixel of the picture to a point between the centres of the mask's
    matrix = np.array(
        [
            [scale[0], 0, (0.5 - left * width) * scale[0] - 0.5],
            [0, scale[1], (0.5 - top * height) * scale[1] - 0.5],
        ]
    )
    alpha = cv2.warpAffine(
        instance.mask,
        matrix,
        (width, height),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_CONSTANT,
    )
    return np.asarray(alpha, np.float32).clip(0, 1)


def union(instances: Sequence[Instance], height: int, width: int) -> Alpha:
    """The alpha (height, width) float32 of all instances together, the greatest at each pixel; 0 without any."""
    whole = np.zeros((height, width), np.float32)
    for instance in instances:
        np.maximum(whole, pasted(instance, height, width), out=whole)
    return whole
