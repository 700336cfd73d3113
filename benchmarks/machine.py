"""What machine a figure was measured on."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


def machine_name() -> str:
    """Processor, cores and Python, e.g. "AMD EPYC, 2 cores, Python 3.11"."""
    processor = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [line.split(":", 1)[1].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line]
        processor = names[0] if names else processor
    return f"{processor}, {os.cpu_count()} cores, Python {platform.python_version()}"


def with_peak(work: Callable[[], T]) -> tuple[T, float]:
    """What a piece of work gives, and by how many 10^6 bytes the process grew at its highest in the meantime.

    NaN where the system cannot begin a peak anew (Linux can).
    """
    try:
        Path("/proc/self/clear_refs").write_text("5")
        before = _status("VmRSS")
    except OSError:
        return work(), float("nan")
    found = work()
    return found, max(0.0, (_status("VmHWM") - before) / 1e6)


def _status(name: str) -> int:
    """A line of the process's own status, in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))
