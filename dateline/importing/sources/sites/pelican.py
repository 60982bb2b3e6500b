"""Pelican: the settings of a site, and how it forms addresses."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from dateline.importing.items import OldFeed
from dateline.importing.sources.foreign_patterns import LONGEST, ForeignPatterns
from dateline.importing.sources.sites.front_matter import line, lower_keys, table
from dateline.importing.sources.sites.pelican_settings import assigned
from dateline.importing.sources.sites.permalinks import (
    Address,
    PageOf,
    SiteSettings,
    content_of,
    count_of,
    folder_within,
    site_url,
    zone_of,
)
from dateline.model.formats import Format
from dateline.text.characters import normalised
from dateline.text.expressions import regex
from dateline.text.language import tag_of

MARKS = ("pelicanconf.py", "publishconf.py")
_BRACED = regex(r"\{(\w+)(?::([^{}]*))?\}")
_FEEDS: tuple[tuple[str, str, Format], ...] = (
    ("feed_all_atom", "feeds/all.atom.xml", "atom"),
    ("feed_all_rss", "", "rss"),
    ("feed_atom", "", "atom"),
    ("feed_rss", "", "rss"),
)
_ITEMS_IN_FEED = 100
_MOST_PATTERNS = 1000
_USUAL_NAME = r"(?P<date>\d{4}-\d{2}-\d{2}).*"
_SLUGS = ((r"[^\w\s-]", ""), (r"(?u)\A\s*", ""), (r"(?u)\s*\Z", ""), (r"[-\s]+", "-"))
# Punctuation that Pelican writes in ASCII; it transliterates letters by its own table.
_PLAIN = str.maketrans({"–": "-", "—": "--", "‘": "'", "’": "'", "“": '"', "”": '"', "…": "..."})


def site(root: Path, folder: Path, url: str) -> SiteSettings:
    """Read the settings of a site, which are never run; `folder` is the part to read."""
    settings = _settings(root)
    address = site_url(url or line(settings.get("siteurl")))
    content = folder_within(root, line(settings.get("path")))
    default = line(settings.get("default_lang")) or "en"
    patterns = ForeignPatterns()
    rules = _Rules(settings, default, patterns)
    return SiteSettings(
        kind="Pelican",
        url=address,
        contents=(
            content_of(folder, content, language=tag_of(line(settings.get("default_lang"))) or ""),
        ),
        place=rules.place,
        name=_id,
        defaults=_by_names(settings, patterns),
        hides=lambda _, path, fields: _is_hidden(path, fields, settings),
        settings=settings,
        zone=zone_of(settings.get("timezone")),
        window=count_of(settings.get("feed_max_items"), _ITEMS_IN_FEED) or _ITEMS_IN_FEED,
        feeds=tuple(_feeds(settings, address)) if address else (),
    )


def _settings(root: Path) -> Mapping[str, Any]:
    """Return the settings for publishing: `publishconf.py` on top of `pelicanconf.py`.

    The first usually imports the second; if not, they are merged all the same.
    """
    found = {name: assigned(root / name, root) for name in MARKS}
    both = found["pelicanconf.py"] | found["publishconf.py"]
    return {name.lower(): value for name, value in both.items() if name.isupper()}


def _feeds(settings: Mapping[str, Any], address: str) -> Iterator[OldFeed]:
    domain = line(settings.get("feed_domain")) or address
    for name, usual, form in _FEEDS:
        path = line(settings.get(f"{name}_url")) or line(settings.get(name, usual))
        if path and "{" not in path:
            yield OldFeed(address=f"{domain.rstrip('/')}/{path.lstrip('/')}", form=form)


def _by_names(
    settings: Mapping[str, Any], patterns: ForeignPatterns
) -> Callable[[PurePosixPath], Mapping[str, Any]]:
    """Return a function from a path to the fields in its file name and folder, and defaults."""
    by_name = line(settings.get("filename_metadata", _USUAL_NAME))
    by_path = line(settings.get("path_metadata"))

    def of_path(path: PurePosixPath) -> Mapping[str, Any]:
        fields = lower_keys(table(settings.get("default_metadata")))
        if settings.get("use_folder_as_category", True) and path.parent.name:
            fields["category"] = path.parent.name
        elif category := line(settings.get("default_category")):
            fields["category"] = category
        for pattern, text in ((by_name, path.stem), (by_path, path.as_posix())):
            if pattern == _USUAL_NAME:
                matched = re.match(pattern, text)
                found = matched.groupdict() if matched else {}
            else:
                found = patterns.groups(pattern, text) if pattern else {}
            fields |= {name.lower(): value for name, value in found.items()}
        return fields

    return of_path


def _is_hidden(path: PurePosixPath, fields: Mapping[str, Any], settings: Mapping[str, Any]) -> bool:
    """Return whether a file is no article: by its status, its name or its folder."""
    if line(fields.get("status")).lower() not in {"", "published"}:
        return True
    pages = _texts(settings.get("page_paths", ["pages"]))  # which are in no feed
    read = _depth(path, _texts(settings.get("article_paths", [""])))
    left = _depth(path, [*_texts(settings.get("article_excludes")), *pages])
    ignored = _texts(settings.get("ignore_files"))
    return (
        read < 0
        or left > read
        or any(
            fnmatchcase(part, name.removeprefix("**/")) for name in ignored for part in path.parts
        )
    )


def _depth(path: PurePosixPath, places: Iterable[str]) -> int:
    """Return the depth of the innermost of these folders that a file is in; -1 for none."""
    folders = [PurePosixPath(place.strip("/")) for place in places]
    return max((len(one.parts) for one in folders if path.is_relative_to(one)), default=-1)


def _texts(value: object) -> list[str]:
    """Return the texts of a setting that is a list of them."""
    found = value if isinstance(value, list | tuple | set) else ()
    return [one for one in found if isinstance(one, str)][:_MOST_PATTERNS]


def _id(page: PageOf, address: str) -> str:
    """Return the id of a page: a `tag:` URI (RFC 4151) of host, day and path."""
    parts = urlsplit(address)
    return f"tag:{parts.hostname},{page.moment:%Y-%m-%d}:{unquote(parts.path)}"


class _Rules:
    """How a site forms addresses.

    Once a pattern of the site's own could not be used, none of them is sure.
    """

    def __init__(
        self, settings: Mapping[str, Any], default: str, patterns: ForeignPatterns
    ) -> None:
        self._settings = settings
        self._default = default
        self._patterns = patterns

    def place(self, page: PageOf) -> Address:
        """Return the address of a page."""
        language = line(page.fields.get("lang")) or self._default
        name = "article_url" if language == self._default else "article_lang_url"
        usual = "{slug}.html" if language == self._default else "{slug}-{lang}.html"
        wanted = line(page.fields.get("url") or self._settings.get(name)) or usual
        slug, is_sure = self._slug_of(page)
        words = {
            "slug": slug,
            "category": self._slugged(line(page.fields.get("category")) or "misc")[0],
            "author": self._slugged(line(page.fields.get("author")))[0],
            "lang": language,
            "title": page.title,
        }

        def word(found: re.Match[str]) -> str:
            if found[1] == "date":
                return page.moment.strftime(found[2] or "%Y-%m-%d")
            return words.get(found[1], "")

        is_sure = (is_sure or "{slug}" not in wanted) and not self._patterns.refused
        return Address(path=_BRACED.sub(word, wanted), is_sure=is_sure)

    def _slug_of(self, page: PageOf) -> tuple[str, bool]:
        if own := line(page.fields.get("slug")):
            return own, True
        is_named = self._settings.get("slugify_source") == "basename"
        return self._slugged(page.path.stem if is_named else page.title)

    def _slugged(self, text: str) -> tuple[str, bool]:
        """Return a slug, and whether Pelican is sure to form the same from non-ASCII letters."""
        if self._settings.get("slugify_use_unicode") is True:
            plain, is_sure = normalised("NFKC", text[:LONGEST]), True
        else:
            bare = normalised("NFKD", text.translate(_PLAIN)[:LONGEST])
            plain = "".join(c for c in bare if not unicodedata.combining(c))
            is_sure = plain.isascii()
            plain = plain.encode("ascii", "ignore").decode()
        own = self._settings.get("slug_regex_substitutions")
        pairs = _pairs(own) if isinstance(own, list | tuple) else _SLUGS
        is_sure &= not isinstance(own, list | tuple) or len(pairs) == len(own)
        for pattern, instead in pairs:
            if (pattern, instead) in _SLUGS:
                plain = re.sub(pattern, instead, plain, flags=re.IGNORECASE)
                continue
            made = self._patterns.replaced(pattern, instead, plain)
            plain, is_sure = plain if made is None else made, is_sure and made is not None
        keeps = self._settings.get("slugify_preserve_case") is True
        return (plain if keeps else plain.lower()).strip(), is_sure


def _pairs(written: Sequence[Any]) -> Sequence[tuple[str, str]]:
    """Return the patterns of a setting with what stands in their place, up to a limit."""
    return [
        (str(pair[0]), str(pair[1]))
        for pair in written[:_MOST_PATTERNS]
        if isinstance(pair, list | tuple) and len(pair) == 2  # noqa: PLR2004
    ]
