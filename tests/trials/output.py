"""What `serve` may print: sentences for staff, and no traceback that Dateline is at fault for.

Python itself ends with a traceback where it gets no memory or no files, for example while it
imports; each traceback is judged by its own last line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trials.trial import Trial

_TRACEBACK = "Traceback (most recent call last):"
_CHAINS = ("During handling of the above", "The above exception was")
_LAST = re.compile(r"[A-Za-z_][\w.]*(?:: .*)?$")
# While calls fail: an import takes a file that cannot be looked at for one that is not there.
_OF_PYTHON = re.compile(
    r"MemoryError|.*Cannot allocate memory|.*Too many open files"
    r"|SystemError: error return without exception set|ModuleNotFoundError: |ImportError: "
    r"|RuntimeError: can't start new thread"
)
_OF_LOG = '/logging/__init__.py"'
# A call within Python's own library that reaches another object than the function it names: the
# interpreter (3.11.7) gave the function up once too often, after an allocation had failed.
_MIXED_UP = re.compile(
    r"TypeError: (?:[\w.<>]+\(\) (?:takes|missing|got) |'\w+' object is not callable)"
)
_FRAME = re.compile(r'  File "(.*)", line \d+, in ')
_LIBRARY = re.compile(r".*/lib/python3\.\d+/(?!site-packages/)")
_SHOWN = 1200  # characters


def check(trial: Trial) -> None:
    """Check what was printed since the last time."""
    with trial.machine.output.open("rb") as file:
        file.seek(trial.output_read)
        data = file.read()
    trial.output_read += len(data)
    text = data.decode("utf-8", "replace")
    for one in tracebacks(text):
        if not (trial.may_repeat and is_of_python(one)):
            trial.broken(f"the log has a traceback: {one[-_SHOWN:]}")


def tracebacks(text: str) -> Iterator[str]:
    """Yield each traceback, with those that it was raised from; one that is cut off is left out."""
    block: list[str] = []
    is_open = False
    for line in text.splitlines():
        if line == _TRACEBACK:
            block, is_open = [*block, line], True
        elif is_open:
            block.append(line)
            is_open = not _LAST.match(line)
        elif block and line and not line.startswith(_CHAINS):
            yield "\n".join(block)
            block = []
    if block and not is_open:
        yield "\n".join(block)


def is_of_python(traceback: str) -> bool:
    """Return whether Python got no memory or no files, first of all, or as it wrote to the log."""
    lines = _last_lines(traceback)
    ends = {*lines[:1], *(lines[-1:] if _OF_LOG in traceback else ())}
    return any(map(_OF_PYTHON.match, ends)) or _is_mixed_up(traceback)


def _is_mixed_up(traceback: str) -> bool:
    """Return whether Python called a wrong function within its own library."""
    frames = _FRAME.findall(traceback)
    is_within = bool(frames and _LIBRARY.match(frames[-1]))
    return is_within and _MIXED_UP.match(traceback.splitlines()[-1]) is not None


def _last_lines(traceback: str) -> list[str]:
    """Return the last line of a traceback, and before it those of what it was raised from."""
    return [line for line in traceback.splitlines() if _LAST.match(line)]
