"""Our PSD and TIFF files as GIMP sees them: layers, blend modes, masks, channels, paths, and what they look like.

GIMP 2.10 of Debian (`apt-get install gimp`) runs without a display. It reads no CMYK with 16 bit, and CMYK with 8 bit
through a profile of its own, so that colours of CMYK are not compared. Masks come as linear light; they are exported so
that their numbers stay.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from drawn_matte import disc_matte, noise_photo

from deepetch.deliver.path.path import clipping_path
from deepetch.deliver.read_psd import read_psd
from deepetch.deliver.save import write_cutout
from deepetch.deliver.shadow import draw_shadow
from deepetch.deliver.spot import white_plate
from deepetch.options import SaveOptions, ShadowOptions, SpotOptions
from deepetch.photo.photo import Metadata

pytestmark = pytest.mark.skipif(
    shutil.which("gimp") is None, reason="GIMP is not installed (Debian: apt-get install gimp)"
)

NORMAL, MULTIPLY = 28, 30  # GIMP's numbers of its layer modes
OPTIONS = SaveOptions(background="#c0d0e0", shadow=ShadowOptions(kind="drop", opacity=0.8), spot=SpotOptions(choke=2))
CASES = {
    "rgb8": ("rgb", np.uint8, OPTIONS),
    "rgb16": ("rgb", np.uint16, OPTIONS),
    "grey8": ("grey", np.uint8, SaveOptions(background="white", shadow=ShadowOptions(kind="contact"))),
    "grey16": ("grey", np.uint16, SaveOptions()),
    "cmyk8": ("cmyk", np.uint8, OPTIONS),
}
SCRIPT = """
(define (say text) (display text out) (newline out))
(define (text x) (string-append "\\"" x "\\""))
(define (whole x) (number->string (inexact->exact (round x))))
(define (fields . parts)
  (say (string-append "{" (apply string-append parts) "}")))
(define (field name value) (string-append "\\"" name "\\": " value ", "))
(define (last-field name value) (string-append "\\"" name "\\": " value))
(define (each items work)
  (let loop ((i 0)) (if (< i (vector-length items)) (begin (work (vector-ref items i)) (loop (+ i 1))))))
(define (is-linear item) (= 1 (length (strbreakup (car (gimp-drawable-get-format item)) "'"))))
(define (export image item file)
  (let* ((copy (car (gimp-image-new-with-precision
                 (car (gimp-drawable-width item)) (car (gimp-drawable-height item)) GRAY
                 (- (car (gimp-image-get-precision image)) (if (is-linear item) 50 0)))))
         (layer (car (gimp-layer-new-from-drawable item copy))))
    (gimp-image-insert-layer copy layer 0 -1)
    (file-png-save RUN-NONINTERACTIVE copy layer file file 0 1 0 0 0 0 0)
    (gimp-image-delete copy)))
(define (look file prefix)
  (let* ((image (car (gimp-file-load RUN-NONINTERACTIVE file file))))
    (fields (field "kind" (text "image")) (field "file" (text file))
      (field "width" (whole (car (gimp-image-width image)))) (field "height" (whole (car (gimp-image-height image))))
      (last-field "density" (whole (car (gimp-image-get-resolution image)))))
    (each (cadr (gimp-image-get-layers image)) (lambda (layer)
      (let ((mask (car (gimp-layer-get-mask layer))) (at (gimp-drawable-offsets layer)))
        (fields (field "kind" (text "layer")) (field "file" (text file))
          (field "name" (text (car (gimp-item-get-name layer))))
          (field "mode" (whole (car (gimp-layer-get-mode layer))))
          (field "left" (whole (car at))) (field "top" (whole (cadr at)))
          (field "width" (whole (car (gimp-drawable-width layer))))
          (field "height" (whole (car (gimp-drawable-height layer))))
          (last-field "mask" (if (= mask -1) "false" "true")))
        (if (> mask -1) (export image mask (string-append prefix "mask.png"))))))
    (each (cadr (gimp-image-get-channels image)) (lambda (channel)
      (let ((name (car (gimp-item-get-name channel))))
        (fields (field "kind" (text "channel")) (field "file" (text file)) (last-field "name" (text name)))
        (export image channel (string-append prefix name ".png")))))
    (each (cadr (gimp-image-get-vectors image)) (lambda (path)
      (let ((strokes (cadr (gimp-vectors-get-strokes path))))
        (fields (field "kind" (text "path")) (field "file" (text file))
          (field "name" (text (car (gimp-item-get-name path))))
          (last-field "knots" (string-append "["
            (apply string-append (let loop ((i 0))
              (if (< i (vector-length strokes))
                (cons (string-append (if (= i 0) "" ", ")
                  (whole (/ (cadr (gimp-vectors-stroke-get-points path (vector-ref strokes i))) 6)))
                  (loop (+ i 1)))
                '()))) "]"))))))
    (gimp-image-flatten image)
    (file-png-save RUN-NONINTERACTIVE image (car (gimp-image-get-active-layer image))
      (string-append prefix "seen.png") (string-append prefix "seen.png") 0 1 0 0 0 0 0)
    (gimp-image-delete image)))
"""


def drawn(name: str) -> tuple[Any, Any, SaveOptions]:
    space, dtype, options = CASES[name]
    photo = noise_photo(space, dtype, height=120, width=100, metadata=Metadata(density=(300, 300)))
    return photo, disc_matte(photo), options


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, Any]]]:
    """All files written, and what GIMP says of them in one run."""
    folder = tmp_path_factory.mktemp("gimp")
    files = []
    for name in CASES:
        photo, matte, options = drawn(name)
        assert write_cutout(folder / f"{name}.psd", photo, matte, options) == ()
        files.append(f"{name}.psd")
    photo, matte, options = drawn("rgb8")
    for name, background in (("clear", "transparent"), ("white", "white")):
        write_cutout(folder / f"{name}.tif", photo, matte, SaveOptions(background=background, spot=options.spot))
        files.append(f"{name}.tif")
    script = folder / "look.scm"
    calls = [f'(look "{folder / file}" "{folder / file}-")' for file in files]
    opened = f'(define out (open-output-file "{folder / "said"}"))'
    script.write_text("\n".join([opened, SCRIPT, *calls, "(close-output-port out)"]))
    run = subprocess.run(
        ["gimp", "-i", "-d", "-f", "-b", f'(load "{script}")', "-b", "(gimp-quit 0)"],
        env=os.environ | {"HOME": str(folder), "GIMP2_DIRECTORY": str(folder / "settings")},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert (folder / "said").is_file(), run.stderr
    said = [json.loads(line) for line in (folder / "said").read_text().splitlines()]
    for entry in said:
        entry["file"] = Path(entry["file"]).name
    assert [entry["file"] for entry in said if entry["kind"] == "image"] == files, run.stderr
    return folder, said


def entries(said: list[dict[str, Any]], file: str, kind: str) -> list[dict[str, Any]]:
    return [entry for entry in said if entry["file"] == file and entry["kind"] == kind]


def exported(path: Path) -> Any:
    return cv2.imread(str(path), cv2.IMREAD_UNCHANGED)


def alone(plane: Any) -> Any:
    return plane if plane.ndim == 2 else plane[..., 0]


@pytest.mark.parametrize("name", CASES)
def test_layers_with_their_blend_modes_places_and_mask(name, seen):
    _, said = seen
    photo, matte, options = drawn(name)
    whole = {"left": 0, "top": 0, "width": 100, "height": 120}
    expected = [{"name": "Photo", "mode": NORMAL, "mask": True} | whole]
    shadow = draw_shadow(photo, matte, options.shadow)
    if shadow is not None:
        height, width = shadow.coverage.shape
        place = {"left": shadow.left, "top": shadow.top, "width": width, "height": height}
        expected.append({"name": "Shadow", "mode": MULTIPLY, "mask": False} | place)
    if options.background != "transparent":
        expected.append({"name": "Background", "mode": NORMAL, "mask": False} | whole)
    found = [
        {key: value for key, value in entry.items() if key not in ("kind", "file")}
        for entry in entries(said, f"{name}.psd", "layer")
    ]
    assert found == expected
    (image,) = entries(said, f"{name}.psd", "image")
    assert (image["width"], image["height"], image["density"]) == (100, 120, 300)


@pytest.mark.parametrize("name", CASES)
def test_mask_and_saved_alpha_bit_for_bit(name, seen):
    folder, said = seen
    _, matte, options = drawn(name)
    names = [entry["name"] for entry in entries(said, f"{name}.psd", "channel")]
    assert names == ["Cut-out"] + (["White"] if options.spot else [])
    # of a document in CMYK it takes the plate of black for the first channel beside the colours
    for part in ("mask",) if name == "cmyk8" else ("mask", "Cut-out"):
        # GIMP keeps them in the picture's precision, 32 bit for CMYK
        levels = alone(exported(folder / f"{name}.psd-{part}.png"))
        scale = np.iinfo(levels.dtype).max // np.iinfo(matte.alpha.dtype).max
        np.testing.assert_array_equal(levels, matte.alpha.astype(levels.dtype) * scale)


@pytest.mark.parametrize("name", ["rgb8", "rgb16"])
def test_the_spot_channel(name, seen):
    folder, _ = seen
    photo, matte, options = drawn(name)
    levels = alone(exported(folder / f"{name}.psd-White.png"))
    plate = white_plate(photo, matte.alpha, options.spot).levels
    np.testing.assert_array_equal(
        levels, plate.astype(levels.dtype) * (np.iinfo(levels.dtype).max // np.iinfo(plate.dtype).max)
    )


@pytest.mark.parametrize("file", [*(f"{name}.psd" for name in CASES), "clear.tif", "white.tif"])
def test_the_path_and_its_knots(file, seen):
    _, said = seen
    _, matte, _ = drawn(file.removesuffix(".psd") if file.endswith(".psd") else "rgb8")
    (path,) = entries(said, file, "path")
    assert path["name"] == "Path 1"
    assert path["knots"] == [len(curve) for curve in clipping_path(matte.alpha).subpaths]


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case[0] != "cmyk"])
def test_the_layers_together_look_as_the_flattened_picture(name, seen):
    folder, _ = seen
    _, dtype, options = CASES[name]
    if options.background == "transparent":
        pytest.skip("GIMP lays it over its own background colour")
    shown = exported(folder / f"{name}.psd-seen.png")
    shown = shown[..., None] if shown.ndim == 2 else shown[..., ::-1]
    expected = read_psd(folder / f"{name}.psd").samples
    _, matte, _ = drawn(name)
    off = np.abs(shown.astype(int) - expected) / np.iinfo(dtype).max
    inside = matte.alpha == np.iinfo(dtype).max
    assert off[inside].max() == 0
    # GIMP knows the photo's colours alone at the border, not the subject's own
    assert off[matte.alpha == 0].max() < 1.5 / 255


def test_the_spot_channel_of_a_tiff_behind_its_alpha(seen):
    # of a TIFF without alpha it takes the first extra channel for one, whatever the file says
    folder, said = seen
    photo, matte, options = drawn("rgb8")
    (channel,) = entries(said, "clear.tif", "channel")
    plate = white_plate(photo, matte.alpha, options.spot).levels
    np.testing.assert_array_equal(alone(exported(folder / f"clear.tif-{channel['name']}.png")), plate)
    shown = exported(folder / "clear.tif-seen.png")[..., ::-1]
    opaque = matte.alpha == 255
    np.testing.assert_array_equal(shown[opaque], photo.samples[opaque])
