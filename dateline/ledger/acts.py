"""The record of who did what with which entry, and when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from dateline.ledger.rows import path_digest, seconds
from dateline.ledger.session import Session, batches
from dateline.ledger.tables import act, unapproved
from dateline.model.acts import Act, ActRecord

_COLUMNS = ("number", "moment", "person", "act", "path", "path_digest", "entry", "detail")
# In one statement, so that no other process can take the number.
_INSERT = sa.insert(act).from_select(
    _COLUMNS,
    sa.select(
        sa.func.coalesce(sa.func.max(act.c.number), 0) + 1,
        *(sa.bindparam(name, type_=act.c[name].type) for name in _COLUMNS[1:]),
    ),
)


class Acts:
    """The acts of staff, in the order in which they happened."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def record(
        self,
        *,
        moment: datetime,
        person: str,
        act: Act,
        path: str = "",
        entry_id: str = "",
        detail: str = "",
    ) -> None:
        """Record that a person did something; `ActRecord` has the meaning of each value."""
        row = {
            "moment": seconds(moment),
            "person": person,
            "act": act.value,
            "path": path,
            "path_digest": path_digest(path) if path else "",
            "entry": entry_id,
            "detail": detail,
        }
        self._session.execute(_INSERT, row)

    def of_entry(self, entry_id: str, paths: Sequence[str] = ()) -> list[ActRecord]:
        """Return the acts on an entry, the oldest first.

        Those from before its publication are known by its file, which had one of `paths`.
        """
        rows = {
            row.number: row
            for some in batches([path_digest(path) for path in paths] or [""])
            for row in self._session.execute(
                sa.select(act).where(
                    sa.or_(
                        act.c.entry == entry_id,
                        sa.and_(
                            act.c.entry == "", act.c.path_digest.in_([one for one in some if one])
                        ),
                    )
                )
            )
        }
        return [_record(rows[number]) for number in sorted(rows)]

    def latest(self, count: int) -> list[ActRecord]:
        """Return the latest acts, the newest first."""
        query = sa.select(act).order_by(act.c.number.desc()).limit(count)
        return [_record(row) for row in self._session.execute(query)]

    def forget(self, entry_id: str, paths: Sequence[str]) -> None:
        """Delete the names of an entry's files, which have words of its title."""
        nameless = {"path": "", "path_digest": "", "detail": ""}
        update = sa.update(act).values(**nameless)
        self._session.execute(update.where(act.c.entry == entry_id))
        for some in batches([path_digest(path) for path in paths if path]):
            self._session.execute(update.where(act.c.path_digest.in_(some)))
        waiting = sa.update(unapproved)
        for some in batches(paths):
            self._session.execute(waiting.where(unapproved.c.path.in_(some)).values(path=""))
        for path in filter(None, paths):
            used = unapproved.c.uses.contains(path_digest(path))
            self._session.execute(waiting.where(used).values(uses=""))


def _record(row: Any) -> ActRecord:
    return ActRecord(
        moment=datetime.fromtimestamp(row.moment, UTC),
        person=row.person,
        act=Act(row.act),
        path=row.path,
        entry_id=row.entry,
        detail=row.detail,
    )
