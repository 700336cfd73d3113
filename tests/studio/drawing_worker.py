"""Stands in for Blender: a program that answers jobs as the worker does, with discs drawn by NumPy instead of light.

Each product is a disc of its own grey; the first one is behind the others. A file "fail" beside the program makes it
fail, a file "die" makes it end at its third job, the file's text its last words, a file "kill" be killed there, and
a file "stop" stop its parent as Ctrl-C does. Run as: python drawing_worker.py (jobs on standard input).
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path

import numpy as np
import OpenEXR


def main() -> None:
    for number, line in enumerate(sys.stdin, 1):
        folder = Path(line.rstrip("\n"))
        job = json.loads((folder / "scene.json").read_text())
        if number == 3 and Path(__file__).with_name("die").exists():
            print("Out of memory, says the drawing worker.", file=sys.stderr)
            print(Path(__file__).with_name("die").read_text(), file=sys.stderr)
            sys.exit(3)
        if number == 3 and Path(__file__).with_name("kill").exists():
            os.kill(os.getpid(), signal.SIGKILL)
        if number == 3 and Path(__file__).with_name("stop").exists():
            os.kill(os.getppid(), signal.SIGINT)
            time.sleep(60)
        if Path(__file__).with_name("fail").exists():
            print(json.dumps({"failed": str(folder), "why": "no texture"}), flush=True)
            continue
        draw(job, folder)
        print(json.dumps({"done": str(folder)}), flush=True)


def draw(job: dict, folder: Path) -> None:
    height, width = job["height"], job["width"]
    rows, columns = np.mgrid[:height, :width]
    count = len(job["products"])
    owner = np.zeros((height, width), int)
    for number in range(1, count + 1):
        middle = width * number / (count + 1)
        owner[np.hypot(rows - height / 2, columns - middle) < min(height, width) / 4] = number
    cover = (owner > 0).astype(np.float32)
    stage = np.full((height, width, 3), 0.5, np.float32)
    shadow = np.where((owner > 0) | (np.roll(owner, 9, 0) > 0), 0.5, 1.0)[..., None].astype(np.float32)
    own = (0.1 + 0.1 * owner)[..., None].repeat(3, 2).astype(np.float32)
    write(folder / "colour.exr", np.where(owner[..., None] > 0, own, stage * shadow), np.ones_like(cover))
    if "meter" in job["passes"]:
        write(folder / "meter.exr", stage[::8, ::8], np.ones_like(cover)[::8, ::8])
    if "plates" in job["passes"]:
        write(folder / "plate.exr", stage * shadow, np.ones_like(cover))
        write(folder / "empty.exr", stage, np.ones_like(cover))
    if "through" in job["passes"]:  # everything lets through a quarter of the light
        ground = (1 - 0.75 * cover)[..., None].repeat(3, 2)
        write(folder / "through.exr", ground, np.ones_like(cover))
    names = {item["name"]: 1000 + number for number, item in enumerate(job["products"], 1)}
    hashes = np.array([0, *names.values()], np.uint32)[owner].view(np.float32)
    matte = {"r": hashes, "g": cover, "b": np.zeros_like(cover), "a": np.zeros_like(cover)}
    more = {f"CryptoObject00.{channel}": values for channel, values in matte.items()}
    more["Depth.Z"] = np.where(owner > 0, 0.8, 1e10).astype(np.float32)
    manifest = json.dumps({name: f"{value:08x}" for name, value in names.items()})
    write(folder / "coverage.exr", own * cover[..., None], cover, more, {"cryptomatte/1234567/manifest": manifest})


def write(path: Path, light: np.ndarray, alpha: np.ndarray, more: dict | None = None, said: dict | None = None) -> None:
    channels = {f"Combined.{name}": light[..., place] for place, name in enumerate("RGB")}
    channels |= {"Combined.A": alpha} | (more or {})
    named = {f"Layer.{name}": np.ascontiguousarray(values, np.float32) for name, values in channels.items()}
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage, **(said or {})}
    OpenEXR.File(header, named).write(str(path))


if __name__ == "__main__":
    main()
