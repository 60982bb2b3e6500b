"""The rules of `robots.txt` for one crawler (RFC 9309)."""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import quote, unquote, urlsplit

from dateline.text.expressions import regex

_TOKEN = regex(r"[A-Za-z_-]+|\*(?=\s|\Z)")
_OCTET = regex(r"%[0-9A-Fa-f]{2}")
_KEPT = "%!$&'()*+,;=:@/?"


def may_fetch(text: str, crawler: str, address: str) -> bool:
    r"""Return whether a crawler may fetch an address; the longest rule counts, or else `Allow`.

    >>> may_fetch("User-agent: *\nDisallow: /\nAllow: /*.rss$", "Bot", "http://a.example/b.rss")
    True
    """
    parts = urlsplit(address)
    query = f"?{parts.query}" if parts.query else ""
    path = _normal(f"{parts.path or '/'}{query}").replace("*", "%2A").replace("$", "%24")
    own = crawler.lower()
    found = _rules(text, {own, "*"})
    matching = [
        (len(pattern), is_allowed)
        for is_allowed, pattern in found.get(own, found.get("*", ()))
        if pattern and _matches(pattern, path)
    ]
    return max(matching, default=(0, True))[1]


def _rules(text: str, crawlers: Collection[str]) -> dict[str, list[tuple[bool, str]]]:
    """Return for each of these crawlers with a group whether its rules allow, and their paths.

    Names in lines one after another share the rules that follow, and other lines are ignored.
    """
    found: dict[str, list[tuple[bool, str]]] = {}
    names: set[str] = set()
    is_open = False
    for line in re.split(r"[\r\n]+", text):
        key, _, value = (part.strip() for part in line.partition("#")[0].partition(":"))
        kind = key.lower()
        if kind == "user-agent":
            names = names if is_open else set()
            is_open = True
            token = _TOKEN.match(value)
            if token and (name := token[0].lower()) in crawlers:
                names.add(name)
                found.setdefault(name, [])
        elif kind in {"allow", "disallow"}:
            is_open = False
            if names:
                rule = kind == "allow", _normal(value)
                for name in names:
                    found[name].append(rule)
    return found


def _normal(path: str) -> str:
    """Return a path in the form in which equal ones have equal characters (RFC 3986, 6.2.2)."""

    def octet(found: re.Match[str]) -> str:
        plain = unquote(found[0])
        return plain if plain.isascii() and re.fullmatch(r"[\w.~-]", plain) else found[0].upper()

    return _OCTET.sub(octet, quote(path, safe=_KEPT))


def _matches(pattern: str, path: str) -> bool:
    """Return whether a pattern fits: `*` stands for anything, and a last `$` for the end.

    Each part is sought once, after the one before, so that no pattern takes long.
    """
    first, *parts = pattern.removesuffix("$").split("*")
    last = parts.pop() if parts and pattern.endswith("$") else None
    if not path.startswith(first):
        return False
    at = len(first)
    for part in parts:
        at = path.find(part, at)
        if at < 0:
            return False
        at += len(part)
    if last is None:
        return at == len(path) or not pattern.endswith("$")
    return path.endswith(last) and at <= len(path) - len(last)
