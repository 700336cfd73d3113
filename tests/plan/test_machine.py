from __future__ import annotations

import os
import subprocess
import sys

import pytest

from deepetch.errors import InvalidOptions
from deepetch.plan.machine import memory_limit, this_machine


def test_this_machine_has_cores_and_memory():
    machine = this_machine(gpu_memory=24.0)
    assert 1 <= machine.cores <= os.cpu_count()
    assert 0 < machine.memory < 100_000
    assert machine.gpu_memory == 24.0


@pytest.mark.parametrize("memory", [-1.0, float("nan"), float("inf")])
def test_memory_that_no_gpu_has_is_refused(memory):
    with pytest.raises(InvalidOptions, match="gpu_memory: expected GiB"):
        this_machine(gpu_memory=memory)


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="cores cannot be taken away here")
def test_cores_that_are_not_ours_do_not_count():
    code = "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"
    code += "from deepetch.plan.machine import this_machine; print(this_machine().cores)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "1\n"


@pytest.mark.parametrize(
    ("name", "text", "limit"),
    [
        ("memory.max", "2147483648\n", 2**31),
        ("memory.max", "max\n", None),
        ("memory/memory.limit_in_bytes", "1073741824\n", 2**30),
        ("other", "7", None),
    ],
)
def test_limit_of_a_container_is_read(tmp_path, name, text, limit):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(text)
    assert memory_limit(tmp_path) == limit
