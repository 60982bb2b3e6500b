"""The terms that entries are filed under: a list of entries for each month.

The list of a term is a feed that nobody configures. Its name has a slash, unlike those of
configured feeds, and is the beginning of the path of its pages: `2026/11`.
"""

from __future__ import annotations

import re

from dateline.model import Entry, Feed

_PAGE = 25  # entries of a page that is full, and never gets another
_MONTH = re.compile(r"\d{4}/\d{2}")
_HEAD = re.compile(r"(\d{4}/\d{2})/index\.html")
_FULL = re.compile(r"archive/(.+/.+)/(\d+)\.html")
_YEAR = re.compile(r"(\d{4})/index\.html")


def terms_of(entry: Entry) -> tuple[str, ...]:
    """Return the names of the terms of an entry: its month is that of its address."""
    return (entry.slug[:7],)


def derived(name: str, title: str = "") -> Feed:
    """Return the feed of the term `name`, which has pages and no formats."""
    return Feed(
        name=name,
        title=title or name,
        description=title or name,
        language=None,
        entries=_PAGE,
        days=0,
        formats=(),
    )


def is_term(feed: Feed) -> bool:
    """Return whether a feed is that of a term, which nobody configured."""
    return "/" in feed.name


def is_month(name: str) -> bool:
    """Return whether a term is a month."""
    return bool(_MONTH.fullmatch(name))


# ---- Paths


def head(name: str) -> str:
    """Return the path of the page that has the newest entries of a term."""
    return f"{name}/index.html"


def year_page(year: str) -> str:
    """Return the path of the page of a year."""
    return f"{year}/index.html"


def address(path: str) -> str:
    """Return the address of a page below the site's: that of a folder's own page is the folder.

    >>> address("2026/11/index.html")
    '2026/11/'
    """
    return path.removesuffix("index.html")


def shown_at(path: str) -> tuple[str, int] | None:
    """Return the term whose page is at a path, and its number, which is 0 for the newest.

    >>> shown_at("2026/11/index.html"), shown_at("archive/2026/11/3.html")
    (('2026/11', 0), ('2026/11', 3))
    """
    if found := _FULL.fullmatch(path):
        return found[1], int(found[2])
    newest = _HEAD.fullmatch(path)
    return (newest[1], 0) if newest else None


def year_at(path: str) -> str:
    """Return the year whose page is at a path, or an empty text."""
    found = _YEAR.fullmatch(path)
    return found[1] if found else ""
