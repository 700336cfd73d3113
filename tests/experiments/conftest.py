"""Puts the folders of experiments on the path: their files import each other as scripts do."""

from __future__ import annotations

import sys
from pathlib import Path

for experiment in ("realism", "unet-vs-mask-rcnn"):
    sys.path.insert(0, str(Path(__file__).parents[2] / "experiments" / experiment))
