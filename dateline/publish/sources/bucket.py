"""A prefix of an object store as the source of entries: each object is a file, and whole."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from dateline.documents.objects import StoredObject
from dateline.documents.objects.opening import open_store
from dateline.errors import DatelineError, SourceError
from dateline.model import SourceSettings
from dateline.publish.sources.fetching import (
    MOST_BYTES,
    VERSION,
    SourceItem,
    is_wanted,
    note_too_large,
)
from dateline.system.writing import replace_file

_AT_ONCE = 16  # objects
_log = logging.getLogger(__name__)


class BucketSource:
    """The objects below the prefix of a bucket, by their versions (ETag)."""

    def __init__(self, source: SourceSettings, place: Path, environment: Mapping[str, str]) -> None:
        self._record = place / "objects.json"
        self._listed: dict[str, str | None] = {}
        self._left_out: frozenset[str] = frozenset()
        with _as_source_error():
            self._store = open_store(source.url, source.endpoint, environment)

    @property
    def has_record(self) -> bool:
        """True if the record can be read."""
        return self._recorded() is not None

    def fetch(self) -> bool:
        """List all objects; return whether any is not as in the record."""
        with _as_source_error():
            every = self._store.objects()
            found = [one for one in every if is_wanted(one.key) and not _is_marker(one)]
        known, folders = self._known(), _folders(one.key for one in found)
        large = {one.key: one.size for one in found if one.size > MOST_BYTES}
        for key, etag in ((one.key, one.version.etag) for one in found):
            if key in large and known.get(key) != etag:
                note_too_large(key, large[key])
            elif key in folders and known.get(key, etag) is not None:
                _log.warning("%s of the source is the name of a folder, and is left out.", key)
        self._left_out = frozenset(large) | folders
        # Without a version, it is new as soon as it is no folder.
        self._listed = {one.key: None if one.key in folders else one.version.etag for one in found}
        return self._listed != known or not self.has_record

    def changes(self, *, from_nothing: bool) -> tuple[Sequence[str], Sequence[SourceItem]]:
        """Return what differs between the record and the list.

        What is new is recorded first, without a version: it may be written, and then be deleted in
        the store before all else is fetched. A record that was lost stays so until `done`: files
        of which it would not know may still be in the folder.
        """
        known = {} if from_nothing else self._known()
        new = [
            SourceItem(path=key, version=etag or "")
            for key, etag in sorted(self._listed.items())
            if known.get(key) != etag and key not in self._left_out
        ]
        if new and self.has_record:
            self._write({**known, **dict.fromkeys(item.path for item in new)})
        return sorted({*known} - {*self._listed} | (self._left_out & {*known})), new

    def items(self, paths: Collection[str] | None) -> Sequence[SourceItem]:
        """Return objects of the record that are still in the store."""
        if not self.has_record:
            raise SourceError("the record of it in state/ is lost")
        if not self._listed:
            self.fetch()
        wanted = self._known() if paths is None else {*paths} & self._known().keys()
        return [
            SourceItem(path=path, version=self._listed[path] or "")
            for path in sorted(wanted)
            if path in self._listed and path not in self._left_out
        ]

    def contents(self, items: Sequence[SourceItem]) -> Iterator[tuple[SourceItem, bytes]]:
        """Yield objects with their bytes; one that is gone by now is for the next time."""
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            for item, data in zip(items, threads.map(self._read, items), strict=True):
                if data is None:
                    self._listed[item.path] = None
                else:
                    yield item, data

    def _read(self, item: SourceItem) -> bytes | None:
        with _as_source_error():
            found = self._store.read(item.path)
        if found is None:
            return None
        data, version = found
        self._listed[item.path] = version.etag  # it may be newer than the list
        return data

    def done(self) -> None:
        """Write the record."""
        digest = hashlib.sha256(_packed(self._listed)).hexdigest()
        replace_file(self._record.with_name(VERSION), digest.encode("ascii"), is_synced=True)
        self._write(self._listed)

    def discard_damaged(self) -> bool:
        """Return False: there is no copy but the record, and a damaged one counts as lost."""
        return False

    def _write(self, record: Mapping[str, str | None]) -> None:
        replace_file(self._record, _packed(record), is_synced=True)

    def _known(self) -> dict[str, str | None]:
        return self._recorded() or {}

    def _recorded(self) -> dict[str, str | None] | None:
        """Return the record, None if it is lost or damaged."""
        try:
            found = json.loads(self._record.read_bytes())
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) else None


def _is_marker(one: StoredObject) -> bool:
    """Return whether an object only stands for a folder, as consoles of stores make it.

    Its key ends with a slash, of which the list says nothing; so it cannot be read, either.
    """
    return one.size == 0 and "." not in one.key.rpartition("/")[2]


def _folders(keys: Iterable[str]) -> set[str]:
    """Return the folders of all files: no file can have the name of one."""
    found: set[str] = set()
    for key in keys:
        folder = key.rpartition("/")[0]
        while folder and folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return found


@contextmanager
def _as_source_error() -> Iterator[None]:
    """Raise what a store refuses as `SourceError`."""
    try:
        yield
    except DatelineError as error:
        raise SourceError(str(error).rstrip(".")) from None


def _packed(record: Mapping[str, str | None]) -> bytes:
    return json.dumps(record, sort_keys=True).encode()
