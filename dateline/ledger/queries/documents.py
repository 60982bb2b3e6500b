"""Which documents did the ledger commit to, and are their bytes in place?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime

import sqlalchemy as sa

from dateline.ledger.rows import DocumentRecord, document_record, seconds
from dateline.ledger.session import Session, one_of
from dateline.ledger.tables import document
from dateline.model import Role

_ALL = sa.select(document).order_by(document.c.path)
_SOME = sa.select(document).where(one_of(document.c.path))
_PATHS = sa.select(document.c.path)
_UNFINISHED = _PATHS.where(document.c.live.is_(False))
_EXPIRED = _PATHS.where(document.c.expires <= sa.bindparam("moment"))
_OF_ROLE = _PATHS.where(document.c.role == sa.bindparam("role")).order_by(document.c.path)
_LIVE = sa.update(document).where(one_of(document.c.path)).values(live=True)
_DOUBTED = sa.update(document).values(live=False)
_SOME_DOUBTED = _DOUBTED.where(one_of(document.c.path))
_COUNT = sa.select(sa.func.count()).select_from(document)
_AFTER = _ALL.where(document.c.path > sa.bindparam("path")).limit(sa.bindparam("count"))


class Documents:
    """The documents of a publication, as the ledger remembers them."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def find(self, paths: Sequence[str]) -> dict[str, DocumentRecord]:
        """Give what was last committed of the documents called `paths`."""
        return {row.path: document_record(row) for row in self._session.among(_SOME, paths)}

    def all(self) -> Iterator[DocumentRecord]:
        """Give every document."""
        return (document_record(row) for row in self._session.execute(_ALL))

    def unfinished(self) -> set[str]:
        """Give the paths of the documents whose bytes may not be in place."""
        return set(self._session.scalars(_UNFINISHED))

    def set(self, records: Sequence[DocumentRecord]) -> None:
        """Remember documents as they are, or are about to be."""
        self._session.replace(document, document.c.path, [asdict(found) for found in records])

    def restore(self, records: Sequence[DocumentRecord]) -> None:
        """Remember the documents that a manifest has, and no others."""
        self._session.execute(sa.delete(document))
        self._session.insert(document, [asdict(found) for found in records])

    def forget(self, paths: Sequence[str]) -> None:
        """Forget documents that are not promised any more."""
        self._session.delete(document, document.c.path, paths)

    def expired(self, now: datetime) -> list[str]:
        """Give the paths of the documents that time alone has changed."""
        return list(self._session.scalars(_EXPIRED, {"moment": seconds(now)}))

    def subscriptions(self) -> list[str]:
        """Give the paths of all subscription documents."""
        return list(self._session.scalars(_OF_ROLE, {"role": Role.SUBSCRIPTION}))

    def directory(self) -> list[str]:
        """Give the paths of the documents that lead to others."""
        return list(self._session.scalars(_OF_ROLE, {"role": Role.DIRECTORY}))

    def under(self, start: str, end: str) -> list[str]:
        """Give the paths of the documents whose names start and end like this."""
        named = (
            document.c.path.startswith(start, autoescape=True),
            document.c.path.endswith(end, autoescape=True),
        )
        return list(self._session.scalars(sa.select(document.c.path).where(*named)))

    def mark_live(self, paths: Sequence[str]) -> None:
        """Remember that the bytes of these documents are in place."""
        self._session.change(_LIVE, paths)

    def mark_unfinished(self, paths: Sequence[str] | None = None) -> None:
        """Take note that the bytes of these documents, or of all, may not be in place."""
        if paths is None:
            self._session.execute(_DOUBTED)
        else:
            self._session.change(_SOME_DOUBTED, paths)

    def count(self) -> int:
        """Return how many documents there are."""
        return self._session.scalar(_COUNT) or 0

    def after(self, path: str, count: int) -> list[DocumentRecord]:
        """Return the first `count` documents whose paths come after `path`, in their order."""
        rows = self._session.execute(_AFTER, {"path": path, "count": count})
        return [document_record(row) for row in rows]
