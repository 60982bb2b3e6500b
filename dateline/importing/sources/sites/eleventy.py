"""Eleventy: the settings of a site, and how it forms addresses.

The settings are programs, which are never run: literal values are read, and an address that
depends on anything else is marked as not sure.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from dateline.importing.items import OldFeed
from dateline.importing.sources.sites import site_files
from dateline.importing.sources.sites.front_matter import is_true, line, lower_keys
from dateline.importing.sources.sites.own_feeds import own_feeds
from dateline.importing.sources.sites.permalinks import (
    Address,
    Content,
    PageOf,
    SiteSettings,
    content_of,
    folder_within,
    site_url,
)
from dateline.model.formats import Format
from dateline.text.expressions import regex

MARKS = (".eleventy.js", "eleventy.config.js", "eleventy.config.mjs", "eleventy.config.cjs")
_PACKAGE = "@11ty/eleventy"
_PLUGIN = "addPlugin(feedPlugin"
_LARGEST = 500_000  # bytes of a file of settings
_QUOTED = r"""["'`]([^"'`\n]{1,300})["'`]"""
_INPUT = regex(rf"(?:\binput\s*:\s*|setInputDirectory\(\s*){_QUOTED}")
_PREFIX = regex(rf"\bpathPrefix\s*:\s*{_QUOTED}")
_OUTPUT = regex(rf"\boutputPath\s*:\s*{_QUOTED}")
_LIMIT = regex(r"\blimit\s*:\s*(\d{1,6})")
_FORM = regex(r"""\btype\s*:\s*["'](rss|atom|json)["']""")
_BASE = regex(r"""\bbase\s*:\s*["'](https?://[^"'\s]{1,300})["']""")
# A permalink in a JavaScript data file: the quoted text next to its name.
_PERMALINK = regex(r"\bpermalink\b[^\"'`]{0,200}[\"'`]([^\"'`\n]{1,300})[\"'`]")
_NO_PERMALINK = regex(r"\bpermalink\s*:\s*false\b")
# In a data file: fields that keep its pages from the feed.
_KEEPS_BACK = regex(r"\b(draft|eleventyExcludeFromCollections)[\"']?\s*+:\s*+true\b")
_IGNORES = regex(rf"\bignores\s*\.\s*add\(\s*{_QUOTED}")
_IGNORED = ".eleventyignore"
_EXPRESSION = regex(r"\{\{-?\s*([^{}]*?)\s*-?\}\}|\$\{\s*([^{}]*?)\s*\}")
_DATE = regex(r"""page\.date\s*\|\s*date(?:\s*:\s*|\(\s*)["']([^"']+)["']\)?""")
_DATED = regex(r"\d{4}-\d{2}-\d{2}-(.+)")
# Titles of which the filters `slugify` and `slug` make the same.
_WORDS = regex(r"[a-z0-9]+(?:[,;?]*+[ -]++[a-z0-9]+)*+[,;?]*+")
# Eleventy 3 makes one word of `don't`, Eleventy 1 and 2 make two.
_CONTRACTION = regex(r"([a-z0-9])'([ts])(?=\s|$)")
_JOINS_CONTRACTIONS = 3
_VERSION = regex(r"[\^~=v]?(\d{1,4})(?:\.[\w.+-]*+)?")
_ITEMS_IN_FEED = 10
_DATA_ENDS = (".json", ".11tydata.json", ".11tydata.js", ".11tydata.cjs", ".11tydata.mjs")


def is_one(root: Path) -> bool:
    """Return whether a folder is that of an Eleventy site."""
    if any((root / mark).is_file() for mark in MARKS):
        return True
    return f'"{_PACKAGE}"' in site_files.text(root / "package.json", root, _LARGEST)


def site(root: Path, folder: Path, url: str) -> SiteSettings:
    """Read the settings of a site; `folder` is the part of it to read."""
    programs = (site_files.text(root / mark, root, _LARGEST) for mark in MARKS)
    program = next(filter(None, programs), "")
    feed = program[program.find(_PLUGIN) :] if _PLUGIN in program else ""
    named = _INPUT.search(program)
    content = folder_within(root, named[1] if named else "")
    prefix = _PREFIX.search(program)
    address = site_url(url or _own_url(program, content))
    begins = f"{prefix[1].strip('/')}/" if prefix and prefix[1].strip("/") and not url else ""
    return SiteSettings(
        kind="Eleventy",
        url=address,
        contents=(content_of(folder, content, prefix=begins),),
        place=partial(_place, version=_version(root)),
        defaults=_defaults(content),
        hides=_hides(root, content, [one[1] for one in _IGNORES.finditer(program)]),
        window=int(limit[1]) if (limit := _LIMIT.search(feed)) else _ITEMS_IN_FEED,
        feeds=tuple(_feeds(feed, content, address + begins)) if address else (),
        doubts=tuple(_doubts(program)),
    )


def _version(root: Path) -> int | None:
    """Return the major version of Eleventy that a site asks for, or None if that is not sure."""
    package = _table(root / "package.json", root)
    for kind in ("dependencies", "devDependencies"):
        wanted = package.get(kind)
        if isinstance(wanted, dict) and _PACKAGE in wanted:
            matched = _VERSION.fullmatch(line(wanted[_PACKAGE]))
            return int(matched[1]) if matched else None
    return None


def _own_url(program: str, content: Path) -> str:
    """Return the address in the settings of the feed, or in a data file about the site."""
    if found := _BASE.search(program):
        return found[1]
    for name in ("metadata", "site"):
        data = _table(content / f"_data/{name}.json", content)
        if (own := line(data.get("url"))).startswith("http"):
            return own
    return ""


def _table(path: Path, root: Path) -> Mapping[str, Any]:
    try:
        found = json.loads(site_files.text(path, root, _LARGEST) or "{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _feeds(feed: str, content: Path, address: str) -> Iterator[OldFeed]:
    if feed:
        path = _OUTPUT.search(feed)
        kind = _FORM.search(feed)
        form: Format = {"rss": "rss", "json": "json"}.get(kind[1] if kind else "", "atom")
        place = path[1] if path else "/feed/feed.xml"
        yield OldFeed(address=address + place.lstrip("/"), form=form)
    else:
        yield from own_feeds(content, address)


def _doubts(program: str) -> Iterator[str]:
    if re.search(r"addGlobalData\(\s*[\"']permalink", program):
        yield "The site makes addresses by a program of its own."
    if _PLUGIN not in program:
        yield "The site's feed is not made by Eleventy's plugin."


def _defaults(content: Path) -> Callable[[PurePosixPath], Mapping[str, Any]]:
    """Return a function from a path to the fields of its data files; the nearest file wins."""
    known: dict[PurePosixPath, Mapping[str, Any]] = {}

    def of_folder(folder: PurePosixPath) -> Mapping[str, Any]:
        if folder not in known:
            above = of_folder(folder.parent) if folder.name else {}
            known[folder] = {**above, **_data(content / folder / folder.name, content)}
        return known[folder]

    def found(path: PurePosixPath) -> Mapping[str, Any]:
        return {**of_folder(path.parent), **_data(content / path.with_suffix(""), content)}

    return found


def _hides(
    root: Path, content: Path, named: list[str]
) -> Callable[[Content, PurePosixPath, Mapping[str, Any]], bool]:
    """Return a function that tells pages that are in no feed, or whose files are ignored.

    `named` are the patterns of files that the program ignores.
    """
    ignored = [
        (folder, site_files.text(folder / name, root, _LARGEST).splitlines())
        for folder, name in ((root, ".gitignore"), (root, _IGNORED), (content, _IGNORED))
    ]
    ignored.append((root, named))

    def found(_: Content, path: PurePosixPath, fields: Mapping[str, Any]) -> bool:
        is_out = is_true(fields.get("eleventyexcludefromcollections"))
        return (
            is_out
            or fields.get("permalink") is False
            or any(
                site_files.is_ignored(PurePosixPath((content / path).relative_to(folder)), patterns)
                for folder, patterns in ignored
            )
        )

    return found


def _data(stem: Path, content: Path) -> dict[str, Any]:
    """Return the fields in the data files of a page or a folder; of a program, its permalink."""
    found: dict[str, Any] = {}
    for end in _DATA_ENDS:
        path = stem.with_name(f"{stem.name}{end}")
        if not path.is_file():
            continue
        if end.endswith("json"):
            found |= lower_keys(_table(path, content))
            continue
        program = site_files.text(path, content, _LARGEST)
        found |= {one[1].lower(): True for one in _KEEPS_BACK.finditer(program)}
        if _NO_PERMALINK.search(program):
            found["permalink"] = False
        elif matched := _PERMALINK.search(program):
            found["permalink"] = matched[1]
            found["permalink of a program"] = True
    return found


def _place(page: PageOf, version: int | None) -> Address:
    folder = page.path.parent.as_posix().removeprefix(".")
    begins = page.content.prefix
    own = page.fields.get("permalink")
    is_sure = "permalink of a program" not in page.fields
    if wanted := line(own):
        unknown: list[str] = []

        def word(found: re.Match[str]) -> str:
            value = _word(page, found[1] or found[2] or "", version)
            unknown.extend([] if value is not None else [found[0]])
            return value or ""

        path = _EXPRESSION.sub(word, wanted)
        if not unknown and "{" not in path:
            return Address(
                path=begins + path.removesuffix("index.html").lstrip("/"), is_sure=is_sure
            )
        is_sure = False
    stem = "" if page.path.stem in {"index", page.path.parent.name} else f"{page.path.stem}/"
    path = f"{folder}/{stem}".replace("//", "/")
    return Address(path=begins + path.lstrip("/"), is_sure=is_sure)


def _word(page: PageOf, expression: str, version: int | None) -> str | None:
    """Return the value of an expression in a permalink, or None if it is not known here."""
    name, *filters = [part.strip() for part in expression.split("|")]
    stem = _undated(page.path.stem)
    words = {
        "page.fileSlug": _undated(page.path.parent.name) if stem == "index" else stem,
        "page.filePathStem": f"/{page.path.with_name(stem).as_posix()}",
        "title": page.title,
        "slug": line(page.fields.get("slug")),
    }
    if dated := _DATE.fullmatch(expression):
        return (
            page.moment.strftime(dated[1])
            if re.fullmatch(r"(?:%[YmdjHMS]|[/-])+", dated[1])
            else None
        )
    if name not in words:
        return None
    if not filters:
        return words[name]
    text = words[name].lower()
    kinds = {"slugify", "slug"} if _WORDS.fullmatch(text) else {"slugify"}
    if not text.isascii() or not kinds.issuperset(filters):
        return None
    text = text.replace("&", " and ")
    if version is None and _CONTRACTION.search(text):
        return None
    if version is not None and version >= _JOINS_CONTRACTIONS:
        text = _CONTRACTION.sub(r"\1\2", text)
    return re.sub(r"[^a-z0-9]+", "-", text).strip("-")


def _undated(name: str) -> str:
    """Return the name of a file or a folder from behind its day."""
    dated = _DATED.search(name)
    return dated[1] if dated else name
