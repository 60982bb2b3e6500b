"""Heads of HTTP requests: whatever is asked for, the answer keeps the rules of RFC 9110.

The data is a request's head as it is on the wire. What any server refuses is passed over: granian
gives the application names that are tokens, and values without controls.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any
from urllib.parse import unquote_to_bytes

from dateline.serve.app import create_app
from dateline.system.decompression import decoded
from fuzz.folders import temporary
from fuzz.inputs import pieces
from support import probes

STATUSES = {200, 204, 206, 301, 303, 304, 400, 404, 405, 410, 412, 416, 501}
FRAMED = {204, 304}  # without a body
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')  # section 8.8.3
WORDS = pieces("requests")


@cache
def publication() -> tuple[Any, probes.Subject]:
    """Return the application that serves a publication, and its documents."""
    folder = temporary("requests")
    room = probes.publish(folder)
    app = create_app(room.config).wsgi_app
    names: dict[str, str] = {}
    (_, fields, feed) = asked(app, environ_of("GET", "/news.rss", {"host": "a"}))
    names |= {"etag": fields["etag"], "changed": fields["last-modified"]}
    found = re.search(rb"/media/[\w.-]+\.png", feed)
    assert found
    names["media"] = found[0].decode()
    (_, fields, media) = asked(app, environ_of("GET", names["media"], {"host": "a"}))
    names |= {"mtag": fields["etag"], "mchanged": fields["last-modified"]}
    return app, probes.Subject(place=("", 0), feed=feed, media=media, names=names)


def seeds() -> Iterator[bytes]:
    """Yield the requests of the table of probes that are a line and fields."""
    _, subject = publication()
    names = {**subject.names, "size": str(len(subject.feed)), "msize": str(len(subject.media))}
    for probe in probes.probes():
        line, *fields = probe.request.encode().decode("unicode_escape").split(" | ")
        if not line.startswith(("raw:", "slow:", "shut:")):
            text = "\r\n".join([f"{line} HTTP/1.1", "Host: a.example", *fields, "", ""])
            text = re.sub(r"\{([\w.-]+)\}", lambda found: names.get(found[1], "a"), text)
            yield text.encode("latin-1", "replace")


def tried(data: bytes) -> None:
    """Ask twice, and judge both answers: the second may come from those that are remembered."""
    app, subject = publication()
    parsed = head_of(data)
    if parsed is None:
        return
    method, target, fields = parsed
    first = asked(app, environ_of(method, target, fields))
    check(first, method, target, fields, subject)
    again = asked(app, environ_of(method, target, fields))
    assert first[0] == again[0]
    assert first[2] == again[2]
    assert {**first[1], "date": ""} == {**again[1], "date": ""}


def head_of(data: bytes) -> tuple[str, str, dict[str, str]] | None:
    """Return method, target and fields of a head, or None for one that no server passes on."""
    line, *lines = data.decode("latin-1").split("\r\n")
    words = line.split(" ")
    if len(words) != 3 or not _TOKEN.fullmatch(words[0]) or not words[1].startswith("/"):
        return None
    if not words[1].isascii() or _CONTROL.search(words[1]) or "\t" in words[1]:
        return None
    fields: dict[str, str] = {}
    for each in lines:
        name, colon, value = each.partition(":")
        if colon and _TOKEN.fullmatch(name) and not _CONTROL.search(value):
            key = name.lower()
            value = value.strip(" \t")
            fields[key] = f"{fields[key]},{value}" if key in fields else value
    return words[0], words[1], fields


def environ_of(method: str, target: str, fields: Mapping[str, str]) -> dict[str, Any]:
    """Return the environment of a request, as granian makes it (PEP 3333)."""
    path, _, query = target.partition("?")
    own = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in fields.items()}
    return {
        "REQUEST_METHOD": method,
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_NAME": "a",
        "SERVER_PORT": "80",
        "SCRIPT_NAME": "",
        "wsgi.url_scheme": "http",
        **own,
    }


def asked(app: Any, environ: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
    """Return status, fields and body of the answer to a request."""
    said: list[Any] = []

    def start(status: str, fields: list[tuple[str, str]], *_: Any) -> None:
        said[:] = [status, fields]

    body = b"".join(app(environ, start))
    status, fields = said
    for name, value in fields:
        assert _TOKEN.fullmatch(name)
        assert not _CONTROL.search(value), (name, value)
    return int(status[:3]), {name.lower(): value for name, value in fields}, body


def check(
    answer: tuple[int, dict[str, str], bytes],
    method: str,
    target: str,
    sent: Mapping[str, str],
    subject: probes.Subject,
) -> None:
    """Check an answer against its request."""
    status, fields, body = answer
    path = unquote_to_bytes(target.partition("?")[0]).decode("latin-1")
    monitored = path in {"/health", "/health/live", "/metrics"}
    assert status in STATUSES | ({503} if monitored else set()), status
    if method == "HEAD" or status in FRAMED:
        assert body == b""
    else:
        assert int(fields["content-length"]) == len(body)
    if status == 304:
        check_unchanged(fields, method, sent)
    if status == 206:
        check_part(answer, method, sent, subject)
    if status == 200 and method == "GET" and path == "/news.rss":
        coding = fields.get("content-encoding", "")
        assert decoded(coding, body) == subject.feed
        assert not coding or accepts(sent.get("accept-encoding", ""), coding)


def check_unchanged(fields: Mapping[str, str], method: str, sent: Mapping[str, str]) -> None:
    """Check that a 304 may be sent (section 13.2.2)."""
    assert method in {"GET", "HEAD"}
    if "if-none-match" in sent:
        tags = sent["if-none-match"].strip()
        own = fields["etag"].removeprefix("W/").strip('"')
        bare = (one.removeprefix("W/").strip('"') for one in _TAG.findall(tags))
        named = (re.sub(r"(?:--?|;)(?:gzip|br|zstd|deflate)\Z", "", one) for one in bare)
        assert tags == "*" or own in {*named}, tags
        return
    since = parsedate_to_datetime(sent["if-modified-since"])
    assert since.timestamp() >= parsedate_to_datetime(fields["last-modified"]).timestamp()


def check_part(
    answer: tuple[int, dict[str, str], bytes],
    method: str,
    sent: Mapping[str, str],
    subject: probes.Subject,
) -> None:
    """Check that a 206 is the part that it says (section 15.3.7)."""
    _, fields, body = answer
    assert method == "GET"
    assert "range" in sent
    found = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", fields["content-range"])
    assert found
    first, last, size = map(int, found.groups())
    assert 0 <= first <= last < size
    assert len(body) == last + 1 - first
    if size == len(subject.media):
        assert body == subject.media[first : last + 1]


def accepts(accepted: str, coding: str) -> bool:
    """Return whether a coding is named, or anything is, by a weight that is not 0."""
    for part in accepted.lower().split(","):
        name, _, weight = part.partition(";")
        if name.strip().removeprefix("x-") in {coding, "*"} and not re.fullmatch(
            r"\s*q\s*=\s*0(\.0*)?\s*", weight
        ):
            return True
    return False
