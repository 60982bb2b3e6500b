"""How was each file under `entries/` last judged?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from dateline.errors import State
from dateline.intake import Stamp
from dateline.ledger.rows import FileRecord, file_record, file_row, moment_at, seconds, stamps_of
from dateline.ledger.session import Session, batches
from dateline.ledger.tables import file, use
from dateline.naming import name_key

_IS_FOLDER = file.c.path.endswith("/")


class Files:
    """The files of a newsroom, as the ledger remembers them."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def find(self, paths: Sequence[str]) -> dict[str, FileRecord]:
        """Give how the files called `paths` were judged, of those that were."""
        return self._records([file.c.path.in_(some) for some in batches(paths)])

    def noted(self) -> dict[str, FileRecord]:
        """Give every file of which something is said."""
        return self._records([sa.and_(file.c.noted, sa.not_(_IS_FOLDER))])

    def stamps(self) -> dict[str, Stamp]:
        """Give how every file that was judged looked then."""
        query = sa.select(file.c.path, file.c.changed, file.c.size).where(sa.not_(_IS_FOLDER))
        return {path: Stamp(changed, size) for path, changed, size in self._session.execute(query)}

    def fine(self) -> dict[str, str]:
        """Give the state of every file of which nothing is said."""
        query = sa.select(file.c.path, file.c.state).where(file.c.noted.is_(False))
        return {row.path: row.state for row in self._session.execute(query.order_by(file.c.path))}

    def beside(self) -> dict[str, dict[str, Stamp | None]]:
        """Give for every file that looked at others how they looked; None for none there."""
        query = sa.select(file.c.path, file.c.beside).where(file.c.path.in_(sa.select(use.c.file)))
        return {row.path: stamps_of(row.beside) for row in self._session.execute(query)}

    def waiting(self, now: datetime) -> list[str]:
        """Give the files that want another look although they did not change."""
        is_back = file.c.state.in_([State.HOLD, State.WAIT])
        chosen = sa.or_(is_back, file.c.due <= seconds(now))
        query = sa.select(file.c.path).where(chosen, sa.not_(_IS_FOLDER))
        return list(self._session.scalars(query))

    def unpublished(self) -> list[str]:
        """Give the files that are kept back, not due yet, or drafts."""
        states = [State.HOLD, State.WAIT, "scheduled", "draft"]
        query = sa.select(file.c.path).where(file.c.state.in_(states), sa.not_(_IS_FOLDER))
        return list(self._session.scalars(query))

    def users(self, paths: Sequence[str]) -> list[str]:
        """Give the files that looked at any of `paths`."""
        return [
            path
            for some in batches(paths)
            for path in self._session.scalars(sa.select(use.c.file).where(use.c.used.in_(some)))
        ]

    def used(self, paths: Sequence[str]) -> set[str]:
        """Give those of `paths` at which any file looked."""
        return {
            path
            for some in batches(paths)
            for path in self._session.scalars(sa.select(use.c.used).where(use.c.used.in_(some)))
        }

    def alike(self, paths: Sequence[str]) -> list[str]:
        """Give the files whose names look like one of `paths`, these among them."""
        keys = sorted({name_key(path) for path in paths})
        query = sa.select(file.c.path)
        return [
            path
            for some in batches(keys)
            for path in self._session.scalars(query.where(file.c.name_key.in_(some)))
        ]

    def has_under(self, folder: str) -> bool:
        """Say whether any file that was judged is in `folder`."""
        within = file.c.path.startswith(f"{folder}/", autoescape=True)
        return self._session.scalar(sa.select(file.c.path).where(within).limit(1)) is not None

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
        self._session.delete(use, use.c.file, list(records))
        self._session.insert(
            use,
            [
                {"used": used, "file": path}
                for path, record in records.items()
                for used in record.beside
            ],
        )

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
        self._session.delete(use, use.c.file, paths)

    def _records(self, chosen: Iterable[sa.ColumnElement[bool]]) -> dict[str, FileRecord]:
        return {
            row.path: file_record(row)
            for one in chosen
            for row in self._session.execute(sa.select(file).where(one).order_by(file.c.path))
        }

    def next_embargo(self, now: datetime) -> datetime | None:
        """Give the next moment after `now` at which an entry appears that is not out yet."""
        query = sa.select(sa.func.min(file.c.due)).where(
            file.c.state == "scheduled", file.c.due > seconds(now)
        )
        return moment_at(self._session.scalar(query))
