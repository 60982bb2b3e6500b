"""Judgement of a single response: whether it is what was published, and its fault if not.

A feed has to be the same byte for byte. Networks add scripts to pages and hide mail addresses in
them: of a page all text has to be there.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser

from dateline.serve.cache.conditional import has
from dateline.system.condition import Code
from dateline.system.decompression import decoded
from dateline.system.http import ELSEWHERE, Reply
from dateline.text.expressions import regex

_OK = 200
_ALSO = frozenset({"application/xml", "text/xml", "application/json"})  # as `feed_checks` has it
# The fields of Cloudflare and AWS, and what such pages tell people to do.
_CHALLENGES = ("cf-mitigated", "x-amzn-waf-action")
_ASKS_PEOPLE = regex(
    rb"captcha|cf-chl|challenge-platform|checking your browser|enable javascript|"
    rb"verify (that )?you are (a )?human|unusual traffic",
    re.IGNORECASE,
)
_REFUSALS = frozenset({401, 403, 405, 406, 429})
_HEAD = 100_000  # bytes of a page in which such words are looked for
_NGINX_TAG = regex(r'(?:W/)?"([0-9a-f]{6,12})-[0-9a-f]+')
_SILENT = frozenset({"script", "style", "template", "noscript"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedDocument:
    """A document as it is live, which readers at its `address` should get.

    `changed` is its last change, in seconds since 1970, and `codings` are those it has a form in.
    `editions` has the changes that are known, the oldest first, each with the moment until which
    caches may answer with what was there before it, in seconds since 1970 as well. Of a page that
    `is_gone` readers should get nothing.
    """

    path: str
    address: str
    media_type: str
    data: bytes
    changed: int
    codings: tuple[str, ...] = ()
    editions: tuple[tuple[int, float], ...] = ()
    is_gone: bool = False

    @property
    def is_page(self) -> bool:
        """True if people read it."""
        return _name(self.media_type) == "text/html"

    @property
    def digest(self) -> str:
        """The digest of its bytes."""
        return digest(self.data)

    def stale_until(self, changed: int) -> float:
        """Return until when a copy of the edition of that change is right."""
        return next((until for later, until in self.editions if later > changed), 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFault:
    """A fault that readers meet.

    It is none `until` a moment, in seconds since 1970, if an older copy in a cache explains it.
    """

    code: Code
    detail: str
    until: float = 0


def digest(data: bytes) -> str:
    """Return the digest by which copies are compared."""
    return hashlib.sha256(data).hexdigest()


def judge(
    reply: Reply, document: ExpectedDocument, coding: str = "", before: tuple[str, int] = ("", 0)
) -> DeliveryFault | None:
    """Return what is wrong with the whole of a document, asked for in a coding, or None.

    `before` is the digest of the edition before, and its change: an old copy may come without
    validators.
    """
    sent = reply.fields.get("content-encoding", "").strip().lower().removeprefix("x-")
    sent = sent.removeprefix("identity")
    try:
        plain, reason = decoded(sent, reply.data), ""
    except ValueError as error:
        plain, reason = reply.data, str(error)
    if fault := _refused(reply, plain, document) or _elsewhere(reply, document):
        return fault
    if reason or sent not in {"", coding}:
        detail = f"{document.address}: {coding or 'identity'} → {sent}"
        return DeliveryFault(code=Code.CODING, detail=f"{detail} {reason}".rstrip())
    if plain == document.data:
        return _of_type(reply, document)
    own = change_of(reply) or (before[1] if digest(plain) == before[0] else document.changed)
    if own < document.changed:
        return stale(document, own)
    if document.is_page and not _missing(plain, document):
        return _of_type(reply, document)
    return _of_type(reply, document) or DeliveryFault(code=Code.ALTERED, detail=document.address)


def is_challenge(reply: Reply, plain: bytes, published: bytes = b"") -> bool:
    """Return whether a response asks people to prove that they are people.

    `plain` is its content without a coding; words that were `published` themselves do not count.
    """
    is_named = any(name in reply.fields for name in _CHALLENGES)
    is_html = "html" in reply.fields.get("content-type", "")
    asks = is_html and _ASKS_PEOPLE.search(plain[:_HEAD])
    return is_named or bool(asks and not _ASKS_PEOPLE.search(published))


def judge_absence(reply: Reply, document: ExpectedDocument) -> DeliveryFault | None:
    """Return the fault of a response that still has a page that is gone, or None."""
    return stale(document, 0) if reply.status == _OK else None


def _refused(reply: Reply, plain: bytes, document: ExpectedDocument) -> DeliveryFault | None:
    """Return the fault of a page that lets people pass, and no programs."""
    if not (is_challenge(reply, plain, document.data) or reply.status in _REFUSALS):
        return None
    named = [f"{name}: {reply.fields[name]}" for name in _CHALLENGES if name in reply.fields]
    detail = ", ".join([f"{document.address}: HTTP {reply.status}", *named])
    return DeliveryFault(code=Code.BLOCKED, detail=detail)


def _elsewhere(reply: Reply, document: ExpectedDocument) -> DeliveryFault | None:
    """Return the fault of a response that is not the document at all."""
    if reply.status in ELSEWHERE:
        target = reply.fields.get("location", "")
        return DeliveryFault(code=Code.REDIRECTED, detail=f"{document.address} → {target}")
    if reply.status != _OK:
        detail = f"{document.address}: HTTP {reply.status}"
        return DeliveryFault(code=Code.READER_ERROR, detail=detail)
    return None


def _of_type(reply: Reply, document: ExpectedDocument) -> DeliveryFault | None:
    sent = reply.fields.get("content-type", "")
    if _name(sent) == _name(document.media_type) or (not document.is_page and _name(sent) in _ALSO):
        return None
    return DeliveryFault(code=Code.MEDIA_TYPE, detail=f"{document.address}: {sent or '–'}")


def _name(media_type: str) -> str:
    return media_type.partition(";")[0].strip().lower()


def stale(document: ExpectedDocument, changed: int) -> DeliveryFault:
    """Return the fault of a copy of an earlier edition, of which `changed` is the change."""
    moment = f"{datetime.fromtimestamp(changed, UTC):%Y-%m-%d %H:%M:%S} UTC" if changed else "200"
    return DeliveryFault(
        code=Code.STALE,
        detail=f"{document.address}: {moment}",
        until=document.stale_until(changed),
    )


def change_of(reply: Reply) -> int:
    """Return the change that the validators of a response name, in seconds since 1970, or 0."""
    try:
        return int(parsedate_to_datetime(reply.fields["last-modified"]).timestamp())
    except (KeyError, ValueError, OverflowError):
        tag = _NGINX_TAG.match(reply.fields.get("etag", ""))
        return int(tag[1], 16) if tag else 0


def is_same_tag(one: str, other: str) -> bool:
    """Return whether two validators name the same copy, by weak comparison."""
    return bool(one and other) and has(one, other)


# ---- The text of pages


def _missing(plain: bytes, document: ExpectedDocument) -> set[str]:
    """Return the texts of a page that are not in what came; mail addresses may be hidden."""
    wanted, found = _texts(document.data), _texts(plain)
    return {text for text in wanted - found if "@" not in text}


def _texts(data: bytes) -> set[str]:
    reading = _PageText()
    reading.feed(data.decode("utf-8", "replace"))
    reading.close()
    return reading.found


class _PageText(HTMLParser):
    """The texts between the tags of a page, without scripts and styles."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - as `HTMLParser` calls it
        self._silent += tag in _SILENT

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in _SILENT and self._silent > 0

    def handle_data(self, data: str) -> None:
        if not self._silent and (text := " ".join(data.split())):
            self.found.add(text)
