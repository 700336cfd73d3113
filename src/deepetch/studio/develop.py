"""What a camera adds to a clean picture."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from deepetch.arrays import View
from deepetch.studio.scene import Flaws

READ_NOISE = 0.3  # of the noise of a mid grey, in black


def develop(picture: View, flaws: Flaws, *, seed: int) -> NDArray[np.uint8]:
    """A lens's softness, then a sensor's noise: (h, w, 3) uint8, encoded sRGB.

    Noise grows with the light as counting photons makes it, and is alike in neighbouring pixels, since a sensor sees
    one colour a pixel and the others are filled in.
    """
    seen = picture
    if flaws.softness > 0:
        seen = np.asarray(cv2.GaussianBlur(seen, (0, 0), flaws.softness), np.float32)
    if flaws.noise > 0:
        draw = np.random.default_rng(seed)
        grain = draw.normal(size=(*seen.shape[:2], 3)).astype(np.float32)
        grain = 0.6 * grain + 0.4 * grain.mean(2, keepdims=True) * np.sqrt(3)
        grain = cv2.GaussianBlur(grain, (3, 3), 0.6)
        grain /= max(float(grain.std()), 1e-6)
        strength = READ_NOISE + (1 - READ_NOISE) * np.sqrt(seen.mean(2, keepdims=True) / 0.5)
        seen = seen + grain * strength * (flaws.noise / 255)
    return np.rint(np.clip(seen, 0, 1) * 255).astype(np.uint8)
