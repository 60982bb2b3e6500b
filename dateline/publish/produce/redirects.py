"""Redirects: from addresses that are often guessed, and from feeds that were removed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dateline.config import Config
from dateline.errors import Problem
from dateline.ledger import Ledger
from dateline.model import Feed, Role, is_calendar_of_event
from dateline.model.formats import FORMATS
from dateline.text.urls import ICONS, error_page, explanations


def guesses(feed: Feed) -> dict[str, str]:
    """Return each address that is often guessed, with the document that fits it best.

    `feed` is the main feed: its page is the front page.
    """
    found = {
        path: f"{feed.name}.{form if form in feed.formats else feed.formats[0]}"
        for form, row in FORMATS.items()
        for path in row.guesses
    }
    return {f"{feed.name}.html": "index.html", **found}


def retire(
    config: Config,
    ledger: Ledger,
    *,
    is_full: bool,
    rebuild: bool,
    is_takedown: bool,
) -> Iterator[Problem]:
    """Retire the documents of feeds that were moved or ended; yield the unexplained ones.

    The documents of a feed that is no longer configured stay until there is a redirect for them,
    or until an entry is taken down, which they may show: no run could take it out of them.
    What depends on the configuration alone is retired in a full run, or in a `rebuild`.
    """
    there = ledger.documents.of_roles(Role.SUBSCRIPTION, Role.DIRECTORY)
    yield from _retire_feeds(config, ledger, there[Role.SUBSCRIPTION], is_takedown=is_takedown)
    _retire_calendars(config, ledger, there[Role.DIRECTORY], is_takedown=is_takedown)
    if rebuild:
        _retire_archives(config, ledger)
        _retire_icons(config, ledger)
        if not config.has_search:
            _retire_busy_pages(ledger)
    if is_full:
        _retire_explanations(config, ledger)
        _retire_error_pages(config, ledger)
        _retire_page(config.feeds[0], ledger)


def _names(config: Config) -> frozenset[str]:
    return frozenset(feed.name for feed in config.feeds)


def _retire_feeds(
    config: Config, ledger: Ledger, paths: Sequence[str], *, is_takedown: bool
) -> Iterator[Problem]:
    """Retire those of the subscription documents at `paths` whose feeds were moved or ended.

    At a takedown, so are all others that no feed writes any more.
    """
    promised = {path for feed in config.feeds for path in (*feed.paths, f"{feed.name}.html")}
    pages = set()
    for path in (one for one in paths if one not in promised):
        name, _, ending = path.rpartition(".")
        target = config.former.get(path, "" if is_takedown else None)
        if target is None:
            yield Problem(code="feed-removed", file="", found=path)
            continue
        if path not in config.former and ending in FORMATS:
            yield Problem(code="feed-taken-down", file="", found=path)
        archived = ledger.documents.under(f"archive/{name}/", f".{ending}")
        ledger.documents.retire([path, *archived], target)
        pages.add(name)
    for name in sorted(pages - _names(config)):
        page = f"{name}.html"
        there = [
            *ledger.documents.find([page]),
            *ledger.documents.under(f"archive/{name}/", ".html"),
        ]
        if there:
            ledger.documents.retire(there, config.former.get(page, ""))


def _retire_archives(config: Config, ledger: Ledger) -> None:
    """Retire the archives of feeds that have none any more; their pages lead to the feed's."""
    for feed in (one for one in config.feeds if not one.archives):
        page = "index.html" if feed == config.feeds[0] else f"{feed.name}.html"
        archived = ledger.documents.under(f"archive/{feed.name}/", "")
        pages = [path for path in archived if path.endswith(".html")]
        ledger.documents.retire(pages, page)
        ledger.documents.retire([path for path in archived if path not in pages])


def _retire_explanations(config: Config, ledger: Ledger) -> None:
    """Redirect the pages on how to subscribe in languages that no feed has any more."""
    promised = {*explanations(config.feeds, config.publication.language).values()}
    there = ledger.documents.under("subscribe-", ".html")
    ledger.documents.retire([path for path in there if path not in promised], "subscribe.html")


def _retire_error_pages(config: Config, ledger: Ledger) -> None:
    """Redirect the error pages in languages that no feed has any more."""
    own = config.publication.language
    tags = {own, *(feed.language or own for feed in config.feeds)}
    for status in (404, 410, *((503,) if config.has_search else ())):
        promised = {error_page(status, tag) for tag in tags if len(tags) > 1}
        there = ledger.documents.under(f"{status}-", ".html")
        ledger.documents.retire([one for one in there if one not in promised], error_page(status))


def _retire_busy_pages(ledger: Ledger) -> None:
    """Retire the pages in place of search results that take too long."""
    if there := [*ledger.documents.find([error_page(503)])]:
        ledger.documents.retire([*there, *ledger.documents.under("503-", ".html")])


def _retire_page(main: Feed, ledger: Ledger) -> None:
    """Redirect the page of a feed that has become the main feed to the front page."""
    if there := [*ledger.documents.find([f"{main.name}.html"])]:
        ledger.documents.retire(there, "index.html")


def _retire_icons(config: Config, ledger: Ledger) -> None:
    """Redirect the icons that Dateline made to the publication's own."""
    own = config.publication.theme.icon
    if own and (there := [*ledger.documents.find(ICONS)]):
        ledger.documents.retire(there, own.path or "")


def _retire_calendars(
    config: Config, ledger: Ledger, paths: Sequence[str], *, is_takedown: bool
) -> None:
    """Retire the calendars of feeds that were moved or ended, and of feeds without events."""
    promised = {feed.calendar for feed in config.feeds}
    for path in paths:
        name, _, ending = path.rpartition(".")
        if ending != "ics" or path in promised or is_calendar_of_event(path):
            continue
        if path in config.former or name in _names(config) or is_takedown:
            ledger.documents.retire([path], config.former.get(path, ""))
