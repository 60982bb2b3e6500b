"""The values that a manifest consists of."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from dateline.documents.compression import sizes
from dateline.model import Correction

_GONE = "gone:"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentListing:
    """One published document.

    `changed` and `expires` are seconds since 1970, `max_age` is in seconds, `size` in bytes;
    `digest` is the SHA-256 of the bytes. `codings` has the size of each compressed form beside
    it, as in "br=1024 gzip=1100".
    """

    path: str
    media_type: str
    role: int
    changed: int
    size: int
    digest: str
    links: str
    max_age: int
    expires: int | None
    codings: str = ""

    @property
    def sizes(self) -> dict[str, int]:
        """The size of each compressed form by its content coding."""
        return sizes(self.codings)

    @property
    def etag(self) -> str:
        """The strong validator of the uncompressed form."""
        return etag(self.changed, self.size)


def etag(changed: int, size: int) -> str:
    """Return a strong validator in nginx's form: time and length in hex (RFC 9110, 8.8.3)."""
    return f'"{changed:x}-{size:x}"'


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryListing:
    """One published entry: all that is needed to rebuild a lost ledger.

    `path` is the digest of its file's path. `story` is as `rules.story_json` writes it, without
    the newsroom's internal fields; it is empty for an entry that was taken down. `corrections`
    is a JSON list of moments and texts. `revision` and `original` are as in
    `dateline.ledger.tables`.
    """

    id: str
    sequence: int
    slug: str
    path: str
    content: str
    headline: str
    published: int
    updated: int
    retracted: int | None
    kept: bool
    withdrawn: int | None
    purged: bool
    expires: int | None
    corrections: str
    story: str
    revision: int = 0
    original: str | None = None

    def is_shown(self, now: datetime | None) -> bool:
        """Return whether readers have it `now`; without a moment, whether they ever may again."""
        is_over = bool(now and self.expires is not None and self.expires <= now.timestamp())
        return bool(self.story) and not self.purged and self.withdrawn is None and not is_over

    @property
    def dated_corrections(self) -> tuple[Correction, ...]:
        """The corrections, each with its moment."""
        return tuple(
            Correction(moment=datetime.fromtimestamp(moment, UTC), text=text)
            for moment, text in json.loads(self.corrections or "[]")
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberListing:
    """The place of an entry in a feed (`dateline.ledger.tables`, `member`)."""

    feed: str
    number: int
    entry: str | None
    part: int
    published: int
    archive: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FormerListing:
    """The digest of an address at which nothing is any more, and its redirect target.

    The target is empty if it is gone for good, and of an entry that was withdrawn it may be the
    moment (`gone_at`).
    """

    digest: str
    target: str

    @property
    def address(self) -> str:
        """Where it leads, or an empty text if it is gone."""
        return "" if self.target.startswith(_GONE) else self.target

    @property
    def withdrawn(self) -> int | None:
        """The moment of the withdrawal in seconds since 1970, if it is known."""
        moment = self.target.removeprefix(_GONE)
        return int(moment) if self.target != moment and moment.isdecimal() else None


def gone_at(moment: int) -> str:
    """Return the target of the address of an entry that was withdrawn at a moment."""
    return f"{_GONE}{moment}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestChange:
    """The rows to add or replace; `gone` has the paths of documents to delete."""

    documents: Iterable[DocumentListing]
    gone: Sequence[str] = ()
    entries: Iterable[EntryListing] = ()
    members: Iterable[MemberListing] = ()
    former: Iterable[FormerListing] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The part of the manifest that workers hold in memory.

    `founded` is the moment of the publication's first run, `embargo` the moment at which the next
    scheduled entry appears, beyond which no feed and no page is fresh; both are in seconds since
    1970. `former_hosts` maps each former host of the site, with the path that it had there, to its
    present address, `explained` the name of each feed to the page that a browser which opens the
    feed is redirected to.
    `unrecognised` has the digests of the files that are held since a ledger was lost, `readings`
    how files were read (`dateline.rules.identity.readings`), `taken_down` the digests of
    ids and titles of what was taken down. `url` and `tag` are those of the publication, empty in
    heads of before 2 December 2026. `table` is the signature of the table when this head was
    written.
    """

    generation: int
    founded: int
    documents: Mapping[str, DocumentListing]
    former_hosts: Mapping[str, str] = field(default_factory=dict)
    explained: Mapping[str, str] = field(default_factory=dict)
    embargo: int | None = None
    unrecognised: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()
    taken_down: tuple[str, ...] = ()
    url: str = ""
    tag: str = ""
    table: str = field(default="", compare=False)
