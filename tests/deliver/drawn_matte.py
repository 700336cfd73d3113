"""A drawn photo and its matte, for every depth and space."""

import numpy as np

from deepetch.matte.matte import BorderColours, Matte
from deepetch.photo.photo import CHANNELS, Metadata, Photo

CASES = [(space, dtype) for space in ("grey", "rgb", "cmyk") for dtype in (np.uint8, np.uint16)]


def noise_photo(space="rgb", dtype=np.uint8, height=90, width=70, metadata=None):
    shape = (height, width, CHANNELS[space])
    samples = np.random.default_rng(2).integers(0, np.iinfo(dtype).max, shape, dtype, endpoint=True)
    return Photo(samples=samples, space=space, format="tiff", metadata=metadata or Metadata())


def disc_matte(photo):
    """A soft disc, with border colours that differ from what the photo shows there."""
    full = np.iinfo(photo.samples.dtype).max
    rows, columns = np.ogrid[: photo.height, : photo.width]
    distance = np.hypot(rows - photo.height / 2, columns - photo.width / 2)
    alpha = np.rint(np.clip((photo.width / 3 - distance) / 6 + 0.5, 0, 1) * full).astype(photo.samples.dtype)
    index = np.flatnonzero((alpha > 0) & (alpha < full))
    shape = (index.size, photo.samples.shape[2])
    colours = np.random.default_rng(3).integers(0, full, shape, photo.samples.dtype, endpoint=True)
    return Matte(alpha, BorderColours(index, colours))
