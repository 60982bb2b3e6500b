"""Which values travel down the line?

A value is never half built. A `Source` is a file's bytes; a `Draft` is what the file
says; a `Story` is what it means; an `Entry` has its identity and its moments for good; an
`Edition` is what one feed shows now; a `Document` is bytes with a name.

Every datetime is aware and in UTC unless the field says otherwise. Addresses are
absolute ASCII URIs. Texts are NFC and hold no control characters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntEnum
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from dateline.errors import Problem
from dateline.model.formats import DEFAULTS, FORMATS, Format
from dateline.system.condition import Condition

Precision = Literal["month", "day", "minute", "second"]
Kind = Literal["news", "event", "publication"]
Asked = Literal["news", "event", "publication", "correction"]
MEDIA_FOLDER = "media/"  # below `feeds/`, with pictures and attachments


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A day, a moment, or a stretch of days or moments, as staff meant it.

    `start` and `end` are dates where precision is month or day, and aware datetimes in
    the zone that was written (or the site's) where it is minute or second. Both ends are
    included: "October 2008" is 2008-10-01 to 2008-10-31, precision month.
    """

    start: date | datetime
    end: date | datetime
    precision: Precision


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One file that staff dropped, read whole.

    `path` is relative to the entries folder, with forward slashes, as on disk; `age` is in
    seconds since the file last changed.
    """

    path: str
    data: bytes
    age: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What an entry file says: the field's TOML value under its name, and its line."""

    path: str
    fields: Mapping[str, object]
    lines: Mapping[str, int]
    notes: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """A picture or an attachment as outsiders get it: cleaned, measured, named by content.

    `path` is relative to `feeds/` and None for a file that stays at its own web address;
    `url` is where readers fetch it; `length` is in bytes (0 where unknown), `width` and
    `height` in pixels (0 where it is no picture).
    """

    url: str
    path: str | None
    media_type: str
    length: int
    title: str = ""
    width: int = 0
    height: int = 0
    alt: str = ""
    credit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What an entry file means, before it has an identity.

    `date` is the day or moment that staff wrote. `html` is safe and absolute, without the
    picture; `summary` is plain text. `link` is the organisation's own page, or None for the
    publisher's. `inline` are the files beside the entry that its text shows or links to.
    `expires` and `updated` are None where staff did not say. `text` is the digest of the
    normalised content, by which a renamed file is known again.
    """

    path: str
    title: str
    date: Span
    html: str
    summary: str
    language: str
    kind: Kind = "news"
    link: str | None = None
    categories: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    editor: str = ""
    image: Media | None = None
    attachments: tuple[Media, ...] = ()
    inline: tuple[Media, ...] = ()
    event: Span | None = None
    place: str = ""
    translation_of: str = ""
    draft: bool = False
    expires: datetime | None = None
    updated: datetime | None = None
    correction: tuple[str, ...] = ()
    retraction: str = ""
    id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What was wrong and is now right, and since when readers are told."""

    moment: datetime
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A published story: identity, address and moments are fixed for good.

    `id` is an opaque `tag:` URI (RFC 4151), or what staff carried over; `sequence` counts
    from 1 and is never used twice; `slug` is the page's path without `.html`. `retracted` is
    since when the reason stands in place of the text.
    """

    story: Story
    id: str
    sequence: int
    slug: str
    published: datetime
    updated: datetime
    corrections: tuple[Correction, ...] = ()
    retracted: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone:
    """What is left of a withdrawn entry: its id, and since when it is gone (RFC 6721)."""

    id: str
    moment: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """The file that an entry came from: its bytes, and the name of who owned it, or empty."""

    data: bytes
    owner: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One accepted version of an entry; `number` counts from 1."""

    number: int
    accepted: datetime
    file: Original
    story: Story


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """What the pages of a publication have of its own.

    `accent` and `accent_dark` are colours like `#0b5394`, on light and on dark paper, or empty.
    `templates` are texts by name, which go before Dateline's; `style` is CSS that goes after
    Dateline's. `documents` are the pictures; `digest` stands for the templates and the style.
    """

    logo: Media | None = None
    icon: Media | None = None
    accent: str = ""
    accent_dark: str = ""
    digest: str = ""
    templates: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    style: bytes = field(default=b"", repr=False)
    documents: tuple[Document, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """Who speaks, and from where.

    `url` ends in a slash. `home` is the organisation's own page. `tag` is the authority of
    RFC 4151 (`example.org,2008`) that every new id starts with; it outlives a move of the
    site. `max_age` is in seconds.
    """

    title: str
    description: str
    url: str
    home: str
    language: str
    tag: str
    author: str
    email: str
    zone: ZoneInfo
    rights: str = ""
    icon: str = ""
    logo: str = ""
    date_order: Literal["DMY", "MDY"] | None = None
    hubs: tuple[str, ...] = ()
    max_age: int = 300
    theme: Theme = Theme()

    @property
    def path(self) -> str:
        """The path of its address, from a slash to a slash."""
        return urlsplit(self.url).path

    @property
    def look(self) -> Theme:
        """The theme, by the name that templates have for it."""
        return self.theme


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """Which entries one feed shows, and in which formats.

    An entry belongs where its language fits and each of `categories`, `authors` and `kinds`
    that is not empty names it; the kind `correction` asks for the corrections of all entries
    that belong otherwise. `language` is None for entries in all languages. The window is the
    newest `entries` entries or all of the last `days` days, whichever is more, as far as a
    document is below two megabytes.
    """

    name: str
    title: str
    description: str
    language: str | None
    categories: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    kinds: tuple[Asked, ...] = ()
    entries: int = 50
    days: int = 30
    formats: tuple[Format, ...] = DEFAULTS

    @property
    def paths(self) -> tuple[str, ...]:
        """Give the paths of its subscription documents, in the order of the formats."""
        return tuple(f"{self.name}.{form}" for form in self.formats)

    @property
    def calendar(self) -> str:
        """Give the path of the calendar of its events, or an empty one where it takes none."""
        return f"{self.name}.ics" if not self.kinds or "event" in self.kinds else ""

    @property
    def is_agenda(self) -> bool:
        """Say whether it has events alone."""
        return self.kinds == ("event",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """What a list of news says of an entry."""

    slug: str
    title: str
    language: str
    published: datetime
    updated: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """An event as a calendar shows it.

    `revision` rises whenever it says something else. `cancelled` is since when readers are told
    that it is retracted, or, where it `is_withdrawn`, gone: then they are told nothing else of it.
    """

    entry: Entry
    event: Span
    revision: int
    cancelled: datetime | None = None
    is_withdrawn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Agenda:
    """What the calendar of a feed shows now; `updated` and `expires` as in `Edition`."""

    feed: Feed
    happenings: tuple[Happening, ...]
    updated: datetime
    expires: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """What one document of a feed shows now, newest first.

    `archive` is the number of an archive document (RFC 5005), or 0 for the subscription
    document; `previous` and `following` are the numbers of the archives before and after it,
    or 0. `updated` is the moment of the last change; `expires` the next moment at which the
    passing of time alone changes what it shows, or None. `shortened` has the ids of entries for
    whose text there is no room (`dateline.text.weight`).
    """

    feed: Feed
    entries: tuple[Entry, ...]
    updated: datetime
    expires: datetime | None = None
    tombstones: tuple[Tombstone, ...] = ()
    shortened: frozenset[str] = frozenset()
    archive: int = 0
    previous: int = 0
    following: int = 0

    @property
    def stem(self) -> str:
        """Give the path of the document without the ending of its format."""
        return f"archive/{self.feed.name}/{self.archive}" if self.archive else self.feed.name

    @property
    def formats(self) -> tuple[Format, ...]:
        """The formats of its feed, for an archive those that have archives."""
        known = self.feed.formats
        return tuple(one for one in known if not self.archive or FORMATS[one].has_archives)

    @property
    def paths(self) -> tuple[str, ...]:
        """Return the paths of the document in each of its formats."""
        return tuple(f"{self.stem}.{form}" for form in self.formats)


class Role(IntEnum):
    """What a document is for; documents go live in this order."""

    MEDIA = 1
    PAGE = 2
    ARCHIVE = 3
    SUBSCRIPTION = 4
    DIRECTORY = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Bytes with a name: `path` is relative to `feeds/`, and is the address below the site's.

    `links` is the whole `Link` header field, or empty. `expires` as in `Edition`.
    """

    path: str
    role: Role
    media_type: str
    data: bytes
    links: str = ""
    expires: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What one run did.

    `states` has the state of each file that is not simply live; `published` and `changed`
    the paths of the entry files; `documents` the paths of the documents that changed.
    `next` is the next moment at which a run would change something, or None; `since` when
    there is a problem with a file, by path and code; `remarks` what is about no file;
    `withdrawn` are the paths of the files whose entries were withdrawn. `conditions` are what
    keeps news from readers although the run ended well.
    """

    problems: tuple[Problem, ...] = ()
    states: Mapping[str, str]
    published: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    documents: tuple[str, ...] = ()
    next: datetime | None = None
    since: Mapping[tuple[str, str], datetime] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()


def is_media(path: str) -> bool:
    """Return whether a path below `feeds/` is that of a picture or an attachment."""
    return path.startswith(MEDIA_FOLDER)
