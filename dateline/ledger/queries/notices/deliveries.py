"""When versions of entries reached readers, as the proof of delivery found it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field

import sqlalchemy as sa

from dateline.ledger.session import Session, one_of
from dateline.ledger.tables import delivery, entry

_OWN = delivery.c
_LATER = delivery.alias()
# An older version is not seen by anybody any more.
_IS_NEWEST = ~sa.exists().where(_LATER.c.entry == _OWN.entry, _LATER.c.version > _OWN.version)
_BY_ENTRY = sa.select(delivery).where(one_of(_OWN.entry))
_WAITING = (
    sa.select(delivery, entry.c.slug)
    .join(entry)
    .where(_OWN.noted >= sa.bindparam("since"), entry.c.withdrawn.is_(None), _IS_NEWEST)
    .order_by(_OWN.noted.desc(), _OWN.entry)
    .limit(sa.bindparam("count"))
)
_UNREACHED = _WAITING.where(_OWN.reached.is_(None))
_UNPUSHED = _WAITING.where(_OWN.topics > "", _OWN.reached.is_not(None))
_CHANGE = (
    sa.update(delivery)
    .where(_OWN.entry == sa.bindparam("own"), _OWN.version == sa.bindparam("number"))
    .values(
        {
            name: sa.bindparam(f"new_{name}")
            for name in ("served", "reached", "topics", "pushed", "subscribers")
        }
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryDelivery:
    """The delivery of a version of an entry; moments are milliseconds since 1970.

    `topics` has the editions of the feeds that list it, by path. The rest is as in the table.
    """

    entry: str
    version: int
    noted: int
    served: int | None = None
    reached: int | None = None
    topics: Mapping[str, int] = field(default_factory=dict)
    pushed: int = 0
    subscribers: int = 0


class Deliveries:
    """The deliveries of entries, as the ledger remembers them."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def note(self, versions: Collection[tuple[str, int]], moment: int) -> list[EntryDelivery]:
        """Add versions of entries whose delivery is to be proven; return those that are new."""
        known = self.of({name for name, _ in versions})
        new = [
            EntryDelivery(entry=name, version=number, noted=moment)
            for name, number in sorted(versions)
            if (name, number) not in known
        ]
        self._session.insert(delivery, [_row(one) for one in new])
        return new

    def of(self, entries: Collection[str]) -> dict[tuple[str, int], EntryDelivery]:
        """Return the deliveries of these entries, by id and version."""
        rows = self._session.among(_BY_ENTRY, sorted(entries))
        return {(row.entry, row.version): _delivery(row) for row in rows}

    def waiting(self, since: int, count: int) -> dict[str, EntryDelivery]:
        """Return those noted since a moment that have not reached readers, by the entry's slug.

        The newest come first; of an entry only the newest version, if it was not withdrawn.
        """
        rows = self._session.execute(_UNREACHED, {"since": since, "count": count})
        return {str(row.slug): _delivery(row) for row in rows}

    def pushing(self, since: int, count: int) -> list[EntryDelivery]:
        """Return those noted since a moment that feeds with subscribers may list."""
        rows = self._session.execute(_UNPUSHED, {"since": since, "count": count})
        return [_delivery(row) for row in rows]

    def set(self, deliveries: Sequence[EntryDelivery]) -> None:
        """Store what has changed in deliveries."""
        rows = [
            {
                "own": one.entry,
                "number": one.version,
                **{f"new_{name}": value for name, value in _row(one).items()},
            }
            for one in deliveries
        ]
        if rows:
            self._session.execute(_CHANGE, rows)


def _row(one: EntryDelivery) -> dict[str, object]:
    topics = " ".join(f"{path}={edition}" for path, edition in one.topics.items())
    return {**asdict(one), "topics": topics}


def _delivery(row: sa.Row[tuple[object, ...]]) -> EntryDelivery:
    names = ("entry", "version", "noted", "served", "reached", "pushed", "subscribers")
    own = {name: getattr(row, name) for name in names}
    topics = (word.rpartition("=") for word in str(row.topics).split())
    return EntryDelivery(**own, topics={path: int(edition) for path, _, edition in topics})
