"""Reading of a WordPress export (WXR).

An export has more than the feed: drafts, scheduled posts, pictures as items of their own. Names
and dates are taken as in WordPress's feeds: the byline is the display name, the guid the one of
first publication, moments are in GMT. Titles are HTML.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from html.entities import html5
from typing import Any
from zoneinfo import ZoneInfo

from lxml import etree  # type: ignore[import-untyped]  # lxml carries no types

from dateline.entries.normalise import markdown
from dateline.errors import FetchError
from dateline.importing.fetch import FetchedPage, is_web
from dateline.importing.items import File, ImportedItem, ImportSource, OldFeed, cut_off, each
from dateline.importing.sources import restricted
from dateline.importing.sources.wordpress import shortcodes
from dateline.model.formats import Format
from dateline.text.expressions import regex
from dateline.text.language import tag_of
from dateline.text.urls import joined

_SHOWN = frozenset({"publish", "future", "draft", "pending"})
_DRAFTS = frozenset({"draft", "pending"})
_FEEDS: tuple[tuple[str, Format], ...] = (
    ("feed/", "rss"),
    ("feed/atom/", "atom"),
    ("feed/rss2/", "rss"),
)
# Of a site without permalinks, whose posts are at `/?p=7`.
_PLAIN_FEEDS: tuple[tuple[str, Format], ...] = (("?feed=rss2", "rss"), ("?feed=atom", "atom"))
_DIGITS = regex(r"\d{9,11}")
_NO_DAY = "0000-00-00"
_ITEMS_IN_FEED = 10  # WordPress's default
# WordPress exports control characters as they were pasted, which XML forbids: a reader that goes on
# behind one has lost the text.
_CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\r")
_SPACED = bytes.maketrans(_CONTROLS, b" " * len(_CONTROLS))
_AMPERSAND = regex(
    rb"(?P<data><!\[CDATA\[.*?(?:\]\]>|\Z))"
    rb"|&(?!#(?:\d+|x[\dA-Fa-f]+);)(?:(?P<name>[A-Za-z][A-Za-z\d]{1,30});)?",
    re.DOTALL,
)
# What the plugin PublishPress Future does at a moment, other than ending the publication.
_NO_END = frozenset({"category", "category-add", "category-remove", "stick", "unstick"})


def is_export(data: bytes) -> bool:
    """Return whether these bytes are a WordPress export."""
    return b"wordpress.org/export/" in data[:20_000]


def read(page: FetchedPage, zone: ZoneInfo, now: datetime, site: str = "") -> ImportSource:
    """Return the posts of an export. Raises `FetchError` if it is none.

    One that is not well-formed is read as far as possible; entities and external files are not
    resolved. `site` is the address of one that does not name it.
    """
    channel, is_whole = _channel(page)
    cut = () if is_whole else cut_off(page.data, b"item")
    site = _text(channel, "base_blog_url") or _text(channel, "link") or site
    export = _Export(
        posts=channel.findall("item")[: -len(cut) or None],
        names=dict(_names(channel)),
        site=site.rstrip("/") + "/",
        language=tag_of(_text(channel, "language")) or "",
        zone=zone,
        now=now,
    )
    remarks = list(export.remarks())
    if not is_whole:
        remarks.append("The export is not well-formed: what could be read was taken.")
    return ImportSource(
        kind="WordPress export",
        items=(*export.items(), *cut),
        feeds=tuple(
            OldFeed(address=export.site + path, form=form)
            for path, form in (export.feeds() if is_web(export.site) else ())
        ),
        window=_ITEMS_IN_FEED,
        remarks=tuple(remarks),
        hidden=tuple(export.hidden()),
    )


def _channel(page: FetchedPage) -> tuple[Any, bool]:
    """Return the `channel` element, and True if the export is well-formed."""
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    data = page.data.translate(_SPACED)
    try:
        root = etree.fromstring(data, parser)
        if parser.error_log:  # libxml2 leaves out all references by name behind the first error
            root = etree.fromstring(_AMPERSAND.sub(_numbered, data), parser)
    except etree.XMLSyntaxError as error:
        raise FetchError(f"{page.place} is no XML that can be read: {error}") from error
    channel = root.find("channel") if root is not None else None
    if channel is None:
        raise FetchError(f"{page.place} is no export of WordPress")
    return channel, not len(parser.error_log)


def _numbered(found: re.Match[bytes]) -> bytes:
    """Return a reference by number in place of one by a name of HTML, or of `&` that is a text."""
    if found["data"]:
        return found[0]
    name = found["name"] or b""
    meant = html5.get(f"{name.decode()};", "")
    return "".join(f"&#{ord(one)};" for one in meant).encode() or b"&#38;" + found[0][1:]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Export:
    """The posts of an export, and what they refer to."""

    posts: list[Any]
    names: Mapping[str, str]
    site: str
    language: str
    zone: ZoneInfo
    now: datetime

    def items(self) -> Iterator[ImportedItem]:
        """Yield each post that was or will be public."""
        files = {_text(post, "post_id"): _file(post) for post in self._of_type("attachment")}
        public = [post for post in self._of_type("post") if _is_shown(post)]
        yield from each(public, lambda one: self._item(one, files), lambda one: _text(one, "link"))

    def feeds(self) -> tuple[tuple[str, Format], ...]:
        """Return the addresses of the feeds below the site's, and their formats."""
        posts = self._of_type("post")
        links = [_text(post, "link") for post in posts if _text(post, "status") == "publish"]
        return _PLAIN_FEEDS if links and all("/?p=" in link for link in links) else _FEEDS

    def hidden(self) -> Iterator[str]:
        """Yield the guid of each post that is not public: it may have been."""
        for post in self._of_type("post"):
            if not _is_shown(post) or _text(post, "status") in _DRAFTS:
                yield _text(post, "guid") or _text(post, "link")

    def remarks(self) -> Iterator[str]:
        """Yield the counts of what is not imported."""
        kinds = Counter(_text(post, "post_type") for post in self.posts)
        for kind, count in sorted(kinds.items()):
            if kind not in {"post", "attachment"}:
                yield f"{count} of the kind {kind or '(none)'} are no news: left out."
        left = Counter(
            "with a password" if _text(post, "post_password") else _text(post, "status")
            for post in self._of_type("post")
            if not _is_shown(post)
        )
        for kind, count in sorted(left.items()):
            yield f"{count} posts ({kind}) are not public: left out."
        comments = sum(len(_all(post, "comment")) for post in self.posts)
        if comments:
            yield f"{comments} comments are left out."

    def _of_type(self, kind: str) -> list[Any]:
        return [post for post in self.posts if _text(post, "post_type") == kind]

    def _item(self, post: Any, files: Mapping[str, File | None]) -> ImportedItem:
        is_draft = _text(post, "status") in _DRAFTS
        moment = self._moment(post, "post_date")
        guid, link = _text(post, "guid"), _text(post, "link")
        meta = _fields(post)
        written = _text(post, "encoded", "content")
        text, losses = shortcodes.to_html(written)
        parts = [*shortcodes.for_some(written), *restricted.by_fields(meta)]
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
            language=next(_languages(post), self.language),
            image=files.get(meta.get("_thumbnail_id", "")),  # that a theme shows above the text
            draft=is_draft or bool(parts),
            losses=(
                *map(restricted.loss, parts),
                *shortcodes.dynamic(written),
                *shortcodes.unknown(written),
                *losses,
            ),
            expires=self._end(meta),
            is_raw=bool(parts),
        )

    def _moment(self, post: Any, name: str) -> datetime | None:
        """Return a moment in GMT; a draft has only local time, in the zone of the publication."""
        for field, zone in ((f"{name}_gmt", UTC), (name, self.zone)):
            stated = _text(post, field)
            if stated and not stated.startswith(_NO_DAY):
                try:
                    return datetime.fromisoformat(stated).replace(tzinfo=zone)
                except ValueError:
                    continue
        return None

    def _end(self, meta: Mapping[str, str]) -> datetime | None:
        """Return when a post is to be public no more, by PublishPress Future."""
        stated, kind = meta.get("_expiration-date", ""), meta.get("_expiration-date-type")
        if not _DIGITS.fullmatch(stated) or kind in _NO_END:
            return None
        moment = datetime.fromtimestamp(int(stated), UTC)
        is_on = meta.get("_expiration-date-status", "saved") == "saved"
        return moment if is_on and moment > self.now else None

    def _authors(self, post: Any) -> Iterator[str]:
        """Yield the bylines, by Co-Authors Plus if it has several."""
        terms = post.xpath("category[@domain='author']/text()")
        for login in filter(None, map(str, terms or [_text(post, "creator")])):
            yield self.names.get(login, login)


def _is_shown(post: Any) -> bool:
    """Return whether a post was or will be public, or is a draft."""
    return _text(post, "status") in _SHOWN and not _text(post, "post_password")


def _names(channel: Any) -> Iterator[tuple[str, str]]:
    for author in _all(channel, "author"):
        login = _text(author, "author_login")
        yield login, _text(author, "author_display_name") or login
    for post in channel.iterfind("item"):
        if _text(post, "post_type") == "guest-author":  # of Co-Authors Plus
            yield _text(post, "post_name").removeprefix("cap-"), _text(post, "title")


def _categories(post: Any) -> Iterator[str]:
    for category in post.iterfind("category"):
        if category.get("domain", "") in {"category", "post_tag", ""} and category.text:
            yield markdown.to_text(category.text)


def _languages(post: Any) -> Iterator[str]:
    """Yield the language that Polylang keeps for a post."""
    for category in post.iterfind("category"):
        if category.get("domain") == "language" and (tag := tag_of(category.get("nicename", ""))):
            yield tag


def _file(post: Any) -> File | None:
    """Return the file of an attachment; None where it has no address."""
    address = _text(post, "attachment_url") or _text(post, "guid")
    return (
        File(address=address, alt=_fields(post).get("_wp_attachment_image_alt", ""))
        if address
        else None
    )


def _fields(post: Any) -> dict[str, str]:
    """Return the custom fields of a post, of several with one name the first."""
    both = [(_text(one, "meta_key"), _text(one, "meta_value")) for one in _all(post, "postmeta")]
    return dict(reversed(both))


def _text(element: Any, name: str, part: str = "") -> str:
    """Return the text of a child by its local name: versions of WXR differ in their namespaces.

    `part` distinguishes `content:encoded` from `excerpt:encoded`.
    """
    for child in _all(element, name):
        if part in _split(child.tag)[0]:
            return (child.text or "").strip()
    return ""


def _all(element: Any, name: str) -> list[Any]:
    return [
        child for child in element if isinstance(child.tag, str) and _split(child.tag)[1] == name
    ]


def _split(tag: str) -> tuple[str, str]:
    """Return the namespace, or the undeclared prefix, and the local name of a tag.

    >>> _split("{http://wordpress.org/export/1.2/}status"), _split("content:encoded")
    (('http://wordpress.org/export/1.2/', 'status'), ('content', 'encoded'))
    """
    space, _, name = tag.rpartition("}")
    prefix, _, local = name.rpartition(":")
    return space.removeprefix("{") or prefix, local
