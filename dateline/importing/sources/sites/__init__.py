"""Sites of Hugo, Jekyll, Eleventy and Pelican, read from their content folders."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from dateline.entries import scan
from dateline.errors import FetchError
from dateline.importing.items import BAD_ITEM, ImportedItem, ImportSource, failure
from dateline.importing.sources.sites import (
    eleventy,
    front_matter,
    hugo,
    jekyll,
    pelican,
    site_files,
)
from dateline.importing.sources.sites.page import PageReader
from dateline.importing.sources.sites.permalinks import Content, SiteSettings
from dateline.importing.sources.sites.shortcodes import resolved

_PAGES = (".md", ".markdown", ".mdown", ".html", ".rst")
_MORE_PAGES = {"Jekyll": (".mkd", ".mkdn", ".mkdown"), "Pelican": (".mkd",)}
# Pages of these kinds are not read, but named if they have a date.
_UNREAD = (
    ".11ty.js", ".ad", ".adoc", ".asciidoc", ".ejs", ".haml", ".hbs", ".htm", ".liquid", ".mdx",
    ".mustache", ".njk", ".org", ".pandoc", ".pdc", ".pug", ".textile", ".webc",
)  # fmt: skip
# What programs make or fetch, at the top of a site: a section of pages may have such a name, too.
_MADE = frozenset({"vendor", "public", "output", "resources", "themes"})
_SITES: Mapping[str, Callable[[Path, Path, str], SiteSettings]] = {
    "Hugo": hugo.site,
    "Jekyll": jekyll.site,
    "Eleventy": eleventy.site,
    "Pelican": pelican.site,
}


def read(folder: Path, *, site: str, today: date) -> ImportSource:
    """Read every page with a date below a folder: that of the site, or of its content alone.

    `site` is the site's address, for settings that do not have it. Raises `FetchError` if the
    address is unknown, since the ids depend on it.
    """
    root, kind = _root(folder)
    found = _SITES[kind](root, folder.resolve(), site)
    if not found.url:
        raise FetchError(f"{folder} does not say where it was published: add --site ADDRESS")
    items: list[ImportedItem] = []
    undated = 0
    for content in found.contents:
        reader = PageReader(root=root, content=content, site=found, today=today)
        own, without = _items(reader, [one.folder for one in found.contents])
        items += own
        undated += without
    items = list(_linked(items))
    return ImportSource(
        kind=f"{kind} site",
        items=tuple(items),
        feeds=found.feeds,
        window=found.window,
        doubts=(*found.doubts, *_assumed(items)),
        remarks=(
            *found.remarks,
            *(f"{undated} pages have no date, so they are no news: left out.",) * bool(undated),
        ),
    )


def _linked(items: list[ImportedItem]) -> Iterator[ImportedItem]:
    """Yield the items with links to files of the site replaced by the addresses of their pages."""
    known: dict[str, str | None] = {}
    for item in items:
        path = PurePosixPath(item.origin)
        bare = path.with_suffix("").as_posix()
        short = path.parent.name if path.stem == "index" else path.stem
        for name in dict.fromkeys((path.as_posix(), bare, bare.removeprefix("_posts/"), short)):
            known[name] = None if name in known else item.link or None
    for item in items:
        folder = PurePosixPath(item.origin).parent

        def address_of(name: str, folder: PurePosixPath = folder) -> str | None:
            bare, mark, part = unquote(name).partition("#")
            places = (bare.lstrip("/"), posixpath.normpath(folder / bare), PurePosixPath(bare).stem)
            found = next((known[place] for place in places if known.get(place)), None)
            return f"{found}{mark}{part}" if found else None

        markdown, is_whole = resolved(item.markdown, address_of)
        html, is_whole_html = resolved(item.html, address_of)
        lost = () if is_whole and is_whole_html else ("has a link to a page that is not there",)
        yield replace(item, markdown=markdown, html=html, losses=(*item.losses, *lost))


def _assumed(items: list[ImportedItem]) -> Iterator[str]:
    if count := sum(item.is_assumed for item in items):
        reasons = "a script of the site, or on its generator's version"
        yield f"The addresses of {count} pages depend on {reasons}."


def _root(folder: Path) -> tuple[Path, str]:
    """Return the root of the site, at most two folders above, and the name of its generator."""
    for place in (folder.resolve(), *folder.resolve().parents[:2]):
        if kind := _kind(place):
            return place, kind
    raise FetchError(f"{folder} is no folder of Hugo, Jekyll, Eleventy or Pelican")


def _kind(place: Path) -> str:
    """Return the generator of a site; Eleventy is tried first, since it may have `_posts` too."""
    if eleventy.is_one(place):
        return "Eleventy"
    marks = {"Pelican": pelican.MARKS, "Jekyll": jekyll.MARKS, "Hugo": hugo.MARKS}
    return next(
        (kind for kind, own in marks.items() if any((place / mark).exists() for mark in own)), ""
    )


def _items(reader: PageReader, contents: list[Path]) -> tuple[list[ImportedItem], int]:
    """Return the pages with a date, and the number of those without."""
    found: list[ImportedItem] = []
    undated = 0
    for path in _pages(reader.content, reader.root, reader.site.kind, contents):
        try:
            data = site_files.read(path, reader.root, scan.MAX_SIZE)
            is_needed = reader.site.kind != "Jekyll"
            matter = front_matter.split(data, path.name.lower(), is_needed=is_needed)
            item = reader.item(path, matter) if matter else None
            if path.name.lower().endswith(_UNREAD):
                found += [_unread(item, path)] if item else []
                continue
        except (*BAD_ITEM, OSError) as error:
            item = ImportedItem(
                origin=path.relative_to(reader.root).as_posix(),
                question=str(error) if isinstance(error, FetchError) else failure(error),
            )
        undated += item is None
        found += [item] if item else []
    return found, undated


def _unread(item: ImportedItem, path: Path) -> ImportedItem:
    """Return a page without its text, for which the old feed may have one."""
    question = f"its format, {path.suffix}, is not read: add the old feed, or write its entry"
    return replace(item, date=None, question=question, markdown="", html="", draft=False, losses=())


def _pages(content: Content, root: Path, kind: str, contents: list[Path]) -> Iterator[Path]:
    """Yield the pages of a folder, in order; folders of other languages are not entered."""
    for place, folders, names in os.walk(content.folder):
        folder = Path(place)
        folders[:] = sorted(
            name
            for name in folders
            if _is_entered(folder / name, root, kind) and folder / name not in contents
        )
        pages = sorted(name for name in names if _is_page(name, kind))
        if kind == "Hugo" and (bundle := [name for name in pages if _is_index(name)]):
            pages, folders[:] = bundle, []  # all other files in a bundle are part of its page
        inside = {content.folder.name, *folder.relative_to(content.folder).parts}
        if kind != "Jekyll" or {"_posts", "_drafts"} & inside:
            yield from (folder / name for name in pages)


def _is_page(name: str, kind: str) -> bool:
    """Return whether a file may be a page. To Hugo and Jekyll, `.MD` is the same as `.md`."""
    bare = name.lower() if kind in {"Hugo", "Jekyll"} else name
    ends = (*_PAGES, *_MORE_PAGES.get(kind, ()), *_UNREAD)
    return bare.endswith(ends) and not bare.startswith(("_index.", "."))


def _is_index(name: str) -> bool:
    return name.partition(".")[0] == "index"


def _is_entered(folder: Path, root: Path, kind: str) -> bool:
    """Return whether a folder may have pages. Hugo alone has some below names with `_`."""
    if folder.name.startswith("_"):
        return kind == "Hugo" or folder.name in {"_posts", "_drafts"}
    made = {"vendor"} if kind == "Jekyll" else _MADE
    is_made = folder.name in made and folder.parent == root
    return not (is_made or folder.name == "node_modules" or folder.name.startswith("."))
