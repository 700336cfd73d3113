"""The models deepetch knows: one row each. A model's name fixes its preprocessing, licence and origin."""

from __future__ import annotations

import contextlib
from importlib.resources import files
from pathlib import Path

from deepetch.errors import UnknownModel
from deepetch.inference.spec import ModelSpec, read_peers, read_spec

WEIGHTS = Path(str(files("deepetch"))) / "weights"
PEERS = Path(__file__).with_name("peers.toml")

MODELS = {
    spec.name: spec
    for spec in (
        ModelSpec(
            name="default",
            file=WEIGHTS / "default.onnx",
            sha256="0962b3bb7adc91406301dd60e6681550cf75411fc69f3e96c46247230ab72f17",
            licence="Apache-2.0",
            data="Photographs of people, garments and packs, each set with terms of its own: docs/model-card.md",
            paper="Ronneberger et al. 2015, He et al. 2016, Shi et al. 2016",
            summary="People with what they wear and hold, garments, packs; trained here, see docs/model-card.md",
        ),
    )
}


def downloads_folder() -> Path:
    """Where downloaded weights are kept unless a user says otherwise: the system's place for caches."""
    import platformdirs

    return platformdirs.user_cache_path("deepetch", appauthor=False) / "models"


def known_models(folder: Path | None = None) -> dict[str, ModelSpec]:
    """All rows by name: the shipped ones, then those whose public weights `deepetch models pull` downloads.

    folder  where downloads are kept; None: `downloads_folder`.
    """
    return MODELS | read_peers(PEERS, folder or downloads_folder())


def find_model(name: str, *, folder: Path | None = None) -> ModelSpec:
    """The row called `name`, or a row for the file at that path: ONNX, or TOML that describes one.

    An ONNX file with a TOML file of the same name beside it that describes it is as that file says.
    folder  where downloads are kept; None: `downloads_folder`.
    Raises  UnknownModel when it is neither, or not downloaded yet; InvalidOptions as `read_spec`.
    """
    if name in MODELS:
        return MODELS[name]
    known = known_models(folder)
    if name in known:
        if not known[name].file.is_file():
            raise UnknownModel(f"{name}: not downloaded yet. Run `deepetch models pull {name}`.")
        return known[name]
    path = Path(name)
    with contextlib.suppress(OSError):  # a name too long is no file either
        if path.is_file():
            return _described(path)
    raise UnknownModel(f"no model called {name!r} and no such file; known: {', '.join(known)}.")


def _described(path: Path) -> ModelSpec:
    if path.suffix.lower() == ".toml":
        spec = read_spec(path)
        if not spec.file.is_file():
            raise UnknownModel(f"{path}: no such file: {spec.file}. Say in it which ONNX file it describes: file = ...")
        return spec
    beside = path.with_suffix(".toml")
    if beside.is_file():
        spec = read_spec(beside)
        if spec.file.exists() and spec.file.samefile(path):
            return spec
    return ModelSpec(name=path.name, file=path)
