"""Parse published pages and feeds for the entries in them.

These are Dateline's own documents (`dateline.render`), so each value is read from its usual place;
damaged values, and those that a newsroom's own templates put elsewhere, are left out.
"""

from __future__ import annotations

import html
import json
import mimetypes
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from lxml import etree  # type: ignore[import-untyped]  # it carries no types

from dateline.model import Correction, Media, Publication, Span, Story
from dateline.publish.recovery.shown_pictures import (
    plain,
    with_renditions,
    without_captions,
)

_LINKED = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)
_TITLE = re.compile(r'<h1 class="p-name">(.*?)</h1>', re.DOTALL)
_RETRACTED = re.compile(
    r'<div class="retraction">\n<p><strong.*?</strong> <time[^>]* datetime="([^"]+)"'
)
_OFF = re.compile(r'^<strong class="off"[^>]*>.*?</strong> |</?s>')  # that it is retracted
_DIV = re.compile(r"<(/?)div\b")
_DAY = re.compile(r'<p class="when"><time datetime="([^"]+)"')
_SLUG = re.compile(r"(?:^|/)(\d{4}/\d{2}/[a-z0-9-]+)\.html$")
_PART = re.compile(r"(.+?)/(retraction|correction/(\d{1,6}))", re.DOTALL)
_WIDE = re.compile(r'<div class="wide" tabindex="0">(<table.*?</table>)</div>', re.DOTALL)
_FIGURE = re.compile(r'^\s*<figure class="whole">.*?</figure>\s*', re.DOTALL)
_DOCUMENTS = re.compile(r'\s*<ul class="documents">.*</ul>\s*$', re.DOTALL)
# Pages of release 0.1 have them as feeds do.
_PICTURE = re.compile(r"(?:<figure><img .*?</figure>|<p><img [^>]*></p>)\n?", re.DOTALL)
_FILES = re.compile(r"\n?<ul>\n(?:<li><a [^\n]*</a></li>\n)+</ul>$")
_TAG = re.compile(r"<[^>]*>")
_ATOM = "{http://www.w3.org/2005/Atom}"
_CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
_DELETED = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownItem:
    """An item of a feed: an entry (`part` 0), or a part of it (`dateline.ledger.tables`).

    `slug` is empty if the link leads to the organisation's own page.
    """

    id: str
    part: int
    slug: str
    title: str
    html: str
    published: datetime
    updated: datetime
    language: str = ""
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownDocument:
    """The items of a feed's document, and the withdrawn ids with their moments."""

    items: tuple[ShownItem, ...]
    gone: Mapping[str, datetime] = field(default_factory=dict)


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
        published, updated = (_moment(record[name]) for name in ("datePublished", "dateModified"))
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
            id=_text(record["identifier"]),
            story=replace(story, correction=tuple(one.text for one in corrections[-1:])),
            published=published,
            updated=updated,
            corrections=tuple(corrections),
            retracted=(_moment(moment[1]) if moment else updated) if is_retracted else None,
        )
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError):
        return None


def shown(form: str, data: bytes) -> ShownDocument | None:
    """Return the items of a feed's document in this format, or None if it is damaged."""
    try:
        return _SHOWN[form](data)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, etree.XMLSyntaxError):
        return None


def words(text: str) -> str:
    """Return the words of an HTML fragment, to compare two of them."""
    return " ".join(html.unescape(_TAG.sub(" ", text)).split())


# ---- A page


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
    own = f"{publication.url}{_slug_of(_text(record['url']))}.html"
    names = [_text(one["name"]) for one in record["author"]]
    link = _text(record["mainEntityOfPage"])
    return Story(
        path="",
        title=html.unescape(_OFF.sub("", title[1])) if title else _text(record["headline"]),
        date=_span(day[1], day[1]) if day else _day_of(published, publication),
        html=body,
        summary="",
        language=_text(record["inLanguage"]),
        kind="event" if event else "publication" if files else "news",
        link=None if _slug_of(link) == _slug_of(own) else link,
        categories=tuple(_text(one) for one in record.get("keywords", [])),
        authors=() if names in [[one] for one in publication.authors] else tuple(names),
        image=image and with_renditions(image, text, publication),
        attachments=files,
        inline=tuple(
            replace(with_renditions(one, text, publication), card=None)
            for one in _inline(body, publication)
        ),
        event=_span(event["startDate"], event["endDate"]) if event else None,
        place=_text(event["location"]["name"]) if event and event.get("location") else "",
    )


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
    url = _text(record[name])
    is_own = url.startswith(f"{publication.url}media/")
    size = _text(record.get("contentSize", "0 B")).split()[0]
    width, height = (
        int(record[side]["value"]) if side in record else 0 for side in ("width", "height")
    )
    caption = _text(record.get("caption", ""))  # without a caption, what the picture shows
    return Media(
        url=url,
        path=url.removeprefix(publication.url) if is_own else None,
        media_type=_text(record.get("encodingFormat", _type_of(url))),
        length=int(size),
        title=_text(record.get("name", "")),
        language=_text(record.get("inLanguage", "")),
        width=width,
        height=height,
        alt=_text(record.get("description", caption)),
        caption=caption if "description" in record else "",
        credit=_text(record.get("creditText", "")),
    )


def _inline(body: str, publication: Publication) -> Iterator[Media]:
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
        yield Correction(moment=_moment(one["datePublished"]), text=_text(one["text"]))


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


# ---- A feed


def _of_json(data: bytes) -> ShownDocument:
    record = json.loads(data)
    return ShownDocument(items=tuple(_json_item(one, record) for one in record["items"]))


def _json_item(one: Mapping[str, Any], feed: Mapping[str, Any]) -> ShownItem:
    published = _moment(one["date_published"])
    return _item(
        _text(one["id"]),
        link=_text(one["url"]),
        title=_text(one["title"]),
        html=_text(one["content_html"]),
        published=published,
        updated=_moment(one.get("date_modified") or one["date_published"]),
        language=_text(one.get("language") or feed.get("language") or ""),
        categories=tuple(_text(tag) for tag in one.get("tags", [])),
    )


def _of_atom(data: bytes) -> ShownDocument:
    root = _tree(data)
    if root.tag != f"{_ATOM}feed":
        raise ValueError(root.tag)
    gone = {one.get("ref"): _moment(one.get("when")) for one in root.iter(_DELETED)}
    language = root.get("{http://www.w3.org/XML/1998/namespace}lang", "")
    items = tuple(_atom_item(one, language) for one in root.iter(f"{_ATOM}entry"))
    return ShownDocument(items=items, gone=gone)


def _atom_item(one: Any, language: str) -> ShownItem:
    links = [link for link in one.iter(f"{_ATOM}link") if link.get("rel") == "alternate"]
    published = one.findtext(f"{_ATOM}published") or one.findtext(f"{_ATOM}updated")
    return _item(
        _text(one.findtext(f"{_ATOM}id")),
        link=links[0].get("href") if links else "",
        title=one.findtext(f"{_ATOM}title") or "",
        html=one.findtext(f"{_ATOM}content") or "",
        published=_moment(published),
        updated=_moment(one.findtext(f"{_ATOM}updated")),
        language=language,
        categories=tuple(tag.get("term") for tag in one.iter(f"{_ATOM}category")),
    )


def _of_rss(data: bytes) -> ShownDocument:
    channel = _tree(data).find("channel")
    items = tuple(
        _rss_item(one, channel.findtext("language") or "") for one in channel.iter("item")
    )
    return ShownDocument(items=items)


def _rss_item(one: Any, language: str) -> ShownItem:
    published = parsedate_to_datetime(_text(one.findtext("pubDate")))
    updated = one.findtext(f"{_ATOM}updated")
    return _item(
        _text(one.findtext("guid")),
        link=one.findtext("link") or "",
        title=one.findtext("title") or "",
        html=one.findtext(_CONTENT) or one.findtext("description") or "",
        published=published.astimezone(UTC),
        updated=_moment(updated) if updated else published.astimezone(UTC),
        language=language,
        categories=tuple(tag.text or "" for tag in one.iter("category")),
    )


def _item(id_: str, *, link: str, **values: Any) -> ShownItem:
    part = _PART.fullmatch(id_)
    number = 0 if part is None else int(part[3]) if part[3] else -1
    return ShownItem(id=part[1] if part else id_, part=number, slug=_slug_of(link), **values)


def _tree(data: bytes) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    return etree.fromstring(data, parser)


_SHOWN = {"json": _of_json, "atom": _of_atom, "rss": _of_rss}
READABLE = tuple(_SHOWN)
"""The formats from which entries can be recovered, the most complete first."""


# ---- Values


def _slug_of(address: str) -> str:
    found = _SLUG.search(urlsplit(address).path)
    return found[1] if found else ""


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(_text(value))
    if moment.tzinfo is None:
        raise ValueError(value)
    return moment.astimezone(UTC)
