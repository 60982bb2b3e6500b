"""What is told of an import, item by item?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from dateline.config import Config
from dateline.importing.items import ImportSource, OldFeed
from dateline.importing.write import ImportOutcome
from dateline.model import Feed

_AT_LINE = re.compile(r"(?P<kind>(?:warn: )?)Line (?P<number>\d+): (?P<text>.*)", re.DOTALL)


def doubts(past: ImportSource) -> Iterator[str]:
    """Say first that ids and addresses had to be assumed, and how to have the true ones."""
    if past.doubts:
        yield "The ids and addresses below are assumed, and subscribers may see old news as new:"
        yield from (f"  {doubt}" for doubt in past.doubts)
        yield "Add the old feed, which knows them: --feed https://www.example.org/feed.xml"


def lines(outcome: ImportOutcome, config: Config) -> Iterator[str]:
    """Say what came over, and what did not come over as it was: the same is said once for all."""
    yield from (f"new       {path}" for path in outcome.written)
    if outcome.losses:
        yield "To look at:"
    yield from _grouped((loss.origin, loss.text) for loss in outcome.losses)
    empty = f" {outcome.empty} left out: nothing to publish." if outcome.empty else ""
    yield (
        f"{len(outcome.written)} new, {outcome.known} here already, {outcome.asked} to be asked "
        f"about; {outcome.files} pictures and attachments.{empty}"
    )
    taken = {feed.language for feed in config.feeds}
    if None not in taken:
        for language, count in sorted(outcome.languages.items()):
            if not any(f"{language}-".startswith(f"{tag}-") for tag in taken):
                yield f"{count} are in {language}, and no feed takes that language: add a [[feed]]."
    if outcome.held:
        yield f"{len(outcome.held)} of the new ones are held until they are fixed:"
        yield from _grouped((path, text) for path, held in outcome.held.items() for text in held)


def _grouped(said: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Say each thing once, with all that it concerns; the line on which it is stands there."""
    by_text: dict[str, list[str]] = {}
    alone: dict[str, str] = {}
    for origin, text in said:
        found = _AT_LINE.fullmatch(text)
        bare = f"{found['kind']}{found['text']}" if found else text
        where = f"{origin}, line {found['number']}" if found else origin
        by_text.setdefault(bare, []).append(where)
        alone[bare] = f"{origin}: {text}"
    for text, origins in by_text.items():
        if len(origins) == 1:
            yield f"  {alone[text]}"
            continue
        yield f"  {text} ({len(origins)}):"
        yield from (f"    {origin}" for origin in origins)


# ---- Next steps

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
