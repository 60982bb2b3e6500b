"""Reading of a JSON Feed (https://jsonfeed.org/version/1.1)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from html import escape
from typing import Any

from dateline.errors import FetchError
from dateline.importing.fetch import FetchedPage
from dateline.importing.items import FeedPage, File, ImportedItem, each, first_shown, stated
from dateline.text.characters import sifted
from dateline.text.language import tag_of
from dateline.text.urls import web_address


def read(page: FetchedPage, today: date) -> FeedPage:
    """Return one document of a feed. Raises `FetchError` if it is no JSON Feed."""
    try:
        found = json.loads(page.data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise FetchError(f"{page.place} is no JSON that can be read") from error
    if not isinstance(found, dict) or "jsonfeed.org" not in _text(found, "version"):
        raise FetchError(f"{page.place} is JSON, and no JSON Feed")
    base = _text(found, "home_page_url") or page.place
    items = [item for item in _list(found, "items") if isinstance(item, dict)]
    return FeedPage(
        items=tuple(
            each(
                items,
                lambda item: _item(item, found, base, today),
                lambda item: _text(item, "url") or _text(item, "id"),
            )
        ),
        form="json",
        further=_text(found, "next_url"),
        address=_text(found, "feed_url"),
    )


def _item(item: dict[str, Any], feed: dict[str, Any], base: str, today: date) -> ImportedItem:
    published = stated(_text(item, "date_published"), today)
    updated = stated(_text(item, "date_modified"), today)
    first = first_shown(published, updated)
    link = web_address(_text(item, "url"), base, fragment=True) or "" if _text(item, "url") else ""
    text = _text(item, "content_text")
    image = _text(item, "image") or _text(item, "banner_image")
    return ImportedItem(
        origin=link or _text(item, "id") or _text(item, "title"),
        title=" ".join(_text(item, "title").split()),
        date=first.moment,
        question=first.question,
        id=_text(item, "id"),
        link=link,
        updated=updated.moment if published.moment else None,
        html=_text(item, "content_html") or (text and _paragraphs(text)),
        base=link or base,
        summary=" ".join(_text(item, "summary").split()),
        authors=tuple(_names(item) or _names(feed)),
        categories=tuple(tag for tag in _list(item, "tags") if isinstance(tag, str)),
        language=tag_of(_text(item, "language") or _text(feed, "language")) or "",
        image=File(address=web_address(image, base) or image) if image else None,
        attachments=tuple(_attachments(item, base)),
        losses=(first.note,) if first.note and first.moment else (),
    )


def _text(table: dict[str, Any], name: str) -> str:
    """Return a field as text without characters that no entry can have.

    JSON may have half an emoji, and JSON Feed 1.0 allowed numbers as ids.
    """
    value = table.get(name)
    return sifted(str(value)).strip() if isinstance(value, str | int | float) else ""


def _list(table: dict[str, Any], name: str) -> list[Any]:
    value = table.get(name)
    return value if isinstance(value, list) else []


def _names(table: dict[str, Any]) -> list[str]:
    authors = [author for author in _list(table, "authors") if isinstance(author, dict)]
    if not authors and isinstance(alone := table.get("author"), dict):
        authors = [alone]
    return [name for author in authors if (name := _text(author, "name"))]


def _attachments(item: dict[str, Any], base: str) -> Iterator[File]:
    for one in _list(item, "attachments"):
        if isinstance(one, dict) and (address := web_address(_text(one, "url"), base)):
            yield File(address=address, title=" ".join(_text(one, "title").split()))


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{escape(part, quote=False)}</p>" for part in text.split("\n\n"))
