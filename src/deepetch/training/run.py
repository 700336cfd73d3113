"""A run as a folder: begin it, go on with it."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from lightning.fabric.utilities.rank_zero import rank_zero_only

from deepetch.datasets.pack import open_pack
from deepetch.errors import InvalidOptions, OutputFailed, TrainingError
from deepetch.inference.normalize import MEAN, STD
from deepetch.options import LIGHT_MASK_RCNN, MASK_RCNN, REFINER, DataOptions, TrainOptions
from deepetch.training.checkpoint import LAST
from deepetch.training.cross_validation import (
    BEGIN,
    CROSS_VALIDATION,
    begin_weights,
    cross_validate,
    read_cross_validation,
)
from deepetch.training.fit import fit
from deepetch.training.instance_preset import pack_classes
from deepetch.training.journal import Progress, unseen
from deepetch.training.networks.build import Network, build_network, describe_network
from deepetch.training.networks.detector_weights import with_classes
from deepetch.training.networks.mask_rcnn import MaskRCNN, require_torchvision
from deepetch.training.networks.own_encoder import ENCODER, take_encoder
from deepetch.training.networks.pretrained import PREFIX
from deepetch.training.provenance import write_provenance
from deepetch.training.stored_options import OPTIONS, read_options, write_options
from deepetch.training.stream import make_batches, read_segmenter
from deepetch.training.weights import DEFAULT_WEIGHTS, KERAS_SUFFIXES, read_any_weights, read_weights, write_weights

SEGMENTER = "segmenter.safetensors"
NO_WEIGHTS = "none"  # for an encoder
PATIENCE = 3600.0  # seconds that the other processes wait for the first one to prepare a run


def start_run(
    data: Path,
    run: Path,
    configurations: Mapping[str, TrainOptions],
    *,
    folds: int | None = None,
    chosen: DataOptions = DataOptions(),
    init_from: str | None = None,
    encoder_weights: str | None = None,
    skip: Callable[[list[Any]], list[Any]] | None = None,
    progress: Progress = unseen,
    report: Callable[[str], None],
) -> bool:
    """Train on a data set, or on a pack of one, into a new folder.

    configurations   one, or several with names, of which a cross-validation finds the best.
    folds            of a cross-validation; None: one run on the set's own train and val.
    chosen           which classes and data sets of it; a pack knows none.
    init_from        a safetensors file, the classic network saved by Keras, "default" for the weights in the package,
                     or "coco" or a file of them for torchvision's of Mask R-CNN; the run gets their network and its
                     widths. Classes that they do not know begin anew.
    encoder_weights  of an encoder of others, by name; "default" for that of the default, with which the light Mask
                     R-CNN begins anyway; "none".
    skip             leaves out pictures that cannot be used; None: such a picture ends the run before it begins.
    Returns          whether the run is at its end, and this process the first of those that made it.
    Raises           TrainingError when `run` holds a run already or the weights do not fit; DatasetError; OutputFailed.
    """
    if process_rank() != 0:  # of several processes that train together the first prepares
        _join_run(run, progress=progress, report=report)
        return False
    if (run / OPTIONS).exists() or (run / CROSS_VALIDATION).exists():
        raise TrainingError(
            f"{run}: a run lies here. Go on with `deepetch train --resume {run}`, or choose another folder."
        )
    refining = any(options.network == REFINER.network for options in configurations.values())
    detecting = any(options.network in MASK_RCNN for options in configurations.values())
    if refining and (folds is not None or encoder_weights is not None):
        raise InvalidOptions("a refiner is one network, without another's encoder: no --folds, no --encoder-weights.")
    if folds is None and len(configurations) != 1:
        raise InvalidOptions("several plans are compared by cross-validation: --folds 5.")
    if detecting:
        require_torchvision(next(options.network for options in configurations.values()))
        if folds is not None:
            raise InvalidOptions("folds become an ensemble, which Mask R-CNN has not: no --folds beside it.")
    _require_encoder(configurations, encoder_weights)
    begin = None
    if init_from is not None:
        begin = _initial_network(init_from)
        said = {"channels": (), "classes": ()} | _described(begin)
        others = {options.network for options in configurations.values()} - {said["network"]}
        if others and (detecting or isinstance(begin, MaskRCNN)):
            raise InvalidOptions(f"--init-from {init_from}: weights of {said['network']}, not of {min(others)}.")
        if refining != (said["network"] == REFINER.network):
            kind = "no refiner" if refining else "a refiner: give --network refiner"
            raise InvalidOptions(f"--init-from {init_from}: these weights are of {kind}.")
        configurations = {name: dataclasses.replace(options, **said) for name, options in configurations.items()}
    size = max(pack_size(options) for options in configurations.values())
    pack = _packed(data, run, chosen, skip, size=size, instances=detecting)
    if detecting:
        if open_pack(pack).instances is None:
            report(f"{data}: it does not tell its things apart; each connected part of a mask counts as one.")
        shown = pack_classes(open_pack(pack))
        if isinstance(begin, MaskRCNN) and not set(shown) <= set(begin.options.classes):
            report(f"{init_from}: weights of other classes; those of {', '.join(shown)} begin anew.")
            begin = with_classes(begin, shown)
        classes = begin.options.classes if isinstance(begin, MaskRCNN) else shown
        configurations = {name: dataclasses.replace(one, classes=classes) for name, one in configurations.items()}
    if begin is None:
        begin, configurations = _with_encoder(configurations, encoder_weights)
    for options in configurations.values():
        make_batches(open_pack(pack), options)  # say now what is wrong
    _make_folder(run)
    if refining:
        configurations = {name: _with_own_segmenter(options, run) for name, options in configurations.items()}
    write_provenance(run, data=data, pack=pack)
    if begin is not None:
        write_weights(begin, run / BEGIN)
    if folds is not None:
        return cross_validate(pack, run, configurations, folds, progress=progress, report=report)
    (options,) = configurations.values()
    write_options(run, pack, options)
    return fit(open_pack(pack), run, options, network=begin, progress=progress, report=report)


def open_run(
    run: Path,
    changes: dict[str, Any],
    *,
    progress: Progress = unseen,
    report: Callable[[str], None],
) -> bool:
    """Go on with a run from its last checkpoint.

    changes  options that may change under way, such as `steps` or `minutes`.
    Returns  as `start_run`.
    Raises   TrainingError when the folder holds no run, or the options cannot be read.
    """
    stored = read_cross_validation(run)
    if stored is not None:
        configurations = {
            name: dataclasses.replace(options, **({"minutes": None} | changes))
            for name, options in stored["configurations"].items()
        }
        return cross_validate(stored["pack"], run, configurations, stored["folds"], progress=progress, report=report)
    pack, options = read_options(run)
    if not (run / LAST).exists():
        report(f"{run}: no checkpoint yet; the run begins anew.")
    options = dataclasses.replace(options, **({"minutes": None} | changes))
    if process_rank() == 0:
        write_options(run, pack, options)
    finished = fit(open_pack(pack), run, options, network=begin_weights(run), progress=progress, report=report)
    return finished and process_rank() == 0


def process_rank() -> int:
    """The number of this process among those that train together, as Lightning reads it; 0 if alone."""
    return int(getattr(rank_zero_only, "rank", 0))


def _join_run(run: Path, *, progress: Progress, report: Callable[[str], None]) -> None:
    """Take part, as another than the first process, in the run that the first one prepares."""
    until = time.monotonic() + PATIENCE
    while not (run / OPTIONS).exists():
        if time.monotonic() > until:
            raise TrainingError(f"{run}: the first process has prepared no run for {PATIENCE:.0f} s.")
        time.sleep(0.2)
    pack, options = read_options(run)
    fit(open_pack(pack), run, options, network=begin_weights(run), progress=progress, report=report)


def pack_size(options: TrainOptions) -> int:
    """Side of the squares that a run reads, in pixels: a quarter more than it trains at, to zoom in without blur."""
    return max(320, 32 * math.ceil(1.25 * options.size / 32))


def _packed(
    data: Path,
    run: Path,
    chosen: DataOptions,
    skip: Callable[[list[Any]], list[Any]] | None,
    *,
    size: int,
    instances: bool,
) -> Path:
    """The pack to train on: `data` itself, or a new one in the run's folder."""
    if not data.is_dir() and data.suffix.lower() != ".json":
        if chosen.categories is not None or chosen.datasets is not None:
            raise InvalidOptions(
                f"{data}: a pack holds masks only; choose --categories and --datasets when you make it."
            )
        return data
    from deepetch.datasets.packing import write_pack  # decoding pictures is no part of training
    from deepetch.datasets.read import read_dataset

    examples = [example for example in read_dataset(data, chosen) if example.split != "test"]
    _make_folder(run)
    pack = run / "data.pack"
    write_pack(examples if skip is None else skip(examples), pack, size=size, instances=instances, overwrite=True)
    return pack


def _with_encoder(
    configurations: Mapping[str, TrainOptions], weights: str | None
) -> tuple[Network | None, Mapping[str, TrainOptions]]:
    """A network to begin with whose encoder has weights by name, and the options that go with it.

    weights  None: those of the default for the light Mask R-CNN, unless its encoder is to be normalised by groups, and
             none, which is no network, for others.
    """
    networks = {options.network for options in configurations.values()}
    if weights is None and networks == {LIGHT_MASK_RCNN.network} and not _grouped(configurations):
        weights = ENCODER
    if weights in (None, NO_WEIGHTS):
        return None, configurations
    if weights != ENCODER:
        (network,) = networks
        return build_network(network, weights=weights), configurations
    if networks == {LIGHT_MASK_RCNN.network}:
        configurations = {name: dataclasses.replace(one, normalisation="batch") for name, one in configurations.items()}
    first = next(iter(configurations.values()))
    begin = build_network(
        first.network, channels=first.channels, normalisation=first.normalisation, classes=first.classes
    )
    take_encoder(begin, read_weights(DEFAULT_WEIGHTS))
    return begin, configurations


def _require_encoder(configurations: Mapping[str, TrainOptions], weights: str | None) -> None:
    """Raise InvalidOptions for weights that the encoders cannot have."""
    networks = {options.network for options in configurations.values()}
    if weights not in (None, NO_WEIGHTS, ENCODER):
        for network in sorted(networks):
            if not network.startswith(PREFIX):
                raise InvalidOptions(f"--encoder-weights {weights}: {network} knows only {ENCODER} and {NO_WEIGHTS}.")
    if weights == ENCODER and networks == {LIGHT_MASK_RCNN.network} and _grouped(configurations):
        raise InvalidOptions(
            "--encoder-weights default: they go with --normalisation batch, not group; leave one of the two out."
        )


def _grouped(configurations: Mapping[str, TrainOptions]) -> bool:
    return any(options.normalisation == "group" for options in configurations.values())


def _initial_network(source: str) -> Network:
    path = DEFAULT_WEIGHTS if source == "default" else Path(source)
    if path.suffix.lower() not in KERAS_SUFFIXES:
        return read_any_weights(path)
    from deepetch.training.keras_weights import fold_normalisation, read_keras_weights

    network = read_keras_weights(path)
    fold_normalisation(network, MEAN, STD)
    return network


def _with_own_segmenter(options: TrainOptions, run: Path) -> TrainOptions:
    """The options with a copy of their segmenter in the run's folder: going on needs the same one."""
    write_weights(read_segmenter(options), run / SEGMENTER, overwrite=True)
    return dataclasses.replace(options, segmenter=str((run / SEGMENTER).resolve()))


def _described(network: Network) -> dict[str, Any]:
    said = describe_network(network)
    return said | {name: tuple(said[name]) for name in ("channels", "classes") if name in said}


def _make_folder(run: Path) -> None:
    try:
        run.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputFailed(f"{run}: the folder cannot be made ({error.strerror}). Choose another with -o.") from error
