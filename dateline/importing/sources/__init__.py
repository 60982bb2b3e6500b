"""What is this source, and what has it?"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from dateline.errors import FetchError
from dateline.importing.fetch import FetchedPage, SourceFetcher, is_web
from dateline.importing.items import ImportSource
from dateline.importing.merge import overlaid
from dateline.importing.sources import archives, sites, web_page, wordpress
from dateline.importing.sources.duplicate_ids import distinct
from dateline.importing.sources.web_page.date_lines import Almanac

# A feed's first element, or the beginning of a JSON Feed.
_FEED = re.compile(
    rb"<(?:\w+:)?(?:rss|feed|RDF)[\s>]|\A[\s\xef\xbb\xbf]*\{|<\?xml(?!.*<html)", re.DOTALL
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRequest:
    """What staff said of a source, and what it is read with.

    `order` is how `7/8/2008` is meant on it, `site` the address of its site where it does not
    say so itself, `feed` its old feed, `language` the publication's.
    """

    reach: SourceFetcher
    now: datetime
    zone: ZoneInfo
    language: str
    order: Literal["DMY", "MDY"] | None = None
    site: str = ""
    feed: str = ""

    @property
    def today(self) -> date:
        """Give the day on which this is, where the publication is."""
        return self.now.astimezone(self.zone).date()


def read(source: str, asked: ImportRequest, told: Callable[[str], None]) -> ImportSource:
    """Read a source of any kind; `told` gets each place that is read. No id stands there twice.

    Raises `FetchError` where it is not there or is none of these.
    """
    return distinct(_read(source, asked, told))


def _read(source: str, asked: ImportRequest, told: Callable[[str], None]) -> ImportSource:
    if not is_web(source) and Path(source).is_dir():
        told(source)
        past = sites.read(Path(source), site=asked.site, today=asked.today)
        return _as_shown(past, asked, told)
    first = asked.reach.page(source)
    if wordpress.is_export(first.data):
        return _as_shown(wordpress.read(first, asked.zone), asked, told)
    if not _FEED.search(first.data[:2_000]):
        told(source)
        almanac = Almanac(
            zone=asked.zone, today=asked.today, language=asked.language, order=asked.order
        )
        past = web_page.read(first, almanac, asked.site)
        if not past.items:
            raise FetchError(_nothing(first, source))
        return _as_shown(past, asked, told)
    past = archives.walk(source, _once(first, asked.reach, source), asked.today, told)
    # Readers take the address for the id of an item that has none.
    return replace(past, items=tuple(replace(one, id=one.id or one.link) for one in past.items))


def _nothing(page: FetchedPage, source: str) -> str:
    """Say why nothing was found where no feed, export or list of news is."""
    if not page.data.strip():
        return f"{source} is empty"
    return (
        f"{source} is no feed and no WordPress export, and as a saved page it has no line with a "
        "date: nothing was found"
    )


def _as_shown(
    past: ImportSource, asked: ImportRequest, told: Callable[[str], None]
) -> ImportSource:
    """Give what a source has as its old feed shows it, where staff say which that is."""
    if not asked.feed:
        return past
    return overlaid(past, archives.walk(asked.feed, asked.reach.page, asked.today, told))


def _once(first: FetchedPage, reach: SourceFetcher, source: str) -> Callable[[str], FetchedPage]:
    """Give what reads pages, and the first one without asking for it again."""
    return lambda place: first if place == source else reach.page(place)
