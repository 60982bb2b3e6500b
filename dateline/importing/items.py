"""What is one piece of news, wherever it was published before?"""

from __future__ import annotations

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

# What one item of a source may raise, in our code or in a parser's, whatever is in it. The others
# go on; faults of the disk are not among these.
BAD_ITEM = (
    DatelineError, ValueError, LookupError, TypeError, AttributeError, AssertionError,
    ArithmeticError, RecursionError,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A picture or an attachment, as the source names it: a web address, or a path of `found`."""

    address: str
    alt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedItem:
    """One piece of news as its source has it.

    `origin` says where it stands: a line, a file, or its old address. `date` is a bare day only
    where the source knows no time, and None where it cannot be read: then `question` says what
    staff must answer. The text is `html` or, where staff wrote it so, `markdown`; `base` is the
    address against which its links are read. `found` has the files on this disk that the text
    names. `losses` are what this source has and an entry cannot hold, a sentence each. A text that
    `is_raw` has commands in it that only its generator understands.

    >>> ImportedItem(origin="line 3", title="Report on Lebanon", date=date(2008, 10, 20)).id
    ''
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
    losses: tuple[str, ...] = ()
    is_raw: bool = False
    is_assumed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OldFeed:
    """An address that subscribers have, and the format that they get there."""

    address: str
    form: Format


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportSource:
    """All that a source has: `items` newest first where the source has an order.

    `kind` names it in words; `feeds` are those that subscribers have, `window` how many
    items they are shown (0: not known); `remarks` are what concerns no item, `doubts` the reasons
    for which ids and addresses may be others than in those feeds.
    """

    kind: str
    items: tuple[ImportedItem, ...]
    feeds: tuple[OldFeed, ...] = ()
    window: int = 0
    remarks: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """What could not be carried over as it was, or is to be looked at, of which item."""

    origin: str
    text: str


def each(
    parts: Iterable[Part], read: Callable[[Part], ImportedItem], origin: Callable[[Part], str]
) -> Iterator[ImportedItem]:
    """Read each part of a source; one that cannot be read is an item with a question."""
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


def failure(error: BaseException) -> str:
    """Return why one item cannot be brought over, as a sentence that shows no control characters.

    >>> failure(ValueError("year 0 is out of range"))
    'it cannot be read: year 0 is out of range'
    """
    reason = shown(" ".join(str(error).split())) or type(error).__name__
    return f"it cannot be read: {reason}"


# ---- Documents of a feed


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPage:
    """One document of a feed.

    `further` is the address of older items, `address` the document's own as it says itself;
    both may be empty. One that is not well-formed `is_partial`: what could be read was.
    """

    items: tuple[ImportedItem, ...]
    form: Format
    further: str = ""
    address: str = ""
    is_partial: bool = False


# ---- Moments

_UTC = ZoneInfo("UTC")


class Stated(NamedTuple):
    """A moment in whole seconds, in the zone that was written, or None; what is to be said."""

    moment: datetime | None
    note: str = ""


def stated(
    text: str,
    today: date,
    parsed: tuple[int, ...] | None = None,
    *,
    zone: tzinfo = UTC,
) -> Stated:
    """Read a moment as readers do: without a zone it is in UTC, a bare day is its first minute.

    Another `zone` is a site's own.

    `parsed` is what feedparser made of the same text; it decides where the words are not clear,
    as for EST, whose meaning RFC 822 (section 5.1) fixes.
    """
    if not text.strip():
        return Stated(None, "it has no date")
    try:
        site = zone if isinstance(zone, ZoneInfo) else _UTC
        day = dates.read(text, use="date", zone=site, today=today).start
    except DateError as error:
        if parsed is None:
            return Stated(None, f'its date "{text}" cannot be read')
        moment = datetime.fromtimestamp(timegm(parsed), UTC)
        if error.kind == "ambiguous-zone":
            return Stated(moment)
        return Stated(moment, f'its date "{text}" was taken for {moment:%Y-%m-%d %H:%M} UTC')
    if not isinstance(day, datetime):
        day = datetime.combine(day, time.min, zone)
    return Stated(day.replace(microsecond=0))
