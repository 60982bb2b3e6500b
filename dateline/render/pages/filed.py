"""The pages that lead to lists of entries: the months of a year, the terms of a folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from dateline.model import Document, Entry, Span
from dateline.render.pages.layout import Layout
from dateline.rules.taxonomy import (
    address,
    head,
    index_page,
    is_month,
    language_in,
    title_of,
    year_page,
)
from dateline.text.localise import endonym, written


@dataclass(frozen=True, slots=True)
class LinkedList:
    """A list that another page leads to; `path` is its address, `count` that of its entries."""

    path: str
    title: str
    count: int = 0


def title(layout: Layout, term: str, entries: Sequence[Entry] = ()) -> str:
    """Return the title of a term: a month in words, else as the first of `entries` spells it.

    A month is named like `2026/11`, and written in the publication's language.
    """
    if not is_month(term):
        return next(filter(None, (title_of(term, entry.story) for entry in entries)), "")
    day = date.fromisoformat(f"{term.replace('/', '-')}-01")
    return written(Span(start=day, end=day, precision="month"), layout.publication.language)


def year(
    layout: Layout,
    name: str,
    months: Mapping[str, int],
    years: Sequence[str],
    expires: datetime | None,
) -> Document:
    """Return the page of a year: its `months` with the number of their entries, and all `years`."""
    return _contents(
        layout,
        year_page(name),
        name,
        [LinkedList(f"{month}/", title(layout, month), count) for month, count in months.items()],
        [LinkedList(address(year_page(one)), one) for one in reversed(years)],
        expires=expires,
    )


def index(
    layout: Layout, folder: str, titles: Mapping[str, str], folders: Sequence[str]
) -> Document:
    """Return the page of a folder: its terms by `titles`, and the folders of other languages.

    A feed that has a category or author to itself is among them.
    """
    own = layout.publication.language
    terms = [LinkedList(head(name), text) for name, text in titles.items()]
    feeds = layout.taxonomy.feeds_in(folder)
    terms += [LinkedList(layout.site.page(feed), feed.title) for feed in feeds]
    return _contents(
        layout,
        index_page(folder),
        folder.split("/", maxsplit=1)[0],
        sorted(terms, key=lambda one: one.title.casefold()),
        [LinkedList(one, endonym(language_in(one) or own)) for one in folders],
        language=language_in(folder),
    )


def _contents(
    layout: Layout,
    path: str,
    heading: str,
    contents: Sequence[LinkedList],
    others: Sequence[LinkedList],
    *,
    language: str = "",
    expires: datetime | None = None,
) -> Document:
    return layout.page(
        path,
        "contents.html",
        language or layout.publication.language,
        layout.site.main_first(()),
        [expires],
        here=address(path),
        heading=heading,
        contents=contents,
        others=others,
    )
