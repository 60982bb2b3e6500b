"""The values of which the manifest consists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from dateline.documents.compression import sizes


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentListing:
    """One document that can be asked for.

    `changed` and `expires` are seconds since 1970, `max_age` seconds, `size` bytes; `digest`
    is the SHA-256 of the bytes. `codings` has the size of each coded form that lies beside it,
    like "br=1024 gzip=1100".
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
        """Give the size of each coded form by its content coding."""
        return sizes(self.codings)

    @property
    def etag(self) -> str:
        """Give the strong validator of the plain form."""
        return etag(self.changed, self.size)


def etag(changed: int, size: int) -> str:
    """Give a strong validator in nginx's form: moment and length in hex (RFC 9110, 8.8.3)."""
    return f'"{changed:x}-{size:x}"'


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryListing:
    """One published entry: all that a ledger that was lost needs to go on.

    `path` is the digest of its file's path, `story` as `rules.story_json` writes it, without
    what is the newsroom's own, or empty where it was taken down; `corrections` are a list of
    moments and texts, as JSON. `revision` and `original` as in `dateline.ledger.tables`.
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
    """An address, as its digest, at which nothing is any more; `target` is where it went."""

    digest: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestChange:
    """What is new in the tables; `gone` are the paths of documents that are not promised now."""

    documents: Iterable[DocumentListing]
    gone: Sequence[str] = ()
    entries: Iterable[EntryListing] = ()
    members: Iterable[MemberListing] = ()
    former: Iterable[FormerListing] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What workers hold in memory; `founded` is the publication's first run.

    `former_hosts` has each machine that the site was at, and the address it has now; `explained`
    the path of the page to which a browser is led that opens a feed, by the feed's name. `embargo`
    is when the next entry appears that is not out yet, in seconds since 1970: no feed and no
    page is fresh for longer. `table` stands for the table as it was when this head was written.
    """

    generation: int
    founded: int
    documents: Mapping[str, DocumentListing]
    former_hosts: Mapping[str, str] = field(default_factory=dict)
    explained: Mapping[str, str] = field(default_factory=dict)
    embargo: int | None = None
    table: str = field(default="", compare=False)
