"""Masks that hold class numbers, and masks that may: palettes, grey pictures, MATLAB's files."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepetch.arrays import Alpha, Levels, full_scale
from deepetch.datasets.place import unreadable
from deepetch.datasets.truth import LEAST_LABEL, MaskFile, require_size
from deepetch.errors import DatasetError, MissingExtra, UnreadablePhoto
from deepetch.photo.photo import Photo
from deepetch.photo.png import PNG_SIGNATURE
from deepetch.photo.read import read_photo
from deepetch.photo.signature import kind_of

VOID = 255  # Pascal VOC's number for the border between objects, which belongs to no class
EXACT = ("png", "tiff")  # formats that keep numbers
LABEL_NAMES = ("label", "labels", "labelmap", "mask", "gt", "groundtruth")  # MATLAB's variables, in small letters
HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"
DAMAGED_PNG = (OSError, SyntaxError, ValueError, EOFError)  # what Pillow raises for one
# what scipy raises for a damaged file of MATLAB, beside its own error
DAMAGED_MAT = (OSError, ValueError, TypeError, LookupError, NameError, MemoryError, zlib.error)


@dataclass(frozen=True)
class ClassMap:
    """Class numbers of the picture's size: a palette or grey PNG, a grey TIFF, or a file of MATLAB (not v7.3).

    categories  numbers of the classes that are the subject. None: every class above 0, but not 255, with which Pascal
                VOC marks the border that belongs to no class; where 255 is all there is beside 0, it is the subject.
    A file of MATLAB holds one 2-D array of whole numbers or logical values, or one that is called label, labels,
    labelmap, mask, gt or groundtruth; it may lie in a struct.
    """

    path: Path
    categories: Collection[int] | None = None

    def read(self, photo: Photo) -> Alpha:
        numbers = self._numbers(photo)
        require_size(self.path, numbers.shape, photo)
        return _subject(numbers, self.categories)

    def _numbers(self, photo: Photo) -> NDArray[Any]:
        head = read_head(self.path)
        if _is_matlab(self.path, head):
            return _matlab_numbers(self.path, head)
        if _is_palette(head):
            return _palette_indices(self.path, photo)
        picture = read_photo(self.path)
        if picture.format not in EXACT:
            raise DatasetError(
                f"{self.path}: a {picture.format.upper()} file does not keep class numbers. "
                "Save them as grey or palette PNG."
            )
        return _grey(picture, self.path, tolerance=0) // _low_bit_step(head)


@dataclass(frozen=True)
class FolderMask:
    """A mask that is what its file is: white where the subject is, or class numbers as in `ClassMap`.

    Class numbers are what MATLAB saved, a PNG with a palette of colours, a grey PNG or TIFF that is nowhere brighter
    than 1/LEAST_LABEL of full scale, and everything when `categories` names some.
    """

    path: Path
    categories: Collection[int] | None = None

    def read(self, photo: Photo) -> Alpha:
        head = read_head(self.path)
        if self.categories is not None or _is_matlab(self.path, head) or _has_colours(self.path, head):
            return ClassMap(self.path, self.categories).read(photo)
        if kind_of(head, str(self.path)) not in EXACT:
            return MaskFile(self.path).read(photo)
        picture = read_photo(self.path)
        # the little that JPEG makes channels differ is no colour
        levels = _grey(picture, self.path, tolerance=full_scale(picture.samples) // LEAST_LABEL)
        require_size(self.path, levels.shape, photo)
        if _are_numbers(levels, self.path):
            return _subject(levels // _low_bit_step(head), None)
        return levels.astype(np.float32) / np.float32(full_scale(levels))


def _subject(numbers: NDArray[Any], categories: Collection[int] | None) -> Alpha:
    if categories is not None:
        return np.ascontiguousarray(np.isin(numbers, list(categories)), np.float32)
    subject = (numbers > 0) & (numbers != VOID)
    if not subject.any():  # black and white
        subject = numbers == VOID
    return np.ascontiguousarray(subject, np.float32)


def _are_numbers(levels: Levels, path: Path) -> bool:
    """Whether a grey picture holds class numbers, not opacity; DatasetError where it could be both."""
    highest, full = int(levels.max(initial=0)), full_scale(levels)
    if 0 < highest < full // LEAST_LABEL:
        return True
    second = int(levels.max(initial=0, where=levels != VOID))
    if highest == VOID and 0 < second < full // LEAST_LABEL:
        raise DatasetError(
            f"{path}: expected opacity or class numbers; its values reach {second}, and {VOID}, with none between. "
            "Name the classes that are the subject."
        )
    return False


def _grey(picture: Photo, path: Path, *, tolerance: int) -> Levels:
    """The first channel, when none differs from another by more than `tolerance`."""
    samples = picture.samples
    if picture.space != "grey" and int((samples.max(axis=2) - samples.min(axis=2)).max(initial=0)) > tolerance:
        raise DatasetError(
            f"{path}: expected a grey mask or a palette; got colours. "
            "Save it with the subject white, or as a map of class numbers."
        )
    return samples[..., 0]


def read_head(path: Path) -> bytes:
    """The first bytes of a file, enough to tell its kind. Raises DatasetError if it cannot be opened."""
    try:
        with path.open("rb") as file:
            return file.read(4096)
    except OSError as error:
        raise unreadable(path, error) from error


def _low_bit_step(head: bytes) -> int:
    """What reading makes of a class number of 1 in a grey PNG of 1, 2 or 4 bit, which it widens to 8 bit; else 1."""
    bits, colour = (head[24], head[25]) if head.startswith(PNG_SIGNATURE) else (8, 0)
    return 255 // (2**bits - 1) if colour == 0 and bits < 8 else 1


def _is_palette(head: bytes) -> bool:
    return head.startswith(PNG_SIGNATURE) and head[25:26] == b"\x03"  # the colour type in IHDR (PNG, section 11.2.1)


def _has_colours(path: Path, head: bytes) -> bool:
    """Whether a PNG has a palette that is more than the greys of an opacity, which some programs save so."""
    if not _is_palette(head):
        return False
    from PIL.PngImagePlugin import PngImageFile

    try:
        with PngImageFile(path) as image:
            colours = np.array(image.getpalette() or [], np.uint8).reshape(-1, 3)
    except DAMAGED_PNG as error:
        raise _damaged_png(path) from error
    return bool((colours != colours[:, :1]).any()) or int(colours.max(initial=0)) < 255 // LEAST_LABEL


def _palette_indices(path: Path, photo: Photo) -> NDArray[Any]:
    from PIL.PngImagePlugin import PngImageFile

    try:
        with PngImageFile(path) as image:  # Image.open has a limit of pixels of its own; the photo kept ours
            require_size(path, (image.height, image.width), photo)
            return np.asarray(image)
    except DAMAGED_PNG as error:
        raise _damaged_png(path) from error


def _damaged_png(path: Path) -> UnreadablePhoto:
    return UnreadablePhoto(f"{path}: the PNG data is truncated or damaged. Copy or export the file again.")


def _is_matlab(path: Path, head: bytes) -> bool:
    """Files of MATLAB 5 and later say so; older ones show it by name only."""
    return head.startswith(b"MATLAB") or path.suffix.lower() == ".mat"


def _matlab_numbers(path: Path, head: bytes) -> NDArray[Any]:
    if head.startswith((b"MATLAB 7.3", HDF5_SIGNATURE)):
        raise DatasetError(f"{path}: MATLAB's v7.3 files are not read. Save it anew with save(name, variable, '-v7').")
    try:
        from scipy.io import loadmat
        from scipy.io.matlab import MatReadError
    except ModuleNotFoundError as error:
        raise MissingExtra(
            "MATLAB's files need scipy, which is not installed: pip install 'deepetch[data]'."
        ) from error
    try:
        with path.open("rb") as file:
            variables = dict(_flat(loadmat(file)))
    except (*DAMAGED_MAT, MatReadError) as error:
        raise UnreadablePhoto(f"{path}: the MATLAB data is truncated or damaged. Save the file again.") from error
    maps = {
        name: value
        for name, value in variables.items()
        if isinstance(value, np.ndarray) and value.dtype.kind in "iub" and value.ndim == 2 and min(value.shape) > 1
    }
    named = {name: value for name, value in maps.items() if name.rpartition(".")[2].lower() in LABEL_NAMES}
    for candidates in (maps, named):
        if len(candidates) == 1:
            return next(iter(candidates.values()))
    raise DatasetError(
        f"{path}: expected one 2-D array of whole numbers, or one of them called {', '.join(LABEL_NAMES)}; "
        f"it holds {', '.join(_described(*item) for item in variables.items()) or 'nothing'}. Save the map alone."
    )


def _flat(variables: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """MATLAB's variables, those of a single struct as "struct.field"."""
    for name, value in variables.items():
        if name.startswith("__"):  # scipy's own entries
            continue
        if isinstance(value, np.ndarray) and value.dtype.names and value.size == 1:
            yield from ((f"{name}.{field}", value.flat[0][field]) for field in value.dtype.names)
        else:
            yield name, value


def _described(name: str, value: Any) -> str:
    if not isinstance(value, np.ndarray):
        return name
    kind = {"O": "cells", "V": "struct", "U": "text"}.get(value.dtype.kind, str(value.dtype))
    return f"{name} ({' x '.join(map(str, value.shape))} {kind})"
