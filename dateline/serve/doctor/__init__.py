"""Checks of a feed as it is deployed, from outside, as a reader fetches it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from urllib.parse import urljoin

from dateline.errors import FetchError
from dateline.serve.doctor import http_checks
from dateline.serve.doctor.feed_checks import feeds_of_page, itself, named, read
from dateline.serve.doctor.finding import Finding, bad, improvable, ok
from dateline.system import http
from dateline.system.http import ELSEWHERE, OWN, Ask, Reply

__all__ = ["Finding", "examine"]

_REDIRECTS = 5
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
    try:
        first, way = _arrive(address, ask)
    except FetchError as error:
        yield bad("reached", f"{error}.")
        return
    yield from _redirects(way)
    if first.status != 200:  # noqa: PLR2004
        aimless = (
            " It leads to no address." if first.status in ELSEWHERE and not _target(first) else ""
        )
        yield bad("reached", f"{first.address} answers {first.status}, not 200.{aimless}")
        return
    yield ok("reached", f"{first.address} answers in {first.seconds * 1000:.0f} ms.")
    try:
        feed = read(first)
    except ValueError as error:
        named_there = feeds_of_page(first)
        is_page = f" It is a page; its feeds are {', '.join(named_there)}." if named_there else ""
        yield bad("feed", f"What comes is no feed: {error}.{is_page}")
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


def _arrive(address: str, ask: Ask) -> tuple[Reply, list[Reply]]:
    """Follow redirects as a reader does; return the last reply, and those before it."""
    way: list[Reply] = []
    reply = ask(address, OWN)
    while reply.status in ELSEWHERE and len(way) < _REDIRECTS:
        if not (target := _target(reply)):
            break
        way.append(reply)
        reply = ask(target, OWN)
    return reply, way


def _target(reply: Reply) -> str:
    """Return the target of a redirect, or an empty text where it names none."""
    location = reply.fields.get("location", "")
    try:
        return urljoin(reply.address, location) if location else ""
    except ValueError:  # it is no address
        return ""


def _redirects(way: list[Reply]) -> Iterator[Finding]:
    for reply in way:
        target = _target(reply)
        if reply.address.startswith("https:") and target.startswith("http:"):
            yield bad("redirect", f"{reply.address} leads from https to http: {target}.")
        elif reply.status in {301, 308}:
            yield ok("redirect", f"{reply.address} has moved to {target} for good.")
        else:
            way_back = f"{reply.address} leads to {target} by {reply.status}"
            yield improvable("redirect", f"{way_back}: readers come back each time. Answer 301.")
