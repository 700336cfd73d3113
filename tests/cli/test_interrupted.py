from __future__ import annotations

import signal
import subprocess
import sys

import pytest

# the real entry point, with one more command that waits to be stopped
CODE = """
import os, signal, sys, time
from deepetch.cli import main as entry

# a shell that starts tests in the background has them ignore SIGINT
signal.signal(signal.SIGINT, signal.default_int_handler)

@entry.app.command("wait")
def wait() -> None:
    try:
        os.kill(os.getpid(), signal.{name})
        time.sleep(60)
    finally:
        print("tidied up")

sys.argv = ["deepetch", "wait"]
entry.main()
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_command_that_is_stopped_tidies_up(name):
    done = subprocess.run(
        [sys.executable, "-c", CODE.format(name=name)], capture_output=True, text=True, timeout=50, check=False
    )
    assert done.stdout == "tidied up\n"
    assert done.returncode not in (0, -signal.SIGTERM)
    assert "Traceback" not in done.stderr
