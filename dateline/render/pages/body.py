"""The text of an entry on a page, which loads nothing from another site."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from urllib.parse import urlsplit

from dateline.model import Entry, Media
from dateline.render import entry_html
from dateline.render.entry_html import escaped, full_text, scrollable
from dateline.render.pages import pictures
from dateline.text.expressions import regex

# Whole tags, as `dateline.entries.normalise.markdown` and `dateline.render.entry_html` write them.
_TAG = regex(r'<(?P<slash>/?)(?P<name>[a-z][a-z0-9]*)(?P<attributes>(?:"[^"]*"|[^">])*)>')
_UNKNOWN = Media(url="", path=None, media_type="", length=0)
_ATTRIBUTE = regex(r' ([a-z]+)="([^"]*)"')


def body(entry: Entry, site: str, root: str) -> str:
    """Return the text of an entry with its picture and files, as HTML for a page of the site.

    Addresses on the `site` become relative to `root`, and pictures elsewhere become links.
    Corrections and a retraction are left out: the page has them at its head.
    """
    text = full_text(replace(entry, corrections=(), retracted=None))
    image, inline = entry.story.image, entry.story.inline
    known = {one.url: one for one in (*inline, *((image,) if image else ()))}
    return scrollable(at_home(text, site, root, known))


def text_alone(entry: Entry, site: str, root: str) -> str:
    """Return the text of an entry as `body` does, without its picture and files."""
    story = entry.story
    known = {one.url: one for one in story.inline}
    text = entry_html.text_alone(story)
    return scrollable(at_home(text, site, root, known, is_begun=story.image is not None))


def at_home(
    text: str,
    site: str,
    root: str,
    known: Mapping[str, Media] = MappingProxyType({}),
    *,
    is_begun: bool = False,
) -> str:
    """Return an HTML fragment that loads nothing from another site.

    Pictures that are `known` by their addresses have renditions. The first one is loaded at once,
    unless the page `is_begun` with another, each other when it is about to be seen.

    >>> at_home('<img src="https://a.org/b.png" alt="A bridge">', "https://example.org/", "./")
    '<a href="https://a.org/b.png">A bridge</a> (<bdi>a.org</bdi>)'
    """
    if "<img" not in text and site not in text:
        return text
    own, is_link = re.compile(rf' (src|href)="{re.escape(escaped(site))}'), False
    is_first = not is_begun

    def shown(tag: re.Match[str]) -> str:
        nonlocal is_link, is_first
        if tag["name"] == "a":
            is_link = not tag["slash"]
        elif tag["name"] == "img":
            found = dict(_ATTRIBUTE.findall(tag["attributes"]))
            if _host(found["src"]) != _host(site):
                return _link_to(found, is_link=is_link)
            was_first, is_first = is_first, False
            return _picture(found, site, root, known, is_first=was_first)
        return own.sub(rf' \1="{root}', tag[0])

    return _TAG.sub(shown, text)


def _picture(
    found: dict[str, str], site: str, root: str, known: Mapping[str, Media], *, is_first: bool
) -> str:
    """Return the element of a picture of the site from its attributes in a text."""
    attributes = {name: html.unescape(value) for name, value in found.items()}
    address = attributes["src"]
    media = known.get(address) or _UNKNOWN
    attributes["src"] = f"{root}{address.removeprefix(site)}"
    return pictures.element(media, attributes, root, pictures.IN_TEXT, is_first=is_first)


def _link_to(picture: dict[str, str], *, is_link: bool) -> str:
    """Return a link to a picture with these attributes; inside another link, its text alone."""
    host = f"<bdi>{_host(picture['src'])[1]}</bdi>"
    # Its text may hold bare characters.
    words = escaped(html.unescape(picture.get("alt") or picture.get("title") or ""))
    if is_link:
        return f"{words} ({host})" if words else host
    link = f'<a href="{picture["src"]}">'
    return f"{link}{words}</a> ({host})" if words else f"{link}{host}</a>"


def _host(address: str) -> tuple[str, str]:
    """Return scheme and host of an escaped address, which identify a site."""
    parts = urlsplit(html.unescape(address))
    return parts.scheme, parts.netloc
