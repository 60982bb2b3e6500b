"""The search index: `.search.sqlite` in `feeds/`, by which words lead to published entries.

It is kept in step with the manifest, which has the texts: the index has only the terms of each
entry, and forgets them on disk, too, when the entry is withdrawn or taken down.
"""

from __future__ import annotations

from dateline.documents.search.content import IndexedEntry, indexed
from dateline.documents.search.index import (
    INDEX,
    IndexDamaged,
    SearchIndex,
    remove_index,
    report_damage,
    take_report,
)
from dateline.documents.search.reader import MOST_HITS, SearchHits, SearchReader
from dateline.documents.search.update import EntrySource, IndexBuild, SearchUpdate, is_in_step

__all__ = [
    "INDEX",
    "MOST_HITS",
    "EntrySource",
    "IndexBuild",
    "IndexDamaged",
    "IndexedEntry",
    "SearchHits",
    "SearchIndex",
    "SearchReader",
    "SearchUpdate",
    "indexed",
    "is_in_step",
    "remove_index",
    "report_damage",
    "take_report",
]
