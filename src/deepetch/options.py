"""The only defaults of deepetch: Python, command line, HTTP and editor read them here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args, get_origin, get_type_hints

from deepetch.errors import InvalidOptions

ClassicalMethod = Literal["closed-form", "knn", "learning-based", "random-walk"]
RefineMethod = Literal["none", "guided", "refiner", "closed-form", "knn", "learning-based", "random-walk", "soft"]
ForegroundMethod = Literal["blur-fusion", "multi-level"]
ShadowKind = Literal["none", "own", "drop", "contact", "reflection"]
TiffCompression = Literal["deflate", "lzw", "none"]


@dataclass(frozen=True, kw_only=True)
class ReadOptions:
    """How much of a file is opened before it is refused."""

    max_pixels: int = 250_000_000  # more is PhotoTooLarge; a header alone decides
    max_side: int = 65_500  # JPEG's own limit is 65,500


@dataclass(frozen=True, kw_only=True)
class MatteOptions:
    """From the network's alpha to alpha at full size, and to the border's true colours.

    Raises  InvalidOptions for a share that is none.
    """

    refine: RefineMethod = "refiner"
    speck: float = 0.0005  # isolated parts smaller than this share of the subject's largest part vanish
    pinhole: float = 0.00005  # holes smaller than this share of the picture are closed
    veil: float = 0.06  # alpha below this with nothing near that has more is cleared, see `clear_veil`; 0: it stays
    band_px: int = 2  # half-width of the refined border, in pixels of the network's grid
    refiner: str = "default"  # the network of "refiner": the shipped one, or an ONNX file of `deepetch export`
    threads: int = 0  # of that network; 0: one per core
    memory_mb: int = 256  # bound on the work of one tile of a classical method, in 10^6 bytes
    foreground: ForegroundMethod = "blur-fusion"  # how the border's own colours are estimated
    decontaminate: float = 1.0  # how much of the old background is taken out of them; 0: nothing

    def __post_init__(self) -> None:
        if not 0 <= self.decontaminate <= 1:
            raise InvalidOptions(f"decontaminate: expected 0 to 1; got {self.decontaminate}.")
        if not 0 <= self.veil < 0.5:
            raise InvalidOptions(f"veil: expected 0 or more, less than 0.5; got {self.veil}.")


@dataclass(frozen=True, kw_only=True)
class EdgeOptions:
    """A retoucher's controls of the edge, in pixels of the photo, applied in this order; at 0 each does nothing.

    What they do, exactly: `matte.adjust.adjust_edges`.
    Raises  InvalidOptions for values out of range, NaN among them.
    """

    radius: float = 0.0  # 0 to 1000: half-width of the band refinement may change; 0: as `MatteOptions.band_px` has it
    smooth: float = 0.0  # 0 to 100: half-width of the window in which wiggles of the contour are evened out
    feather: float = 0.0  # 0 to 1000: standard deviation of a Gaussian blur
    contrast: float = 0.0  # 0 to 1: the share of a linear ramp's width that goes; 1 leaves a hard edge
    shift_edge: float = 0.0  # -100 to 100: how far the contour moves along its normal; negative in, positive out

    def __post_init__(self) -> None:
        limits = {"radius": (0, 1000), "smooth": (0, 100), "feather": (0, 1000), "contrast": (0, 1)}
        for name, (low, high) in {**limits, "shift_edge": (-100, 100)}.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise InvalidOptions(f"{name}: expected {low} to {high}; got {value}.")


@dataclass(frozen=True, kw_only=True)
class SoftOptions:
    """How a picture is divided into soft layers; the paper's values unless said.

    Raises  InvalidOptions for values that make no sense.
    """

    size: int = 320  # pixels of the longer side that is worked on: half a minute and a gigabyte
    layers: int = 10  # at most; the paper has 5
    initial_layers: int = 40
    eigenvectors: int = 100
    superpixels: int = 2500  # fewer in a picture of less than 62,500 pixels
    colour_weight: float = 0.01  # sigma_C
    semantic_weight: float = 0.01  # sigma_S
    alpha_weight: float = 1.0  # of the coarse alpha beside the features; the paper has none: 0
    sparsity: float = 0.9  # gamma of the refinement
    iterations: int = 20  # of the second sparsification; the first has twice as many
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("layers", "initial_layers", "superpixels", "iterations"):
            if getattr(self, name) < 1:
                raise InvalidOptions(f"{name}: expected 1 or more; got {getattr(self, name)}.")
        if self.eigenvectors < 2:
            raise InvalidOptions(f"eigenvectors: expected 2 or more; got {self.eigenvectors}.")
        for name in ("colour_weight", "semantic_weight", "alpha_weight", "seed"):
            if not getattr(self, name) >= 0:
                raise InvalidOptions(f"{name}: expected 0 or more; got {getattr(self, name)}.")
        if not 0 < self.sparsity <= 1:
            raise InvalidOptions(f"sparsity: expected more than 0, at most 1; got {self.sparsity}.")


@dataclass(frozen=True, kw_only=True)
class CutOptions:
    """What `cut_out` does beside running the model."""

    matte: MatteOptions = field(default_factory=MatteOptions)
    edge: EdgeOptions = field(default_factory=EdgeOptions)
    min_subject: float = 0.0005  # a subject smaller than this share of the picture is no subject
    min_confidence: float = 0.35  # below this expected IoU the picture counts as showing no subject
    min_presence: float = 0.12  # likewise below this probability that there is one, if the model tells it


@dataclass(frozen=True, kw_only=True)
class FrameOptions:
    """How the subject lies in its picture; with nothing asked the picture stays as it is.

    fill      the share of the canvas that the subject spans, whichever of width and height is filled more.
    margin    or the least distance between the subject and every side of the canvas, in pixels of the canvas.
    With neither, nothing is cropped: the whole picture is laid on the canvas in place of the subject.
    aspect    width / height of the canvas.
    width, height  of the canvas, in pixels; one alone leaves the other to `aspect` or to the subject.
    min_side, max_side  of the canvas's longer side, where no width or height is given; within them nothing is scaled.
    Raises    InvalidOptions for values that make no sense or contradict each other.
    """

    fill: float | None = None  # more than 0, at most 1
    margin: int | None = None  # 0: up to the subject
    aspect: float | None = None
    width: int | None = None
    height: int | None = None
    min_side: int | None = None
    max_side: int | None = None
    align: Literal["centre", "base-line"] = "centre"  # of the subject's box, from top to bottom; across, the centre
    base_line: float | None = None  # where it stands, as a share of the height from the top; None: as fill, margin say
    max_upscale: float = 1.0  # what would be enlarged more is refused
    threshold: float = 0.05  # the subject is where alpha is this or more

    def __post_init__(self) -> None:
        for name in ("fill", "base_line", "threshold"):
            value = getattr(self, name)
            if value is not None and not 0 < value <= 1:
                raise InvalidOptions(f"{name}: expected more than 0, at most 1; got {value}.")
        for name, least in {"margin": 0, "width": 1, "height": 1, "min_side": 1, "max_side": 1}.items():
            value = getattr(self, name)
            if value is not None and not least <= value <= ReadOptions.max_side:
                raise InvalidOptions(f"{name}: expected {least} to {ReadOptions.max_side} pixels; got {value}.")
        if self.aspect is not None and not 0.001 <= self.aspect <= 1000:
            raise InvalidOptions(f"aspect: expected a width / height from 0.001 to 1000; got {self.aspect}.")
        if not 0 < self.max_upscale < float("inf"):
            raise InvalidOptions(f"max_upscale: expected more than 0; got {self.max_upscale}.")
        if self.align not in ("centre", "base-line"):
            raise InvalidOptions(f"align: expected centre or base-line; got {self.align!r}.")
        self._require_no_contradiction()

    def _require_no_contradiction(self) -> None:
        if self.fill is not None and self.margin is not None:
            raise InvalidOptions("fill: it says how large the subject is, and so does margin. Give one of them.")
        if self.align == "base-line" and self.fill is None and self.margin is None:
            raise InvalidOptions("align: a base line needs the subject's box. Give fill or margin with it.")
        if self.base_line is not None and self.align != "base-line":
            raise InvalidOptions("base_line: it counts with align = base-line only.")
        sized = self.width is not None or self.height is not None
        for name in ("min_side", "max_side"):
            if sized and getattr(self, name) is not None:
                raise InvalidOptions(f"{name}: the canvas's size is given already. Leave out width and height, or it.")
        if self.min_side is not None and self.max_side is not None and self.min_side > self.max_side:
            raise InvalidOptions(f"min_side: expected at most max_side, {self.max_side}; got {self.min_side}.")
        if self.aspect is not None and self.width is not None and self.height is not None:
            stretch = self.width / self.height / self.aspect
            # a shop's own figures may differ by some pixels: Zalando has 1 : 1.44 and 1801 x 2600
            if not 1 / ASPECT_TOLERANCE <= stretch <= ASPECT_TOLERANCE:
                raise InvalidOptions(
                    f"aspect: {self.width} x {self.height} has {self.width / self.height:.4g}; got {self.aspect:.4g}. "
                    "Give two of aspect, width and height."
                )
        narrow = [side for side in (self.width, self.height, self.max_side) if side is not None]
        if self.margin is not None and narrow and 2 * self.margin >= min(narrow):
            raise InvalidOptions(f"margin: expected less than half of {min(narrow)} pixels; got {self.margin}.")


ASPECT_TOLERANCE = 1.005


@dataclass(frozen=True, kw_only=True)
class ShadowOptions:
    """What lies beneath the subject, in a layer of its own; lengths are shares of the subject's height.

    kind     own: the photo's shadow; drop: the silhouette, moved and blurred; contact: dark where the subject stands;
             reflection: its lower part mirrored. What they do, exactly: `deliver.shadow`.
    opacity  where it is strongest; None: `SHADOW_OPACITY` of the kind. Of "own" a factor, more makes it darker.
    blur     standard deviation of a drop shadow's blur, and what a contact shadow reaches.
    right, down  how far a drop shadow is moved.
    length   of a reflection, from the ground to where it has faded.
    colour   of a drop or contact shadow, "#rrggbb".
    Raises   InvalidOptions for values that make no sense.
    """

    kind: ShadowKind = "none"
    opacity: float | None = None  # 0 to 1; of "own" 0 to 2
    blur: float = 0.03  # 0 to 1
    right: float = 0.01  # -1 to 1
    down: float = 0.03  # -1 to 1
    length: float = 0.3  # more than 0, at most 1
    colour: str = "#000000"

    def __post_init__(self) -> None:
        if self.kind not in get_args(ShadowKind):
            raise InvalidOptions(f"shadow: expected one of {', '.join(get_args(ShadowKind))}; got {self.kind!r}.")
        limits: dict[str, tuple[float, float]] = {"blur": (0, 1), "right": (-1, 1), "down": (-1, 1)}
        limits["length"] = (0.001, 1)
        if self.opacity is not None:
            limits["opacity"] = (0, 2 if self.kind == "own" else 1)
        for name, (low, high) in limits.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise InvalidOptions(f"shadow: {name}: expected {low:g} to {high:g}; got {value}.")
        if not re.fullmatch(r"#[0-9a-fA-F]{6}", self.colour):
            raise InvalidOptions(f"shadow: colour: expected '#rrggbb'; got {self.colour!r}.")


SHADOW_OPACITY = {"own": 1.0, "drop": 0.35, "contact": 0.75, "reflection": 0.35}


@dataclass(frozen=True, kw_only=True)
class SpotOptions:
    """The white ink that is printed beneath the subject, as a plate of its own.

    choke  how far inside the subject's edge the plate ends, so that no white shows beside the print.
    unit   of it; millimetres need the photo's density.
    name   of the channel; a press knows its inks by name.
    Raises InvalidOptions for values that make no sense.
    """

    choke: float = 0.0  # 0 or more
    unit: Literal["px", "mm"] = "px"
    name: str = "White"

    def __post_init__(self) -> None:
        if not 0 <= self.choke < float("inf") or self.unit not in ("px", "mm"):
            raise InvalidOptions(f"spot: expected a choke of 0 or more px or mm; got {self.choke} {self.unit}.")
        if not (1 <= len(self.name) < 255 and self.name.isascii() and self.name.isprintable()):
            raise InvalidOptions(f"spot: expected a name of 1 to 254 printable ASCII characters; got {self.name!r}.")


def spot_from(text: str) -> SpotOptions:
    """Read a choke such as "2px", "0.2mm" or "0". Raises InvalidOptions for another text."""
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+) *(px|mm)?", text.strip())
    if found is None or (found[2] is None and float(found[1])):
        raise InvalidOptions(f"spot: expected a choke such as 2px, 0.2mm or 0; got {text!r}.")
    return SpotOptions(choke=float(found[1]), unit="mm" if found[2] == "mm" else "px")


@dataclass(frozen=True, kw_only=True)
class SaveOptions:
    """How a cut-out becomes a file.

    background  "transparent", "white", "#rrggbb", "blend", or the path of a picture.
    convert_to  None keeps the source's colour space and refuses what the format cannot hold; "srgb" converts.
    path        a clipping path around alpha in JPEG too. PSD and TIFF hold one without being asked, others cannot.
    shadow      beneath the subject: a layer of its own in PSD, else painted on the background or into the transparency.
    spot        a plate of white ink, in PSD and TIFF; None: none.
    max_bytes   of the file: a lossy format takes a lower quality for it, down to `min_quality`; the rest is refused.
    Raises      InvalidOptions for a quality, compression or size that does not exist.
    """

    background: str = "transparent"
    convert_to: Literal["srgb"] | None = None
    quality: int = 92  # JPEG, lossy WebP and lossy AVIF
    min_quality: int = 60  # below it the blocks of a JPEG show
    lossless: bool = False  # WebP and AVIF
    png_compression: int = 1  # zlib level; 6 is a tenth smaller and three times as slow
    tiff_compression: TiffCompression = "deflate"  # older programs may know only LZW, or none
    path: bool = False
    shadow: ShadowOptions = field(default_factory=ShadowOptions)
    spot: SpotOptions | None = None
    max_bytes: int | None = None
    overwrite: bool = False

    def __post_init__(self) -> None:
        for name in ("quality", "min_quality"):
            if not 1 <= getattr(self, name) <= 100:
                raise InvalidOptions(f"{name}: expected 1 to 100; got {getattr(self, name)}.")
        if self.max_bytes is not None and self.max_bytes < 1:
            raise InvalidOptions(f"max_bytes: expected 1 or more; got {self.max_bytes}.")
        if not 0 <= self.png_compression <= 9:
            raise InvalidOptions(f"png_compression: expected 0 to 9; got {self.png_compression}.")
        if self.tiff_compression not in get_args(TiffCompression):
            known = ", ".join(get_args(TiffCompression))
            raise InvalidOptions(f"tiff_compression: expected one of {known}; got {self.tiff_compression!r}.")


@dataclass(frozen=True, kw_only=True)
class PathOptions:
    """How a clipping path is drawn around an alpha, in pixels of the photo.

    Raises  InvalidOptions for values out of range, NaN among them.
    """

    tolerance: float = 0.5  # 0.1 to 10: how far the path may be from the contour; GS1's flatness is 1
    corner_angle: float = 30.0  # 10 to 170 degrees: the least turn that stays a corner
    smallest: float = 25.0  # 0 or more: parts and holes of fewer square pixels are left out

    def __post_init__(self) -> None:
        limits = {"tolerance": (0.1, 10.0), "corner_angle": (10.0, 170.0), "smallest": (0.0, float("inf"))}
        for name, (low, high) in limits.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise InvalidOptions(f"{name}: expected {low:g} to {high:g}; got {value}.")


@dataclass(frozen=True, kw_only=True)
class StudioOptions:
    """Which packshots are rendered.

    seed    pictures of two seeds share nothing; picture k of a seed is always the same.
    kinds   of products, at least one; None: every kind.
    size    longer side in pixels.
    samples light paths a pixel, of the colour; alpha has 128 in any case.
    split   written into `index.csv`; what test pictures show, train and val never do.
    Raises  InvalidOptions for no kind, or for a size or number of samples that makes no sense.
    """

    seed: int = 0
    kinds: Sequence[str] | None = None
    size: int = 512
    samples: int = 32
    split: Literal["train", "val", "test"] = "train"

    def __post_init__(self) -> None:
        if self.kinds is not None and not self.kinds:
            raise InvalidOptions("kind: expected one or more; got none.")
        if not 32 <= self.size <= 16_384:
            raise InvalidOptions(f"size: expected 32 to 16384 pixels; got {self.size}.")
        if self.samples < 1:
            raise InvalidOptions(f"samples: expected 1 or more; got {self.samples}.")
        if self.seed < 0:
            raise InvalidOptions(f"seed: expected 0 or more; got {self.seed}.")


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


MASK_RCNN = ("mask-rcnn", "mask-rcnn-light")
NETWORKS = ("compact", "unet", "refiner", *MASK_RCNN)


@dataclass(frozen=True, kw_only=True)
class TrainOptions:
    """One training run; stored beside its checkpoint, so `--resume RUN` needs nothing else.

    Raises  InvalidOptions for values no run can have.
    """

    network: str = (
        "compact"  # the default's; "unet": the classic one; "smp:unet:resnet34"; "refiner", "mask-rcnn-light": below
    )
    channels: tuple[int, ...] = ()  # widths of the network's levels; (): its own
    classes: tuple[str, ...] = ()  # that a Mask R-CNN finds; (): those of the data
    normalisation: Literal["none", "batch", "group"] = "none"  # of the classic network and mask-rcnn-light's encoder
    augmentation: Literal["studio", "classic", "none"] = "studio"  # what is done to the pictures of `train`
    size: int = 224  # side of a training square, in pixels
    batch: int = 32  # pictures at once, on each device
    accumulate: int = 1  # batches whose gradients make one step
    steps: int = 6000
    epochs: int | None = None  # in place of `steps`: so many times as many pictures as `train` has
    optimizer: Literal["muon", "adam"] = "muon"
    schedule: Literal["cosine", "constant"] = "cosine"  # of the learning rate, after the warm-up
    learning_rate: float = 3e-3
    weight_decay: float = 0.05  # Muon's
    warmup_steps: int = 200
    averaging: float = 0.998  # decay of the exponential moving average of the weights; 0: no average
    loss: Literal["border", "cross-entropy", "alpha"] = "border"  # of regions, looking harder at borders; or of alphas
    border_weight: float = 2.0  # extra weight of a pixel on the mask's border in the cross-entropy
    validate_every: int | None = None  # steps; None: an epoch if the run is given in epochs, else 400
    monitor: Literal["val_iou", "val_accuracy", "val_loss"] = "val_iou"  # what the best checkpoint is best at
    patience: int | None = None  # stop after so many validations without a better one
    seed: int = 1
    segmenter: str = "default"  # whose alpha a refiner learns to mend: the shipped one, or a safetensors file
    precision: Literal["bf16-mixed", "32-true"] = "bf16-mixed"
    compile: bool = False  # by torch.compile: minutes to begin with, faster steps after
    devices: int = 1  # GPUs, or processes on a CPU, of each machine
    nodes: int = 1  # machines
    workers: int = 1  # processes that prepare batches; the batches are the same for any number
    checkpoint_minutes: float = 10.0
    minutes: float | None = None  # stop after so many minutes of training, at a checkpoint

    def __post_init__(self) -> None:
        if self.size < 64 or self.size % 32:
            raise InvalidOptions(f"size: expected a multiple of 32, at least 64; got {self.size}.")
        if self.channels and (len(self.channels) < 2 or min(self.channels) < 4):
            raise InvalidOptions(f"channels: expected two or more widths of at least 4; got {self.channels}.")
        if self.channels and self.network == "compact" and len(self.channels) != 5:
            raise InvalidOptions(f"channels: expected five widths for the compact network; got {self.channels}.")
        if self.channels and self.network == "refiner" and len(self.channels) != 4:
            raise InvalidOptions(f"channels: expected four widths for a refiner; got {self.channels}.")
        if self.segmenter != "default" and self.network != "refiner":
            raise InvalidOptions("segmenter: only a refiner mends another network's alpha.")
        if self.network not in NETWORKS and not self.network.startswith("smp:"):
            raise InvalidOptions(
                f"network: expected {', '.join(NETWORKS)} or smp:ARCHITECTURE:ENCODER; got {self.network!r}."
            )
        if self.classes and self.network not in MASK_RCNN:
            raise InvalidOptions("classes: only a Mask R-CNN tells classes apart.")
        if self.network in MASK_RCNN and (self.augmentation != "studio" or self.compile):
            raise InvalidOptions(f"{self.network}: it has the augmentation studio only, and cannot be compiled.")
        if (self.network == "refiner") != (self.loss == "alpha"):
            raise InvalidOptions(f"loss: a refiner has alpha, other networks have not; got {self.loss!r}.")
        for name in ("batch", "accumulate", "steps", "learning_rate", "devices", "nodes"):
            if not getattr(self, name) > 0:
                raise InvalidOptions(f"{name}: expected more than 0; got {getattr(self, name)}.")
        for name in ("epochs", "validate_every", "patience", "minutes"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise InvalidOptions(f"{name}: expected more than 0; got {value}.")
        if not 0 <= self.averaging < 1:
            raise InvalidOptions(f"averaging: expected 0 or more, less than 1; got {self.averaging}.")
        for name, choices in TRAIN_CHOICES.items():
            if getattr(self, name) not in choices:
                raise InvalidOptions(f"{name}: expected one of {', '.join(choices)}; got {getattr(self, name)!r}.")


TRAIN_CHOICES: dict[str, tuple[str, ...]] = {
    name: get_args(kind) for name, kind in get_type_hints(TrainOptions).items() if get_origin(kind) is Literal
}

REFINER = TrainOptions(
    network="refiner",
    loss="alpha",
    monitor="val_loss",
    size=512,
    batch=128,
    steps=6000,
    learning_rate=5e-3,
    validate_every=1000,
)  # how a border refiner is trained: batches of squares from pictures of `size`


LIGHT_MASK_RCNN = TrainOptions(
    network="mask-rcnn-light", size=256, batch=8, steps=12_000, learning_rate=1e-3, validate_every=1000
)  # how the light Mask R-CNN is trained
FULL_MASK_RCNN = replace(LIGHT_MASK_RCNN, network="mask-rcnn", size=512, learning_rate=2e-4)  # and torchvision's own
PRESETS = {preset.network: preset for preset in (REFINER, LIGHT_MASK_RCNN, FULL_MASK_RCNN)}


def options_from(stored: Mapping[str, Any]) -> TrainOptions:
    """Options as JSON or TOML holds them, lists for tuples. Raises InvalidOptions, TypeError for an unknown name."""
    lists = {name: tuple(stored.get(name, getattr(TrainOptions, name))) for name in ("classes", "channels")}
    return TrainOptions(**dict(stored) | lists)
