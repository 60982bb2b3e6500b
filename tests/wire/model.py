"""What was live when, as far as anybody was shown it; and each answer that cannot be true.

Validators count for all servers alike: what one has sent under a validator, another may not send
differently. An ETag begins with the moment of the document's change (docs/http.md; Caddy's, too);
Last-Modified may be an earlier one, of the plain form, while a new version goes live. What is in
the feeds is judged by `cluster.promises`.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import threading
import xml.etree.ElementTree as ET
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from math import inf
from pathlib import Path
from time import monotonic

import brotli  # type: ignore[import-untyped]  # it carries no types
import zstandard

from cluster.promises import Answer, Promises
from dateline.documents.compression import ENDINGS

OWN = "Dateline"
_CADDY = "Caddy"
_OF_CADDY = 6  # digits with the base 36, until the year 2038; then follows the length
_AGREE = 5.0  # seconds within which all servers have what one of them has sent
_NOT_WHOLE = (
    ValueError,
    EOFError,
    gzip.BadGzipFile,
    zlib.error,
    brotli.error,
    zstandard.ZstdError,
    ET.ParseError,
)
_FEEDS = ("json", "atom", "rss")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request to a server, with the validator `known` or none, and the answer.

    `began` and `ended` are moments (`monotonic`), `fields` the header fields by their names in
    small letters. The exchange `is_first` or `is_last` of its connection.
    """

    server: str
    path: str
    known: str
    began: float
    ended: float
    status: int
    fields: Mapping[str, str]
    data: bytes
    is_first: bool = False
    is_last: bool = False

    @property
    def tag(self) -> str:
        """Return the validator of the answer."""
        return self.fields.get("etag", "")

    @property
    def changed(self) -> str:
        """Return the moment of the document's change, as the answer has it."""
        return self.fields.get("last-modified", "")


@dataclass(slots=True, kw_only=True)
class Model:
    """Judges answers, and has the `faults` that were found; `feeds` is where documents lie."""

    feeds: Path
    promises: Promises = field(default_factory=Promises)
    answers: int = 0
    _coded: dict[tuple[str, str], bytes] = field(default_factory=dict)
    _plain: dict[tuple[str, float], bytes] = field(default_factory=dict)
    _changed: dict[tuple[str, str], float] = field(default_factory=dict)
    _newest: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    _faults: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _restarts: list[tuple[float, float]] = field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        """Return all promises that were broken."""
        return [*self._faults, *self.promises.faults]

    @contextmanager
    def restarting(self) -> Iterator[None]:
        """Note that `serve` ends and starts again meanwhile."""
        began = monotonic()
        self._restarts.append((began, inf))
        try:
            yield
        finally:
            self._restarts[-1] = (began, monotonic())

    def is_refusal(self, one: Exchange) -> bool:
        """Return whether Dateline may refuse a request: on a new connection, while it restarts.

        A connection that has answered is kept until `Connection: close`, which comes with an
        answer: a 503 there is a request that is lost (docs/operating.md).
        """
        is_restart = any(
            began <= one.ended and one.began <= ended for began, ended in self._restarts
        )
        is_own = one.server.startswith(OWN)
        return one.status == 503 and one.is_first and one.is_last and is_own and is_restart

    def take(self, one: Exchange) -> None:
        """Judge an answer."""
        with self._lock:
            self.answers += 1
            if one.status == 200:
                self._take_document(one)
            elif one.status == 304:
                self._take_unchanged(one)
            else:
                self._break(one, f"is answered {one.status}")

    def _break(self, one: Exchange, sentence: str) -> None:
        self._faults.append(f"{one.server}: {one.path} {sentence}")

    def _take_document(self, one: Exchange) -> None:
        if len(one.data) != int(one.fields.get("content-length", len(one.data))):
            self._break(one, "is cut short")
            return
        if one.known and one.known == one.tag:
            self._break(one, f"is sent although the client has {one.tag}")
        try:
            plain = decoded(one.fields.get("content-encoding", ""), one.data)
            require_whole(one.path, plain)
        except _NOT_WHOLE as error:
            self._break(one, f"is not whole: {error}")
            return
        if self._is_ahead(one):
            return
        self._compare(one, plain)
        if one.path.rpartition(".")[2] in _FEEDS and not one.path.startswith("archive/"):
            answer = Answer(status=200, tag=one.tag, changed=one.changed, data=plain)
            self.promises.take(one.server, one.path, one.known, answer)

    def _compare(self, one: Exchange, plain: bytes) -> None:
        """Compare a document with what was sent with the same validators, and with the disk."""
        try:
            moment = _moment_of(one.tag)
            changed = parsedate_to_datetime(one.changed).timestamp()
        except ValueError:
            self._break(one, f"has no validators: {one.tag}, {one.changed}")
            return
        if changed > moment:
            self._break(one, f"of {one.changed} has the validator of an older one, {one.tag}")
        if not one.tag.startswith("W/"):
            digest = hashlib.sha256(one.data).digest()
            if self._coded.setdefault((one.path, one.tag), digest) != digest:
                self._break(one, f"has other bytes under {one.tag}")
        digest = hashlib.sha256(plain).digest()
        if self._plain.setdefault((one.path, moment), digest) != digest:
            self._break(one, f"has other content under {one.tag}")
        self._changed[one.path, one.tag] = moment
        self._require_current(one, moment)
        if not self._is_on_disk(one.path, moment, plain):
            self._break(one, f"is not the file of {one.tag}")

    def _is_ahead(self, one: Exchange) -> bool:
        """Return whether Caddy sent the file that has just replaced the one of its validator.

        It makes the validator before it opens the file (docs/front.md). The client gets the same
        document again at its next request, under the right one.
        """
        if not one.server.startswith(_CADDY):
            return False
        file = self.feeds / f"{one.path}{ENDINGS.get(one.fields.get('content-encoding', ''), '')}"
        try:
            return file.stat().st_mtime > _moment_of(one.tag) and file.read_bytes() == one.data
        except (FileNotFoundError, ValueError):
            return False

    def _take_unchanged(self, one: Exchange) -> None:
        if one.data:
            self._break(one, "has a 304 with content")
        if not one.known or _strong(one.tag) != _strong(one.known):
            self._break(one, f"is unchanged as {one.tag}, which is not {one.known or 'asked'}")
            return
        moment = self._changed.get((one.path, one.known))
        if moment is None:
            self._break(one, f"is unchanged since {one.known}, which nobody has sent")
            return
        self._require_current(one, moment)

    def _require_current(self, one: Exchange, moment: float) -> None:
        """Break a promise if a newer version was sent by any server, seconds ago."""
        seen = self._newest.setdefault(one.path, [])
        newer = [at for change, at in seen if change > moment and at < one.began - _AGREE]
        if newer:
            ago = one.began - min(newer)
            self._break(one, f"is of {one.changed}: a newer one was sent {ago:.1f} s before")
        if not seen or moment > seen[-1][0]:
            seen.append((moment, one.ended))
            del seen[:-20]

    def _is_on_disk(self, path: str, moment: float, plain: bytes) -> bool:
        """Return whether a document is the file of its moment, unless that has been replaced."""
        try:
            file = self.feeds / path
            before = file.stat().st_mtime
            data = file.read_bytes()
            is_same = before == file.stat().st_mtime == moment
        except FileNotFoundError:
            return True
        return data == plain or not is_same


def decoded(coding: str, data: bytes) -> bytes:
    """Return the bytes of a document from its coded form."""
    if coding == "gzip":
        return gzip.decompress(data)
    if coding == "br":
        plain: bytes = brotli.decompress(data)
        return plain
    if coding == "zstd":
        return zstandard.ZstdDecompressor().decompressobj().decompress(data)
    if coding:
        raise ValueError(f"nobody asked for {coding}")
    return data


def require_whole(path: str, plain: bytes) -> None:
    """Raise `ValueError` or `ParseError` for a document that ends before its end."""
    ending = path.rpartition(".")[2]
    if ending == "json":
        json.loads(plain)
    elif ending in {"rss", "atom", "opml", "xml"}:
        ET.fromstring(plain)  # noqa: S314 - our own
    elif ending == "html" and not plain.rstrip().endswith(b"</html>"):
        raise ValueError("the page has no end")


def _moment_of(tag: str) -> float:
    """Return the moment with which a validator begins. Raises `ValueError` if there is none."""
    text = _strong(tag).strip('"')
    moment, dash, _ = text.partition("-")
    return float(int(moment, 16) if dash else int(text[:_OF_CADDY], 36))


def _strong(tag: str) -> str:
    return tag.removeprefix("W/")
