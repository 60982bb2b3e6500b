"""In which tables does the ledger remember?

Moments are whole seconds since 1970 in UTC, digests SHA-256 in hex, texts UTF-8. The
revisions that lead here are in `dateline/ledger/migrations/`.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)

metadata = MetaData()

# One published entry. Id, sequence, slug and published never change. `path` is empty where
# only the manifest remembered the entry. `month` is how its slug begins, `gone` when its file
# was first missed, `kept` that staff want it to stay without one. `withdrawn` is since when
# readers are told that it is gone; one that is `purged` was taken down: it has no versions, and
# a digest for a slug. `revision` is how often it said something else, went, or came back: what
# calendars know a newer one by. `name` is its file's without folders and ending; `reference` the
# digest of what it says that it translates, and `original` the id of that, once it is known.
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
    # Of the few that are: an index of all would answer "is not", and go through nearly all.
    Index(
        "entry_withdrawn",
        "withdrawn",
        sqlite_where=text("withdrawn IS NOT NULL"),
        postgresql_where=text("withdrawn IS NOT NULL"),
    ),
    Index("entry_purged", "id", sqlite_where=text("purged = 1"), postgresql_where=text("purged")),
    Index(
        "entry_original",
        "original",
        sqlite_where=text("original IS NOT NULL"),
        postgresql_where=text("original IS NOT NULL"),
    ),
    Index(
        "entry_waiting",
        "reference",
        sqlite_where=text("reference IS NOT NULL AND original IS NULL"),
        postgresql_where=text("reference IS NOT NULL AND original IS NULL"),
    ),
)

# What the files of entries were called before, as digests: `/` and the path, or the name alone.
renamed = Table(
    "renamed",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("entry", Text, ForeignKey("entry.id"), primary_key=True, index=True),
)

# Every accepted version of every entry: the file's bytes, who owned it, and what it meant.
version = Table(
    "version",
    metadata,
    Column("entry", Text, ForeignKey("entry.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("accepted", BigInteger, nullable=False),
    Column("owner", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("story", Text, nullable=False),
)

# By what feeds select: facet is category, author, language or kind, value is case-folded,
# name as it was written. The facet `media` has the path of each file under media/, `until` the
# last day of an event.
topic = Table(
    "topic",
    metadata,
    Column("entry", Text, ForeignKey("entry.id"), primary_key=True),
    Column("facet", String(16), primary_key=True),
    Column("value", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Index("topic_value", "facet", "value", "entry"),
)

# What was said to be wrong, and from when readers were told.
correction = Table(
    "correction",
    metadata,
    Column("entry", Text, ForeignKey("entry.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("moment", BigInteger, nullable=False),
    Column("text", Text, nullable=False),
)

# The entries of a feed, numbered from 1 in the order in which they joined; the number of one
# that left stays empty. `part` is 0 for the entry itself, n for its n-th correction, -1 for
# its retraction. `archive` is the number of the archive document that it is in for good.
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

# The addresses at which nothing is any more, as SHA-256. `path` is there until the document
# is removed; `target` is where it went, or empty where it is gone (410).
former = Table(
    "former",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("path", Text, nullable=False),
    Column("target", Text, nullable=False),
)

# One file under entries/ as it was last judged. `changed` is in nanoseconds; `due` is when
# it wants another look without having changed; `held` since when it is kept back, in one
# spell, and `told` in which ways an alarm was sent of that; `beside` names the files that it
# used, with their stamps, and `problems` what is said of it since when, both as JSON; `noted`
# says that there are problems. Names that look alike have the same `name_key`; `folder` is how
# the path begins.
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

# Which files under entries/ looked at which others, there or not; `folder` is of these.
use = Table(
    "use",
    metadata,
    Column("used", Text, primary_key=True),
    Column("file", Text, primary_key=True, index=True),
    Column("folder", Text, nullable=False, server_default="", index=True),
)

# Each folder under entries/ as it was at the last look at all files: how the paths of its files
# begin, and a digest of their names, times and sizes.
folder = Table(
    "folder",
    metadata,
    Column("prefix", Text, primary_key=True),
    Column("digest", String(32), nullable=False),
)

# One document under feeds/. `source` is a digest of what it was rendered from; `live` is
# false from the commit until its bytes are in place; `codings` has the sizes of its coded forms.
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

# What hubs are still to be told (WebSub, section 6): that the bytes of the document at `path`
# are others since `changed`. `due` is when it is tried (again), 0 at once, empty no more;
# `tries` is how often that failed since `since`, and `answer` the status that the hub gave last,
# or 0. Until `quiet` the hub wants to be left alone. `lost` is since when staff are told.
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

# What is said once: `founded` (the first run), `generation` (of the manifest), `fingerprint`,
# `judged` and `paged` (on what in the configuration and release all documents, files and pages
# rested), `emptied` (the feeds that a guard holds), `embargo` (until when feeds are fresh at
# most), `sitemaps` (when each changed), `translations` (that an entry says it is one), `url` and
# `tag` (of the publication).
fact = Table(
    "fact",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", Text, nullable=False),
)
