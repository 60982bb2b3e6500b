"""One piece of news as its source has it, and a source as a whole."""

from __future__ import annotations

import re
from calendar import timegm
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, tzinfo
from pathlib import Path
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from dateline.entries import dates
from dateline.errors import DateError, DatelineError
from dateline.messages import shown
from dateline.model.formats import Format

Part = TypeVar("Part")

# What the content of one item can make our code or a parser raise. The other items are imported
# nevertheless; errors of the disk are not in the list.
BAD_ITEM = (
    DatelineError, ValueError, LookupError, TypeError, AttributeError, AssertionError,
    ArithmeticError, RecursionError,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A picture or an attachment: a web address, or a key of its item's `found`.

    `title` and `language` are those that the source gives an attachment.
    """

    address: str
    alt: str = ""
    title: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedItem:
    """One piece of news as its source has it.

    `origin` is its place in the source: a line, a file, or its old address. `date` is a bare day
    only if the source has no time, and None if it cannot be read: then `question` is what staff
    must answer. The text is in `html` or, if it was written so, in `markdown`; `base` is the
    address against which its links are resolved. `found` maps the names of files in the text to
    their paths on this disk, below `root`. `losses` are what an entry cannot hold of this item, a
    sentence each. A text that `is_raw` contains commands that only its generator understands. An
    item whose address had to be derived from incomplete settings `is_assumed`.
    """

    origin: str
    title: str = ""
    date: date | datetime | None = None
    question: str = ""
    id: str = ""
    link: str = ""
    updated: datetime | None = None
    html: str = ""
    markdown: str = ""
    base: str = ""
    summary: str = ""
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    language: str = ""
    image: File | None = None
    attachments: tuple[File, ...] = ()
    draft: bool = False
    expires: datetime | None = None
    found: Mapping[str, Path] = field(default_factory=dict)
    root: Path = Path()
    losses: tuple[str, ...] = ()
    is_raw: bool = False
    is_assumed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OldFeed:
    """A feed address that subscribers have, and its format."""

    address: str
    form: Format


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportSource:
    """Everything that was read from a source: its `items`, newest first if it has an order.

    `kind` is the kind of source in words, `feeds` are the feeds that subscribers have, `window`
    is the number of items in them (0 if unknown). `remarks` concern the source as a whole.
    `doubts` are the reasons, a sentence each, why ids and addresses may differ from the feeds'.
    `hidden` are the ids of items that are not public there.
    """

    kind: str
    items: tuple[ImportedItem, ...]
    feeds: tuple[OldFeed, ...] = ()
    window: int = 0
    remarks: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportLoss:
    """One thing that could not be imported as it was, or needs a check, and its item."""

    origin: str
    text: str


def each(
    parts: Iterable[Part], read: Callable[[Part], ImportedItem], origin: Callable[[Part], str]
) -> Iterator[ImportedItem]:
    """Yield an item for each part; for one that cannot be read, an item with a question."""
    for number, part in enumerate(parts, start=1):
        try:
            item = read(part)
            yield item if shown(item.origin) else replace(item, origin=f"item {number}")
        except BAD_ITEM as error:
            try:
                where = origin(part)
            except BAD_ITEM:
                where = ""
            yield ImportedItem(origin=where or f"item {number}", question=failure(error))


def cut_off(data: bytes, tag: bytes) -> tuple[ImportedItem, ...]:
    """Return an item with a question if a document in XML ends within its last item, else none.

    As after a download that broke off: readers would get a part of the text for good.

    >>> cut_off(b"<rss><item/><item>a</item>", b"item")
    ()
    """
    plain = data.replace(b"\0", b"")  # of UTF-16
    ends = b"/"
    for found in re.finditer(rb"<(/?)(?:[\w.-]++:)?" + tag + rb"(?=[\s/>]|\Z)", plain):
        ends = found[1]
    if ends:
        return ()
    question = "the source ends within it: fetch the source again, and import it once more"
    return (ImportedItem(origin="the last item", question=question),)


def failure(error: BaseException) -> str:
    """Return why an item cannot be imported, as a sentence without control characters.

    >>> failure(ValueError("year 0 is out of range"))
    'it cannot be read: year 0 is out of range'
    """
    reason = shown(" ".join(str(error).split())) or type(error).__name__
    return f"it cannot be read: {reason}"


# ---- Documents of a feed


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPage:
    """One document of a feed.

    `further` is the address of the document with older items, `address` the document's own
    address as it states it; both may be empty. A document that is not well-formed `is_partial`:
    it was read as far as possible. `remarks` are what was left out, a sentence each. `deleted` are
    the ids of entries that were withdrawn (RFC 6721).
    """

    items: tuple[ImportedItem, ...]
    form: Format
    remarks: tuple[str, ...] = ()
    further: str = ""
    address: str = ""
    is_partial: bool = False
    deleted: frozenset[str] = frozenset()


# ---- Moments

_UTC = ZoneInfo("UTC")
_NO_DATE = "it has no date"


class StatedMoment(NamedTuple):
    """A moment in whole seconds in the zone that was written, or None, and a note on it."""

    moment: datetime | None
    note: str = ""

    @property
    def question(self) -> str:
        """Question to staff about a date that could not be read; empty if it could."""
        return "" if self.moment else f"{self.note}: when was it published?"


def first_shown(published: StatedMoment, updated: StatedMoment) -> StatedMoment:
    """Return when an item was published: the moment of its change if it states no other.

    A note says so where another one is stated and cannot be read.
    """
    if published.moment or not updated.moment:
        return published
    if published.note == _NO_DATE:
        return StatedMoment(updated.moment)
    day = f"{updated.moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return StatedMoment(updated.moment, f"{published.note}: {day} was taken, when it was changed")


def stated(
    text: str,
    today: date,
    parsed: tuple[int, ...] | None = None,
    *,
    zone: tzinfo = UTC,
) -> StatedMoment:
    """Return the moment that a text states, as feed readers read it.

    A time without a zone is in `zone`; a bare day is its first minute. `parsed` is feedparser's
    result for the same text; it decides if the text is ambiguous, as with EST, whose meaning
    RFC 822 (section 5.1) fixes.
    """
    if not text.strip():
        return StatedMoment(None, _NO_DATE)
    try:
        site = zone if isinstance(zone, ZoneInfo) else _UTC
        day = dates.read(text, use="date", zone=site, today=today).start
    except DateError as error:
        if parsed is None:
            return StatedMoment(None, f'its date "{text}" cannot be read')
        moment = datetime.fromtimestamp(timegm(parsed), UTC)
        if error.kind == "ambiguous-zone":
            return StatedMoment(moment)
        return StatedMoment(moment, f'its date "{text}" was taken for {moment:%Y-%m-%d %H:%M} UTC')
    if not isinstance(day, datetime):
        day = datetime.combine(day, time.min, zone)
    return StatedMoment(day.replace(microsecond=0))
