"""Published documents on disk: the files in `feeds/` and their manifest."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int], None]
"""Called with how many of how many parts of a piece of work are done."""


def silent(done: int, parts: int) -> None:
    """Report no progress."""
