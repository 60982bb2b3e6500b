"""The ledger: what was published, when, and from which files.

It stores and finds; the rules decide. One `Ledger` is one transaction on one connection: no
other sees its changes until `commit`. It works on any engine (`dateline.ledger.engine`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Self

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from dateline.errors import PostponedError
from dateline.ledger.acts import Acts
from dateline.ledger.engine import refuse_read_only, unusable
from dateline.ledger.queries.documents import Documents, FormerAddresses
from dateline.ledger.queries.entries import NEWEST
from dateline.ledger.queries.entry_changes import Entries
from dateline.ledger.queries.files import Files
from dateline.ledger.queries.members import Members
from dateline.ledger.queries.notices.outbox import Outbox, PurgeQueue
from dateline.ledger.queries.relations.translations import Translations
from dateline.ledger.queries.state import PublicationState
from dateline.ledger.rows import moment_at, seconds
from dateline.ledger.session import Session, exclusive, open_session
from dateline.ledger.tables import document, entry, file
from dateline.ledger.unapproved import Unapproved

# What a run reads only when something has changed, and pages for staff, is imported on use.
if TYPE_CHECKING:
    from dateline.ledger.queries.editions import Editions
    from dateline.ledger.queries.events import Directory
    from dateline.ledger.queries.notices.deliveries import Deliveries
    from dateline.ledger.queries.notices.requests import SubscriptionRequests
    from dateline.ledger.queries.notices.subscriptions import Subscriptions
    from dateline.ledger.queries.overview import Overview
    from dateline.ledger.queries.relations.neighbours import NeighbourQueries

__all__ = ["Horizon", "Ledger", "exclusive"]

_TRY_AGAIN = timedelta(hours=1)
_DUE = [
    sa.select(sa.func.min(column)).where(column > sa.bindparam("moment"))
    for column in (file.c.due, entry.c.expires, document.c.expires)
]
_HORIZON = sa.select(
    *(
        query.scalar_subquery()
        for query in (NEWEST, _DUE[0].where(file.c.state == "scheduled"), *_DUE)
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Horizon:
    """What is ahead of a moment, and the `newest` entry, which is ahead of it only by mistake.

    The next file, entry or document is `due` to change then. At the `embargo` the next scheduled
    entry appears: it bounds how long caches may keep a document.
    """

    due: datetime | None
    embargo: datetime | None
    newest: datetime | None


class Ledger:
    """The ledger at an SQLAlchemy URL, brought to this release's tables when opened.

    Raises `LedgerError` if it cannot be opened, or was written by another release whose tables
    this one cannot use.
    """

    def __init__(self, url: str, session: Session | None = None) -> None:
        """Open the ledger, or use a session that is open."""
        self.url = url
        self._session = session = session or open_session(url)
        self.state = PublicationState(session)
        self.files = Files(session)
        self.translations = Translations(session, self.state)
        self.former = FormerAddresses(session)
        self.documents = Documents(session, self.former, self.state)
        self.acts = Acts(session)
        self.unapproved = Unapproved(session)
        self.entries = Entries(
            session, self.documents, self.files, self.translations, self.acts, state=self.state
        )
        self.members = Members(session)
        self.outbox = Outbox(session)
        self.purges = PurgeQueue(session)
        self._neighbours: dict[tuple[frozenset[str], datetime], NeighbourQueries] = {}

    @cached_property
    def editions(self) -> Editions:
        """The queries for what feeds and archives contain."""
        from dateline.ledger.queries.editions import Editions  # noqa: PLC0415

        return Editions(self._session)

    @cached_property
    def directory(self) -> Directory:
        """The queries for addresses, dates and events."""
        from dateline.ledger.queries.events import Directory  # noqa: PLC0415

        return Directory(self._session)

    @cached_property
    def requests(self) -> SubscriptionRequests:
        """The requests to the hub."""
        from dateline.ledger.queries.notices.requests import SubscriptionRequests  # noqa: PLC0415

        return SubscriptionRequests(self._session)

    @cached_property
    def subscriptions(self) -> Subscriptions:
        """The subscriptions of the hub."""
        from dateline.ledger.queries.notices.subscriptions import Subscriptions  # noqa: PLC0415

        return Subscriptions(self._session)

    @cached_property
    def deliveries(self) -> Deliveries:
        """The proofs that entries have reached readers."""
        from dateline.ledger.queries.notices.deliveries import Deliveries  # noqa: PLC0415

        return Deliveries(self._session)

    @cached_property
    def overview(self) -> Overview:
        """The queries for the newsroom's overviews."""
        from dateline.ledger.queries.overview import Overview  # noqa: PLC0415

        return Overview(self._session)

    def neighbours(self, feeds: Collection[str], now: datetime) -> NeighbourQueries:
        """Return the queries for the neighbours of entries, as `NeighbourQueries` has them.

        They are the same for the whole of a run: what it found of them is not asked again.
        """
        from dateline.ledger.queries.relations.neighbours import NeighbourQueries  # noqa: PLC0415

        key = (frozenset(feeds), now)
        if key not in self._neighbours:
            self._neighbours = {key: NeighbourQueries(self._session, feeds, now)}
        return self._neighbours[key]

    def __enter__(self) -> Self:
        """Open the ledger for one run."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close without a commit; what the engine refused becomes a `LedgerError`."""
        self._session.close(is_kept=error is None or isinstance(error, PostponedError))
        if isinstance(error, SQLAlchemyError):
            raise unusable(error) from error

    def refuse_read_only(self) -> None:
        """Raise `LedgerAwayError` if the database server takes no changes."""
        refuse_read_only(self._session.connection)

    def confirm(self) -> None:
        """Raise `LeadershipError` if this node of a cluster may not write, nor send, any more."""
        self._session.confirm()

    def commit(self) -> None:
        """Commit. Raises `LeadershipError` as `confirm` does; then nothing is committed."""
        self.state.save()
        self._session.commit()

    def finish_purge(self, now: datetime) -> None:
        """Have a server write its tables again if that failed, or was ended, after a takedown.

        It may take long, and be refused while others use the tables: the next try is in an hour.
        """
        due = self.state.rewrite_due
        if due and not now < due <= now + _TRY_AGAIN:  # the clock may have been put back
            self.state.rewrite_due = now + _TRY_AGAIN
            self._session.purge_on_close()

    def expect_many(self) -> None:
        """Take more memory until the next commit, before which much is recorded."""
        self._session.expect_many()

    def horizon(self, now: datetime) -> Horizon:
        """Return what is ahead of `now`."""
        newest, embargo, *due = self._session.execute(_HORIZON, {"moment": seconds(now)}).one()
        return Horizon(
            due=moment_at(min(filter(None, due), default=None)),
            embargo=moment_at(embargo),
            newest=moment_at(newest),
        )
