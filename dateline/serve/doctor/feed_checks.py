"""Checks of what a feed states, of the addresses in it, and of pages that name feeds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urljoin
from xml.etree.ElementTree import ParseError, fromstring

from dateline.errors import FetchError
from dateline.model.formats import FORMATS, MEDIA_TYPES
from dateline.serve.doctor.finding import Finding, bad, improvable, ok
from dateline.system.decompression import decoded
from dateline.system.http import OWN, Ask, Reply
from dateline.text.urls import HUB

_ATOM = "{http://www.w3.org/2005/Atom}"
_BY_ROOT = {row.root: row for row in FORMATS.values() if row.root}
_PAGE_FEEDS = 3  # that are reported of a page
_JSON_FEED = "jsonfeed.org/version/"  # with http:// or https:// before it
_ALSO = {"application/xml", "text/xml", "application/json"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedFeed:
    """A fetched feed: its format, its own address, its hubs, and the archive before it.

    `wrong` names those of them that are not written as the format wants.
    """

    kind: str
    address: str
    hubs: tuple[str, ...]
    archive: str
    wrong: tuple[str, ...] = ()


def read(reply: Reply) -> FetchedFeed:
    """Parse a feed. Raises `ValueError` where it is none."""
    data = decoded(reply.fields.get("content-encoding", ""), reply.data)
    if data.lstrip()[:1] == b"{":
        return _read_json(data)
    try:
        root = fromstring(data)  # noqa: S314 - expat refuses what makes a text explode
    except (ParseError, LookupError) as error:
        raise ValueError(f"it is not XML ({error})") from error
    form = _BY_ROOT.get(root.tag)
    scope = root.find(form.head) if form else None
    if form is None or scope is None:
        raise ValueError(f"its outermost element is {root.tag}")
    links = [
        (link.get("rel", "alternate"), link.get("href", ""))
        for link in scope.findall(f"{_ATOM}link")
    ]
    named = dict(reversed(links))
    return FetchedFeed(
        kind=form.name,
        address=named.get("self", ""),
        hubs=tuple(href for rel, href in links if rel == "hub"),
        archive=named.get("prev-archive", ""),
    )


def _read_json(data: bytes) -> FetchedFeed:
    try:
        found = json.loads(data)
    except RecursionError as error:
        raise ValueError("it is too deep") from error
    if _JSON_FEED not in str(found.get("version", "")):
        raise ValueError(f"its version is not one of JSON Feed, such as https://{_JSON_FEED}1.1")
    hubs = found.get("hubs", [])
    hubs = hubs if isinstance(hubs, list) else [None]
    urls = [hub.get("url") if isinstance(hub, dict) else None for hub in hubs]
    texts = {name: found.get(name, "") for name in ("feed_url", "next_url")}
    known = {name: text for name, text in texts.items() if isinstance(text, str)}
    return FetchedFeed(
        kind="json",
        address=known.get("feed_url", ""),
        hubs=tuple(url for url in urls if isinstance(url, str)),
        archive=known.get("next_url", ""),
        wrong=(
            *(texts.keys() - known.keys()),
            *(["hubs"] if not all(isinstance(url, str) for url in urls) else []),
        ),
    )


def itself(feed: FetchedFeed, first: Reply) -> Iterator[Finding]:
    """Check the media type, the feed's own address, its size, and what no program can read."""
    sent = first.fields.get("content-type", "")
    name = sent.partition(";")[0].strip().lower()
    wanted = MEDIA_TYPES[feed.kind]
    if name == wanted:
        yield ok("type", f"It is {sent}.")
    elif name in _ALSO:
        yield improvable("type", f"It is sent as {sent}; {wanted} says more.")
    else:
        yield bad("type", f"It is sent as {sent or 'nothing'}; readers want {wanted}.")
    if feed.address == first.address:
        yield ok("self", "It names the address at which it is.")
    else:
        address = feed.address or "no address"
        yield bad(
            "self", f"It names {address}, and is at {first.address}: correct url in config.toml."
        )
    for name in feed.wrong:
        yield bad("feed", f"Its {name} is not written as JSON Feed wants it.")
    if len(first.data) > 2_000_000:  # noqa: PLR2004
        yield bad("size", f"It has {len(first.data)} bytes: several readers refuse that.")


def named(feed: FetchedFeed, first: Reply, ask: Ask) -> Iterator[Finding]:
    """Check what the feed names: its hubs, and the archive before it."""
    links = first.fields.get("link", "")
    for hub in feed.hubs:
        if f"<{hub}>" not in links:
            yield improvable("hub", f"The Link header does not name {hub}.")
        try:
            yield _own_hub(hub, ask) if _is_own(hub, first) else _hub(hub, ask)
        except FetchError as error:
            yield bad("hub", f"{error}.")
    if feed.archive:
        try:
            reply = ask(feed.archive, OWN)
            read(reply)
        except (FetchError, ValueError) as error:
            yield bad("archive", f"{feed.archive}: {error}.")
        else:
            yield ok("archive", f"The archive before it is at {feed.archive}.")


def _hub(hub: str, ask: Ask) -> Finding:
    reply = ask(hub, OWN)
    finding = ok if reply.status < 500 else bad  # noqa: PLR2004
    return finding("hub", f"{hub} answers ({reply.status}).")


def _is_own(hub: str, first: Reply) -> bool:
    """Return whether a hub is the publication's own: `hub` beside the feed."""
    return hub == urljoin(first.address, HUB)


def _own_hub(hub: str, ask: Ask) -> Finding:
    """Check that the publication's own hub takes forms: it refuses an empty one."""
    form = {**OWN, "Content-Type": "application/x-www-form-urlencoded"}
    reply = ask(hub, form, method="POST", data=b"")
    if reply.status == 400:  # noqa: PLR2004
        return ok("hub", f"{hub} takes requests.")
    if reply.status == 503:  # noqa: PLR2004
        return bad("hub", f"{hub} takes no requests: serve, or dateline hub, has to run.")
    return bad("hub", f"{hub} answers a form with {reply.status}: pass POST on to serve.")


def feeds_of_page(reply: Reply) -> list[str]:
    """Return the addresses of the first feeds that a page names (`rel=alternate`)."""
    if "html" not in reply.fields.get("content-type", ""):
        return []
    links = _Links()
    try:
        text = decoded(reply.fields.get("content-encoding", ""), reply.data).decode(
            "utf-8", "replace"
        )
        links.feed(text)
        return [urljoin(reply.address, href) for href in links.found[:_PAGE_FEEDS]]
    except (AssertionError, ValueError):  # the first is of Python's parser
        return []


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        media_type = values.get("type", "").partition(";")[0].strip().lower()
        is_feed = media_type in MEDIA_TYPES.values()
        if tag == "link" and is_feed and "alternate" in values.get("rel", "").lower().split():
            self.found.append(values.get("href", ""))
