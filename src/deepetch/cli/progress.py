"""Progress bars, where a person looks at standard error; elsewhere nothing is shown."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")


@contextmanager
def bar(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show how many of `total` are done; call what is yielded with the number."""
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True)) as shown:
        task = shown.add_task(what, total=total)
        yield lambda done: shown.update(task, completed=done)


def counted(items: Iterable[T], progress: Callable[[int], None]) -> Iterator[T]:
    """The items as they come; `progress` is told how many are done with."""
    for number, item in enumerate(items, 1):
        yield item
        progress(number)


@contextmanager
def training_bar() -> Iterator[Callable[[int, int, float], None]]:
    """Show step, loss and time left; call what is yielded with the step, the last step, and the loss."""
    if not sys.stderr.isatty():
        yield lambda step, steps, loss: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("step"),
        MofNCompleteColumn(),
        BarColumn(),
        TextColumn("loss {task.fields[loss]:.3f}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), speed_estimate_period=300) as shown:
        task = None

        def show(step: int, steps: int, loss: float) -> None:
            nonlocal task
            if task is None:
                task = shown.add_task("step", total=steps, completed=step, loss=loss)
            shown.update(task, completed=step, loss=loss)

        yield show
