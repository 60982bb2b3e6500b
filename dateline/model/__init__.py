"""The values that steps of a run pass on.

No value is half built. A `Source` is the bytes of a file, a `Draft` the fields in it, a `Story`
their meaning. An `Entry` is a published story, whose identity and moments are fixed. An `Edition`
is the content of a feed at a moment, a `Document` bytes with a path.

Every datetime is aware and in UTC unless the field says otherwise. Addresses are
absolute ASCII URIs. Texts are NFC and hold no control characters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from dateline.errors import Problem
from dateline.model.documents import Document as Document
from dateline.model.documents import Role as Role
from dateline.model.documents import is_calendar_of_event as is_calendar_of_event
from dateline.model.formats import DEFAULTS, FORMATS, Format
from dateline.model.media import MEDIA_FOLDER as MEDIA_FOLDER
from dateline.model.media import Media as Media
from dateline.model.media import Rendition as Rendition
from dateline.model.media import is_media as is_media
from dateline.model.publication import AggregatorSettings as AggregatorSettings
from dateline.model.publication import Allowed as Allowed
from dateline.model.publication import Cdn as Cdn
from dateline.model.publication import HubSettings as HubSettings
from dateline.model.publication import Links as Links
from dateline.model.publication import Publication as Publication
from dateline.model.publication import SourceSettings as SourceSettings
from dateline.model.publication import Theme as Theme
from dateline.model.publication import Translation as Translation
from dateline.model.publication import nearest as nearest
from dateline.system.condition import Condition

Precision = Literal["month", "day", "minute", "second"]
Kind = Literal["news", "event", "publication"]
Asked = Literal["news", "event", "publication", "correction"]
Addressee = Literal["feedly", "msn", "smartnews"]
MediaShown = Literal["picture", "all"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A day, a moment, or a range of days or moments.

    `start` and `end` are dates if the precision is month or day, else aware datetimes in the zone
    that was written, or the site's. Both ends are included: "October 2008" is 2008-10-01 to
    2008-10-31, precision month. Spans are equal if they are written in the same way: equal moments
    may have different offsets.
    """

    start: date | datetime
    end: date | datetime
    precision: Precision

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Span) and self._written == other._written

    def __hash__(self) -> int:
        return hash((self.start, self.end))

    @property
    def first_day(self) -> date:
        """The day of `start`, as it is written."""
        return self.start.date() if isinstance(self.start, datetime) else self.start

    @property
    def _written(self) -> tuple[object, ...]:
        ends = (self.start, self.end)
        offsets = (one.utcoffset() for one in ends if isinstance(one, datetime))
        return (*ends, self.precision, *offsets)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The bytes of one file that staff dropped.

    `path` is relative to the entries folder, with forward slashes; `age` is in seconds since the
    file last changed.
    """

    path: str
    data: bytes
    age: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The fields of an entry file: TOML values and lines by the name of the field.

    `faults` hold the entry; fields without a readable value are left out.
    """

    path: str
    fields: Mapping[str, object]
    lines: Mapping[str, int]
    notes: tuple[Problem, ...] = ()
    faults: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """The meaning of an entry file, before it has an identity.

    `date` is the day or moment that staff wrote. `html` is sanitised, has absolute addresses, and
    does not include the picture; `summary` is plain text. `link` is the organisation's own page,
    or None. `inline` are the files beside the entry that its text shows or links to. `expires` and
    `updated` are None if staff did not give them.
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
    """A correction that readers see, and the moment at which it was published."""

    moment: datetime
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A published story; its identity, address and moments are fixed.

    `id` is an opaque `tag:` URI (RFC 4151), or one that staff carried over; `sequence` counts from
    1 and is never reused; `slug` is the path of the page without `.html`. `retracted` is the
    moment from which the reason for a retraction replaces the text.
    """

    story: Story
    id: str
    sequence: int
    slug: str
    published: datetime
    updated: datetime
    corrections: tuple[Correction, ...] = ()
    retracted: datetime | None = None

    def __hash__(self) -> int:
        return hash((self.id, self.updated))  # all texts take longer than what is remembered


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone:
    """The id of a withdrawn entry, and the moment of the withdrawal (RFC 6721)."""

    id: str
    moment: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """The bytes of the file that an entry came from, and the name of its owner, or empty."""

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
class FeedTexts:
    """The title and the description of a feed in a language."""

    language: str
    title: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed: the entries that it selects, its window and its formats.

    It selects an entry if the language matches, and each of `categories`, `authors` and `kinds`
    that is not empty; the kind `correction` selects the corrections of all entries that match
    otherwise. `language` is None for entries in all languages; pages in another language than the
    publication's name such a feed by one of its `translations`. The window is the newest `entries`
    entries or all of the last `days` days, whichever is more, up to two megabytes a document.
    What is older is in its archives, unless it has no `archives`. RSS and Atom have the elements
    that the `aggregators` alone read; `media` says which files are in Media RSS.
    """

    name: str
    title: str
    description: str
    language: str | None
    translations: tuple[FeedTexts, ...] = ()
    categories: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    kinds: tuple[Asked, ...] = ()
    entries: int = 50
    days: int = 30
    formats: tuple[Format, ...] = DEFAULTS
    archives: bool = True
    aggregators: tuple[Addressee, ...] = ()
    media: MediaShown = "picture"

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths of its subscription documents, in the order of the formats."""
        return tuple(f"{self.name}.{form}" for form in self.formats)

    @property
    def calendar(self) -> str:
        """The path of the calendar of its events, or empty if it has none."""
        has_events = not self.is_term and (not self.kinds or "event" in self.kinds)
        return f"{self.name}.ics" if has_events else ""

    @property
    def is_term(self) -> bool:
        """True if it is that of a term, which nobody configured (`dateline.rules.taxonomy`)."""
        return names_term(self.name)

    @property
    def is_agenda(self) -> bool:
        """True if it selects events alone."""
        return self.kinds == ("event",)


def names_term(name: str) -> bool:
    """Return whether the name of a feed is that of a term: no configured feed has a slash."""
    return "/" in name


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """An entry in a list: title, language, address and moments."""

    slug: str
    title: str
    language: str
    published: datetime
    updated: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """The entries that the page of an entry leads to: the one before it, the one after, related.

    `expires` as in `Edition`.
    """

    previous: Entry | None = None
    following: Entry | None = None
    related: tuple[Entry, ...] = ()
    expires: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """An event in a calendar.

    `revision` rises with every change. `cancelled` is the moment from which the calendar has it as
    cancelled: it is retracted or, if it `is_withdrawn`, gone; then nothing else of it is shown.
    """

    entry: Entry
    event: Span
    revision: int
    cancelled: datetime | None = None
    is_withdrawn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Agenda:
    """The content of a feed's calendar; `updated` and `expires` as in `Edition`."""

    feed: Feed
    happenings: tuple[Happening, ...]
    updated: datetime
    expires: datetime | None = None


def archive_stem(feed: str, number: int) -> str:
    """Return the path of an archive of a feed without the extension of its format."""
    return f"archive/{feed}/{number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """The content of one document of a feed, newest entry first.

    `archive` is the number of an archive document (RFC 5005), or 0 for the subscription document;
    `previous` and `following` are the numbers of the archives before and after it, or 0. `updated`
    is the moment of the last change; `expires` the next moment at which time alone changes the
    content, or None. `shortened` are the ids of entries whose text does not fit in
    (`dateline.text.weight`).
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
        """The path of the document without the extension of its format."""
        name = self.feed.name
        return archive_stem(name, self.archive) if self.archive else name

    @property
    def formats(self) -> tuple[Format, ...]:
        """The formats of its feed; of an archive, those that have archives."""
        known = self.feed.formats
        return tuple(one for one in known if not self.archive or FORMATS[one].has_archives)

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths of the document in each of its formats."""
        return tuple(f"{self.stem}.{form}" for form in self.formats)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The result of one run.

    `states` has the state of each file that is not simply live; `published`, `changed`, `missing`
    and `withdrawn` are the paths of entry files, `documents` those of the documents that changed.
    `next` is the next moment at which a run would change something, or None; `since` is when each
    problem began, by path and code; `remarks` are about no file. `conditions` are faults that keep
    news from readers although the run succeeded.
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
