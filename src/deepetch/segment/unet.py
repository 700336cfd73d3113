"""A view to what the network says of it, at the network's size."""

from __future__ import annotations

from dataclasses import replace

from deepetch.arrays import View
from deepetch.inference.session import Model, Segmentation
from deepetch.inference.spec import ModelSpec
from deepetch.photo.resize import crop_grid, crop_to_content, letterbox, place, stretched
from deepetch.segment.instances import find_instances, union

LONGEST = 4  # a stretched picture's longer side, in sides of the square, at most


def segment_by_network(model: Model, view: View, *, features: bool = False) -> Segmentation:
    """Ask the network what a working view shows, letterboxed with reflection; stretched if that is how it was trained.

    What tells things apart answers with the union of what it finds.
    view      (h, w, 3) float32, at any size, `view_side` for the best answer; brought to the input size first.
    features  also the network's deep features, of the same picture on a coarser grid.
    Returns   an alpha (h', w') of the same picture with its longer side at `view_side`.
    Raises    ModelMismatch.
    """
    if model.spec.classes:
        return _segment_things(model, view, features=features)
    if model.spec.fit == "stretch":
        return _segment_stretched(model, view, features=features)
    square = model.fixed_size is not None
    placement = place(view.shape[0], view.shape[1], model.spec.input_size, square=square)
    found = model.predict(letterbox(view, placement), features=features)
    deep = None if found.features is None else crop_grid(found.features, placement)
    return replace(found, alpha=crop_to_content(found.alpha, placement).copy(), features=deep)


def view_side(spec: ModelSpec, height: int, width: int) -> int:
    """Longer side of the view in which a model sees all it can see of a picture of `height` x `width`."""
    if spec.fit == "letterbox":
        return spec.input_size
    return spec.input_size * min(LONGEST * min(height, width), max(height, width)) // min(height, width)


def _segment_things(model: Model, view: View, *, features: bool) -> Segmentation:
    if features:
        model.require_features()
    placement = place(view.shape[0], view.shape[1], model.spec.input_size)
    height, width = placement.bottom - placement.top, placement.right - placement.left
    found = find_instances(model, view)
    return Segmentation(alpha=union(found, height, width), instances=tuple(found))


def _segment_stretched(model: Model, view: View, *, features: bool) -> Segmentation:
    height, width = model.fixed_size or (model.spec.input_size, model.spec.input_size)
    found = model.predict(stretched(view, height, width), features=features)
    scale = view_side(model.spec, *view.shape[:2]) / max(view.shape[:2])
    rows, columns = (max(1, round(side * scale)) for side in view.shape[:2])
    return replace(found, alpha=stretched(found.alpha, rows, columns))
