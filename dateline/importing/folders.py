"""What does the content folder of a Hugo, Jekyll, Eleventy or Pelican site have?"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator, Mapping
from datetime import UTC, date, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from dateline.errors import FetchError
from dateline.importing import frontmatter
from dateline.importing.frontmatter import line
from dateline.importing.item import BAD_ITEM, Item, OldFeed, Past, failure
from dateline.importing.page import Reader
from dateline.importing.permalinks import Site
from dateline.model import Format

_PAGES = (".md", ".markdown", ".mdown", ".html", ".rst")
_LEFT_OUT = frozenset({"node_modules", "vendor", "public", "output", "resources", "themes"})
_FEEDS: Mapping[str, tuple[str, Format]] = {
    "Hugo": ("index.xml", "rss"),
    "Jekyll": ("feed.xml", "atom"),
    "Eleventy": ("feed/feed.xml", "atom"),
    "Pelican": ("feeds/all.atom.xml", "atom"),
}
_SETTINGS = {
    "Hugo": [
        f"{stem}.{end}" for stem in ("hugo", "config") for end in ("toml", "yaml", "yml", "json")
    ],
    "Jekyll": ["_config.yml", "_config.yaml", "_config.toml"],
    "Pelican": ["publishconf.py", "pelicanconf.py"],
}
_MARKS = {
    "Jekyll": ("_posts", "_config.yml", "_config.yaml"),
    "Pelican": ("pelicanconf.py",),
    "Eleventy": (
        ".eleventy.js",
        "eleventy.config.js",
        "eleventy.config.mjs",
        "eleventy.config.cjs",
    ),
    "Hugo": ("hugo.toml", "hugo.yaml", "hugo.yml", "hugo.json", "archetypes", "content"),
}


def read(folder: Path, *, site: str, today: date) -> Past:
    """Read every page with a date below a folder, be it the site's or its content's alone.

    `site` is the site's address where its settings do not say it. Raises `FetchError` where the
    address is not known: without it no id is.
    """
    root, kind = _root(folder)
    settings = _settings(root, kind)
    url = site or _url(kind, settings)
    if not url:
        raise FetchError(f"{folder} does not say where it was published: add --site ADDRESS")
    reader = Reader(
        root=root,
        content=_content(folder, root, kind),
        site=Site(kind=kind, url=f"{url.rstrip('/')}/", settings=settings),
        zone=_zone(settings),
        today=today,
    )
    items, undated = _items(reader)
    path, form = _FEEDS[kind]
    return Past(
        kind=f"{kind} site",
        items=items,
        feeds=(OldFeed(address=reader.site.url + path, form=form),),
        window=_window(kind, settings),
        remarks=(f"{undated} pages have no date, so they are no news: left out.",) * bool(undated),
    )


def _root(folder: Path) -> tuple[Path, str]:
    """Say which generator's it is, and where the site begins: here, or a folder or two above."""
    for place in (folder, *folder.resolve().parents[:2]):
        for kind, marks in _MARKS.items():
            if any((place / mark).exists() for mark in marks):
                return place.resolve(), kind
    raise FetchError(f"{folder} is no folder of Hugo, Jekyll, Eleventy or Pelican")


def _content(folder: Path, root: Path, kind: str) -> Path:
    if folder.resolve() != root or kind in {"Jekyll", "Eleventy"}:
        return folder.resolve()
    return root / "content" if (root / "content").is_dir() else root


def _settings(root: Path, kind: str) -> Mapping[str, Any]:
    for name in _SETTINGS.get(kind, ()):
        if (path := root / name).is_file():
            data = path.read_bytes()
            return _assigned(data) if name.endswith(".py") else frontmatter.settings(data, name)
    return {}


def _assigned(data: bytes) -> dict[str, Any]:
    """Read what a settings file of Pelican says plainly; it is never run."""
    found: dict[str, Any] = {}
    try:
        statements = ast.parse(data).body
    except (SyntaxError, ValueError, RecursionError):
        return {}
    for statement in statements:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            try:
                found[statement.targets[0].id.lower()] = ast.literal_eval(statement.value)
            except (ValueError, RecursionError):
                continue
    return found


def _url(kind: str, settings: Mapping[str, Any]) -> str:
    if kind == "Jekyll":
        return f"{line(settings.get('url'))}{line(settings.get('baseurl'))}"
    return line(settings.get("baseurl") or settings.get("siteurl"))


def _window(kind: str, settings: Mapping[str, Any]) -> int:
    """Give how many items the old feed shows, 0 for all, as settings say or their tool does."""
    feed = settings.get("feed")
    own: Mapping[str, object] = {
        "Jekyll": feed.get("posts_limit") if isinstance(feed, dict) else None,
        "Pelican": settings.get("feed_max_items"),
        "Hugo": settings.get("rsslimit"),
    }
    usual = {"Jekyll": 10, "Pelican": 100, "Eleventy": 10}.get(kind, 0)
    number = own.get(kind)
    return number if isinstance(number, int) and number > 0 else usual


def _zone(settings: Mapping[str, Any]) -> tzinfo:
    try:
        return ZoneInfo(line(settings.get("timezone")) or "UTC")
    except (ValueError, OSError):
        return UTC


def _items(reader: Reader) -> tuple[tuple[Item, ...], int]:
    """Give every page with a date, and how many have none."""
    found: list[Item] = []
    undated = 0
    for path in sorted(_pages(reader)):
        try:
            matter = frontmatter.split(path.read_bytes(), path.name)
            item = reader.item(path, matter) if matter else None
        except (*BAD_ITEM, OSError) as error:
            item = Item(
                origin=path.relative_to(reader.content).as_posix(),
                question=str(error) if isinstance(error, FetchError) else failure(error),
            )
        undated += item is None
        found += [item] if item else []
    return tuple(found), undated


def _pages(reader: Reader) -> Iterator[Path]:
    for folder, folders, names in os.walk(reader.content):
        folders[:] = [name for name in folders if _is_entered(name)]
        inside = {reader.content.name, *Path(folder).relative_to(reader.content).parts}
        if reader.site.kind == "Jekyll" and not {"_posts", "_drafts"} & inside:
            continue
        for name in names:
            if name.endswith(_PAGES) and not name.startswith(("_index.", ".")):
                yield Path(folder, name)


def _is_entered(folder: str) -> bool:
    own = folder in {"_posts", "_drafts"}
    return own or not (folder in _LEFT_OUT or folder.startswith((".", "_")))
