"""A sample publication and sample entries.

Each builder takes the fields that a test cares about; the others have values that use everything a
feed can contain.
"""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dateline.model import (
    Correction,
    Document,
    Edition,
    Entry,
    Feed,
    Media,
    Publication,
    Span,
    Story,
)
from dateline.render import render

PUBLISHED = datetime(2008, 10, 20, 9, 30, tzinfo=UTC)
UPDATED = datetime(2008, 10, 21, 14, 0, tzinfo=UTC)

_PICTURE = Media(
    url="https://news.example.org/media/5f2c-harbour.jpg",
    path="media/5f2c-harbour.jpg",
    media_type="image/jpeg",
    length=48_213,
    width=800,
    height=533,
    alt='The harbour, called "the <old> port" & closed',
    credit="Photograph: A. Photographer & Sons",
)
_REPORT = Media(
    url="https://news.example.org/media/77aa-report.pdf",
    path="media/77aa-report.pdf",
    media_type="application/pdf",
    length=201_344,
    title="Report on the harbour <final> & annexes",
)
_ELSEWHERE = Media(
    url="https://files.example.net/speech.mp3?a=1&b=2",
    path=None,
    media_type="audio/mpeg",
    length=0,
    title="speech.mp3",
)


def sample_publication(**changes: Any) -> Publication:
    """Return a publication with every field set."""
    publication = Publication(
        title="Harbour News & Notes",
        description="What happens in <and around> the harbour",
        url="https://news.example.org/",
        home="https://www.example.org/",
        language="en",
        tag="example.org,2008",
        author="Harbour Office & Partners",
        email="news@example.org",
        zone=ZoneInfo("Europe/Vienna"),
        rights="© 2008 Harbour Office & Partners",
        icon="https://news.example.org/media/icon.png",
        logo="https://news.example.org/media/logo.png",
        hubs=("https://hub.example.net/", "https://push.example.com/hub?a=1&b=2"),
    )
    return replace(publication, **changes)


def sample_feed(**changes: Any) -> Feed:
    """Return a feed of all entries in all languages."""
    feed = Feed(
        name="news",
        title="All news & events <daily>",
        description="Everything from the harbour & its <people>",
        language=None,
    )
    return replace(feed, **changes)


def sample_entry(**changes: Any) -> Entry:
    """Return an entry with every field set.

    `changes` are fields of `Entry` or of its `Story`; `id` and `updated` are the entry's.
    """
    own = {field.name for field in fields(Entry)}
    of_entry = {name: value for name, value in changes.items() if name in own}
    of_story = {name: value for name, value in changes.items() if name not in own}
    entry = Entry(
        story=_STORY,
        id="tag:example.org,2008:entry/1",
        sequence=1,
        slug="2008/harbour-opens",
        published=PUBLISHED,
        updated=UPDATED,
        corrections=(Correction(moment=UPDATED, text='Not "two" <piers> & a crane, but three.'),),
    )
    return replace(entry, story=replace(entry.story, **of_story), **of_entry)


def sample_picture(**changes: Any) -> Media:
    """Return a picture with every field set."""
    return replace(_PICTURE, **changes)


def sample_edition(*entries: Entry, **changes: Any) -> Edition:
    """Return an edition of these entries, or of three that use everything."""
    shown = entries or (sample_entry_in_arabic(), sample_entry_plain(), sample_entry())
    edition = Edition(
        feed=sample_feed(),
        entries=shown,
        updated=max(entry.updated for entry in shown),
        expires=datetime(2008, 11, 30, tzinfo=UTC),
    )
    return replace(edition, **changes)


def documents(
    *entries: Entry, publication: Publication | None = None, edition: Edition | None = None
) -> dict[str, Document]:
    """Render an edition; return its documents by format."""
    shown = render(publication or sample_publication(), edition or sample_edition(*entries))
    return {document.path.rsplit(".", 1)[1]: document for document in shown}


def sample_entry_plain() -> Entry:
    """Return an entry without any optional field."""
    return Entry(
        story=Story(
            path="plain.toml",
            title="Nothing but text",
            date=Span(start=date(2008, 10, 21), end=date(2008, 10, 21), precision="day"),
            html="<p>Only a body.</p>",
            summary="",
            language="en",
        ),
        id="tag:example.org,2008:entry/2",
        sequence=2,
        slug="2008/nothing-but-text",
        published=PUBLISHED + timedelta(days=1),
        updated=PUBLISHED + timedelta(days=1),
    )


def sample_entry_in_arabic() -> Entry:
    """Return an entry that is written from right to left."""
    return sample_entry(
        id="tag:example.org,2008:entry/3",
        sequence=3,
        slug="2008/ar/harbour",
        published=PUBLISHED + timedelta(days=2),
        updated=UPDATED + timedelta(days=2),
        title="افتتاح الميناء & <المرفأ>",
        html="<p>افتتح الميناء اليوم.</p>",
        summary="افتتح الميناء & المرفأ.",
        language="ar",
        link=None,
        attachments=(),
        corrections=(Correction(moment=UPDATED + timedelta(days=2), text="ثلاثة أرصفة."),),
    )


_STORY = Story(
    path="2008/harbour.toml",
    title='Harbour opens: "3 < 4" & more >',
    date=Span(start=date(2008, 10, 20), end=date(2008, 10, 20), precision="day"),
    html='<p>The harbour <em>opens</em> at 9 &amp; closes at 5: <a href="https://www.example.org/'
    'harbour?a=1&amp;b=2#map">the map</a>.</p>\n<table><thead><tr><th>Pier</th></tr></thead>'
    "<tbody><tr><td>1 &lt; 2</td></tr></tbody></table>",
    summary='The harbour opens at 9 & closes at 5, "as <always>".',
    language="en",
    kind="event",
    link="https://www.example.org/harbour?a=1&b=2",
    categories=("Ports & piers", "Prices < 10", "Lebanon"),
    authors=("Ann Author", "Bo Writer & Co"),
    image=_PICTURE,
    attachments=(_REPORT, _ELSEWHERE),
    event=Span(start=date(2008, 11, 30), end=date(2008, 12, 3), precision="day"),
    place="Pier 3 & 4, <North>",
)
