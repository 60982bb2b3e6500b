"""Which feeds does a page name for readers?"""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import urljoin

from dateline.model.formats import MEDIA_TYPES
from dateline.system.decompression import decoded
from dateline.system.http import Reply

_MOST = 3  # that are told


def feeds(reply: Reply) -> list[str]:
    """Give the addresses of the first feeds that a page names (`rel=alternate`); none, else."""
    if "html" not in reply.fields.get("content-type", ""):
        return []
    links = _Links()
    try:
        text = decoded(reply.fields.get("content-encoding", ""), reply.data).decode(
            "utf-8", "replace"
        )
        links.feed(text)
        return [urljoin(reply.address, href) for href in links.found[:_MOST]]
    except ValueError:
        return []


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        is_feed = said.get("type", "").partition(";")[0].strip().lower() in MEDIA_TYPES.values()
        if tag == "link" and is_feed and "alternate" in said.get("rel", "").lower().split():
            self.found.append(said.get("href", ""))
