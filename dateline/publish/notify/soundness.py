"""Conditions that a run finds although it ended well: hubs that refuse, a clock that is off."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from dateline.config import Config
from dateline.ledger import Ledger
from dateline.ledger.rows import moment_at
from dateline.publish.notify import websub
from dateline.publish.produce.scrub import named
from dateline.system.condition import Code, Condition

# News that is dropped at once is dated some minutes ahead where there is no room behind it.
_TOLERATED = timedelta(hours=1)


def conditions(
    config: Config,
    ledger: Ledger,
    *,
    now: datetime,
    newest: datetime | None,
    lost: Sequence[str] = (),
) -> tuple[Condition, ...]:
    """Return what keeps news from readers, or makes it wrong, after a run at `now`.

    `newest` is the time of a file that is ahead of the clock, as `newest_file` gives it; `lost`
    are published documents that cannot be made again.
    """
    documents = [Condition(code=Code.DOCUMENTS, detail=named(lost))] if lost else []
    return (*websub.conditions(config, ledger), *_clock(ledger, now, newest), *documents)


def newest_file(ledger: Ledger, changed: Iterable[int], clock: datetime) -> datetime | None:
    """Return the time of the newest file where that is well ahead of the clock.

    `changed` are the times of the files that this run read, in nanoseconds since 1970. The
    ledger remembers that there is such a file until there is none.
    """
    limit = clock + _TOLERATED
    is_ahead = any(moment > limit.timestamp() * 1e9 for moment in changed)
    if not (is_ahead or ledger.state.is_file_ahead):
        return None
    newest = datetime.fromtimestamp(ledger.files.newest() / 1e9, UTC)
    ledger.state.is_file_ahead = newest > limit
    return newest if newest > limit else None


def _clock(ledger: Ledger, now: datetime, newest: datetime | None) -> Iterator[Condition]:
    """Yield whether the clock is behind the newest file or the newest entry."""
    entry = moment_at(ledger.entries.newest())
    ahead = [newest] if newest else []
    if entry and entry > now + _TOLERATED:
        ahead.append(entry)
    if ahead:
        found = f"{now:%Y-%m-%d %H:%M} < {max(ahead):%Y-%m-%d %H:%M} UTC"
        yield Condition(code=Code.CLOCK, detail=found)
