"""Checks of a server's HTTP, with the requests that readers send."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from dateline.errors import FetchError
from dateline.serve.doctor.finding import Finding, bad, improvable, ok
from dateline.system import http
from dateline.system.decompression import decoded
from dateline.system.http import OWN, Ask, Reply

# Readers that many subscribe with, and what is blocked most often. None states a number of
# subscribers: it would count as the newest one of that service.
_READERS = {
    "Feedly": "Feedly/1.0 (+http://www.feedly.com/fetcher.html; like FeedFetcher-Google)",
    "Inoreader": "Mozilla/5.0 (compatible; inoreader.com)",
    "NetNewsWire": "NetNewsWire (RSS Reader; https://netnewswire.com/)",
    "feedparser": "feedparser/6.0.12 +https://github.com/kurtmckee/feedparser/",
    "miniflux": "Mozilla/5.0 (compatible; Miniflux/2.2; +https://miniflux.app)",
    "curl": "curl/8.14.1",
}
_CLOCK = 60  # seconds
_CERTIFICATE = timedelta(days=14)


def validators(first: Reply, ask: Ask) -> Iterator[Finding]:
    """Check in each coding that a request with the validators that were sent gets a 304."""
    if "etag" not in first.fields and "last-modified" not in first.fields:
        yield bad(
            "validators", "There is neither ETag nor Last-Modified: readers fetch all each time."
        )
        return
    for coding in ("identity", "gzip", "br"):
        fields = {**OWN, "Accept-Encoding": coding}
        sent = ask(first.address, fields).fields
        for name, condition in (("etag", "If-None-Match"), ("last-modified", "If-Modified-Since")):
            if name not in sent:
                yield improvable("validators", f"There is no {name} ({coding}).")
                continue
            again = ask(first.address, {**fields, condition: sent[name]})
            if again.status == 304 and not again.data:  # noqa: PLR2004
                yield ok("validators", f"{condition} is answered with 304 ({coding}).")
            else:
                yield bad(
                    "validators",
                    f"{condition} is answered with {again.status}, not 304 ({coding}).",
                )


def codings(first: Reply, ask: Ask) -> Iterator[Finding]:
    """Check that each coding is the one that was asked for, and kept apart by caches."""
    tags: dict[str, str] = {}
    for coding in ("", "gzip", "br", "zstd"):
        reply = ask(first.address, {**OWN, "Accept-Encoding": coding or "identity"})
        sent = reply.fields.get("content-encoding", "")
        tags[sent] = reply.fields.get("etag", "")
        try:
            plain = decoded(sent if sent == coding else f"?{sent}" if sent else "", reply.data)
        except ValueError as error:
            yield bad(
                "coding", f"Asked for {coding or 'no coding'}, it sends {sent or 'none'}: {error}."
            )
            continue
        if not sent and coding == "gzip" and len(reply.data) > 1000:  # noqa: PLR2004
            yield improvable(
                "coding",
                "It is not compressed for who can read gzip: it costs three times as much.",
            )
        elif sent:
            share = 100 * len(reply.data) // max(1, len(plain))
            yield ok("coding", f"{sent}: {len(reply.data)} bytes, {share} % of the whole.")
        if "accept-encoding" not in reply.fields.get("vary", "").lower() and len(tags) > 1:
            yield bad(
                "coding", "Vary does not name Accept-Encoding: a cache may send one form to all."
            )
    strong = [tag for tag in tags.values() if tag and not tag.startswith("W/")]
    if len(set(strong)) < len(strong):
        yield bad(
            "coding",
            "Two forms have the same strong ETag: a part of one may be added to the other.",
        )


def caching(first: Reply, _: Ask) -> Iterator[Finding]:
    """Check what is sent to caches."""
    sent = first.fields.get("cache-control", "")
    age = re.search(r"max-age=(\d+)", sent)
    if re.search(r"no-store|private", sent):
        yield bad(
            "caching", f"Cache-Control is {sent}: nothing between you and readers may keep it."
        )
    elif not age:
        yield improvable("caching", "Cache-Control has no max-age: caches guess.")
    elif int(age[1][:9]) > 86400:  # noqa: PLR2004
        yield bad("caching", f"max-age is {age[1]} s: news comes a day late.")
    else:
        yield ok("caching", f"Cache-Control is {sent}.")
    if "set-cookie" in first.fields:
        yield bad("caching", "It sets a cookie: most caches then keep nothing.")


def methods(first: Reply, ask: Ask) -> Iterator[Finding]:
    """Check HEAD, as tools send it, and CORS, as browsers want it."""
    head = ask(first.address, OWN, method="HEAD")
    if head.status == 200 and not head.data:  # noqa: PLR2004
        yield ok("HEAD", "HEAD is answered like GET.")
    else:
        yield improvable("HEAD", f"HEAD is answered with {head.status}.")
    if first.fields.get("access-control-allow-origin") == "*":
        yield ok("CORS", "Readers that run in a browser may fetch it.")
    else:
        yield improvable(
            "CORS", "Readers that run in a browser cannot fetch it (Access-Control-Allow-Origin)."
        )


def oddities(first: Reply, ask: Ask) -> Iterator[Finding]:
    """Check what some readers add: delta encoding and a query."""
    delta = ask(first.address, {**OWN, "A-IM": "feed"})
    if delta.status == 226:  # noqa: PLR2004
        yield bad("A-IM", "A-IM: feed is answered with 226, which some readers take for an error.")
    mark = "&" if urlsplit(first.address).query else "?"
    tracked = ask(f"{first.address}{mark}utm_source=x", OWN)
    if tracked.status != 200:  # noqa: PLR2004
        yield improvable("query", f"With ?utm_source=x it answers {tracked.status}.")


def agents(first: Reply, ask: Ask) -> Iterator[Finding]:
    """Check with the User-Agent of readers: what keeps bots away keeps subscribers away."""
    blocked = []
    for name, agent in _READERS.items():
        reply = ask(first.address, {**OWN, "User-Agent": agent})
        same = reply.fields.get("content-type") == first.fields.get("content-type")
        if reply.status != 200 or not same:  # noqa: PLR2004
            blocked.append(f"{name} ({reply.status})")
    if blocked:
        yield bad("readers", f"These readers are kept out: {', '.join(blocked)}.")
    else:
        yield ok("readers", f"{', '.join(_READERS)} are let in.")


def clock(first: Reply, now: datetime) -> Iterator[Finding]:
    """Compare the dates with this machine's clock."""
    for name in ("date", "last-modified"):
        if name not in first.fields:
            continue
        try:
            moment = parsedate_to_datetime(first.fields[name]).astimezone(UTC)
        except (ValueError, OverflowError):
            yield bad("clock", f"{name} is no date: {first.fields[name]}.")
            continue
        ahead = (moment - now).total_seconds()
        age = first.fields.get("age", "")
        behind = _CLOCK + (int(age[:20]) if age.isascii() and age.isdecimal() else 0)
        if ahead > _CLOCK or (name == "date" and ahead < -behind):
            yield bad("clock", f"{name} is {ahead:+.0f} s off.")
        elif name == "date":
            yield ok("clock", "The machine's clock is right.")


def certificate(first: Reply, now: datetime) -> Iterator[Finding]:
    """Check the certificate."""
    parts = urlsplit(first.address)
    if parts.scheme != "https":
        yield improvable(
            "certificate", "It is sent without encryption: anybody on the way can change it."
        )
        return
    try:
        begins, ends = http.certificate_dates(parts.hostname or "", parts.port or 443)
    except FetchError as error:
        yield bad("certificate", f"{error}.")
        return
    finding = bad if is_ending(begins, ends, now) else ok
    yield finding("certificate", f"The certificate ends in {(ends - now).days} days.")


def is_ending(begins: datetime, ends: datetime, now: datetime) -> bool:
    """Return whether a certificate should have been renewed by now.

    Those of a few days are renewed later than those of months: a fifth of the time is left then.
    """
    return ends - now < min(_CERTIFICATE, (ends - begins) / 5)
