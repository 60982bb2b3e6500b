"""The way to a feed: redirects are followed as readers do."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from urllib.parse import urljoin

from dateline.errors import FetchError
from dateline.serve.doctor.finding import Finding, bad, improvable, ok
from dateline.serve.doctor.replies import is_challenge
from dateline.system.http import ELSEWHERE, OWN, Ask, Reply

_REDIRECTS = 5


def reach(address: str, ask: Ask) -> Generator[Finding, None, Reply | None]:
    """Fetch a document and yield the findings on the way; return the reply if its status is 200."""
    try:
        first, way = arrive(address, ask)
    except FetchError as error:
        yield bad("reached", f"{error}.")
        return None
    yield from _redirects(way)
    if is_challenge(first, first.data):
        yield bad(
            "reached",
            f"{first.address} answers programs with a check for robots ({first.status}): exempt "
            "feeds from it in the settings of the CDN or server.",
        )
        return None
    if first.status != 200:  # noqa: PLR2004
        aimless = (
            " It leads to no address." if first.status in ELSEWHERE and not _target(first) else ""
        )
        yield bad("reached", f"{first.address} answers {first.status}, not 200.{aimless}")
        return None
    yield ok("reached", f"{first.address} answers in {first.seconds * 1000:.0f} ms.")
    return first


def arrive(address: str, ask: Ask) -> tuple[Reply, list[Reply]]:
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
