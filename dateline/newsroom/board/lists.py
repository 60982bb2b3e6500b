"""The lists of the newsroom: all entries, or those in one state, and a search."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from dateline.config import Config
from dateline.documents.search import SearchReader
from dateline.documents.search.reader import MOST_HITS
from dateline.ledger import Ledger
from dateline.ledger.queries.filters import NO_FILTER, EntryFilter
from dateline.ledger.queries.overview import OF_ENTRIES, OF_FILES
from dateline.ledger.rows import FileRecord
from dateline.newsroom.preview.source import NEVER, file_values
from dateline.newsroom.views import Row, entry_row, file_rows
from dateline.text.characters import comparable
from dateline.text.search_terms import folded, of_query

ALL = "all"
LISTS = (ALL, *OF_FILES, *OF_ENTRIES)
_SHOWN = 50  # rows of a page
_LONGEST = 200  # characters of a field
_WORDS = 8
_READ = 1000  # files that a search reads
_NAMED = ("editor", "authors")
_OF_FILES = ("q", "person", "topic")
_OF_ENTRIES = ("q", "person", "topic", "from", "to")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A page of a list; pages count from 1.

    `pages` is their number, or 0 where somebody searches: then only `has_more` is known. `fields`
    are those of the form with their values, `query` the same as the end of an address.
    """

    state: str
    rows: tuple[Row, ...]
    page: int
    pages: int
    has_more: bool
    counts: Mapping[str, int]
    fields: Mapping[str, str]
    query: str
    people: tuple[str, ...]


def asked(state: str, values: Mapping[str, str]) -> dict[str, str]:
    """Return the fields of the form of a list, with what was typed into them."""
    names = _OF_FILES if state in OF_FILES else _OF_ENTRIES
    return {name: values.get(name, "").strip()[:_LONGEST] for name in names}


def listing(
    config: Config,
    ledger: Ledger,
    state: str,
    fields: Mapping[str, str],
    now: datetime,
    *,
    page: int,
) -> Listing:
    """Return a page of the list of one state, or of `ALL`.

    Beyond the last page, it is the last; of a search, an empty one.
    """
    counts = ledger.overview.counts(now)
    wanted = _filter(config, fields)
    page = max(1, page)
    pages = 0
    if wanted == NO_FILTER and state != ALL:
        pages = max(1, -(-counts[state] // _SHOWN))
        page = min(page, pages)
    rows = _rows(config, ledger, state, wanted, now, page=page)
    typed = {name: value for name, value in fields.items() if value}
    return Listing(
        state=state,
        rows=tuple(rows[:_SHOWN]),
        page=page,
        pages=pages,
        has_more=len(rows) > _SHOWN,
        counts=counts,
        fields=fields,
        query=urlencode(typed),
        people=tuple(person.name for person in config.newsroom.people),
    )


def _rows(
    config: Config, ledger: Ledger, state: str, wanted: EntryFilter, now: datetime, *, page: int
) -> list[Row]:
    """Return the rows of a page, and one more where it is not the last."""
    if state in OF_FILES and wanted != NO_FILTER:
        found = _matching(config, ledger, state, wanted)
        chosen = [*found][(page - 1) * _SHOWN : page * _SHOWN + 1]
        return file_rows({path: found[path] for path in chosen}, config)
    if state in OF_FILES:
        return file_rows(ledger.overview.files(state, page=page, size=_SHOWN), config)
    entries = ledger.overview.entries(state, now, page=page, size=_SHOWN, wanted=wanted)
    held = ledger.overview.held([one.path for one in entries])
    return [entry_row(one, config, now, is_held=one.path in held) for one in entries]


def _matching(
    config: Config, ledger: Ledger, state: str, wanted: EntryFilter
) -> dict[str, FileRecord]:
    """Return the files that a search finds, of the first thousand.

    The ledger knows their names, and what people did with them; the rest is in the files.
    """
    files = ledger.overview.files(state, page=1, size=_READ)
    theirs = ledger.overview.files(state, page=1, size=_READ, person=wanted.person).keys()
    return {
        path: record
        for path, record in files.items()
        if _is_match(path, _values(path, record, config), wanted, is_theirs=path in theirs)
    }


def _values(path: str, record: FileRecord, config: Config) -> Mapping[str, object]:
    """Return the values of a file; none of one whose entry was taken down."""
    is_lost = any(problem.code in NEVER for problem in record.problems)
    return {} if is_lost else file_values(path, config) or {}


def _is_match(
    path: str, values: Mapping[str, object], wanted: EntryFilter, *, is_theirs: bool
) -> bool:
    text = folded(" ".join([path, *_texts(values)]))
    named = {comparable(one) for name in _NAMED for one in _texts(values.get(name))}
    topics = (comparable(one) for one in _texts(values.get("categories")))
    return (
        all(folded(word) in text for word in wanted.words)
        and (not wanted.person or is_theirs or comparable(wanted.person) in named)
        and (not wanted.topic or any(one.startswith(comparable(wanted.topic)) for one in topics))
    )


def _texts(value: object) -> Iterator[str]:
    """Yield the texts in a value of a file, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part)


def _filter(config: Config, fields: Mapping[str, str]) -> EntryFilter:
    text = fields["q"]
    first, last = (_day(fields.get(name, "")) for name in ("from", "to"))
    zone = config.publication.zone
    since, until = (
        datetime.combine(day, time.min, zone) if day else None
        for day in (first, last and last + timedelta(days=1))
    )
    return EntryFilter(
        words=tuple(text.split()[:_WORDS]),
        found=tuple(_found(config, text)),
        person=fields["person"],
        topic=fields.get("topic", ""),
        since=since,
        until=until,
    )


def _day(text: str) -> date | None:
    """Return a day that a field has; nobody published in the last year that there can be."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1 < day.year < date.max.year else None


def _found(config: Config, text: str) -> Iterable[str]:
    """Return the ids of the latest entries in which the readers' search finds the words."""
    terms = of_query(text)
    if not config.has_search or terms.is_empty:
        return ()
    reader = SearchReader(config.feeds_folder)
    try:
        return reader.find(terms, {}, limit=MOST_HITS).ids
    except sqlite3.Error:  # it is made anew, which takes a while
        return ()
    finally:
        reader.close()
