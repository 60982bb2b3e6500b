"""Faults of Dateline, of which one of the files that are decided on has the cause."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING

from dateline.errors import DatelineError
from dateline.ledger.engine import is_of_value
from dateline.system import heartbeat

if TYPE_CHECKING:  # it imports all that parsing needs
    from dateline.entries.reader import ReadResult


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


def naming(files: Sequence[ReadResult]) -> AbstractContextManager[None]:
    """Name a file that is decided on alone in this context, to hold it if that never ends."""
    alone = files[0] if len(files) == 1 else None
    return heartbeat.reading(alone.path, alone.stamp) if alone else nullcontext()
