"""The lines of text on a saved page, as a person sees them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bs4 import BeautifulSoup
from bs4.element import Comment, NavigableString, Tag

_HTML = re.compile(
    rb"<(?:!doctype html|html|body|head|ul|ol|table|div|li|p|h[1-6]|article)\b", re.IGNORECASE
)
_BLOCKS = [
    "address", "article", "blockquote", "body", "dd", "div", "dl", "dt", "figcaption", "figure",
    "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "main", "ol", "p", "pre", "section", "table",
    "td", "th", "time", "tr", "ul",
]  # fmt: skip
_CONTAINERS = ["article", "li", "tr"]
_HEADINGS = ["h1", "h2", "h3", "h4", "h5", "h6"]
# Elements that every page of a site has, and elements that nobody sees.
_AROUND = ["aside", "footer", "form", "head", "nav", "noscript", "script", "style", "template"]
_SAVED_FROM = re.compile(r"saved from url=\(\d+\)(\S+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLine:
    """A line of text with the address of its first link and its language.

    `number` counts lines from 1. `container` numbers the list item, table row or article around
    the line; it is 0 if there is none.
    """

    number: int
    text: str
    link: str = ""
    language: str = ""
    container: int = 0
    is_heading: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPage:
    """The lines of a page, and its own address if it states one."""

    lines: tuple[PageLine, ...]
    address: str = ""


def read(data: bytes) -> SavedPage:
    """Return the lines of a saved page, in HTML or as plain text."""
    if not _HTML.search(data[:100_000]):
        text = data.decode("utf-8-sig", errors="replace")
        plain = (" ".join(line.split()) for line in text.splitlines())
        numbered = enumerate(plain, start=1)
        return SavedPage(lines=tuple(PageLine(number=n, text=line) for n, line in numbered if line))
    soup = BeautifulSoup(data, "lxml")
    address = _address(soup)
    for around in soup(_AROUND):
        around.decompose()
    return SavedPage(lines=tuple(_lines(soup)), address=address)


def _address(soup: BeautifulSoup) -> str:
    for name, attribute in (("base", "href"), ("link", "href")):
        for tag in soup(name):
            if name == "base" or "canonical" in (tag.get_attribute_list("rel") or ()):
                return str(tag.get(attribute, ""))
    for comment in soup.find_all(string=lambda text: isinstance(text, Comment)):
        if found := _SAVED_FROM.search(comment):
            return found[1]
    return ""


def _lines(soup: BeautifulSoup) -> Iterator[PageLine]:
    containers: dict[int, int] = {}
    number = 0
    for pieces in _runs(soup):
        text = " ".join("".join(pieces).split())
        if not text:
            continue
        number += 1
        first = pieces[0]
        container = first.find_parent(_CONTAINERS)
        links = (piece.find_parent("a", href=True) for piece in pieces if piece.strip())
        link = next((found for found in links if found), None)
        spoken = first.find_parent(lang=True)
        yield PageLine(
            number=number,
            text=text,
            link=str(link["href"]) if link else "",
            language=str(spoken["lang"]) if spoken else "",
            container=containers.setdefault(id(container), len(containers) + 1) if container else 0,
            is_heading=first.find_parent(_HEADINGS) is not None,
        )


def _runs(soup: BeautifulSoup) -> Iterator[list[NavigableString]]:
    """Yield the pieces of text of each line: one block without a break."""
    pieces: list[NavigableString] = []
    block: Tag | None = None
    for node in soup.descendants:
        if isinstance(node, Tag):
            if node.name in {"br", "hr"} and pieces:
                yield pieces
                pieces = []
            continue
        if not isinstance(node, NavigableString) or isinstance(node, Comment):
            continue
        own = node.find_parent(_BLOCKS)
        if own is not block and pieces:
            yield pieces
            pieces = []
        block = own
        if node.strip() or pieces:
            pieces.append(node)
    if pieces:
        yield pieces
