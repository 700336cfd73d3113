"""Pictures a second of Keras training the classic U-Net: KERAS_BACKEND=jax python keras_step.py BATCH SIZE STEPS.

A program of its own, for an environment of its own: it imports Keras and NumPy only. Prints one JSON object.
"""

from __future__ import annotations

import json
import sys
import time

import keras
import numpy as np
from keras import layers

WIDTHS = (64, 128, 256, 512, 1024)


def convolution(x, width, side):
    return layers.Conv2D(width, side, padding="same", activation="relu", kernel_initializer="he_normal")(x)


def classic(size: int):
    picture = x = layers.Input((size, size, 3))
    skips = []
    for level, width in enumerate(WIDTHS):
        if level:
            x = layers.MaxPooling2D(2)(x)
        x = convolution(convolution(x, width, 3), width, 3)
        if level >= 3:
            x = layers.Dropout(0.5)(x)
        skips.append(x)
    for skip, width in zip(skips[-2::-1], WIDTHS[-2::-1], strict=True):
        x = layers.Concatenate(axis=3)([skip, convolution(layers.UpSampling2D(2)(x), width, 2)])
        x = convolution(convolution(x, width, 3), width, 3)
    return keras.Model(picture, layers.Conv2D(1, 1, activation="sigmoid")(convolution(x, 2, 3)))


def main() -> None:
    batch, size, steps = (int(word) for word in sys.argv[1:4])
    model = classic(size)
    model.compile(keras.optimizers.Adam(1e-4), "binary_crossentropy", metrics=["accuracy"])
    rng = np.random.default_rng(0)
    pictures = rng.random((batch, size, size, 3), np.float32)
    masks = (rng.random((batch, size, size, 1)) > 0.5).astype(np.float32)
    model.train_on_batch(pictures, masks)  # compiles
    seconds = []
    for _ in range(steps):
        began = time.perf_counter()
        model.train_on_batch(pictures, masks)
        seconds.append(time.perf_counter() - began)
    print(json.dumps({"parameters": model.count_params(), "pictures_per_second": batch / min(seconds)}))


if __name__ == "__main__":
    main()
