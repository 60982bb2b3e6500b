"""What is to be done so that subscribers find the new feed, and see nothing twice in it?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from dateline.config import Config
from dateline.importing.items import ImportSource, OldFeed
from dateline.model import Feed

_WRITABLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~/-]*")  # as `[moved]` takes it


def afterwards(past: ImportSource, config: Config, feed: Feed) -> Iterator[str]:
    """Give, line by line, what goes into `config.toml`, ready to paste, and why."""
    yield from _window(past, feed)
    if not past.feeds:
        return
    rules = dict(_rules(past.feeds, config, feed))
    if rules:
        yield "The old feeds go on here with these lines in config.toml:"
        yield "[moved]"
        yield from (f'"{before}" = "{now}"' for before, now in rules.items())
    for old in past.feeds:
        address = _address(config, feed, old)
        if not _path(old, config) and old.address != address:
            yield f"[moved] cannot say {old.address}: have a server in front redirect it there:"
            yield f"  {address}"
    for host in sorted(_elsewhere(past.feeds, config)):
        yield (
            f"They work once {host} leads to this machine. As long as it is another, redirect "
            "there (301) each old address to the new one instead:"
        )
        for old in past.feeds:
            yield f"  {old.address} -> {_address(config, feed, old)}"


def _window(past: ImportSource, feed: Feed) -> Iterator[str]:
    if past.window and (feed.entries > past.window or feed.days):
        yield (
            f"The old feed shows its newest {past.window}. To somebody who subscribed lately, "
            "older ones look new: until as many have come here, write these lines into the "
            f'[[feed]] whose name is "{feed.name}":'
        )
        yield f"entries = {past.window}"
        yield "days = 0"


def _rules(feeds: tuple[OldFeed, ...], config: Config, feed: Feed) -> Iterator[tuple[str, str]]:
    for host in sorted(_elsewhere(feeds, config)):
        yield host, config.publication.url
    for old in feeds:
        path = _path(old, config)
        target = f"{feed.name}.{_form(feed, old)}"
        if path and path != target:
            yield path, target


def _elsewhere(feeds: tuple[OldFeed, ...], config: Config) -> set[str]:
    """Give the sites that have another name than ours."""
    own = urlsplit(config.publication.url).netloc
    parts = [urlsplit(old.address) for old in feeds]
    return {f"{part.scheme}://{part.netloc}/" for part in parts if part.netloc != own}


def _path(old: OldFeed, config: Config) -> str:
    """Give what `[moved]` has for an old address, or nothing where it cannot say it."""
    parts, own = urlsplit(old.address), urlsplit(config.publication.url)
    path = parts.path.removeprefix(own.path if parts.netloc == own.netloc else "/")
    fits = not parts.query and _WRITABLE.fullmatch(path) and ".." not in path
    return path if fits else ""


def _address(config: Config, feed: Feed, old: OldFeed) -> str:
    return f"{config.publication.url}{feed.name}.{_form(feed, old)}"


def _form(feed: Feed, old: OldFeed) -> str:
    return old.form if old.form in feed.formats else feed.formats[0]
