"""What do an RSS or Atom feed and its archives say? The one door to feedparser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from html import escape
from io import BytesIO
from typing import Any

import feedparser

from dateline.entries.normalise import markdown
from dateline.errors import FetchError
from dateline.importing.fetch import FetchedPage, is_web, joined
from dateline.importing.items import BAD_ITEM, FeedPage, File, ImportedItem, each, stated
from dateline.text.language import tag_of

# RFC 5005: archives before this document (section 4), and its next page (section 3).
_FURTHER = ("prev-archive", "next")
_NAMED_MAIL = re.compile(r"\S+@\S+\s+\((.+)\)")
_MARKUP = frozenset({"text/html", "application/xhtml+xml"})


def read(page: FetchedPage, today: date) -> FeedPage:
    """Read one document. Raises `FetchError` where it is no feed.

    Entities that a document declares itself are not followed by feedparser but for those of one
    text, and expat bounds how much these may grow.
    """
    found = _parsed(page)
    feed = found.feed
    links = {str(link.get("rel")): str(link.get("href", "")) for link in feed.get("links", ())}
    base = feed.get("link") or page.place
    # What RSS calls managingEditor is nobody's byline.
    author = "" if found.version.startswith("rss") else ", ".join(_names(feed))
    language = str(feed.get("language", ""))
    return FeedPage(
        items=tuple(
            each(
                found.entries,
                lambda entry: _item(entry, base, author, language, today),
                lambda entry: _text(entry, "link") or _text(entry, "title"),
            )
        ),
        form="atom" if found.version.startswith("atom") else "rss",
        further=next((links[rel] for rel in _FURTHER if links.get(rel)), ""),
        address=links.get("self", ""),
        is_partial=bool(found.bozo),
    )


def _parsed(page: FetchedPage) -> Any:
    try:
        # No address for feedparser: it would take an RSS guid without a scheme for a relative one.
        # And no bytes: it would take them for a file's name, where they could be one.
        found = feedparser.parse(
            BytesIO(page.data), sanitize_html=False, resolve_relative_uris=False
        )
    except BAD_ITEM as error:  # what feedparser lets through of its parts
        raise FetchError(f"{page.place} is no feed that can be read: {error}") from error
    if not found.get("version"):
        raise FetchError(f"{page.place} is no feed that can be read")
    return found


def _item(entry: Any, base: str, author: str, language: str, today: date) -> ImportedItem:
    published = stated(_text(entry, "published"), today, entry.get("published_parsed"))
    # feedparser's own `get` gives what was published where nothing was updated.
    changed = str(dict.get(entry, "updated") or "")
    updated = stated(changed, today, dict.get(entry, "updated_parsed"))
    moment = published.moment or updated.moment
    link = _link(entry, base)
    text, summary = _texts(entry)
    image, attachments = _files(entry, base)
    names = _names(entry) or ((author,) if author else ())
    return ImportedItem(
        origin=link or _text(entry, "id") or _text(entry, "title"),
        title=_plain(entry.get("title_detail")),
        date=moment,
        question="" if moment else f"{published.note}: when was it published?",
        id=_text(entry, "id"),
        link=link,
        updated=updated.moment if published.moment else None,
        html=text,
        base=link or base,
        summary=summary,
        authors=names,
        categories=tuple(_categories(entry)),
        language=tag_of(_language(entry) or language) or "",
        image=image,
        attachments=attachments,
        losses=(published.note,) if published.moment and published.note else (),
    )


def _link(entry: Any, base: str) -> str:
    """Give the address; an RSS guid that says nothing of being none is one only by its looks."""
    link = _text(entry, "link")
    is_guid = link == _text(entry, "id") and not any(
        one.get("rel") == "alternate" for one in entry.get("links", ())
    )
    return "" if not link or (is_guid and not is_web(link)) else joined(base, link)


def _text(entry: Any, name: str) -> str:
    return str(entry.get(name) or "").strip()


def _plain(detail: Any) -> str:
    """Give a title without markup."""
    if not detail:
        return ""
    value = str(detail.get("value", ""))
    return markdown.to_text(value) if detail.get("type") in _MARKUP else " ".join(value.split())


def _texts(entry: Any) -> tuple[str, str]:
    """Give the text as HTML and the summary as a line; a summary that stands alone is the text."""
    whole = max((_html(part) for part in entry.get("content", ())), key=len, default="")
    short = _html(entry.get("summary_detail"))
    if not whole:
        return short, ""
    line = markdown.to_text(short)
    # What begins as the text does was cut from it, by a program.
    start = line.rstrip(" .…]").removesuffix("[")[:60]
    return whole, "" if markdown.to_text(whole).startswith(start.rstrip()) else line


def _html(detail: Any) -> str:
    if not detail:
        return ""
    value = str(detail.get("value", ""))
    return value if detail.get("type") in _MARKUP else f"<p>{escape(value, quote=False)}</p>"


def _names(part: Any) -> tuple[str, ...]:
    found = (_text(author, "name") or _text(author, "email") for author in part.get("authors", ()))
    names = (named[1] if (named := _NAMED_MAIL.fullmatch(name)) else name for name in found)
    return tuple(dict.fromkeys(name for name in names if name))


def _categories(entry: Any) -> Iterator[str]:
    for tag in entry.get("tags", ()):
        yield str(tag.get("term") or tag.get("label") or "")


def _language(entry: Any) -> str:
    details = (*entry.get("content", ()), entry.get("title_detail") or {})
    return _text(entry, "language") or next(
        (str(detail["language"]) for detail in details if detail.get("language")), ""
    )


def _files(entry: Any, base: str) -> tuple[File | None, tuple[File, ...]]:
    """Give the picture and the other files; Media RSS's pictures stand behind an enclosure."""
    pictures: list[File] = []
    others: list[File] = []
    enclosures = [link for link in entry.get("links", ()) if link.get("rel") == "enclosure"]
    for one in (*enclosures, *entry.get("media_content", ()), *entry.get("media_thumbnail", ())):
        address = str(one.get("href") or one.get("url") or "")
        kind = str(one.get("type") or one.get("medium") or "image")
        if address:
            chosen = pictures if kind.startswith("image") else others
            chosen.append(File(address=joined(base, address)))
    unique = tuple(dict.fromkeys(others))
    return (pictures[0] if pictures else None), unique
