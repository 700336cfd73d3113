"""Numbers and names as a reader meets them."""

from __future__ import annotations

import json
import math
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

from deepetch.report.curves import VALIDATION

NO_VALUE = "–"
NAMES = {
    "iou": "IoU",
    "dice": "Dice",
    "mae": "MAE",
    "mse": "MSE",
    "sad": "SAD",
    "boundary_f": "boundary F",
    "boundary_iou": "boundary IoU",
    "s_measure": "S-measure",
    "e_measure": "E-measure",
    "adaptive_e_measure": "adaptive E-measure",
    "weighted_f": "weighted F",
    "learning_rate": "learning rate",
    "n": "pictures",
}


def measure_name(measure: str) -> str:
    """A measure or a column in words: "iou" is "IoU", "val_iou_people" is "validation IoU, people"."""
    if measure.startswith(VALIDATION):
        return f"validation {measure_name(measure.removeprefix(VALIDATION))}"
    if measure in NAMES:
        return NAMES[measure]
    first, _, rest = measure.partition("_")
    if rest and first in NAMES:
        return f"{NAMES[first]}, {plain_text(rest)}"
    return plain_text(measure.replace("_", " "))


def score_text(value: float) -> str:
    """A score with four decimals below 10, one above; a dash for no number."""
    if not math.isfinite(value):
        return NO_VALUE
    return f"{value:.4f}" if abs(value) < 10 else f"{value:,.1f}"


def count_text(value: float) -> str:
    """A whole number with commas between thousands."""
    return f"{value:,.0f}"


def time_text(seconds: float) -> str:
    """Seconds as "2 h 5 min", "5 min 3 s" or "3 s"."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{count_text(hours)} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def size_text(size: int) -> str:
    """Bytes in the unit that fits: "3.4 MB"; 1 MB is 1,000,000 bytes."""
    for unit, bytes_each in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= bytes_each:
            return f"{size / bytes_each:.1f} {unit}"
    return f"{size} bytes"


def plain_text(text: str) -> str:
    """A text that any file can hold: bytes of a name that are no UTF-8, and control characters, become visible."""
    decoded = text.encode("utf-8", "backslashreplace").decode()
    return "".join(sign if sign.isprintable() else " " if sign.isspace() else f"\\x{ord(sign):02x}" for sign in decoded)


def value_text(value: Any) -> str:
    """A value of an options or provenance table. A report travels: of an absolute path the last name is shown alone."""
    if isinstance(value, str):
        if PurePosixPath(value).is_absolute() or PureWindowsPath(value).is_absolute():
            return f"…/{PureWindowsPath(value).name}"  # understands both separators
        return plain_text(value)
    if value is None:
        return NO_VALUE
    if isinstance(value, (list, tuple)):
        return ", ".join(value_text(part) for part in value) or NO_VALUE
    return plain_text(json.dumps(value, default=str, ensure_ascii=False))


def shortened(text: str, most: int = 26) -> str:
    """A text of at most so many characters, the middle left out where it is longer."""
    if len(text) <= most:
        return text
    return f"{text[: most // 2]}…{text[len(text) - (most - most // 2 - 1) :]}"
