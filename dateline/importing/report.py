"""The lines that an import prints: results, losses, and what to do next."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from dateline.config import Config
from dateline.importing.items import ImportSource, OldFeed
from dateline.importing.write import ImportOutcome
from dateline.model import Feed
from dateline.text.expressions import regex

_AT_LINE = regex(r"(?P<kind>(?:warn: )?)Line (?P<number>\d+): (?P<text>.*)", re.DOTALL)


def doubts(source: ImportSource) -> Iterator[str]:
    """Yield a warning if ids and addresses had to be assumed, with the way to get the true ones."""
    if source.doubts:
        yield "The ids and addresses below are assumed, and subscribers may see old news as new:"
        yield from (f"  {doubt}" for doubt in source.doubts)
        yield "Add the old feed, which knows them: --feed https://www.example.org/feed.xml"


def lines(outcome: ImportOutcome, config: Config) -> Iterator[str]:
    """Yield the new files, the losses and the counts; equal losses are grouped."""
    yield from (f"new       {path}" for path in outcome.written)
    if outcome.losses:
        yield "To look at:"
    yield from _grouped((loss.origin, loss.text) for loss in outcome.losses)
    empty = f" {outcome.empty} left out: nothing to publish." if outcome.empty else ""
    yield (
        f"{len(outcome.written)} new, {outcome.known} here already, {outcome.unanswered} to be "
        f"asked about; {outcome.files} pictures and attachments.{empty}"
    )
    taken = {feed.language for feed in config.feeds}
    if None not in taken:
        for language, count in sorted(outcome.languages.items()):
            if not any(f"{language}-".startswith(f"{tag}-") for tag in taken):
                yield f"{count} are in {language}, and no feed takes that language: add a [[feed]]."
    if outcome.held:
        yield f"{len(outcome.held)} of the new ones are held until they are fixed:"
        yield from _grouped((path, text) for path, held in outcome.held.items() for text in held)


def _grouped(losses: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield each text once, with every origin that it concerns and its line there."""
    by_text: dict[str, list[str]] = {}
    single: dict[str, str] = {}
    for origin, text in losses:
        found = _AT_LINE.fullmatch(text)
        bare = f"{found['kind']}{found['text']}" if found else text
        where = f"{origin}, line {found['number']}" if found else origin
        by_text.setdefault(bare, []).append(where)
        single[bare] = f"{origin}: {text}"
    for text, origins in by_text.items():
        if len(origins) == 1:
            yield f"  {single[text]}"
            continue
        yield f"  {text} ({len(origins)}):"
        yield from (f"    {origin}" for origin in origins)


# ---- Next steps

_WRITABLE = regex(r"[A-Za-z0-9][A-Za-z0-9._~/-]*")  # the paths that `[moved]` accepts


def next_steps(source: ImportSource, config: Config, feed: Feed) -> Iterator[str]:
    """Yield the lines to paste into `config.toml`, and why they are needed."""
    yield from _window(source, feed)
    if not source.feeds:
        return
    rules = dict(_rules(source.feeds, config, feed))
    if rules:
        yield "The old feeds go on here with these lines in config.toml:"
        yield "[moved]"
        yield from (f'"{before}" = "{now}"' for before, now in rules.items())
    for old in source.feeds:
        address = _address(config, feed, old)
        if not _path(old, config) and old.address != address:
            yield f"[moved] cannot say {old.address}: have a server in front redirect it there:"
            yield f"  {address}"
    for host in sorted(_other_sites(source.feeds, config)):
        yield (
            f"They work once {host} leads to this machine. As long as it is another, redirect "
            "there (301) each old address to the new one instead:"
        )
        for old in source.feeds:
            yield f"  {old.address} -> {_address(config, feed, old)}"


def _window(source: ImportSource, feed: Feed) -> Iterator[str]:
    if source.window and (feed.entries > source.window or feed.days):
        yield (
            f"The old feed shows its newest {source.window}. To somebody who subscribed lately, "
            "older ones look new: until as many have come here, write these lines into the "
            f'[[feed]] whose name is "{feed.name}":'
        )
        yield f"entries = {source.window}"
        yield "days = 0"


def _rules(feeds: tuple[OldFeed, ...], config: Config, feed: Feed) -> Iterator[tuple[str, str]]:
    for host in sorted(_other_sites(feeds, config)):
        yield host, config.publication.url
    for old in feeds:
        path = _path(old, config)
        target = f"{feed.name}.{_form(feed, old)}"
        if path and path != target:
            yield path, target


def _other_sites(feeds: tuple[OldFeed, ...], config: Config) -> set[str]:
    """Return the addresses of the old feeds' sites whose host is not ours."""
    own = urlsplit(config.publication.url).netloc
    parts = [urlsplit(old.address) for old in feeds]
    return {f"{part.scheme}://{part.netloc}/" for part in parts if part.netloc != own}


def _path(old: OldFeed, config: Config) -> str:
    """Return the key of an old address in `[moved]`; empty if `[moved]` cannot hold it."""
    parts, own = urlsplit(old.address), urlsplit(config.publication.url)
    path = parts.path.removeprefix(own.path if parts.netloc == own.netloc else "/")
    fits = not parts.query and _WRITABLE.fullmatch(path) and ".." not in path
    return path if fits else ""


def _address(config: Config, feed: Feed, old: OldFeed) -> str:
    return f"{config.publication.url}{feed.name}.{_form(feed, old)}"


def _form(feed: Feed, old: OldFeed) -> str:
    return old.form if old.form in feed.formats else feed.formats[0]
