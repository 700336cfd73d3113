"""What a user gives instead of a model: a mask, a trimap or a scribble of each photo."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from deepetch.errors import InvalidOptions, UnreadablePhoto
from deepetch.photo.signature import READ_SUFFIXES

if TYPE_CHECKING:
    from deepetch.cutout import Cutout
    from deepetch.matte.refine import Progress
    from deepetch.options import CutOptions
    from deepetch.photo.photo import Photo

Kind = Literal["mask", "trimap", "scribble"]


@dataclass(frozen=True)
class Guide:
    """A file for one photo, or a folder that holds one for each, called like it but for the suffix."""

    kind: Kind
    path: Path

    def file_of(self, photo: Path) -> Path:
        """Raises  UnreadablePhoto when the folder holds none, or several."""
        if not self.path.is_dir():
            return self.path
        found = sorted(
            file for file in self.path.iterdir() if file.stem == photo.stem and file.suffix.lower() in READ_SUFFIXES
        )
        if len(found) != 1:
            there = ", ".join(file.name for file in found) or f"no {photo.stem}.png or the like"
            raise UnreadablePhoto(f"{photo}: its {self.kind} is looked for in {self.path}, where there is {there}.")
        return found[0]

    def cut_out(self, photo: Photo, path: Path, options: CutOptions, progress: Progress) -> Cutout:
        """The cut-out of a photo that was read from `path`. Raises the errors of reading and of `cut_out_given`."""
        from deepetch.cutout import cut_out_given
        from deepetch.matte.trimap import read_mask, read_scribble, read_trimap

        file, shape = self.file_of(path), (photo.height, photo.width)
        if self.kind == "mask":
            mask = read_mask(file, shape, bits=16 if photo.bits == 16 else 8)
            return cut_out_given(photo, options, mask=mask, progress=progress)
        read = read_trimap if self.kind == "trimap" else read_scribble
        return cut_out_given(photo, options, trimap=read(file, shape), progress=progress)


def guide_from(mask: Path | None, trimap: Path | None, scribble: Path | None, *, photos: int) -> Guide | None:
    """The one of them that is given; None if none is.

    photos  how many photos there are.
    Raises  InvalidOptions for two of them, or one file for several photos.
    """
    given: dict[Kind, Path | None] = {"mask": mask, "trimap": trimap, "scribble": scribble}
    guides = [Guide(kind, path) for kind, path in given.items() if path is not None]
    if not guides:
        return None
    if len(guides) > 1:
        raise InvalidOptions(f"--{guides[0].kind} and --{guides[1].kind} contradict each other; leave one out.")
    if photos > 1 and not guides[0].path.is_dir():
        raise InvalidOptions(
            f"--{guides[0].kind}: one file for {photos} photos; give a folder of files named like them."
        )
    return guides[0]
