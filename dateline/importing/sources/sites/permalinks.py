"""Settings of one site: how it forms addresses and ids, and how its pages are read.

Each site generator has a module that reads its settings into a `SiteSettings`: `hugo`, `jekyll`,
`eleventy` and `pelican`. An address that had to be assumed is marked as not sure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote, urljoin
from zoneinfo import ZoneInfo

from dateline.importing.items import OldFeed
from dateline.importing.sources.sites.front_matter import line
from dateline.text.expressions import regex

_NAMED = regex(r":(\w+)(?:\[([^\[\]]*)\])?")
SAFE = "/%:@!$&'()*+,;=-._~"


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A folder of pages.

    `prefix` begins their addresses, `below` their paths, and both end in a slash. `language` is
    that of pages that name none. `url` is the address of their site if they have one of their
    own. `settings` override those of the site.
    """

    folder: Path
    prefix: str = ""
    below: str = ""
    language: str = ""
    url: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageOf:
    """One page: `path` is that of its file below all content, `stem` its name without a day."""

    content: Content
    path: PurePosixPath
    stem: str
    title: str
    moment: datetime
    fields: Mapping[str, Any]
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """The path of a page. Without `is_sure`, the site may have formed it by other rules."""

    path: str
    is_sure: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteSettings:
    """Settings of one site; `url` ends in a slash, `settings` are as the site has them.

    `place` returns the path of a page below the site, `name` its id in the generator's own feed,
    given its address, and `language` its language. `defaults` returns the fields that a page
    inherits, by its path. `hides` returns whether the generator publishes no page of a file, by its
    path below all content and its fields. `dated` and `expiring` are the fields with the moments of
    publication and of its end; the first that a page has counts. `doubts` are the reasons, one
    sentence each, why ids and addresses may be wrong, `remarks` what is left out.
    """

    kind: str
    url: str
    contents: tuple[Content, ...]
    place: Callable[[PageOf], Address]
    name: Callable[[PageOf, str], str] = lambda _, address: address
    language: Callable[[PageOf], str] = lambda page: page.content.language
    defaults: Callable[[PurePosixPath], Mapping[str, Any]] = lambda _: {}
    hides: Callable[[Content, PurePosixPath, Mapping[str, Any]], bool] = lambda *_: False
    dated: tuple[str, ...] = ("date",)
    expiring: tuple[str, ...] = ("expirydate", "unpublishdate")
    settings: Mapping[str, Any] = field(default_factory=dict)
    zone: tzinfo = UTC
    window: int = 0
    feeds: tuple[OldFeed, ...] = ()
    doubts: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    def address(self, page: PageOf) -> tuple[str, bool]:
        """Return the address of a page, and whether it is sure."""
        found = self.place(page)
        if found.path.startswith(("http://", "https://")):
            return found.path, found.is_sure
        base = page.content.url or self.url
        return urljoin(base, quote(found.path.lstrip("/"), safe=SAFE)), found.is_sure


def site_url(address: str) -> str:
    """Return the address of a site with one slash at its end, or an empty text for none.

    >>> site_url("https://example.org/news"), site_url("")
    ('https://example.org/news/', '')
    """
    return f"{address.rstrip('/')}/" if address else ""


def folder_within(root: Path, name: str) -> Path:
    """Return a folder of the site by its name, or `root` if there is none of that name in it."""
    folder = (root / (name or ".")).resolve()
    return folder if folder.is_relative_to(root) and folder.is_dir() else root


def content_of(folder: Path, whole: Path, **more: Any) -> Content:
    """Return the pages at or below `folder` if that is inside `whole`, else all of `whole`."""
    folder = folder if folder.is_relative_to(whole) else whole
    inside = folder.relative_to(whole).as_posix()
    return Content(folder=folder, below="" if inside == "." else f"{inside}/", **more)


def zone_of(name: object) -> tzinfo:
    """Return a time zone by its name, or UTC if there is none of that name."""
    try:
        return ZoneInfo(line(name) or "UTC")
    except (ValueError, OSError):
        return UTC


def count_of(value: object, otherwise: int) -> int:
    """Return a number of items from settings; 0 and below mean all."""
    if isinstance(value, bool) or not isinstance(value, int):
        return otherwise
    return max(value, 0)


def filled(pattern: str, word: Callable[[str, str], str]) -> str:
    """Replace each `:name` or `:name[1:]` of a pattern by what `word` returns for both parts."""
    return _NAMED.sub(lambda found: word(found[1], found[2] or ""), pattern)
