"""The entries and files that staff search for: by words, people, topics and days.

A search costs at most one pass through the entries, however many are found: an index has all
that words are compared with.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from dateline.ledger.rows import file_name, seconds
from dateline.ledger.session import Session
from dateline.ledger.tables import act, entry, file, topic
from dateline.rules.selection import keys
from dateline.text.characters import comparable
from dateline.text.urls import slugify

_FEW = 1000  # entries that are listed one by one; of more, the latest are soon found
_LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFilter:
    """What staff search for; an empty value is no condition.

    All `words` are in an entry's title or all in its file's name, or its id is in `found`. `person`
    did something with it, or is its editor or one of its authors; `topic` is the beginning of one
    of its categories. It was published at `since` or later, and before `until`.
    """

    words: tuple[str, ...] = ()
    found: tuple[str, ...] = ()
    person: str = ""
    topic: str = ""
    since: datetime | None = None
    until: datetime | None = None


NO_FILTER = EntryFilter()
Conditions = Sequence[sa.ColumnElement[bool]]


def of_entries(session: Session, wanted: EntryFilter) -> Conditions:
    """Return the conditions that entries fulfil."""
    found: list[sa.ColumnElement[bool]] = []
    if wanted.words:
        found.append(_with_words(session, wanted))
    if wanted.person:
        found.append(entry.c.id.in_(_of_person(wanted.person)))
    if wanted.topic:
        found.append(entry.c.id.in_(_of_topic(wanted.topic)))
    if wanted.since:
        found.append(entry.c.published >= seconds(wanted.since))
    if wanted.until:
        found.append(entry.c.published < seconds(wanted.until))
    return found


def of_files(person: str) -> Conditions:
    """Return the conditions of files that a person did something with, or none for nobody."""
    return [file.c.path.in_(sa.select(act.c.path).where(_did(person)))] if person else []


def _with_words(session: Session, wanted: EntryFilter) -> sa.ColumnElement[bool]:
    """Return the condition for words: the entries themselves, where there are few."""
    slug = sa.and_(*_all(entry.c.slug, map(slugify, wanted.words)))
    name = sa.and_(*_all(entry.c.name, (file_name(word) or word for word in wanted.words)))
    slugs, names = (
        [*session.scalars(sa.select(column).where(has_words).limit(_FEW))]
        for column, has_words in ((entry.c.slug, slug), (entry.c.name, name))
    )
    if max(len(slugs), len(names)) < _FEW:
        slug, name = entry.c.slug.in_(slugs), entry.c.name.in_(names)
    return sa.or_(slug, name, entry.c.id.in_(wanted.found))


def _all(column: sa.ColumnElement[str], words: Iterable[str]) -> list[sa.ColumnElement[bool]]:
    return [column.contains(word, autoescape=True) for word in words]


def _of_person(person: str) -> sa.CompoundSelect[tuple[str]]:
    """Return the ids of entries that a person did something with, answers for, or signed."""
    files = sa.select(act.c.path_digest).where(_did(person), act.c.path_digest != "")
    return sa.union(
        sa.select(act.c.entry).where(_did(person)),
        sa.select(entry.c.id).where(entry.c.path_digest.in_(files)),
        sa.select(topic.c.entry).where(
            topic.c.facet.in_(("author", "editor")), topic.c.value.in_(keys(person))
        ),
    )


def _did(person: str) -> sa.ColumnElement[bool]:
    return act.c.person == person


def _of_topic(beginning: str) -> sa.Select[tuple[str]]:
    first = comparable(beginning)
    return sa.select(topic.c.entry).where(
        topic.c.facet == "category", topic.c.value >= first, topic.c.value < first + _LAST
    )
