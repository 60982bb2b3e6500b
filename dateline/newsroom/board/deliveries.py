"""When versions of entries were seen by readers, as staff see it beside each change."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dateline.config import Config
from dateline.ledger import Ledger
from dateline.ledger.queries.notices.deliveries import EntryDelivery

_WAITS = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRow:
    """The delivery of a version: when it was `served` here, and when it `reached` readers.

    `is_cdn` if there is a cache in front; `is_waiting` while it is asked for.
    """

    is_cdn: bool
    served: datetime | None
    reached: datetime | None
    is_waiting: bool
    pushed: int
    subscribers: int


def deliveries(
    config: Config, ledger: Ledger, entries: Collection[str], now: datetime
) -> Mapping[tuple[str, int], DeliveryRow]:
    """Return the deliveries of entries by their ids and versions, as far as they are known."""
    found = ledger.deliveries.of(entries)
    newest = dict(sorted(found.keys()))  # of an entry, the last version wins
    is_asked = config.delivery.enabled
    return {
        key: _row(config, one, now, is_newest=is_asked and newest[key[0]] == key[1])
        for key, one in found.items()
    }


def _row(config: Config, one: EntryDelivery, now: datetime, *, is_newest: bool) -> DeliveryRow:
    noted = _moment(one.noted) or now
    return DeliveryRow(
        is_cdn=bool(config.cdns),
        served=_moment(one.served),
        reached=_moment(one.reached),
        is_waiting=is_newest and one.reached is None and now - noted < _WAITS,
        pushed=one.pushed,
        subscribers=one.subscribers,
    )


def _moment(milliseconds: int | None) -> datetime | None:
    if milliseconds is None:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
