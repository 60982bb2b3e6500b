"""The progress of a command: a bar in a terminal, lines in a log."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

import click

# What is drawn is imported where something is drawn.
if TYPE_CHECKING:
    from rich.progress import Progress

_T = TypeVar("_T")
_AT_ONCE = 1.0  # seconds: what takes no longer shows no progress
_LOGGED = 10.0  # seconds between two lines in a log, and before the first


@contextmanager
def progress(
    what: str, total: int | None = None, *, quiet: bool = False
) -> Iterator[Callable[[], None]]:
    """Show in a terminal that a command takes long; yield the function to call at each step.

    Without steps, a moving bar and the time are shown; without a `total`, the steps are counted.
    A command that prints JSON is `quiet`.
    """
    done = 0
    with _shown(what, quiet=quiet) as bar:

        def step() -> None:
            nonlocal done
            done += 1
            bar.update(done, total)

        yield step


def awaited(values: Iterable[_T], what: str, *, quiet: bool = False) -> Iterator[_T]:
    """Yield values that are printed as they come, and show progress while each is awaited."""
    left = iter(values)
    while True:
        with progress(what, quiet=quiet):
            value = next(left, None)
        if value is None:
            return
        yield value


@contextmanager
def portion(what: str, *, quiet: bool = False) -> Iterator[Callable[[int, int], None]]:
    """Show the parts that are done, of all: a bar in a terminal, now and then a line in a log.

    Yields the function to call with both numbers; it need not be called to the end.
    """
    is_log = not quiet and not sys.stderr.isatty()
    shown = monotonic()
    with _shown(what, quiet=quiet) as bar:

        def update(done: int, total: int) -> None:
            nonlocal shown
            bar.update(done, total)
            if is_log and monotonic() - shown >= _LOGGED:
                shown = monotonic()
                share = 100 * done // total
                click.echo(f"{what}: {share} %, {done:,} of {total:,}", err=True)

        yield update


@contextmanager
def _shown(what: str, *, quiet: bool) -> Iterator[_Bar]:
    """Show a bar on standard error if that is a terminal and the wait is long."""
    bar = _Bar(what)
    timer = threading.Timer(_AT_ONCE, bar.show)
    timer.daemon = True
    if not quiet and sys.stderr.isatty():
        timer.start()
    try:
        yield bar
    finally:
        timer.cancel()
        if timer.ident:
            timer.join()  # it may be drawing
        bar.remove()


class _Bar:
    """The progress of one command, which is drawn only once it is shown."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._done: tuple[int, int | None] = (0, None)
        self._drawn: Progress | None = None

    def update(self, done: int, total: int | None) -> None:
        """Take the number of finished steps, of all if that is known."""
        self._done = (done, total)
        if self._drawn:
            self._draw(self._drawn)

    def show(self) -> None:
        """Draw it, and again several times a second."""
        from rich.console import Console  # noqa: PLC0415
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        drawn = Progress(*columns, console=Console(stderr=True), transient=True)
        drawn.add_task(self._what, total=None)
        self._draw(drawn)
        drawn.start()
        self._drawn = drawn

    def remove(self) -> None:
        """Take it off the terminal."""
        if self._drawn:
            self._drawn.stop()

    def _draw(self, drawn: Progress) -> None:
        done, total = self._done
        count = f" {done:,}" if done else ""
        text = self._what + (f"{count} of {total:,}" if total else count)
        drawn.update(drawn.task_ids[0], completed=done, total=total, description=text)
