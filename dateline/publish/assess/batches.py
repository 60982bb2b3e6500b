"""How many files are looked at together, and which of them first?

The texts of one part are in memory at a time, and of all others none.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date
from itertools import groupby

from dateline.system import heartbeat

_AT_A_TIME = 10_000  # files: some hundred megabytes


def parts(
    due: Sequence[str], changed: Collection[str], day: Callable[[str], date] | None
) -> Iterator[Sequence[str]]:
    """Cut the files that are `due` into parts, each in their order; there is at least one.

    First come those that `changed`. They are one part, for who was renamed, exchanged or copied
    is seen only together; but a first import, where nothing can have been, says of which `day`
    each is, and is cut between days, the older news first: so all get the moments and numbers
    that they would together. What is due only because all is made anew is what it was, and is
    cut anywhere.
    """
    if len(due) <= _AT_A_TIME:
        yield due
        return
    new = [path for path in due if path in changed]
    yield from _by_day(new, day) if day else [new]
    rest = [path for path in due if path not in changed]
    for start in range(0, len(rest), _AT_A_TIME):
        yield rest[start : start + _AT_A_TIME]


def _by_day(paths: Sequence[str], day: Callable[[str], date]) -> Iterator[Sequence[str]]:
    dated = sorted((day(path), place) for place, path in enumerate(heartbeat.beating(paths)))
    part: list[int] = []
    for _, same in groupby(dated, lambda one: one[0]):
        part += [place for _, place in same]
        if len(part) >= _AT_A_TIME:
            yield [paths[place] for place in sorted(part)]
            part = []
    if part:
        yield [paths[place] for place in sorted(part)]
