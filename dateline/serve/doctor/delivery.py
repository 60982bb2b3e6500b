"""Readers who ask the public address of a publication, as a test of its delivery.

Each asks for a whole document, in each coding, and with the validators of the copy that it got
last time, as subscribers do (RFC 9110, section 13). The requests for a document are bounded.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from dateline.errors import FetchError
from dateline.serve.doctor.http_checks import is_ending
from dateline.serve.doctor.obstacles import Obstacle, obstacle
from dateline.serve.doctor.replies import (
    DeliveryFault,
    ExpectedDocument,
    is_same_tag,
    judge,
    judge_absence,
    stale,
)
from dateline.serve.readership import user_agents
from dateline.system import http
from dateline.system.condition import DELIVERY, Code
from dateline.system.http import OWN, Reply

LIMIT = 5.0  # seconds for a response
PROOF: Mapping[str, str] = {**OWN, "User-Agent": user_agents.DELIVERY}
_UNCHANGED = 304
_ALWAYS = "gzip"  # what nearly every reader asks for; caches may drop the others
_WORTH = 1000  # bytes
_REMEMBERED = 500  # copies
_NONE: Mapping[str, str] = {}
Fetch = Callable[[str, dict[str, str]], Reply]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """The result of a check of one document: its gravest fault, and whether it is at readers."""

    fault: DeliveryFault | None
    has_arrived: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Copy:
    """The last copy that a reader got, with its validators."""

    changed: int
    digest: str
    tag: str
    modified: str

    @property
    def conditions(self) -> dict[str, str]:
        fields = {"If-None-Match": self.tag, "If-Modified-Since": self.modified}
        return {name: value for name, value in fields.items() if value}


class DeliveryReaders:
    """The readers of a publication, with what each remembers of its last copies.

    `came` are the codings that have come through the public address. `fetch` sends a request, and
    raises `FetchError`.
    """

    def __init__(self, fetch: Fetch, came: Collection[str] = ()) -> None:
        self._fetch = fetch
        self._copies: dict[tuple[str, str], _Copy] = {}
        self._former: dict[tuple[str, str], _Copy] = {}
        self.came = {*came}

    def arrives(self, document: ExpectedDocument) -> bool:
        """Ask once for a document; return whether it came as it is live."""
        return self._whole(document, _first_coding(document)) is None

    def unchanged(self, document: ExpectedDocument, now: float) -> Delivery:
        """Ask whether a document has changed since the last copy, as subscribers do."""
        coding = _first_coding(document)
        known = self._copies.get((document.path, coding))
        if known is None or not known.conditions:
            return _judged([self._whole(document, coding)], now)
        reply = self._ask(document, coding, known.conditions)
        if reply.status == _UNCHANGED:
            is_old = known.changed < document.changed
            return _judged([stale(document, known.changed) if is_old else None], now)
        return _judged([self._taken(reply, document, coding)], now)

    def examine(self, document: ExpectedDocument, now: float) -> Delivery:
        """Ask for a document in all ways; `now` is in seconds since 1970."""
        faults = []
        for fault in self._faults(document):
            faults.append(fault)
            if fault and now >= fault.until:
                break
        return _judged(faults, now)

    def _faults(self, document: ExpectedDocument) -> Iterator[DeliveryFault | None]:
        """Yield the result of each request."""
        for coding in ("", *document.codings):
            whole = self._whole(document, coding)
            yield whole
            if not document.is_gone and whole is None and coding in {"", _first_coding(document)}:
                yield self._again(document, coding)
                yield self._outdated(document, coding)

    def _whole(self, document: ExpectedDocument, coding: str) -> DeliveryFault | None:
        if document.is_gone:
            return judge_absence(self._ask(document, coding), document)
        return self._taken(self._ask(document, coding), document, coding)

    def _taken(self, reply: Reply, document: ExpectedDocument, coding: str) -> DeliveryFault | None:
        """Judge a whole copy, and remember a good one."""
        before = self._before(document, coding)
        known = (before.digest, before.changed) if before else ("", 0)
        fault = judge(reply, document, coding, known)
        if fault:
            return fault
        if coding and coding in reply.fields.get("content-encoding", ""):
            self.came.add(coding)
        elif coding and self._is_wanted(document, coding):
            return DeliveryFault(code=Code.CODING, detail=f"{document.address}: {coding}")
        key = document.path, coding
        if before:
            _remember(self._former, key, before)
        copy = _Copy(
            changed=document.changed,
            digest=document.digest,
            tag=reply.fields.get("etag", ""),
            modified=reply.fields.get("last-modified", ""),
        )
        _remember(self._copies, key, copy)
        return None

    def _before(self, document: ExpectedDocument, coding: str) -> _Copy | None:
        """Return the last copy of the edition before this one."""
        key = document.path, coding
        last = self._copies.get(key)
        return last if last and last.digest != document.digest else self._former.get(key)

    def _is_wanted(self, document: ExpectedDocument, coding: str) -> bool:
        """Return whether a coding may not be missing: caches drop some, as their makers decide."""
        is_known = coding == _ALWAYS or coding in self.came
        return is_known and coding in document.codings and len(document.data) > _WORTH

    def _again(self, document: ExpectedDocument, coding: str) -> DeliveryFault | None:
        """Ask with the validators of the copy that has just come: 304, or the same bytes."""
        known = self._copies[document.path, coding]
        if not known.conditions:
            return None
        reply = self._ask(document, coding, known.conditions)
        return None if reply.status == _UNCHANGED else judge(reply, document, coding)

    def _outdated(self, document: ExpectedDocument, coding: str) -> DeliveryFault | None:
        """Ask with the validators of the copy before: 304 would keep a subscriber from news.

        A cache that still has that copy says so by its validator.
        """
        old = self._former.get((document.path, coding))
        if old is None or not old.conditions or old.changed == document.changed:
            return None
        conditions = old.conditions
        if not coding and old.modified:  # as readers ask that remember the date alone
            conditions.pop("If-None-Match", None)
        reply = self._ask(document, coding, conditions)
        if reply.status != _UNCHANGED:
            return judge(reply, document, coding)
        is_old_copy = is_same_tag(reply.fields.get("etag", ""), old.tag)
        until = document.stale_until(old.changed) if is_old_copy else 0
        detail = f"{document.address}: {'; '.join(conditions.values())}"
        return DeliveryFault(code=Code.FALSE_304, detail=detail, until=until)

    def _ask(
        self, document: ExpectedDocument, coding: str, conditions: Mapping[str, str] = _NONE
    ) -> Reply:
        fields = {**PROOF, "Accept-Encoding": coding or "identity", **conditions}
        return self._fetch(document.address, fields)


def _remember(copies: dict[tuple[str, str], _Copy], key: tuple[str, str], copy: _Copy) -> None:
    """Remember a copy, and forget the one that was asked for least recently."""
    copies.pop(key, None)
    copies[key] = copy
    if len(copies) > _REMEMBERED:
        del copies[next(iter(copies))]


def _first_coding(document: ExpectedDocument) -> str:
    return _ALWAYS if _ALWAYS in document.codings else ""


def _judged(faults: list[DeliveryFault | None], now: float) -> Delivery:
    """Return the result of several requests; with an older copy, it has only not arrived yet."""
    found = [one for one in faults if one]
    late = next((one for one in found if now >= one.until), None)
    return Delivery(fault=late, has_arrived=bool(faults) and not found)


def gravest(faults: Collection[DeliveryFault]) -> DeliveryFault | None:
    """Return the gravest of several faults."""
    return min(faults, key=lambda one: DELIVERY.index(one.code), default=None)


def fault_of(error: FetchError, address: str) -> DeliveryFault | None:
    """Return the fault of an address that gave no response.

    None where this machine cannot know what readers get: it has no network, say.
    """
    found = obstacle(error)
    if found in {Obstacle.PRIVATE, Obstacle.NAME, Obstacle.NETWORK}:
        return None
    code = Code.CERTIFICATE if found is Obstacle.CERTIFICATE else Code.UNREACHABLE
    return DeliveryFault(code=code, detail=f"{address}: {error}")


def certificate(address: str, now: datetime) -> DeliveryFault | None:
    """Return the fault of a certificate that should have been renewed by now.

    Raises `FetchError`.
    """
    parts = urlsplit(address)
    if parts.scheme != "https":
        return None
    begins, ends = http.certificate_dates(parts.hostname or "", parts.port or 443, limit=LIMIT)
    if not is_ending(begins, ends, now):
        return None
    return DeliveryFault(code=Code.CERTIFICATE_ENDS, detail=f"{ends:%Y-%m-%d %H:%M} UTC")
