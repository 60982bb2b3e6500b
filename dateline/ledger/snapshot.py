"""The snapshot of the ledger by which the rules decide about the stories of a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from dateline.ledger.queries.entries import IS_GONE, IS_LIVE, LAST, NEWEST, WHOLE, corrected
from dateline.ledger.rows import known_of, moment_at, month, path_digest, seconds
from dateline.ledger.session import Session, one_of
from dateline.ledger.tables import entry
from dateline.model import Story
from dateline.rules import story_json
from dateline.rules.identify import LedgerSnapshot, PublishedEntry
from dateline.rules.withdrawals import RECENT
from dateline.text.urls import fingerprint, page_stem

_MOST_VANISHED = 500  # of more files that vanish at once, a guard warns
_KNOWN = {
    column: WHOLE.where(one_of(column))
    for column in (entry.c.path_digest, entry.c.content, entry.c.headline)
}
# Unordered: to order them, an engine would go through an index of all entries.
_LATELY_VANISHED = WHOLE.where(
    IS_GONE,
    IS_LIVE,
    entry.c.kept.is_(False),
    entry.c.published > entry.c.gone - int(RECENT.total_seconds()),
).limit(_MOST_VANISHED)
_OWNERS = sa.select(entry.c.id, entry.c.purged, entry.c.path, entry.c.slug).where(
    one_of(entry.c.id)
)
_TAKEN = sa.select(entry.c.slug).where(one_of(entry.c.slug))
_OF_MONTHS = sa.select(entry.c.slug).where(one_of(entry.c.month))
_PURGED = sa.select(entry.c.slug).where(entry.c.purged)
_AROUND = sa.select(entry.c.published).where(
    entry.c.published.between(sa.bindparam("since"), sa.bindparam("until"))
)


def take_snapshot(session: Session, stories: Sequence[Story]) -> LedgerSnapshot:
    """Return all that `dateline.rules.decide` needs to know to decide about `stories`."""
    paths = {path_digest(story.path): story.path for story in stories}
    by_path = {
        paths[digest]: found for digest, found in _known(session, entry.c.path_digest, paths)
    }
    contents = {story.path: story_json.content_digest(story) for story in stories}
    new = [
        s for s in stories if s.path not in by_path or by_path[s.path].content != contents[s.path]
    ]
    similar = _similar(session, new, [contents[story.path] for story in new])
    newest = moment_at(session.scalar(NEWEST))
    return LedgerSnapshot(
        contents=contents,
        by_path=by_path,
        missing=[found for _, found in similar if found.is_missing],
        vanished=_vanished(session) if new else (),
        copied={
            found.content: found.path or f"{found.slug}.html"
            for digest, found in similar
            if not found.is_missing and digest not in paths
        },
        ids=_owners(session, [story.id for story in stories if story.id]),
        slugs=_slugs(session, new),
        moments=_moments(session, new) if newest else frozenset(),
        newest=newest,
        sequence=session.scalar(LAST) or 0,
    )


def _similar(
    session: Session, new: Sequence[Story], contents: Sequence[str]
) -> list[tuple[str, PublishedEntry]]:
    """Return the entries with the content or the headline of a new story, with path digests."""
    headlines = [story_json.headline_digest(story) for story in new]
    pairs = (
        *_known(session, entry.c.content, contents),
        *_known(session, entry.c.headline, headlines),
    )
    return [*{found.id: (digest, found) for digest, found in pairs}.values()]


def _known(
    session: Session, column: sa.Column[str], values: Iterable[str]
) -> Iterator[tuple[str, PublishedEntry]]:
    """Yield the entries whose `column` is one of `values`, with their path digests."""
    for row, corrections in corrected(session, _KNOWN[column], sorted(set(values))):
        yield row.path_digest, known_of(row, corrections)


def _vanished(session: Session) -> list[PublishedEntry]:
    """Return some of the recently published live entries whose files are gone."""
    rows = session.execute(_LATELY_VANISHED).all()
    return [known_of(row, ()) for row in sorted(rows, key=lambda row: row.sequence)]


def _owners(session: Session, ids: Sequence[str]) -> dict[str, str]:
    """Return the file or page of each known entry of these; empty for one taken down."""
    rows = session.among(_OWNERS, ids)
    return {row.id: "" if row.purged else row.path or f"{row.slug}.html" for row in rows}


def _slugs(session: Session, stories: Sequence[Story]) -> frozenset[str]:
    """Return the slugs that are taken; those of entries taken down are digests.

    All of a month are among them only if a story's own slug is taken and it needs another.
    """
    if not stories:
        return frozenset()
    stems = Counter(page_stem(story.date.start, story.title) for story in stories)
    taken = {row.slug for row in session.among(_TAKEN, sorted(stems))}
    taken |= {*session.scalars(_PURGED)}
    others = {
        month(stem)
        for stem, count in stems.items()
        if count > 1 or not taken.isdisjoint((stem, fingerprint(f"{stem}.html")))
    }
    taken |= {row.slug for row in session.among(_OF_MONTHS, sorted(others))}
    return frozenset(taken)


def _moments(session: Session, stories: Sequence[Story]) -> frozenset[datetime]:
    """Return the moments of publication that are taken around the days of `stories`."""
    days = {datetime(*story.date.start.timetuple()[:3], tzinfo=UTC) for story in stories}
    return frozenset(
        datetime.fromtimestamp(taken, UTC)
        for day in days
        for taken in session.scalars(
            _AROUND,
            {
                "since": seconds(day - timedelta(days=1)),
                "until": seconds(day + timedelta(days=2)),
            },
        )
    )
