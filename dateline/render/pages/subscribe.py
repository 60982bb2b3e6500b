"""Where does a person take a feed, or its calendar?"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

# What takes the address of a feed in a link, by name; none of them is asked for anything.
_READERS: Mapping[str, str] = {
    "Feedbin": "https://feedbin.com/?subscribe=",
    "Feedly": "https://feedly.com/i/subscription/feed/",
    "Inoreader": "https://www.inoreader.com/?add_feed=",
    "NewsBlur": "https://www.newsblur.com/?url=",
    "The Old Reader": "https://theoldreader.com/feeds/subscribe?url=",
}
_CALENDARS: Mapping[str, str] = {
    "Google": "https://calendar.google.com/calendar/render?cid=",
    "Outlook": "https://outlook.live.com/calendar/0/addfromweb?url=",
}


def in_readers(address: str) -> dict[str, str]:
    """Give where the feed at `address` is subscribed to, by the name of the reader."""
    return {name: f"{start}{quote(address, safe='')}" for name, start in _READERS.items()}


def in_calendars(address: str) -> dict[str, str]:
    """Give where the calendar at `address` is subscribed to, by the name of the program."""
    taken = quote(by_program(address, "webcal"), safe="")
    return {name: f"{start}{taken}" for name, start in _CALENDARS.items()}


def by_program(address: str, scheme: str) -> str:
    """Give the address by which a browser hands it to a program: `feed:` or `webcal:`.

    >>> by_program("https://example.org/news.ics", "webcal")
    'webcal://example.org/news.ics'
    """
    return f"{scheme}:{address.partition(':')[2]}"
