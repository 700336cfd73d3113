"""A photo divided into soft layers: what lies in it, each thing with its own opacity."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from deepetch.arrays import Levels
from deepetch.deliver.background import composite, parse_background
from deepetch.deliver.psd import write_soft_layers_psd
from deepetch.inference.session import Model
from deepetch.matte.clean import clean_alpha
from deepetch.matte.foreground import estimate_foreground
from deepetch.matte.matte import Matte
from deepetch.matte.refine import SOFT_SIDE, Progress, silent
from deepetch.matte.soft.enlarge import enlarge_layers
from deepetch.matte.soft_segmentation import soft_layers, subject_share
from deepetch.options import SaveOptions, SoftOptions
from deepetch.photo.atomic import require_free
from deepetch.photo.photo import Photo
from deepetch.photo.view import working_view
from deepetch.photo.write import write_picture
from deepetch.segment.unet import segment


@dataclass(frozen=True, eq=False)
class SoftLayer:
    """One layer of a photo.

    name     "subject 1", "background 2", ...: whose it is by the model, and its place there, the largest first.
    opacity  (h, w) in the depth of the photo; those of all layers add up to full, but for rounding.
    """

    name: str
    opacity: Levels


def divide(
    photo: Photo,
    model: Model,
    options: SoftOptions = SoftOptions(),
    *,
    size: int = SOFT_SIDE,
    progress: Progress = silent,
) -> list[SoftLayer]:
    """Divide a photo by semantic soft segmentation (Aksoy et al. 2018), worked out at `size` pixels.

    progress  called with hundredths that are done, and 100.
    Returns   layers of the background first, then those of the subject; within each the largest first.
    Raises    ModelMismatch when the model gives no features; as `soft_layers`, `enlarge_layers`.
    """
    found = segment(model, working_view(photo, model.spec.input_size), features=True)
    coarse = clean_alpha(found.alpha)
    assert found.features is not None
    layers = soft_layers(
        working_view(photo, size),
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
            divided.append(SoftLayer(f"{whose} {number}", np.ascontiguousarray(large[..., index])))
    return divided


def write_layers(
    photo: Photo, layers: list[SoftLayer], output: Path, *, name: str, overwrite: bool = False
) -> list[Path]:
    """Write layers as one PSD file, or as a folder of PNG files with alpha, NAME-SUBJECT-1.png and so on.

    A PSD holds the photo once for each layer, under its mask; a PNG the layer's own colours (blur fusion).
    Returns  the files. Raises  OutputExists, OutputFailed, UnsupportedOutput (PNG and CMYK).
    """
    if output.suffix.lower() == ".psd":
        write_soft_layers_psd(output, photo, [(layer.name, layer.opacity) for layer in layers], overwrite=overwrite)
        return [output]
    paths = [output / f"{name}-{layer.name.replace(' ', '-')}.png" for layer in layers]
    for path in paths:
        require_free(path, overwrite=overwrite)
    transparent = parse_background("transparent")
    for layer, path in zip(layers, paths, strict=True):
        matte = Matte(layer.opacity, estimate_foreground(photo.samples, layer.opacity))
        samples, alpha = composite(photo, matte, transparent)
        write_picture(
            path, samples, photo.space, alpha=alpha, metadata=photo.metadata, options=SaveOptions(overwrite=overwrite)
        )
    return paths
