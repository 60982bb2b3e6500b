"""Where do people and programs look for a feed that they were not told of? Pure."""

from __future__ import annotations

from collections.abc import Mapping

from dateline.model import Feed, Format

_GUESSES: Mapping[str, Format] = {
    "feed": "rss",
    "feed/": "rss",  # WordPress's own
    "feed.xml": "rss",
    "index.xml": "rss",
    "rss": "rss",
    "rss.xml": "rss",
    "atom.xml": "atom",
    "feed.json": "json",
}


def guesses(feed: Feed) -> dict[str, str]:
    """Give each address that is often guessed, with the document that fits it best.

    `feed` is the main feed: its page is the front page.
    """
    found = {
        path: f"{feed.name}.{form if form in feed.formats else feed.formats[0]}"
        for path, form in _GUESSES.items()
    }
    return {f"{feed.name}.html": "index.html", **found}
