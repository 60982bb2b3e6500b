"""Deletion of what no edition needs any more: old editions, and objects that none names.

A run may name an object that no edition has named so far. So objects are deleted while the ledger
is locked, a thousand at a time, and only if the latest head does not lead to them. An object of
the last hour stays in any case: it may belong to a run of another machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import chain

from dateline.documents import in_parts
from dateline.documents.editions.edition import (
    EDITIONS,
    OBJECTS,
    EditionMark,
    EditionReader,
    StoredEdition,
    object_key,
)
from dateline.documents.editions.packs import pack_key
from dateline.documents.editions.store_head import HEAD_KEY, StoreHead
from dateline.documents.objects import ObjectStore
from dateline.system import heartbeat

HOUR = 3600.0  # seconds for which everything stays
_BATCH = 1000  # keys


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepResult:
    """The numbers of objects that were deleted, and of those that are left."""

    deleted: int
    kept: int


def sweep(
    store: ObjectStore,
    locked: Callable[[], AbstractContextManager[StoreHead]],
    *,
    now: float = 0.0,
    is_all: bool = False,
) -> SweepResult:
    """Delete what neither the latest editions need nor the last hour has brought.

    `locked` locks the ledger, and yields the head of the store; it raises `StoreError` if another
    publisher may need by now what was left over. `now` is in seconds since 1970. The hour ends with
    the last change of the head, if that is before: the clock of the store may be behind. With
    `is_all` the age of an object does not matter, and only the whole edition and those after it
    stay. Raises `StoreError`.
    """
    with locked() as head:
        pass
    reader = EditionReader(store)
    wanted = {*_needed(reader, head)}
    if not is_all:
        now = min([now, *(one.changed for one in store.objects(HEAD_KEY))])
    count = deleted = 0
    there = chain.from_iterable(map(store.objects, (EDITIONS, OBJECTS)))
    for some in in_parts(heartbeat.beating(there), _BATCH):
        count += len(some)
        old = [one.key for one in some if is_all or one.changed <= now - HOUR]
        if wanted.issuperset(old):
            continue
        with locked() as latest:
            if (latest.recent, latest.whole) != (head.recent, head.whole):
                head = latest
                wanted |= {*_needed(reader, head)}
            spare = [key for key in old if key not in wanted]
            store.delete(spare)
            deleted += len(spare)
    return SweepResult(deleted=deleted, kept=count - deleted)


def _needed(reader: EditionReader, head: StoreHead) -> Iterator[str]:
    """Yield the keys of the whole edition and of those after it, and of all that they name."""
    yield from _keys(reader, reader.edition(head.whole), head.whole)
    marks = [*head.recent]
    while marks:
        mark = marks.pop(0)
        if mark.generation < head.whole.generation or mark == head.whole:
            return
        edition = reader.edition(mark)
        yield from _keys(reader, edition, mark)
        if mark.generation == head.whole.generation:
            return
        marks = marks or [*edition.before]


def _keys(reader: EditionReader, edition: StoredEdition, mark: EditionMark) -> Iterator[str]:
    yield mark.key
    for some in edition.parts.values():
        yield from map(object_key, some)
    for rows in reader.rows(edition, "document"):
        if rows.pack:
            yield pack_key(rows.pack)
        yield from (object_key(one.digest) for one in rows.documents)
        yield from (object_key(one) for own in rows.forms.values() for one in own.values())
