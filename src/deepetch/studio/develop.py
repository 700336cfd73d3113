"""What a camera adds to a clean picture."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from deepetch.arrays import View
from deepetch.studio.scene import Flaws

READ_NOISE = 0.3  # of the noise of a mid grey, in black


def develop(picture: View, flaws: Flaws, *, seed: int) -> NDArray[np.uint8]:
    """A camera's tones and white balance, a lens's softness, a sensor's noise: (h, w, 3) uint8, encoded sRGB."""
    seen = toned(picture, flaws)
    if flaws.softness > 0:
        seen = np.asarray(cv2.GaussianBlur(seen, (0, 0), flaws.softness), np.float32)
    if flaws.noise > 0:
        seen = seen + noise_on(seen, flaws.noise, seed=seed)
    return np.rint(np.clip(seen, 0, 1) * 255).astype(np.uint8)


def toned(picture: View, flaws: Flaws) -> View:
    """A deeper black, a steeper middle, gains on red and blue, glare over it all; in [0, 1]."""
    balanced = picture * np.array([flaws.gains[0], 1, flaws.gains[1]], np.float32)
    x = np.clip((balanced - flaws.black) / (1 - flaws.black), 0, 1)
    # a cubic that keeps 0, 1/2 and 1; its slope in the middle is 1 + contrast
    curved = np.clip(x + 2 * flaws.contrast * x * (1 - x) * (2 * x - 1), 0, 1)
    return np.asarray(flaws.glare + (1 - flaws.glare) * curved, np.float32)


def noise_on(picture: View, deviation: float, *, seed: int) -> View:
    """Grain to add to a picture, in its units.

    It grows with the light as counting photons makes it, and is alike in neighbouring pixels, since a sensor sees one
    colour a pixel and the others are filled in.
    deviation  at a mid grey, in levels of 255.
    """
    draw = np.random.default_rng(seed)
    grain = draw.normal(size=picture.shape).astype(np.float32)
    grain = 0.6 * grain + 0.4 * grain.mean(2, keepdims=True) * np.sqrt(3)
    grain = cv2.GaussianBlur(grain, (3, 3), 0.6)
    grain /= max(float(grain.std()), 1e-6)
    strength = READ_NOISE + (1 - READ_NOISE) * np.sqrt(picture.mean(2, keepdims=True) / 0.5)
    return np.asarray(grain * strength * (deviation / 255), np.float32)
