"""Probes of an HTTP server from `data/http_probes.tsv`, with a check of each answer.

    PYTHONPATH=tests python -m support.probes 127.0.0.1:8000
checks a running server: it prints what failed, and the share of the weight that passed (a `must`
weighs 5, a `should` 3, a `may` 1). The server must have the feed `news` in RSS with a picture,
`old` moved to `news`, and `dead.rss` gone. A probe's request is a line and its fields between bars,
sent with `Host` and `Connection: close`; or bytes, after `raw:` unchanged, after `slow:` one by
one, after `shut:` with the sending side closed. The expected answer in words:
    304/200       one of these statuses; `none` is no answer
    empty         no content; `whole` the plain feed, `gzip`, `br`, `zstd` the same in a coding,
                  `media` the picture, `bytes:0:10` a part of it
    Name=pattern  a field that matches wholly; `Name` one that is present; `!Name` one that is not
    then:200,404  the answers to the requests that follow
    closed        the connection is closed
"""

from __future__ import annotations

import re
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from email.utils import format_datetime, parsedate_to_datetime
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

from PIL import Image

from dateline.system.decompression import decoded
from support.paths import DATA
from support.publication import CONFIG, Newsroom, entry_file

TABLE = DATA / "http_probes.tsv"
WEIGHTS = {"must": 5, "should": 3, "may": 1}
_FEED = "/news.rss"
_FORMER = """\
[moved]
old = "news"

[gone]
addresses = ["dead.rss"]
"""
_WAITS = 10.0  # seconds
_FORMS = frozenset({"whole", "gzip", "br", "zstd"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """A request to a server and the expected answer; `does` describes granian where it decides."""

    group: str
    level: str
    rule: str
    name: str
    request: str
    expected: str
    by: str = "application"
    does: str = ""

    @property
    def title(self) -> str:
        """Return a unique name."""
        return f"{self.group}: {self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A server and its documents: bytes by name, and the names that a probe may use."""

    place: tuple[str, int]
    feed: bytes
    media: bytes
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """Everything received: the statuses of all answers, and the fields and content of the first."""

    statuses: tuple[str, ...]
    fields: Mapping[str, str]
    content: bytes
    is_closed: bool


def publish(folder: Path) -> Newsroom:
    """Publish, in an empty folder, everything that probes ask for."""
    (folder / "config.toml").write_text(f"{CONFIG}\n{_FORMER}", encoding="utf-8")
    room = Newsroom(folder)
    room.drop("good.toml", entry_file(image='"harbour.png"', image_alt='"The harbour"'))
    Image.effect_noise((40, 30), 50).save(folder / "entries/harbour.png")
    room.build()
    return room


def probes() -> Iterator[Probe]:
    """Read the table."""
    group = ""
    for line in TABLE.read_text("utf-8").splitlines()[2:]:
        if line.startswith("# "):
            group = line[2:]
            continue
        level, rule, name, request, expected, *rest = line.split("\t")
        by, does = rest or ("application", "")
        yield Probe(
            group=group,
            level=level,
            rule=rule,
            name=name,
            request=request,
            expected=expected,
            by=by,
            does=does,
        )


def faults(probe: Probe, subject: Subject) -> list[str]:
    """Send the probe, and return the expectations that the answer does not meet."""
    heard = _reply(probe, subject)
    status, *words = probe.expected.split(" ")
    found = [] if (heard.statuses or ("none",))[0] in status.split("/") else [status]
    found += [word for word in words if not _holds(word, heard, subject)]
    if not found:
        return []
    return [*(f"not {word}" for word in found), f"{heard.statuses} {dict(heard.fields)}"]


def decided_by_granian() -> list[str]:
    """Return the lines of the table in `docs/http.md`."""
    return [
        f"| {probe.name} | {probe.rule} | {probe.does} |"
        for probe in probes()
        if probe.by == "granian"
    ]


def _holds(word: str, heard: Reply, subject: Subject) -> bool:
    if word == "closed":
        return heard.is_closed
    if word.startswith("then:"):
        return list(heard.statuses[1:]) == word[5:].split(",")
    if word in {"empty", "media"} or word.startswith("bytes:"):
        return heard.content == _content(word, subject)
    if set(word.split("/")) <= _FORMS:
        coding = heard.fields.get("content-encoding", "")
        is_feed = decoded(coding, heard.content) == subject.feed
        return is_feed and (coding or "whole") in word.split("/")
    return _has_field(word, heard, subject)


def _content(word: str, subject: Subject) -> bytes:
    if word == "empty":
        return b""
    numbers = word.split(":")[1:] or ["", ""]
    first, last = (int(number) if number else None for number in numbers)
    return subject.media[first:last]


def _has_field(word: str, heard: Reply, subject: Subject) -> bool:
    if word.startswith("!"):
        return word[1:].lower() not in heard.fields
    name, _, pattern = word.partition("=")
    pattern = _filled(pattern, {key: re.escape(value) for key, value in subject.names.items()})
    value = heard.fields.get(name.lower())
    return value is not None and bool(re.fullmatch(pattern or ".*", value))


def _reply(probe: Probe, subject: Subject) -> Reply:
    way, request = _request(probe, subject)
    received, is_closed = b"", False
    with socket.create_connection(subject.place, _WAITS) as connection:
        try:
            _send(connection, way, request)
            while some := connection.recv(65536):
                received += some
            is_closed = True
        except TimeoutError:
            pass
        except ConnectionError:
            is_closed = True
    answers = re.split(rb"(?=HTTP/1\.[01] \d{3} )", received)[1:]
    head, _, content = (answers or [b""])[0].partition(b"\r\n\r\n")
    lines = (line.partition(":") for line in head.decode("latin-1").split("\r\n")[1:])
    return Reply(
        statuses=tuple(answer[9:12].decode() for answer in answers),
        fields={name.lower(): value.strip() for name, _, value in lines},
        content=content,
        is_closed=is_closed,
    )


def _request(probe: Probe, subject: Subject) -> tuple[str, bytes]:
    """Return how a probe's request is sent, and its bytes."""
    text = _filled(probe.request.encode().decode("unicode_escape"), subject.names)
    way, _, rest = text.partition(":")
    if way in {"raw", "slow", "shut"}:
        return way, rest.encode("latin-1")
    line, *fields = text.split(" | ")
    own = ["Host: a.example", "Connection: close"]
    return "raw", "\r\n".join([f"{line} HTTP/1.1", *own, *fields, "", ""]).encode("latin-1")


def _send(connection: socket.socket, way: str, request: bytes) -> None:
    if way != "slow":
        connection.sendall(request)
        if way == "shut":
            connection.shutdown(socket.SHUT_WR)
        return
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for number in request:
        connection.sendall(bytes([number]))


def _filled(text: str, names: Mapping[str, str]) -> str:
    return re.sub(r"\{([a-zA-Z][\w.-]*)\}", lambda found: names[found[1]], text)


def subject(place: tuple[str, int]) -> Subject:
    """Read the documents of the server at `place`."""
    plain, feed = _got(place, _FEED)
    coded, _ = _got(place, _FEED, "gzip")
    found = re.search(rb"/media/[\w.-]+\.png", feed)
    if found is None:
        raise LookupError(f"{_FEED} has no picture")
    media = found[0].decode()
    picture, data = _got(place, media)
    tag, changed = plain["ETag"], parsedate_to_datetime(plain["Last-Modified"])
    names = {
        "etag": tag,
        "ETAG": tag.upper(),
        "unquoted": tag.strip('"'),
        "etag-gzip": f'{tag[:-1]}-gzip"',
        "etag.gzip": coded["ETag"],
        "changed": plain["Last-Modified"],
        "before": format_datetime(changed - timedelta(days=1), usegmt=True),
        "after": format_datetime(changed + timedelta(seconds=1), usegmt=True),
        "rfc850": f"{changed:%A, %d-%b-%y %H:%M:%S} GMT",
        "asctime": f"{changed:%a %b} {changed.day:2} {changed:%H:%M:%S %Y}",
        "size": str(len(feed)),
        "media": media,
        "mtag": picture["ETag"],
        "mchanged": picture["Last-Modified"],
        "msize": str(len(data)),
        "long": "a" * 60_000,
        "longer": "a" * 100_000,
        "longest": "a" * 200_000,
        "many": " | ".join(f"X-{number}: a" for number in range(200)),
    }
    return Subject(place=place, feed=feed, media=data, names=names)


def _got(
    place: tuple[str, int], path: str, coding: str = "identity"
) -> tuple[Mapping[str, str], bytes]:
    with closing(HTTPConnection(*place, timeout=_WAITS)) as connection:
        connection.request("GET", path, headers={"Accept-Encoding": coding})
        answer: HTTPResponse = connection.getresponse()
        return answer.headers, answer.read()  # type: ignore[return-value]  # a Mapping in all we use


def _main() -> None:
    host, _, port = sys.argv[1].rpartition(":")
    judged = subject((host, int(port)))
    passed = dict.fromkeys(("application", "granian"), 0)
    whole = dict.fromkeys(passed, 0)
    for probe in probes():
        whole[probe.by] += WEIGHTS[probe.level]
        if found := faults(probe, judged):
            sys.stdout.write(f"{probe.level:6} {probe.title} ({probe.rule}): {'; '.join(found)}\n")
        else:
            passed[probe.by] += WEIGHTS[probe.level]
    for by, weight in whole.items():
        sys.stdout.write(f"{by}: {passed[by]} of {weight} ({passed[by] / weight:.1%})\n")


if __name__ == "__main__":
    _main()
