"""Parse published pages for the entries that they show.

These are Dateline's own documents (`dateline.render`), so each value is read from its usual place;
damaged values, and those that a newsroom's own templates put elsewhere, are left out.
"""

from __future__ import annotations

import html
import json
import mimetypes
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from dateline.model import Correction, Media, Publication, Span, Story
from dateline.publish.recovery.feed_parser import moment_in, slug_of, text_in
from dateline.publish.recovery.shown_pictures import (
    plain,
    with_renditions,
    without_captions,
)
from dateline.text.expressions import regex

_LINKED = regex(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)
_TITLE = regex(r'<h1 class="p-name">(.*?)</h1>', re.DOTALL)
_RETRACTED = regex(
    r'<div class="retraction">\n<p><strong.*?</strong> <time[^>]* datetime="([^"]+)"'
)
_OFF = regex(r'^<strong class="off"[^>]*>.*?</strong> |</?s>')  # that it is retracted
_DIV = regex(r"<(/?)div\b")
_DAY = regex(r'<p class="when"><time datetime="([^"]+)"')
_WHERE = regex(
    r'<dl class="event">\n<dt[^>]*>[^<]*</dt>\n<dd>.*?</dd>\n<dt[^>]*>[^<]*</dt>\n<dd>(.*?)</dd>'
)
_WIDE = regex(r'<div class="wide" tabindex="0">(<table.*?</table>)</div>', re.DOTALL)
_FIGURE = regex(r'^\s*<figure class="whole">.*?</figure>\s*', re.DOTALL)
_DOCUMENTS = regex(r'\s*<ul class="documents">.*</ul>\s*$', re.DOTALL)
# Pages of release 0.1 have them as feeds do.
_PICTURE = regex(r"(?:<figure><img .*?</figure>|<p><img [^>]*></p>)\n?", re.DOTALL)
_FILES = regex(r"\n?<ul>\n(?:<li><a [^\n]*</a></li>\n)+</ul>$")
_TAG = regex(r"<[^>]*>")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPage:
    """The data of an entry on its page."""

    slug: str
    id: str
    story: Story
    published: datetime
    updated: datetime
    corrections: tuple[Correction, ...]
    retracted: datetime | None


def page(slug: str, data: bytes, publication: Publication) -> ShownPage | None:
    """Return the data of the page at this address, or None if it has too little."""
    try:
        text = data.decode()
        linked = _LINKED.search(text)
        record = json.loads(linked[1]) if linked else {}
        published, updated = (moment_in(record[name]) for name in ("datePublished", "dateModified"))
        is_retracted = record.get("creativeWorkStatus") == "Retracted"
        story = _story(record, text, published, publication)
        corrections = [*_corrections(record.get("correction", []))]
        if is_retracted:
            story = replace(story, retraction=words(story.html))
            if corrections and corrections[-1].text == story.retraction:  # listed as one, too
                corrections = corrections[:-1]
        moment = _RETRACTED.search(text)
        return ShownPage(
            slug=slug,
            id=text_in(record["identifier"]),
            story=replace(story, correction=tuple(one.text for one in corrections[-1:])),
            published=published,
            updated=updated,
            corrections=tuple(corrections),
            retracted=(moment_in(moment[1]) if moment else updated) if is_retracted else None,
        )
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError):
        return None


def words(text: str) -> str:
    """Return the words of an HTML fragment, to compare two of them."""
    return " ".join(html.unescape(_TAG.sub(" ", text)).split())


def _story(
    record: Mapping[str, Any], text: str, published: datetime, publication: Publication
) -> Story:
    title, day = _TITLE.search(text), _DAY.search(text)
    event = next(iter(record.get("about", [])), None)
    image = next((_media(one, "url", publication) for one in record.get("image", [])), None)
    files = tuple(
        _media(one, "contentUrl", publication) for one in record.get("associatedMedia", [])
    )
    body = _body(text, publication, image, files)
    own = f"{publication.url}{slug_of(text_in(record['url']))}.html"
    names = [text_in(one["name"]) for one in record["author"]]
    link = text_in(record["mainEntityOfPage"])
    return Story(
        path="",
        title=html.unescape(_OFF.sub("", title[1])) if title else text_in(record["headline"]),
        date=_span(day[1], day[1]) if day else _day_of(published, publication),
        html=body,
        summary="",
        language=text_in(record["inLanguage"]),
        kind="event" if event else "publication" if files else "news",
        link=None if slug_of(link) == slug_of(own) else link,
        categories=tuple(text_in(one) for one in record.get("keywords", [])),
        authors=() if names in [[one] for one in publication.authors] else tuple(names),
        image=image and with_renditions(image, text, publication),
        attachments=files,
        inline=tuple(
            replace(with_renditions(one, text, publication), card=None)
            for one in inline_files(body, publication)
        ),
        event=_span(event["startDate"], event["endDate"]) if event else None,
        place=_place(event, text) if event else "",
    )


def _place(event: Mapping[str, Any], text: str) -> str:
    """Return where an event is, as its page shows it: the data have no name for an online one."""
    shown = _WHERE.search(text)
    return words(shown[1]) if shown else text_in(event.get("location", {}).get("name", ""))


def _body(text: str, publication: Publication, image: Media | None, files: Sequence[Media]) -> str:
    """Return the text of an entry as staff wrote it, without the additions of pages."""
    start = text.index('<div class="e-content">\n') + len('<div class="e-content">\n')
    depth, end = 1, start
    for tag in _DIV.finditer(text, start):
        depth += -1 if tag[1] else 1
        if not depth:
            end = tag.start()
            break
    body = plain(text[start:end].removesuffix("\n"))
    body = re.sub(r' (src|href)="(?:\.\./)+', rf' \1="{publication.url}', body)
    body = _WIDE.sub(r"\1", body).replace('<pre tabindex="0">', "<pre>")
    alone = _DOCUMENTS.sub("", _FIGURE.sub("", body)).strip("\n")
    is_of_0_1 = alone == body
    if alone.startswith('<div dir="rtl">\n'):
        alone = alone.removeprefix('<div dir="rtl">\n').removesuffix("\n</div>")
    if image and is_of_0_1:
        alone = _PICTURE.sub("", alone, count=1)
    alone = without_captions(alone)
    return _FILES.sub("", alone) if files and is_of_0_1 else alone


def _media(record: Mapping[str, Any], name: str, publication: Publication) -> Media:
    url = text_in(record[name])
    is_own = url.startswith(f"{publication.url}media/")
    size = text_in(record.get("contentSize", "0 B")).split()[0]
    width, height = (
        int(record[side]["value"]) if side in record else 0 for side in ("width", "height")
    )
    caption = text_in(record.get("caption", ""))  # without a caption, what the picture shows
    return Media(
        url=url,
        path=url.removeprefix(publication.url) if is_own else None,
        media_type=text_in(record.get("encodingFormat", _type_of(url))),
        length=int(size),
        title=text_in(record.get("name", "")),
        language=text_in(record.get("inLanguage", "")),
        width=width,
        height=height,
        alt=text_in(record.get("description", caption)),
        caption=caption if "description" in record else "",
        credit=text_in(record.get("creditText", "")),
    )


def inline_files(body: str, publication: Publication) -> Iterator[Media]:
    """Yield the files that a text shows or links to, which are removed with it."""
    own = re.escape(html.escape(publication.url))
    for url in dict.fromkeys(re.findall(rf'(?:src|href)="({own}media/[^"]+)"', body)):
        address = html.unescape(url)
        yield Media(
            url=address,
            path=address.removeprefix(publication.url),
            media_type=mimetypes.guess_type(address)[0] or "application/octet-stream",
            length=0,
        )


def _type_of(url: str) -> str:
    return mimetypes.guess_type(urlsplit(url).path)[0] or "image/jpeg"


def _corrections(record: Sequence[Mapping[str, Any]]) -> Iterator[Correction]:
    for one in record:
        yield Correction(moment=moment_in(one["datePublished"]), text=text_in(one["text"]))


def _span(start: str, end: str) -> Span:
    """Return a span from its ends as pages write them: a month, days, or moments."""
    if len(start) == len("2008-10"):
        first = date.fromisoformat(f"{start}-01")
        last = (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        return Span(start=first, end=last, precision="month")
    if "T" not in start:
        return Span(start=date.fromisoformat(start), end=date.fromisoformat(end), precision="day")
    moments = [datetime.fromisoformat(one) for one in (start, end)]
    is_exact = any(one.second for one in moments)
    return Span(start=moments[0], end=moments[1], precision="second" if is_exact else "minute")


def _day_of(moment: datetime, publication: Publication) -> Span:
    day = moment.astimezone(publication.zone).date()
    return Span(start=day, end=day, precision="day")
