"""The subscriptions of the hub: who is behind, and what became of deliveries.

The edition of a feed is the moment of change of its live document. A subscription is behind while
the edition that it accepted last is an earlier one: a change touches no row of a subscription.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from dateline.ledger.session import VALUES, Session, batches, one_of
from dateline.ledger.tables import document, subscription
from dateline.model import Role

_OWN = subscription.c
_IS_VALID = _OWN.expires > sa.bindparam("moment")
_IS_BEHIND = sa.and_(
    _OWN.path == document.c.path,
    _OWN.edition < document.c.changed,
    document.c.live,
    document.c.role == Role.SUBSCRIPTION,
)
_EDITIONS = (
    sa.select(document.c.path, document.c.changed)
    .where(document.c.live, document.c.role == Role.SUBSCRIPTION, sa.exists().where(_IS_BEHIND))
    .order_by(document.c.changed, document.c.path)
)
_BEHIND = (
    _OWN.path == sa.bindparam("name"),
    _OWN.edition < sa.bindparam("newest"),
    _OWN.due <= sa.bindparam("moment"),
    _IS_VALID,
)
_HOSTS = (
    sa.select(_OWN.host, sa.func.count().label("count"))
    .where(*_BEHIND)
    .group_by(_OWN.host)
    .order_by(_OWN.host)
)
_NAMES = ("digest", "path", "callback", "host", "secret", "edition", "tries", "since")
_OF_HOST = (
    sa.select(*(_OWN[name] for name in _NAMES))
    .where(*_BEHIND, _OWN.host == sa.bindparam("at"), _OWN.digest > sa.bindparam("after"))
    .order_by(_OWN.digest)
    .limit(sa.bindparam("count"))
)
_NEXT = sa.select(sa.func.min(_OWN.due)).where(
    sa.exists().where(_IS_BEHIND), _OWN.due > sa.bindparam("moment")
)
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
_COUNT_OF_HOST = sa.select(sa.func.count()).where(_OWN.host == sa.bindparam("at"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A subscriber that is behind, with what a delivery needs (`tables.subscription`).

    `edition` is what it accepted last; `tries` counts its failures in a row since `since`.
    """

    digest: str
    path: str
    callback: str
    host: str
    secret: str
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

    def editions(self) -> dict[str, int]:
        """Return the live editions that some subscriber has not accepted, by path."""
        return {row.path: row.changed for row in self._session.execute(_EDITIONS)}

    def hosts(self, path: str, edition: int, now: int) -> dict[str, int]:
        """Return the number of deliveries of an edition that are due on each host."""
        values = {"name": path, "newest": edition, "moment": now}
        return {row.host: row.count for row in self._session.execute(_HOSTS, values)}  # type: ignore[misc]  # a column of that name

    def behind(
        self, path: str, edition: int, now: int, *, host: str, after: str = "", count: int
    ) -> list[Subscription]:
        """Return up to `count` subscriptions of a host to which an edition is due, by digest.

        Those up to the digest `after` are left out: the next page follows the last of this one.
        """
        page = {"at": host, "after": after, "count": count}
        values = {"name": path, "newest": edition, "moment": now, **page}
        rows = self._session.execute(_OF_HOST, values)
        return [Subscription(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name

    def next_due(self, now: int) -> int | None:
        """Return the next moment at which a delivery that failed is due again, or None."""
        found: int | None = self._session.scalar(_NEXT, {"moment": now})
        return found

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

    def count_of(self, host: str) -> int:
        """Return the number of subscriptions with callbacks on a host."""
        return self._session.scalar(_COUNT_OF_HOST, {"at": host}) or 0
