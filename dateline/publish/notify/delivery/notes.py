"""What the ledger remembers of deliveries: who waits, who was seen, who was pushed to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dateline.config import Config
from dateline.ledger import Ledger, exclusive
from dateline.ledger.queries.notices.deliveries import EntryDelivery
from dateline.ledger.queries.overview import EntryChange
from dateline.ledger.rows import seconds

_MOST = 20  # entries of one round
_NOTED_WITHIN = timedelta(hours=1)  # after that nobody knows when readers got it first
_NEW = timedelta(minutes=10)
_WAITS = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """The entries that wait to be seen by readers, by their slugs, the newest first.

    `gone` are the slugs of those that were withdrawn within the last hour. `is_purged` is true if
    caches in front are told what to drop, and have accepted it.
    """

    waiting: Mapping[str, EntryDelivery]
    gone: Sequence[str]
    is_purged: bool
    came: Collection[str]


class DeliveryNotes:
    """The deliveries in the ledger at `url`; each call is one short transaction."""

    def __init__(self, url: str, clock: Callable[[], datetime]) -> None:
        self._url = url
        self._clock = clock

    def pending(self, config: Config) -> Pending:
        """Note the versions that were accepted lately, and return all that wait."""
        now = self._clock()
        with Ledger(self._url) as ledger:
            new = _unknown(ledger, now)
            is_begun = ledger.state.proof_begun is not None
        if new or not is_begun:
            with exclusive(config.state), Ledger(self._url) as ledger:
                if not is_begun:
                    ledger.state.proof_begun = _beginning(ledger, now)
                ledger.deliveries.note(new, _milliseconds(now))
                ledger.commit()
        names = [one.name for one in config.cdns]
        with Ledger(self._url) as ledger:
            purges = ledger.purges.waiting(names) if names else []
            return Pending(
                gone=[one.slug for one in _lately(ledger, now) if not one.number],
                waiting=ledger.deliveries.waiting(_milliseconds(now - _WAITS), _MOST),
                is_purged=bool(names) and all(one.confirmed is not None for one in purges),
                came=ledger.state.codings_seen,
            )

    def keep(
        self, config: Config, deliveries: Sequence[EntryDelivery], came: Collection[str]
    ) -> bool:
        """Record what was seen of deliveries; return whether anything was."""
        with Ledger(self._url) as ledger:
            has_new_coding = {*came} != {*ledger.state.codings_seen}
        if not (deliveries or has_new_coding):
            return False
        with exclusive(config.state), Ledger(self._url) as ledger:
            ledger.deliveries.set(deliveries)
            ledger.state.codings_seen = came
            ledger.commit()
        return bool(deliveries)

    def push(self, config: Config) -> tuple[bool, bool]:
        """Count the subscribers of the hub that have what was published lately.

        Return whether a number has changed, and whether some have it still to get.
        """
        if config.hub is None:
            return False, False
        now = self._clock()
        with Ledger(self._url) as ledger:
            rows = ledger.deliveries.pushing(_milliseconds(now - _WAITS), _MOST)
            counted = [_counted(ledger, one, seconds(now)) for one in rows]
        changed = [one for one, before in zip(counted, rows, strict=True) if one != before]
        if changed:
            with exclusive(config.state), Ledger(self._url) as ledger:
                ledger.deliveries.set(changed)
                ledger.commit()
        return bool(changed), any(one.pushed < one.subscribers for one in counted)


def _beginning(ledger: Ledger, now: datetime) -> datetime:
    """Return from when deliveries are noted: from the first run, if this publication is new."""
    state = ledger.state
    return state.founded if state.is_founded and now - state.founded < _NEW else now


def _unknown(ledger: Ledger, now: datetime) -> set[tuple[str, int]]:
    """Return the versions of the last hour that were not noted yet."""
    versions = {(one.entry, one.number) for one in _lately(ledger, now) if one.number}
    return versions - ledger.deliveries.of({name for name, _ in versions}).keys()


def _lately(ledger: Ledger, now: datetime) -> list[EntryChange]:
    """Return the changes of the last hour, or since the proof of delivery has begun."""
    begun = ledger.state.proof_begun or _beginning(ledger, now)
    return ledger.overview.changes(max(begun, now - _NOTED_WITHIN), _MOST)


def _counted(ledger: Ledger, one: EntryDelivery, now: int) -> EntryDelivery:
    """Return a delivery with the numbers of today; a subscriber of two feeds counts twice."""
    accepted = [ledger.subscriptions.accepted(*topic, now) for topic in one.topics.items()]
    pushed, subscribers = (sum(numbers) for numbers in zip((0, 0), *accepted, strict=True))
    if subscribers < one.subscribers and pushed < one.pushed:
        return one  # some have left since
    return replace(one, pushed=pushed, subscribers=subscribers)


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
