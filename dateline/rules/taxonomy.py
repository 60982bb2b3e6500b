"""The terms that entries are filed under: their months, categories, places and authors.

The list of a term is a feed that nobody configures. Its name has a slash, unlike those of
configured feeds, and is the beginning of the paths of its pages: `2026/11`, `topics/lebanon`,
and `2026/fr/11`, `topics/fr/liban` for entries in another language than the publication's.
Months are in the folder of their year, as other terms are in that of their kind.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache

from dateline.model import Entry, Feed, Publication, Story
from dateline.model.formats import DEFAULTS, FORMATS
from dateline.text.characters import comparable, normalised
from dateline.text.expressions import regex
from dateline.text.language import matches
from dateline.text.urls import slugify

FOLDERS: Mapping[str, str] = {"category": "topics", "place": "places", "author": "authors"}
PAGE = 25  # entries of a page that is full, and never gets another
_FACETS = {folder: facet for facet, folder in FOLDERS.items()}
_IN_FOLDER = rf"(?:{'|'.join(_FACETS)})/(?:[a-z]+/)?"
TERM = rf"{_IN_FOLDER}[a-z0-9-]+"
"""An expression for the name of a term that can have feeds."""
_IN_YEAR = r"\d{4}/(?:[a-z]+/)?"
_MONTH = regex(rf"{_IN_YEAR}\d{{2}}")
_HEAD = regex(rf"({_IN_YEAR}\d{{2}})/index\.html|({_IN_FOLDER}(?!index\.)[a-z0-9-]+)\.[a-z]+")
_FULL = regex(r"archive/(.+/.+)/(\d+)\.[a-z]+")
_TERM_FEED = regex(rf"(?:{TERM}|archive/{TERM}/\d+)\.(?:{'|'.join(FORMATS)})")
_YEAR = regex(rf"({_IN_YEAR})index\.html")
_INDEX = regex(rf"({_IN_FOLDER})index\.html")
_MONTHS = range(1, 13)
_KEPT = ("LATIN", "GREEK", "CYRILLIC")  # alphabets whose words a slug keeps apart
_SEPARATORS = frozenset(" -'’.,/:&()_")
_LONGEST = 50


class Taxonomy:
    """The terms of a publication's entries.

    A category or author that a feed has to itself is no term: that feed has its page. There are
    none unless it `is_on`.
    """

    def __init__(self, publication: Publication, feeds: Sequence[Feed]) -> None:
        self.is_on = publication.has_terms
        self._own = publication.language.partition("-")[0]
        self._feeds = [feed for feed in feeds if _subject(feed)[0]]

    def terms(self, entry: Entry) -> list[str]:
        """Return the names of the terms of an entry."""
        if not self.is_on:
            return []
        story = entry.story
        named = [
            self.name(facet, value, story.language)
            for facet in FOLDERS
            for value in values(story, facet)
            if not self.feed(facet, value, story.language)
        ]
        return [self.month(entry), *dict.fromkeys(named)]

    def month(self, entry: Entry) -> str:
        """Return the name of the month of an entry, which is that of its address."""
        return f"{self.year(entry.slug[:4], entry.story.language)}{entry.slug[5:7]}"

    def year(self, year: str, language: str) -> str:
        """Return the folder of the months of a year, for entries in a language.

        It is `2026/` in the publication's language, which may be empty, and else like `2026/fr/`.
        """
        return f"{year}/{self._within(language)}"

    def name(self, facet: str, value: str, language: str) -> str:
        """Return the name of a term of entries in a language."""
        return f"{FOLDERS[facet]}/{self._within(language)}{term_slug(value)}"

    def _within(self, language: str) -> str:
        primary = language.partition("-")[0]
        return "" if primary in {"", self._own} else f"{primary}/"

    def feed(self, facet: str, value: str, language: str) -> Feed | None:
        """Return the feed that has this value to itself, for entries in a language."""
        for one in self._feeds:
            own, name = _subject(one)
            is_its = own == facet and comparable(name) == comparable(value)
            if is_its and _has_language(one, language):
                return one
        return None

    def reached(self, facet: str, value: str, language: str) -> Feed | None:
        """Return the feed whose page lists the entries with a value, or None without pages."""
        if not self.is_on or (facet == "place" and "://" in value):
            return None
        own = self.feed(facet, value, language)
        return own or derived(self.name(facet, value, language), value)

    def categories(self, story: Story) -> list[Feed]:
        """Return the lists of the categories of a story for which there is no feed."""
        found = (self.reached("category", value, story.language) for value in story.categories)
        return [feed for feed in found if feed and feed.is_term]

    def feeds_in(self, folder: str) -> list[Feed]:
        """Return the feeds that have a value to themselves which a folder would list."""
        facet, language = facet_of(folder), language_in(folder) or self._own
        own = [one for one in self._feeds if _subject(one)[0] == facet]
        return [feed for feed in own if _has_language(feed, language)]

    def successor(self, name: str) -> Feed | None:
        """Return the feed that has what a former term listed."""
        for feed in self._feeds:
            facet, value = _subject(feed)
            # A feed of all languages has the terms of each.
            if self.name(facet, value, feed.language or language_in(name)) == name:
                return feed
        return None


def values(story: Story, facet: str) -> tuple[str, ...]:
    """Return the values of a facet of a story; an address is no place to list news by."""
    if facet == "place":
        return (story.place,) if story.place and "://" not in story.place else ()
    return story.categories if facet == "category" else story.authors


def facet_of(name: str) -> str:
    """Return the facet of a term, which is its folder's."""
    return _FACETS[name.split("/", maxsplit=1)[0]]


def title_of(name: str, story: Story) -> str:
    """Return a term as it is spelt in a story, or an empty text where the story lacks it."""
    slug = name.rpartition("/")[2]
    found = (one for one in values(story, facet_of(name)) if term_slug(one) == slug)
    return next(found, "")


@lru_cache(maxsize=4096)
def term_slug(value: str) -> str:
    """Return the slug of a term, which is the same for the spellings of one term only.

    Where ASCII cannot tell two terms apart, a digest does: of other alphabets, of signs that a
    slug lacks, of long texts.

    >>> term_slug("Human rights"), term_slug("C++"), term_slug("李伟")
    ('human-rights', 'c-cedb1b', 'liwei-5ed4d5')
    """
    folded = normalised("NFKC", value.casefold())
    slug = slugify(folded)
    is_whole = slugify(f"{folded} x") == f"{slug}-x"  # a long text is cut
    if is_whole and slug != "entry" and all(map(_is_kept, folded)):
        return slug
    digest = hashlib.sha256(folded.encode()).hexdigest()[:6]
    return f"{slug[:_LONGEST].strip('-')}-{digest}"


def _is_kept(sign: str) -> bool:
    if sign.isascii() or sign in _SEPARATORS:
        return sign.isalnum() or sign in _SEPARATORS
    return unicodedata.name(sign, "").startswith(_KEPT)


def topical(feeds: Sequence[Feed]) -> frozenset[str]:
    """Return the names of the feeds whose members have a topic in common."""
    return frozenset(feed.name for feed in feeds if feed.categories)


def _subject(feed: Feed) -> tuple[str, str]:
    """Return the facet and the value that a feed has to itself, or two empty texts."""
    if feed.kinds or len(feed.categories) + len(feed.authors) != 1:
        return "", ""
    facet = "category" if feed.categories else "author"
    return facet, (*feed.categories, *feed.authors)[0]


def _has_language(feed: Feed, language: str) -> bool:
    return feed.language is None or matches(language, feed.language)


# ---- Their feeds


def derived(name: str, title: str = "", *, has_feeds: bool = False) -> Feed:
    """Return the feed of the term `name`; it has formats if it `has_feeds` and is no month."""
    return Feed(
        name=name,
        title=title or name,
        description=title or name,
        language=language_in(name) or None,
        entries=PAGE,
        days=0,
        formats=DEFAULTS if has_feeds and not is_month(name) else (),
    )


def language_in(name: str) -> str:
    """Return the language in the name of a term or folder, or in the path of a folder's page.

    It is empty for the publication's own.

    >>> language_in("topics/fr/liban"), language_in("2026/11")
    ('fr', '')
    """
    parts = name.split("/")
    return parts[1] if len(parts) > len(("folder", "term")) else ""


def is_month(name: str) -> bool:
    """Return whether a term is a month."""
    return bool(_MONTH.fullmatch(name))


def months_in(year: str) -> list[str]:
    """Return the names of the twelve months in the folder of a year."""
    return [f"{year}{month:02}" for month in _MONTHS]


# ---- Paths


def head(name: str) -> str:
    """Return the path of the page that has the newest entries of a term."""
    return f"{name}/index.html" if is_month(name) else f"{name}.html"


def folder_of(name: str) -> str:
    """Return the folder that a term is listed in, with the language.

    >>> folder_of("topics/fr/liban"), folder_of("2026/11")
    ('topics/fr/', '2026/')
    """
    return f"{name.rpartition('/')[0]}/"


def index_page(folder: str) -> str:
    """Return the path of the page that lists the terms of a folder, such as those of a year."""
    return f"{folder}index.html"


def address(path: str) -> str:
    """Return the address of a page below the site's: that of a folder's own page is the folder.

    >>> address("2026/11/index.html")
    '2026/11/'
    """
    return path.removesuffix("index.html")


def shown_at(path: str) -> tuple[str, int] | None:
    """Return the term whose page is at a path, and its number, which is 0 for the newest.

    >>> shown_at("topics/lebanon.html"), shown_at("archive/2026/11/3.html")
    (('topics/lebanon', 0), ('2026/11', 3))
    """
    if found := _FULL.fullmatch(path):
        return found[1], int(found[2])
    newest = _HEAD.fullmatch(path)
    return (newest[1] or newest[2], 0) if newest else None


def is_term_feed(path: str) -> bool:
    """Return whether the feed of a term, or one of its archives, may be at a path.

    >>> is_term_feed("topics/lebanon.rss"), is_term_feed("topics/lebanon.html")
    (True, False)
    """
    return _TERM_FEED.fullmatch(path) is not None


def year_at(path: str) -> str:
    """Return the folder of the year whose page is at a path, or an empty text.

    >>> year_at("2026/fr/index.html"), year_at("2026/11/index.html")
    ('2026/fr/', '')
    """
    found = _YEAR.fullmatch(path)
    return found[1] if found else ""


def index_at(path: str) -> str:
    """Return the folder whose terms, other than months, the page at a path lists, or nothing."""
    found = _INDEX.fullmatch(path)
    return found[1] if found else ""
