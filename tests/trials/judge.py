"""What every answer of the web server must be: a whole document, true validators, no early text.

The judge keeps what it has seen, and collects `broken` promises. It reads bytes alone, with
parsers of Python's own.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import threading
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from http.client import HTTPConnection, HTTPException
from time import monotonic
from zlib import error as deflate_error

import brotli  # type: ignore[import-untyped]  # it carries no types
import zstandard

from trials.texts import MARK, Seen

PATIENCE = 20.0  # seconds for an answer
_ATOM = "{http://www.w3.org/2005/Atom}"
_SERVED = {200, 206, 301, 303, 304, 400, 404, 405, 410, 416, 501, 503}
_DECODERS: Mapping[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
}
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source"}
_OPTIONAL = {"p", "li", "dt", "dd", "option", "tr", "td", "th", "thead", "tbody", "tfoot"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer: its fields have lower names, its data is decoded; `raw` are the bytes sent."""

    status: int
    fields: Mapping[str, str]
    data: bytes
    raw: bytes

    @property
    def tag(self) -> str:
        """Return the ETag, or nothing."""
        return self.fields.get("etag", "")


def decoded(coding: str, data: bytes) -> bytes:
    """Return data without its content coding. Raises what its decoder raises."""
    return _DECODERS[coding](data)


def ask(port: int, path: str, **fields: str) -> Answer:
    """Request a path of this machine. Raises `OSError` and `HTTPException`."""
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        headers = {name.replace("_", "-"): value for name, value in fields.items()}
        connection.request("GET", path, headers={"Connection": "close", **headers})
        answer = connection.getresponse()
        raw = answer.read()
        found = {name.lower(): value for name, value in answer.getheaders()}
        coding = found.get("content-encoding", "")
        return Answer(status=answer.status, fields=found, data=decoded(coding, raw), raw=raw)
    finally:
        connection.close()


@dataclass(slots=True, kw_only=True)
class Since:
    """Requests that were sent since a moment: paths without an answer, or with 503; the slowest."""

    begun: float = field(default_factory=monotonic)
    lost: list[str] = field(default_factory=list)
    unavailable: list[str] = field(default_factory=list)
    slowest: float = 0

    def take(self, path: str, begun: float, status: int) -> None:
        """Note a request that is over; the status is 0 if there was no answer."""
        if begun >= self.begun:
            self.lost += [path] * (status == 0)
            # After the clock was set forward, no check was lately: monitors get 503 then.
            self.unavailable += [path] * (status == 503 and path != "/health")
            self.slowest = max(self.slowest, monotonic() - begun)


@dataclass(slots=True, kw_only=True)
class Judge:
    """Judges all answers; `may_be_seen` says whether a mark was ever public.

    `hides` says whether the file with a digest is a picture that was not.
    """

    port: int
    may_be_seen: Callable[[str], bool]
    hides: Callable[[str], bool] = lambda _: False
    broken: list[str] = field(default_factory=list)
    requests: int = 0
    lost: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    slowest: float = 0
    since: Since = field(default_factory=Since)
    damaged: set[str] = field(default_factory=set)
    were_damaged: set[str] = field(default_factory=set)
    _digests: dict[tuple[str, str, str], str] = field(default_factory=dict)
    _changed: dict[str, datetime] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def read(self, path: str, *, known: str = "", coding: str = "identity") -> Answer | None:
        """Request a path, judge the answer and return it; None if there is none."""
        fields = {"Accept_Encoding": coding}
        if known:
            fields["If_None_Match"] = known
        begun = monotonic()
        try:
            answer = ask(self.port, path, **fields)
        except (OSError, HTTPException):
            with self._lock:
                self.lost += 1
                self.since.take(path, begun, 0)
            return None
        except (EOFError, ValueError, deflate_error, brotli.error, zstandard.ZstdError) as error:
            self._break(f"{path} in {coding} is damaged: {error!r}")
            return None
        with self._lock:
            self.requests += 1
            self.statuses[answer.status] += 1
            self.since.take(path, begun, answer.status)
            self.slowest = max(self.slowest, monotonic() - begun)
        self.take(path, known, answer)
        return answer

    def forget_times(self) -> Since:
        """Return what requests were like since this was last called."""
        with self._lock:
            since, self.since = self.since, Since()
        return since

    def note(self, sentence: str) -> None:
        """Note a broken promise that somebody else has found."""
        self._break(sentence)

    def take(self, path: str, known: str, answer: Answer) -> None:
        """Judge an answer to a request with the validator `known`, or none."""
        if answer.status not in _SERVED:
            self._break(f"{path} is answered with {answer.status}")
        if answer.status == 304 and answer.tag.removeprefix("W/") != known.removeprefix("W/"):
            self._break(f"{path} is not changed since {known}, and is {answer.tag}")
        if answer.status in {200, 404, 410}:
            self._find_early(path, answer)
        is_document = "etag" in answer.fields and "last-modified" in answer.fields
        if answer.status == 200 and is_document and path not in self.damaged:
            self._compare(path, answer)
            if fault := fault_of(path, answer.data):
                self._break(f"{path} is not whole: {fault}")

    def _find_early(self, path: str, answer: Answer) -> None:
        text = answer.data.decode("utf-8", "replace")
        early = {one[0] for one in MARK.finditer(text) if not self.may_be_seen(one[0])}
        if early:
            self._break(f"{path} shows what is not public: {sorted(early)}")
        if self.hides(hashlib.sha256(answer.data).hexdigest()):
            self._break(f"{path} is a picture that is not public")

    def _compare(self, path: str, answer: Answer) -> None:
        """Compare bytes and validators with those before."""
        # A flipped bit may leave a coded form with the same content.
        data = answer.data if path in self.were_damaged else answer.raw
        digest = hashlib.sha256(data).hexdigest()
        coding = answer.fields.get("content-encoding", "")
        changed = parsedate_to_datetime(answer.fields["last-modified"])
        with self._lock:
            key = (path, f"{coding} {data is answer.raw}", answer.tag)
            before = self._digests.setdefault(key, digest)
            last = self._changed.get(path, changed)
            self._changed[path] = max(last, changed)
        if before != digest:
            self._break(f"{path} {coding} has other bytes under {answer.tag}")
        if changed < last:
            self._break(f"{path} is of {changed}, and was of {last}")

    def _break(self, sentence: str) -> None:
        with self._lock:
            if sentence not in self.broken:
                self.broken.append(sentence)


# ---- Whole documents


def fault_of(path: str, data: bytes) -> str:
    """Return what is wrong with a document, as far as its type tells; nothing if it is whole."""
    ending = path.rpartition(".")[2] if "." in path else "html"
    check = _CHECKS.get(ending)
    if check is None:
        return "" if data else "it is empty"
    try:
        check(data)
    except (ValueError, ET.ParseError) as error:
        return f"{type(error).__name__}: {error}"
    return ""


class _Elements(HTMLParser):
    """Raises `ValueError` unless elements end in the order in which they begin."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - the base's
        """Note an element that begins."""
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        """Ignore an element that is empty."""

    def handle_endtag(self, tag: str) -> None:
        """End an element, and those within it whose end may be left out."""
        while self.open and self.open[-1] != tag and self.open[-1] in _OPTIONAL:
            self.open.pop()
        if not self.open or self.open.pop() != tag:
            raise ValueError(f"</{tag}> ends what did not begin")


def _check_html(data: bytes) -> None:
    text = data.decode()
    parser = _Elements()
    parser.feed(text)
    parser.close()
    if parser.open or not text.rstrip().endswith("</html>"):
        raise ValueError(f"it ends within {parser.open}")


def _check_calendar(data: bytes) -> None:
    lines = data.decode().split("\r\n")
    if lines[0] != "BEGIN:VCALENDAR" or lines[-2:] != ["END:VCALENDAR", ""]:
        raise ValueError("it is no whole calendar")
    if data.count(b"BEGIN:") != data.count(b"END:"):
        raise ValueError("a part of it does not end")


def _check_png(data: bytes) -> None:
    if not data.startswith(b"\x89PNG") or data[-8:-4] != b"IEND":
        raise ValueError("it is no whole PNG")


_CHECKS: Mapping[str, Callable[[bytes], object]] = {
    "json": json.loads,
    "webmanifest": json.loads,
    "rss": ET.fromstring,
    "atom": ET.fromstring,
    "xml": ET.fromstring,
    "opml": ET.fromstring,
    "svg": ET.fromstring,
    "html": _check_html,
    "ics": _check_calendar,
    "png": _check_png,
}


# ---- Feeds


def entries(path: str, data: bytes) -> tuple[list[Seen], str]:
    """Return the entries of a feed, and the path of the archive before it, if any."""
    found, before = _READERS[path.rpartition(".")[2]](data)
    return list(found), re.sub(r"^https?://[^/]*/", "", before)


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _of_json(data: bytes) -> tuple[Iterator[Seen], str]:
    feed = json.loads(data)
    items = (
        Seen(
            id=one["id"],
            address=one["url"],
            title=one["title"],
            text=json.dumps(one),
            published=_seconds(one["date_published"]),
            updated=_seconds(one["date_modified"]),
        )
        for one in feed["items"]
    )
    return items, feed.get("next_url", "")


def _of_atom(data: bytes) -> tuple[Iterator[Seen], str]:
    root = ET.fromstring(data)  # noqa: S314 - our own
    items = (
        Seen(
            id=one.findtext(f"{_ATOM}id", ""),
            address=one.findall(f"{_ATOM}link[@rel='alternate']")[0].attrib["href"],
            title=one.findtext(f"{_ATOM}title", ""),
            text=" ".join(one.itertext()),
            published=_seconds(one.findtext(f"{_ATOM}published", "")),
            updated=_seconds(one.findtext(f"{_ATOM}updated", "")),
        )
        for one in root.iter(f"{_ATOM}entry")
    )
    return items, _archive(root)


def _of_rss(data: bytes) -> tuple[Iterator[Seen], str]:
    root = ET.fromstring(data)  # noqa: S314 - our own
    items = (
        Seen(
            id=one.findtext("guid", ""),
            address=one.findtext("link", ""),
            title=one.findtext("title", ""),
            text=" ".join(one.itertext()),
            published=parsedate_to_datetime(one.findtext("pubDate", "")).timestamp(),
            updated=_seconds(one.findtext(f"{_ATOM}updated", "")),
        )
        for one in root.iter("item")
    )
    return items, _archive(root.find("channel") or root)


def _archive(feed: ET.Element) -> str:
    links = feed.findall(f"{_ATOM}link[@rel='prev-archive']")
    return links[0].attrib["href"] if links else ""


_READERS: Mapping[str, Callable[[bytes], tuple[Iterator[Seen], str]]] = {
    "json": _of_json,
    "atom": _of_atom,
    "rss": _of_rss,
}
