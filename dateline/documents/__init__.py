"""Published documents on disk: the files in `feeds/` and their manifest."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import TypeVar

from dateline.documents.scratch import NEW
from dateline.errors import StoreError, advice_on_disk

_T = TypeVar("_T")
_NO_RIGHT = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_ADVICE = " Let the user that runs serve read and write there, or type the command as that user."
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
    """Raise errors of the system as `StoreError` with the file concerned, or else `folder`.

    A temporary file has another name in each run, and one fault would seem to be many.
    """
    try:
        yield
    except OSError as error:
        where = Path(error.filename2 or error.filename or folder)
        where = folder if where.is_relative_to(folder / NEW) else where
        with suppress(OSError):  # a failing disk does not say what is in the way
            refuse_obstacle(where, folder)
        if error.filename2 and error.errno in _NO_RIGHT:  # a rename writes into a folder
            where = where.parent
        is_closed = error.errno in {errno.EACCES, errno.EPERM}
        advice = _ADVICE if is_closed else advice_on_disk(error)
        raise StoreError(f"{where}: {error.strerror or error}.{advice}") from error


def refuse_obstacle(path: Path, folder: Path) -> None:
    """Raise `StoreError` if another kind of file is in the way of a file beneath `folder`.

    A pipe, a socket, a device or a link in the place of the file itself gives way to it.
    """
    if path == folder:
        return
    if path.is_dir():
        raise StoreError(f"{path} is a folder. Move it elsewhere: a file has to be in its place.")
    for above in (one for one in path.parents if one.is_relative_to(folder)):
        if above.exists() and not above.is_dir():
            raise StoreError(
                f"{above} is not a folder. Move it elsewhere: a folder has to be in its place."
            )
