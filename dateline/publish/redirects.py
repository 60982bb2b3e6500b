"""Where do people and programs look for a feed that they were not told of? Pure."""

from __future__ import annotations

from dateline.model import Feed
from dateline.model.formats import FORMATS


def guesses(feed: Feed) -> dict[str, str]:
    """Give each address that is often guessed, with the document that fits it best.

    `feed` is the main feed: its page is the front page.
    """
    found = {
        path: f"{feed.name}.{form if form in feed.formats else feed.formats[0]}"
        for form, row in FORMATS.items()
        for path in row.guesses
    }
    return {f"{feed.name}.html": "index.html", **found}
