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

    A month is named like `2026/11` or `2026/fr/11`, and written in that language.
    """
    if not is_month(term):
        return next(filter(None, (title_of(term, entry.story) for entry in entries)), "")
    day = date(int(term[:4]), int(term[-2:]), 1)
    language = layout.site.tag(language_in(term))
    return written(Span(start=day, end=day, precision="month"), language)


def year(
    layout: Layout,
    folder: str,
    months: Mapping[str, int],
    years: Sequence[str],
    *,
    counterparts: Sequence[str],
    expires: datetime | None,
) -> Document:
    """Return the page of a year in one language, which has a folder.

    It has the `months` with the number of their entries, and leads to the folders of the `years`
    of its language and to its `counterparts`, those of the same year in other languages.
    """
    return _contents(
        layout,
        index_page(folder),
        folder[:4],
        [LinkedList(f"{month}/", title(layout, month), count) for month, count in months.items()],
        [LinkedList(one, one[:4]) for one in reversed(years)] if len(years) > 1 else [],
        folders=sorted((folder, *counterparts)),
        expires=expires,
    )


def index(
    layout: Layout, folder: str, titles: Mapping[str, str], folders: Sequence[str]
) -> Document:
    """Return the page of a folder: its terms by `titles`.

    A feed that has a category or author to itself is among them. The head leads to the `folders`
    of other languages; those of languages that have no feed of all news follow the terms.
    """
    own = layout.publication.language
    terms = [LinkedList(head(name), text) for name, text in titles.items()]
    named = layout.site.by_language(_by_tag(layout, folders)).values()
    feeds = layout.taxonomy.feeds_in(folder)
    terms += [LinkedList(layout.site.page(feed), feed.title) for feed in feeds]
    return _contents(
        layout,
        index_page(folder),
        folder.split("/", maxsplit=1)[0],
        sorted(terms, key=lambda one: one.title.casefold()),
        [
            LinkedList(one, endonym(language_in(one) or own))
            for one in folders
            if one not in {folder, *named}
        ],
        folders=folders,
    )


def _contents(
    layout: Layout,
    path: str,
    heading: str,
    contents: Sequence[LinkedList],
    others: Sequence[LinkedList],
    *,
    folders: Sequence[str],
    expires: datetime | None = None,
) -> Document:
    """Return a page of contents, which is at one of these `folders`, one for each language."""
    tags = _by_tag(layout, folders)
    translations = tags if len(tags) > 1 else {}
    return layout.page(
        path,
        "contents.html",
        layout.site.tag(language_in(path)),
        layout.site.main_first(()),
        [expires],
        translated=layout.site.by_language(translations),
        here=address(path),
        heading=heading,
        contents=contents,
        others=others,
        translations=translations,
    )


def _by_tag(layout: Layout, folders: Sequence[str]) -> dict[str, str]:
    return {layout.site.tag(language_in(one)): one for one in folders}
