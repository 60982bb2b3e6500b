"""Since when has a file been left alone, and which are still being written?"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from dateline.entries.reader import ARRIVING, ReadResult
from dateline.entries.scan import FileStamp
from dateline.ledger.rows import FileRecord

_BURST = timedelta(seconds=2)  # for which files may wait for others that are dropped with them
_PART = timedelta(seconds=1)  # the ledger keeps no parts of one


def settled(changed: Iterable[int], clock: datetime, still: timedelta) -> int:
    """Give the moment, in nanoseconds, since which no file may have changed that is read.

    What is dropped at once, one file after the other without a pause, is published at once:
    while the last of them is being written the first wait as well, but not for long.
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
    """Give for each entry which files hold still, and how they look, though `clock` is behind them.

    The clock was set back, or a share's is ahead: their times say nothing. What looks as it did
    when it was read, or for as long as files must be left alone, holds still.
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


def waited(records: Mapping[str, FileRecord], now: datetime) -> frozenset[str]:
    """Return the entries that have waited long enough for files, whatever the files' times say."""
    begun = {path: record.since.get("file-awaited") for path, record in records.items()}
    return frozenset(path for path, moment in begun.items() if moment and moment + ARRIVING <= now)


def resume(
    judged: Sequence[ReadResult], still: timedelta, clock: datetime, now: datetime
) -> datetime | None:
    """Give the moment at which all files that are still being written can be read."""
    changing = [
        stamp.changed
        for one in judged
        if any(problem.code == "file-changing" for problem in one.problems)
        for stamp in (one.stamp, *one.beside.values())
        if stamp
    ]
    if not changing:
        return None
    left = max(changing) / 1e9 + still.total_seconds() - clock.timestamp()
    return now + timedelta(seconds=min(max(left, 0.05), still.total_seconds()))


def changed_at(judged: ReadResult) -> datetime:
    """Give the whole second by which a file had changed: the ledger keeps no parts of one."""
    return _whole_second(judged.stamp)


def last_changed_at(judged: ReadResult) -> datetime:
    """Return the whole second by which a file and all that it names had changed."""
    return max(_whole_second(one) for one in (judged.stamp, *judged.beside.values()) if one)


def _whole_second(stamp: FileStamp) -> datetime:
    return datetime.fromtimestamp(math.ceil(stamp.changed / 1e9), UTC)


def nanoseconds(moment: datetime | timedelta) -> int:
    """Give a stretch of time, or how far a moment is from 1970, as files' times are counted."""
    seconds = moment.total_seconds() if isinstance(moment, timedelta) else moment.timestamp()
    return int(seconds * 1e9)
