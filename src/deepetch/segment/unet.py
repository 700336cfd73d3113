"""A view to what the network says of it, at the network's size."""

from __future__ import annotations

from dataclasses import replace

from deepetch.arrays import View
from deepetch.inference.session import Model, Segmentation
from deepetch.photo.resize import crop_grid, crop_to_content, letterbox, place


def segment(model: Model, view: View, *, features: bool = False) -> Segmentation:
    """Ask the network what a working view shows, letterboxed with reflection, never squashed.

    view      (h, w, 3) float32, at any size; reduced to the model's input size first.
    features  also the network's deep features, of the same picture on a coarser grid.
    Returns   an alpha (h', w') of the same picture with its longer side at the model's input size.
    Raises    ModelMismatch.
    """
    square = model.fixed_size is not None
    placement = place(view.shape[0], view.shape[1], model.spec.input_size, square=square)
    found = model.predict(letterbox(view, placement), features=features)
    deep = None if found.features is None else crop_grid(found.features, placement)
    return replace(found, alpha=crop_to_content(found.alpha, placement).copy(), features=deep)
