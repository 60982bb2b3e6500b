"""The tables of the ledger.

Moments are whole seconds since 1970 in UTC, digests SHA-256 in hex, texts UTF-8. The
revisions that create the tables are in `dateline/ledger/migrations/`.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)

from dateline.documents.compression import packed, packed_bytes, unpacked, unpacked_bytes

metadata = MetaData()


class PackedBytes(TypeDecorator[bytes]):
    """Bytes that are stored compressed."""

    impl = LargeBinary
    cache_ok = True

    @property
    def python_type(self) -> type[bytes]:
        """The type of a value."""
        return bytes

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Return the bytes that are stored."""
        return None if value is None else packed_bytes(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Return the bytes that were stored. Raises `ValueError` if they are damaged."""
        return None if value is None else unpacked_bytes(value)


class PackedText(TypeDecorator[str]):
    """Text that is stored compressed."""

    impl = LargeBinary
    cache_ok = True

    @property
    def python_type(self) -> type[str]:
        """The type of a value."""
        return str

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Return the bytes that are stored."""
        return None if value is None else packed(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Return the text that was stored. Raises `ValueError` if it is damaged."""
        return None if value is None else unpacked(value)


# One published entry. Id, sequence, slug and published never change. `path` is empty for an
# entry restored from the manifest. `month` is the beginning of its slug; `gone` is when its file
# was first missed, and `kept` is true if staff want it to stay without a file. `withdrawn` is the
# moment of its withdrawal. A `purged` entry was taken down: it has no versions, and a digest
# instead of a slug. `revision` counts the changes of content, withdrawals and returns, by which
# calendars recognise a newer version. `name` is its file's name without folders and ending,
# `reference` the digest of the original that it names, `original` that one's id, once found.
entry = Table(
    "entry",
    metadata,
    Column("id", Text, primary_key=True),
    Column("sequence", Integer, nullable=False, unique=True),
    Column("slug", Text, nullable=False, unique=True),
    Column("month", String(8), nullable=False, server_default="", index=True),
    Column("published", BigInteger, nullable=False, index=True),
    Column("updated", BigInteger, nullable=False, index=True),
    Column("retracted", BigInteger),
    Column("path", Text, nullable=False),
    Column("path_digest", String(64), nullable=False, index=True),
    Column("gone", BigInteger, index=True),
    Column("kept", Boolean, nullable=False),
    Column("withdrawn", BigInteger),
    Column("purged", Boolean, nullable=False),
    Column("content", String(64), nullable=False, index=True),
    Column("headline", String(64), nullable=False, index=True),
    Column("expires", BigInteger, index=True),
    Column("version", Integer, nullable=False),
    Column("revision", Integer, nullable=False, server_default="0"),
    Column("name", Text, nullable=False, server_default=""),
    Column("reference", String(64)),
    Column("original", Text),
    Index("entry_name", "name", "reference"),
    # Partial, as the revisions write them: a full index would also be used for IS NULL, and go
    # through nearly all rows. Naming a database's options here would import its whole dialect.
    Index("entry_withdrawn", "withdrawn"),
    Index("entry_purged", "id"),
    Index("entry_original", "original"),
    Index("entry_waiting", "reference"),
)

# What entries were called, as digests: of `/` and the path of the file, of its name alone, and of
# title and date.
renamed = Table(
    "renamed",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("entry", Text, ForeignKey("entry.id"), primary_key=True, index=True),
)

# Every accepted version of every entry: the file's bytes, its owner, and the story in it.
version = Table(
    "version",
    metadata,
    Column("entry", Text, ForeignKey("entry.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("accepted", BigInteger, nullable=False),
    Column("owner", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("data", PackedBytes, nullable=False),
    Column("story", PackedText, nullable=False),
)

# The values that feeds select by: facet is category, author, language or kind, value is
# case-folded, name as it was written. Another row has it in the form in which names are compared,
# where that differs. The facet `media` has the path of each file under media/,
# `until` the last day of an event, `place` where it is, `editor` whom staff ask about the entry.
topic = Table(
    "topic",
    metadata,
    Column("entry", Text, ForeignKey("entry.id"), primary_key=True),
    Column("facet", String(16), primary_key=True),
    Column("value", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Index("topic_value", "facet", "value", "entry"),
)

# The corrections of an entry, with the moment at which each was published.
correction = Table(
    "correction",
    metadata,
    Column("entry", Text, ForeignKey("entry.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("moment", BigInteger, nullable=False),
    Column("text", Text, nullable=False),
)

# The members of a feed, numbered from 1 in the order in which they joined; the number of one
# that left stays empty. `part` is 0 for the entry itself, n for its n-th correction, -1 for
# its retraction. `archive` is the number of the archive document that it stays in.
member = Table(
    "member",
    metadata,
    Column("feed", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("entry", Text, ForeignKey("entry.id"), index=True),
    Column("part", Integer, nullable=False),
    Column("published", BigInteger, nullable=False),
    Column("archive", Integer),
    Index("member_published", "feed", "published"),
    Index("member_archive", "feed", "archive"),
)

# The former addresses of documents, as SHA-256. `path` is kept until the document is removed;
# `target` is the path to redirect to, empty for 410, or the moment of a withdrawal (`gone_at`).
former = Table(
    "former",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("path", Text, nullable=False),
    Column("target", Text, nullable=False),
)

# One file under entries/ as it was last assessed. `changed` is in nanoseconds; `due` is when
# it must be read again although it did not change; `held` is when it began to be held without
# interruption, and `told` names the channels that sent an alarm about that; `beside` has the
# files that it used, with their stamps, and `problems` its problems, with when each began, both
# as JSON; `noted` is true if there are problems. Names that look alike have the same `name_key`;
# `folder` is the path without the file's name.
file = Table(
    "file",
    metadata,
    Column("path", Text, primary_key=True),
    Column("changed", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("state", String(16), nullable=False, index=True),
    Column("due", BigInteger, index=True),
    Column("held", BigInteger, index=True),
    Column("told", String(32), nullable=False),
    Column("beside", Text, nullable=False),
    Column("problems", Text, nullable=False),
    Column("noted", Boolean, nullable=False, index=True),
    Column("name_key", Text, nullable=False, index=True),
    Column("folder", Text, nullable=False, server_default="", index=True),
)

# The files that each file under entries/ used, present or not; `folder` is theirs.
use = Table(
    "use",
    metadata,
    Column("used", Text, primary_key=True),
    Column("file", Text, primary_key=True, index=True),
    Column("folder", Text, nullable=False, server_default="", index=True),
)

# Each folder under entries/ at the last full scan: the prefix of its files' paths, and a digest
# of their names, times and sizes.
folder = Table(
    "folder",
    metadata,
    Column("prefix", Text, primary_key=True),
    Column("digest", String(32), nullable=False),
)

# One document under feeds/. `source` is a digest of all that it was rendered from; `live` is
# false from the commit until its bytes are in place; `codings` has the sizes of its compressed
# forms.
document = Table(
    "document",
    metadata,
    Column("path", Text, primary_key=True),
    Column("role", Integer, nullable=False, index=True),
    Column("media_type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("changed", BigInteger, nullable=False),
    Column("source", String(64), nullable=False),
    Column("links", Text, nullable=False),
    Column("expires", BigInteger, index=True),
    Column("live", Boolean, nullable=False, index=True),
    Column("codings", Text, nullable=False),
)

# The notices that hubs have not accepted yet (WebSub, section 6): that the document at `path`
# changed at `changed`. `due` is when to send it (again), 0 for at once, null for no more; `tries`
# counts the failures since `since`, and `answer` is the hub's last status, or 0. Until `quiet`
# the hub wants no requests. `lost` is when the notice was given up, which staff see. A `hub` that
# begins with `cdn:` is a cache, `path` the tag that it has to drop, and `lost` when it accepted the
# first of two purges; `due` is null until the documents are in place.
outbox = Table(
    "outbox",
    metadata,
    Column("hub", Text, primary_key=True),
    Column("path", Text, primary_key=True),
    Column("changed", BigInteger, nullable=False),
    Column("due", BigInteger, index=True),
    Column("tries", Integer, nullable=False),
    Column("since", BigInteger),
    Column("quiet", BigInteger),
    Column("answer", Integer, nullable=False),
    Column("lost", BigInteger),
)

# Who is sent the document at `path` whenever it changes (WebSub): the address `callback` on
# `host`, until `expires`. `digest` is of both (`subscription_digest`); `confirmed` is when the
# subscriber agreed last, and `secret` signs what it is sent, unless it is empty. `edition` is the
# moment of change of the newest form of the document that it accepted: it is behind while that of
# the live document is later. `due` is the first moment at which to try again, after `tries`
# failures since `since`; `answer` is its last status, or 0.
subscription = Table(
    "subscription",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("path", Text, nullable=False),
    Column("callback", Text, nullable=False),
    Column("host", Text, nullable=False, index=True),
    Column("secret", Text, nullable=False),
    Column("confirmed", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False, index=True),
    Column("edition", BigInteger, nullable=False),
    Column("due", BigInteger, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("since", BigInteger),
    Column("answer", Integer, nullable=False),
    Index("subscription_host", "path", "host", "edition"),
)

# The requests to the hub whose subscribers have not answered yet, the newest of each `digest`.
# `mode` is subscribe, unsubscribe or denied; `challenge` is what the subscriber repeats if it
# agrees, and no other request has; `lease` is in seconds. `edition` was that of the live document
# when the request came, at `received`. `due` and `tries` are as in a subscription.
subscription_request = Table(
    "subscription_request",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("mode", String(16), nullable=False),
    Column("path", Text, nullable=False),
    Column("callback", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("secret", Text, nullable=False),
    Column("lease", BigInteger, nullable=False),
    Column("challenge", Text, nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("edition", BigInteger, nullable=False),
    Column("due", BigInteger, nullable=False),
    Column("tries", Integer, nullable=False),
)

# What staff did, numbered from 1: `person` is empty for the command line and for a newsroom whose
# staff have no names, `act` is one of `dateline.model.Act`, `detail` a digest, a code or a number.
# A takedown empties what names the entry's file.
act = Table(
    "act",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("moment", BigInteger, nullable=False),
    Column("person", Text, nullable=False),
    Column("act", String(16), nullable=False),
    Column("path", Text, nullable=False),
    Column("path_digest", String(64), nullable=False, index=True),
    Column("entry", Text, nullable=False, index=True),
    Column("detail", Text, nullable=False),
)

# The contents that writers saved and no editor has approved, by the SHA-256 of their bytes: `size`
# is their number, `path` where they were saved, and empty if that were several places; `person` is
# empty where nobody knows who did. `uses` has those that an editor has approved, one a line, if
# there may be others: the digest of the entry's path, and that of the file's; and the digests of
# the paths of files that had the content before, alone. A takedown empties both.
unapproved = Table(
    "unapproved",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("size", BigInteger, nullable=False, index=True),
    Column("path", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("moment", BigInteger, nullable=False),
    Column("uses", Text, nullable=False),
)

# When a version of an entry was seen by readers: `served` by the web server of this machine, and
# `reached` at the public address, in milliseconds since 1970; it was `noted` before. `topics` are
# the feeds that list it and their editions, as in "news.rss=1764336900 news.atom=1764336900", and
# `pushed` is how many of their `subscribers` at the hub had these editions when last asked.
delivery = Table(
    "delivery",
    metadata,
    Column("entry", Text, ForeignKey("entry.id"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("noted", BigInteger, nullable=False, index=True),
    Column("served", BigInteger),
    Column("reached", BigInteger),
    Column("topics", Text, nullable=False),
    Column("pushed", Integer, nullable=False),
    Column("subscribers", Integer, nullable=False),
)

# Single values by name, each a text: `dateline.ledger.queries.state` has their types.
fact = Table(
    "fact",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", Text, nullable=False),
)
# The value that is there from a takedown until a server has written its tables again.
REWRITE_LEFT = "rewrite-left"
NOTE_REWRITTEN = fact.delete().where(fact.c.name == REWRITE_LEFT)
