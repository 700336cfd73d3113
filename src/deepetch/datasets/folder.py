"""Pictures and their masks in folders, read and written; and cut-outs, which are their own masks.

    images/ masks/                       also img/ mask/ and imgs/ masks/
    JPEGImages/ SegmentationClass/       Pascal VOC's: maps of class numbers, for a part of the pictures
    train/ val/ test/                    with any of these inside; valid/, training/ and the like are taken for them

Whatever is hidden is passed over (macOS leaves "._a.jpg" beside a.jpg), and so are files that are no pictures by name.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from deepetch.arrays import Alpha, require_alpha
from deepetch.datasets.class_map import ClassMap, FolderMask, read_head
from deepetch.datasets.example import Example, split_named
from deepetch.datasets.index import OWN_ALPHA
from deepetch.datasets.place import Names, copy_picture, make_folder, unreadable_folder
from deepetch.datasets.split import SPLITS
from deepetch.datasets.truth import OwnAlpha
from deepetch.errors import DatasetError, OutputExists, PhotoError
from deepetch.options import SaveOptions
from deepetch.photo.read import read_photo
from deepetch.photo.signature import READ_SUFFIXES, kind_of
from deepetch.photo.write import write_picture

IMAGES, MASKS = "images", "masks"
VOC = ("JPEGImages", "SegmentationClass")
LAYOUTS = ((IMAGES, MASKS), ("img", "mask"), ("imgs", "masks"), VOC)
MASK_SUFFIXES = READ_SUFFIXES | {".mat", ".bmp"}  # a BMP is refused when read, with what to do
FIRST_FEW = 3  # pictures tell whether a folder holds cut-outs


def is_folder_set(folder: Path) -> bool:
    """Whether folders of pictures and of masks lie here, or in train/, val/ or test/ here."""
    return bool(_places(folder))


def read_folder(folder: Path, *, categories: Collection[int] | None = None) -> list[Example]:
    """Read which pictures have which masks; a mask is opened only when its truth is asked for.

    categories  numbers of the classes that are the subject; the masks are then maps of class numbers. None: masks are
                what their files are, and of class numbers all but 0 (and 255, see `ClassMap`) are the subject.
    Returns     the pictures sorted by path, one split after the other. A picture and its mask have the same path inside
                their folders, but for the suffix; it is the name. The split is that of the folder around them, or of
                the first folder inside images/ if that is called so; else "". The kind is the first folder inside
                images/, or "all". Of Pascal VOC's pictures only those with a mask are taken, and a split folder without
                masks is not labelled.
    Raises      DatasetError when no such folders or no picture lie here, a picture has no mask or two, two pictures
                share one, or a mask has no picture.
    """
    places = _places(folder)
    if not places:
        raise DatasetError(
            f"{folder}: expected {IMAGES}/ and {MASKS}/, or {SPLITS[0]}/ with both inside. Name the folders so."
        )
    examples = [example for images, masks, split in places for example in _labelled(images, masks, split, categories)]
    if not examples:
        raise _empty(places[0][0])
    return examples


def is_cutout_folder(folder: Path) -> bool:
    """Whether a folder holds pictures but no folder of masks, and the first few pictures by name have an alpha channel.

    A folder without pictures, or with a damaged one among the first, is none.
    """
    masks = (root / name for root, _ in _roots(folder) for _, name in LAYOUTS)
    if not _is_folder(folder) or any(_is_folder(place) for place in masks):
        return False
    try:
        pictures = _files(folder, READ_SUFFIXES)[:FIRST_FEW]
        return bool(pictures) and all(read_photo(picture).alpha is not None for picture in pictures)
    except (DatasetError, PhotoError):
        return False


def read_cutouts(folder: Path) -> list[Example]:
    """Read a folder of cut-outs, sub-folders included: pictures whose own alpha is the truth.

    Returns  the pictures sorted by path, of kind "cutouts"; the split is that of the first folder if it is called so,
             else "".
    Raises   DatasetError when no picture lies here.
    """
    examples = []
    for picture in _files(folder, READ_SUFFIXES):
        split, parts = _split_and_rest(_stem(picture, folder).split("/"), "")
        examples.append(
            Example(
                name="/".join(parts), image=picture, truth=OwnAlpha(picture), kind=OWN_ALPHA, source="", split=split
            )
        )
    if not examples:
        raise _empty(folder)
    return examples


def write_folder(
    items: Iterable[tuple[str, Path, Alpha, str]],
    folder: Path,
    *,
    overwrite: bool = False,
    progress: Callable[[int], None] = lambda done: None,
) -> None:
    """Write pictures into images/ and their masks into masks/, or into train/images/ and so on where there is a split.

    items      name, picture, its true alpha (h, w) float32 in [0, 1], and split ("" is none); taken one by one. A "/"
               in a name makes folders. A name that is there already, or differs in case only, gets a number: a, a-2.
    overwrite  True: files of the same name are replaced; others that lie there stay.
    Pictures are copied byte for byte. Masks are grey PNGs of 8 bit, exact for an alpha of whole 255ths.
    Raises     OutputExists when images/ or masks/ is there already; DatasetError for no item, an unknown split, or a
               name that leaves the folder or would be hidden, or a picture that cannot be read; OutputFailed. Each
               file is whole or absent; of what was written before the error everything stays.
    """
    if not overwrite:
        _require_new(folder)
    names, done = Names(), 0
    for done, (name, picture, alpha, split) in enumerate(items, 1):
        require_alpha(alpha)
        _require_inside(name, split)
        mask = folder / names.free("/".join(filter(None, (split, MASKS, f"{name}.png"))))
        stem = mask.relative_to(folder / split / MASKS).with_suffix("")
        image = folder / split / IMAGES / f"{stem}{_suffix(picture)}"
        make_folder(mask.parent)
        levels = np.rint(alpha * 255).astype(np.uint8)
        write_picture(mask, levels[..., None], "grey", options=SaveOptions(overwrite=overwrite))
        copy_picture(picture, image, overwrite=overwrite)
        progress(done)
    if not done:
        raise DatasetError("nothing to write: the data set has no labelled picture.")


def _empty(folder: Path) -> DatasetError:
    known = ", ".join(sorted(READ_SUFFIXES))
    return DatasetError(f"{folder}: expected pictures, as {known}; got none. Put them there.")


def _places(folder: Path) -> list[tuple[Path, Path, str]]:
    """Folder of pictures, folder of masks and split, wherever both folders are."""
    places = []
    for root, split in _roots(folder):
        for images, masks in LAYOUTS:
            if _is_folder(root / images) and _is_folder(root / masks):
                places.append((root / images, root / masks, split))
                break
    return places


def _roots(folder: Path) -> list[tuple[Path, str]]:
    """The folder, and the folders in it that are called like a split; with that split."""
    try:
        inner = sorted(path for path in folder.iterdir() if split_named(path.name))
    except OSError:  # no folder, or no permission: reading will tell
        inner = []
    splits = [(path, split_named(path.name)) for path in inner]
    return [(folder, ""), *sorted(splits, key=lambda pair: SPLITS.index(pair[1]))]


def _labelled(images: Path, masks: Path, split: str, categories: Collection[int] | None) -> Iterator[Example]:
    mask_of = _by_stem(masks, MASK_SUFFIXES, "is a mask of the same picture")
    picture_of = _by_stem(images, READ_SUFFIXES, "has the same name, so that one mask would serve both")
    voc = (images.name, masks.name) == VOC
    if not voc:
        _require_none(
            [picture for stem, picture in picture_of.items() if stem not in mask_of],
            f"expected a mask {masks.name}/... of the same name; got none. Add it, or take the picture away.",
        )
    _require_none(
        [mask for stem, mask in mask_of.items() if stem not in picture_of],
        f"expected a picture {images.name}/... of the same name; got none. Add it, or take the mask away.",
    )
    truth = ClassMap if voc else FolderMask
    for stem, picture in picture_of.items():
        if stem in mask_of:
            own, parts = _split_and_rest(stem.split("/"), split)
            yield Example(
                name="/".join(parts),
                image=picture,
                truth=truth(mask_of[stem], categories),
                kind=parts[0] if len(parts) > 1 else "all",
                source="",
                split=own,
            )


def _split_and_rest(parts: list[str], split: str) -> tuple[str, list[str]]:
    """The split that the first folder of a path names where none is known yet, and the path after it."""
    if not split and len(parts) > 1 and (named := split_named(parts[0])):
        return named, parts[1:]
    return split, parts


def _by_stem(folder: Path, suffixes: Collection[str], fault: str) -> dict[str, Path]:
    """Files by their path inside a folder, without suffix; two of one stem are an error."""
    found, doubles = dict[str, Path](), list[Path]()
    for file in _files(folder, suffixes):
        if found.setdefault(_stem(file, folder), file) is not file:
            doubles.append(file)
    if doubles:
        first = found[_stem(doubles[0], folder)].name
        _require_none(doubles, f"{first} beside it {fault}. Keep one of them.")
    return found


def _require_none(files: Sequence[Path], fault: str) -> None:
    if files:
        more = f" (and {len(files) - 1} more like it)" if len(files) > 1 else ""
        raise DatasetError(f"{files[0]}{more}: {fault}")


def _files(folder: Path, suffixes: Collection[str]) -> list[Path]:
    """Files with one of some suffixes in a folder and its sub-folders, sorted, without hidden ones."""

    def refuse(error: OSError) -> None:
        raise unreadable_folder(error.filename, error) from error

    found = []
    for place, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(place, name) for name in names if not name.startswith(".")]
    return sorted(file for file in found if file.suffix.lower() in suffixes)


def _stem(file: Path, folder: Path) -> str:
    return file.relative_to(folder).with_suffix("").as_posix()


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # no permission: reading will tell
        return False


def _require_new(folder: Path) -> None:
    for root in (folder, *(folder / split for split in SPLITS)):
        for path in (root / IMAGES, root / MASKS):
            if os.path.lexists(path):
                raise OutputExists(f"{path}: it exists. Choose another folder or allow overwriting (--overwrite).")


def _require_inside(name: str, split: str) -> None:
    if split not in ("", *SPLITS):
        raise DatasetError(f"{name}: expected {', '.join(SPLITS)} or no split; got {split!r}.")
    if any(not part or part.startswith(".") for part in name.split("/")) or "\0" in name:
        raise DatasetError(f"{name!r}: expected the name of a picture, such as a or shoes/a, not hidden. Rename it.")


def _suffix(picture: Path) -> str:
    """Its own, or where that is unknown one of its format, so that it is found again."""
    if picture.suffix.lower() in READ_SUFFIXES:
        return picture.suffix
    return f".{kind_of(read_head(picture), str(picture))}"
