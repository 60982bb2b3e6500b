"""What a reader asks for: the values of a query string, checked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from dateline.serve.cache.error_pages import wanted_languages
from dateline.text.characters import clean_text, on_one_line
from dateline.text.language import matches, tag_of
from dateline.text.search_terms import MOST_CHARACTERS, MOST_WORDS

_FIELDS = 20  # of a query string
_MOST_PAGES = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRequest:
    """The words to search for, and what narrows the search; what is not given is empty.

    It `is_too_long` if it has more characters or words than are answered.
    """

    words: str = ""
    language: str = ""
    topic: str = ""
    year: str = ""
    page: int = 1

    @property
    def is_too_long(self) -> bool:
        """True for a query that is refused."""
        return len(self.words) > MOST_CHARACTERS or len(self.words.split()) > MOST_WORDS

    def query(self, page: int = 1) -> str:
        """Return the query string for one page of the same results."""
        given = {"q": self.words, "lang": self.language, "topic": self.topic, "year": self.year}
        number = {"page": str(page)} if page > 1 else {}
        return urlencode({name: text for name, text in {**given, **number}.items() if text})


def parsed(query: str) -> SearchRequest:
    """Return the request in a query string; a language or a page that is none is left out.

    >>> parsed("q=human+trafficking&lang=en&year=2026&page=2")
    SearchRequest(words='human trafficking', language='en', topic='', year='2026', page=2)
    """
    try:
        given = dict(reversed(parse_qsl(query, max_num_fields=_FIELDS, errors="replace")))
    except ValueError:  # more fields than any form has
        given = {}
    text = {name: on_one_line(clean_text(value)) for name, value in given.items()}
    page = text.get("page", "")
    return SearchRequest(
        words=text.get("q", ""),
        language=tag_of(text.get("lang", "")[:MOST_CHARACTERS]) or "",
        topic=text.get("topic", "")[:MOST_CHARACTERS],
        year=text.get("year", "")[:MOST_CHARACTERS],
        page=max(1, min(int(page), _MOST_PAGES)) if _is_number(page) else 1,
    )


def preferred(accepted: str, available: Iterable[str], otherwise: str) -> str:
    """Return the available language that a reader prefers (RFC 9110, section 12.5.4).

    >>> preferred("fr-CH, de;q=0.9, en;q=0.8", ["en", "fr"], "en")
    'fr'
    """
    for tag in wanted_languages(accepted):
        for one in available:
            if matches(one, tag):
                return one
    return otherwise


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= len("2026")
