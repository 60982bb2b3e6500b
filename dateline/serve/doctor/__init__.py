"""Checks of a feed as it is deployed, from outside, as a reader fetches it."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from datetime import datetime
from functools import partial

from dateline.errors import FetchError
from dateline.serve.doctor import aggregators, http_checks
from dateline.serve.doctor.aggregators.rules import NAMES as AGGREGATORS
from dateline.serve.doctor.arrival import reach
from dateline.serve.doctor.feed_checks import FetchedFeed, feeds_of_page, itself, named, read
from dateline.serve.doctor.finding import Finding, bad
from dateline.system import http
from dateline.system.http import Ask, Reply

__all__ = ["AGGREGATORS", "Finding", "examine", "examine_for"]

_WAYS = (
    http_checks.validators,
    http_checks.codings,
    http_checks.caching,
    http_checks.methods,
    http_checks.oddities,
    http_checks.agents,
)


def examine(address: str, now: datetime, ask: Ask = http.ask) -> Iterator[Finding]:
    """Check the feed at `address`, and yield the findings as they are made.

    Redirects, hubs and archives are followed on the public internet only, or at the same host: a
    stranger's feed must not reach machines that only this one can.
    """
    ask = partial(ask, own=http.host_of(address))
    first = yield from reach(address, ask)
    feed = (yield from _parsed(first)) if first else None
    if first is None or feed is None:
        return
    yield from itself(feed, first)
    for way_of in _WAYS:
        try:
            yield from way_of(first, ask)
        except FetchError as error:
            yield bad(way_of.__name__, f"{error}.")
    yield from http_checks.clock(first, now)
    yield from http_checks.certificate(first, now)
    yield from named(feed, first, ask)


def examine_for(
    address: str, names: Sequence[str], now: datetime, ask: Ask = http.ask
) -> Iterator[Finding]:
    """Check the feed at `address` by the documented rules of these aggregators.

    Addresses are followed as by `examine`. A required rule that is not met is bad.
    """
    ask = partial(ask, own=http.host_of(address))
    first = yield from reach(address, ask)
    feed = (yield from _parsed(first)) if first else None
    if first is None or feed is None:
        return
    yield from aggregators.examine(first, feed.kind, names, now, ask)


def _parsed(first: Reply) -> Generator[Finding, None, FetchedFeed | None]:
    """Return the feed in a reply; if it is none, yield the reason."""
    try:
        return read(first)
    except ValueError as error:
        named_there = feeds_of_page(first)
        is_page = f" It is a page; its feeds are {', '.join(named_there)}." if named_there else ""
        yield bad("feed", f"What comes is no feed: {error}.{is_page}")
        return None
