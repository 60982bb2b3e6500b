"""The page of figures: its charts, their totals, and the entries that are read most."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateline.config import Config
from dateline.ledger import Ledger
from dateline.ledger.queries.notices.subscriptions import HubFigures
from dateline.ledger.rows import moment_at, seconds
from dateline.newsroom.board.figures import Chart, Figure, PageFigures, ReaderFigures, chart
from dateline.newsroom.language import Words

RANGES = (4, 13, 52)  # weeks
USUAL = 13
READ_RANGES = (7, 30, 90, 365)  # days
USUAL_READ = 30
_COMPARED = 4  # weeks
_FEEDS = 40
_MOST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadEntry:
    """An entry that is live, with the number of requests for its page."""

    id: str
    title: str
    language: str
    address: str
    requests: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Charts:
    """The charts; None where there are no figures yet.

    `total` is the number of entries in all `weeks`, `lately` that of the last four weeks, and
    `before` that of the four weeks before. `requests` and `unchanged` are sums of all `days`.
    `hub` has the figures of the publication's own hub, if it has one.
    """

    weeks: Chart
    total: int
    lately: int
    before: int
    feeds: Chart | None
    days: Chart | None
    requests: int
    unchanged: int
    most_read: tuple[ReadEntry, ...] | None
    hub: HubFigures | None = None

    @property
    def hub_oldest(self) -> datetime | None:
        """The moment of the oldest change that a subscriber of the hub lacks."""
        return moment_at(self.hub.oldest) if self.hub else None


def charts(
    config: Config,
    ledger: Ledger,
    known: ReaderFigures | None,
    words: Words,
    now: datetime,
    *,
    pages: PageFigures | None = None,
    weeks: int = USUAL,
) -> Charts:
    """Return the charts of publications in the last `weeks`, and of readers."""
    mondays = _mondays(now, config.publication.zone, weeks)
    published = ledger.overview.published_between(mondays)
    compared = [now - timedelta(weeks=number) for number in (2 * _COMPARED, _COMPARED, 0)]
    before, lately = ledger.overview.published_between(compared)
    figures = [
        Figure(name=words.day(monday), value=count, day=monday.date())
        for monday, count in zip(mondays, published, strict=False)
    ]
    return Charts(
        weeks=chart(figures),
        total=sum(published),
        lately=lately,
        before=before,
        feeds=chart(_of_feeds(known, config), has_titles=True) if known else None,
        days=chart(_of_days(known, words)) if known else None,
        requests=sum(requests for _, requests, _ in known.days) if known else 0,
        unchanged=sum(unchanged for _, _, unchanged in known.days) if known else 0,
        most_read=None if pages is None else _most_read(pages, config, ledger),
        hub=ledger.subscriptions.figures(seconds(now)) if config.hub else None,
    )


def _mondays(now: datetime, zone: ZoneInfo, weeks: int) -> list[datetime]:
    """Return the Mondays of the last weeks and the next, each at its first minute."""
    today = now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    days = (monday + timedelta(weeks=number + 1 - weeks) for number in range(weeks + 1))
    return [datetime.combine(day, time.min, zone) for day in days]


def _of_feeds(known: ReaderFigures, config: Config) -> list[Figure]:
    titles = {feed.name: feed.title for feed in config.feeds}
    return [
        Figure(name=titles.get(part.name, part.name), value=part.subscribers)
        for part in known.feeds[:_FEEDS]
    ]


def _of_days(known: ReaderFigures, words: Words) -> list[Figure]:
    return [
        Figure(
            name=words.day(day),
            value=requests,
            part=unchanged,
            note=words("share", share=round(100 * unchanged / requests)) if requests else "",
            day=day,
        )
        for day, requests, unchanged in known.days
    ]


def _most_read(pages: PageFigures, config: Config, ledger: Ledger) -> tuple[ReadEntry, ...]:
    entries = {one.slug: one for one in ledger.entries.live([slug for slug, _ in pages])}
    found = (
        ReadEntry(
            id=entries[slug].id,
            title=entries[slug].story.title,
            language=entries[slug].story.language,
            address=f"{config.publication.url}{slug}.html",
            requests=requests,
        )
        for slug, requests in pages
        if slug in entries
    )
    return tuple(found)[:_MOST]
