"""Find published documents that are missing or damaged in `feeds/`, to restore them.

A file may be deleted, cut off or changed by hand, or by a disk. Each full check compares the
times and sizes of all subscription documents and of a share of the others, and the digests of a
smaller share: all within a day.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path

from dateline.documents.compression import ENDINGS, sizes
from dateline.documents.store import is_intact
from dateline.ledger import Ledger
from dateline.ledger.queries.state import Cursor
from dateline.ledger.rows import DocumentRecord
from dateline.model import is_media

_AT_LEAST = 1000  # documents whose files' times and sizes are compared in one run
_RUNS = 500  # in which all are, however many there are
_BYTES = 4_000_000  # whose digests are compared in one run
_NAMED = 5  # documents in a remark


def scrub(folder: Path, ledger: Ledger) -> tuple[str, ...]:
    """Return the paths of documents in `folder` that are missing or damaged.

    The ledger records that their bytes are not in place, and that the files of their pictures and
    attachments must be read again: the current run restores them. Documents that are known not to
    be in place are not read.
    """
    documents = ledger.documents
    count = max(_AT_LEAST, documents.count() // _RUNS)
    first = documents.find(documents.subscriptions()).values()
    some = _share(ledger, count)
    damaged = {one.path for one in (*first, *some) if one.live and not _is_whole(folder, one)}
    for one in _weighed(ledger):
        if not is_intact(folder, one.path, one.digest, sizes(one.codings)):
            damaged.add(one.path)
    if damaged:
        documents.mark_unfinished(sorted(damaged))
        ledger.files.read_again(ledger.entries.files_with_media(sorted(damaged)))
    return tuple(sorted(damaged))


def lost(ledger: Ledger) -> tuple[str, ...]:
    """Return the pictures and attachments that are not in place after a run.

    Their files are no longer in `entries/`; a run restores all others.
    """
    return tuple(sorted(path for path in ledger.documents.unfinished() if is_media(path)))


def remarks(damaged: Sequence[str], lost: Sequence[str]) -> Iterator[str]:
    """Report which documents were missing or damaged, and which cannot be made again."""
    if restored := [path for path in damaged if path not in lost]:
        yield (
            f"{_counted(restored)} in feeds/ missing or not as published, and restored: "
            f"{named(restored)}."
        )
    if lost and damaged:
        yield (
            f"{_counted(lost)} in feeds/ missing or not as published, and not to be restored from "
            f"entries/: {named(lost)}. Put the pictures or attachments beside their entries again."
        )


def _counted(paths: Sequence[str]) -> str:
    return "1 file was" if len(paths) == 1 else f"{len(paths)} files were"


def named(paths: Sequence[str]) -> str:
    """Return the first of many paths, and how many more there are."""
    more = f" and {len(paths) - _NAMED} more" if len(paths) > _NAMED else ""
    return f"{', '.join(paths[:_NAMED])}{more}"


def _share(ledger: Ledger, count: int) -> list[DocumentRecord]:
    """Return the next `count` documents, from the first again after the last."""
    found = ledger.documents.after(ledger.state.cursor(Cursor.SIZES), count)
    ledger.state.set_cursor(Cursor.SIZES, found[-1].path if len(found) == count else "")
    return found


def _weighed(ledger: Ledger) -> list[DocumentRecord]:
    """Return the next documents whose plain bytes are `_BYTES` together, one at least."""
    found = ledger.documents.after(ledger.state.cursor(Cursor.DIGESTS), _AT_LEAST)
    before = accumulate((one.size for one in found), initial=0)
    some = [one for one, size in zip(found, before, strict=False) if size < _BYTES]
    is_last = len(some) == len(found) < _AT_LEAST
    ledger.state.set_cursor(Cursor.DIGESTS, "" if is_last or not some else some[-1].path)
    return [one for one in some if one.live]


def _is_whole(folder: Path, one: DocumentRecord) -> bool:
    """Return whether every file of a document is there, with its time and size."""
    try:
        for name, size in _files(one):
            stat = os.stat(f"{folder}/{name}")  # noqa: PTH116 - a `Path` takes longer than the call
            if (stat.st_size, int(stat.st_mtime)) != (size, one.changed):
                return False
    except OSError:
        return False
    return True


def _files(one: DocumentRecord) -> Iterator[tuple[str, int]]:
    yield one.path, one.size
    for coding, size in sizes(one.codings).items():
        yield f"{one.path}{ENDINGS[coding]}", size
