"""How long files have been left alone, and which are still being written."""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from dateline.entries.scan import ARRIVING, FileStamp
from dateline.ledger.rows import FileRecord

if TYPE_CHECKING:  # it imports all that parsing needs
    from dateline.entries.reader import ReadResult

_BURST = timedelta(seconds=2)  # that files may wait for others dropped with them
_PART = timedelta(seconds=1)  # the ledger keeps no fractions


def clock_of(changed: Iterable[int], own: datetime, ruling: datetime) -> datetime:
    """Return the time by the clock that stamps these files, as far as is known.

    That is the machine's `own`, unless it is behind a file and the `ruling` one is not: then the
    files are on a share, and a machine that is on time stamps them.
    """
    newest = max(changed, default=0)
    return ruling if nanoseconds(own) < newest <= nanoseconds(ruling) else own


def settled(changed: Iterable[int], clock: datetime, still: timedelta) -> int:
    """Return the moment, in nanoseconds, since which a file must not have changed to be read.

    Files that are dropped together, without a pause, are published together: while the last is
    being written the first ones wait as well, but not for long.
    """
    earliest, pause = nanoseconds(clock - _BURST), nanoseconds(still)
    begun = nanoseconds(clock)
    for moment in sorted((one for one in changed if one > earliest - pause), reverse=True):
        if moment <= begun - pause:
            break
        begun = min(begun, moment)
    is_over = begun == nanoseconds(clock) or begun < earliest
    return nanoseconds(clock - still) if is_over else begun - 1


def known_still(
    records: Mapping[str, FileRecord], clock: datetime, still: timedelta, now: datetime
) -> dict[str, dict[str, FileStamp]]:
    """Return the stamps of files that hold still, by entry, though `clock` is behind them.

    The clock was set back, or that of a share is ahead: the times of these files mean nothing. A
    file whose stamp has not changed since it was read, or for long enough, holds still.
    """
    ahead = nanoseconds(clock)
    known: dict[str, dict[str, FileStamp]] = {}
    for path, record in records.items():
        begun = record.since.get("file-changing")
        if begun is None or begun + still + _PART <= now:
            stamps = {path: record.stamp, **record.beside}
            late = {name: one for name, one in stamps.items() if one and one.changed > ahead}
            known |= {path: late} if late else {}
    return known


def endless(records: Mapping[str, FileRecord]) -> dict[str, FileStamp]:
    """Return the stamps of files in which a publisher hung."""
    return {
        path: record.stamp
        for path, record in records.items()
        if any(problem.code == "file-endless" for problem in record.problems)
    }


def waited(records: Mapping[str, FileRecord], now: datetime) -> frozenset[str]:
    """Return the entries that have waited long enough for files, by the run's own clock."""
    begun = {path: record.since.get("file-awaited") for path, record in records.items()}
    return frozenset(path for path, moment in begun.items() if moment and moment + ARRIVING <= now)


def losing(records: Mapping[str, FileRecord], files: Container[str]) -> frozenset[str]:
    """Return the entries of which a file has gone since they were read, or that wait for one.

    A person who replaces a picture may delete it first.
    """
    return frozenset(
        path
        for path, record in records.items()
        if "file-awaited" in record.since
        or any(stamp and name not in files for name, stamp in record.beside.items())
    )


def resume(
    read: Sequence[ReadResult], still: timedelta, clock: datetime, now: datetime
) -> datetime | None:
    """Return the moment at which all files that are still being written can be read."""
    changing = [
        stamp.changed
        for one in read
        if any(problem.code == "file-changing" for problem in one.problems)
        for stamp in (one.stamp, *one.beside.values())
        if stamp
    ]
    if not changing:
        return None
    left = max(changing) / 1e9 + still.total_seconds() - clock.timestamp()
    return now + timedelta(seconds=min(max(left, 0.05), still.total_seconds()))


def changed_at(read: ReadResult) -> datetime:
    """Return the whole second by which a file had changed: the ledger keeps no fractions."""
    return _whole_second(read.stamp)


def last_changed_at(read: ReadResult) -> datetime:
    """Return the whole second by which a file and all files that it names had changed."""
    return max(_whole_second(one) for one in (read.stamp, *read.beside.values()) if one)


def _whole_second(stamp: FileStamp) -> datetime:
    return datetime.fromtimestamp(math.ceil(stamp.changed / 1e9), UTC)


def nanoseconds(moment: datetime | timedelta) -> int:
    """Return a duration, or a moment since 1970, in nanoseconds like the times of files."""
    seconds = moment.total_seconds() if isinstance(moment, timedelta) else moment.timestamp()
    return int(seconds * 1e9)
