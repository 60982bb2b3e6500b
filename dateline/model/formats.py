"""The formats in which feeds are published: one row of `FORMATS` for each.

A row has all that the program needs to know of a format, and names the function that renders it;
everything else is derived. `CONTRIBUTING.md`, "Add a format", adds one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

Format: TypeAlias = str
"""The name of a row of `FORMATS`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedFormat:
    """A feed format.

    `name`, none of `RESERVED`, is its name in `config.toml` and the extension of its documents,
    `title` its name for people. `renderer` is a module of `dateline.render.feeds` and the function
    in it that returns the bytes of a document (`module:function`). A feed without `formats` in
    `config.toml` is published in those that are `is_default`. Without `has_archives` there are no
    archive documents (RFC 5005).

    `opml_version` is the `version` of an outline in OPML 2.0, where it has one. `guesses` are the
    addresses at which people and programs look for a feed of this format. `root` is the outermost
    element of a document, and `head` the path from there to the element with the feed's own
    links, both as ElementTree writes them; `root` is empty for a format that is not XML.
    """

    name: str
    title: str
    media_type: str
    renderer: str
    is_default: bool = False
    has_archives: bool = True
    opml_version: str = ""
    guesses: tuple[str, ...] = ()
    root: str = ""
    head: str = "."


RESERVED = frozenset({"css", "html", "ics", "js", "opml", "txt", "xml", "br", "gz", "zst"})
"""Extensions of other documents and of coded forms, by which a feed is told from these."""

FORMATS: Mapping[Format, FeedFormat] = {
    row.name: row
    for row in (
        FeedFormat(
            name="rss",
            title="RSS",
            media_type="application/rss+xml",
            renderer="rss_atom:rss",
            is_default=True,
            opml_version="RSS",
            guesses=("feed", "feed/", "feed.xml", "index.xml", "rss", "rss.xml"),
            root="rss",
            head="channel",
        ),
        FeedFormat(
            name="atom",
            title="Atom",
            media_type="application/atom+xml",
            renderer="rss_atom:atom",
            is_default=True,
            guesses=("atom.xml",),
            root="{http://www.w3.org/2005/Atom}feed",
        ),
        FeedFormat(
            name="json",
            title="JSON Feed",
            media_type="application/feed+json",
            renderer="json_feed:json_feed",
            is_default=True,
            guesses=("feed.json",),
        ),
    )
}
DEFAULTS = tuple(name for name, row in FORMATS.items() if row.is_default)
MEDIA_TYPES: Mapping[Format, str] = {name: row.media_type for name, row in FORMATS.items()}
TITLES: Mapping[Format, str] = {name: row.title for name, row in FORMATS.items()}
