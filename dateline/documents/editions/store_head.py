"""The head of a store: which edition is the latest, and where an empty folder begins.

The publisher alone writes it, and only in place of the version that it has read: one that was
overtaken by another publisher changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from dateline.documents.editions.edition import EditionMark, mark_of, number_of
from dateline.documents.objects import ObjectStore, ObjectVersion
from dateline.errors import EditionError, OvertakenError
from dateline.messages import program

HEAD_KEY = "head.json"
RECENT = 32  # editions that a head names, and that an edition names before it
_FORMAT = 1
_ATTEMPTS = 5  # to replace it, while a check and a run replace it, too
_FIELDS = {"Content-Type": "application/json", "Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreHead:
    """The latest editions of a publication, the latest first, and the latest whole one.

    `founded` tells publications apart. `moment` is that of the latest edition, `looked` that of
    the publisher's last check, and `late` the one at which three checks will have been missed, all
    in seconds since 1970.
    """

    founded: int
    epoch: int
    recent: Sequence[EditionMark]
    whole: EditionMark
    moment: int
    looked: int = 0
    late: int = 0

    @property
    def latest(self) -> EditionMark:
        """The mark of the latest edition."""
        return self.recent[0]

    def as_json(self) -> str:
        """Return the head as it is stored."""
        record = {
            "format": _FORMAT,
            "founded": self.founded,
            "epoch": self.epoch,
            "recent": [one.as_json() for one in self.recent],
            "whole": self.whole.as_json(),
            "moment": self.moment,
            "looked": self.looked,
            "late": self.late,
        }
        return json.dumps(record)


def head_of_json(text: str | bytes, where: str) -> StoreHead:
    """Return the head in a text from a place. Raises `EditionError`."""
    try:
        record = json.loads(text)
        if record["format"] != _FORMAT:
            raise EditionError(
                f"{where}: {HEAD_KEY} is of another release of Dateline: install the same release "
                "on all machines."
            )
        numbers = ("founded", "epoch", "moment", "looked", "late")
        return StoreHead(
            **{name: number_of(record[name]) for name in numbers},
            recent=tuple(map(mark_of, record["recent"] or [None])),
            whole=mark_of(record["whole"]),
        )
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise EditionError(
            f"{where}: {HEAD_KEY} is not what a publisher wrote. Name a place of its own for each "
            "publication."
        ) from error


def read_head(store: ObjectStore) -> StoreHead | None:
    """Return the head of a store, None where there is none. Raises `StoreError`."""
    found = read_version(store)
    return found[0] if found else None


def read_version(store: ObjectStore) -> tuple[StoreHead, ObjectVersion] | None:
    """Return the head of a store with its version."""
    found = store.read(HEAD_KEY)
    return (head_of_json(found[0], store.name), found[1]) if found else None


def write_head(store: ObjectStore, head: StoreHead) -> None:
    """Put a head in place of an older one; the publisher's last check stays.

    Raises `OvertakenError` where another publisher has put a newer one there, and `EditionError`
    where it is of another publication.
    """

    def newer(found: StoreHead | None) -> StoreHead:
        if found is None:
            return head
        require_same(store, found, head.founded)
        if _order(found) > _order(head):
            raise overtaken(store)
        return replace(head, looked=found.looked, late=found.late)

    _swap(store, newer)


def note_check(store: ObjectStore, looked: int, late: int, *, leads: Callable[[int], bool]) -> None:
    """Note a check of the publisher's, unless the store has no edition.

    It `leads` if no other publisher has replaced it since the epoch of the latest edition.
    """

    def noted(found: StoreHead | None) -> StoreHead | None:
        if found is None:
            store.require_place()
        if found is None or not leads(found.epoch):
            return None
        return replace(found, looked=looked, late=late)

    _swap(store, noted)


def _swap(store: ObjectStore, change: Callable[[StoreHead | None], StoreHead | None]) -> None:
    """Replace the head by what a function makes of it; by None it stays as it is."""
    for _ in range(_ATTEMPTS):
        found = read_version(store)
        wanted = change(found[0] if found else None)
        if wanted is None:
            return
        data = wanted.as_json().encode()
        if found is None:
            is_done = store.create(HEAD_KEY, data, _FIELDS)
        else:
            is_done = store.replace(HEAD_KEY, data, found[1], _FIELDS)
        if is_done is not None:
            return
    raise overtaken(store)


def overtaken(store: ObjectStore) -> OvertakenError:
    """Return the error that another publisher writes to a store."""
    return OvertakenError(f"{store.name}: another publisher has written there meanwhile.")


def require_same(store: ObjectStore, head: StoreHead, founded: int) -> None:
    """Raise `EditionError` unless a head is of the publication that was founded at a moment."""
    if head.founded != founded:
        raise EditionError(
            f"{store.name} has the editions of another publication. Name another place under "
            "[store], such as a prefix of its own. If they are of this one, whose ledger and "
            f"documents are lost, {how_to_bring_back()}."
        )


def how_to_bring_back() -> str:
    """Return what to type to go on from the store after the loss of ledger and documents."""
    name = program.name()
    return (
        f"type {name} serve --only follow, stop it once the documents are here, and type "
        f"{name} build"
    )


def _order(head: StoreHead) -> tuple[int, int]:
    return head.epoch, head.latest.generation
