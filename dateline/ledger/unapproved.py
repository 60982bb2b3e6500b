"""What writers saved and no editor has approved yet, by the digest of its bytes.

A content may have several uses, of which an editor approves one and has not seen another.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, datetime

import sqlalchemy as sa

from dateline.ledger.queries.entries import has_unapproved
from dateline.ledger.rows import path_digest, seconds
from dateline.ledger.session import Session, one_of
from dateline.ledger.tables import unapproved
from dateline.model.acts import Submission

_AMONG = sa.select(unapproved).where(one_of(unapproved.c.digest))
_SIZES = sa.select(unapproved.c.size).where(
    unapproved.c.size.in_(sa.bindparam("sizes", expanding=True))
)


def use_of(entry: str, path: str) -> str:
    """Return the use of a content in an entry, as its file or one beside it, by their paths."""
    return f"{path_digest(entry)} {path_digest(path)}"


def _is_entry(use: str) -> bool:
    """Return whether a use of a content is that as the file of an entry."""
    return " " in use and len({*use.split()}) == 1


def is_free(found: Submission, entry: str, path: str) -> bool:
    """Return whether a content need not wait in an entry, as its file or one beside it."""
    return bool(found.approved & {use_of(entry, path), path_digest(path)})


class Unapproved:
    """The contents that wait for an editor, whatever the files with them are called."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def is_empty(self) -> bool:
        """True if nothing waits."""
        return not has_unapproved(self._session)

    def find(self, digest: str) -> Submission | None:
        """Return a content that waits, or None."""
        return self.among([digest]).get(digest)

    def add(self, found: Submission, there: Iterable[str] = ()) -> None:
        """Record that a content waits; it does so again if it had been approved before.

        It does not wait at the paths where it was `there` before anybody submitted it, as long as
        nobody submits it there. These paths are asked for only when it is submitted first. Nor does
        it, as a picture or document, in the entries in which it is approved under another path.
        """
        before, own = self.find(found.digest), path_digest(found.path)
        if before is None:
            uses = {*map(path_digest, there)} - {own}
        else:
            uses = {use for use in before.approved if own not in use.split() and not _is_entry(use)}
        row = {
            "digest": found.digest,
            "size": found.size,
            "path": found.path if before is None or before.path == found.path else "",
            "person": found.person,
            "moment": seconds(found.moment),
            "uses": "\n".join(sorted(uses)),
        }
        self._session.replace(unapproved, unapproved.c.digest, [row])
        self._session.memo.pop(unapproved, None)

    def among(self, digests: Collection[str]) -> dict[str, Submission]:
        """Return those of these contents that wait, by digest."""
        return {
            row.digest: Submission(
                digest=row.digest,
                size=row.size,
                path=row.path,
                person=row.person,
                moment=datetime.fromtimestamp(row.moment, UTC),
                approved=frozenset(row.uses.splitlines()),
            )
            for row in self._session.among(_AMONG, sorted(digests))
        }

    def sizes(self, among: Collection[int]) -> set[int]:
        """Return those of these sizes in bytes that a waiting content has."""
        return {*self._session.scalars(_SIZES, {"sizes": sorted(among)})} if among else set()

    def approve(self, digest: str, uses: Iterable[str]) -> None:
        """Record that a content need not wait in these uses any more."""
        row = {"digest": digest, "uses": "\n".join(sorted(uses))}
        self._session.replace(unapproved, unapproved.c.digest, [row])

    def free(self, digest: str) -> None:
        """Record that a content need not wait any more."""
        self._session.delete(unapproved, unapproved.c.digest, [digest])
        self._session.memo.pop(unapproved, None)
