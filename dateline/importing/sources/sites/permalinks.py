"""How one site gives addresses and ids, and what its pages are read with.

Each site generator has a module that reads its settings into a `SiteSettings`: `hugo`, `jekyll`,
`eleventy` and `pelican`. Where an address had to be assumed, it is not sure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote, urljoin
from zoneinfo import ZoneInfo

from dateline.importing.items import OldFeed
from dateline.importing.sources.sites.front_matter import line

Named = Mapping[str, Any]

_NAMED = re.compile(r":(\w+)(?:\[([^\]]*)\])?")
_SAFE = "/%:@!$&'()*+,;=-._~"


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A folder of pages.

    `prefix` begins their addresses, `below` their paths, and both end in a slash; `language` is
    theirs where they name no other. `url` is the address of their site where it is one of its own,
    `settings` are those that go before the site's.
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
    """Where a page was. One that is not `is_sure` was worked out by rules that may be others."""

    path: str
    is_sure: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteSettings:
    """How one site gives addresses: `url` ends in a slash, `settings` are its own.

    `place` gives where a page is below the site, `name` its id in the generator's own feed, given
    its address, `language` the one that it is in. `defaults` has the fields that a page has
    without saying so. `doubts` are the reasons, a sentence each, for which ids and addresses may
    be others.
    """

    kind: str
    url: str
    contents: tuple[Content, ...]
    place: Callable[[PageOf], Address]
    name: Callable[[PageOf, str], str] = lambda _, address: address
    language: Callable[[PageOf], str] = lambda page: page.content.language
    defaults: Callable[[PurePosixPath], Named] = lambda _: {}
    settings: Mapping[str, Any] = field(default_factory=dict)
    zone: tzinfo = UTC
    window: int = 0
    feeds: tuple[OldFeed, ...] = ()
    doubts: tuple[str, ...] = ()

    def address(self, page: PageOf) -> tuple[str, bool]:
        """Give the address of a page, and whether it is sure."""
        found = self.place(page)
        if found.path.startswith(("http://", "https://")):
            return found.path, found.is_sure
        base = page.content.url or self.url
        return urljoin(base, quote(found.path.lstrip("/"), safe=_SAFE)), found.is_sure


def content_of(folder: Path, whole: Path, **more: Any) -> Content:
    """Give the pages at or below `folder` where it lies in the `whole`, else all of these."""
    folder = folder if folder.is_relative_to(whole) else whole
    inside = folder.relative_to(whole).as_posix()
    return Content(folder=folder, below="" if inside == "." else f"{inside}/", **more)


def zone_of(name: object) -> tzinfo:
    """Give a time zone by its name; UTC where there is none of that name."""
    try:
        return ZoneInfo(line(name) or "UTC")
    except (ValueError, OSError):
        return UTC


def count_of(value: object, otherwise: int) -> int:
    """Give a number of items as settings have it, 0 for all; a negative one is none."""
    if isinstance(value, bool) or not isinstance(value, int):
        return otherwise
    return max(value, 0)


def filled(pattern: str, word: Callable[[str, str], str]) -> str:
    """Give a pattern with each `:name` or `:name[1:]` as `word` has it, given both parts."""
    return _NAMED.sub(lambda found: word(found[1], found[2] or ""), pattern)
