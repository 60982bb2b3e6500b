"""The lines of text on a saved page, as a person sees them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from bs4 import BeautifulSoup
from bs4.element import Comment, NavigableString, Tag

from dateline.text.expressions import regex

_HTML = regex(
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
_SAVED_FROM = regex(r"saved from url=\(\d+\)(\S+)")


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
        text = " ".join("".join(piece for piece, _ in pieces).split())
        if not text:
            continue
        number += 1
        around = pieces[0][1]
        links = (around.link for piece, around in pieces if piece.strip())
        container = around.container
        yield PageLine(
            number=number,
            text=text,
            link=next(filter(None, links), ""),
            language=around.language,
            container=containers.setdefault(container, len(containers) + 1) if container else 0,
            is_heading=around.is_heading,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Around:
    """What is around a text: its block and the nearest container, by their numbers, and more."""

    block: int = 0
    container: int = 0
    link: str = ""
    language: str = ""
    is_heading: bool = False

    def within(self, tag: Tag) -> _Around:
        """Return what is around the texts of an element that this is around."""
        own: dict[str, Any] = {}
        if tag.name in _BLOCKS:
            own["block"] = id(tag)
        if tag.name in _CONTAINERS:
            own["container"] = id(tag)
        if tag.name in _HEADINGS:
            own["is_heading"] = True
        if tag.name == "a" and tag.has_attr("href"):
            own["link"] = str(tag["href"])
        if tag.has_attr("lang"):
            own["language"] = str(tag["lang"])
        return replace(self, **own) if own else self


_Piece = tuple[str, _Around]


def _runs(soup: BeautifulSoup) -> Iterator[list[_Piece]]:
    """Yield the pieces of text of each line: one block without a break."""
    pieces: list[_Piece] = []
    block = 0
    for node, around in _nodes(soup):
        if isinstance(node, Tag):
            if node.name in {"br", "hr"} and pieces:
                yield pieces
                pieces = []
            continue
        if isinstance(node, Comment):
            continue
        if around.block != block and pieces:
            yield pieces
            pieces = []
        block = around.block
        if node.strip() or pieces:
            pieces.append((node, around))
    if pieces:
        yield pieces


def _nodes(soup: BeautifulSoup) -> Iterator[tuple[Tag | NavigableString, _Around]]:
    """Yield each element and text in the order of the page, with what is around it.

    To ask each text for its parents would take the square of the time where elements are deep.
    """
    above: list[tuple[Tag, _Around]] = [(soup, _Around())]
    for node in soup.descendants:
        while above[-1][0] is not node.parent:
            above.pop()
        around = above[-1][1]
        if isinstance(node, Tag):
            above.append((node, around.within(node)))
        if isinstance(node, Tag | NavigableString):
            yield node, around
