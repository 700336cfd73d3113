"""`deepetch cut`: photos in, cut-outs out."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from deepetch.cli.arguments import Json, ModelName, Overwrite, models_folder, require_choice
from deepetch.cli.delivering import (
    Job,
    OwnProfiles,
    Target,
    asked_profiles,
    delivery_jobs,
    name_fields,
    require_profile,
    shadow_from,
    with_views,
)
from deepetch.cli.given import Given, given_from
from deepetch.cli.things import cut_things, require_classes, wanted_things
from deepetch.errors import DeepetchError, InvalidOptions, OutputError
from deepetch.options import (
    ClassicalMethod,
    CutOptions,
    EdgeOptions,
    ForegroundMethod,
    MatteOptions,
    RefineMethod,
    SaveOptions,
    ShadowKind,
    ShadowOptions,
    TiffCompression,
    spot_from,
)

if TYPE_CHECKING:
    from deepetch.cutout import Cutout
    from deepetch.deliver.deliver import View
    from deepetch.matte.refine import Progress
    from deepetch.photo.photo import Photo
    from deepetch.segment.segment import Segmenter

LONG_SUFFIXES = {".jpeg": ".jpg", ".tiff": ".tif"}
FORMATS = ("png", "jpg", "webp", "tif", "avif", "psd")


def cut(
    photos: Annotated[list[Path], typer.Argument(help="Photos, or folders of them.", show_default=False)],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A file, or a folder. Default: NAME-cutout beside each photo.")
    ] = None,
    background: Annotated[
        str | None,
        typer.Option(
            help=f"transparent, white, '#rrggbb', blend, or a picture. Default: {SaveOptions.background}, or the "
            "profile's."
        ),
    ] = None,
    file_format: Annotated[
        str | None,
        typer.Option(
            "--format", help=f"{', '.join(FORMATS)}. Default: png when transparent, else jpg, or the profile's first."
        ),
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option(help="Deliver as these channels want it: amazon-main,ebay (`deepetch profiles list`)."),
    ] = None,
    own_profiles: OwnProfiles = None,
    icc: Annotated[
        Path | None, typer.Option(help="The ICC profile that a channel leaves to you, such as a printer's.")
    ] = None,
    gtin: Annotated[str | None, typer.Option(help="For a profile's file names: the number under the bar code.")] = None,
    asin: Annotated[str | None, typer.Option(help="Likewise Amazon's number.")] = None,
    field: Annotated[
        list[str] | None,
        typer.Option(
            help="Likewise any other: facing=1, angle=C, state=1, type=A, variant=PT01, sku=...", show_default=False
        ),
    ] = None,
    same_scale: Annotated[
        bool,
        typer.Option(
            "--same-scale", help="With --profile: the photos of a folder are views of one product, at one scale."
        ),
    ] = False,
    model: ModelName = "default",
    refine: Annotated[
        str | None,
        typer.Option(help=f"{', '.join(get_args(RefineMethod))}. Default: refiner; closed-form for a trimap."),
    ] = None,
    refiner: Annotated[
        str, typer.Option(help="The network of --refine refiner: default, or an ONNX file of deepetch export.")
    ] = MatteOptions.refiner,
    mask: Annotated[
        Path | None,
        typer.Option(help="Instead of a model: a mask or alpha of the photo, or a folder of them; only refined."),
    ] = None,
    trimap: Annotated[
        Path | None, typer.Option(help="Likewise a trimap: white is subject, black is not, grey is to be found out.")
    ] = None,
    scribble: Annotated[
        Path | None, typer.Option(help="Likewise strokes: white on what is subject, black on what is not.")
    ] = None,
    radius: Annotated[
        float, typer.Option(help="Half-width of the band that refinement may change, in pixels; 0: by the network's.")
    ] = EdgeOptions.radius,
    smooth: Annotated[float, typer.Option(help="Even out wiggles of the contour, in pixels.")] = EdgeOptions.smooth,
    feather: Annotated[float, typer.Option(help="Blur the edge: standard deviation in pixels.")] = EdgeOptions.feather,
    contrast: Annotated[float, typer.Option(help="Harden the edge: 0 to 1.")] = EdgeOptions.contrast,
    shift_edge: Annotated[
        float, typer.Option(help="Move the edge by so many pixels, outwards if positive.")
    ] = EdgeOptions.shift_edge,
    foreground: Annotated[
        str, typer.Option(help=f"How the border's own colours are estimated: {', '.join(get_args(ForegroundMethod))}.")
    ] = MatteOptions.foreground,
    decontaminate: Annotated[
        float, typer.Option(min=0, max=1, help="How much of the old background is taken out of the border's colours.")
    ] = MatteOptions.decontaminate,
    convert_to: Annotated[str | None, typer.Option(help="srgb, for formats that cannot hold CMYK.")] = None,
    quality: Annotated[int, typer.Option(min=1, max=100, help="Of JPEG, lossy WebP and AVIF.")] = SaveOptions.quality,
    lossless: Annotated[bool, typer.Option("--lossless", help="Lossless WebP and AVIF.")] = SaveOptions.lossless,
    tiff_compression: Annotated[
        str, typer.Option(help=f"Of TIFF: {', '.join(get_args(TiffCompression))}; all keep every value.")
    ] = SaveOptions.tiff_compression,
    path: Annotated[
        bool, typer.Option("--path", help="A clipping path in JPEG too; PSD and TIFF hold one without asking.")
    ] = SaveOptions.path,
    shadow: Annotated[
        str,
        typer.Option(
            help=f"Beneath the subject: {', '.join(get_args(ShadowKind))}; own is the photo's. A layer in PSD."
        ),
    ] = ShadowOptions.kind,
    shadow_opacity: Annotated[
        float | None, typer.Option(help="How strong it is, 0 to 1. Default: by its kind.", show_default=False)
    ] = None,
    shadow_blur: Annotated[
        float, typer.Option(help="How soft a drop or contact shadow is, as a share of the subject's height.")
    ] = ShadowOptions.blur,
    spot_white: Annotated[
        str | None,
        typer.Option(help="A plate of white ink in PSD or TIFF, that far inside the edge: 2px, 0.2mm or 0."),
    ] = None,
    instances: Annotated[
        bool, typer.Option("--instances", help="One file a thing, NAME-1 and on from left to right.")
    ] = False,
    classes: Annotated[
        str | None, typer.Option(help="Of --instances only these, with commas between; of a model that knows classes.")
    ] = None,
    min_size: Annotated[
        float | None, typer.Option(help="Of --instances none smaller than this share of the picture. Default: 0.002.")
    ] = None,
    overlay: Annotated[
        bool, typer.Option("--overlay", help="With --instances also NAME-things.jpg, which shows which is which.")
    ] = False,
    always: Annotated[
        bool, typer.Option("--always", help="Cut out what there is, however sure it is that this is no subject.")
    ] = False,
    threads: Annotated[int, typer.Option(min=0, help="Of the network; 0: all cores.")] = 0,
    overwrite: Overwrite = False,
    as_json: Json = False,
) -> None:
    """Cut the subject out of photos.

    Opaque pixels stay bit for bit what they were, wherever the format can hold them. With --profile each photo is cut
    once and written once for each channel: framed, in its colours, size and format, and named by its rule.
    """
    from deepetch.deliver.background import parse_background
    from deepetch.deliver.naming import plan_outputs
    from deepetch.photo.read import read_photo
    from deepetch.segment.segment import load_segmenter

    refine = refine or (MatteOptions.refine if trimap is None and scribble is None else "closed-form")
    require_choice("--refine", refine, get_args(RefineMethod))
    if (trimap or scribble) and refine not in get_args(ClassicalMethod):
        raise InvalidOptions(f"--refine {refine} uses no trimap; choose one of {', '.join(get_args(ClassicalMethod))}.")
    if mask and refine == "soft":
        raise InvalidOptions("--refine soft needs a model, not a mask; choose another method.")
    if radius and (refine == "none" or trimap or scribble):
        raise InvalidOptions("--radius: there is no band to widen with a trimap or without refinement; leave it out.")
    if refine == "refiner":
        from deepetch.inference.refiner import load_refiner

        load_refiner(refiner, threads=threads)
    elif refiner != MatteOptions.refiner:
        raise InvalidOptions(f"--refiner is the network of --refine refiner; got --refine {refine}.")
    if refine == "soft":
        from deepetch.matte.soft_segmentation import require_scipy

        require_scipy()
    if refine in get_args(ClassicalMethod):
        from deepetch.matte.classical import require_matting

        require_matting()
    require_choice("--foreground", foreground, get_args(ForegroundMethod))
    if convert_to is not None:
        require_choice("--convert-to", convert_to, ("srgb",))
    require_choice("--tiff-compression", tiff_compression, get_args(TiffCompression))
    wanted = wanted_things(instances, classes, min_size, overlay=overlay, profile=profile)
    behind = parse_background(background or SaveOptions.background)
    suffix = file_format or ("png" if behind.kind == "transparent" else "jpg")
    require_choice("--format", suffix, FORMATS)
    if profile is None:
        named = {"--gtin": gtin, "--asin": asin, "--field": field}
        require_profile({"--profiles": own_profiles, "--icc": icc, **named, "--same-scale": same_scale})
    matte = MatteOptions(
        refine=refine,  # type: ignore[arg-type]
        refiner=refiner,
        threads=threads,
        foreground=foreground,  # type: ignore[arg-type]
        decontaminate=decontaminate,
    )
    edge = EdgeOptions(radius=radius, smooth=smooth, feather=feather, contrast=contrast, shift_edge=shift_edge)
    cutting = CutOptions(matte=matte, edge=edge)
    if always:
        cutting = replace(cutting, min_subject=0.0, min_confidence=0.0, min_presence=0.0)
    saving = SaveOptions(
        background=background or SaveOptions.background,
        convert_to=convert_to,  # type: ignore[arg-type]
        quality=quality,
        lossless=lossless,
        tiff_compression=tiff_compression,  # type: ignore[arg-type]
        path=path,
        shadow=shadow_from(shadow, opacity=shadow_opacity, blur=shadow_blur),
        spot=None if spot_white is None else spot_from(spot_white),
        overwrite=overwrite,
    )
    if profile is None:
        tasks = plan_outputs(photos, output, f".{suffix}")
        ending = tasks[0].output.suffix.lower()
        if file_format is not None and LONG_SUFFIXES.get(ending, ending) != f".{suffix}":
            raise InvalidOptions(f"--format {file_format} and -o {output} contradict each other; leave one out.")
        jobs = [Job(task.photo, (Target(output=task.output),)) for task in tasks]
    else:
        profiles = asked_profiles(profile, own_profiles, saving, background=background, file_format=file_format)
        fields = name_fields(field or [], gtin=gtin, asin=asin)
        jobs = delivery_jobs(photos, output, profiles, fields, background=background, icc=icc)
    given = given_from(mask, trimap, scribble, [job.photo for job in jobs])
    make_folders([target.output for job in jobs for target in job.targets], output)
    picture = read_photo(behind.path) if behind.path is not None else None
    source = given or load_segmenter(model, threads=threads, folder=models_folder())
    if refine == "soft" and not isinstance(source, Given):
        source.require_features()
    if wanted is not None:
        require_classes(wanted, source)
    if same_scale:
        jobs = with_views(progress(jobs, "Measuring"), lambda photo: view_or_none(photo, source, cutting))
    failed = files = 0
    for job in progress(jobs):
        with tile_progress(shown=len(jobs) == 1) as tiles:
            if wanted is None:
                results = cut_one(job, source, cutting, saving, picture, tiles)
            else:
                blank = blank_result(job, job.targets[0], source)
                results = cut_things(job, source, cutting, saving, picture, tiles, wanted=wanted, blank=blank)
            for result in results:
                files += 1
                failed += result["output"] is None
                say(result, as_json=as_json)
    if failed:
        if files > 1:
            things = "photos" if profile is None and wanted is None else "files"
            typer.echo(f"deepetch: {failed} of {files} {things} failed.", err=True)
        raise typer.Exit(1)


def cut_one(
    job: Job,
    source: Segmenter | Given,
    cutting: CutOptions,
    saving: SaveOptions,
    picture: Photo | None = None,
    tiles: Progress | None = None,
) -> Iterator[dict[str, Any]]:
    """One photo, cut once, to its files; what went wrong is in `warnings`, and `output` is then None."""
    from deepetch.matte.refine import silent
    from deepetch.photo.atomic import require_free
    from deepetch.photo.read import read_photo

    photo: Photo | None = None
    cutout: Cutout | None = None
    failure: DeepetchError | None = None  # of reading or cutting, which no other file would change
    for target in job.targets:
        began = time.perf_counter()
        result = blank_result(job, target, source)
        try:
            require_free(target.output, overwrite=saving.overwrite)
            if photo is None and failure is None:
                photo = read_photo(job.photo)
            if photo is not None:
                result |= {"width": photo.width, "height": photo.height, "warnings": list(photo.warnings)}
            if failure is not None:
                raise failure
            if cutout is None and photo is not None:
                cutout = cut_by(source, photo, job.photo, cutting, tiles or silent)
            assert cutout is not None
            result |= {"foreground": round(cutout.foreground, 4)}
            if cutout.confidence is not None:
                result["confidence"] = round(cutout.confidence, 4)
            result["warnings"] += target.write(cutout, saving, picture)
            result["output"] = str(target.output)
        except DeepetchError as error:
            result["warnings"].append(str(error))
            if cutout is None and not isinstance(error, OutputError):
                failure = error
        except MemoryError:
            result["warnings"].append("not enough memory for a photo of this size. Close other programs or reduce it.")
        result["seconds"] = round(time.perf_counter() - began, 3)
        yield result


def cut_by(source: Segmenter | Given, photo: Photo, path: Path, cutting: CutOptions, progress: Progress) -> Cutout:
    """Cut a photo out by a model or by what is given for it. Raises as `cut_out`, `Given.cut_out`."""
    from deepetch.cutout import cut_out

    if isinstance(source, Given):
        return source.cut_out(photo, path, cutting, progress)
    return cut_out(photo, source, cutting, progress=progress)


def view_or_none(path: Path, source: Segmenter | Given, cutting: CutOptions) -> View | None:
    """Where the subject of a photo lies; None if that cannot be told."""
    from deepetch.deliver.deliver import view_of
    from deepetch.matte.refine import silent
    from deepetch.photo.read import read_photo

    try:
        cutout = cut_by(source, read_photo(path), path, cutting, silent)
        return view_of(cutout.photo, cutout.matte)
    except (DeepetchError, MemoryError):
        return None


def blank_result(job: Job, target: Target, source: Segmenter | Given) -> dict[str, Any]:
    """The fields of a result before anything was done."""
    result: dict[str, Any] = {
        "input": str(job.photo),
        "output": None,
        "width": None,
        "height": None,
        "seconds": None,
        "model": "given" if isinstance(source, Given) else source.spec.name,
        "confidence": None,
        "foreground": None,
        "warnings": [],
    }
    return result if target.profile is None else result | {"profile": target.profile.name}


def say(result: dict[str, Any], *, as_json: bool) -> None:
    """One line a photo on standard output; what failed, and warnings, on standard error."""
    if as_json:
        typer.echo(json.dumps(result))
        return
    *notes, last = result["warnings"] or [""]
    if result["output"] is None:
        prefix = "" if last.startswith(result["input"]) else f"{result['input']}: "
        typer.echo(f"deepetch: {prefix}{last}", err=True)
    else:
        notes = result["warnings"]
        sure = "" if result["confidence"] is None else f"  confidence {result['confidence']:.2f}"
        thing = f"  {result['class']} {result['score']:.2f}" if result.get("class") else ""
        typer.echo(f"{result['input']} -> {result['output']}{thing}{sure}  {result['seconds']:.1f} s")
    for note in notes:
        typer.echo(f"  note: {note}", err=True)


def make_folders(files: Sequence[Path], output: Path | None) -> None:
    """Make the output folder and its sub-folders, or those beside the photos; the folder that it lies in must exist.

    Raises  InvalidOptions when it does not, or a folder cannot be made.
    """
    folders = sorted({file.parent for file in files})
    if output is None:
        folders = [folder for folder in folders if folder.parent.is_dir() and not folder.is_dir()]
        output = Path()
    named = output if any(folder.is_relative_to(output) for folder in folders) else output.parent
    if named == output and not output.parent.is_dir():
        raise InvalidOptions(f"{output.parent}: no such folder. Make it first.")
    if named != output and not named.is_dir():
        raise InvalidOptions(f"{named}: no such folder. Make it first.")
    for folder in folders:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InvalidOptions(f"{folder}: the folder cannot be made ({error.strerror}).") from error


def progress(jobs: Sequence[Job], doing: str = "Cutting") -> Iterator[Job]:
    """The jobs, with a bar when there are several and a person looks at standard error."""
    import sys

    if len(jobs) < 2 or not sys.stderr.isatty():
        yield from jobs
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(jobs, description=doing, console=Console(stderr=True))


@contextmanager
def tile_progress(*, shown: bool) -> Iterator[Progress | None]:
    """A bar for the tiles of a matting method, when a person looks at standard error; else None."""
    import sys

    if not shown or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        row = None

        def advance(done: int, tiles: int) -> None:
            nonlocal row
            row = bar.add_task("Refining", total=tiles) if row is None else row
            bar.update(row, completed=done, total=tiles)

        yield advance
