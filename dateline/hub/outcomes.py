"""What became of deliveries, until the ledger has it.

Outcomes are stored together, a few times a second, each time in one short transaction: a run
that publishes waits for no more than that. One that is at work makes them wait, and nothing else:
what was delivered and is not stored yet is not sent again, unless this process is killed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dateline.hub.register import alone
from dateline.hub.sending import Answer
from dateline.hub.turns import FIRST, LONGEST
from dateline.ledger import Ledger
from dateline.ledger.queries.notices.subscriptions import FailedDelivery, Subscription
from dateline.system.http import seconds_after

_PATIENCE = timedelta(days=3)  # of failures: then it waits for the next edition
_GONE = 410  # RFC 9110, section 15.5.11


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The outcome of the delivery of an edition to a subscription, known by its digest.

    `is_over` if the subscription ended. A `failure` has the moment of the next attempt.
    """

    digest: str
    edition: int
    is_over: bool = False
    failure: FailedDelivery | None = None


def outcome(
    subscription: Subscription, edition: int, answer: Answer, now: datetime, pace: float
) -> Outcome:
    """Return what follows from an answer, at `now` (section 7).

    Each pause after a failure is twice as long as the one before, and `pace` times that; a
    subscriber may ask for a longer one. After days of failures, the next edition is awaited.
    """
    digest = subscription.digest
    if answer.is_success:
        return Outcome(digest=digest, edition=edition)
    if answer.status == _GONE:
        return Outcome(digest=digest, edition=edition, is_over=True)
    moment = int(now.timestamp())
    since = datetime.fromtimestamp(subscription.since or moment, UTC)
    pause = int(min(LONGEST, FIRST * 2 ** min(subscription.tries, 16)) * pace)
    asked = min(LONGEST, seconds_after(answer.retry_after, now))
    due = moment + max(pause, asked) if now - since < _PATIENCE else given_up(edition)
    failure = FailedDelivery(digest=digest, moment=moment, due=due, answer=answer.status)
    return Outcome(digest=digest, edition=edition, failure=failure)


def given_up(edition: int) -> int:
    """Return the moment at which an edition is due again that is no more sent to a subscriber.

    The next edition is, since its number is another.
    """
    return -edition


class Outcomes:
    """The outcomes that the ledger does not have yet."""

    def __init__(self) -> None:
        self._new: dict[bytes, Outcome] = {}
        self._being_stored: dict[bytes, Outcome] = {}

    def __bool__(self) -> bool:
        """Return whether there are any to store."""
        return bool(self._new)

    def add(self, one: Outcome) -> None:
        """Remember an outcome."""
        self._new[bytes.fromhex(one.digest)] = one

    def of(self, digest: bytes) -> Outcome | None:
        """Return the newest outcome for a subscription that may not be stored yet."""
        return self._new.get(digest) or self._being_stored.get(digest)

    def take(self) -> list[Outcome]:
        """Return all that are to be stored now."""
        self._being_stored, self._new = self._new, {}
        return [*self._being_stored.values()]

    def stored(self) -> None:
        """Forget those that were taken."""
        self._being_stored = {}

    def put_back(self) -> None:
        """Keep those that were taken, and could not be stored."""
        self._new = self._being_stored | self._new
        self._being_stored = {}


def store(url: str, state: Path, outcomes: Iterable[Outcome]) -> None:
    """Store outcomes in the ledger at a URL. Raises `LedgerError`."""
    accepted: defaultdict[int, list[str]] = defaultdict(list)
    failures, over = [], []
    for one in outcomes:
        if one.is_over:
            over.append(one.digest)
        elif one.failure:
            failures.append(one.failure)
        else:
            accepted[one.edition].append(one.digest)
    with alone(url, state), Ledger(url) as ledger:
        for edition, digests in accepted.items():
            ledger.subscriptions.delivered(digests, edition)
        ledger.subscriptions.failed(failures)
        ledger.subscriptions.end(over)
        ledger.commit()
