"""Which address and which id did a site generator give a page?

As the generators' own feeds have them: Hugo's guid and Eleventy's id are the address, Jekyll's id
is the address without its ending, Pelican's a `tag:` URI of host, day and path.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from dateline.importing.frontmatter import line

_STYLES = {
    "date": "/:categories/:year/:month/:day/:title:output_ext",
    "pretty": "/:categories/:year/:month/:day/:title/",
    "ordinal": "/:categories/:year/:y_day/:title:output_ext",
    "weekdate": "/:categories/:year/W:week/:short_day/:title:output_ext",
    "none": "/:categories/:title:output_ext",
}
_NAMED = re.compile(r":(\w+)(?:\[[^\]]*\])?")
_BRACED = re.compile(r"\{(\w+)(?::([^}]*))?\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageOf:
    """One page: `path` is that of its file below the content, `stem` its name without a day."""

    path: PurePosixPath
    stem: str
    title: str
    moment: datetime
    fields: Mapping[str, Any]
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """How one site gives addresses: `url` ends in a slash, `settings` are its own."""

    kind: str
    url: str
    settings: Mapping[str, Any] = field(default_factory=dict)

    def address(self, page: PageOf) -> str:
        """Give the address of a page."""
        path = {"Hugo": _hugo, "Jekyll": _jekyll, "Eleventy": _eleventy, "Pelican": _pelican}[
            self.kind
        ](page, self.settings)
        if path.startswith(("http://", "https://")):
            return path
        return urljoin(self.url, quote(path.lstrip("/"), safe="/%:@!$&'()*+,;=-._~"))

    def id(self, page: PageOf, address: str) -> str:
        """Give the id of a page in the generator's own feed."""
        if self.kind == "Jekyll":
            slug = line(page.fields.get("slug")) or page.stem
            return f"{urljoin(address.rstrip('/'), '.')}{quote(slug)}"
        if self.kind == "Pelican":
            parts = urlsplit(address)
            return f"tag:{parts.hostname},{page.moment:%Y-%m-%d}:{parts.path}"
        return address


def _hugo(page: PageOf, settings: Mapping[str, Any]) -> str:
    if url := line(page.fields.get("url")):
        return url
    folder = PurePosixPath(*map(_urlized, page.path.parent.parts))
    slug = _urlized(line(page.fields.get("slug")) or page.path.stem)
    section = page.path.parts[0] if len(page.path.parts) > 1 else ""
    rules = settings.get("permalinks")
    rules = rules.get("page", rules) if isinstance(rules, dict) else {}
    if pattern := line(rules.get(section)) if isinstance(rules, dict) else "":
        words = {
            "title": _urlized(page.title),
            "slug": _urlized(line(page.fields.get("slug")) or page.title),
            "filename": page.path.stem,
            "contentbasename": page.path.stem,
            "slugorfilename": slug,
            "section": section,
            "sections": folder.as_posix(),
        }
        return f"{_filled(pattern, page.moment, words).rstrip('/')}/"
    if page.path.stem == "index":  # a page bundle is called as its folder
        own = line(page.fields.get("slug"))
        folder = folder.with_name(_urlized(own)) if own else folder
        return f"{folder.as_posix()}/"
    ending = ".html" if settings.get("uglyurls") is True else "/"
    return f"{(folder / slug).as_posix()}{ending}"


def _urlized(text: str) -> str:
    """Make words of an address as Hugo does: small letters of any script, hyphens for spaces."""
    kept = (
        c if c.isalnum() or c in "._-+~#/" or unicodedata.combining(c) else " " * c.isspace()
        for c in text
    )
    return re.sub(r"\s+", "-", "".join(kept).strip()).lower()


def _jekyll(page: PageOf, settings: Mapping[str, Any]) -> str:
    wanted = line(page.fields.get("permalink") or settings.get("permalink")) or "date"
    own = line(page.fields.get("slug")) or page.stem
    words = {
        "title": own,
        "slug": own.lower(),
        "categories": "/".join(name.lower() for name in page.categories),
        "output_ext": ".html",
    }
    return re.sub("/{2,}", "/", _filled(_STYLES.get(wanted, wanted), page.moment, words))


def _eleventy(page: PageOf, _: Mapping[str, Any]) -> str:
    own = line(page.fields.get("permalink"))
    if own and "{" not in own:
        return own.removesuffix("index.html")
    folder = page.path.parent.as_posix().removeprefix(".")
    stem = "" if page.stem in {"index", page.path.parent.name} else f"{page.stem}/"
    return f"{folder}/{stem}".replace("//", "/")


def _pelican(page: PageOf, settings: Mapping[str, Any]) -> str:
    words = {
        "slug": line(page.fields.get("slug")) or _plain(page.title),
        "category": _plain(line(page.fields.get("category")) or page.path.parent.name or "misc"),
        "author": _plain(line(page.fields.get("author"))),
        "lang": line(page.fields.get("lang")),
    }

    def filled(found: re.Match[str]) -> str:
        if found[1] == "date":
            return page.moment.strftime(found[2] or "%Y-%m-%d")
        return words.get(found[1], "")

    own = line(page.fields.get("url") or settings.get("article_url")) or "{slug}.html"
    return _BRACED.sub(filled, own)


def _plain(text: str) -> str:
    """Make a slug as Pelican does: signs go, what is no ASCII is brought near to it."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", plain).strip()).lower()


def _filled(pattern: str, moment: datetime, words: Mapping[str, str]) -> str:
    dated = {
        "year": "%Y", "short_year": "%y", "month": "%m", "day": "%d", "hour": "%H",
        "minute": "%M", "second": "%S", "y_day": "%j", "week": "%V", "short_day": "%a",
        "short_month": "%b", "monthname": "%B", "weekdayname": "%A", "yearday": "%j",
    }  # fmt: skip
    plain = {"i_month": str(moment.month), "i_day": str(moment.day)}

    def filled(found: re.Match[str]) -> str:
        name = found[1]
        if name in dated:
            return moment.strftime(dated[name])
        return words.get(name, plain.get(name, ""))

    return _NAMED.sub(filled, pattern)
