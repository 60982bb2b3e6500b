"""Which documents did the ledger commit to, and are their bytes in place?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

import sqlalchemy as sa

from dateline.ledger.rows import DocumentRecord, document_record, seconds
from dateline.ledger.session import Session, batches
from dateline.ledger.tables import document
from dateline.model import Role


class Documents:
    """The documents of a publication, as the ledger remembers them."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def find(self, paths: Sequence[str]) -> dict[str, DocumentRecord]:
        """Give what was last committed of the documents called `paths`."""
        found: dict[str, DocumentRecord] = {}
        for some in batches(paths):
            query = sa.select(document).where(document.c.path.in_(some))
            found |= {row.path: document_record(row) for row in self._session.execute(query)}
        return found

    def all(self) -> list[DocumentRecord]:
        """Give every document."""
        rows = self._session.execute(sa.select(document).order_by(document.c.path))
        return [document_record(row) for row in rows]

    def unfinished(self) -> set[str]:
        """Give the paths of the documents whose bytes may not be in place."""
        query = sa.select(document.c.path).where(document.c.live.is_(False))
        return set(self._session.scalars(query))

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
        query = sa.select(document.c.path).where(document.c.expires <= seconds(now))
        return list(self._session.scalars(query))

    def subscriptions(self) -> list[str]:
        """Give the paths of all subscription documents."""
        query = sa.select(document.c.path).where(document.c.role == Role.SUBSCRIPTION)
        return list(self._session.scalars(query.order_by(document.c.path)))

    def directory(self) -> list[str]:
        """Give the paths of the documents that lead to others."""
        query = sa.select(document.c.path).where(document.c.role == Role.DIRECTORY)
        return list(self._session.scalars(query.order_by(document.c.path)))

    def under(self, start: str, end: str) -> list[str]:
        """Give the paths of the documents whose names start and end like this."""
        named = (
            document.c.path.startswith(start, autoescape=True),
            document.c.path.endswith(end, autoescape=True),
        )
        return list(self._session.scalars(sa.select(document.c.path).where(*named)))

    def mark_live(self, paths: Sequence[str]) -> None:
        """Remember that the bytes of these documents are in place."""
        for some in batches(paths):
            self._session.execute(
                sa.update(document).where(document.c.path.in_(some)).values(live=True)
            )

    def mark_unfinished(self) -> None:
        """Doubt all documents: the folder was tampered with, or is another one."""
        self._session.execute(sa.update(document).values(live=False))
