"""A picture with the things found in it: tinted, boxed, named."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from deepetch.arrays import View
from deepetch.inference.instance import Instance
from deepetch.segment.instances import pasted

# in turn; far apart in hue, none of them skin, cardboard or a white ground
COLOURS = np.array(
    [(0, 190, 60), (220, 30, 160), (30, 110, 240), (250, 140, 0), (0, 190, 210), (130, 60, 220), (230, 40, 40)],
    np.uint8,
)
TINTED = 0.4  # so much of a thing's colour lies over it
FONT = cv2.FONT_HERSHEY_SIMPLEX
LETTER = 1 / 60  # height of a capital, as a share of the picture's longer side
SMALLEST_LETTER = 8.0  # pixels


def overlaid(view: View, instances: Sequence[Instance], labels: Sequence[str] | None = None) -> NDArray[np.uint8]:
    """Draw each instance's mask, contour, box and label over a working view (h, w, 3).

    labels   one an instance; None: class and score. What is not ASCII is drawn as "?".
    Returns  (h, w, 3) uint8 sRGB, of the view's size; the view itself without instances.
    """
    height, width = view.shape[:2]
    shown: NDArray[np.uint8] = np.rint(view.clip(0, 1) * 255).astype(np.uint8)
    if labels is None:
        labels = [f"{instance.name} {instance.score:.2f}" for instance in instances]
    line = max(1, round(max(height, width) / 600))
    for number, instance in enumerate(instances):
        alpha = pasted(instance, height, width)
        colour = COLOURS[number % len(COLOURS)]
        shown = np.rint(shown + (colour - shown.astype(np.float32)) * (TINTED * alpha[..., None])).astype(np.uint8)
        contours, _ = cv2.findContours((alpha >= 0.5).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
        cv2.drawContours(shown, contours, -1, colour.tolist(), line)
    for number, (instance, label) in enumerate(zip(instances, labels, strict=True)):  # boxes and text lie over all
        left, top, right, bottom = np.array(instance.box) * (width, height, width, height)
        corners = (round(left), round(top)), (round(right) - 1, round(bottom) - 1)
        colour = COLOURS[number % len(COLOURS)]
        cv2.rectangle(shown, *corners, colour.tolist(), line)
        _write(shown, label, round(left), round(top), colour)
    return shown


def _write(shown: NDArray[np.uint8], label: str, left: int, top: int, colour: NDArray[np.uint8]) -> None:
    """Put a label on a plate of a colour above a box, inside the picture."""
    height, width = shown.shape[:2]
    text = label.encode("ascii", "replace").decode()
    letter = max(SMALLEST_LETTER, LETTER * max(height, width))
    scale = cv2.getFontScaleFromHeight(FONT, round(letter))
    line = max(1, round(letter / 10))
    (across, up), below = cv2.getTextSize(text, FONT, scale, line)
    pad = below // 2
    left = max(0, min(left, width - across - 2 * pad))
    top = max(0, min(top - up - below - pad, height - up - below - pad))
    cv2.rectangle(shown, (left, top), (left + across + 2 * pad, top + up + below + pad), colour.tolist(), cv2.FILLED)
    cv2.putText(shown, text, (left + pad, top + pad + up), FONT, scale, (255, 255, 255), line, cv2.LINE_AA)
