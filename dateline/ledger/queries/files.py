"""The files under `entries/` as they were last read and assessed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa

from dateline.entries.filenames import folder_of, is_entry, name_key
from dateline.entries.scan import FileStamp
from dateline.errors import LedgerError, State
from dateline.ledger.queries.entries import IS_GONE, IS_LIVE, has_gone
from dateline.ledger.rows import FileRecord, file_record, file_row, moment_at, seconds, stamps_of
from dateline.ledger.session import VALUES, Session, batches, one_of
from dateline.ledger.tables import entry, file, folder, use, version

_FEW = 200  # held and scheduled files that are read beside each change

_IS_FOLDER = file.c.path.endswith("/")
_PATHS = sa.select(file.c.path)
_KNOWN = _PATHS.where(one_of(file.c.path))
_ALL = sa.select(file).order_by(file.c.path)
_SOME = _ALL.where(one_of(file.c.path))
_NOTED = _ALL.where(file.c.noted, sa.not_(_IS_FOLDER))
_FOLDER = sa.select(file).where(file.c.path == sa.bindparam("folder"))
_STAMPS = sa.select(file.c.path, file.c.changed, file.c.size).where(one_of(file.c.path))
# An expression that no index covers is searched for in the table itself.
_UNINDEXED = sa.select(file.c.path, file.c.state).where(one_of(file.c.path + sa.literal("")))
_WITHIN = (file.c.folder == sa.bindparam("prefix"), sa.not_(_IS_FOLDER))
# Each prefix after the one before: engines read the whole index for distinct values.
_FIRST = sa.select(sa.func.min(file.c.folder).label("prefix")).cte("prefixes", recursive=True)
_NEXT = sa.select(sa.func.min(file.c.folder)).where(file.c.folder > _FIRST.c.prefix)
_EACH = _FIRST.union_all(sa.select(_NEXT.scalar_subquery()).where(_FIRST.c.prefix.isnot(None)))
_PREFIXES = sa.select(_EACH.c.prefix).where(_EACH.c.prefix.isnot(None))
_COUNT_WITHIN = sa.select(sa.func.count()).select_from(file).where(*_WITHIN)
_USED_WITHIN = sa.select(use.c.used, use.c.file).where(use.c.folder == sa.bindparam("prefix"))
_BESIDE = sa.select(file.c.path, file.c.beside).where(one_of(file.c.path))
_ALIKE = _PATHS.where(one_of(file.c.name_key))
_USERS = sa.select(use.c.file).where(one_of(use.c.used))
_USED = sa.select(use.c.used).where(one_of(use.c.used))
_WAITING = _PATHS.where(
    sa.or_(file.c.state.in_([State.HOLD, State.WAIT]), file.c.due <= sa.bindparam("moment")),
    sa.not_(_IS_FOLDER),
)
# Files that a later run may read as they are, and that were compared with no others so far.
_NOT_COMPARED = ("file-fault", "file-unreadable", "media-unreadable", "unapproved")
_UNREAD = _PATHS.where(
    sa.or_(
        file.c.state == State.WAIT,
        sa.and_(
            file.c.state == State.HOLD,
            sa.or_(*(file.c.problems.contains(f'"{code}') for code in _NOT_COMPARED)),
        ),
    )
).limit(1)
_AHEAD = timedelta(days=1000)  # news is scheduled for less
_KEYS = "keys"
_CONCERNED = sa.union_all(
    _USERS.with_only_columns(use.c.file.label("path")),
    _WAITING,
    _PATHS.where(file.c.name_key.in_(sa.bindparam(_KEYS, expanding=True))),
)
_LOST = (
    sa.select(version.c.digest)
    .join(entry, sa.and_(version.c.entry == entry.c.id, version.c.number == entry.c.version))
    .where(IS_GONE, IS_LIVE)
)
_READ_AGAIN = sa.update(file).where(one_of(file.c.path)).values(changed=0, size=0)


class Files:
    """The files of a newsroom, as the ledger remembers them."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def find(self, paths: Sequence[str]) -> dict[str, FileRecord]:
        """Return the files with these paths, by path, as far as they are known."""
        return _records(self._session.among(_SOME, paths))

    def verify_unknown(self, paths: Sequence[str]) -> None:
        """Raise `LedgerError` if the table has one of `paths`, which `find` did not find.

        A damaged index would hide that its file is gone, and so that it was renamed.
        """
        for row in self._session.among(_UNINDEXED, paths):
            raise LedgerError(f"An index of the ledger is damaged: it lacks {row.path}.")

    def noted(self) -> dict[str, FileRecord]:
        """Return every file that has a problem."""
        return _records(self._session.execute(_NOTED))

    def stamps(self) -> Iterator[tuple[str, FileStamp]]:
        """Yield every known file with its stamp."""
        query = sa.select(file.c.path, file.c.changed, file.c.size).where(sa.not_(_IS_FOLDER))
        rows = self._session.each(query)
        return ((row.path, FileStamp(row.changed, row.size)) for row in rows)

    def stamps_of(self, paths: Sequence[str]) -> dict[str, FileStamp]:
        """Return the stamps of the files with these paths, as far as they are known."""
        rows = self._session.among(_STAMPS, paths)
        return {row.path: FileStamp(row.changed, row.size) for row in rows}

    def within(self, prefix: str) -> list[str]:
        """Return the known files in the folder with this prefix, without its subfolders."""
        return list(self._session.scalars(_PATHS.where(*_WITHIN), {"prefix": prefix}))

    def count_within(self, prefix: str) -> int:
        """Return the number of files that `within` returns."""
        return self._session.scalar(_COUNT_WITHIN, {"prefix": prefix}) or 0

    def used_within(self, prefix: str) -> Iterator[tuple[str, FileStamp | None]]:
        """Yield the files in that folder which others used, with their stamps at that time."""
        used: dict[str, list[str]] = {}
        for row in self._session.execute(_USED_WITHIN, {"prefix": prefix}):
            used.setdefault(row.file, []).append(row.used)
        for user in self._session.among(_BESIDE, list(used)):
            stamps = stamps_of(user.beside)  # once for each file, however many it used
            yield from ((path, stamps[path]) for path in used[user.path])

    def folders(self) -> dict[str, str]:
        """Return the digest of each folder at the last full scan."""
        return {row.prefix: row.digest for row in self._session.execute(sa.select(folder))}

    def prefixes(self) -> set[str]:
        """Return the prefixes of all folders with known files, and with records of folders."""
        return {*self._session.scalars(_PREFIXES)}

    def set_folders(self, digests: Mapping[str, str]) -> None:
        """Store the digests of all folders."""
        before = self.folders()
        self._session.delete(folder, folder.c.prefix, sorted({*before} - {*digests}))
        others = digests.items() - before.items()
        rows = [{"prefix": prefix, "digest": digest} for prefix, digest in sorted(others)]
        self._session.replace(folder, folder.c.prefix, rows)

    def read_again(self, paths: Sequence[str]) -> None:
        """Delete the stamps of these files, so that the next check reads them."""
        self._session.change(_READ_AGAIN, paths)
        self._forget_folders(paths)

    def _forget_folders(self, paths: Sequence[str]) -> None:
        """Have the folders of these files compared: one that comes back is as it was before."""
        self._session.delete(folder, folder.c.prefix, sorted({folder_of(path) for path in paths}))

    def fine(self) -> dict[str, str]:
        """Return the state of every file without a problem."""
        query = sa.select(file.c.path, file.c.state).where(file.c.noted.is_(False))
        return {row.path: row.state for row in self._session.execute(query.order_by(file.c.path))}

    def beside(self) -> dict[str, dict[str, FileStamp | None]]:
        """Return the files that each file used, with their stamps; None for one not there."""
        query = sa.select(file.c.path, file.c.beside).where(file.c.path.in_(sa.select(use.c.file)))
        return {row.path: stamps_of(row.beside) for row in self._session.execute(query)}

    def waiting(self, now: datetime, *, beside_others: bool = False) -> set[str]:
        """Return the files that must be read again although they did not change.

        `beside_others` that did, all that are scheduled are: a new file may be a copy of one.
        """

        def find(moment: int) -> set[str]:
            return {*self._session.scalars(_WAITING, {"moment": moment})}

        return self._with_scheduled(find, now, is_wanted=beside_others)

    def _with_scheduled(
        self, find: Callable[[int], set[str]], now: datetime, *, is_wanted: bool
    ) -> set[str]:
        """Return what is found until now; all that are scheduled too if that `is_wanted`.

        Also if a file was not read before, as one that was still being written. Not if they are
        many.
        """
        found = set[str]() if is_wanted else find(seconds(now))
        if is_wanted or (found and self._session.scalar(_UNREAD)):
            ahead = find(seconds(now + _AHEAD))
            return ahead if len(ahead) <= _FEW else found or find(seconds(now))
        return found

    def lost(self) -> frozenset[str]:
        """Return the SHA-256 of each file that is gone and whose entry is live."""
        return frozenset(self._session.scalars(_LOST) if has_gone(self._session) else ())

    def unpublished(self, *, held_alone: bool = False) -> list[str]:
        """Return the files that are held, scheduled or drafts, or only the first of these."""
        states = [State.HOLD, State.WAIT, *([] if held_alone else ["scheduled", "draft"])]
        query = sa.select(file.c.path).where(file.c.state.in_(states), sa.not_(_IS_FOLDER))
        return list(self._session.scalars(query))

    def users(self, paths: Sequence[str]) -> list[str]:
        """Return the files that used any of `paths`."""
        return [row.file for row in self._session.among(_USERS, paths)]

    def used(self, paths: Sequence[str]) -> set[str]:
        """Return those of `paths` that any file used."""
        return {row.used for row in self._session.among(_USED, paths)}

    def concerned(self, paths: Sequence[str], now: datetime) -> set[str]:
        """Return the files that used any of `paths`, look `alike`, or are `waiting`.

        Those that are scheduled too, if there are any paths: one may be a copy of them.
        """
        find = partial(self._concerned, paths)
        return self._with_scheduled(find, now, is_wanted=bool(paths))

    def _concerned(self, paths: Sequence[str], moment: int) -> set[str]:
        return {
            path
            for some in [*batches(paths)] or [[]]
            for path in self._session.scalars(
                _CONCERNED,
                {
                    VALUES: some,
                    _KEYS: sorted({name_key(path) for path in some if is_entry(path)}),
                    "moment": moment,
                },
            )
        }

    def alike(self, paths: Sequence[str]) -> list[str]:
        """Return the files whose names look like one of `paths`, including these."""
        keys = sorted({name_key(path) for path in paths})
        return [row.path for row in self._session.among(_ALIKE, keys)]

    def has_under(self, folder: str) -> bool:
        """Return whether any known file is in `folder`."""
        within = file.c.path.startswith(f"{folder}/", autoescape=True)
        return self._session.scalar(sa.select(file.c.path).where(within).limit(1)) is not None

    def folder(self, path: str) -> FileRecord | None:
        """Return the record of the whole folder, if a guard held anything."""
        row = self._session.execute(_FOLDER, {"folder": path}).one_or_none()
        return file_record(row) if row else None

    def set_folder(self, path: str, record: FileRecord | None) -> None:
        """Store the record of the whole folder, or delete it."""
        if record:
            self.set({path: record})
        else:
            self.forget([path])

    def set(self, records: Mapping[str, FileRecord], known: Collection[str] | None = None) -> None:
        """Store files as they were assessed; without `known` paths, the ledger is asked."""
        rows = [file_row(*item) for item in records.items()]
        if known is None:
            known = {row.path for row in self._session.among(_KNOWN, list(records))}
        self._session.replace(file, file.c.path, rows, known)
        self._session.delete(use, use.c.file, [path for path in records if path in known])
        self._session.insert(
            use,
            [
                {"used": used, "file": path, "folder": folder_of(used)}
                for path, record in records.items()
                for used in record.beside
            ],
        )

    def held(self, until: datetime) -> dict[str, FileRecord]:
        """Return the files that have been held since `until` or longer, the longest first.

        The whole folder comes before them, if a guard holds anything, however long. A document
        that an entry has come to name is not held.
        """
        is_long = sa.or_(_IS_FOLDER, file.c.held <= seconds(until))
        query = sa.select(file).where(file.c.held.isnot(None), is_long)
        rows = self._session.execute(query.order_by(sa.not_(_IS_FOLDER), file.c.held, file.c.path))
        found = _records(rows)
        named = self.used([path for path in found if not is_entry(path)])
        return {path: record for path, record in found.items() if path not in named}

    def newest(self) -> int:
        """Return the latest time of any file, in nanoseconds since 1970."""
        return self._session.scalar(sa.select(sa.func.max(file.c.changed))) or 0

    def next_held(self, until: datetime) -> datetime | None:
        """Return the first moment after `until` at which a file began to be held."""
        query = sa.select(sa.func.min(file.c.held)).where(file.c.held > seconds(until))
        return moment_at(self._session.scalar(query))

    def forget(self, paths: Sequence[str]) -> None:
        """Delete files that are gone."""
        self._session.delete(file, file.c.path, paths)
        self._session.delete(use, use.c.file, paths)
        self._forget_folders(paths)


def _records(rows: Iterable[Any]) -> dict[str, FileRecord]:
    return {row.path: file_record(row) for row in rows}
