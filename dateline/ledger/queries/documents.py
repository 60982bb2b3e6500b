"""The documents that the ledger has committed to, and the addresses of those that are gone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from dateline.documents.manifest import FormerListing
from dateline.ledger.queries.state import PublicationState
from dateline.ledger.rows import DocumentRecord, document_record, document_row, seconds
from dateline.ledger.session import Session, batches, one_of
from dateline.ledger.tables import document, former
from dateline.model import Role
from dateline.text.urls import fingerprint

_ALL = sa.select(document).order_by(document.c.path)
_SOME = sa.select(document).where(one_of(document.c.path))
_PATHS = sa.select(document.c.path)
_UNFINISHED = _PATHS.where(document.c.live.is_(False))
# Of each half, an index has the few.
_DOUBTFUL = sa.union_all(
    _UNFINISHED.add_columns(sa.literal(0).label("is_expired")),
    _PATHS.add_columns(sa.literal(1)).where(document.c.expires <= sa.bindparam("moment")),
)
_OF_ROLES = (
    sa.select(document.c.role, document.c.path)
    .where(document.c.role.in_(sa.bindparam("roles", expanding=True)))
    .order_by(document.c.path)
)
_MARK_LIVE = sa.update(document).where(one_of(document.c.path)).values(live=True)
_MARK_ALL_UNFINISHED = sa.update(document).values(live=False)
_MARK_UNFINISHED = _MARK_ALL_UNFINISHED.where(one_of(document.c.path))
_COUNT = sa.select(sa.func.count()).select_from(document)
_BETWEEN = _PATHS.where(
    document.c.path > sa.bindparam("first"), document.c.path < sa.bindparam("last")
)
_AFTER = _ALL.where(document.c.path > sa.bindparam("path")).limit(sa.bindparam("count"))

_KEPT = 2_000  # documents of which a run asks several times

_TO_REMOVE = sa.select(former.c.path).where(former.c.path != "")
_REMOVED = sa.update(former).where(one_of(former.c.digest)).values(path="")
_ALL_FORMER = sa.select(former.c.digest, former.c.target).order_by(former.c.digest)
_ANY_FORMER = sa.select(former.c.digest).limit(1)
_SOME_FORMER = _ALL_FORMER.where(one_of(former.c.digest))


class FormerAddresses:
    """The addresses that a publication once promised, and where each redirects to.

    They are stored as digests, so that the address of an entry taken down reveals nothing.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, targets: Mapping[str, str]) -> None:
        """Add the paths of documents that go, each with its target or an empty text (410)."""
        rows = [
            {"digest": fingerprint(path), "path": path, "target": target}
            for path, target in targets.items()
        ]
        self._session.replace(former, former.c.digest, rows)

    def forget(self, paths: Sequence[str]) -> None:
        """Delete addresses at which there is a document again."""
        if self._session.scalar(_ANY_FORMER) is not None:
            self._session.delete(former, former.c.digest, [fingerprint(path) for path in paths])

    def pending(self) -> list[str]:
        """Return the paths of the documents that are still to be removed."""
        return list(self._session.scalars(_TO_REMOVE))

    def remove_again(self, paths: Iterable[str]) -> None:
        """Record that documents are still to be removed: those at former addresses of all these."""
        for some in batches([*paths]):
            found = {fingerprint(path): path for path in some}
            rows = self._session.among(_SOME_FORMER, [*found])
            self.add({found[row.digest]: row.target for row in rows})

    def settle(self, paths: Sequence[str]) -> None:
        """Record that these documents are removed, and delete their paths."""
        self._session.change(_REMOVED, [fingerprint(path) for path in paths])

    def restore(self, listings: Sequence[FormerListing]) -> None:
        """Add the former addresses that a manifest has."""
        rows = [{"digest": one.digest, "target": one.target, "path": ""} for one in listings]
        self._session.replace(former, former.c.digest, rows)

    def listings(self, paths: Sequence[str] | None = None) -> Iterator[FormerListing]:
        """Yield the manifest's rows for these paths, or for all."""
        rows = (
            self._session.execute(_ALL_FORMER)
            if paths is None
            else self._session.among(_SOME_FORMER, [fingerprint(path) for path in paths])
        )
        for row in rows:
            yield FormerListing(digest=row.digest, target=row.target)


class Documents:
    """The documents of a publication, as the ledger remembers them."""

    def __init__(
        self, session: Session, former_addresses: FormerAddresses, state: PublicationState
    ) -> None:
        self._session = session
        self._former = former_addresses
        self._state = state

    def find(self, paths: Sequence[str]) -> dict[str, DocumentRecord]:
        """Return the documents with these paths, by path, as they were last committed."""
        known = self._known
        found = {path: known[path] for path in paths if path in known}
        new = [path for path in paths if path not in found]
        rows = {row.path: document_record(row) for row in self._session.among(_SOME, new)}
        asked = {path: rows.get(path) for path in new}
        if len(known) + len(asked) <= _KEPT:
            known.update(asked)
        return {path: one for path, one in (found | asked).items() if one}

    @property
    def _known(self) -> dict[str, DocumentRecord | None]:
        """What was asked of documents, by path, since one has changed; None where there is none."""
        known: dict[str, DocumentRecord | None]
        known = self._session.memo.setdefault(DocumentRecord, {})
        return known

    def _forget(self) -> None:
        self._session.memo.pop(DocumentRecord, None)

    def all(self) -> Iterator[DocumentRecord]:
        """Yield every document."""
        return map(document_record, self._session.each(_ALL))

    def after(self, path: str, count: int) -> list[DocumentRecord]:
        """Return the first `count` documents whose paths come after `path`, in their order."""
        rows = self._session.execute(_AFTER, {"path": path, "count": count})
        return [document_record(row) for row in rows]

    def count(self) -> int:
        """Return the number of documents."""
        return self._session.scalar(_COUNT) or 0

    def unfinished(self) -> set[str]:
        """Return the paths of the documents whose bytes may not be in place."""
        return set(self._session.scalars(_UNFINISHED))

    def doubtful(self, now: datetime) -> tuple[set[str], set[str]]:
        """Return the paths of the `unfinished` documents, and of those changed by time alone."""
        found: tuple[set[str], set[str]] = (set(), set())
        for row in self._session.execute(_DOUBTFUL, {"moment": seconds(now)}):
            found[row.is_expired].add(row.path)
        return found

    def subscriptions(self) -> list[str]:
        """Return the paths of all subscription documents."""
        return self.of_roles(Role.SUBSCRIPTION)[Role.SUBSCRIPTION]

    def of_roles(self, *roles: Role) -> dict[Role, list[str]]:
        """Return the paths of all documents that have one of these roles, by role."""
        found: dict[Role, list[str]] = {role: [] for role in roles}
        for role, path in self._session.execute(_OF_ROLES, {"roles": roles}).all():
            found[role].append(path)
        return found

    def under(self, start: str, end: str) -> list[str]:
        """Return the paths of documents that start and end like this."""
        named = (
            document.c.path.startswith(start, autoescape=True),
            document.c.path.endswith(end, autoescape=True),
        )
        return list(self._session.scalars(sa.select(document.c.path).where(*named)))

    def in_folders(self, names: Sequence[str]) -> list[str]:
        """Return the paths of the documents in these folders at the top."""
        bounds = [{"first": f"{name}/", "last": f"{name}0"} for name in names]  # 0 follows /
        return [path for some in bounds for path in self._session.scalars(_BETWEEN, some)]

    def set(self, records: Sequence[DocumentRecord]) -> None:
        """Store documents as they are, or are about to be."""
        known = self._known
        there = None  # of many, only the paths are asked for
        if all(found.path in known for found in records):
            there = {path for path, one in known.items() if one}
        rows = [document_row(found) for found in records]
        self._session.replace(document, document.c.path, rows, there)
        self._forget()

    def restore(self, records: Sequence[DocumentRecord]) -> None:
        """Store the documents that a manifest has, and no others."""
        self._forget()
        self._note_gone(records)  # nobody knows any more what else there was
        self._session.execute(sa.delete(document))
        self._session.insert(document, [document_row(found) for found in records])

    def retire(self, paths: Sequence[str], target: str = "") -> None:
        """Delete documents, which are still to be removed; their addresses redirect to `target`."""
        self._note_gone(self.find(paths).values())
        self._forget()
        self._session.delete(document, document.c.path, paths)
        self._former.add(dict.fromkeys(paths, target))

    def _note_gone(self, records: Iterable[DocumentRecord]) -> None:
        self._state.note_retired(max((one.changed for one in records), default=0))

    def retire_entries(self, slugs: Sequence[str], target: str = "") -> None:
        """Retire the pages of entries, and the calendars of those that are or were events."""
        self.retire([*(f"{slug}.html" for slug in slugs), *self._of_events(slugs)], target)

    def leading_to(self, page: str, paths: Sequence[str]) -> list[str]:
        """Return which of these former addresses redirect to a page."""
        digests = {one.digest for one in self._former.listings(paths) if one.target == page}
        return [path for path in paths if fingerprint(path) in digests]

    def end_events(self, slugs: Sequence[str]) -> None:
        """Retire the calendars of entries that are no events any more; they lead to the pages."""
        for path in self._of_events(slugs):
            self.retire([path], f"{path.removesuffix('.ics')}.html")

    def _of_events(self, slugs: Sequence[str]) -> list[str]:
        """Return the calendars that entries have or had."""
        paths = {fingerprint(path): path for path in (f"{slug}.ics" for slug in slugs)}
        had = {paths[one.digest] for one in self._former.listings([*paths.values()])}
        return sorted(had.union(self.find([*paths.values()])))

    def mark_live(self, paths: Sequence[str]) -> None:
        """Record that the bytes of these documents are in place."""
        self._forget()
        self._session.change(_MARK_LIVE, paths)

    def mark_unfinished(self, paths: Sequence[str] | None = None) -> None:
        """Record that the bytes of these documents, or of all, may not be in place."""
        self._forget()
        if paths is None:
            self._session.execute(_MARK_ALL_UNFINISHED)
        else:
            self._session.change(_MARK_UNFINISHED, paths)
