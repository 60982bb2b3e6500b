"""How was each file under `entries/` last judged?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from dateline.ledger.rows import FileRecord, file_record, file_row, moment_at, seconds
from dateline.ledger.session import Session
from dateline.ledger.tables import file

_IS_FOLDER = file.c.path.endswith("/")


class Files:
    """The files of a newsroom, as the ledger remembers them."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def all(self) -> dict[str, FileRecord]:
        """Give every file that was ever judged and is there."""
        query = sa.select(file).where(sa.not_(_IS_FOLDER))
        return {row.path: file_record(row) for row in self._session.execute(query)}

    def folder(self, path: str) -> FileRecord | None:
        """Give how the folder as a whole was judged, where a guard held anything."""
        row = self._session.execute(sa.select(file).where(file.c.path == path)).one_or_none()
        return file_record(row) if row else None

    def set_folder(self, path: str, record: FileRecord | None) -> None:
        """Remember how the folder as a whole is judged."""
        if record:
            self.set({path: record})
        else:
            self.forget([path])

    def set(self, records: Mapping[str, FileRecord]) -> None:
        """Remember how files were judged."""
        self._session.replace(file, file.c.path, [file_row(*item) for item in records.items()])

    def held(self, until: datetime) -> dict[str, FileRecord]:
        """Give the files that are kept back since `until` or longer, longest first.

        Before them the folder, where a guard holds anything, however long.
        """
        is_long = sa.or_(_IS_FOLDER, file.c.held <= seconds(until))
        query = sa.select(file).where(file.c.held.isnot(None), is_long)
        rows = self._session.execute(query.order_by(sa.not_(_IS_FOLDER), file.c.held, file.c.path))
        return {row.path: file_record(row) for row in rows}

    def next_held(self, until: datetime) -> datetime | None:
        """Give the first moment after `until` since which a file is kept back."""
        query = sa.select(sa.func.min(file.c.held)).where(file.c.held > seconds(until))
        return moment_at(self._session.scalar(query))

    def forget(self, paths: Sequence[str]) -> None:
        """Forget files that are gone."""
        self._session.delete(file, file.c.path, paths)

    def next_embargo(self, now: datetime) -> datetime | None:
        """Give the next moment after `now` at which an entry appears that is not out yet."""
        query = sa.select(sa.func.min(file.c.due)).where(
            file.c.state == "scheduled", file.c.due > seconds(now)
        )
        return moment_at(self._session.scalar(query))
