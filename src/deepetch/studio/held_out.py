"""What is drawn for training, and what is kept for the benchmark: the two sides of a table."""

from __future__ import annotations

from collections.abc import Collection, Iterable


def offered(names: Iterable[str], kept: Collection[str], held_out: bool) -> tuple[str, ...]:
    """The names of a table's rows that one side may draw, in the table's order.

    kept      names held out of training.
    held_out  True: those alone, False: all but those.
    """
    return tuple(name for name in names if (name in kept) == held_out)
