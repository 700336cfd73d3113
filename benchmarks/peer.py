"""Against rembg, in one run: python benchmarks/peer.py --peer-python PEER/bin/python [--model NAME|FILE.onnx].

PEER is an environment with `pip install "rembg[cpu]"`. Both sides run the same network weights, ours through deepetch,
theirs through rembg's session for models of a user's own (`u2net_custom`, 320 x 320 pixels, the same mean and
deviation), on the same photo, with what each does by default: deepetch follows the photo's edges and cleans the
colours along them, rembg enlarges the mask and applies it. Both write a PNG with transparency; deepetch also waits
until it is stored (fsync). deepetch keeps the photo's proportions: of a 4:3 photo its network sees 256 x 320 pixels.

Exactly what is timed, on the wall clock, as the median of the repeats, the two sides taking turns:
warm     both processes live side by side with the model loaded and one photo cut before, which does not count; then
         the other one waits while one goes from the photo's path to the finished file.
process  a whole process that cuts one photo: the interpreter, imports, loading the model, the photo. One run before
         is not counted.
memory   the largest resident set of those processes, as the kernel states it.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from machine import machine_name
from speed import ENVIRONMENT, photograph, run_alone

OURS = """
import sys, time
from deepetch import SaveOptions, cut_out, load_model, read_photo
model, photo, output = sys.argv[1:]
loaded = load_model(model)
def cut():
    cut_out(read_photo(photo), loaded).save(output, SaveOptions(overwrite=True))
"""
THEIRS = """
import os, sys, time
from pathlib import Path
from rembg import new_session, remove
model, photo, output = sys.argv[1:]
os.environ["U2NET_HOME"] = os.path.dirname(os.path.abspath(model))  # it takes models from one folder only
session = new_session("u2net_custom", model_path=model)
def cut():
    Path(output).write_bytes(remove(Path(photo).read_bytes(), session=session))
"""
ONCE = "cut()"
AS_ASKED = """
for _ in sys.stdin:
    began = time.perf_counter()
    cut()
    print(time.perf_counter() - began, flush=True)
"""
FASTER, LIGHTER = 3.0, 2.0  # what deepetch promises


@dataclass
class Side:
    """One of the two programs, and what was measured of it."""

    python: Path
    program: str
    output: Path
    warm: list[float] = field(default_factory=list)
    process: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)

    def command(self, ending: str, model: Path, photo: Path) -> list[str]:
        return [str(self.python), "-c", self.program + ending, str(model), str(photo), str(self.output)]


def measure_warm(sides: list[Side], model: Path, photo: Path, repeats: int) -> None:
    """Let the sides take turns in two processes that stay."""
    workers = [
        subprocess.Popen(
            side.command(AS_ASKED, model, photo),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
            env=ENVIRONMENT,
        )
        for side in sides
    ]
    for turn in range(repeats + 1):
        for side, worker in zip(sides, workers, strict=True):
            assert worker.stdin is not None
            assert worker.stdout is not None
            worker.stdin.write("\n")
            answer = worker.stdout.readline()
            if not answer:
                raise SystemExit(f"{side.python}: ended with {worker.wait()}")
            if turn:
                side.warm.append(float(answer))
    for worker in workers:
        worker.communicate()


def measure_processes(sides: list[Side], model: Path, photo: Path, repeats: int) -> None:
    """Let the sides take turns in processes that cut one photo and end."""
    for turn in range(repeats + 1):
        for side in sides:
            seconds, megabytes = run_alone(side.command(ONCE, model, photo))
            if turn:
                side.process.append(seconds)
                side.memory.append(megabytes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer-python", type=Path, required=True, help="the Python of rembg's environment")
    parser.add_argument("--model", default="default", help="a model's name or an ONNX file")
    parser.add_argument("--megapixels", type=int, nargs="+", default=[1, 12])
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()

    from deepetch.inference.registry import find_model

    model = find_model(arguments.model).file
    peer = "import importlib.metadata as m; print(', '.join(f'{n} {m.version(n)}' for n in ('rembg', 'onnxruntime')))"
    versions = subprocess.run([arguments.peer_python, "-c", peer], check=True, capture_output=True, text=True).stdout
    print(f"{machine_name()}; {versions.strip()}; model {arguments.model}\n")
    print("| photo | measured | deepetch | rembg | ratio | promised | |\n|---|---|---:|---:|---:|---:|---|", flush=True)
    for megapixels in arguments.megapixels:
        photo = photograph(megapixels)
        ours, theirs = sides = [
            Side(Path(sys.executable), OURS, photo.with_name(f"ours-{megapixels}.png")),
            Side(arguments.peer_python, THEIRS, photo.with_name(f"theirs-{megapixels}.png")),
        ]
        measure_processes(sides, model, photo, arguments.repeats)
        measure_warm(sides, model, photo, arguments.repeats)
        for name, mine, other, digits, unit, promised in (
            ("warm", statistics.median(ours.warm), statistics.median(theirs.warm), 2, "s", FASTER),
            ("process", statistics.median(ours.process), statistics.median(theirs.process), 2, "s", FASTER),
            ("memory", max(ours.memory), max(theirs.memory), 0, "MB", LIGHTER),
            ("file", ours.output.stat().st_size / 1e6, theirs.output.stat().st_size / 1e6, 1, "MB", None),
        ):
            ratio = other / mine
            verdict = "" if promised is None else "holds" if ratio >= promised else "MISSED"
            figures = f"{mine:.{digits}f} {unit} | {other:.{digits}f} {unit} | {ratio:.1f}"
            print(f"| {megapixels} MP | {name} | {figures} | {promised or ''} | {verdict} |", flush=True)


if __name__ == "__main__":
    main()
