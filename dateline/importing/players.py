"""Where is a film, a sound or a frame that a text shows? A link stands in its place.

Entries have no players and frames: readers' programs cut them, and pages ask no other site.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote

from dateline.importing import html_to_markdown
from dateline.importing.fetch import joined
from dateline.importing.items import ImportedItem

_OPENS = re.compile(
    r"<(?P<name>video|audio|iframe|embed|object)\b(?P<more>[^<>]*+)>", re.IGNORECASE
)
_ADDRESS = re.compile(
    r"""\b(?:src|data|href)\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)'|([^\s"'<>]+))""", re.IGNORECASE
)
_TITLE = re.compile(r"""\btitle\s*=\s*(?:"([^"<>]+)"|'([^'<>]+)')""", re.IGNORECASE)
_YOUTUBE = re.compile(r"https?://(?:www\.)?youtube(?:-nocookie)?\.com/embed/([\w-]+).*")
_VIMEO = re.compile(r"https?://player\.vimeo\.com/video/(\d+).*")


def linked(item: ImportedItem) -> ImportedItem:
    """Give an item with links in place of players and frames; each kind is named as a loss."""
    names: dict[str, None] = {}
    base = item.link or item.base
    if item.markdown:
        item = replace(
            item,
            markdown=html_to_markdown.outside_code(
                item.markdown, lambda part: "".join(_pieces(part, base, names, is_html=False))
            ),
        )
    if item.html:
        item = replace(item, html="".join(_pieces(item.html, base, names, is_html=True)))
    return replace(item, losses=(*item.losses, *names)) if names else item


def _pieces(text: str, base: str, names: dict[str, None], *, is_html: bool) -> Iterator[str]:
    low = text.lower() if text.isascii() else re.sub("[A-Z]", lambda sign: sign[0].lower(), text)
    unclosed: set[str] = set()
    done = 0
    for found in _OPENS.finditer(text):
        if found.start() < done:
            continue
        yield text[done : found.start()]
        name = found["name"].lower()
        close = f"</{name}>"
        end = -1 if name in unclosed or name == "embed" else low.find(close, found.end())
        if end < 0:
            unclosed.add(name)
        inside = text[found.end() : end] if end >= 0 else ""
        done = end + len(close) if end >= 0 else found.end()
        yield _link(found, inside, base, names, is_html=is_html)
    yield text[done:]


def _link(
    found: re.Match[str], inside: str, base: str, names: dict[str, None], *, is_html: bool
) -> str:
    name = found["name"].lower()
    stated = _ADDRESS.search(found["more"]) or _ADDRESS.search(inside)
    written = html.unescape(next(filter(None, stated.groups()), "")).strip() if stated else ""
    address = _watched(joined(base, written)) if written else ""
    if not address.startswith(("http://", "https://")):
        names[f"has <{name}> without an address, which is left out"] = None
        return ""
    names[f"has <{name}>: a link stands in its place"] = None
    title = _TITLE.search(found["more"])
    words = html.unescape(next(filter(None, title.groups()), "")) if title else address
    if is_html:
        return f'<p><a href="{html.escape(address)}">{html.escape(words)}</a></p>'
    return f"[{re.sub(r'[][]', '', words)}]({quote(address, safe=':/?#@!$&=;,+%~._-*')})"


def _watched(address: str) -> str:
    """Give the page of a film for the address of its frame."""
    if film := _YOUTUBE.fullmatch(address):
        return f"https://www.youtube.com/watch?v={film[1]}"
    film = _VIMEO.fullmatch(address)
    return f"https://vimeo.com/{film[1]}" if film else address
