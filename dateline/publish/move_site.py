"""The move of a site to another address, for subscribers and in `config.toml`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from dateline.config import Config
from dateline.config.values import folder_address
from dateline.errors import ConfigError, Problem
from dateline.ledger import Ledger
from dateline.rules.guards import Approval, code_of
from dateline.rules.identity.readings import WayOfReading
from dateline.text import toml
from dateline.text.expressions import regex
from dateline.text.urls import machine

_SHOWN = 3  # addresses of a kind
_MOVED = regex(r"\s*\[\s*moved\s*\]\s*(?:#.*)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A move from one address to another: both end in a slash, and their hosts differ."""

    before: str
    after: str

    @classmethod
    def to(cls, address: str, config: Config) -> Move:
        """Check where the site is to move; raises `ConfigError` with one sentence."""
        before = config.publication.url
        try:
            after = folder_address(address)
        except ValueError as error:
            raise ConfigError([f"--to {error}: {address}"]) from error
        if before == after:
            raise ConfigError([f"{after} is the address of the site already: nothing is to move."])
        if machine(before) == machine(after):
            reason = (
                f"{after} is on the same machine as {before}: write url in config.toml, and let "
                "the web server in front redirect the old addresses."
            )
            raise ConfigError([reason])
        return cls(before=before, after=after)


def outcome(move: Move, config: Config, ledger: Ledger) -> Iterator[str]:
    """Yield the lines on what changes for readers and what does not."""
    feeds = ledger.documents.subscriptions()
    subscribed = {*feeds}
    pages = [one.path for one in ledger.documents.all() if one.path not in subscribed]
    yield f"From {move.before} to {move.after}"
    yield ""
    yield "Answers 301 with the new address, as long as this publisher gets the requests:"
    for kind, paths in (("feeds", feeds), ("pages, archives and files", pages)):
        yield f"  {len(paths)} {kind}"
        for path in paths[:_SHOWN]:
            yield f"    {move.before}{path} -> {move.after}{path}"
    yield ""
    yield "These stay, so nobody gets anything twice:"
    yield f"  {ledger.entries.count()} ids of entries, like {_example(ledger)}"
    yield f"  the ids of the feeds, which begin with tag:{config.publication.tag}:feed/"
    yield "  the moments of publication and of change, and the order"
    yield ""
    yield "Keep the old address for a year at least, and let its requests reach this publisher:"
    yield "who asks once a month must find the 301, and some readers never keep the new address."
    for hub in config.outside_hubs:
        yield f"{hub} is notified of the new addresses, and its subscribers follow by themselves."
    yield ""
    yield "config.toml then has:"
    yield f'  url = "{move.after}"'
    yield "  [moved]"
    yield f'  "{move.before}" = "{move.after}"'


def rewritten(text: str, move: Move) -> str:
    """Return the text of `config.toml` after the move; everything else in it stays.

    Raises `ConfigError` if the address is not on a line of its own.
    """
    lines = text.split("\n")
    at = toml.lines(text).get(("publication", "url"), 0) - 1
    line, count = re.subn(
        r"""(?<==)(\s*)(?:"[^"]*"|'[^']*')""", rf'\1"{move.after}"', lines[at], count=1
    )
    if at < 0 or not count:
        raise ConfigError(["The line url = … was not found. Write the new address there yourself."])
    lines[at] = line
    lines = [*_without_way_back(lines, text, move)]
    rule = f'"{move.before}" = "{move.after}"'
    header = next((at for at, line in enumerate(lines, 1) if _MOVED.fullmatch(line)), 0)
    if header:
        lines.insert(header, rule)
        return "\n".join(lines)
    return "\n".join([*lines, "[moved]", rule, ""])


def _without_way_back(lines: Sequence[str], text: str, move: Move) -> Iterator[str]:
    """Yield the lines without those by which the new address itself has moved: it is back."""
    own = machine(move.after)
    keys = ((at, str(path[-1])) for path, at in toml.lines(text).items() if path[:1] == ("moved",))
    back = {at for at, key in keys if "://" in key and machine(key) == own}
    for number, line in enumerate(lines, start=1):
        if number not in back or not line.lstrip().startswith(("'", '"')):  # a table on one line
            yield line


def _example(ledger: Ledger) -> str:
    return next((entry.id for entry in ledger.entries.live()), "none yet")


def follow_site(
    config: Config, ledger: Ledger, approval: Approval
) -> tuple[Config, tuple[Problem, ...]]:
    """Follow the site to another address, but to another tag only if staff approve.

    With another tag every feed would have another id. Return the configuration in force, and the
    problem of a tag that is held.
    """
    publication = config.publication
    url, tag = ledger.state.url or publication.url, ledger.state.tag or publication.tag
    if url != publication.url:
        ledger.entries.rebase(url, publication.url)
    ledger.state.url = publication.url
    former = WayOfReading.of(replace(publication, url=url))
    ledger.state.note_readings([*dict.fromkeys(map(str, (former, WayOfReading.of(publication))))])
    code = code_of("tag-changed", [f"{tag} {publication.tag}"])  # back again is another change
    if tag == publication.tag or approval.code == code:
        ledger.state.tag = publication.tag
        return config, ()
    ledger.state.tag = tag
    held = Problem(code="tag-changed", file=f"{config.entries.name}/", found=tag, wanted=code)
    return replace(config, publication=replace(publication, tag=tag)), (held,)


def keep_term_feeds(
    config: Config, ledger: Ledger, approval: Approval
) -> tuple[Config, tuple[Problem, ...]]:
    """Keep the feeds of categories, places and authors until staff approve that they end.

    Return the configuration in force, and the problem of feeds that are kept.
    """
    publication = config.publication
    code = code_of("topic-feeds-removed", [publication.tag])
    if publication.has_term_feeds or not ledger.state.has_term_feeds or approval.code == code:
        ledger.state.has_term_feeds = publication.has_term_feeds
        return config, ()
    held = Problem(code="topic-feeds-removed", file=f"{config.entries.name}/", wanted=code)
    return replace(config, publication=replace(publication, has_terms=True, has_term_feeds=True)), (
        held,
    )
