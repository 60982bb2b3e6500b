"""The outbox: what hubs (WebSub) and caches have not accepted yet, and when each is sent.

A row exists from the commit that changes a document until the hub has accepted the notice, or the
cache two purges. It is not sent before the document's bytes are in place.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa

from dateline.ledger.queries.entries import has_notices
from dateline.ledger.session import Session
from dateline.ledger.tables import document, outbox
from dateline.text.urls import EVERYTHING

LATEST = 24 * 3600  # seconds, the longest pause before another attempt
MOST_TAGS = 1000  # that a cache is told by name


@dataclass(frozen=True, slots=True, kw_only=True)
class HubNotice:
    """A notice to one hub that a document changed at `changed` (`tables.outbox`)."""

    hub: str
    path: str
    changed: int
    due: int | None = 0
    tries: int = 0
    since: int | None = None
    quiet: int | None = None
    answer: int = 0
    lost: int | None = None

    def is_due(self, now: int) -> bool:
        """Return whether to send it now; a pause longer than `LATEST` came from another clock."""
        return _is_due(self.due, now)


class Outbox:
    """The notices to hubs, as the ledger remembers them."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(
        self, hubs: Sequence[str], changed: Mapping[str, int], caches: Sequence[str] = ()
    ) -> None:
        """Add notices that these documents changed, by path, and when.

        A notice that already waits for a hub takes the newer change, and all that the hub has
        not accepted is due again: the hub may be back. Notices for other hubs, and of documents
        that no longer exist, are deleted, and purges for other than these `caches`.
        """
        known = [*hubs, *map(_key, caches)]
        if has_notices(self._session):
            is_gone = sa.and_(_IS_OF_HUB, sa.not_(_IS_KNOWN))
            is_over = sa.or_(outbox.c.hub.not_in(known), is_gone)
            self._session.execute(sa.delete(outbox).where(is_over))
        for hub in hubs if changed else ():
            waiting = {notice.path: notice for notice in self._notices(outbox.c.hub == hub)}
            first = max((notice.quiet or 0 for notice in waiting.values()), default=0)
            fresh = [
                HubNotice(hub=hub, path=path, changed=moment, due=first)
                for path, moment in changed.items()
                if path not in waiting
            ]
            self._session.memo.pop(outbox, None)
            self._session.insert(outbox, [asdict(notice) for notice in fresh])
            for path in waiting.keys() & changed.keys():
                self._renew(waiting[path], changed[path], first)
            self.wake(hub)

    def _renew(self, notice: HubNotice, changed: int, first: int) -> None:
        values: dict[str, int | None] = {"changed": changed}
        if notice.due is None or not notice.tries:
            values |= {"due": first, "tries": 0, "since": None}
        self._session.execute(sa.update(outbox).where(_is(notice)).values(values))

    def waiting(self, hubs: Sequence[str]) -> list[HubNotice]:
        """Return the notices to send now or later, those with the fewest failures first."""
        return self._of(hubs, outbox.c.due.isnot(None))

    def lost(self, hubs: Sequence[str]) -> list[HubNotice]:
        """Return the notices that were given up, until the hub accepts one after all.

        One that was refused is given up no more once it fails for a reason that may pass.
        """
        return self._of(hubs, outbox.c.lost.isnot(None))

    def _of(self, hubs: Sequence[str], chosen: sa.ColumnElement[bool]) -> list[HubNotice]:
        return self._notices(outbox.c.hub.in_(hubs), _IS_LIVE, chosen) if hubs else []

    def accepted(self, notices: Sequence[HubNotice]) -> None:
        """Delete notices that a hub accepted; a later change of their documents is due at once."""
        reset = {"due": 0, "tries": 0, "since": None, "quiet": None, "answer": 0, "lost": None}
        for notice in notices:
            self._session.execute(
                sa.delete(outbox).where(_is(notice), outbox.c.changed == notice.changed)
            )
            self._session.execute(sa.update(outbox).where(_is(notice)).values(reset))

    def set(self, notices: Sequence[HubNotice]) -> None:
        """Store these notices, except those whose documents have changed since."""
        for notice in notices:
            is_same = (_is(notice), outbox.c.changed == notice.changed)
            self._session.execute(sa.update(outbox).where(*is_same).values(asdict(notice)))

    def hush(self, hub: str, until: int) -> None:
        """Send a hub nothing before this moment."""
        waits = (outbox.c.hub == hub, outbox.c.due < until)
        self._session.execute(sa.update(outbox).where(*waits).values(due=until, quiet=until))

    def wake(self, hub: str, but: Collection[str] = ()) -> None:
        """Make due what this hub has not accepted, except these paths, once its pause is over.

        The attempts still count: after another failure, the pause is longer than before.
        """
        failed = (outbox.c.hub == hub, outbox.c.due.isnot(None), outbox.c.tries > 0)
        due = sa.func.coalesce(outbox.c.quiet, 0)
        chosen = (*failed, outbox.c.path.not_in(but))
        self._session.execute(sa.update(outbox).where(*chosen).values(due=due))

    def _notices(self, *chosen: sa.ColumnElement[bool]) -> list[HubNotice]:
        order = (outbox.c.tries, outbox.c.changed, outbox.c.hub, outbox.c.path)
        rows = self._session.execute(sa.select(outbox).where(*chosen).order_by(*order))
        return [HubNotice(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name


def _is_due(due: int | None, now: int) -> bool:
    return due is not None and not now < due <= now + LATEST


def _is(notice: HubNotice) -> sa.ColumnElement[bool]:
    return sa.and_(outbox.c.hub == notice.hub, outbox.c.path == notice.path)


_IS_KNOWN = sa.exists().where(document.c.path == outbox.c.path)
# If a run was killed before the bytes were in place, the next one puts them there.
_IS_LIVE = sa.exists().where(document.c.path == outbox.c.path, document.c.live)
_CACHE = "cdn:"  # begins the name of a cache in the column of hubs
_IS_OF_HUB = outbox.c.hub.not_like(f"{_CACHE}%")


@dataclass(frozen=True, slots=True, kw_only=True)
class Purge:
    """The order to one cache to drop the documents with a tag, whose newest change is `changed`.

    `due`, `tries`, `since`, `quiet` and `answer` are as in `HubNotice`; `due` is None until the
    documents are in place. `confirmed` is when the cache accepted the first of the two purges.
    """

    cache: str
    tag: str
    changed: int
    due: int | None = None
    tries: int = 0
    since: int | None = None
    quiet: int | None = None
    answer: int = 0
    confirmed: int | None = None

    @property
    def is_new(self) -> bool:
        """True if it was not sent to the cache yet."""
        return self.confirmed is None and not self.tries

    def is_due(self, now: int) -> bool:
        """Return whether to send it now; a pause longer than `LATEST` came from another clock."""
        return _is_due(self.due, now)


class PurgeQueue:
    """The purges for caches, as the ledger remembers them."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, caches: Sequence[str], tags: Collection[str], now: int) -> None:
        """Add purges of tags, which wait for their release.

        More than `MOST_TAGS` for a cache become the purge of `EVERYTHING`.
        """
        for cache in caches if tags else ():
            known = {one.tag: one for one in self.waiting([cache])}
            wanted = {*tags}
            if EVERYTHING in known or len(wanted | known.keys()) > MOST_TAGS:
                wanted = {EVERYTHING}
                self._session.execute(sa.delete(outbox).where(outbox.c.hub == _key(cache)))
            else:
                of_tags = (outbox.c.hub == _key(cache), outbox.c.path.in_(wanted))
                self._session.execute(sa.delete(outbox).where(*of_tags))
            latest = max((one.changed + 1 for one in known.values()), default=now)
            quiet = max((one.quiet or 0 for one in known.values()), default=0)
            moment = max(now, latest)
            new = [
                Purge(cache=cache, tag=tag, changed=moment, quiet=quiet or None) for tag in wanted
            ]
            self._session.memo.pop(outbox, None)
            self._session.insert(outbox, [_row(one) for one in new])

    def release(self) -> None:
        """Make due what was added, now that its documents are in place."""
        waits = (sa.not_(_IS_OF_HUB), outbox.c.due.is_(None))
        first = sa.func.coalesce(outbox.c.quiet, 0)
        self._session.execute(sa.update(outbox).where(*waits).values(due=first))

    def waiting(self, caches: Sequence[str]) -> list[Purge]:
        """Return the purges that these caches have not accepted twice, the oldest first."""
        of_caches = outbox.c.hub.in_([*map(_key, caches)])
        order = (outbox.c.tries, outbox.c.changed, outbox.c.hub, outbox.c.path)
        rows = self._session.execute(sa.select(outbox).where(of_caches).order_by(*order))
        return [_purge(row) for row in rows]

    def accepted(self, purges: Sequence[Purge], now: int, again: int) -> None:
        """Delete purges that were accepted twice; the others are sent once more at `again`."""
        for one in purges:
            if one.confirmed is not None:
                self._session.execute(sa.delete(outbox).where(_is_purge(one)))
        first = [one for one in purges if one.confirmed is None]
        reset = {"due": again, "tries": 0, "since": None, "quiet": None, "answer": 0, "lost": now}
        for one in first:
            self._session.execute(sa.update(outbox).where(_is_purge(one)).values(reset))

    def set(self, purges: Sequence[Purge]) -> None:
        """Store these purges, except those whose documents have changed since."""
        for one in purges:
            self._session.execute(sa.update(outbox).where(_is_purge(one)).values(_row(one)))

    def delete(self, purges: Sequence[Purge]) -> None:
        """Delete purges, except those whose documents have changed since."""
        for one in purges:
            self._session.execute(sa.delete(outbox).where(_is_purge(one)))


def _key(cache: str) -> str:
    return f"{_CACHE}{cache}"


def _row(purge: Purge) -> dict[str, object]:
    values = asdict(purge)
    own = {"hub": _key(values.pop("cache")), "path": values.pop("tag")}
    return {**own, "lost": values.pop("confirmed"), **values}


def _purge(row: sa.Row[Any]) -> Purge:
    values = {**row._mapping}  # noqa: SLF001 - SQLAlchemy's public name
    own = {"cache": values.pop("hub").removeprefix(_CACHE), "tag": values.pop("path")}
    return Purge(**own, confirmed=values.pop("lost"), **values)


def _is_purge(purge: Purge) -> sa.ColumnElement[bool]:
    own = (outbox.c.hub == _key(purge.cache), outbox.c.path == purge.tag)
    return sa.and_(*own, outbox.c.changed == purge.changed)
