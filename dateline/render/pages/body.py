"""What does an entry's text look like on a page, which asks no other site for anything?"""

from __future__ import annotations

import html
import re
from dataclasses import replace
from urllib.parse import urlsplit

from dateline.model import Entry
from dateline.render.entry_html import escaped, full_text, scrollable

# Whole tags, as `dateline.entries.normalise.markdown` and `dateline.render.entry_html` write them.
_TAG = re.compile(r'<(?P<slash>/?)(?P<name>[a-z][a-z0-9]*)(?P<attributes>(?:"[^"]*"|[^">])*)>')
_ATTRIBUTE = re.compile(r' ([a-z]+)="([^"]*)"')


def body(entry: Entry, site: str, root: str) -> str:
    """Give the text of an entry with its picture and files, as a page at the site has it.

    What is on the `site` is named from `root`, a picture that is elsewhere is a link.
    Corrections and a retraction are not in it: the page tells them at its head.
    """
    text = full_text(replace(entry, corrections=(), retracted=None))
    return scrollable(at_home(text, site, root))


def at_home(text: str, site: str, root: str) -> str:
    """Let an HTML fragment ask for nothing that is not on the site.

    >>> at_home('<img src="https://a.org/b.png" alt="A bridge">', "https://example.org/", "./")
    '<a href="https://a.org/b.png">A bridge</a> (<bdi>a.org</bdi>)'
    """
    if "<img" not in text and site not in text:
        return text
    own, is_link = re.compile(rf' (src|href)="{re.escape(escaped(site))}'), False

    def shown(tag: re.Match[str]) -> str:
        nonlocal is_link
        if tag["name"] == "a":
            is_link = not tag["slash"]
        elif tag["name"] == "img":
            said = dict(_ATTRIBUTE.findall(tag["attributes"]))
            if _host(said["src"]) != _host(site):
                return _leading(said, is_link=is_link)
        return own.sub(rf' \1="{root}', tag[0])

    return _TAG.sub(shown, text)


def _leading(said: dict[str, str], *, is_link: bool) -> str:
    """Give a link to a picture; inside another link, its words alone."""
    host = f"<bdi>{_host(said['src'])[1]}</bdi>"
    words = escaped(html.unescape(said.get("alt") or said.get("title") or ""))  # signs may be bare
    if is_link:
        return f"{words} ({host})" if words else host
    link = f'<a href="{said["src"]}">'
    return f"{link}{words}</a> ({host})" if words else f"{link}{host}</a>"


def _host(address: str) -> tuple[str, str]:
    """Give scheme and host of an escaped address: what a browser has for one site."""
    parts = urlsplit(html.unescape(address))
    return parts.scheme, parts.netloc
