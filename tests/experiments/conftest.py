"""Puts the folder of the experiment on the path: its files import each other as scripts do."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "experiments" / "realism"))
