"""What does a WordPress export (WXR) say?

It holds more than the feed ever showed: drafts, what is planned, pictures as items of their own.
Names and dates are taken as WordPress's feeds give them: a byline is the display name, the guid
is as it was at first publication, moments are those in GMT. Titles are HTML there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from lxml import etree  # type: ignore[import-untyped]  # lxml carries no types

from dateline.entries.normalise import markdown
from dateline.errors import FetchError
from dateline.importing.fetch import FetchedPage, joined
from dateline.importing.items import File, ImportedItem, ImportSource, OldFeed, each
from dateline.importing.sources.wordpress_shortcodes import to_html
from dateline.model.formats import Format
from dateline.text.language import tag_of

_SHOWN = frozenset({"publish", "future", "draft", "pending"})
_DRAFTS = frozenset({"draft", "pending"})
_FEEDS: tuple[tuple[str, Format], ...] = (
    ("feed/", "rss"),
    ("feed/atom/", "atom"),
    ("feed/rss2/", "rss"),
)
_NO_DAY = "0000-00-00"
_BY_DEFAULT = 10  # posts in a feed of WordPress's


def is_export(data: bytes) -> bool:
    """Say whether these bytes begin as an export does."""
    return b"wordpress.org/export/" in data[:20_000]


def read(page: FetchedPage, zone: ZoneInfo) -> ImportSource:
    """Read an export whole. Raises `FetchError` where it is none.

    What is not well-formed is read as far as it can be; entities and other files are not.
    """
    channel, is_whole = _channel(page)
    site = _text(channel, "base_blog_url") or _text(channel, "link")
    export = _Export(
        posts=list(channel.iterfind("item")),
        names=dict(_names(channel)),
        site=site.rstrip("/") + "/",
        language=tag_of(_text(channel, "language")) or "",
        zone=zone,
    )
    remarks = list(export.remarks())
    if not is_whole:
        remarks.append("The export is not well-formed: what could be read was taken.")
    return ImportSource(
        kind="WordPress export",
        items=tuple(export.items()),
        feeds=tuple(OldFeed(address=export.site + path, form=form) for path, form in _FEEDS),
        window=_BY_DEFAULT,
        remarks=tuple(remarks),
    )


def _channel(page: FetchedPage) -> tuple[Any, bool]:
    """Give the element that holds all, and whether every byte of the export was read."""
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = etree.fromstring(page.data, parser)
    except etree.XMLSyntaxError as error:
        raise FetchError(f"{page.place} is no XML that can be read: {error}") from error
    channel = root.find("channel") if root is not None else None
    if channel is None:
        raise FetchError(f"{page.place} is no export of WordPress")
    return channel, not len(parser.error_log)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Export:
    """The items of an export, and what they all refer to."""

    posts: list[Any]
    names: Mapping[str, str]
    site: str
    language: str
    zone: ZoneInfo

    def items(self) -> Iterator[ImportedItem]:
        """Give each post that was or will be public."""
        files = {_text(post, "post_id"): post for post in self._of_type("attachment")}
        public = [
            post
            for post in self._of_type("post")
            if _text(post, "status") in _SHOWN and not _text(post, "post_password")
        ]
        yield from each(public, lambda one: self._item(one, files), lambda one: _text(one, "link"))

    def remarks(self) -> Iterator[str]:
        """Say what does not come over at all."""
        kinds = Counter(_text(post, "post_type") for post in self.posts)
        for kind, count in sorted(kinds.items()):
            if kind not in {"post", "attachment"}:
                yield f"{count} of the kind {kind or '(none)'} are no news: left out."
        left = Counter(
            "with a password" if _text(post, "post_password") else _text(post, "status")
            for post in self._of_type("post")
            if _text(post, "status") not in _SHOWN or _text(post, "post_password")
        )
        for kind, count in sorted(left.items()):
            yield f"{count} posts ({kind}) were never public: left out."
        comments = sum(len(_all(post, "comment")) for post in self.posts)
        if comments:
            yield f"{comments} comments are left out."

    def _of_type(self, kind: str) -> list[Any]:
        return [post for post in self.posts if _text(post, "post_type") == kind]

    def _item(self, post: Any, files: Mapping[str, Any]) -> ImportedItem:
        is_draft = _text(post, "status") in _DRAFTS
        moment = self._moment(post, "post_date")
        guid, link = _text(post, "guid"), _text(post, "link")
        text, losses = to_html(_text(post, "encoded", "content"))
        return ImportedItem(
            origin=link or guid,
            title=markdown.to_text(_text(post, "title")),
            date=moment,
            question="" if moment else "it has no date: when was it published?",
            id="" if is_draft else guid or link,
            link="" if is_draft else joined(self.site, link),
            updated=self._moment(post, "post_modified"),
            html=text,
            base=link or self.site,
            summary=markdown.to_text(_text(post, "encoded", "excerpt")),
            authors=tuple(self._authors(post)),
            categories=tuple(dict.fromkeys(_categories(post))),
            language=self.language,
            image=_picture(post, files),
            draft=is_draft,
            losses=tuple(losses),
        )

    def _moment(self, post: Any, name: str) -> datetime | None:
        """Give a moment in GMT; a draft has none of these, only what its author's clock said."""
        for field, zone in ((f"{name}_gmt", UTC), (name, self.zone)):
            stated = _text(post, field)
            if stated and not stated.startswith(_NO_DAY):
                try:
                    return datetime.fromisoformat(stated).replace(tzinfo=zone)
                except ValueError:
                    continue
        return None

    def _authors(self, post: Any) -> Iterator[str]:
        if login := _text(post, "creator"):
            yield self.names.get(login, login)


def _names(channel: Any) -> Iterator[tuple[str, str]]:
    for author in _all(channel, "author"):
        login = _text(author, "author_login")
        yield login, _text(author, "author_display_name") or login


def _categories(post: Any) -> Iterator[str]:
    for category in post.iterfind("category"):
        if category.get("domain", "") in {"category", "post_tag", ""} and category.text:
            yield markdown.to_text(category.text)


def _picture(post: Any, files: Mapping[str, Any]) -> File | None:
    """Give the picture that a theme shows above the text."""
    found = files.get(_meta(post, "_thumbnail_id"))
    if found is None:
        return None
    address = _text(found, "attachment_url") or _text(found, "guid")
    return File(address=address, alt=_meta(found, "_wp_attachment_image_alt")) if address else None


def _meta(post: Any, key: str) -> str:
    for meta in _all(post, "postmeta"):
        if _text(meta, "meta_key") == key:
            return _text(meta, "meta_value")
    return ""


def _text(element: Any, name: str, part: str = "") -> str:
    """Give the text of a child by its local name: each version of WXR has another namespace.

    `part` tells `content:encoded` from `excerpt:encoded`.
    """
    for child in _all(element, name):
        if part in (etree.QName(child).namespace or ""):
            return (child.text or "").strip()
    return ""


def _all(element: Any, name: str) -> list[Any]:
    return [
        child
        for child in element
        if isinstance(child.tag, str) and etree.QName(child).localname == name
    ]
