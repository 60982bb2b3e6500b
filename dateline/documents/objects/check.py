"""Test of a store: whether it keeps the conditions on which several machines can write.

Some stores accept a request with a condition and ignore the condition.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from uuid import uuid4

from dateline.documents.objects import OWN, ObjectStore, ObjectVersion, StoredObject
from dateline.errors import StoreError

_ELSE = ObjectVersion(etag="0" * 32, number="0")  # of no object


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreFinding:
    """The outcome of one test of a store: its subject, and one sentence."""

    about: str
    is_ok: bool
    text: str


def verify(store: ObjectStore) -> None:
    """Raise `StoreError` unless the store keeps its conditions."""
    for finding in examine(store):
        if not finding.is_ok:
            raise StoreError(f"{store.name} cannot be used: {finding.text}")


def examine(store: ObjectStore) -> Iterator[StoreFinding]:
    """Test a store with an object that is deleted at the end, and yield what was found.

    Raises `StoreError` where it cannot be reached or used at all.
    """
    key = f"{OWN}check/{uuid4().hex}"
    yield from _listing(store)
    try:
        yield from _conditions(store, key)
    except BaseException:
        with suppress(StoreError):
            store.delete([key])
        raise
    store.delete([key])
    is_gone = _found(store, key) is None and store.read(key) is None
    yield _finding("delete", "it deletes objects", "an object that was deleted is there", is_gone)


def _listing(store: ObjectStore) -> Iterator[StoreFinding]:
    next(store.objects(), None)
    yield StoreFinding(about="reach", is_ok=True, text=f"{store.name} can be listed.")


def _conditions(store: ObjectStore, key: str) -> Iterator[StoreFinding]:
    first = store.create(key, b"1")
    again = store.create(key, b"2")
    is_kept = first is not None and again is None and _text(store, key) == b"1"
    yield _finding(
        "create",
        "it creates an object only where there is none",
        "it replaces an object that may only be created (If-None-Match)",
        is_kept,
    )
    if first is None or not is_kept:
        return
    wrong = store.replace(key, b"3", _ELSE)
    second = store.replace(key, b"4", first)
    late = store.replace(key, b"5", first)
    is_kept = wrong is None and second is not None and late is None and _text(store, key) == b"4"
    yield _finding(
        "swap",
        "it replaces an object only if that is the version that was seen",
        "it replaces an object that somebody else has changed (If-Match)",
        is_kept,
    )
    if second is None or not is_kept:
        return
    listed = _found(store, key)
    yield _finding(
        "list",
        "it lists an object at once, with its version",
        "its list lacks an object that was just written, or has another version of it",
        listed is not None and (listed.size, listed.version.etag) == (1, second.etag),
    )


def _finding(about: str, good: str, bad: str, is_ok: bool) -> StoreFinding:  # noqa: FBT001
    return StoreFinding(about=about, is_ok=is_ok, text=f"{good if is_ok else bad}.")


def _text(store: ObjectStore, key: str) -> bytes:
    found = store.read(key)
    return found[0] if found else b""


def _found(store: ObjectStore, key: str) -> StoredObject | None:
    return next((one for one in store.objects(key) if one.key == key), None)
