"""Editions in an object store: what each run made live, for the machines that follow.

`objects/` has the bytes of documents, each in every content coding, named by their SHA-256.
`editions/` has what each run changed: the rows of the manifest, and the digests of the coded
forms. A whole edition has all rows, and is where an empty folder begins: there the pages of each
part are in a pack, too. `head.json` names the latest edition and the latest whole one; it alone is
ever replaced.

All that `head.json` leads to is there before it is: a machine that follows finds an edition whole.
"""

from __future__ import annotations

from dateline.documents.editions.edition import (
    EditionMark,
    EditionReader,
    EditionRows,
    StoredEdition,
)
from dateline.documents.editions.replica import Replica
from dateline.documents.editions.store_head import HEAD_KEY, StoreHead, read_head
from dateline.documents.editions.writer import EditionWriter

__all__ = [
    "HEAD_KEY",
    "EditionMark",
    "EditionReader",
    "EditionRows",
    "EditionWriter",
    "Replica",
    "StoreHead",
    "StoredEdition",
    "read_head",
]
