"""Tries a theme's templates on sample entries, before any page is published with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from typing import Any

from dateline.model import (
    Correction,
    Edition,
    Entry,
    Feed,
    Headline,
    Media,
    Neighbours,
    Publication,
    Rendition,
    Span,
    Story,
)
from dateline.render.pages import Pages
from dateline.render.pages.search import SearchHit, SearchResults
from dateline.rules.taxonomy import derived

_DAY = Span(start=date(2008, 10, 21), end=date(2008, 10, 21), precision="day")
_MOMENT = datetime(2008, 10, 21, 9, 30, tzinfo=UTC)


def trial(publication: Publication, feeds: Sequence[Feed]) -> None:
    """Render a page of every kind, of entries with all fields and of one with none.

    Raises `TemplateError` where a template of the theme fails.
    """
    if not publication.theme.templates:
        return
    pages = Pages(publication, feeds)
    pages.fixed()
    plain, full = _entries(publication)
    retracted = replace(full, retracted=_MOMENT)
    near = Neighbours(previous=retracted, following=plain, related=(full,))
    other = Headline(slug="b", title="B", language="ar", published=_MOMENT, updated=_MOMENT)
    for entry in (
        plain,
        full,
        retracted,
        replace(plain, story=replace(plain.story, language="ar")),
    ):
        pages.entry(entry, (other,), _MOMENT, near)
    pages.year("2008/", {"2008/10": 1}, ["2007/", "2008/"], ["2008/fr/"])
    pages.index("topics/", {"topics/a": "A"}, ["topics/", "topics/fr/"])
    if publication.has_search:
        pages.search(SearchResults(words="A", hits=(SearchHit(entry=full, excerpt=()),)), "ar")
    agendas = [feed for feed in feeds if feed.is_agenda]
    for feed in (feeds[0], feeds[-1], *agendas[:1], derived("2008/10", "A")):
        empty = Edition(feed=feed, entries=(), updated=_MOMENT)
        list(pages.of_feed(empty))
        some = replace(empty, entries=(full, plain, retracted), expires=_MOMENT)
        list(pages.of_feed(some, (full,)))
        list(pages.of_feed(replace(some, archive=2, previous=1, following=3)))


def _entries(publication: Publication) -> tuple[Entry, Entry]:
    story = Story(
        path="a.toml",
        title="A",
        date=_DAY,
        html="<p>A</p>",
        summary="",
        language=publication.language,
    )
    file = Media(
        url=f"{publication.url}media/a.pdf",
        path="media/a.pdf",
        media_type="application/pdf",
        length=1,
        pages=2,
        language="tlh",
        own_title="A",
    )
    small = Rendition(path="media/b.webp", media_type="image/webp", width=4, height=3)
    picture = replace(
        file,
        media_type="image/png",
        width=8,
        height=6,
        alt="A",
        caption="A",
        credit="A",
        renditions=(small,),
        card=small,
    )
    texts: dict[str, Any] = {field.name: "A" for field in fields(Story) if field.default == ""}
    whole = replace(
        story,
        **texts,
        summary="A",
        link=publication.home,
        categories=("A",),
        authors=("A", "B"),
        image=picture,
        attachments=(file,),
        event=_DAY,
        correction=("A",),
    )
    plain = Entry(
        story=story, id="a", sequence=1, slug="2008/10/a", published=_MOMENT, updated=_MOMENT
    )
    correction = Correction(moment=_MOMENT, text="A")
    return plain, replace(plain, story=whole, corrections=(correction,))
