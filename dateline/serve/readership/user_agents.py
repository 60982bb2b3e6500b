"""The program behind a User-Agent, and the number of its subscribers.

Services that fetch a feed once for many people report how many: "462 subscribers". Only a
program's name is kept of a User-Agent, so that nobody is identified.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from dateline.text.expressions import regex

NAMELESS = "(no name)"
DELIVERY = "Dateline-Delivery"  # the proof of delivery, which is no reader and is not counted
_LONGEST = 40
_READ = 500  # characters of a User-Agent, of which a proxy may log a megabyte
_NUMBER = r"(?<![\d.,])(\d{1,3}(?:,\d{3}){1,2}|\d{1,7})"  # ten million subscribers are a joke
_COUNT = regex(
    rf"{_NUMBER}[ +](?:subscribers?\b|readers\b)"
    r"|\b(?:users|subscribers?(?: count)?):? (\d{1,7})(?![\d.,])",
    re.IGNORECASE,
)
# A service that has one address of ours in several forms has figures for each of them.
_FEED = regex(r"\bfeed-id[:=](\w+)|newsblur\.com/site/(\d+)", re.IGNORECASE)
_COMPATIBLE = regex(r"compatible; *(?:MSIE [\d.]+; *)?(?!MSIE|Mozilla)([^;/()+]+)")
_PLAIN = regex(r"(?!Mozilla\b)[^/(;:,+]+", re.IGNORECASE)
_PRODUCT = regex(r"([A-Za-z][\w.-]*)/[\d.]+")
_AFTER_NAME = regex(
    r" - .*| feed-id\b.*|[ -]v?\d+(?:\.\d+)+.*|\.(?:com|org|net)\b.*| \d+ subscribers?.*| https?$",
    re.IGNORECASE,
)
_PURPOSE = regex(r" Feed (?:Fetcher|Finder)$")
_PROPER = {"inoreader": "Inoreader", "theoldreader": "The Old Reader"}
# The first of these among the products of a User-Agent is the browser.
_BROWSERS = {
    "Edg": "Edge", "EdgA": "Edge", "EdgiOS": "Edge", "OPR": "Opera", "Vivaldi": "Vivaldi",
    "SamsungBrowser": "Samsung Internet", "Chrome": "Chrome", "CriOS": "Chrome",
    "Firefox": "Firefox", "FxiOS": "Firefox", "Safari": "Safari",
}  # fmt: skip
_PARTS = {"Mozilla", "AppleWebKit", "Gecko", "Version", "Mobile", "KHTML", *_BROWSERS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """A program that fetches; `subscribers` is None where it reports none.

    `feed` is the number that a service gives to our address, or empty.
    """

    name: str
    feed: str = ""
    subscribers: int | None = None


def read(agent: str) -> Agent:
    """Parse a User-Agent (RFC 9110, section 10.1.5), which may be any text.

    Only its beginning is read, so that a long one takes neither time nor memory.

    >>> read("Feedbin feed-id:1697787 - 102 subscribers")
    Agent(name='Feedbin', feed='1697787', subscribers=102)
    """
    return _parsed(agent[:_READ])


@lru_cache(maxsize=4096)
def _parsed(agent: str) -> Agent:
    number = _COUNT.search(agent)
    feed = _FEED.search(agent)
    return Agent(
        name=_name(agent),
        feed=(feed[1] or feed[2]) if feed else "",
        subscribers=int((number[1] or number[2]).replace(",", "")) if number else None,
    )


def _name(agent: str) -> str:
    found = _PLAIN.match(agent) or _COMPATIBLE.search(agent)
    text: str = found[found.re.groups] if found else _product(agent)
    name: str = _PURPOSE.sub("", _AFTER_NAME.sub("", unquote(text).strip())).strip(" -._*\"'")
    if not name or not name.isprintable():
        return NAMELESS
    return _PROPER.get(name, name[:_LONGEST])


def _product(agent: str) -> str:
    """Return the last product that no browser names, or else the browser."""
    products: list[str] = [name for name in _PRODUCT.findall(agent) if name != "Mozilla"]
    others = [name for name in products if name not in _PARTS]
    browser = next((shown for name, shown in _BROWSERS.items() if name in products), "")
    if others:
        return others[-1]
    return browser or ("a browser" if agent.startswith("Mozilla") else "")
