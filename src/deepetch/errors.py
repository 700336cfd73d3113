"""Every exception deepetch raises on purpose.

    DeepetchError
    ├── InvalidOptions         an option has a value that makes no sense
    ├── InvalidArray           an array has the wrong shape, dtype or range
    ├── PhotoError
    │   ├── UnreadablePhoto    not a picture, empty, truncated, or not to be opened
    │   ├── PhotoTooLarge      more pixels than the limit
    │   └── UnsupportedOutput  the file format cannot hold what the photo carries
    ├── OutputError
    │   ├── OutputExists       the file is there and --overwrite was not given
    │   └── OutputFailed       no permission, no folder, disk full
    ├── ModelError
    │   ├── UnknownModel       no such name in the registry and no such file
    │   ├── DownloadFailed     public weights that cannot be fetched, or are not those that were published
    │   └── ModelMismatch      the file is no ONNX segmenter, or its inputs do not fit
    ├── MatteError
    │   ├── InvalidTrimap      a trimap, mask or scribble that does not fit the photo or says too little
    │   └── MattingFailed      a matting method could not be run to its end
    ├── NoSubject              the photo shows nothing to cut out
    ├── NoShadow               the photo's own shadow cannot be told from its backdrop
    ├── DatasetError           a data set that cannot be read as what it claims to be
    ├── TrainingError          a run that cannot start, resume or converge
    │   └── TrainingStopped    somebody stopped it; its checkpoint is there
    ├── StudioError            Blender is missing or failed, or a scene cannot be read
    └── MissingExtra           an optional dependency is needed and not installed

The text of an exception is shown to the user as it is: one line, what was wrong and what to do.
"""

from __future__ import annotations


class DeepetchError(Exception):
    """Base of every error a user can cause or meet."""


class InvalidOptions(DeepetchError):
    """An option has a value that makes no sense."""


class InvalidArray(DeepetchError):
    """An array has the wrong shape, dtype or range."""


class PhotoError(DeepetchError):
    """A picture that cannot be read or written as asked."""


class UnreadablePhoto(PhotoError):
    """Not a picture, empty, truncated, or not to be opened."""


class PhotoTooLarge(PhotoError):
    """More pixels than the limit allows."""


class UnsupportedOutput(PhotoError):
    """The file format cannot hold what the photo carries."""


class OutputError(DeepetchError):
    """A result that cannot be stored."""


class OutputExists(OutputError):
    """The file is there and overwriting was not asked for."""


class OutputFailed(OutputError):
    """No permission, no folder, or no space."""


class ModelError(DeepetchError):
    """A model that cannot be used."""


class UnknownModel(ModelError):
    """No such name in the registry and no such file."""


class DownloadFailed(ModelError):
    """Public weights that cannot be fetched, or are not those that were published."""


class ModelMismatch(ModelError):
    """The file is no ONNX segmenter, or its inputs do not fit."""


class MatteError(DeepetchError):
    """An alpha at full size that cannot be worked out."""


class InvalidTrimap(MatteError):
    """A trimap, mask or scribble that does not fit the photo or says too little."""


class MattingFailed(MatteError):
    """A matting method could not be run to its end."""


class NoSubject(DeepetchError):
    """The photo shows nothing to cut out."""


class NoShadow(DeepetchError):
    """The photo's own shadow cannot be told from its backdrop, or there is no ground to draw one on."""


class DatasetError(DeepetchError):
    """A data set that cannot be read as what it claims to be."""


class TrainingError(DeepetchError):
    """A training run that cannot start, resume or converge."""


class TrainingStopped(TrainingError):
    """Somebody stopped the run; its checkpoint is there."""


class StudioError(DeepetchError):
    """Blender is missing or failed, or a scene cannot be read."""


class MissingExtra(DeepetchError):
    """An optional dependency is needed and not installed."""
