"""The page in place of a document that is missing or gone, in the language of its reader.

Pages are published in each language of the publication; which of them is sent is decided here.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING

from dateline.text.expressions import regex
from dateline.text.urls import error_page

if TYPE_CHECKING:
    from dateline.serve.cache import DocumentCache

_RANGE = regex(r"\s*([a-z]{2,3}(?:-[a-z0-9]{2,8})*)\s*(?:;\s*q=([01](?:\.\d{0,3})?)\s*)?\Z")
_RANGES = 5  # languages of a request that are looked up
_LONGEST = 200  # characters of `Accept-Language` that are read
_LANGUAGE = regex(rb'<html lang="([\w-]+)"')
# What `dateline/render/pages/layout.py` leaves for the day: the language, and a sentence.
_DAY = regex(r"<!--withdrawn ([\w-]+): ([^>]*?)-->")


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """A page in place of a document; `language` is that of the whole page, or empty."""

    data: bytes
    language: str = ""


class ErrorPages:
    """The error pages of a publication, whose days are those of a time zone."""

    def __init__(self, cache: DocumentCache, zone: tzinfo) -> None:
        self._cache = cache
        self._zone = zone

    def find(self, status: int, path: str, accepted: str) -> ErrorPage:
        """Return the page for a missing `path`, for a client that sent this `Accept-Language`.

        Programs that ask for a feed get the page in all languages, as does everybody for whom
        there is none of their own. A 410 has the day of the withdrawal.
        """
        is_page = "." not in path.rpartition("/")[2] or path.endswith(".html")
        try:
            found = self._in(status, accepted) if is_page else None
            found = found or ErrorPage(self._data(error_page(status)))
            withdrawn = self._cache.withdrawn(path) if status == 410 and is_page else None  # noqa: PLR2004
        except (OSError, sqlite3.Error):
            return ErrorPage(f"{status}\n".encode())
        if b"<!--withdrawn " not in found.data:
            return found
        return ErrorPage(self._dated(found.data.decode(), withdrawn), found.language)

    def _data(self, path: str) -> bytes:
        copy = self._cache.get(path)
        return copy.data if copy else f"{path.partition('.')[0]}\n".encode()

    def _in(self, status: int, accepted: str) -> ErrorPage | None:
        """Return the page in the first language that is wanted and published (RFC 4647, 3.4)."""
        has_languages = len({*self._cache.explained.values()}) > 1
        for tag in wanted_languages(accepted) if has_languages else ():
            if (copy := self._cache.get(error_page(status, tag))) is not None:
                language = _LANGUAGE.search(copy.data)
                return ErrorPage(copy.data, language[1].decode() if language else tag)
        return None

    def _dated(self, text: str, withdrawn: int | None) -> bytes:
        """Return a page with the day of the withdrawal in the place that is left for it."""
        if withdrawn is None:
            return _DAY.sub("", text).encode()
        from dateline.text.localise import moment  # noqa: PLC0415 - Babel: for these pages alone

        at = datetime.fromtimestamp(withdrawn, UTC)
        day = at.astimezone(self._zone).date()

        def filled(place: re.Match[str]) -> str:
            written = f'<time datetime="{day}">{moment(at, place[1], self._zone)}</time>'
            return f"<p>{place[2].replace('%(day)s', written)}</p>"

        return _DAY.sub(filled, text).encode()


def wanted_languages(accepted: str) -> Iterator[str]:
    """Yield languages, the most wanted first, each followed by what it is a kind of."""
    weights: dict[str, float] = {}
    for part in accepted[:_LONGEST].lower().split(",")[:_RANGES]:
        if found := _RANGE.match(part):
            weights[found[1]] = float(found[2] or 1)
    yielded: set[str] = set()
    for tag in sorted(weights, key=lambda one: -weights[one]):
        while tag and weights.get(tag, 1) > 0:
            if tag not in yielded:
                yielded.add(tag)
                yield tag
            tag = tag.rpartition("-")[0]  # noqa: PLW2901 - the kind of the kind
