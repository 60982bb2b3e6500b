"""The pages that lead to lists of entries: the months of a year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from dateline.model import Document, Span
from dateline.render.pages.layout import Layout
from dateline.rules.taxonomy import address, year_page
from dateline.text.localise import written


@dataclass(frozen=True, slots=True)
class LinkedList:
    """A list that another page leads to; `path` is its address, `count` that of its entries."""

    path: str
    title: str
    count: int = 0


def title(layout: Layout, term: str) -> str:
    """Return the title of a month, which is named like `2026/11`, in the publication's language."""
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
    path = year_page(name)
    return layout.page(
        path,
        "contents.html",
        layout.publication.language,
        layout.site.main_first(()),
        [expires],
        here=address(path),
        heading=name,
        contents=[
            LinkedList(f"{month}/", title(layout, month), count) for month, count in months.items()
        ],
        others=[LinkedList(address(year_page(one)), one) for one in reversed(years)],
    )
