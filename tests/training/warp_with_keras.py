"""Send a picture through Keras' own affine transform: python warp_with_keras.py FILE.npz, with `picture` (h, w, c) and
`draws` (n, 6): angle and shear in degrees, shifts in pixels and zooms along x and y. Adds `warped` (n, h, w, c)."""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ["KERAS_BACKEND"] = "torch"

import numpy as np
import scipy.ndimage
from keras.src.legacy.preprocessing.image import apply_affine_transform

scipy.ndimage.interpolation = scipy.ndimage  # the name by which Keras calls it went away in SciPy


def main(path: Path) -> None:
    given = np.load(path)
    warped = [
        apply_affine_transform(
            given["picture"].copy(),
            theta=angle, shear=shear, tx=tx, ty=ty, zx=zx, zy=zy,
            row_axis=0, col_axis=1, channel_axis=2, fill_mode="reflect", order=1,
        )
        for angle, shear, tx, ty, zx, zy in given["draws"]
    ]  # fmt: skip
    np.savez(path, **given, warped=np.stack(warped))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
