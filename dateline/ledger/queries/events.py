"""The entries that sitemaps, calendars and the pages of years list."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from dateline.ledger.queries.editions import NOTICE_PERIOD
from dateline.ledger.queries.entries import IS_LIVE, SOME, WHOLE, corrected, entry_of, live_entries
from dateline.ledger.rows import headline, moment_at, seconds
from dateline.ledger.session import Session, batches, one_of
from dateline.ledger.tables import entry, member, topic
from dateline.model import Agenda, Entry, Feed, Happening, Headline, Span
from dateline.rules.taxonomy import facet_of, months_in, term_slug

PART = 1000  # addresses in a sitemap: a new entry costs one of these, and the index
_NEWS, _MOST_NEWS = timedelta(days=2), 1000  # as Google requires
_PAST = timedelta(days=365)  # for which a calendar keeps events that are over
_MOST_EVENTS = 500  # a quarter of a megabyte
_COMING, _MOST_COMING = 5, 100  # events on a front page, and on a page of events alone
_PART_OF = (entry.c.sequence - 1) // sa.bindparam("size", type_=sa.Integer) + 1
_MOMENT: sa.BindParameter[int] = sa.bindparam("moment")
_IS_NOT_OVER = sa.or_(entry.c.expires.is_(None), entry.c.expires > _MOMENT)
# As on the pages of months: of expired entries only retractions, for the notice period.
_NOTICED: sa.BindParameter[int] = sa.bindparam("noticed")
_IS_SHOWN = sa.or_(_IS_NOT_OVER, entry.c.retracted > _NOTICED)
_NOTICE_ENDS = entry.c.retracted + int(NOTICE_PERIOD.total_seconds())
_LEAVES = sa.case((entry.c.expires < _NOTICE_ENDS, _NOTICE_ENDS), else_=entry.c.expires)
_IS_IN_PART = entry.c.sequence.between(sa.bindparam("first"), sa.bindparam("last"))
_NEWEST = (sa.func.max(entry.c.updated), sa.func.max(entry.c.withdrawn))
# Grouped by name: PostgreSQL takes the same expression with other parameters for another.
_CHANGED = sa.select(_PART_OF.label("part"), *_NEWEST).group_by("part")
_CHANGED_IN = sa.select(*_NEWEST).where(_IS_IN_PART)
_ADDRESSES = (
    sa.select(entry.c.slug, entry.c.updated).where(IS_LIVE, _IS_IN_PART).order_by(entry.c.sequence)
)
_MONTHS = (
    sa.select(
        member.c.feed,
        sa.func.count().label("entries"),
        sa.func.min(_LEAVES).label("expires"),
    )
    .join_from(member, entry)
    .where(IS_LIVE, _IS_SHOWN, one_of(member.c.feed))
    .group_by(member.c.feed)
    .order_by(member.c.feed)
)


def _each(
    column: sa.Column[str],
    *conditions: sa.ColumnElement[bool],
    end: Callable[[sa.ColumnElement[str]], sa.ColumnElement[str]],
) -> sa.Select[Any]:
    """Return the query for the distinct values of a column in their order.

    An index is searched once for each: the next value is the first after the `end` of one, an empty
    one is left out. A second bound could lead an engine to search from that.
    """
    first = sa.select(column.label("value")).where(*conditions, column > "")
    first = first.order_by(column).limit(1)
    found = sa.select(first.scalar_subquery().label("value")).cte(recursive=True)
    after = sa.select(column).where(*conditions, column > end(found.c.value)).order_by(column)
    following = sa.select(after.limit(1).scalar_subquery()).where(found.c.value.isnot(None))
    every = found.union_all(following)
    return sa.select(every.c.value).where(every.c.value.isnot(None))


def _end_of_year(month: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    """Return what comes after all months of a year; of what is no month, that itself.

    Otherwise the search for the next one would find the same again, for ever.
    """
    is_month = sa.func.substr(month, 5, 1) == "/"
    return sa.case((is_month, sa.func.substr(month, 1, 4) + "/99"), else_=month)


_EACH_MONTH = _each(entry.c.month, IS_LIVE, _IS_SHOWN, end=_end_of_year).subquery()
_YEAR = sa.func.substr(_EACH_MONTH.c.value, 1, 4, type_=sa.Text)
_FOLDER = _YEAR + sa.bindparam("ending", type_=sa.Text)
# Between the names of the first and the last month of a folder are only those of months.
_IS_WITHIN = sa.and_(
    member.c.feed.between(_FOLDER + "01", _FOLDER + "12"),
    sa.func.substr(member.c.feed, 1, sa.func.length(_FOLDER)) == _FOLDER,
)
_YEARS = (
    sa.select(_YEAR)
    .where(
        sa.select(member.c.feed)
        .join_from(member, entry)
        .where(IS_LIVE, _IS_SHOWN, _IS_WITHIN)
        .correlate(_EACH_MONTH)
        .exists()
    )
    .order_by(_YEAR)
)
_EACH_LANGUAGE = _each(topic.c.value, topic.c.facet == "language", end=lambda language: language)
_SPELLINGS = (
    sa.select(topic.c.value, sa.func.min(topic.c.name).label("name"))
    .join(entry)
    .where(topic.c.facet == sa.bindparam("facet"), IS_LIVE)
    .group_by(topic.c.value)
)
_LATELY = (
    WHOLE.where(IS_LIVE, entry.c.retracted.is_(None), _IS_NOT_OVER)
    .where(entry.c.published > sa.bindparam("since"))
    .order_by(entry.c.published.desc())
    .limit(_MOST_NEWS)
)
# A new entry was no event before.
_MAY_BE_EVENT = sa.or_(
    entry.c.version != 1,
    sa.exists().where(topic.c.entry == entry.c.id, topic.c.facet == "until"),
)
_LISTED = sa.select(_PART_OF.label("part"), _MAY_BE_EVENT.label("is_event")).where(
    one_of(entry.c.id)
)
_COMING_EVENTS = (
    sa.select(topic.c.entry, topic.c.value.label("until"), entry.c.retracted)
    .join_from(topic, entry)
    .where(topic.c.facet == "until", topic.c.value >= sa.bindparam("today"))
    .where(IS_LIVE, _IS_NOT_OVER)
    .order_by(topic.c.value, entry.c.sequence)
    .limit(_MOST_EVENTS)
)
_REVISION = sa.select(entry.c.revision).where(entry.c.id == sa.bindparam("id"))
# Without the feed's name: an engine might scan all of the feed.
_FEEDS = sa.select(member.c.entry, member.c.feed).where(one_of(member.c.entry), member.c.part == 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class YearContent:
    """The number of entries of each month of a year, and the moment at which time changes it.

    Months are by the names of their terms, and of one language.
    """

    counts: Mapping[str, int]
    expires: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDate:
    """The columns of an event on which its calendar depends; `until` is its last day."""

    id: str
    until: str
    version: int
    revision: int
    updated: int
    retracted: int | None
    withdrawn: int | None
    expires: int | None

    @property
    def cancelled(self) -> datetime | None:
        """The moment at which the event was cancelled for readers, or None."""
        return moment_at(self.withdrawn or self.retracted)

    @property
    def changed(self) -> datetime:
        """The moment of the last change that readers saw."""
        return self.cancelled or datetime.fromtimestamp(self.updated, UTC)

    @property
    def leaves(self) -> datetime:
        """The moment at which the event leaves its calendar."""
        over = _after(self.until) + _PAST
        ends = self.cancelled + NOTICE_PERIOD if self.cancelled else moment_at(self.expires)
        return min(over, ends) if ends else over


class Directory:
    """The lists of a publication's entries for sitemaps and calendars."""

    def __init__(self, session: Session) -> None:
        self._session = session

    # ---- Sitemaps: entries by sequence, `PART` in each, numbered from 1

    def listed(self, ids: Sequence[str]) -> tuple[set[int], bool]:
        """Return the numbers of the sitemaps that these entries are in, or were.

        The second value is true if any of them is an event, or may have been one before.
        """
        rows = [*self._session.among(_LISTED, ids, size=PART)]
        return {row.part for row in rows}, any(row.is_event for row in rows)

    def changed(self, numbers: Sequence[int] | None = None) -> dict[int, int]:
        """Return the newest `updated`, or withdrawal, in these sitemaps, or all, by number."""
        if numbers is None:
            rows = self._session.execute(_CHANGED, {"size": PART})
            return {row.part: max(row[1], row[2] or 0) for row in rows}
        found = {}
        for number in numbers:
            updated, withdrawn = self._session.execute(_CHANGED_IN, _bounds(number)).one()
            found[number] = max(updated or 0, withdrawn or 0)
        return found

    def addresses(self, number: int) -> list[tuple[str, int]]:
        """Return slug and `updated` of each live entry in one sitemap, in order of sequence."""
        rows = self._session.execute(_ADDRESSES, _bounds(number)).all()
        return [(slug, updated) for slug, updated in rows]

    def news(self, now: datetime) -> tuple[list[Headline], datetime | None]:
        """Return the news of the last two days, newest first, and when time alone changes them.

        There are a thousand at most; retracted and expired entries are left out.
        """
        within = {"moment": seconds(now), "since": seconds(now - _NEWS)}
        rows = self._session.execute(_LATELY, within).all()
        ends = [row.published + int(_NEWS.total_seconds()) for row in rows[-1:]]
        ends += [row.expires for row in rows if row.expires]
        return [headline(row) for row in rows], moment_at(min(ends, default=None))

    # ---- Years and months, which are those of the slugs

    def languages(self) -> list[str]:
        """Return the languages that any entry ever had, regions aside."""
        found = self._session.scalars(_EACH_LANGUAGE)
        return sorted({language.partition("-")[0] for language in found if language})

    def years(self, ending: str, now: datetime) -> list[str]:
        """Return the years whose folders with this ending have entries to show, in order."""
        return list(self._session.scalars(_YEARS, {**_shown(now), "ending": ending}))

    def months(self, year: str, now: datetime) -> YearContent:
        """Return the months in the folder of a year that have entries to show."""
        rows = [*self._session.among(_MONTHS, months_in(year), **_shown(now))]
        ends = [row.expires for row in rows if row.expires]
        return YearContent(
            counts={row.feed: row.entries for row in rows},
            expires=moment_at(min(ends, default=None)),
        )

    def titles(self, terms: Sequence[str]) -> dict[str, str]:
        """Return the titles of terms in one folder, in their order."""
        facet = {"facet": facet_of(terms[0])} if terms else {"facet": ""}
        rows = self._session.execute(_SPELLINGS, facet)
        spelt = {term_slug(row.value): row.name for row in rows}
        slugs = {name: name.rpartition("/")[2] for name in terms}
        return {name: spelt.get(slug, slug) for name, slug in slugs.items()}

    # ---- Calendars

    def dates(self, feed: Feed, now: datetime) -> list[EventDate]:
        """Return the events of a feed that are to come or ended in the last year.

        There are five hundred at most, the last to end first; cancelled events are kept for the
        notice period.
        """
        since = (now.astimezone(UTC) - _PAST).date()
        cancelled = sa.func.coalesce(entry.c.withdrawn, entry.c.retracted)
        is_on = sa.and_(cancelled.is_(None), _IS_NOT_OVER)
        names = [one.name for one in fields(EventDate) if one.name != "until"]
        query = (
            sa.select(topic.c.value.label("until"), *(entry.c[name] for name in names))
            .join_from(topic, entry)
            .where(topic.c.facet == "until", topic.c.value >= since.isoformat())
            .where(entry.c.version > 0, sa.or_(is_on, cancelled > seconds(now - NOTICE_PERIOD)))
            .order_by(topic.c.value.desc(), entry.c.sequence)
        )
        rows = self._session.execute(query, {"moment": seconds(now)})
        dates = {row.id: EventDate(**row._mapping) for row in rows}  # noqa: SLF001 - SQLAlchemy's public name
        return [dates[id_] for id_ in self._in_feed(feed, [*dates], _MOST_EVENTS)]

    def coming(self, feed: Feed, now: datetime) -> tuple[tuple[Entry, ...], datetime | None]:
        """Return the next events of a feed, by their ends, and the moment the first of them goes.

        An event is over after its last day in UTC, or goes when its entry expires. A feed of events
        alone has more of them, including those that are cancelled.
        """
        today = {"moment": seconds(now), "today": f"{now.astimezone(UTC):%Y-%m-%d}"}
        rows = self._session.execute(_COMING_EVENTS, today)
        until = {row.entry: row.until for row in rows if feed.is_agenda or not row.retracted}
        found = self._in_feed(feed, [*until], _MOST_COMING if feed.is_agenda else _COMING)
        whole = (*live_entries(self._session, entry.c.id, found),)
        expiries = [one.story.expires for one in whole if one.story.expires]
        return whole, min([*expiries, *(_after(until[id_]) for id_ in found)], default=None)

    def _in_feed(self, feed: Feed, ids: Sequence[str], most: int) -> list[str]:
        """Return the first of these entries that are in a feed, `most` at most."""
        found: list[str] = []
        for some in batches(ids):
            if len(found) < most:
                own = self._members(feed, some)
                found += [id_ for id_ in some if id_ in own]
        return found[:most]

    def _members(self, feed: Feed, ids: Sequence[str]) -> set[str]:
        rows = self._session.among(_FEEDS, ids)
        return {row.entry for row in rows if row.feed == feed.name}

    def happening(self, found: Entry, event: Span) -> Happening:
        """Return the event of a live entry."""
        revision = self._session.scalar(_REVISION, {"id": found.id})
        return Happening(
            entry=found, event=event, revision=revision or 0, cancelled=found.retracted
        )

    def agenda(self, feed: Feed, dates: Sequence[EventDate], founded: datetime) -> Agenda:
        """Return the agenda of a feed with these events; an empty one dates from `founded`."""
        by_id = {one.id: one for one in dates}
        rows = corrected(self._session, SOME, [*by_id])
        whole = [entry_of(row, corrections) for row, corrections in rows]
        return Agenda(
            feed=feed,
            happenings=tuple(
                Happening(
                    entry=found,
                    event=found.story.event,
                    revision=by_id[found.id].revision,
                    cancelled=by_id[found.id].cancelled,
                    is_withdrawn=by_id[found.id].withdrawn is not None,
                )
                for found in sorted(whole, key=lambda one: one.sequence)
                if found.story.event
            ),
            updated=max((one.changed for one in dates), default=founded),
            expires=min((one.leaves for one in dates), default=None),
        )


def _shown(now: datetime) -> dict[str, int]:
    """Return the parameters of `_IS_SHOWN`."""
    return {"moment": seconds(now), "noticed": seconds(now - NOTICE_PERIOD)}


def _after(last: str) -> datetime:
    """Return the moment at which a last day is over in UTC."""
    return datetime.fromisoformat(last).replace(tzinfo=UTC) + timedelta(days=1)


def _bounds(number: int) -> dict[str, int]:
    return {"first": (number - 1) * PART + 1, "last": number * PART}
