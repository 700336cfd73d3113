"""Training throughput of the classic U-Net against Keras: python benchmarks/train_step.py [--keras-python FILE].

The same network of 31,032,837 parameters, the same batch, Adam and cross-entropy, the faster of the steps after warming
up. Beside it: what the data pipeline delivers, the step's share of the machine's peak, and memory over epochs.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from machine import machine_name
from torch.utils.flop_counter import FlopCounterMode

from deepetch.datasets.pack import Pack
from deepetch.options import TrainOptions
from deepetch.training.batch import Batch
from deepetch.training.fit import fit
from deepetch.training.learner import Learner
from deepetch.training.networks.build import build_network, parameter_count
from deepetch.training.squares import CPU
from deepetch.training.stream import make_batches

CLASSIC = TrainOptions(network="unet", optimizer="adam", loss="cross-entropy", schedule="constant", averaging=0.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--keras-python", default=sys.executable, help="of an environment that has Keras")
    parser.add_argument("--keras-backends", default="torch", help="that it has: jax,torch,tensorflow")
    parser.add_argument("--compile", action="store_true")
    asked = parser.parse_args()
    device = torch.device("cuda") if torch.cuda.is_available() else CPU
    name = torch.cuda.get_device_name() if device.type == "cuda" else machine_name()
    print(f"classic U-Net, batch {asked.batch}, {asked.size} px, on {name}\n")

    flops = step_flops(asked.batch, asked.size)
    peak = peak_flops(device)
    print("| step | pictures/s | TFLOP/s | of the measured peak |")
    print("|---|---|---|---|")
    speeds = {}
    for precision in ("bf16-mixed", "32-true"):
        speeds[precision] = ours(asked.batch, asked.size, asked.steps, precision, device, compiled=asked.compile)
        rate = flops / asked.batch * speeds[precision] / 1e12
        print(
            f"| deepetch, {precision} | {speeds[precision]:.2f} | {rate:.3f} | {1e12 * rate / peak:.0%} |", flush=True
        )
    for backend in asked.keras_backends.split(","):
        speed = keras(asked.keras_python, backend, asked.batch, asked.size, asked.steps)
        print(f"| Keras on {backend} | {speed:.2f} | {flops / asked.batch * speed / 1e12:.3f} | |", flush=True)
        print(f"| ratio to Keras on {backend} | {speeds['bf16-mixed'] / speed:.1f} | | |", flush=True)

    print("\n| data, one process | pictures/s |\n|---|---|")
    pack = drawn_pack(64, 320)
    for augmentation in ("classic", "studio"):
        options = TrainOptions(augmentation=augmentation, size=asked.size, batch=asked.batch)
        batches = make_batches(pack, options, device if device.type == "cuda" else None)
        seconds = fastest(lambda index, batches=batches: batches.draw(index), 8, device)
        print(f"| {augmentation} | {asked.batch / seconds:.0f} |")

    print("\n| memory after | MB |\n|---|---|")
    for epochs, memory in memory_over_epochs(drawn_pack(16, 64)):
        print(f"| {epochs} epochs | {memory:.0f} |")


def ours(batch: int, size: int, steps: int, precision: str, device: torch.device, *, compiled: bool) -> float:
    """Pictures a second of one training step: forward, loss, backward, Adam."""
    options = TrainOptions(**{**CLASSIC.__dict__, "precision": precision, "compile": compiled})  # type: ignore[arg-type]
    network = build_network("unet").to(device)
    learner = Learner(network, options, steps=100).to(device)
    optimizer = learner.configure_optimizers()["optimizer"]
    given = Batch(
        torch.rand(batch, 3, size, size, device=device), (torch.rand(batch, 1, size, size, device=device) > 0.5).float()
    )

    def step(index: int) -> None:
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast(device.type, torch.bfloat16, enabled=precision == "bf16-mixed"):
            loss = learner.training_step(given, index)["loss"]
        loss.backward()
        optimizer.step()

    return batch / fastest(step, steps, device)


def fastest(work: Callable[[int], object], times: int, device: torch.device) -> float:
    """Seconds of the fastest of some calls, after one to warm up."""
    seconds = []
    for index in range(times + 1):
        began = time.perf_counter()
        work(index)
        if device.type == "cuda":
            torch.cuda.synchronize()
        seconds.append(time.perf_counter() - began)
    return min(seconds[1:])


def keras(python: str, backend: str, batch: int, size: int, steps: int) -> float:
    program = Path(__file__).parent / "keras_step.py"
    environment = os.environ | {"KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [python, program, *map(str, (batch, size, steps))]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    answer = json.loads(done.stdout.splitlines()[-1])
    assert answer["parameters"] == parameter_count(build_network("unet")), "another network"
    return float(answer["pictures_per_second"])


def step_flops(batch: int, size: int) -> float:
    """Floating-point operations of one forward and backward pass, counted on a smaller picture and scaled."""
    network = build_network("unet")
    with FlopCounterMode(display=False) as counter:
        network(torch.zeros(1, 3, 64, 64)).logits.sum().backward()
    return counter.get_total_flops() * batch * (size / 64) ** 2


def peak_flops(device: torch.device, side: int = 2048) -> float:
    """Operations a second of a large bfloat16 matrix product."""
    a, b = (torch.rand(side, side, device=device, dtype=torch.bfloat16) for _ in range(2))
    return 2 * side**3 / fastest(lambda index: a @ b, 10, device)


def drawn_pack(count: int, size: int) -> Pack:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (count, size, size, 3), np.uint8)
    alphas = np.zeros((count, size, size), np.uint8)
    alphas[:, size // 4 : -size // 4, size // 4 : -size // 4] = 255
    content = np.tile(np.array([[0, 0, 1, 1]], np.float32), (count, 1))
    rows = [{"name": str(i), "kind": "people", "source": "", "split": "train"} for i in range(count)]
    return Pack(images, alphas, content, rows)


def memory_over_epochs(pack: Pack) -> list[tuple[int, float]]:
    """Resident memory of this process after more and more epochs of one narrow run, in MB."""
    found = []
    options = TrainOptions(channels=(8, 8, 8, 8, 8), size=64, batch=4, augmentation="classic", workers=0, epochs=1)
    with tempfile.TemporaryDirectory() as folder:
        for epochs in (2, 20, 60):
            fit(pack, Path(folder), TrainOptions(**{**options.__dict__, "epochs": epochs}))  # type: ignore[arg-type]
            found.append((epochs, resident()))
    return found


def resident() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


if __name__ == "__main__":
    main()
