"""The requests to the hub whose subscribers have not answered yet.

They are those of WebSub, sections 5.1 to 5.3.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from dateline.ledger.session import Session, one_of
from dateline.ledger.tables import document, subscription, subscription_request
from dateline.model import Role

_OWN = subscription_request.c
_WAITING = sa.select(subscription_request).order_by(_OWN.due, _OWN.received, _OWN.digest)
_KNOWN = sa.select(subscription.c.digest).where(one_of(subscription.c.digest))
# What a run has not put in place yet is still to come for a subscriber.
_EDITION = sa.select(
    sa.case((document.c.live, document.c.changed), else_=document.c.changed - 1)
).where(document.c.path == sa.bindparam("name"), document.c.role == Role.SUBSCRIPTION)
_IS_THERE = sa.exists().where(
    document.c.path == subscription.c.path, document.c.role == Role.SUBSCRIPTION
)
_WITHOUT_DOCUMENT = sa.select(subscription).where(~_IS_THERE).limit(sa.bindparam("count"))


class Mode(StrEnum):
    """What a request is about (WebSub, `hub.mode`)."""

    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"
    DENIED = "denied"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionRequest:
    """A request about the document at `path` for the address `callback`.

    `mode` is one of `Mode`; `lease` is in seconds, moments are seconds since 1970.
    """

    mode: str
    path: str
    callback: str
    host: str
    secret: str = ""
    lease: int = 0
    challenge: str
    received: int
    edition: int = 0
    due: int = 0
    tries: int = 0

    @property
    def digest(self) -> str:
        """The digest by which the subscription is found."""
        return subscription_digest(self.callback, self.path)


class SubscriptionRequests:
    """The requests to the hub, as the ledger remembers them until subscribers have answered."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def edition(self, path: str) -> int | None:
        """Return the moment of the change that readers see of a feed; None if there is none."""
        return self._session.scalar(_EDITION, {"name": path})

    def ask(self, requests: Sequence[SubscriptionRequest]) -> None:
        """Store requests; each replaces an earlier one for the same document and callback."""
        newest = {one.digest: one for one in requests}
        self._session.delete(subscription_request, _OWN.digest, [*newest])
        self._session.insert(subscription_request, [_row(one) for one in newest.values()])

    def waiting(self) -> list[SubscriptionRequest]:
        """Return the requests whose subscribers have not answered, those that are due first."""
        rows = self._session.execute(_WAITING)
        return [_request(row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name

    def postpone(self, request: SubscriptionRequest) -> None:
        """Store when a request is sent again, unless another has replaced it."""
        values = {"due": request.due, "tries": request.tries}
        self._session.execute(sa.update(subscription_request).where(*_is(request)).values(values))

    def drop(self, request: SubscriptionRequest) -> bool:
        """Delete a request, and return whether it was there: another may have replaced it."""
        found = self._session.execute(sa.delete(subscription_request).where(*_is(request)))
        return bool(found.rowcount)

    def confirm(self, request: SubscriptionRequest, now: int) -> bool:
        """Do what a subscriber has agreed to, unless another request has replaced this one.

        A renewal keeps what the subscriber has accepted, so that deliveries continue.
        """
        if not self.drop(request):
            return False
        if request.mode == Mode.SUBSCRIBE:
            self._subscribe(request, now)
        else:
            self._session.delete(subscription, subscription.c.digest, [request.digest])
        return True

    def _subscribe(self, request: SubscriptionRequest, now: int) -> None:
        own = subscription.c
        expired = (own.digest == request.digest, own.expires <= now)
        self._session.execute(sa.delete(subscription).where(*expired))
        values = {
            "secret": request.secret,
            "confirmed": max(now, request.edition),  # after a burst, editions are ahead of time
            "expires": now + request.lease,
            "due": 0,
            "tries": 0,
            "since": None,
            "answer": 0,
        }
        change = sa.update(subscription).where(own.digest == request.digest).values(values)
        if not self._session.execute(change).rowcount:
            names = ("digest", "path", "callback", "host", "edition")
            own_values = {name: getattr(request, name) for name in names}
            self._session.insert(subscription, [own_values | values])

    def deny_lost(self, challenge: str, now: int, count: int) -> list[SubscriptionRequest]:
        """End up to `count` subscriptions to feeds that are no more.

        Return the requests of the mode `denied` that tell their subscribers (section 5.2).
        """
        rows = self._session.execute(_WITHOUT_DOCUMENT, {"count": count}).all()
        denied = [
            SubscriptionRequest(
                mode=Mode.DENIED,
                path=row.path,
                callback=row.callback,
                host=row.host,
                challenge=challenge,
                received=now,
                due=now,
            )
            for row in rows
        ]
        self._session.delete(subscription, subscription.c.digest, [row.digest for row in rows])
        self.ask(denied)
        return denied

    def subscribed(self, digests: Sequence[str]) -> set[str]:
        """Return those of these digests for which there is a subscription."""
        return {row.digest for row in self._session.among(_KNOWN, digests)}


def subscription_digest(callback: str, path: str) -> str:
    """Return the digest of a callback and of the path of a document (section 5.1)."""
    return hashlib.sha256(f"{callback}\n{path}".encode()).hexdigest()


def _is(request: SubscriptionRequest) -> tuple[sa.ColumnElement[bool], ...]:
    return _OWN.digest == request.digest, _OWN.challenge == request.challenge


def _row(request: SubscriptionRequest) -> dict[str, Any]:
    return {"digest": request.digest, **asdict(request)}


def _request(row: sa.RowMapping) -> SubscriptionRequest:
    return SubscriptionRequest(**{name: row[name] for name in row if name != "digest"})
