"""Withdrawals: which entries whose files are gone are withdrawn, and when."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from dateline.errors import Problem
from dateline.messages.values import phrase
from dateline.rules.guards import Approval, code_of, too_many_gone

RECENT = timedelta(days=30)  # staff tidy up the files of older entries
AHEAD = timedelta(minutes=9)  # an entry is dated ahead by no more, unless the clock is behind
_NOTED = timedelta(hours=1)  # so often a run is noted
_PROVED = timedelta(days=1)  # so long a clock goes on after a leap that was none


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A live entry whose file is gone `since` a moment, which may have had other news by then."""

    id: str
    path: str
    published: datetime
    since: datetime
    had_other_news: bool = False

    @property
    def is_old(self) -> bool:
        """True if it was published long before its file went."""
        return self.since - self.published > RECENT


class LatestRun(NamedTuple):
    """The `moment` of the last run, to the hour; a clock that is behind it was set back.

    Where the clock has leapt ahead by weeks, as one that is wrong does, the moment `leapt` does not
    count before a day has passed since.
    """

    moment: datetime | None = None
    leapt: datetime | None = None

    def then(self, now: datetime) -> LatestRun:
        """Return this after a run at `now`."""
        if self.leapt and now - self.leapt >= _PROVED:
            return LatestRun(moment=self.leapt).then(now)
        if self.moment is None or _NOTED <= now - self.moment <= RECENT:
            return LatestRun(moment=now)
        if now - self.moment > RECENT:
            return self._replace(leapt=self.leapt or now)
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawals:
    """The decision on entries whose files are gone.

    `ids` are withdrawn now, with the `paths` of their files, `kept` stay live for good, the
    others for the time being: `missing` has the paths of all. `notices` are the problems of single
    files, each with its beginning, `guarded` the problem of them all; `next` is when the next is
    withdrawn.
    """

    ids: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    notices: tuple[tuple[Problem, datetime], ...] = ()
    guarded: tuple[Problem, ...] = ()
    next: datetime | None = None


def withdrawals(
    missing: Sequence[Missing],
    with_files: Callable[[], int],
    *,
    grace: timedelta,
    approval: Approval,
    folder: str,
    now: datetime,
) -> Withdrawals:
    """Decide which of the `missing` are withdrawn at `now`.

    `with_files` counts how many live entries have a file or had one; `folder` is the name of the
    entries folder; messages have `now` in its own time zone. Staff who answer for one entry meant
    it, however many others are gone.
    """
    others = [one for one in missing if not (one.had_other_news or _is_answered(one, approval))]
    if others and too_many_gone(len(others), count := with_files()):
        alone = [one for one in missing if _is_answered(one, approval)]
        return _with(alone, _many(others, count, approval, folder), approval)
    withdrawn: list[Missing] = []
    kept: list[str] = []
    notices: list[tuple[Problem, datetime]] = []
    moments: list[datetime] = []
    for one in missing:
        if _is_answered(one, approval) and approval.keep:
            kept.append(one.id)
        elif _is_answered(one, approval):
            withdrawn.append(one)
        elif one.published > now + AHEAD:
            behind = Problem(code="clock-behind-gone", file=one.path, found=f"{now:%Y-%m-%d %H:%M}")
            notices.append((behind, one.since))
        elif one.is_old or one.had_other_news:
            asked = Problem(code="old-gone", file=one.path, wanted=gone_code(one.id))
            notices.append((asked, one.since))
        elif one.since + grace <= now:
            withdrawn.append(one)
        else:
            moments.append(one.since + grace)
            problem = Problem(code="file-gone", file=one.path, wanted=minutes(grace))
            notices.append((problem, one.since))
    return Withdrawals(
        ids=tuple(one.id for one in withdrawn),
        paths=tuple(one.path for one in withdrawn),
        kept=tuple(kept),
        missing=tuple(one.path for one in missing),
        notices=tuple(notices),
        next=min(moments, default=None),
    )


def gone_code(id_: str) -> str:
    """Return the code by which staff answer that the file of an entry is gone."""
    return code_of("gone", [id_])


def _is_answered(one: Missing, approval: Approval) -> bool:
    return approval.code == gone_code(one.id)


def _with(alone: Sequence[Missing], found: Withdrawals, approval: Approval) -> Withdrawals:
    """Add entries for which staff answered one by one to a decision on the others."""
    ids = tuple(one.id for one in alone)
    if approval.keep:
        return replace(found, kept=(*found.kept, *ids))
    return replace(
        found,
        ids=(*found.ids, *ids),
        paths=(*found.paths, *(one.path for one in alone)),
    )


def _many(
    missing: Sequence[Missing], with_files: int, approval: Approval, folder: str
) -> Withdrawals:
    """Hold them all until staff approve."""
    ids = tuple(one.id for one in missing)
    code = code_of("many-gone", ids)
    if approval.code == code:
        paths = tuple(one.path for one in missing)
        return Withdrawals(kept=ids) if approval.keep else Withdrawals(ids=ids, paths=paths)
    found = phrase("part-of-all", count=len(missing), all=with_files)
    return Withdrawals(
        missing=tuple(one.path for one in missing),
        guarded=(Problem(code="many-gone", file=folder, found=found, wanted=code),),
    )


def minutes(grace: timedelta) -> int:
    """Return a time of grace in whole minutes, as messages have it."""
    return max(1, round(grace.total_seconds() / 60))
