"""Queries of the search index, which find ids of entries, the latest published first."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from dateline.documents.search.content import facet_term
from dateline.documents.search.index import INDEX, VERSION
from dateline.text.search_terms import SearchTerms

MOST_HITS = 1000  # that are counted, and that can be paged through
Facets = Mapping[str, Iterable[str]]
"""The values of which an entry must have one, by the name of the facet."""

_MOST_WORDS = 200  # that begin with a term, the most frequent
_WAIT = 0.01  # seconds for a change to end
_VOCABULARY = "CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab(main, words, row)"
_BEGINNING = (
    "SELECT term FROM vocabulary WHERE term >= ? AND term < ? ORDER BY doc DESC, term LIMIT ?"
)
_LATEST = "SELECT id FROM entry WHERE sequence IN ({}) ORDER BY sequence DESC"
_FOUND = "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid DESC LIMIT ?"


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchHits:
    """The ids of the entries on one page, and the number of all, `MOST_HITS` at most.

    It `has_more` if there are more than that.
    """

    ids: tuple[str, ...]
    count: int
    has_more: bool


class SearchReader:
    """Read-only queries of the index in a folder; raises `sqlite3.Error`."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / INDEX
        self._tables: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None

    def find(
        self, wanted: SearchTerms, facets: Facets, *, limit: int, offset: int = 0
    ) -> SearchHits:
        """Return the entries that have all terms, and one of the values of each facet.

        `year` is a facet, too; `offset` is the number of hits on earlier pages.
        """
        tables = self._opened()
        try:
            expression = _expression(wanted, _words(tables, wanted.beginning), facets)
            rows = tables.execute(_FOUND, (expression, MOST_HITS + 1)).fetchall()
            sequences = [row[0] for row in rows[:MOST_HITS][offset : offset + limit]]
            query = _LATEST.format(", ".join("?" * len(sequences)))
            ids = tuple(row[0] for row in tables.execute(query, sequences))
        except sqlite3.Error:
            self.close()
            raise
        return SearchHits(ids=ids, count=min(len(rows), MOST_HITS), has_more=len(rows) > MOST_HITS)

    def close(self) -> None:
        """Close the index; the next query opens it again."""
        if self._tables is not None:
            self._tables.close()
        self._tables = self._file = None

    def _opened(self) -> sqlite3.Connection:
        """Return the open index, the one that is in the folder now."""
        try:
            stat = self._path.stat()
        except OSError as error:
            self.close()
            raise sqlite3.OperationalError(f"{self._path}: {error.strerror}") from error
        if self._tables is None or self._file != (stat.st_dev, stat.st_ino):
            self.close()
            address = f"{self._path.absolute().as_uri()}?mode=ro"
            tables = sqlite3.connect(address, uri=True, timeout=_WAIT, isolation_level=None)
            if tables.execute("PRAGMA user_version").fetchone()[0] != VERSION:
                tables.close()
                raise sqlite3.OperationalError(f"{self._path} is of another release")
            tables.execute("PRAGMA temp_store=MEMORY")
            tables.execute(_VOCABULARY)
            self._tables, self._file = tables, (stat.st_dev, stat.st_ino)
        return self._tables


def _words(tables: sqlite3.Connection, beginning: str) -> list[str]:
    """Return the indexed words that begin so, or the beginning itself where none does.

    FTS5 would read all entries that have one of them before it returns the latest.
    """
    if not beginning:
        return []
    within = (beginning, f"{beginning}\U0010ffff", _MOST_WORDS)
    return [row[0] for row in tables.execute(_BEGINNING, within)] or [beginning]


def _expression(wanted: SearchTerms, words: Iterable[str], facets: Facets) -> str:
    """Return a query in FTS5's syntax: every term is quoted, and none is a command.

    An entry must have one of the `words`, if there are any.
    """
    parts = [_quoted(term) for term in wanted.whole]
    named = ([facet_term(facet, one) for one in values] for facet, values in facets.items())
    either = filter(None, ([*words], *named))
    parts += ["(" + " OR ".join(map(_quoted, some)) + ")" for some in either]
    return " AND ".join(parts)


def _quoted(term: str) -> str:
    return '"' + term.replace('"', '""') + '"'
