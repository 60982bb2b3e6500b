"""Incidents: how long conditions have held, and by which channels that was sent.

They are kept in `state/incidents.json`, beside the ledger and not in it, as a damaged ledger is
one of them; where even that file cannot be written over, they live in the memory of the process
that watches. `feeds/.incidents.json` names them for `/health`, without details.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dateline.system.condition import Code, Condition
from dateline.system.safe_files import regular_bytes
from dateline.system.writing import replace_file

_KEPT = "incidents.json"
_PUBLIC = ".incidents.json"
_ROOM = 4096  # bytes, of one block


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """A condition since it `opened`, until it `closed`.

    `notified` has the channels that sent its beginning, `notified_over` those that sent its end.
    Those in `unconfirmed` sent its beginning and had no answer.
    """

    condition: Condition
    opened: datetime
    closed: datetime | None = None
    notified: frozenset[str] = frozenset()
    unconfirmed: frozenset[str] = frozenset()
    notified_over: frozenset[str] = frozenset()

    @property
    def may_be_known_by(self) -> frozenset[str]:
        """The channels whose recipients have its beginning, or may have it."""
        return self.notified | self.unconfirmed

    def is_settled(self, channels: Collection[str]) -> bool:
        """Return whether it is over, and its end was sent wherever its beginning may be known."""
        owed = self.may_be_known_by.intersection(channels)
        return self.closed is not None and self.notified_over >= owed

    def wants(self, channel: str, *, after: timedelta, now: datetime) -> bool:
        """Return whether a message about it is due by this channel."""
        if self.closed is not None:
            return channel in self.may_be_known_by - self.notified_over
        code = self.condition.code
        is_alarm = code is not Code.HELD  # the ledger knows of each file
        is_lasting = code.is_of_delivery or now - self.opened >= after
        return is_alarm and channel not in self.notified and is_lasting

    def sent(self, channel: str, *, over: bool) -> Incident:
        """Return the incident with a message of it sent by this channel."""
        if over:
            return replace(self, notified_over=self.notified_over | {channel})
        return replace(self, notified=self.notified | {channel})

    def sent_without_answer(self, channel: str) -> Incident:
        """Return the incident with its beginning sent by this channel, and no answer to it."""
        return replace(self, unconfirmed=self.unconfirmed | {channel})


def observe(
    incidents: Sequence[Incident],
    conditions: Sequence[Condition],
    *,
    now: datetime,
    channels: Collection[str],
    is_known: Callable[[Code], bool] = lambda _: True,
) -> tuple[Incident, ...]:
    """Return the incidents as they are now that these conditions hold.

    A kind that is not known yet neither begins nor ends. What began in the future, by a clock
    that was ahead, began now. While no news goes out for one reason after another, it is one
    incident.
    """
    left = {one.key: one for one in conditions}
    seen: list[Incident] = []
    for one in incidents:
        still = left.pop(one.condition.key, None) if one.closed is None else None
        seen.append(replace(one, condition=still, opened=min(one.opened, now)) if still else one)
    others = [one for one in left.values() if one.code.stops_news]
    for place, one in enumerate(seen):
        is_there = one.closed is not None or one.condition.key in {c.key for c in conditions}
        if is_there or not is_known(one.condition.code):
            continue
        if others and one.condition.code.stops_news:
            seen[place] = replace(one, condition=left.pop(others.pop(0).key))
        else:
            seen[place] = replace(one, closed=now)
    new = [Incident(condition=one, opened=now) for one in left.values()]
    return tuple(one for one in (*seen, *new) if not one.is_settled(channels))


def load(state: Path) -> tuple[Incident, ...]:
    """Return the incidents that were kept in this folder; none where that cannot be read."""
    try:
        return tuple(map(_incident, json.loads((state / _KEPT).read_bytes())))
    except (OSError, ValueError, TypeError, KeyError):
        return ()


def save(state: Path, incidents: Sequence[Incident], *, keeps_room: bool = False) -> bool:
    """Keep the incidents in this folder; return whether that could be done.

    With `keeps_room` it can be done later although no file can be made then.
    """
    rows = [_row(one) for one in incidents]
    return _write(state / _KEPT, rows, mode=0o600, keeps_room=keeps_room)


def publish(feeds: Path, incidents: Sequence[Incident], *, keeps_room: bool = False) -> bool:
    """Name the open incidents for the workers; return whether that could be done.

    With `keeps_room` it can be done later although no file can be made then.
    """
    rows = [
        {"condition": one.condition.code, "since": int(one.opened.timestamp())}
        for one in incidents
        if one.closed is None
    ]
    return _write(feeds / _PUBLIC, rows, mode=0o644, keeps_room=keeps_room)


def published(feeds: Path) -> list[dict[str, str]]:
    """Return what `/health` says of open incidents."""
    try:
        rows = json.loads(regular_bytes(feeds / _PUBLIC))
        return [
            {
                "condition": str(row["condition"]),
                "since": f"{datetime.fromtimestamp(row['since'], UTC):%Y-%m-%dT%H:%M:%SZ}",
            }
            for row in rows
        ]
    except (OSError, ValueError, TypeError, KeyError, OverflowError):
        return []


def _write(
    path: Path, rows: Sequence[Mapping[str, object]], *, mode: int, keeps_room: bool
) -> bool:
    """Replace a file, or remove one that would be empty; return whether that succeeded.

    One that `keeps_room` is never removed, and can be written over where no file can be made: on
    a disk that is full or fails.
    """
    data = json.dumps(rows).encode().ljust(_ROOM)
    try:
        if rows or keeps_room:
            replace_file(path, data, mode=mode)
        else:
            path.unlink(missing_ok=True)
    except OSError:
        return _overwrite(path, data)
    return True


def _overwrite(path: Path, data: bytes) -> bool:
    """Write over the bytes of a file, which takes no room; return whether that succeeded."""
    try:
        with path.open("r+b") as file:
            file.write(data)
            file.truncate()
    except OSError:
        return False
    return True


def _row(one: Incident) -> dict[str, object]:
    return {
        "condition": one.condition.code,
        "about": one.condition.about,
        "detail": one.condition.detail,
        "opened": int(one.opened.timestamp()),
        "closed": int(one.closed.timestamp()) if one.closed else None,
        "told": sorted(one.notified),
        "told_over": sorted(one.notified_over),
        "unconfirmed": sorted(one.unconfirmed),
    }


def _incident(row: Mapping[str, object]) -> Incident:
    opened, closed, begun, over = row["opened"], row["closed"], row["told"], row["told_over"]
    if not isinstance(opened, int):
        raise TypeError
    return Incident(
        condition=Condition(
            code=Code(str(row["condition"])), about=str(row["about"]), detail=str(row["detail"])
        ),
        opened=datetime.fromtimestamp(opened, UTC),
        closed=datetime.fromtimestamp(closed, UTC) if isinstance(closed, int) else None,
        notified=_names(begun),
        notified_over=_names(over),
        unconfirmed=_names(row.get("unconfirmed", [])),  # releases before did not write it
    )


def _names(value: object) -> frozenset[str]:
    """Return the names in a list. Raises `TypeError`."""
    if not isinstance(value, list):
        raise TypeError
    return frozenset(map(str, value))
