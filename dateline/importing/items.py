"""What is one piece of news, wherever it was published before?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar

from dateline.errors import DatelineError
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

    >>> Item(origin="line 3", title="Report on Lebanon", date=date(2008, 10, 20)).id
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
