"""The only defaults of deepetch: Python, command line, HTTP and editor read them here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from deepetch.errors import InvalidOptions

RefineMethod = Literal["none", "guided"]


@dataclass(frozen=True, kw_only=True)
class ReadOptions:
    """How much of a file is opened before it is refused."""

    max_pixels: int = 250_000_000  # more is PhotoTooLarge; a header alone decides
    max_side: int = 65_500  # JPEG's own limit is 65,500


@dataclass(frozen=True, kw_only=True)
class MatteOptions:
    """From the network's alpha to alpha at full size."""

    refine: RefineMethod = "guided"
    speck: float = 0.0005  # isolated parts smaller than this share of the subject's largest part vanish
    pinhole: float = 0.00005  # holes smaller than this share of the picture are closed
    band_px: int = 2  # half-width of the refined border, in pixels of the network's grid


@dataclass(frozen=True, kw_only=True)
class CutOptions:
    """What `cut_out` does beside running the model."""

    matte: MatteOptions = field(default_factory=MatteOptions)
    min_subject: float = 0.0005  # a subject smaller than this share of the picture is no subject
    min_confidence: float = 0.35  # below this expected IoU the picture counts as showing no subject


@dataclass(frozen=True, kw_only=True)
class SaveOptions:
    """How a cut-out becomes a file.

    background  "transparent", "white", "#rrggbb", "blend", or the path of a picture.
    convert_to  None keeps the source's colour space and refuses what the format cannot hold; "srgb" converts.
    Raises      InvalidOptions for a quality or compression that does not exist.
    """

    background: str = "transparent"
    convert_to: Literal["srgb"] | None = None
    quality: int = 92  # JPEG, lossy WebP and lossy AVIF
    lossless: bool = False  # WebP and AVIF
    png_compression: int = 1  # zlib level; 6 is a tenth smaller and three times as slow
    overwrite: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.quality <= 100:
            raise InvalidOptions(f"quality: expected 1 to 100; got {self.quality}.")
        if not 0 <= self.png_compression <= 9:
            raise InvalidOptions(f"png_compression: expected 0 to 9; got {self.png_compression}.")


@dataclass(frozen=True, kw_only=True)
class DataOptions:
    """Which pictures of a set, and what of them is the subject.

    split       "train", "val" or "test"; None: all three.
    kinds       None: every kind.
    categories  names of the classes that are the subject (numbers, in maps of class numbers); None: all of them.
    datasets    names of a Supervisely project's datasets; None: all of them.
    """

    split: str | None = None
    kinds: Sequence[str] | None = None
    categories: Sequence[str] | None = None
    datasets: Sequence[str] | None = None


@dataclass(frozen=True, kw_only=True)
class TrainOptions:
    """One training run; stored beside its checkpoint, so `--resume RUN` needs nothing else.

    Raises  InvalidOptions for values no run can have.
    """

    network: Literal["compact", "unet"] = "compact"  # the default's, or the classic one
    channels: tuple[int, ...] = ()  # widths of the network's levels; (): its own
    size: int = 224  # side of a training square, in pixels
    batch: int = 32
    steps: int = 6000
    learning_rate: float = 3e-3
    weight_decay: float = 0.05
    warmup_steps: int = 200
    averaging: float = 0.998  # decay of the exponential moving average of the weights
    border_weight: float = 2.0  # extra weight of a pixel on the mask's border in the cross-entropy
    seed: int = 1
    checkpoint_minutes: float = 10.0
    validate_every: int = 400  # steps
    workers: int = 1  # processes that prepare batches; the batches are the same for any number
    minutes: float | None = None  # stop after so many minutes of training, at a checkpoint

    def __post_init__(self) -> None:
        if self.size < 64 or self.size % 32:
            raise InvalidOptions(f"size: expected a multiple of 32, at least 64; got {self.size}.")
        if self.channels and (len(self.channels) != 5 or min(self.channels) < 4):
            raise InvalidOptions(f"channels: expected five widths of at least 4; got {self.channels}.")
        for name in ("batch", "steps", "learning_rate", "validate_every"):
            if not getattr(self, name) > 0:
                raise InvalidOptions(f"{name}: expected more than 0; got {getattr(self, name)}.")
        if self.minutes is not None and not self.minutes > 0:
            raise InvalidOptions(f"minutes: expected more than 0; got {self.minutes}.")
