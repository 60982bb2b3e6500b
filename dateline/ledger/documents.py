"""Which documents did the ledger commit to, and are their bytes in place?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

import sqlalchemy as sa

from dateline.ledger.rows import DocumentRecord, document_record, seconds
from dateline.ledger.session import Session, batches
from dateline.ledger.tables import document


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

    def forget(self, paths: Sequence[str]) -> None:
        """Forget documents that are not promised any more."""
        self._session.delete(document, document.c.path, paths)

    def has_expired(self, now: datetime) -> bool:
        """Say whether time alone has changed what a document shows."""
        query = sa.select(document.c.path).where(document.c.expires <= seconds(now)).limit(1)
        return self._session.scalar(query) is not None

    def mark_live(self, paths: Sequence[str]) -> None:
        """Remember that the bytes of these documents are in place."""
        for some in batches(paths):
            self._session.execute(
                sa.update(document).where(document.c.path.in_(some)).values(live=True)
            )

    def mark_unfinished(self) -> None:
        """Doubt all documents: the folder was tampered with, or is another one."""
        self._session.execute(sa.update(document).values(live=False))
