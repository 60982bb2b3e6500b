"""Content negotiation, validators and ranges of HTTP requests (RFC 9110).

Werkzeug's parsers take up to three times as long, accept malformed fields, and know nothing of
what proxies add to a validator.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from dateline.text.expressions import regex

SHORT = 200  # characters of an Accept-Encoding that is remembered
_ALIASES = {"x-gzip": "gzip"}
_ITEM = regex(
    r"\s*([!#$%&'*+.^_`|~\w-]+)\s*(?:;\s*q\s*=\s*(\d(?:\.\d{0,3})?)\s*)?\Z", re.IGNORECASE
)
_TAG = regex(r'(?:W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
_BY_PROXY = regex(r"(?:--?|;)(?:gzip|br|zstd|deflate)\Z")
_RANGE = regex(r"bytes\s*=\s*(\d{0,18})\s*-\s*(\d{0,18})\s*\Z", re.IGNORECASE)


def coding_of(accept: str | None, sizes: Mapping[str, int]) -> str:
    """Return the content coding to send of those with these `sizes`, or "" (section 12.5.3).

    It is the client's favourite, or the smallest of several; never one that it does not accept.
    """
    if not accept or not sizes:
        return ""
    weights = _weights(accept) if len(accept) < SHORT else _weights.__wrapped__(accept)
    other = weights.get("*", 0.0)
    wanted = {coding: weights.get(coding, other) for coding in sizes}
    best = max(wanted, key=lambda coding: (wanted[coding], -sizes[coding]))
    # Without a weight of its own the plain form is as welcome as any other is.
    plain = weights.get("identity", 0.0)
    return best if wanted[best] > 0 and wanted[best] >= plain else ""


@lru_cache(maxsize=1024)
def _weights(accept: str) -> dict[str, float]:
    weights: dict[str, float] = {}
    for item in accept.lower().split(","):
        found = _ITEM.match(item)
        if found:
            name = _ALIASES.get(found[1], found[1])
            weights[name] = min(1.0, float(found[2])) if found[2] else 1.0
    return weights


def has(tags: str, etag: str) -> bool:
    """Return whether `If-None-Match` names a validator, by weak comparison (section 13.1.2).

    `*` is any. The suffix that proxies add to a tag when they compress is removed.
    """
    if tags.strip() == "*":
        return True
    own = etag.removeprefix("W/").strip('"')
    return any(tag == own or _BY_PROXY.sub("", tag) == own for tag in _TAG.findall(tags))


def has_strongly(tags: str, etag: str) -> bool:
    """Return whether `If-Match` names a validator, by strong comparison (section 13.1.1)."""
    return tags.strip() == "*" or etag in _strong(tags)


def _strong(tags: str) -> Iterable[str]:
    return (found[0] for found in _TAG.finditer(tags) if not found[0].startswith("W/"))


def part_of(wanted: str, size: int) -> range | None:
    """Return the bytes of `size` that a `Range` asks for: none where it begins behind the end.

    None is an unknown range, or several: the whole is sent (section 14.2).
    """
    found = _RANGE.match(wanted)
    if not found or not (found[1] or found[2]):
        return None
    if not found[1]:
        return range(max(0, size - int(found[2])), size)
    first, last = int(found[1]), int(found[2] or size)
    if last < first:
        return None if found[2] else range(0)
    return range(first, min(last + 1, size))
