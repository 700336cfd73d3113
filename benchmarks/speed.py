"""Speed and memory against the limits of the project: python benchmarks/speed.py [--model NAME|FILE.onnx].

The photographs are drawn here: examples/packshot.jpg enlarged, with the noise and grain of a camera, so that the
files are as large as a camera's (12 megapixels: about 5 MB of JPEG, 4:2:0). They are kept in a temporary folder.

Exactly what is timed, always on the wall clock and as the median of the repeats:
warm     one process, the model loaded, one photo cut before and not counted; then from before `read_photo(path)` to
         after `Cutout.save(path)`: decoding, the network, the matte, encoding, storing on disk (fsync).
process  from starting the `deepetch` command to its end, with a disk cache and Python's byte code in place (one run
         before is not counted): the interpreter, the imports, loading the model, the photo.
memory   the largest resident set of a whole `deepetch cut` process that cuts one photo, as the kernel states it.
Every case runs in processes of its own, one after the other. Run it on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from machine import machine_name

SOURCE = Path(__file__).parents[1] / "examples" / "packshot.jpg"
# The kernel counts what a process holds before it becomes another program as that program's, so this process stays
# small: arrays and pictures are the business of its children.
COMMAND = Path(sys.executable).with_name("deepetch")
ENVIRONMENT = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}


@dataclass(frozen=True)
class Case:
    """One line of the table; `limit` in seconds or megabytes, None for a figure without one."""

    name: str
    measure: Literal["warm", "process", "memory"]
    megapixels: int
    suffix: str
    limit: float | None


CASES = (
    Case("12 MP JPEG to white JPEG", "warm", 12, ".jpg", 0.8),
    Case("12 MP JPEG to transparent PNG", "warm", 12, ".png", 1.0),
    Case("100 MP JPEG to transparent PNG", "process", 100, ".png", None),
    Case("1 MP JPEG to transparent PNG", "process", 1, ".png", 1.0),
    Case("deepetch --help", "process", 0, "", 0.3),
    Case("12 MP JPEG to white JPEG", "memory", 12, ".jpg", 500),
    Case("12 MP JPEG to transparent PNG", "memory", 12, ".png", 500),
    Case("100 MP JPEG to white JPEG", "memory", 100, ".jpg", 1500),
    Case("100 MP JPEG to transparent PNG", "memory", 100, ".png", 1500),
)


def photograph(megapixels: int) -> Path:
    """The path of the test photo of that size; drawn, in a process of its own, if it is not there yet."""
    folder = Path(tempfile.gettempdir()) / "deepetch-benchmarks"
    folder.mkdir(exist_ok=True)
    path = folder / f"photo-{megapixels}.jpg"
    if not path.exists():
        subprocess.run([sys.executable, __file__, "--draw", str(megapixels), str(path)], check=True)
    return path


def draw(megapixels: int, path: Path) -> None:
    """Write the packshot at that size, 4:3, with noise in each colour and soft grain in all of them, seeded."""
    import cv2
    import numpy as np

    height = round((megapixels * 1e6 * 3 / 4) ** 0.5)
    width = round(height * 4 / 3)
    source = cv2.imread(str(SOURCE))
    if source is None:
        raise SystemExit(f"cannot read {SOURCE}")
    method = cv2.INTER_AREA if height < source.shape[0] else cv2.INTER_CUBIC
    picture = cv2.resize(source, (width, height), interpolation=method)
    random = np.random.default_rng(1)
    for top in range(0, height, 256):
        strip = picture[top : top + 256]
        grain = cv2.GaussianBlur(random.standard_normal(strip.shape[:2], np.float32), (0, 0), 0.7)
        noise = random.standard_normal(strip.shape, np.float32) * 2.0 + grain[..., None] * 13.0
        strip[:] = np.clip(np.rint(strip + noise), 0, 255)
    temporary = path.with_suffix(".new.jpg")
    settings = [cv2.IMWRITE_JPEG_QUALITY, 95, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420]
    if not cv2.imwrite(str(temporary), picture, settings):
        raise SystemExit(f"cannot write {temporary}")
    temporary.replace(path)


def warm_seconds(photo: Path, output: Path, model: str, repeats: int) -> list[float]:
    """Read, cut and save `repeats` times in this process; the first time does not count."""
    from deepetch import SaveOptions, cut_out, load_model, read_photo

    options = SaveOptions(background="white" if output.suffix == ".jpg" else "transparent", overwrite=True)
    loaded = load_model(model)
    seconds = []
    for _ in range(repeats + 1):
        began = time.perf_counter()
        cut_out(read_photo(photo), loaded).save(output, options)
        seconds.append(time.perf_counter() - began)
    return seconds[1:]


def run_alone(command: list[str]) -> tuple[float, float]:
    """Seconds and largest resident set, in megabytes of 10^6 bytes, of a whole process."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=ENVIRONMENT)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}: ended with {process.returncode}")
    kilobytes = usage.ru_maxrss / 1024 if sys.platform == "darwin" else usage.ru_maxrss
    return seconds, kilobytes * 1024 / 1e6


def measure(case: Case, model: str, repeats: int) -> float:
    """The figure of a case: median seconds, or the most megabytes of any run."""
    if not case.megapixels:
        return statistics.median([run_alone([str(COMMAND), "--help"])[0] for _ in range(repeats + 1)][1:])
    photo = photograph(case.megapixels)
    output = photo.with_name(f"cutout-{case.megapixels}{case.suffix}")
    if case.measure == "warm":
        worker = [sys.executable, __file__, "--warm", str(photo), str(output)]
        worker += ["--model", model, "--repeats", str(repeats)]
        answer = subprocess.run(worker, check=True, stdout=subprocess.PIPE, env=ENVIRONMENT).stdout
        return statistics.median(json.loads(answer))
    background = "white" if case.suffix == ".jpg" else "transparent"
    command = [str(COMMAND), "cut", str(photo), "-o", str(output), "--background", background, "--model", model]
    command += ["--overwrite"]
    if case.megapixels > 50:
        repeats = 1  # its figure hardly varies, and it takes long
    runs = [run_alone(command) for _ in range(repeats + (case.measure == "process"))]
    if case.measure == "process":
        return statistics.median([seconds for seconds, _ in runs[1:]])
    return max(megabytes for _, megabytes in runs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="default", help="a model's name or an ONNX file")
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--only", default="", help="cases whose name or kind holds this text")
    parser.add_argument("--draw", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--warm", nargs=2, type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.draw:
        draw(int(arguments.draw[0]), Path(arguments.draw[1]))
        return
    if arguments.warm:
        print(json.dumps(warm_seconds(*arguments.warm, arguments.model, arguments.repeats)))
        return
    chosen = [case for case in CASES if arguments.only in f"{case.name} {case.measure}"]
    for size in sorted({case.megapixels for case in chosen} - {0}):
        photo = photograph(size)
        print(f"{photo}: {photo.stat().st_size / 1e6:.1f} MB", file=sys.stderr)
    print(f"{machine_name()}; load before: {os.getloadavg()[0]:.2f}; model {arguments.model}\n")
    print("| case | measured | figure | limit | |\n|---|---|---:|---:|---|", flush=True)
    for case in chosen:
        value = measure(case, arguments.model, arguments.repeats)
        digits, unit = (0, "MB") if case.measure == "memory" else (2, "s")
        limit = "" if case.limit is None else f"{case.limit:g} {unit}"
        verdict = "" if case.limit is None else "holds" if value <= case.limit else "MISSED"
        print(f"| {case.name} | {case.measure} | {value:.{digits}f} {unit} | {limit} | {verdict} |", flush=True)


if __name__ == "__main__":
    main()
