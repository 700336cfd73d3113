"""A photo divided into soft layers: what lies in it, each thing with its own opacity."""

from __future__ import annotations

import glob
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import cv2
import numpy as np

from deepetch.arrays import Levels, full_scale
from deepetch.deliver.background import composite, parse_background
from deepetch.deliver.psd import require_psd_side, write_soft_layers_psd
from deepetch.errors import DeepetchError, UnsupportedOutput
from deepetch.matte.clean import clean_alpha
from deepetch.matte.foreground import estimate_foreground
from deepetch.matte.matte import Matte
from deepetch.matte.refine import Progress, silent
from deepetch.matte.soft.enlarge import enlarge_layers
from deepetch.matte.soft_segmentation import soft_layers, subject_share
from deepetch.options import SaveOptions, SoftOptions
from deepetch.photo.atomic import require_free
from deepetch.photo.photo import Photo
from deepetch.photo.view import working_view
from deepetch.photo.write import write_picture
from deepetch.segment.segment import Segmenter, segment


@dataclass(frozen=True, eq=False)
class SoftLayer:
    """One layer of a photo.

    name     "subject 1", "background 2", ...: whose it is by the model, and its place there, the largest first.
    opacity  (h, w) in the depth of the photo; those of all layers add up, but for rounding, to full, or to the alpha
             that the photo came with.
    """

    name: str
    opacity: Levels


def divide_photo(
    photo: Photo,
    model: Segmenter,
    options: SoftOptions = SoftOptions(),
    *,
    progress: Progress = silent,
) -> list[SoftLayer]:
    """Divide a photo by semantic soft segmentation (Aksoy et al. 2018).

    progress  called with hundredths that are done, and 100.
    Returns   layers of the background first, then those of the subject; within each the largest first.
    Raises    ModelMismatch when the model gives no features; as `soft_layers`, `enlarge_layers`.
    """
    found = segment(model, working_view(photo, model.spec.input_size), features=True)
    coarse = clean_alpha(found.alpha)
    assert found.features is not None
    layers = soft_layers(
        working_view(photo, options.size),
        found.features,
        coarse,
        options=options,
        progress=lambda stage, share: progress(round(100 * share), 100),
    )
    subject = subject_share(layers, coarse) > 0.5
    large = enlarge_layers(photo.samples, layers)
    divided = []
    for whose, chosen in (("background", ~subject), ("subject", subject)):
        for number, index in enumerate(np.flatnonzero(chosen), 1):
            opacity = cast(Levels, np.ascontiguousarray(large[..., index]))
            if photo.alpha is not None:
                opacity = cast(Levels, cv2.multiply(opacity, photo.alpha, scale=1 / full_scale(opacity)))
            divided.append(SoftLayer(f"{whose} {number}", opacity))
    return divided


def require_layers_fit(photo: Photo, output: Path) -> None:
    """Raise UnsupportedOutput when layers of the photo cannot be written there, before they are worked out."""
    if output.suffix.lower() == ".psd":
        require_psd_side(output, photo)
    elif photo.space == "cmyk":
        raise UnsupportedOutput(f"{output}: PNG holds no CMYK. Write the layers of this photo to a .psd file.")


def write_layers(
    photo: Photo, layers: Sequence[SoftLayer], output: Path, *, name: str, overwrite: bool = False
) -> tuple[list[Path], list[str]]:
    """Write layers as one PSD file, or as a folder of PNG files with alpha, NAME-subject-1.png and so on.

    A PSD holds the photo once for each layer, under its mask, above the photo itself; a PNG the layer's own colours
    (blur fusion). With `overwrite`, PNG files of more layers that an earlier call left are removed.
    Returns  the files, and what these formats could not hold, one sentence each.
    Raises   OutputExists, OutputFailed, UnsupportedOutput; what this call has written is then removed.
    """
    if output.suffix.lower() == ".psd":
        write_soft_layers_psd(output, photo, [(layer.name, layer.opacity) for layer in layers], overwrite=overwrite)
        return [output], []
    paths = [output / f"{name}-{layer.name.replace(' ', '-')}.png" for layer in layers]
    for path in paths:
        require_free(path, overwrite=overwrite)
    transparent, options = parse_background("transparent"), SaveOptions(overwrite=overwrite)
    said: dict[str, None] = {}
    for done, (layer, path) in enumerate(zip(layers, paths, strict=True)):
        matte = Matte(layer.opacity, estimate_foreground(photo.samples, layer.opacity, photo.alpha))
        samples, alpha = composite(photo, matte, transparent)
        try:
            said |= dict.fromkeys(
                write_picture(path, samples, photo.space, alpha=alpha, metadata=photo.metadata, options=options)
            )
        except DeepetchError:
            for written in paths[:done]:
                written.unlink(missing_ok=True)
            raise
    for whose in ("subject", "background") if overwrite else ():
        for left in output.glob(f"{glob.escape(name)}-{whose}-*.png"):
            if left not in paths and left.stem.rpartition("-")[2].isdecimal():
                left.unlink()
    return paths, list(said)
