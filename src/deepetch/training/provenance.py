"""Where a run comes from: data, code, machine."""

from __future__ import annotations

import hashlib
import json
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import torch

from deepetch.photo.atomic import atomic_output

PROVENANCE = "provenance.json"
VERSIONED = ("deepetch", "torch", "lightning", "numpy", "pytorch-optimizer")


def write_provenance(run: Path, *, data: Path, pack: Path) -> None:
    """Write `provenance.json`: data and the SHA-256 of the pack, the code's git revision, versions, device, time."""
    said = {
        "data": data.name,
        "data_sha256": file_hash(pack),
        "git_revision": git_revision(),
        "versions": {name: version(name) for name in VERSIONED},
        "python": platform.python_version(),
        "device": torch.cuda.get_device_name() if torch.cuda.is_available() else f"{platform.machine()} CPU",
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    with atomic_output(run / PROVENANCE, overwrite=True) as temporary:
        temporary.write_text(json.dumps(said, indent=1) + "\n")


def file_hash(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def git_revision() -> str | None:
    """The revision of the working tree that this code lies in, "-dirty" when it was changed; None outside of one."""
    try:
        answer = subprocess.run(
            ["git", "describe", "--always", "--abbrev=40", "--dirty", "--exclude=*"],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=True,
            timeout=20,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip()
