"""The manifest: which documents were published, and what is said about each on the wire.

It is all that passes from the publisher to the wire. `.manifest.json`, its head, names the
subscription documents, which workers hold in memory; it is renamed last in each run.
`.manifest.sqlite`, its table, has every document, looked up on demand, and every published
entry, from which a lost ledger is rebuilt. Both carry checksums: whatever a disk or a person
does to them, nothing wrong is read from them.
"""

from __future__ import annotations

from dateline.documents.manifest.checks import (
    Standing,
    check_share,
    damage,
    fault,
    head_of,
    standing,
)
from dateline.documents.manifest.folder import listed
from dateline.documents.manifest.head import HEAD, PREVIOUS, ManifestFault, open_head, read_head
from dateline.documents.manifest.lookup import (
    ManifestReader,
    Rows,
    documents,
    entries,
    former,
    members,
)
from dateline.documents.manifest.records import (
    DocumentListing,
    EntryListing,
    FormerListing,
    Head,
    ManifestChange,
    MemberListing,
    etag,
)
from dateline.documents.manifest.row_format import Damaged
from dateline.documents.manifest.table import TABLE, write

__all__ = [
    "HEAD",
    "PREVIOUS",
    "TABLE",
    "Damaged",
    "DocumentListing",
    "EntryListing",
    "FormerListing",
    "Head",
    "ManifestChange",
    "ManifestFault",
    "ManifestReader",
    "MemberListing",
    "Rows",
    "Standing",
    "check_share",
    "damage",
    "documents",
    "entries",
    "etag",
    "fault",
    "former",
    "head_of",
    "listed",
    "members",
    "open_head",
    "read_head",
    "standing",
    "write",
]
