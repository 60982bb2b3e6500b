"""On what in the configuration, and on which release, does each result of a run rest?

Where only some of it is another, only that is made again which rests on it: another title reads
no file anew, another template touches no feed.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

from dateline import __version__
from dateline.config import Config
from dateline.model import Feed, Theme

_MEANING = 2  # rises when a file comes to mean something else: all are judged again


def of_all(config: Config) -> str:
    """Say on what rests all that is published."""
    return _digest(config.publication, config.feeds, config.former, config.former_hosts)


def of_files(config: Config) -> str:
    """Say on what rests how files are judged, and which entries are in which feed."""
    said = config.publication
    chosen = [(f.name, f.language, f.categories, f.authors, f.kinds) for f in config.feeds]
    return _digest(_MEANING, said.url, said.tag, said.language, said.zone, said.date_order, chosen)


def of_pages(config: Config) -> str:
    """Say on what rest the pages for people: on all feeds, for each page leads to some."""
    said = replace(config.publication, hubs=(), max_age=0)
    return _digest(said, [replace(feed, entries=0, days=0) for feed in config.feeds])


def of_feed(config: Config, feed: Feed) -> str:
    """Say on what rest the documents of a feed in its formats."""
    theme = config.publication.theme
    shown = Theme(logo=theme.logo, icon=theme.icon, accent=theme.accent)
    return _digest(replace(config.publication, theme=shown), feed)


def _digest(*parts: object) -> str:
    return hashlib.sha256(repr((__version__, *parts)).encode()).hexdigest()
