"""A soft proof: on an sRGB screen, what a CMYK picture will look like in print."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import numpy as np
import pyvips
from numpy.typing import NDArray

from deepetch.arrays import Samples
from deepetch.errors import UnsupportedOutput
from deepetch.options import SaveOptions
from deepetch.photo.icc import profile_fault
from deepetch.photo.photo import Metadata, Photo
from deepetch.photo.view import srgb_profile, vips_image
from deepetch.photo.write import write_picture


def soft_proof(photo: Photo, *, paper: bool = False) -> NDArray[np.uint8]:
    """Show a CMYK photo as its own ICC profile says that it prints.

    paper    False: relative colorimetric, so that bare paper is the screen's white; True: absolute colorimetric, with
             the paper's own tint and lightness. Neither compensates the black point: black is as grey as its ink.
    Returns  (h, w, 3) sRGB. Colours that a screen lacks are those nearest that it has. A pixel's alpha counts nothing.
    Raises   UnsupportedOutput for a photo that is not CMYK, or one without an ICC profile that can be used.
    """
    if photo.space != "cmyk":
        raise UnsupportedOutput("a proof shows CMYK in print, and the picture is not CMYK. Deliver it for print first.")
    profile = photo.metadata.profile
    if profile is None or (fault := profile_fault(profile, "cmyk")):
        why = "has no ICC profile" if profile is None else f"has an ICC profile that {fault}"
        raise UnsupportedOutput(f"no proof: the picture {why}, so that its inks' colours are not known.")
    if not photo.samples.size:
        return np.zeros((*photo.samples.shape[:2], 3), np.uint8)
    image = vips_image(cast(Samples, np.ascontiguousarray(photo.samples)), "cmyk").copy()
    image.set_type(pyvips.GValue.blob_type, "icc-profile-data", profile)
    shown = image.icc_transform(
        "srgb", embedded=True, intent="absolute" if paper else "relative", black_point_compensation=False, depth=8
    )
    return cast(NDArray[np.uint8], shown.numpy())


def write_proof(path: Path, photo: Photo, *, paper: bool = False, overwrite: bool = False) -> None:
    """Write the soft proof of a CMYK photo, with its alpha, as an 8-bit PNG with sRGB's profile.

    Raises  UnsupportedOutput as `soft_proof`; OutputExists, OutputFailed.
    """
    alpha = photo.alpha
    if alpha is not None and alpha.dtype == np.uint16:
        alpha = np.rint(alpha / 257).astype(np.uint8)
    metadata = Metadata(profile=srgb_profile(), density=photo.metadata.density)
    write_picture(
        path,
        soft_proof(photo, paper=paper),
        "rgb",
        alpha=alpha,
        metadata=metadata,
        options=SaveOptions(overwrite=overwrite),
    )
