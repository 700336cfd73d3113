"""What a user gives instead of a model: a mask, a trimap or a scribble of each photo."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from deepetch.deliver.naming import is_folder
from deepetch.errors import InvalidOptions, UnreadablePhoto
from deepetch.photo.signature import READ_SUFFIXES

if TYPE_CHECKING:
    from deepetch.cutout import Cutout
    from deepetch.matte.refine import Progress
    from deepetch.options import CutOptions
    from deepetch.photo.photo import Photo

Kind = Literal["mask", "trimap", "scribble"]


@dataclass(frozen=True)
class Given:
    """A file for one photo, or a folder that holds one for each, called like it but for the suffix."""

    kind: Kind
    path: Path

    def file_of(self, photo: Path) -> Path:
        """Raises  UnreadablePhoto when the folder cannot be read, or holds none, or several."""
        if not is_folder(self.path):
            return self.path
        try:
            there = sorted(self.path.iterdir())
        except OSError as error:
            raise UnreadablePhoto(f"{self.path}: cannot be read ({error.strerror}).") from error
        found = [file for file in there if file.stem == photo.stem and file.suffix.lower() in READ_SUFFIXES]
        if len(found) != 1:
            said = ", ".join(file.name for file in found) or f"no {photo.stem}.png or the like"
            raise UnreadablePhoto(f"{photo}: its {self.kind} is looked for in {self.path}, where there is {said}.")
        return found[0]

    def cut_out(self, photo: Photo, path: Path, options: CutOptions, progress: Progress) -> Cutout:
        """The cut-out of a photo that was read from `path`. Raises the errors of reading and of `cut_out_given`."""
        from deepetch.cutout import cut_out_given
        from deepetch.matte.trimap import read_mask, read_scribble, read_trimap

        file, shape = self.file_of(path), (photo.height, photo.width)
        if self.kind == "mask":
            mask = read_mask(file, shape, bits=photo.bits)
            return cut_out_given(photo, options, mask=mask, progress=progress)
        read = read_trimap if self.kind == "trimap" else read_scribble
        return cut_out_given(photo, options, trimap=read(file, shape), progress=progress)


def given_from(mask: Path | None, trimap: Path | None, scribble: Path | None, photos: Sequence[Path]) -> Given | None:
    """The one of them that is given; None if none is.

    Raises  InvalidOptions for two of them, one file for several photos, or photos that would share one.
    """
    named: dict[Kind, Path | None] = {"mask": mask, "trimap": trimap, "scribble": scribble}
    found = [Given(kind, path) for kind, path in named.items() if path is not None]
    if not found:
        return None
    given = found[0]
    if len(found) > 1:
        raise InvalidOptions(f"--{given.kind} and --{found[1].kind} contradict each other; leave one out.")
    if not is_folder(given.path):
        if len(photos) > 1:
            raise InvalidOptions(
                f"--{given.kind}: one file for {len(photos)} photos; give a folder of files named like them."
            )
        return given
    for photo in photos:
        if photo.resolve().is_relative_to(given.path.resolve()):
            raise InvalidOptions(f"{photo}: lies in the folder of --{given.kind}. Keep photos apart from them.")
    stem, count = Counter(photo.stem for photo in photos).most_common(1)[0]
    if count > 1:
        raise InvalidOptions(f"--{given.kind}: {count} photos are called {stem} and would share one. Cut them apart.")
    return given
