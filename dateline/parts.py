"""How many files are looked at together, and which of them first?

The texts of one part are in memory at a time, and of all others none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import groupby

from dateline.judge import Judge

_AT_A_TIME = 10_000  # files: some hundred megabytes


def parts(paths: Sequence[str], judge: Judge) -> Iterator[Sequence[str]]:
    """Cut these files into parts, each in order of path; there is at least one, if of none.

    Where there is more than one, the older news comes first, and a day is in one part: so all
    get the moments and numbers that they would together. For that every file is read twice.
    """
    if len(paths) <= _AT_A_TIME:
        yield paths
        return
    part: list[str] = []
    for _, same in groupby(sorted((_day(path, judge), path) for path in paths), lambda one: one[0]):
        part += [path for _, path in same]
        if len(part) >= _AT_A_TIME:
            yield sorted(part)
            part = []
    if part:
        yield sorted(part)


def _day(path: str, judge: Judge) -> date:
    """Give the day that a file's news is of, where the publication is; what is held comes first."""
    story = judge.judge(path).story
    if story is None:
        return date.min
    start, zone = story.date.start, judge.publication.zone
    return start.astimezone(zone).date() if isinstance(start, datetime) else start
