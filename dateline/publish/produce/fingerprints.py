"""Hashes of the settings, the release and the entries that each result of a run depends on.

If some settings change, only the results that depend on them are made again: another title needs
no file to be read, another template changes no feed.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

from dateline import __version__
from dateline.config import Config
from dateline.model import AggregatorSettings, Allowed, Entry, Feed, Links, Theme
from dateline.system.memo import MANY, memoised

_FORMS = 1  # rises when documents come to have other coded forms
_MEANING = 5  # rises when a file comes to mean something else: all are read again


def of_all(config: Config) -> str:
    """Hash of every setting that can change a published document."""
    return _digest(_MEANING, config.publication, config.feeds, config.former, config.former_hosts)


def of_files(config: Config) -> str:
    """Hash of the settings that affect parsing, and which entries are in which feed."""
    publication = config.publication
    chosen = [(f.name, f.language, f.categories, f.authors, f.kinds) for f in config.feeds]
    return _digest(
        _MEANING,
        publication.url,
        publication.tag,
        publication.language,
        publication.zone,
        publication.date_order,
        publication.has_terms,
        chosen,
    )


def of_codings(config: Config) -> str:
    """Hash of the settings that affect the coded forms of documents."""
    return _digest(_FORMS, sorted(config.codings))


def of_pages(config: Config) -> str:
    """Hash of the settings that affect pages: of all feeds, since each page links to some."""
    publication = replace(
        config.publication,
        hubs=(),
        max_age=0,
        allowed=Allowed(),
        aggregators=AggregatorSettings(),
    )
    feeds = [
        replace(feed, entries=0, days=0, aggregators=(), media="picture") for feed in config.feeds
    ]
    return _digest(publication, feeds)


def of_feed(config: Config, feed: Feed) -> str:
    """Hash of the settings that affect the documents of a feed in its formats."""
    theme = config.publication.theme
    shown = Theme(logo=theme.logo, icon=theme.icon, accent=theme.accent)
    publication = replace(
        config.publication, theme=shown, links=Links(), allowed=Allowed(), email_lists=()
    )
    return _digest(publication, replace(feed, translations=()))


@memoised(lambda entry: len(entry.story.html), most=MANY)
def of_entry(entry: Entry) -> str:
    """Hash of an entry, which several documents show."""
    return of_text(repr(entry))


def of_text(text: str) -> str:
    """Hash of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def _digest(*parts: object) -> str:
    return of_text(repr((__version__, *parts)))
