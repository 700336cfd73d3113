"""What a contestant costs: seconds and memory, taken in a process of its own, since two in one cannot be told apart.

    python -m deepetch.compare.cost

is that process: it reads what to do as JSON from standard input, and answers with JSON.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from deepetch.compare.contestant import open_contestant
from deepetch.errors import DeepetchError, ModelMismatch
from deepetch.options import MatteOptions, RefineMethod
from deepetch.photo.read import read_photo
from deepetch.plan.machine import processor_name, this_machine
from deepetch.report.report import Cost

STATUS = Path("/proc/self/status")


def measure_cost(
    given: str,
    photos: Sequence[Path],
    *,
    name: str = "",
    threads: int = 0,
    folder: Path | None = None,
    refine: RefineMethod = MatteOptions.refine,
) -> Cost:
    """Load a contestant in a new process, let it predict the first photo once for nothing, then all, one by one.

    given    as for `open_contestant`, and likewise threads and folder.
    photos   at least one, else ValueError.
    refine   how alpha is brought to full size.
    Returns  the median of the seconds, the reading of a photo not counted; and the most memory that the process held at
             any time, Python, libraries and the photo included. The file's size is left out.
    Raises   ModelMismatch, with `name`, when the process fails.
    """
    if not photos:
        raise ValueError("expected one photo or more to measure on")
    order = {
        "given": given,
        "photos": [str(path) for path in photos],
        "threads": threads,
        "refine": refine,
        "folder": None if folder is None else str(folder),
    }
    done = subprocess.run(
        [sys.executable, "-m", "deepetch.compare.cost"],
        input=json.dumps(order),
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout.strip().splitlines()
    answer = json.loads(said[-1]) if said and not done.returncode else {}
    if "seconds" not in answer:
        ended = done.stderr.strip().splitlines()[-1:] or [f"it ended with status {done.returncode}"]
        raise ModelMismatch(
            f"{name or given}: could not be timed in a process of its own: {answer.get('error', ended[0])}"
        )
    used = threads or this_machine().cores
    return Cost(
        ms_per_picture=1000 * median(answer["seconds"]),
        peak_bytes=answer["peak_bytes"],
        measured_on=f"{processor_name()}, {used} {'thread' if used == 1 else 'threads'}",
    )


def how_timed(pictures: int) -> str:
    """What a report says of `measure_cost`."""
    which = "one picture" if pictures == 1 else f"{pictures} pictures"
    return (
        f"Each model alone in a process of its own, on the same {which}: the median time from the photo in memory to "
        "its alpha at full size, after one run for nothing, and the most memory of the whole process, the libraries "
        "and the photo included. Other work on the machine at that time makes the figures worse."
    )


def work(order: dict[str, Any]) -> dict[str, Any]:
    """What the process answers: the seconds of each photo, and the bytes of memory at the peak; or an error."""
    try:
        threads = order["threads"]
        folder = order["folder"] and Path(order["folder"])
        contestant = open_contestant(order["given"], name="", threads=threads, folder=folder)
        options = MatteOptions(threads=threads, refine=order["refine"])
        contestant.predict(read_photo(order["photos"][0]), options)
        seconds = []
        for path in order["photos"]:
            photo = read_photo(path)
            began = time.perf_counter()
            contestant.predict(photo, options)
            seconds.append(time.perf_counter() - began)
    except DeepetchError as error:
        return {"error": str(error)}
    return {"seconds": seconds, "peak_bytes": peak_memory()}


def peak_memory() -> int | None:
    """The most bytes that this process has held in memory at once; None where the system does not say."""
    with contextlib.suppress(OSError):
        for line in STATUS.read_text().splitlines():
            if line.startswith("VmHWM:"):  # of this program alone; ru_maxrss would count what started it, too
                return int(line.split()[1]) * 1024
    try:
        import resource
    except ImportError:
        return None
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


if __name__ == "__main__":
    sys.stdout.write(json.dumps(work(json.load(sys.stdin))) + "\n")
