"""Jekyll: the settings of a site, and how it forms addresses."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any
from unicodedata import category
from urllib.parse import quote, urljoin

from dateline.importing.items import OldFeed
from dateline.importing.sources.sites import front_matter, site_files
from dateline.importing.sources.sites.front_matter import line, lines, lower_keys, table
from dateline.importing.sources.sites.own_feeds import own_feeds
from dateline.importing.sources.sites.permalinks import (
    SAFE,
    Address,
    PageOf,
    SiteSettings,
    content_of,
    count_of,
    filled,
    folder_within,
    site_url,
    zone_of,
)
from dateline.messages import shown
from dateline.text.expressions import regex
from dateline.text.language import tag_of

MARKS = ("_config.yml", "_config.yaml", "_config.toml", "_posts")
_LARGEST = 500_000  # bytes of a file of settings
_STYLES = {
    "date": "/:categories/:year/:month/:day/:title:output_ext",
    "pretty": "/:categories/:year/:month/:day/:title/",
    "ordinal": "/:categories/:year/:y_day/:title:output_ext",
    "weekdate": "/:categories/:year/W:week/:short_day/:title:output_ext",
    "none": "/:categories/:title:output_ext",
}
_DATED = {
    "year": "%Y", "short_year": "%y", "month": "%m", "day": "%d", "hour": "%H", "minute": "%M",
    "second": "%S", "y_day": "%j", "week": "%V", "w_year": "%G", "short_day": "%a",
    "long_day": "%A", "short_month": "%b", "long_month": "%B", "w_day": "%u",
}  # fmt: skip
_POSTS_IN_FEED = 10
_DRAFTS = {"_drafts"}
_POST = regex(r"\d{2,4}-\d{1,2}-\d{1,2}-[^/]*\.[^.]+")
_MOST_PATTERNS = 200
_PLUGIN = "jekyll-feed"
_PRETTY = frozenset("._~!$&'()+,;=@")  # kept in `:title`, beside letters, marks and digits
_LONGEST_SLUG = 1_000  # characters; no name of a file has as many


def site(root: Path, folder: Path, url: str) -> SiteSettings:
    """Read the settings of a site; `folder` is the part of it to read."""
    settings = _settings(root)
    source = folder_within(root, line(settings.get("source")))
    address = site_url(url or f"{line(settings.get('url'))}{line(settings.get('baseurl'))}")
    feed = table(settings.get("feed"))
    pattern = _pattern(settings)
    has_plugin = _has_plugin(root, settings)
    own = () if has_plugin or not address else own_feeds(source, address)
    path = line(feed.get("path")).lstrip("/") or "feed.xml"
    usual = (OldFeed(address=address + path, form="atom"),) if has_plugin and address else ()
    return SiteSettings(
        kind="Jekyll",
        url=address,
        contents=(content_of(folder, source, language=tag_of(line(settings.get("lang"))) or ""),),
        place=lambda page: _place(page, pattern),
        name=_id,
        defaults=_defaults(settings),
        hides=lambda _, path, __: _is_hidden(path, settings),
        settings=settings,
        zone=zone_of(settings.get("timezone")),
        window=count_of(feed.get("posts_limit"), _POSTS_IN_FEED),
        feeds=usual or own,
        remarks=tuple(_collections(source, settings)),
        doubts=() if has_plugin else ("The site's feed is not made by jekyll-feed.",),
    )


def _settings(root: Path) -> Mapping[str, Any]:
    for name in MARKS[:-1]:
        with suppress(OSError):
            return front_matter.settings(site_files.read(root / name, root, _LARGEST), name)
    return {}


def _collections(source: Path, settings: Mapping[str, Any]) -> Iterator[str]:
    """Yield a remark on each collection other than the posts that has pages with an address."""
    for name, own in table(settings.get("collections")).items():
        folder = source / f"_{name}"
        if name != "posts" and table(own).get("output") is True and folder.is_dir():
            yield f"The collection {shown(str(name))} is not read: add --feed with a feed of it."


def _has_plugin(root: Path, settings: Mapping[str, Any]) -> bool:
    named = [settings.get("plugins"), settings.get("gems"), settings.get("whitelist")]
    if any(_PLUGIN in one for one in named if isinstance(one, list | str)):
        return True
    return _PLUGIN in site_files.text(root / "Gemfile", root, _LARGEST)


def _pattern(settings: Mapping[str, Any]) -> str:
    """Return the pattern of all posts; that of their collection overrides the site's."""
    collections = table(settings.get("collections"))
    if own := line(table(collections.get("posts")).get("permalink")):
        return own
    wanted = line(settings.get("permalink")) or "date"
    return _STYLES.get(wanted, wanted)


def _defaults(settings: Mapping[str, Any]) -> Callable[[PurePosixPath], Mapping[str, Any]]:
    """Return a function from a path to inherited fields; a narrow scope overrides a wide one."""
    written = settings.get("defaults")
    scopes = [table(one) for one in written] if isinstance(written, list) else []

    def reach(scope: Mapping[str, Any]) -> int:
        own = table(scope.get("scope"))
        return len(PurePosixPath(line(own.get("path"))).parts) * 2 + bool(line(own.get("type")))

    def found(path: PurePosixPath) -> Mapping[str, Any]:
        kind = "drafts" if _DRAFTS & set(path.parts) else "posts"
        fields: dict[str, Any] = {}
        for scope in sorted(scopes, key=reach):
            own = table(scope.get("scope"))
            if line(own.get("type")) in {"", kind, "posts"} and _is_in(path, line(own.get("path"))):
                fields |= lower_keys(table(scope.get("values")))
        return fields

    return found


def _is_in(path: PurePosixPath, scope: str) -> bool:
    if "*" in scope:
        return any(fnmatchcase(each.as_posix(), scope) for each in (path, *path.parents))
    return path.is_relative_to(scope.strip("/") or ".")


def _is_hidden(path: PurePosixPath, settings: Mapping[str, Any]) -> bool:
    """Return whether a file is no post: without a day in its name, or left out by the settings."""
    if not (_POST.fullmatch(path.name) or _DRAFTS & set(path.parts)):
        return True
    included, excluded = (lines(settings.get(name)) for name in ("include", "exclude"))
    return _is_among(path, excluded) and not _is_among(path, included)


def _is_among(path: PurePosixPath, patterns: Iterable[str]) -> bool:
    """Return whether a pattern has a path or a folder above it, or is the beginning of the path."""
    places = [place.as_posix() for place in (path, *path.parents)]
    return any(
        places[0].startswith(bare) or any(fnmatchcase(place, bare) for place in places)
        for pattern in islice(patterns, _MOST_PATTERNS)
        if (bare := pattern.strip("/"))
    )


def _place(page: PageOf, pattern: str) -> Address:
    wanted = line(page.fields.get("permalink")) or pattern
    path = filled(wanted, lambda name, _: _word(page, name))
    return Address(path=re.sub("/{2,}", "/", path))


def _word(page: PageOf, name: str) -> str:
    own = line(page.fields.get("slug"))
    base = page.path.stem if _DRAFTS & set(page.path.parts) else page.stem
    if name in _DATED:
        return page.moment.strftime(_DATED[name])
    return {
        "title": _slug(own or base, is_pretty=True),
        "slug": _lower(_slug(own or base, is_pretty=False)),
        "name": _lower(_slug(base, is_pretty=False)),
        "path": page.path.with_suffix("").as_posix(),
        "collection": "posts",
        "categories": "/".join(dict.fromkeys(map(_lower, page.categories))),
        "slugified_categories": "/".join(
            dict.fromkeys(_lower(_slug(one, is_pretty=False)) for one in page.categories)
        ),
        "output_ext": ".html",
        "i_month": str(page.moment.month),
        "i_day": str(page.moment.day),
    }.get(name, "")


def _slug(text: str, *, is_pretty: bool) -> str:
    """Return a text as a part of an address, as Jekyll's `Utils.slugify` does; case is kept."""
    kept = _PRETTY if is_pretty else ()
    signs = (c if c in kept or category(c)[0] in "LM" or c.isdecimal() else " " for c in text)
    return "-".join("".join(islice(signs, _LONGEST_SLUG)).split())


def _lower(text: str) -> str:
    """Return a text in lower case, of each letter alone, as Ruby does: a sigma is never final."""
    return "".join(map(str.lower, text))


def _id(page: PageOf, address: str) -> str:
    """Return the id in the feed of jekyll-feed: the address without its extension."""
    slug = line(page.fields.get("slug")) or page.stem
    return urljoin(address.rstrip("/"), ".") + quote(slug, safe=f"{SAFE}#?")
