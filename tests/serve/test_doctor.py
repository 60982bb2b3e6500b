"""The doctor finds nothing wrong with what Dateline serves, and what is wrong elsewhere."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from typing import Any

import pytest
from werkzeug.serving import make_server

from dateline.serve.app import create_app
from dateline.serve.doctor import Finding, examine
from support.publication import Newsroom, entry_file

GOOD = {
    "Content-Type": "application/rss+xml; charset=utf-8",
    "Cache-Control": "public, max-age=300",
    "ETag": '"1"',
    "Vary": "Accept-Encoding",
    "Access-Control-Allow-Origin": "*",
}
RSS = (
    '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel>'
    '<atom:link rel="self" href="{address}"/>{more}</channel></rss>'
)
Fields = dict[str, str]


@contextmanager
def serving(application: Any) -> Iterator[str]:
    """Serve an application on a free port; give its address."""
    server = make_server("127.0.0.1", 0, application, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def patient(
    change: Callable[[Any, Fields], int | None] = lambda _environ, _fields: None, more: str = ""
) -> Any:
    """Make an application with one good feed; `change` does something to it, or gives a status."""

    def application(environ: Any, start_response: Any) -> list[bytes]:
        fields = dict(GOOD)
        status = change(environ, fields) or 200
        if status == 200 and environ.get("HTTP_IF_NONE_MATCH") == fields.get("ETag", "none"):
            status = 304
        address = f"http://{environ['HTTP_HOST']}{environ['PATH_INFO']}"
        data = RSS.format(address=address, more=more).encode()
        if fields.get("Content-Encoding") == "gzip":
            data = gzip.compress(data)
        start_response(f"{status} X", list(fields.items()))
        return [b"" if status == 304 or environ["REQUEST_METHOD"] == "HEAD" else data]

    return application


def found(address: str, now: datetime | None = None) -> list[Finding]:
    """Give all findings but those that say that all is well."""
    return [one for one in examine(address, now or datetime.now(UTC)) if one.state != "ok"]


@pytest.mark.parametrize("form", ["rss", "atom", "json"])
def test_nothing_is_wrong_with_what_dateline_serves(newsroom: Newsroom, form: str) -> None:
    """Only that a test is served without encryption, and at another port than it says."""
    newsroom.now = datetime.now(UTC) - timedelta(hours=1)
    for number in range(60):
        newsroom.drop(f"{number}.toml", entry_file(f"Number {number}"))
    newsroom.build()
    with serving(create_app(newsroom.config)) as address:
        seen = found(f"{address}news.{form}")

    assert [one for one in seen if one.about not in {"certificate", "self", "archive"}] == []
    assert [one.about for one in seen if one.state == "bad"] == ["self", "archive"]


def test_a_good_feed_has_nothing_but_what_may_be_better() -> None:
    """No encryption, no compression, no Last-Modified."""
    with serving(patient()) as address:
        seen = found(f"{address}feed")

    assert {(one.state, one.about) for one in seen} == {
        ("look", "validators"),
        ("look", "certificate"),
    }


def without(name: str) -> Callable[[Any, Fields], None]:
    """Leave a field out."""

    def change(_environ: Any, fields: Fields) -> None:
        del fields[name]

    return change


def with_field(name: str, value: str) -> Callable[[Any, Fields], None]:
    """Set a field."""
    return lambda _environ, fields: fields.update({name: value})


def blocks(environ: Any, _fields: Fields) -> int | None:
    """Keep out what calls itself a tool."""
    return 403 if "curl" in environ.get("HTTP_USER_AGENT", "") else None


def never_304(environ: Any, _fields: Fields) -> None:
    """Forget what the client has."""
    environ.pop("HTTP_IF_NONE_MATCH", None)


def delta(environ: Any, _fields: Fields) -> int | None:
    """Answer with a delta."""
    return 226 if "HTTP_A_IM" in environ else None


def one_tag(environ: Any, fields: Fields) -> None:
    """Compress, and forget to tell the forms apart."""
    if "gzip" in environ.get("HTTP_ACCEPT_ENCODING", ""):
        fields["Content-Encoding"] = "gzip"


def always_gzip(_environ: Any, fields: Fields) -> None:
    """Compress for those who cannot read it."""
    fields["Content-Encoding"] = "gzip"


def moved(environ: Any, fields: Fields) -> int | None:
    """Lead elsewhere for the time being."""
    if environ["PATH_INFO"] != "/feed":
        return None
    fields["Location"] = "/new"
    return 302


@pytest.mark.parametrize(
    ("change", "state", "about"),
    [
        (without("ETag"), "bad", "validators"),
        (never_304, "bad", "validators"),
        (with_field("Content-Type", "text/html"), "bad", "type"),
        (with_field("Content-Type", "text/xml"), "look", "type"),
        (with_field("Cache-Control", "no-store"), "bad", "caching"),
        (with_field("Cache-Control", "max-age=999999"), "bad", "caching"),
        (without("Cache-Control"), "look", "caching"),
        (with_field("Set-Cookie", "a=b"), "bad", "caching"),
        (without("Access-Control-Allow-Origin"), "look", "CORS"),
        (with_field("Last-Modified", formatdate(4_000_000_000, usegmt=True)), "bad", "clock"),
        (one_tag, "bad", "coding"),
        (always_gzip, "bad", "coding"),
        (blocks, "bad", "readers"),
        (delta, "bad", "A-IM"),
        (moved, "look", "redirect"),
        (lambda _environ, _fields: 503, "bad", "reached"),
    ],
)
def test_what_hurts_readers_is_found(
    change: Callable[[Any, Fields], int | None], state: str, about: str
) -> None:
    """Each fault is told under its own heading."""
    with serving(patient(change)) as address:
        seen = found(f"{address}feed")

    assert (state, about) in {(one.state, one.about) for one in seen}


def test_what_a_feed_names_is_looked_at() -> None:
    """A hub that is not there, and an archive that is none."""
    more = (
        '<atom:link rel="hub" href="http://127.0.0.1:9/"/>'
        '<atom:link rel="prev-archive" href="http://127.0.0.1:9/1.rss"/>'
    )
    with serving(patient(more=more)) as address:
        seen = found(f"{address}feed")

    assert {("bad", "hub"), ("look", "hub"), ("bad", "archive")} <= {
        (one.state, one.about) for one in seen
    }


def test_a_feed_leads_the_doctor_to_no_machine_of_the_house() -> None:
    """Neither by a redirect, nor by a hub, nor by an archive."""
    asked: list[str] = []
    elsewhere = (
        '<atom:link rel="hub" href="{0}hub"/><atom:link rel="prev-archive" href="{0}1.rss"/>'
    )

    def house(environ: Any, start_response: Any) -> list[bytes]:
        asked.append(environ["PATH_INFO"])
        start_response("200 OK", [])
        return [b""]

    def away(environ: Any, fields: Fields) -> int | None:
        if environ["PATH_INFO"] == "/moved":
            fields["Location"] = f"{inside}secret"
            return 301
        return None

    with serving(house) as inside, serving(patient(away, elsewhere.format(inside))) as address:
        outside = address.replace("127.0.0.1", "localhost")
        seen = [*found(f"{outside}feed"), *found(f"{outside}moved")]

    assert asked == []
    told = {one.about for one in seen if "is a private address" in one.text}
    assert told == {"hub", "archive", "reached"}


def test_a_feed_that_unpacks_to_much_is_told() -> None:
    """Nothing is unpacked that no reader would take."""
    bomb = gzip.compress(bytes(100_000_000))
    with serving(sending(bomb, **{"Content-Encoding": "gzip"})) as address:
        (seen,) = (one for one in found(f"{address}feed") if one.about == "feed")

    assert seen.text == "What comes is no feed: it unpacks to more than 64000000 bytes."


def test_a_machine_whose_clock_is_wrong_is_told() -> None:
    """A reader believes the dates of the answer."""
    with serving(patient()) as address:
        seen = found(f"{address}feed", datetime.now(UTC) + timedelta(hours=1))

    assert ("bad", "clock") in {(one.state, one.about) for one in seen}


def test_what_is_no_feed_and_what_is_not_there_is_told() -> None:
    """One sentence, and no more."""
    with serving(patient(more="</channel>")) as address:
        broken = found(f"{address}feed")
    nowhere = found("http://127.0.0.1:9/feed")

    assert [(one.state, one.about) for one in broken] == [("bad", "feed")]
    assert [(one.state, one.about) for one in nowhere] == [("bad", "reached")]


def sending(data: bytes, **fields: str) -> Any:
    """Make an application that sends this, whatever is asked."""

    def application(_environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 X", list({**GOOD, **fields}.items()))
        return [data]

    return application


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'{"hubs": null}', "Its hubs is not written as JSON Feed wants it."),
        (b'{"hubs": ["x"]}', "Its hubs is not written as JSON Feed wants it."),
        (b'{"hubs": [{}]}', "Its hubs is not written as JSON Feed wants it."),
        (b'{"next_url": ["a"]}', "Its next_url is not written as JSON Feed wants it."),
        (b'{"feed_url": 1}', "Its feed_url is not written as JSON Feed wants it."),
        (b'{"a":' * 9999, "What comes is no feed: it is too deep."),
        (b'<?xml version="1.0" encoding="klingon"?><rss/>', "What comes is no feed: it is not XML"),
        (b"<rss/>", "What comes is no feed: its outermost element is rss."),
    ],
)
def test_a_feed_that_is_broken_is_told_in_a_sentence(data: bytes, said: str) -> None:
    """That is what a doctor is asked about."""
    with serving(sending(data)) as address:
        seen = found(f"{address}feed")

    assert any(one.text.startswith(said) for one in seen if one.state == "bad"), seen


def test_what_servers_say_wrongly_is_no_fault_of_the_doctor() -> None:
    """An age that is no number, hubs and archives that are no addresses, a redirect nowhere."""
    feed = b'{"hubs": [{"url": "x"}, {"url": "http://["}], "next_url": "archive/1.json"}'
    with serving(sending(feed, Age="x")) as address:
        seen = [one.text for one in found(f"{address}feed")]
    with serving(patient(lambda _environ, _fields: 301)) as address:
        aimless = [one.text for one in found(f"{address}feed")]

    assert "x is no web address: it has to begin with https://." in seen
    assert any("http://[ cannot be reached" in text for text in seen)
    assert aimless == [f"{address}feed answers 301, not 200. It leads to no address."]


def test_an_address_is_asked_for_whole() -> None:
    """A name without its beginning is no web address."""
    (seen,) = found("127.0.0.1:9/feed")

    assert seen.text == "127.0.0.1:9/feed is no web address: it has to begin with https://."


def test_a_name_that_nobody_has_is_told_without_a_number() -> None:
    """The number of the system's fault helps nobody."""
    (seen,) = found("http://nobody.invalid/feed")

    assert seen.text.startswith("nobody.invalid cannot be reached: ")
    assert "Errno" not in seen.text
    assert not seen.text.endswith("..")


def test_a_page_leads_to_its_feeds() -> None:
    """Staff give the address of the site."""
    html = b"""<!doctype html><title>News</title><p>&nbsp;<br>
    <link REL="Alternate" type="application/rss+xml" href="/news.rss">
    <link rel=alternate hreflang=fr>
    <link rel=alternate type=application/feed+json href=news.json>"""
    with serving(sending(html, **{"Content-Type": "text/html"})) as address:
        (seen,) = (one for one in found(f"{address}a/") if one.about == "feed")

    assert seen.text.endswith(
        f" It is a page; its feeds are {address}news.rss, {address}a/news.json."
    )
