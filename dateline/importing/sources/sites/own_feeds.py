"""Feeds that a site makes by its own templates."""

from __future__ import annotations

import os
import re
from pathlib import Path

from dateline.errors import FetchError
from dateline.importing.items import OldFeed
from dateline.importing.sources.sites import front_matter, site_files
from dateline.importing.sources.sites.front_matter import line
from dateline.model.formats import Format
from dateline.text.expressions import regex

_ENDS = (".xml", ".rss", ".atom", ".json", ".njk", ".liquid", ".hbs", ".webc", ".11ty.js")
_NAMES = regex(r"feed|rss|atom|news|index", re.IGNORECASE)
_LARGEST = 100_000  # bytes of a template
_KINDS: tuple[tuple[bytes, Format], ...] = (
    (b"<rss", "rss"), (b"http://www.w3.org/2005/Atom", "atom"), (b"jsonfeed.org/version", "json"),
)  # fmt: skip


def own_feeds(folder: Path, url: str) -> tuple[OldFeed, ...]:
    """Return the feeds whose templates are below a folder, with their addresses."""
    found = []
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(
            name for name in folders if not name.startswith((".", "_")) and name != "node_modules"
        )
        for name in sorted(names):
            path = Path(place, name)
            if not (name.endswith(_ENDS) and _NAMES.search(name)):
                continue
            try:
                data = site_files.read(path, folder, _LARGEST)
            except OSError:
                continue
            if form := next((form for mark, form in _KINDS if mark in data), None):
                found.append(OldFeed(address=url + _place(path, folder, data), form=form))
    return tuple(found)


def _place(path: Path, folder: Path, data: bytes) -> str:
    """Return the path of a template's feed: its `permalink`, or else the name of its file."""
    try:
        matter = front_matter.split(data, path.name)
    except FetchError:
        matter = None
    own = line(matter.fields.get("permalink")) if matter else ""
    if own and "{" not in own:
        return own.lstrip("/")
    name = path.relative_to(folder).as_posix()
    return name if name.endswith((".xml", ".rss", ".atom", ".json")) else name.rpartition(".")[0]
