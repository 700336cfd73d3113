"""What a machine has for training."""

from __future__ import annotations

import contextlib
import math
import os
import platform
from dataclasses import dataclass
from pathlib import Path

from deepetch.errors import InvalidOptions

GIB = 2**30
CGROUP = Path("/sys/fs/cgroup")
CPUINFO = Path("/proc/cpuinfo")


@dataclass(frozen=True, kw_only=True)
class Machine:
    """memory in GiB; gpu_memory of one GPU in GiB, 0 without one; cores that a process may use."""

    memory: float
    cores: int
    gpu_memory: float = 0.0


def this_machine(*, gpu_memory: float = 0.0) -> Machine:
    """The machine we run on. Its GPU is not looked for, which would take a library that can train: say what it has.

    Raises  InvalidOptions for a GPU's memory that is no number or negative.
    """
    if not 0 <= gpu_memory < math.inf:
        raise InvalidOptions(f"gpu_memory: expected GiB, 0 without a GPU; got {gpu_memory}.")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit = memory_limit()
    gib = round((memory if limit is None else min(memory, limit)) / GIB, 1)
    return Machine(memory=gib, cores=cores, gpu_memory=gpu_memory)


def memory_limit(group: Path = CGROUP) -> int | None:
    """Bytes that the control group of this process, such as a container's, may use; None without a limit."""
    for name in ("memory.max", "memory/memory.limit_in_bytes"):  # of version 2, of version 1
        with contextlib.suppress(OSError, ValueError):  # no such file, or "max"
            return int((group / name).read_text())
    return None


def processor_name() -> str:
    """What the processor calls itself, or else its kind: "AMD EPYC 9R14", "arm64"."""
    with contextlib.suppress(OSError):
        for line in CPUINFO.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()
