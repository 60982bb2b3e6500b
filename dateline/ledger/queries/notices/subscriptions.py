"""The subscriptions of the hub: who is behind, and what became of deliveries.

The edition of a feed is the moment of change of its live document. A subscription is behind while
the edition that it accepted last is an earlier one: a change touches no row of a subscription.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa

from dateline.ledger.session import VALUES, Session, batches, one_of
from dateline.ledger.tables import document, subscription
from dateline.model import Role

_OWN = subscription.c
_PAGE = 5000  # rows that are in memory at a time
_IS_VALID = _OWN.expires > sa.bindparam("moment")
_IS_BEHIND = sa.and_(
    _OWN.path == document.c.path,
    _OWN.edition < document.c.changed,
    document.c.live,
    document.c.role == Role.SUBSCRIPTION,
)
_BEHIND = sa.select(_OWN.digest, _OWN.host, _OWN.due, _OWN.tries, _OWN.answer).where(
    _OWN.path == sa.bindparam("name"), _OWN.edition < sa.bindparam("newest"), _IS_VALID
)
_PATHS = sa.select(_OWN.path).where(_IS_VALID).distinct()
_NAMES = ("digest", "path", "callback", "host", "secret", "confirmed", "edition", "tries", "since")
_SOME = sa.select(*(_OWN[name] for name in _NAMES)).where(one_of(_OWN.digest), _IS_VALID)
_SUCCEEDED = (
    sa.update(subscription)
    .where(one_of(_OWN.digest), _OWN.edition < sa.bindparam("newest"))
    .values(edition=sa.bindparam("newest"), due=0, tries=0, since=None, answer=0)
)
_FAILED = (
    sa.update(subscription)
    .where(_OWN.digest == sa.bindparam("own"))
    .values(
        due=sa.bindparam("next"),
        tries=_OWN.tries + 1,
        since=sa.func.coalesce(_OWN.since, sa.bindparam("first")),
        answer=sa.bindparam("status"),
    )
)
_EXPIRED = sa.delete(subscription).where(_OWN.expires <= sa.bindparam("moment"))
_BEHIND_ALL = sa.select(
    sa.func.count().label("behind"), sa.func.min(document.c.changed).label("oldest")
).where(_IS_BEHIND, _IS_VALID)
_IS_FAILING = sa.case((_OWN.tries > 0, 1), else_=0)
_FAILING_HOST = sa.case((_OWN.tries > 0, _OWN.host))
_TOTALS = sa.select(
    sa.func.count().label("subscriptions"),
    sa.func.coalesce(sa.func.sum(_IS_FAILING), 0).label("failing"),
    sa.func.count(sa.distinct(_OWN.host)).label("hosts"),
    sa.func.count(sa.distinct(_FAILING_HOST)).label("failing_hosts"),
).where(_IS_VALID)
_ACCEPTED = sa.select(
    sa.func.coalesce(
        sa.func.sum(sa.case((_OWN.edition >= sa.bindparam("newest"), 1), else_=0)), 0
    ).label("accepted"),
    sa.func.count().label("subscriptions"),
).where(_OWN.path == sa.bindparam("name"), _IS_VALID)
_COUNT_OF_HOST = sa.select(sa.func.count()).where(_OWN.host == sa.bindparam("at"), _IS_VALID)


class Behind(NamedTuple):
    """A subscription that is behind: its digest, and when a delivery to its host is due.

    `due` is 0 for at once, and negative for no more: it is the edition that was given up, with a
    minus sign. `answer` is the status after the last of `tries` failures, or 0.
    """

    digest: str
    host: str
    due: int
    tries: int
    answer: int


class Subscription(NamedTuple):
    """A subscription, with what a delivery needs (`tables.subscription`).

    `edition` is what it accepted last, or what was live when it was asked for, before it was
    `confirmed`; `tries` counts its failures in a row since `since`.
    """

    digest: str
    path: str
    callback: str
    host: str
    secret: str
    confirmed: int
    edition: int
    tries: int
    since: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedDelivery:
    """A delivery that failed at `moment`: it is due again at `due`. `answer` is a status, or 0."""

    digest: str
    moment: int
    due: int
    answer: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class HubFigures:
    """What the hub owes: numbers only, since callbacks may name people.

    `oldest` is the moment of the oldest change that somebody has not accepted, or None.
    """

    subscriptions: int = 0
    hosts: int = 0
    behind: int = 0
    failing: int = 0
    failing_hosts: int = 0
    oldest: int | None = None


class Subscriptions:
    """The subscriptions of the hub, as the ledger remembers them."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def paths(self, now: int) -> set[str]:
        """Return the paths of the documents that have subscribers."""
        return {path for (path,) in self._session.execute(_PATHS, {"moment": now})}

    def behind(self, path: str, edition: int, now: int) -> Iterator[Behind]:
        """Yield the subscriptions to a document that have not accepted this edition, nor a later.

        There may be a million: they are read as they are asked for.
        """
        values = {"name": path, "newest": edition, "moment": now}
        for row in self._session.execute(_BEHIND.execution_options(yield_per=_PAGE), values):
            yield Behind._make(row)

    def some(self, digests: Sequence[str], now: int) -> list[Subscription]:
        """Return the subscriptions with these digests, without those whose leases have ended."""
        rows = self._session.among(_SOME, digests, moment=now)
        return [Subscription._make(row) for row in rows]

    def delivered(self, digests: Sequence[str], edition: int) -> None:
        """Record that subscribers have accepted an edition."""
        for some in batches(digests):
            self._session.execute(_SUCCEEDED, {VALUES: some, "newest": edition})

    def failed(self, failures: Sequence[FailedDelivery]) -> None:
        """Record deliveries that failed, with the moments at which they are due again."""
        rows: list[dict[str, Any]] = [
            {"own": one.digest, "next": one.due, "first": one.moment, "status": one.answer}
            for one in failures
        ]
        if rows:
            self._session.execute(_FAILED, rows)

    def end(self, digests: Sequence[str]) -> None:
        """Delete subscriptions, such as those whose callback answers 410."""
        self._session.delete(subscription, _OWN.digest, digests)

    def expire(self, now: int) -> int:
        """Delete the subscriptions whose leases have ended, and return their number."""
        return self._session.execute(_EXPIRED, {"moment": now}).rowcount

    def figures(self, now: int) -> HubFigures:
        """Return how many subscriptions there are, are behind, and fail."""
        totals = self._session.execute(_TOTALS, {"moment": now}).one()
        behind = self._session.execute(_BEHIND_ALL, {"moment": now}).one()
        return HubFigures(**totals._mapping, **behind._mapping)  # noqa: SLF001 - SQLAlchemy's public name

    def accepted(self, path: str, edition: int, now: int) -> tuple[int, int]:
        """Return how many subscribers have an edition of a document, and how many there are."""
        values = {"name": path, "newest": edition, "moment": now}
        row = self._session.execute(_ACCEPTED, values).one()
        return row.accepted, row.subscriptions

    def count_of(self, host: str, now: int) -> int:
        """Return the number of subscriptions with callbacks on a host."""
        return self._session.scalar(_COUNT_OF_HOST, {"at": host, "moment": now}) or 0
