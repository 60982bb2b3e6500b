"""The manifest: the published documents, and the headers with which each is served.

It is all that passes from the publisher to the web workers. `.manifest.json`, its head, lists
the subscription documents, which workers hold in memory; it is renamed last in each run.
`.manifest.sqlite`, its table, has every document, looked up on demand, and every published
entry, from which a lost ledger is rebuilt. Both carry checksums, so that nothing wrong is read
from them, whatever a disk or a person does to them.
"""

from __future__ import annotations

from dateline.documents.manifest.checks import (
    ManifestStatus,
    check_share,
    damage,
    head_in_table,
    latest_generation,
    status,
    table_fault,
)
from dateline.documents.manifest.folder import documents_on_disk
from dateline.documents.manifest.head import (
    HEAD,
    PREVIOUS,
    ManifestFault,
    mend_previous,
    open_head,
    previous_fault,
    read_head,
)
from dateline.documents.manifest.lookup import (
    ManifestReader,
    Rows,
    documents,
    documents_after,
    entries,
    entries_after,
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
    gone_at,
)
from dateline.documents.manifest.report import (
    is_in_doubt,
    is_reported,
    report_damage,
    take_report,
)
from dateline.documents.manifest.row_format import Damaged, advice_on_refusal, is_refusal
from dateline.documents.manifest.table import TABLE, begin, extend, write

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
    "ManifestStatus",
    "MemberListing",
    "Rows",
    "advice_on_refusal",
    "begin",
    "check_share",
    "damage",
    "documents",
    "documents_after",
    "documents_on_disk",
    "entries",
    "entries_after",
    "etag",
    "extend",
    "former",
    "gone_at",
    "head_in_table",
    "is_in_doubt",
    "is_refusal",
    "is_reported",
    "latest_generation",
    "members",
    "mend_previous",
    "open_head",
    "previous_fault",
    "read_head",
    "report_damage",
    "status",
    "table_fault",
    "take_report",
    "write",
]
