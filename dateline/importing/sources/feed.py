"""Reading of an RSS or Atom document: the one door to feedparser."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from html import escape, unescape
from io import BytesIO
from typing import Any

import feedparser
from feedparser.mixin import _FeedParserMixin

from dateline.entries.normalise import markdown
from dateline.errors import FetchError
from dateline.importing.fetch import FetchedPage, is_web
from dateline.importing.items import (
    BAD_ITEM,
    FeedPage,
    File,
    ImportedItem,
    cut_off,
    each,
    first_shown,
    stated,
)
from dateline.messages import shown
from dateline.model.formats import Format
from dateline.text.expressions import regex
from dateline.text.language import tag_of
from dateline.text.urls import joined, web_address

# RFC 5005: archives before this document (section 4), and its next page (section 3).
_FURTHER = ("prev-archive", "next")
_NAMED_MAIL = regex(r"[^\s@]+@\S+\s+\((.+)\)")
_MARKUP = frozenset({"text/html", "application/xhtml+xml"})
_KINDS = "http://schemas.google.com/g/2005#kind"
_NO_POSTS = frozenset({"comment", "page"})  # of a backup of Blogger since 2018
# RFC 6721, section 3.
_DELETED = regex(
    rb"""<(?:[\w.-]++:)?deleted-entry\s(?:[^<>]*?\s)?ref\s*+=\s*+(?:"([^"<>]*+)"|'([^'<>]*+)')"""
)
# References of XML to units of UTF-16, of which some programs write two for an emoji; feedparser
# reads no feed that has one.
_UNITS = regex(rb"(?:&#(?:[xX][dD][\da-fA-F]{3}|5[5-7]\d{3});)++")
# What Drupal repeats before or below a text: its title, the account that wrote it, and the moment.
# Within a text, other news has the same.
_DRUPAL = regex(
    r"(\A|</(?:div|span|ul)>)\s*+"
    r"(?:<span\b(?=[^<>]*\bfield--name-(?:title|uid|created)\b)[^<>]*+>"
    r"(?:[^<]|<(?!/?span\b)|<span\b[^<>]*>(?:[^<]|<(?!/?span\b))*+</span>)*+</span>\s*+)+"
)
_DRUPAL_MOMENT = regex(
    r"(?:\A|</(?:div|span|ul)>)\s*+<span\b(?=[^<>]*\bfield--name-created\b)[^<>]*+>"
    r"\s*+<time\b[^<>]*?\bdatetime=\"([^\"<>]+)\""
)
_LONGEST_AUTHOR = 1000  # characters, a name with an address
_split_author = _FeedParserMixin._sync_author_detail  # noqa: SLF001 - replaced below
_end_element = _FeedParserMixin.unknown_endtag


def _split_short_author(parser: Any, key: str = "author") -> None:
    """Split a short author into name and address, and take a long one for a name.

    For a long one feedparser takes the square of the time.
    """
    context = parser._get_context()  # noqa: SLF001 - a method of it
    author = context.get(key) or ""
    people = context.get(f"{key}s")
    if len(author) <= _LONGEST_AUTHOR:
        _split_author(parser, key)
    elif people and not people[-1]:
        people[-1]["name"] = author


def _end_element_and_base(parser: Any, tag: str) -> None:
    """End an element and its `xml:base`, which feedparser keeps if none stood above it.

    That of the whole document goes on where it has more ends than beginnings.
    """
    whole = parser.basestack[0] if parser.basestack else parser.baseuri
    depth = max(len(parser.basestack) - 1, 0)
    _end_element(parser, tag)
    del parser.basestack[depth:]
    parser.baseuri = parser.basestack[-1] if parser.basestack else whole


_FeedParserMixin._sync_author_detail = _split_short_author  # noqa: SLF001 - no option does it
_FeedParserMixin.unknown_endtag = _end_element_and_base


def read(page: FetchedPage, today: date) -> FeedPage:
    """Return one document of a feed. Raises `FetchError` if it is no feed.

    Of the entities that a document declares, feedparser resolves only plain internal ones, and
    expat limits their expansion.
    """
    found = _parsed(page)
    feed = found.feed
    links = {str(link.get("rel")): str(link.get("href", "")) for link in feed.get("links", ())}
    base = feed.get("link") or page.place
    # The managingEditor of RSS is not a byline.
    author = "" if found.version.startswith("rss") else ", ".join(_names(feed))
    language = str(feed.get("language", ""))
    kinds = Counter(map(_kind, found.entries))
    form: Format = "atom" if found.version.startswith("atom") else "rss"
    cut = cut_off(page.data, b"entry" if form == "atom" else b"item") if found.bozo else ()
    whole = found.entries[: -len(cut) or None]
    items = each(
        (entry for entry in whole if not _kind(entry)),
        lambda entry: _item(entry, base, author, language, today),
        lambda entry: _text(entry, "link") or _text(entry, "title"),
    )
    return FeedPage(
        items=(*items, *cut),
        form=form,
        remarks=tuple(
            f"{count} of the kind {kind} are no news: left out."
            for kind, count in sorted(kinds.items())
            if kind
        ),
        further=next((links[rel] for rel in _FURTHER if links.get(rel)), ""),
        address=links.get("self", ""),
        is_partial=bool(found.bozo),
        deleted=frozenset(
            unescape((one[1] or one[2]).decode(errors="replace"))
            for one in _DELETED.finditer(page.data)
        ),
    )


def _parsed(page: FetchedPage) -> Any:
    data = _UNITS.sub(_joined, page.data)
    try:
        # Without an address, as feedparser would resolve an RSS guid that has no scheme against it;
        # and not as bytes, which feedparser would try to open as the name of a file.
        found = feedparser.parse(BytesIO(data), sanitize_html=False, resolve_relative_uris=False)
    except BAD_ITEM as error:  # feedparser does not catch the errors of its own parts
        raise FetchError(f"{page.place} is no feed that can be read: {error}") from error
    if not found.get("version"):
        raise FetchError(f"{page.place} is no feed that can be read")
    return found


def _joined(found: re.Match[bytes]) -> bytes:
    """Return references to characters in place of those to their units in UTF-16."""
    units = (unit.strip(b"&#").lower() for unit in found[0].split(b";")[:-1])
    codes = (int(one[1:], 16) if one.startswith(b"x") else int(one) for one in units)
    text = "".join(map(chr, codes)).encode("utf-16-le", "surrogatepass")
    return b"".join(b"&#%d;" % ord(one) for one in text.decode("utf-16-le", "ignore"))


def _item(entry: Any, base: str, author: str, language: str, today: date) -> ImportedItem:
    published = stated(_text(entry, "published"), today, entry.get("published_parsed"))
    # `get` of feedparser falls back to `published` if there is no `updated`.
    changed = str(dict.get(entry, "updated") or "")
    if not (_text(entry, "published") or changed):
        published = stated(_drupal_moment(entry), today)
    updated = stated(changed, today, dict.get(entry, "updated_parsed"))
    first = first_shown(published, updated)
    link = _link(entry, base)
    text, summary = _texts(entry)
    image, attachments = _files(entry, base)
    names = _names(entry) or ((author,) if author else ())
    is_draft = _is_draft(entry)
    return ImportedItem(
        origin=link or _text(entry, "id") or _text(entry, "title"),
        title=_plain(entry.get("title_detail")),
        date=first.moment,
        question=first.question,
        id="" if is_draft else _text(entry, "id"),
        link="" if is_draft else link,
        updated=updated.moment if published.moment else None,
        html=text,
        base=_base(entry) or link or base,
        summary=summary,
        authors=names,
        categories=tuple(_categories(entry)),
        language=tag_of(_language(entry) or language) or "",
        image=image,
        attachments=attachments,
        draft=is_draft,
        losses=(first.note,) if first.moment and first.note else (),
    )


def _is_draft(entry: Any) -> bool:
    """Return whether an entry says that it is not public (RFC 5023, section 13.1.1).

    feedparser names the element by the prefix that the document gives its namespace, if any. A
    backup of Blogger has a state in its place.
    """
    return _text(entry, "blogger_status").upper() not in {"", "LIVE"} or any(
        name.rpartition("_")[2] == "draft" and _text(entry, name).lower() == "yes" for name in entry
    )


def _kind(entry: Any) -> str:
    """Return what an entry of a backup of Blogger is, such as a comment; empty for a post."""
    named = _text(entry, "blogger_type").lower()
    if named in _NO_POSTS:
        return named
    if "TRASH" in _text(entry, "blogger_status").upper():
        return "post in the trash"
    kinds = (
        str(tag.get("term")).rpartition("#")[2]
        for tag in entry.get("tags", ())
        if tag.get("scheme") == _KINDS
    )
    kind = next(kinds, "post")
    return "" if kind == "post" else shown(kind)


def _link(entry: Any, base: str) -> str:
    """Return the address; an RSS guid without `isPermaLink` counts only if it is a web address."""
    link = _text(entry, "link")
    is_guid = link == _text(entry, "id") and not any(
        one.get("rel") == "alternate" for one in entry.get("links", ())
    )
    return "" if not link or (is_guid and not is_web(link)) else joined(base, link)


def _text(entry: Any, name: str) -> str:
    return str(entry.get(name) or "").strip()


def _plain(detail: Any) -> str:
    """Return a text construct without markup."""
    if not detail:
        return ""
    value = str(detail.get("value", ""))
    return markdown.to_text(value) if detail.get("type") in _MARKUP else " ".join(value.split())


def _texts(entry: Any) -> tuple[str, str]:
    """Return the text as HTML and the summary as a line; a summary alone is the text."""
    whole = max((_html(part) for part in entry.get("content", ())), key=len, default="")
    short = _html(entry.get("summary_detail"))
    if not whole:
        return short, ""
    line = markdown.to_text(short)
    # A summary that begins like the text is an excerpt made by a program.
    start = line.rstrip(" .…]").removesuffix("[")[:60]
    return whole, "" if markdown.to_text(whole).startswith(start.rstrip()) else line


def _base(entry: Any) -> str:
    """Return the `xml:base` of a text, against which its links are resolved; empty for none."""
    parts = (*entry.get("content", ()), entry.get("summary_detail") or {})
    found = next((str(part.get("base") or "") for part in parts), "")
    return web_address(found) or ""


def _html(detail: Any) -> str:
    if not detail:
        return ""
    value = str(detail.get("value", ""))
    if detail.get("type") not in _MARKUP:
        return f"<p>{escape(value, quote=False)}</p>"
    if detail.get("type") == "application/xhtml+xml":
        value = value.replace("</br>", "")  # feedparser closes each `<br>`; to HTML that is another
    return _DRUPAL.sub(r"\1", value) if "field--name-" in value else value


def _drupal_moment(entry: Any) -> str:
    """Return the moment that Drupal repeats beside a text; empty if it does not."""
    found = _DRUPAL_MOMENT.search(_text(entry, "summary"))
    return found[1] if found else ""


def _names(part: Any) -> tuple[str, ...]:
    found = (_text(author, "name") or _text(author, "email") for author in part.get("authors", ()))
    names = (named[1] if (named := _NAMED_MAIL.fullmatch(name)) else name for name in found)
    return tuple(dict.fromkeys(name for name in names if name))


def _categories(entry: Any) -> Iterator[str]:
    for tag in entry.get("tags", ()):
        if tag.get("scheme") == _KINDS:
            continue
        yield str(tag.get("term") or tag.get("label") or "")


def _language(entry: Any) -> str:
    details = (*entry.get("content", ()), entry.get("title_detail") or {})
    return _text(entry, "language") or next(
        (str(detail["language"]) for detail in details if detail.get("language")), ""
    )


def _files(entry: Any, base: str) -> tuple[File | None, tuple[File, ...]]:
    """Return the picture and the other files; enclosures take precedence over Media RSS."""
    pictures: list[File] = []
    others: list[File] = []
    enclosures = [link for link in entry.get("links", ()) if link.get("rel") == "enclosure"]
    for one in (*enclosures, *entry.get("media_content", ()), *entry.get("media_thumbnail", ())):
        address = str(one.get("href") or one.get("url") or "")
        kind = str(one.get("type") or one.get("medium") or "image")
        if address:
            chosen = pictures if kind.startswith("image") else others
            title, language = (_text(one, name) for name in ("title", "hreflang"))
            chosen.append(File(address=joined(base, address), title=title, language=language))
    unique = {one.address: one for one in reversed(others)}  # the first of each says most
    return (pictures[0] if pictures else None), tuple(reversed(unique.values()))
