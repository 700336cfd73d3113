"""What every network here answers."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor


class Prediction(NamedTuple):
    """What a network says of a batch of n pictures of h x w.

    logits     (n, 1, h, w), before the sigmoid.
    auxiliary  (n, 1, h/8, w/8) logits of the middle of the decoder, for deep supervision; None without such an output.
    features   (n, c, h/16, w/16) deep features, for later use.
    """

    logits: Tensor
    auxiliary: Tensor | None
    features: Tensor
