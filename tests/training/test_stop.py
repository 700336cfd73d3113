from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace

import pytest

from deepetch.errors import TrainingStopped
from deepetch.training.checkpoint import LAST, read_checkpoint
from deepetch.training.fit import fit
from deepetch.training.stop import stop_on_signals


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_first_signal_asks_and_second_interrupts(number):
    before = signal.getsignal(number)
    with stop_on_signals() as request:
        assert not request.asked
        os.kill(os.getpid(), number)
        assert request.asked
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)
    assert signal.getsignal(number) is before


def test_a_thread_that_cannot_receive_signals_just_runs():
    seen = []

    def work():
        with stop_on_signals() as request:
            seen.append(request.asked)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [False]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_stopped_finishes_its_step_and_goes_on_later(tmp_path, pack, options, number):
    def stop(line):  # called after the 50th step
        os.kill(os.getpid(), number)

    long = replace(options, steps=52, validate_every=100)
    with pytest.raises(TrainingStopped, match="stopped at step 50; go on with `deepetch train --resume"):
        fit(pack, tmp_path, long, report=stop)
    assert read_checkpoint(tmp_path / LAST)["global_step"] == 50
    fit(pack, tmp_path, long)
    assert read_checkpoint(tmp_path / LAST)["global_step"] == 52


@pytest.mark.parametrize("workers", [0, 1])
def test_control_c_in_a_terminal_ends_the_command_with_one_line(tmp_path, pack_file, workers):
    """A terminal sends the signal to the whole group: to the processes that prepare batches too."""
    command = [sys.executable, "-m", "deepetch", "train", str(pack_file), "-o", str(tmp_path / "run")]
    command += ["--channels", "8,8,8,16,16", "--size", "64", "--batch", "2", "--steps", "100000"]
    command += ["--workers", str(workers)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout is not None
    process.stdout.readline()  # the first fifty steps are done
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert said.startswith("deepetch: stopped at step ")
    assert said.count("\n") == 1
    assert read_checkpoint(tmp_path / "run" / LAST)["global_step"] >= 50
