"""`doctor` finds no fault in Dateline's feeds, and the faults of others."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from typing import Any

import pytest
from click.testing import CliRunner

from dateline.cli import main
from dateline.serve.app import create_app
from dateline.serve.doctor import Finding, examine
from dateline.serve.readership.user_agents import read
from support.publication import Newsroom, entry_file
from support.serving import serving

GOOD = {
    "Content-Type": "application/rss+xml; charset=utf-8",
    "Cache-Control": "public, max-age=300",
    "ETag": '"1"',
    "Vary": "Accept-Encoding",
    "Access-Control-Allow-Origin": "*",
}
JSON_FEED = b'{"version": "https://jsonfeed.org/version/1.1", '
RSS = (
    '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel>'
    '<atom:link rel="self" href="{address}"/>{more}</channel></rss>'
)
Fields = dict[str, str]


def patient(
    change: Callable[[Any, Fields], int | None] = lambda _environ, _fields: None, more: str = ""
) -> Any:
    """Return an application with one good feed; `change` modifies a response or gives a status."""

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
    """Return all findings except those without a fault."""
    return [one for one in examine(address, now or datetime.now(UTC)) if one.state != "ok"]


@pytest.mark.long
@pytest.mark.parametrize("form", ["rss", "atom", "json"])
def test_dateline_has_no_fault(newsroom: Newsroom, form: str) -> None:
    """Except that the test has no encryption, and another port than configured."""
    newsroom.now = datetime.now(UTC) - timedelta(hours=1)
    for number in range(60):
        newsroom.drop(f"{number}.toml", entry_file(f"Number {number}"))
    newsroom.build()
    with serving(create_app(newsroom.config)) as address:
        seen = found(f"{address}news.{form}")

    assert [one for one in seen if one.about not in {"certificate", "self", "archive"}] == []
    assert [one.about for one in seen if one.state == "bad"] == ["self", "archive"]


@pytest.mark.long
def test_a_good_feed_has_only_recommendations() -> None:
    """Encryption, compression, Last-Modified."""
    with serving(patient()) as address:
        seen = found(f"{address}feed")

    assert {(one.state, one.about) for one in seen} == {
        ("look", "validators"),
        ("look", "certificate"),
    }


def without(name: str) -> Callable[[Any, Fields], None]:
    """Remove a header field."""

    def change(_environ: Any, fields: Fields) -> None:
        del fields[name]

    return change


def with_field(name: str, value: str) -> Callable[[Any, Fields], None]:
    """Set a field."""
    return lambda _environ, fields: fields.update({name: value})


def block_tools(environ: Any, _fields: Fields) -> int | None:
    """Refuse programs whose User-Agent names a tool."""
    return 403 if "curl" in environ.get("HTTP_USER_AGENT", "") else None


def never_304(environ: Any, _fields: Fields) -> None:
    """Ignore the client's validators."""
    environ.pop("HTTP_IF_NONE_MATCH", None)


def delta(environ: Any, _fields: Fields) -> int | None:
    """Answer with a delta."""
    return 226 if "HTTP_A_IM" in environ else None


def same_tag_compressed(environ: Any, fields: Fields) -> None:
    """Compress, but keep the ETag of the plain form."""
    if "gzip" in environ.get("HTTP_ACCEPT_ENCODING", ""):
        fields["Content-Encoding"] = "gzip"


def always_gzip(_environ: Any, fields: Fields) -> None:
    """Compress for clients that do not accept it."""
    fields["Content-Encoding"] = "gzip"


def redirect(environ: Any, fields: Fields) -> int | None:
    """Redirect temporarily."""
    if environ["PATH_INFO"] != "/feed":
        return None
    fields["Location"] = "/new"
    return 302


FAR = "Wed, 21 Oct 99999999999 07:28:00 GMT"


@pytest.mark.long
@pytest.mark.parametrize(
    ("change", "state", "about"),
    [
        (without("ETag"), "bad", "validators"),
        (never_304, "bad", "validators"),
        (with_field("Content-Type", "text/html"), "bad", "type"),
        (with_field("Content-Type", "text/xml"), "look", "type"),
        (with_field("Cache-Control", "no-store"), "bad", "caching"),
        (with_field("Cache-Control", "max-age=999999"), "bad", "caching"),
        (with_field("Cache-Control", f"max-age={'9' * 5000}"), "bad", "caching"),
        (without("Cache-Control"), "look", "caching"),
        (with_field("Set-Cookie", "a=b"), "bad", "caching"),
        (without("Access-Control-Allow-Origin"), "look", "CORS"),
        (with_field("Last-Modified", formatdate(4_000_000_000, usegmt=True)), "bad", "clock"),
        (with_field("Last-Modified", FAR), "bad", "clock"),
        (with_field("Last-Modified", "Fri, 31 Dec 9999 23:28:00 -2300"), "bad", "clock"),
        (same_tag_compressed, "bad", "coding"),
        (always_gzip, "bad", "coding"),
        (block_tools, "bad", "readers"),
        (delta, "bad", "A-IM"),
        (redirect, "look", "redirect"),
        (lambda _environ, _fields: 503, "bad", "reached"),
    ],
)
def test_faults_that_affect_readers_are_found(
    change: Callable[[Any, Fields], int | None], state: str, about: str
) -> None:
    """Each fault is listed under its own heading."""
    with serving(patient(change)) as address:
        seen = found(f"{address}feed")

    assert (state, about) in {(one.state, one.about) for one in seen}


@pytest.mark.long
def test_hubs_and_archives_of_a_feed_are_checked() -> None:
    """A missing hub, and an archive that is none."""
    more = (
        '<atom:link rel="hub" href="http://127.0.0.1:9/"/>'
        '<atom:link rel="prev-archive" href="http://127.0.0.1:9/1.rss"/>'
    )
    with serving(patient(more=more)) as address:
        seen = found(f"{address}feed")

    assert {("bad", "hub"), ("look", "hub"), ("bad", "archive")} <= {
        (one.state, one.about) for one in seen
    }


@pytest.mark.long
def test_a_feed_cannot_lead_the_doctor_to_private_addresses() -> None:
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
    private = {one.about for one in seen if "is a private address" in one.text}
    assert private == {"hub", "archive", "reached"}


@pytest.mark.long
def test_a_feed_that_decompresses_to_too_much_is_reported() -> None:
    """Decompression stops at the limit that readers have."""
    bomb = gzip.compress(bytes(100_000_000))
    with serving(sending(bomb, **{"Content-Encoding": "gzip"})) as address:
        (seen,) = (one for one in found(f"{address}feed") if one.about == "feed")

    assert seen.text == "What comes is no feed: it unpacks to more than 64000000 bytes."


@pytest.mark.long
def test_a_wrong_clock_is_reported() -> None:
    """Readers rely on the response's dates."""
    with serving(patient()) as address:
        seen = found(f"{address}feed", datetime.now(UTC) + timedelta(hours=1))

    assert ("bad", "clock") in {(one.state, one.about) for one in seen}


def test_a_missing_feed_or_another_document_is_reported() -> None:
    """In one sentence."""
    with serving(patient(more="</channel>")) as address:
        broken = found(f"{address}feed")
    nowhere = found("http://127.0.0.1:9/feed")

    assert [(one.state, one.about) for one in broken] == [("bad", "feed")]
    assert [(one.state, one.about) for one in nowhere] == [("bad", "reached")]


def sending(data: bytes, **fields: str) -> Any:
    """Return an application that sends the same response to every request."""

    def application(_environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 X", list({**GOOD, **fields}.items()))
        return [data]

    return application


@pytest.mark.long
@pytest.mark.parametrize(
    ("data", "said"),
    [
        (JSON_FEED + b'"hubs": null}', "Its hubs is not written as JSON Feed wants it."),
        (JSON_FEED + b'"hubs": ["x"]}', "Its hubs is not written as JSON Feed wants it."),
        (JSON_FEED + b'"hubs": [{}]}', "Its hubs is not written as JSON Feed wants it."),
        (JSON_FEED + b'"next_url": ["a"]}', "Its next_url is not written as JSON Feed wants it."),
        (JSON_FEED + b'"feed_url": 1}', "Its feed_url is not written as JSON Feed wants it."),
        (b'{"status": "ok"}', "What comes is no feed: its version is not one of JSON Feed"),
        (b'{"a":' * 9999, "What comes is no feed: it is too deep."),
        (b'<?xml version="1.0" encoding="klingon"?><rss/>', "What comes is no feed: it is not XML"),
        (b"<rss/>", "What comes is no feed: its outermost element is rss."),
    ],
)
def test_an_invalid_feed_is_reported_in_a_sentence(data: bytes, said: str) -> None:
    """Such feeds are the reason to run `doctor`."""
    with serving(sending(data)) as address:
        seen = found(f"{address}feed")

    assert any(one.text.startswith(said) for one in seen if one.state == "bad"), seen


@pytest.mark.long
def test_invalid_header_fields_do_not_stop_the_doctor() -> None:
    """An age that is no number, invalid hubs and archives, a redirect to nowhere."""
    feed = JSON_FEED + b'"hubs": [{"url": "x"}, {"url": "http://["}], "next_url": "archive/1.json"}'
    with serving(sending(feed, Age="x")) as address:
        seen = [one.text for one in found(f"{address}feed")]
    with serving(patient(lambda _environ, _fields: 301)) as address:
        aimless = [one.text for one in found(f"{address}feed")]

    assert "x is no web address: it has to begin with https:// or http://." in seen
    assert any("http://[ cannot be reached" in text for text in seen)
    assert aimless == [f"{address}feed answers 301, not 200. It leads to no address."]


def test_an_address_needs_its_scheme() -> None:
    """A bare name is no web address."""
    (seen,) = found("127.0.0.1:9/feed")

    assert (
        seen.text == "127.0.0.1:9/feed is no web address: it has to begin with https:// or http://."
    )


@pytest.mark.long
def test_an_impossible_port_is_reported() -> None:
    """Of the feed itself, and of the archive that it names."""
    impossible = "http://127.0.0.1:99999/a"
    feed = JSON_FEED + f'"next_url": "{impossible}"}}'.encode()

    (seen,) = found(impossible)
    with serving(sending(feed)) as address:
        named = {one.about: one.text for one in found(f"{address}feed")}

    assert seen.text.startswith("127.0.0.1 cannot be reached: Port out of range")
    assert named["archive"].startswith(f"{impossible}: 127.0.0.1 cannot be reached: Port out")


def test_an_address_may_have_umlauts() -> None:
    """As staff copy it from a browser."""
    result = CliRunner().invoke(main, ["doctor", "http://nobödy.invalid/größe"])

    assert (result.exit_code, type(result.exception)) == (1, SystemExit)
    assert "xn--nobdy-lua.invalid cannot be reached: " in result.output
    assert "codec" not in result.output


def test_an_unknown_host_is_reported_without_an_error_number() -> None:
    """The system's error number helps nobody."""
    (seen,) = found("http://nobody.invalid/feed")

    assert seen.text.startswith("nobody.invalid cannot be reached: ")
    assert "Errno" not in seen.text
    assert not seen.text.endswith("..")


def test_a_page_with_a_mark_that_is_cut_off_is_no_feed() -> None:
    """Python's own parser fails on it."""
    with serving(sending(b"<!doctype html><p><![x", **{"Content-Type": "text/html"})) as address:
        (seen,) = (one for one in found(f"{address}a/") if one.about == "feed")

    assert seen.text.startswith("What comes is no feed: it is not XML")


def test_the_feeds_of_a_page_are_checked() -> None:
    """Staff may type the address of the site."""
    html = b"""<!doctype html><title>News</title><p>&nbsp;<br>
    <link REL="Alternate" type="application/rss+xml" href="/news.rss">
    <link rel=alternate hreflang=fr>
    <link rel=alternate type=application/feed+json href=news.json>"""
    with serving(sending(html, **{"Content-Type": "text/html"})) as address:
        (seen,) = (one for one in found(f"{address}a/") if one.about == "feed")

    assert seen.text.endswith(
        f" It is a page; its feeds are {address}news.rss, {address}a/news.json."
    )


def test_the_doctor_states_no_number_of_subscribers() -> None:
    """It would replace the newest one of that service in the statistics of readers."""
    seen: list[str] = []

    def note(environ: Any, _fields: Fields) -> None:
        seen.append(environ.get("HTTP_USER_AGENT", ""))

    with serving(patient(note)) as address:
        found(f"{address}feed")

    agents = [read(one) for one in seen]
    assert {"Feedly", "Inoreader"} <= {one.name for one in agents}
    assert {one.subscribers for one in agents} == {None}


def test_a_check_for_robots_is_named() -> None:
    """It is what keeps readers out, whatever its status says."""

    def challenge(_environ: Any, fields: Fields) -> None:
        fields |= {"Content-Type": "text/html", "cf-mitigated": "challenge"}

    with serving(patient(challenge)) as address:
        (only,) = found(f"{address}feed")

    assert (only.state, only.about) == ("bad", "reached")
    assert "a check for robots (200)" in only.text
