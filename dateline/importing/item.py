"""What is one piece of news, wherever it was published before?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from dateline.model import Format


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A picture or an attachment, as the source names it: a web address, or a path of `found`."""

    address: str
    alt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class OldFeed:
    """An address that subscribers have, and the format that they get there."""

    address: str
    form: Format


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """All that a source has: `items` newest first where the source has an order.

    `kind` names it in words; `feeds` are those that subscribers have, `window` how many
    items they are shown (0: not known); `remarks` are what concerns no item.
    """

    kind: str
    items: tuple[Item, ...]
    feeds: tuple[OldFeed, ...] = ()
    window: int = 0
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """What could not be carried over as it was, or is to be looked at, of which item."""

    origin: str
    text: str
