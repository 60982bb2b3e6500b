"""At which addresses is nothing any more, and where did it go?

Addresses are known by their digests: one of what was taken down says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import sqlalchemy as sa

from dateline.documents.manifest import FormerListing
from dateline.ledger.session import Session, one_of
from dateline.ledger.tables import former
from dateline.text.urls import fingerprint

_PENDING = sa.select(former.c.path).where(former.c.path != "")
_SETTLED = sa.update(former).where(one_of(former.c.digest)).values(path="")
_ALL = sa.select(former.c.digest, former.c.target).order_by(former.c.digest)
_SOME = _ALL.where(one_of(former.c.digest))


class Former:
    """The addresses of a publication that were promised once."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, targets: Mapping[str, str]) -> None:
        """Remember the paths of documents that go, each with where to, or an empty text."""
        rows = [
            {"digest": fingerprint(path), "path": path, "target": target}
            for path, target in targets.items()
        ]
        self._session.replace(former, former.c.digest, rows)

    def forget(self, paths: Sequence[str]) -> None:
        """Forget addresses at which something is again."""
        self._session.delete(former, former.c.digest, [fingerprint(path) for path in paths])

    def pending(self) -> list[str]:
        """Give the paths of the documents that are still to be removed."""
        return list(self._session.scalars(_PENDING))

    def settle(self, paths: Sequence[str]) -> None:
        """Remember that these documents are removed, and their paths no longer."""
        self._session.change(_SETTLED, [fingerprint(path) for path in paths])

    def restore(self, listings: Sequence[FormerListing]) -> None:
        """Remember what a manifest has of them."""
        rows = [{"digest": one.digest, "target": one.target, "path": ""} for one in listings]
        self._session.replace(former, former.c.digest, rows)

    def listings(self, paths: Sequence[str] | None = None) -> Iterator[FormerListing]:
        """Give what the manifest says of these, or of all."""
        rows = (
            self._session.execute(_ALL)
            if paths is None
            else self._session.among(_SOME, [fingerprint(path) for path in paths])
        )
        for row in rows:
            yield FormerListing(digest=row.digest, target=row.target)
