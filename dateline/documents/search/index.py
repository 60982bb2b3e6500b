"""Changes of the search index, in one transaction each.

The index is a contentless table of FTS5 without the places of words: with them it would be nearly
as large as the text. Such a table forgets a text on disk only if it is given that text again, and
zeroes what it deletes (`secure-delete`); with `contentless_delete` the words would stay in the
file. A digest of each text shows whether the one given is the one that was indexed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from dateline.documents.search.content import IndexedEntry

INDEX = ".search.sqlite"
REPORT = ".search.damaged"
VERSION = 4  # of the tables, and of the terms of a text
_MERGED = 8  # pages that a change merges: FTS5 itself merges hundreds at once, now and then
_SEGMENTS = 64  # of a level, before FTS5 merges them all the same
_WAIT = 2.0  # seconds for a search to end
_DAY = 24 * 3600  # seconds
_BESIDE = ("", "-wal", "-shm")
# `ascii` takes terms as they are: `dateline.text.search_terms` has folded and cut them.
_SCHEMA = """
CREATE VIRTUAL TABLE words USING fts5(
    terms, content='', columnsize=0, detail=none, tokenize='ascii'
);
INSERT INTO words(words, rank) VALUES ('secure-delete', 1);
CREATE TABLE entry (sequence INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, digest INTEGER NOT NULL);
CREATE TABLE note (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
"""


class IndexDamaged(sqlite3.DatabaseError):
    """Raised when the index is not as it was written, and must be made again."""


class SearchIndex:
    """The index in a folder, open for changes; raises `sqlite3.Error`."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / INDEX
        self._tables = sqlite3.connect(self._path, timeout=_WAIT, isolation_level=None)
        try:
            self._tables.execute("PRAGMA secure_delete=ON")
            self._tables.execute("PRAGMA journal_mode=WAL")
            # After a power cut it is whole, and of this run or an earlier one.
            self._tables.execute("PRAGMA synchronous=NORMAL")
            version = self._tables.execute("PRAGMA user_version").fetchone()[0]
            self._notes = self._read_notes() if version == VERSION else {}
        except BaseException:
            self._tables.close()
            raise
        self.is_new = version != VERSION

    def __enter__(self) -> Self:
        """Open the index for one change."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close without a commit."""
        self.close()

    def close(self) -> None:
        """Close the index; a change that was not committed is undone."""
        self._tables.close()

    @property
    def generation(self) -> int:
        """The generation of the manifest that the index is in step with."""
        return self._notes.get("generation", -1)

    @property
    def moment(self) -> int:
        """The moment of the last change, in seconds since 1970: later, entries may have expired."""
        return self._notes.get("moment", 0)

    @property
    def is_lacking(self) -> bool:
        """True if it lacks entries whose story could not be read."""
        return self._notes.get("lacking", 0) > 0

    def update(
        self,
        before: Iterable[IndexedEntry],
        after: Iterable[IndexedEntry],
        *,
        ids: Iterable[str],
        generation: int,
        moment: int,
        lacking: Collection[str] = (),
    ) -> None:
        """Replace the entries with these `ids`, as they were `before`, by those of `after`.

        The ids of those that it lacks are `lacking`, once `after` was read. Raises `IndexDamaged`
        if the index has other texts of them; then nothing has changed.
        """
        self._tables.execute("BEGIN IMMEDIATE")
        removed = self.replace(before, after, ids=ids)
        self._note("lacking", len(lacking))
        self._end(generation, moment)
        if removed:
            self._shorten()

    def replace(
        self, before: Iterable[IndexedEntry], after: Iterable[IndexedEntry], *, ids: Iterable[str]
    ) -> bool:
        """Replace entries as `update` does, before a commit; return whether terms were removed."""
        tables, known = self._tables, {one.id: one for one in before}
        new = {one.id: one for one in after}
        removed: list[str] = []
        for id_ in ids:
            there = tables.execute("SELECT sequence, digest FROM entry WHERE id = ?", (id_,))
            row, old = there.fetchone(), known.get(id_)
            if row and id_ in new and row == (new[id_].sequence, new[id_].digest):
                del new[id_]
            elif row:
                if old is None or row != (old.sequence, old.digest):
                    raise IndexDamaged(f"{INDEX} has another text of {id_}")
                self._delete(old)
                removed += old.terms.split()
        self.add(new.values())
        tables.execute("INSERT INTO words(words, rank) VALUES ('merge', ?)", (_MERGED,))
        if removed:
            self._forget(removed)
        return bool(removed)

    def rebuild(
        self,
        entries: Iterable[IndexedEntry],
        *,
        generation: int,
        moment: int,
        lacking: Collection[str] = (),
    ) -> None:
        """Write all entries; searches use the index as it was until this ends."""
        self.begin_rebuild()
        self.add(entries)
        self.end_rebuild(generation=generation, moment=moment, lacking=lacking)

    def begin_rebuild(self) -> None:
        """Begin an index without entries, which searches do not use before it ends."""
        self._tables.execute("BEGIN IMMEDIATE")
        for name in ("words", "entry", "note"):
            self._tables.execute(f"DROP TABLE IF EXISTS {name}")
        for statement in filter(str.strip, _SCHEMA.split(";")):
            self._tables.execute(statement)

    def add(self, entries: Iterable[IndexedEntry]) -> None:
        """Add entries that it has not, before a commit."""
        for one in entries:
            self._tables.execute(
                "INSERT INTO words(rowid, terms) VALUES (?, ?)", (one.sequence, one.terms)
            )
            self._tables.execute(
                "INSERT INTO entry VALUES (?, ?, ?)", (one.sequence, one.id, one.digest)
            )

    def end_rebuild(self, *, generation: int, moment: int, lacking: Collection[str] = ()) -> None:
        """Commit what was added since the beginning."""
        for name, value in (("automerge", 0), ("crisismerge", _SEGMENTS)):
            self._tables.execute("INSERT INTO words(words, rank) VALUES (?, ?)", (name, value))
        self._tables.execute(f"PRAGMA user_version={VERSION}")
        self._note("verified", moment)
        self._note("lacking", len(lacking))
        self._end(generation, moment)
        self._shorten()
        self.is_new = False

    def is_verified(self, moment: int) -> bool:
        """Return whether it was checked within a day."""
        return abs(moment - self._notes.get("verified", 0)) < _DAY

    def verify(self, moment: int) -> None:
        """Check that all terms are readable and in order, unless that was done within a day.

        Of a large index it takes seconds. Raises `sqlite3.Error`.
        """
        if self.is_verified(moment):
            return
        self._tables.execute("INSERT INTO words(words) VALUES ('integrity-check')")
        self._note("verified", moment)

    def shorten(self) -> None:
        """Empty the write-ahead log if an earlier run had to but could not."""
        if "unshortened" in self._notes:
            self._shorten()

    def _delete(self, one: IndexedEntry) -> None:
        self._tables.execute(
            "INSERT INTO words(words, rowid, terms) VALUES ('delete', ?, ?)",
            (one.sequence, one.terms),
        )
        self._tables.execute("DELETE FROM entry WHERE sequence = ?", (one.sequence,))

    def _end(self, generation: int, moment: int) -> None:
        self._note("generation", generation)
        self._note("moment", moment)
        self._tables.execute("COMMIT")

    def _note(self, name: str, value: int) -> None:
        self._tables.execute("INSERT OR REPLACE INTO note VALUES (?, ?)", (name, value))
        self._notes[name] = value

    def _forget(self, removed: Iterable[str]) -> None:
        """Replace removed terms that FTS5 keeps although no entry has them.

        `words_idx` leads to the pages of terms: by the first term of each page, or a beginning of
        it, as it was when the page was written. The next term that there is does as well.
        """
        tables = self._tables
        tables.execute(
            "CREATE VIRTUAL TABLE IF NOT EXISTS temp.vocabulary USING fts5vocab(main, words, row)"
        )
        tables.execute("SELECT 1 FROM vocabulary LIMIT 1").fetchone()  # writes what is pending
        beginnings = {term[:end].encode() for term in removed for end in range(1, len(term) + 1)}
        for segment, first in tables.execute("SELECT segid, term FROM words_idx").fetchall():
            if first[1:] not in beginnings:  # the first byte is the number of the FTS5 index
                continue
            following = tables.execute(
                "SELECT term FROM vocabulary WHERE term >= ? LIMIT 1", (first[1:].decode(),)
            ).fetchone()
            if following and not following[0].encode().startswith(first[1:]):
                tables.execute(
                    "UPDATE words_idx SET term = ? WHERE segid = ? AND term = ?",
                    (first[:1] + following[0].encode(), segment, first),
                )

    def _shorten(self) -> None:
        """Empty the write-ahead log, which has pages as they were, now or in a later run."""
        is_busy, *_ = self._tables.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if is_busy:
            self._note("unshortened", 1)
        elif self._notes.pop("unshortened", None):
            self._tables.execute("DELETE FROM note WHERE name = 'unshortened'")

    def _read_notes(self) -> dict[str, int]:
        return dict(self._tables.execute("SELECT name, value FROM note").fetchall())


def remove_index(folder: Path) -> None:
    """Remove the index of a folder. Raises `OSError`."""
    for ending in reversed(_BESIDE):
        (folder / f"{INDEX}{ending}").unlink(missing_ok=True)


def report_damage(folder: Path) -> None:
    """Report to the publisher that the index of a folder cannot be read."""
    with suppress(OSError):
        (folder / REPORT).touch()


def take_report(folder: Path) -> bool:
    """Remove the report of damage; return whether there was one. Raises `OSError`."""
    with suppress(FileNotFoundError):
        (folder / REPORT).unlink()
        return True
    return False
