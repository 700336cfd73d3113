"""The main path: a photo and a model in, a cut-out that can be saved out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from deepetch.arrays import Alpha, Levels, Samples, full_scale
from deepetch.deliver.background import composite, parse_background
from deepetch.deliver.deliver import deliver
from deepetch.deliver.path.path import ClippingPath, clipping_path
from deepetch.deliver.profiles import Profile
from deepetch.deliver.save import write_cutout
from deepetch.errors import InvalidOptions, NoSubject
from deepetch.inference.instance import Instance
from deepetch.matte.adjust import adjust_edges
from deepetch.matte.clean import clean_alpha, combine_alpha
from deepetch.matte.colours import border_colours
from deepetch.matte.matte import Matte
from deepetch.matte.refine import (
    Progress,
    refine_alpha,
    refine_mask,
    refine_softly,
    refine_trimap,
    silent,
)
from deepetch.matte.trimap import Trimap
from deepetch.measure.confidence import calibrated, expected_iou
from deepetch.options import CutOptions, PathOptions, SaveOptions, SoftOptions
from deepetch.photo.photo import Photo
from deepetch.photo.view import working_view
from deepetch.segment.segment import Segmenter, segment
from deepetch.segment.unet import view_side

SHRUNK = "nothing of the subject is left after the edge was smoothed and shifted. Ask for less."
HIDDEN = "no subject found: perhaps the file's own transparency hides it. Give the photo before it was cut out."


@dataclass(frozen=True, eq=False, kw_only=True)
class Cutout:
    """A photo, its matte, and what the model thinks of it.

    confidence  expected IoU of the mask, in [0, 1]; None where a user gave it.
    model       name of the model that drew it; "given" where a user did.
    instances   the things that it shows, from a model that tells them apart; see `instances.separate`.
    """

    photo: Photo
    matte: Matte
    confidence: float | None
    model: str
    instances: tuple[Instance, ...] = ()

    @property
    def alpha(self) -> Levels:
        """(h, w) uint8, or uint16 for a 16-bit photo."""
        return self.matte.alpha

    @property
    def foreground(self) -> float:
        """The subject's share of the picture, in [0, 1]."""
        return float(self.alpha.mean(dtype=np.float64) / full_scale(self.alpha))

    def over(self, background: str = "white", *, picture: Photo | None = None) -> tuple[Samples, Levels | None]:
        """Samples over a background as `SaveOptions.background` names it, and alpha when it is "transparent".

        picture  the background picture if it has been read already, one for many photos.
        """
        return composite(self.photo, self.matte, parse_background(background), picture=picture)

    def path(self, options: PathOptions = PathOptions()) -> ClippingPath:
        """The clipping path around what alpha shows to at least one half.

        Raises  NoSubject when nothing does.
        """
        return clipping_path(self.alpha, options)

    def save(
        self, path: str | Path, options: SaveOptions = SaveOptions(), *, picture: Photo | None = None
    ) -> tuple[str, ...]:
        """Write the cut-out in the format that the suffix of `path` names; .psd holds the photo with alpha as its mask.

        PSD and TIFF, and JPEG with `options.path`, hold `path()` too, whatever the background, named "Path 1". A shadow
        lies beneath the subject, in PSD as a layer; white ink is a channel of PSD and TIFF.
        picture  as for `over`.
        Returns  what the format could not hold as it was, one sentence each.
        Raises   InvalidOptions, NoShadow, UnsupportedOutput, OutputExists, OutputFailed; the file is then as it was
                 before.
        """
        return write_cutout(path, self.photo, self.matte, options, picture=picture)

    def deliver(
        self,
        path: str | Path,
        profile: Profile,
        options: SaveOptions = SaveOptions(),
        *,
        background: str | None = None,
        icc: str | Path | None = None,
        picture: Photo | None = None,
    ) -> tuple[str, ...]:
        """Write the file that a channel asks for: see `deliver.deliver`."""
        return deliver(self.photo, self.matte, profile, path, options, background=background, icc=icc, picture=picture)


def cut_out(
    photo: Photo, model: Segmenter, options: CutOptions = CutOptions(), *, progress: Progress = silent
) -> Cutout:
    """Cut the subject out of a photo.

    progress  of a classical method: called with how many tiles are done, and how many there are.
    Raises  NoSubject when the photo shows nothing to cut out, or nothing is left of it inside its shifted edge;
            ModelMismatch when the model cannot be used.
    """
    view = working_view(photo, view_side(model.spec, photo.height, photo.width))
    softly = options.matte.refine == "soft"
    found = segment(model, view, features=softly)
    coarse = clean_alpha(found.alpha, options.matte)
    try:
        confidence = subject_confidence(coarse, found.presence, model, options)
    except NoSubject as error:
        if photo.alpha is not None and not photo.alpha.all():
            raise NoSubject(HIDDEN) from error
        raise
    if softly:
        assert found.features is not None
        small = working_view(photo, SoftOptions.size)
        alpha = refine_softly(
            photo.samples, small, found.features, coarse, options.matte, radius=options.edge.radius, progress=progress
        )
    else:
        alpha = refine_alpha(photo.samples, coarse, options.matte, radius=options.edge.radius, progress=progress)
    cutout = _finished(photo, alpha, options, confidence=confidence, model=model.spec.name)
    return replace(cutout, instances=found.instances)


def cut_out_given(
    photo: Photo,
    options: CutOptions = CutOptions(),
    *,
    mask: Levels | None = None,
    trimap: Trimap | None = None,
    progress: Progress = silent,
) -> Cutout:
    """Cut out what a user's mask or trimap says is the subject: refinement only, no model.

    mask    (h, w) in the depth of the photo, see `read_mask`; its border is drawn again by `options.matte.refine`.
    trimap  (h, w) uint8, see `read_trimap`, `read_scribble`; solved by `options.matte.refine`, a classical method.
    Raises  InvalidOptions unless just one of them is given; NoSubject when it leaves nothing; as `refine_mask`,
            `refine_trimap`.
    """
    if (mask is None) == (trimap is None):
        raise InvalidOptions("expected either a mask or a trimap.")
    if trimap is not None:
        alpha = refine_trimap(photo.samples, trimap, options.matte, progress=progress)
    else:
        assert mask is not None
        alpha = refine_mask(photo.samples, mask, options.matte, radius=options.edge.radius, progress=progress)
    return _finished(photo, alpha, options, confidence=None, model="given")


def _finished(photo: Photo, alpha: Levels, options: CutOptions, *, confidence: float | None, model: str) -> Cutout:
    """From an alpha at full size to a cut-out: the retoucher's controls, the file's own alpha, the border's colours."""
    if not alpha.any():
        raise NoSubject(f"no subject is left when its border is drawn by {options.matte.refine}. Use another method.")
    alpha = adjust_edges(alpha, options.edge)
    if not alpha.any():
        raise NoSubject(SHRUNK)
    alpha = combine_alpha(alpha, photo.alpha)
    if not alpha.any():
        raise NoSubject(HIDDEN)
    border = border_colours(photo.samples, alpha, photo.alpha, options.matte)
    return Cutout(photo=photo, matte=Matte(alpha, border), confidence=confidence, model=model)


def subject_confidence(coarse: Alpha, presence: float, model: Segmenter, options: CutOptions) -> float:
    """The expected IoU of a coarse alpha (h, w), in [0, 1].

    presence  probability that the picture shows a subject, as the model says it.
    Raises    NoSubject when it is lower, or the mask smaller or less sure, than the options allow.
    """
    share = np.count_nonzero(coarse >= 0.5) / coarse.size
    confidence = calibrated(expected_iou(coarse), model.spec.calibration)
    if share < options.min_subject or confidence < options.min_confidence or presence < options.min_presence:
        raise NoSubject(
            f"no subject found (presence {presence:.2f}, confidence {confidence:.2f}, {share:.1%} of the picture). "
            "Check that the photo shows a product or a person; --always cuts out what there is."
        )
    return confidence
