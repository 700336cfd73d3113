"""The border's colours as asked: by which method, and how much of the old background is taken out of them."""

from __future__ import annotations

import numpy as np

from deepetch.arrays import Levels, Samples
from deepetch.matte.foreground import estimate_foreground
from deepetch.matte.matte import BorderColours
from deepetch.matte.multilevel import estimate_foreground_multilevel
from deepetch.options import MatteOptions

METHODS = {"blur-fusion": estimate_foreground, "multi-level": estimate_foreground_multilevel}
CHUNK = 1 << 20  # border pixels blended at a time


def border_colours(
    samples: Samples, alpha: Levels, own_alpha: Levels | None = None, options: MatteOptions = MatteOptions()
) -> BorderColours:
    """Foreground colours inside the band 0 < alpha < full, as `options.foreground` estimates them.

    Of the way from the colours seen to those estimated, `options.decontaminate` is gone: 0 leaves the picture's own.
    Arguments and errors as of `estimate_foreground`.
    """
    border = METHODS[options.foreground](samples, alpha, own_alpha)
    share = np.float32(options.decontaminate)
    if share == 1:
        return border
    seen = samples.reshape(-1, samples.shape[2])
    for start in range(0, border.index.size, CHUNK):
        part = slice(start, start + CHUNK)
        own = seen[border.index[part]].astype(np.float32)
        border.colours[part] = np.rint(own + share * (border.colours[part] - own))
    return border
