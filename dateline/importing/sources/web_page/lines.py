"""Which lines of text does a saved page have, as a person sees them? The one door to bs4."""

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
_HOLDERS = ["article", "li", "tr"]
_HEADINGS = ["h1", "h2", "h3", "h4", "h5", "h6"]
# What stands on every page of a site, and what nobody sees.
_AROUND = ["aside", "footer", "form", "head", "nav", "noscript", "script", "style", "template"]
_SAVED_FROM = re.compile(r"saved from url=\(\d+\)(\S+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLine:
    """A line: what a link in it leads to, its language, and the number of the item that holds it.

    `number` counts lines from 1; `holder` is 0 where no list item, table row or article is around
    it.
    """

    number: int
    text: str
    link: str = ""
    language: str = ""
    holder: int = 0
    is_heading: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """The lines of a page, and its own address as it says itself, or an empty text."""

    lines: tuple[PageLine, ...]
    address: str = ""


def read(data: bytes) -> Paper:
    """Give the lines of a saved page, in HTML or as plain text."""
    if not _HTML.search(data[:100_000]):
        text = data.decode("utf-8-sig", errors="replace")
        plain = (" ".join(line.split()) for line in text.splitlines())
        numbered = enumerate(plain, start=1)
        return Paper(lines=tuple(PageLine(number=n, text=line) for n, line in numbered if line))
    soup = BeautifulSoup(data, "lxml")
    address = _address(soup)
    for around in soup(_AROUND):
        around.decompose()
    return Paper(lines=tuple(_lines(soup)), address=address)


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
    holders: dict[int, int] = {}
    number = 0
    for pieces in _runs(soup):
        text = " ".join("".join(pieces).split())
        if not text:
            continue
        number += 1
        first = pieces[0]
        holder = first.find_parent(_HOLDERS)
        links = (piece.find_parent("a", href=True) for piece in pieces if piece.strip())
        link = next((found for found in links if found), None)
        spoken = first.find_parent(lang=True)
        yield PageLine(
            number=number,
            text=text,
            link=str(link["href"]) if link else "",
            language=str(spoken["lang"]) if spoken else "",
            holder=holders.setdefault(id(holder), len(holders) + 1) if holder else 0,
            is_heading=first.find_parent(_HEADINGS) is not None,
        )


def _runs(soup: BeautifulSoup) -> Iterator[list[NavigableString]]:
    """Give the pieces of text that stand on one line: in one block, without a break between."""
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
