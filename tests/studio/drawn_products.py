"""Products for tests, by family and seed."""

from __future__ import annotations

from deepetch.studio.catalogue import FAMILIES, build

SEEDS = range(20)
FEW = range(8)  # where it costs more to look than to draw
SKINS = ("label", "print", "film")  # one web on something solid; everything else is closed

drawn = build


def families_of(*kinds: str) -> list[str]:
    return [name for name, family in FAMILIES.items() if family.kind in kinds]
