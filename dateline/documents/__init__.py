"""Published documents on disk: the files in `feeds/` and their manifest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TypeVar

from dateline.errors import StoreError

_T = TypeVar("_T")
Progress = Callable[[int, int], None]
"""Called with how many of how many parts of a piece of work are done."""


def silent(done: int, parts: int) -> None:
    """Report no progress."""


def in_parts(values: Iterable[_T], size: int) -> Iterator[list[_T]]:
    """Yield the values in lists of `size`, of which the last may be shorter."""
    left = iter(values)
    while part := [*islice(left, size)]:
        yield part


@contextmanager
def as_store_error(folder: Path) -> Iterator[None]:
    """Raise errors of the system as `StoreError` with the file concerned, or else `folder`."""
    try:
        yield
    except OSError as error:
        where = error.filename2 or error.filename or folder
        raise StoreError(f"{where}: {error.strerror or error}.") from error
