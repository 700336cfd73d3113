"""Build the classic U-Net in Keras, narrow, and save its weights in every form, with a picture and what it answers.

A program of its own, python save_with_keras.py FOLDER: Keras and its backend stay out of the tests' process.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
from keras import layers

WIDTHS = (8, 12, 16, 24, 32)


def convolution(x, width, side, **more):
    return layers.Conv2D(width, side, padding="same", activation="relu", kernel_initializer="he_normal", **more)(x)


def classic():
    picture = x = layers.Input((None, None, 3))
    skips = []
    for level, width in enumerate(WIDTHS):
        if level:
            x = layers.MaxPooling2D(2)(x)
        x = convolution(convolution(x, width, 3), width, 3)
        if level >= 3:
            x = layers.Dropout(0.5)(x)
        skips.append(x)
    for skip, width in zip(skips[-2::-1], WIDTHS[-2::-1], strict=True):
        up = convolution(layers.UpSampling2D(2)(x), width, 2)
        x = layers.Concatenate(axis=3)([skip, up])
        x = convolution(convolution(x, width, 3), width, 3)
    x = convolution(
        x, 2, 3, bias_initializer=keras.initializers.Constant(0.5)
    )  # alive, so that the test sees something
    return keras.Model(picture, layers.Conv2D(1, 1, activation="sigmoid")(x))


def main(folder: Path) -> None:
    keras.utils.set_random_seed(3)
    model = classic()
    for weight in model.trainable_variables:  # biases of zero would hide a wrong one
        if weight.name == "bias":
            weight.assign(weight + np.random.default_rng(weight.shape[0]).normal(0, 0.05, weight.shape))
    picture = np.random.default_rng(0).random((2, 48, 64, 3), np.float32)
    np.savez(folder / "answer.npz", picture=picture, alpha=model.predict(picture, verbose=0))
    model.save(folder / "model.keras")
    model.save(folder / "model.h5")
    model.save_weights(folder / "model.weights.h5")
    keras.Sequential([layers.Input((4,)), layers.Dense(3)]).save(folder / "dense.keras")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
