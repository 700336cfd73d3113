"""Photo to coarse alpha, at the network's size."""

from __future__ import annotations

from deepetch.arrays import Alpha, View
from deepetch.inference.session import Model
from deepetch.photo.resize import crop_to_content, letterbox, place


def predict_alpha(model: Model, view: View) -> Alpha:
    """Ask the network for the alpha of a working view, letterboxed with reflection, never squashed.

    view     (h, w, 3) float32, at any size; reduced to the model's input size first.
    Returns  (h', w') float32 in [0, 1], the same picture with its longer side at the model's input size.
    Raises   ModelMismatch.
    """
    square = model.fixed_size is not None
    placement = place(view.shape[0], view.shape[1], model.spec.input_size, square=square)
    return crop_to_content(model.predict(letterbox(view, placement)), placement).copy()
