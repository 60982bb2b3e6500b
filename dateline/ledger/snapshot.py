"""The snapshot of the ledger by which the rules decide about the stories of a run."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from operator import attrgetter
from typing import Any

import sqlalchemy as sa

from dateline.ledger.queries.entries import (
    IS_GONE,
    IS_LIVE,
    SOME,
    WHOLE,
    corrected,
    has_gone,
    standing,
    with_corrections,
)
from dateline.ledger.rows import known_of, moment_at, month, path_digest, seconds
from dateline.ledger.session import Session, one_of
from dateline.ledger.tables import entry, renamed, version
from dateline.model import Story
from dateline.rules import story_json
from dateline.rules.identity.published import (
    EarlierVersion,
    FormerVersion,
    LedgerSnapshot,
    PublishedEntry,
)
from dateline.rules.identity.readings import WayOfReading, digests_before, read_now
from dateline.rules.withdrawals import RECENT
from dateline.text.urls import fingerprint, page_stem

# What is read in one way or another.
_READ = (
    "date",
    "event",
    "expires",
    "updated",
    "language",
    "image",
    "attachments",
    "inline",
    "html",
)
_NEAR = timedelta(days=30)  # apart: one query for both costs less than two
_MOST_VANISHED = 500  # of more files that vanish at once, a guard warns
_AT_PATHS = WHOLE.where(one_of(entry.c.path_digest))
_ALIKE = WHOLE.where(
    sa.or_(one_of(entry.c.content), one_of(entry.c.headline), one_of(entry.c.slug))
)
_FORMERLY_CALLED = WHOLE.where(
    entry.c.id.in_(sa.select(renamed.c.entry).where(one_of(renamed.c.name)))
)
# Unordered: to order them, an engine would go through an index of all entries.
_WAS_RECENT = entry.c.published >= entry.c.gone - int(RECENT.total_seconds())
_LATELY_VANISHED = WHOLE.where(
    IS_GONE,
    IS_LIVE,
    sa.or_(entry.c.kept.is_(False), entry.c.gone > sa.bindparam("lately")),
    _WAS_RECENT,
).limit(_MOST_VANISHED)
_OLD_VANISHED = WHOLE.where(
    IS_GONE, IS_LIVE, entry.c.gone > sa.bindparam("lately"), sa.not_(_WAS_RECENT)
).limit(_MOST_VANISHED)
_VERSIONS = sa.select(version.c.entry, version.c.story).where(one_of(version.c.entry))
# What an entry said before its latest versions, where these are since a moment; or at first.
_BEFORE = version.alias()
_OF_ENTRY = _BEFORE.c.entry == version.c.entry
_LAST_BEFORE = sa.select(sa.func.max(_BEFORE.c.number)).where(
    _OF_ENTRY, _BEFORE.c.accepted <= sa.bindparam("since")
)
_FIRST, _NEWEST = (
    sa.select(which(_BEFORE.c.number)).where(_OF_ENTRY) for which in (sa.func.min, sa.func.max)
)
_EARLIER = sa.select(version.c.entry, version.c.story, version.c.accepted).where(
    one_of(version.c.entry),
    version.c.number == sa.func.coalesce(_LAST_BEFORE.scalar_subquery(), _FIRST.scalar_subquery()),
    version.c.number < _NEWEST.scalar_subquery(),
)
_OWNERS = sa.select(entry.c.id, entry.c.purged, entry.c.path, entry.c.slug).where(
    one_of(entry.c.id)
)
_TAKEN = sa.union_all(
    sa.select(entry.c.slug).where(one_of(entry.c.slug)),
    sa.select(entry.c.slug).where(entry.c.purged),
)
_PURGED = sa.select(entry.c.headline).where(entry.c.purged)
_OF_MONTHS = sa.select(entry.c.slug).where(one_of(entry.c.month))
_AROUND = sa.select(entry.c.published).where(
    entry.c.published.between(sa.bindparam("since"), sa.bindparam("until"))
)
_LATELY = 3600  # seconds before the last change
_LATELY_CHANGED = sa.select(entry.c.updated).where(
    entry.c.updated > sa.select(sa.func.max(entry.c.updated) - _LATELY).scalar_subquery()
)


def take_snapshot(
    session: Session,
    stories: Sequence[Story],
    contents: Mapping[str, str],
    readings: Sequence[WayOfReading],
    taken_down: frozenset[str],
    *,
    since: Mapping[str, datetime],
) -> LedgerSnapshot:
    """Return all that `dateline.rules.decide` needs to know to decide about `stories`.

    `contents` are the digests of their contents, by path; `readings` how files were read, the
    present way last. What was read in a former way is known by what the same file is now.
    `taken_down` are the digests of ids and titles of what was taken down; `since` has the moment,
    by path, from which on versions of its entry are of the same series of saves.
    """
    paths = {path_digest(story.path): story.path for story in stories}
    by_path = {
        paths[row.path_digest]: known_of(row, corrections)
        for row, corrections in corrected(session, _AT_PATHS, sorted(paths))
    }
    new = [
        s for s in stories if s.path not in by_path or by_path[s.path].content != contents[s.path]
    ]
    before = digests_before(new, contents, readings)
    for story in new if readings[1:] else ():
        if known := by_path.get(story.path):
            by_path[story.path] = _own_now(story, known, before, readings)
    similar = _similar(session, new, contents, before, readings)
    former = [*_former(session, [found for _, found in similar], readings)]
    files = {found.id: found.path or f"{found.slug}.html" for _, found in similar}
    gone = {found.id for _, found in similar if found.is_missing and not found.is_withdrawn}
    owners = _owners(session, [story.id for story in stories if story.id])
    named = _named(session, {story.id for story in new if story.id and owners.get(story.id)})
    now = standing(session)
    newest = moment_at(now.published)
    return LedgerSnapshot(
        contents=contents,
        by_path=by_path,
        missing=_missing([*(found for _, found in similar), *named]),
        vanished=_vanished(session, now.published or 0) if new else (),
        alike=[found for _, found in similar if not found.is_missing],
        former=[
            FormerVersion(one, said, replace(story, path=files[one])) for one, said, story in former
        ],
        earlier=_earlier(session, new, by_path, since),
        former_files={(story.path, said): one for one, said, story in former if one in gone},
        ids=owners,
        purged=taken_down | _purged(session, new),
        slugs=_slugs(session, new),
        moments=_moments(session, new) if newest else frozenset(),
        updates=_updates(session, new),
        newest=newest,
        sequence=now.sequence or 0,
    )


def entries_at(session: Session, paths: Sequence[str]) -> list[PublishedEntry]:
    """Return the live entries whose files have these paths."""
    rows = corrected(session, _AT_PATHS, sorted(map(path_digest, paths)))
    found = [known_of(row, corrections) for row, corrections in rows]
    return [known for known in found if not known.is_withdrawn]


def _similar(
    session: Session,
    new: Sequence[Story],
    contents: Mapping[str, str],
    before: Mapping[str, str],
    readings: Sequence[WayOfReading],
) -> list[tuple[str, PublishedEntry]]:
    """Return the entries with the content or the headline of a new story, with path digests.

    Or which had its headline before; the first one is in their addresses, too. Digests of now take
    the place of those `before`, of former readings.
    """
    known = {*(contents[one.path] for one in new), *before}
    headlines = {*map(story_json.headline_digest, new), *before}
    values = {*known, *headlines, *(page_stem(one.date.start, one.title) for one in new)}
    rows = {row.id: (row, some) for row, some in corrected(session, _ALIKE, sorted(values))}
    retitled = corrected(session, _FORMERLY_CALLED, sorted(headlines))
    rows |= {row.id: (row, some) for row, some in retitled}
    ordered = sorted(rows.values(), key=lambda found: _likeness(found[0], known))
    return [
        (row.path_digest, _as_now(known_of(row, some), before, readings)) for row, some in ordered
    ]


def _own_now(
    story: Story,
    known: PublishedEntry,
    before: Mapping[str, str],
    readings: Sequence[WayOfReading],
) -> PublishedEntry:
    """Return a story's own entry as its file is read now: this one, or that to which it moved."""
    alike, now = _read_alike(story, known, readings), _as_now(known, before, readings)
    if now is known or alike.headline == story_json.headline_digest(story):
        return replace(alike, content=now.content)
    return now


def _read_alike(
    story: Story, known: PublishedEntry, readings: Sequence[WayOfReading]
) -> PublishedEntry:
    """Return a story's own entry with what its file says now, where it said the same before.

    One field may have an offset of its own, and another not.
    """
    if known.story is None:
        return known
    ways = [*read_now(known.story, readings)]
    same = {
        name: said
        for name in _READ
        if (said := getattr(story, name)) in [getattr(one, name) for one in ways]
    }
    now = replace(known.story, **same)
    return replace(known, story=now, headline=story_json.headline_digest(now))


def _as_now(
    known: PublishedEntry, before: Mapping[str, str], readings: Sequence[WayOfReading]
) -> PublishedEntry:
    """Return an entry as its file is read now, if it was read `before` as a new one was."""
    if known.content not in before and known.headline not in before:
        return known
    content = before.get(known.content, known.content)
    headline = before.get(known.headline, known.headline)
    ways = [*read_now(known.story, readings)] if known.story else []
    same = (one for one in ways if story_json.content_digest(one) == content)
    story = next(same, None) or next(
        (one for one in ways if story_json.headline_digest(one) == headline), known.story
    )
    return replace(known, content=content, headline=headline, story=story)


def _former(
    session: Session, entries: Sequence[PublishedEntry], readings: Sequence[WayOfReading]
) -> Iterator[tuple[str, str, Story]]:
    """Yield the id of an entry, with the digest of a version of it and the story in it."""
    for row in session.among(_VERSIONS, sorted({one.id for one in entries})):
        loaded = story_json.load(row.story)
        for story in read_now(loaded, readings):
            text = row.story if story is loaded else ""
            yield row.entry, story_json.content_digest(story, text), story


def _earlier(
    session: Session,
    new: Sequence[Story],
    by_path: Mapping[str, PublishedEntry],
    since: Mapping[str, datetime],
) -> dict[str, EarlierVersion]:
    """Return what the entries of changed files said before a moment, if they have changed since."""
    asked = defaultdict(list)
    for story in new:
        if story.path in since and (known := by_path.get(story.path)) and not known.is_withdrawn:
            asked[since[story.path]].append(known.id)
    return {
        row.entry: EarlierVersion(story_json.load(row.story), row.accepted > seconds(moment))
        for moment, ids in asked.items()
        for row in session.among(_EARLIER, sorted(ids), since=seconds(moment))
    }


def _named(session: Session, ids: Collection[str]) -> list[PublishedEntry]:
    """Return the entries with these ids, which new or changed files ask for.

    One of which a recovery found the id alone may have been taken down: it is left out.
    """
    rows = corrected(session, SOME, sorted(ids)) if ids else ()
    return [known_of(row, some) for row, some in rows if row.content]


def _missing(entries: Sequence[PublishedEntry]) -> list[PublishedEntry]:
    """Return those whose files are or were gone, each once."""
    return [*{one.id: one for one in entries if one.is_missing}.values()]


def _likeness(row: sa.Row[Any], contents: Collection[str]) -> tuple[bool, str, int]:
    """Return the key that sorts entries with the same content before those with a headline."""
    is_same = row.content in contents
    return not is_same, row.content if is_same else row.headline, row.sequence


def _vanished(session: Session, newest: int) -> list[PublishedEntry]:
    """Return some of the live entries without files.

    They were recent when the files went, or these went lately. Those that stay live without a
    file, as staff keep them or as they are old, are `is_kept`; of them come only such whose files
    went lately, by the moment of the `newest` entry. Old ones whose files other entries took over
    are not kept: nobody has tidied these away.
    """
    if not has_gone(session):
        return []
    lately = {"lately": newest - int(RECENT.total_seconds())}
    recent = sorted(session.execute(_LATELY_VANISHED, lately), key=attrgetter("sequence"))
    old = sorted(session.execute(_OLD_VANISHED, lately), key=attrgetter("sequence"))
    found = [known_of(row, some) for row, some in with_corrections(session, [*recent, *old])]
    is_old = {row.id for row in old}
    return [
        replace(one, is_kept=one.is_kept or bool(one.path)) if one.id in is_old else one
        for one in found
    ]


def _owners(session: Session, ids: Sequence[str]) -> dict[str, str]:
    """Return the file or page of each known entry of these; empty for one taken down."""
    rows = session.among(_OWNERS, ids)
    return {row.id: "" if row.purged else row.path or f"{row.slug}.html" for row in rows}


def _purged(session: Session, stories: Sequence[Story]) -> frozenset[str]:
    """Return the headlines of the entries that were taken down, for stories with a time."""
    if not any(isinstance(one.date.start, datetime) for one in stories):
        return frozenset()
    return frozenset(session.scalars(_PURGED))


def _slugs(session: Session, stories: Sequence[Story]) -> frozenset[str]:
    """Return the slugs that are taken; those of entries taken down are digests.

    All of a month are among them only if a story's own slug is taken and it needs another.
    """
    if not stories:
        return frozenset()
    stems = Counter(page_stem(story.date.start, story.title) for story in stories)
    taken = {row.slug for row in session.among(_TAKEN, sorted(stems))}
    gone = taken - stems.keys()
    others = {
        month(stem)
        for stem, count in stems.items()
        if count > 1 or stem in taken or (gone and fingerprint(f"{stem}.html") in gone)
    }
    taken |= {row.slug for row in session.among(_OF_MONTHS, sorted(others))}
    return frozenset(taken)


def _moments(session: Session, stories: Sequence[Story]) -> frozenset[datetime]:
    """Return the moments of publication that are taken around the days of `stories`."""
    days = {datetime.combine(story.date.first_day, time(), UTC) for story in stories}
    return frozenset(
        datetime.fromtimestamp(taken, UTC)
        for first, last in _stretches(sorted(days))
        for taken in session.scalars(
            _AROUND,
            {
                "since": seconds(first - timedelta(days=1)),
                "until": seconds(last + timedelta(days=2)),
            },
        ).all()
    )


def _updates(session: Session, stories: Sequence[Story]) -> frozenset[datetime]:
    """Return the moments of the last changes, if one of `stories` may be corrected now."""
    if not any(story.correction or story.retraction for story in stories):
        return frozenset()
    return frozenset(datetime.fromtimestamp(one, UTC) for one in session.scalars(_LATELY_CHANGED))


def _stretches(days: Sequence[datetime]) -> Iterator[tuple[datetime, datetime]]:
    """Yield the first and the last of the rising days that are near each other."""
    cuts = [place for place, (day, after) in enumerate(pairwise(days), 1) if after - day > _NEAR]
    for begin, end in pairwise([0, *cuts, len(days)] if days else []):
        yield days[begin], days[end - 1]
