"""Faults of Dateline, of which one of the files that are decided on has the cause."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from dateline.errors import DatelineError
from dateline.ledger import Ledger
from dateline.ledger.engine import is_of_value
from dateline.system import heartbeat

if TYPE_CHECKING:  # it imports all that parsing needs
    from dateline.entries.reader import ReadResult

_Result = TypeVar("_Result")


class DecisionFault(Exception):  # noqa: N818 - no error of anybody who uses Dateline
    """A fault of Dateline for which nothing can be decided on the files at these paths."""

    def __init__(self, paths: Sequence[str]) -> None:
        super().__init__(*paths[:1])
        self.paths = paths


@contextmanager
def deciding(paths: Sequence[str]) -> Iterator[None]:
    """Raise a `DecisionFault` where nothing can be decided on files, for whatever reason.

    What concerns the machine or the ledger is raised as it is.
    """
    try:
        yield
    except (DatelineError, OSError, MemoryError):
        raise
    except Exception as error:
        if is_of_value(error):
            raise DecisionFault(paths) from error
        raise


def named(files: Sequence[ReadResult], act: Callable[[Sequence[ReadResult]], _Result]) -> _Result:
    """Do what may never end with some files, and name each that it is done with alone.

    The supervisor then knows which one to hold. Where a process before this one hung, it is done
    with each alone before it is done with all.
    """
    if len(files) == 1:
        with heartbeat.reading(files[0].path, files[0].stamp):
            return act(files)
    for one in files if heartbeat.is_after_hang() else ():
        named([one], act)
    return act(files)


def held_before(ledger: Ledger) -> frozenset[str]:
    """Return the files that earlier runs held for a fault of Dateline."""
    noted = ledger.files.noted().items()
    return frozenset(path for path, one in noted if "file-fault" in one.since)
