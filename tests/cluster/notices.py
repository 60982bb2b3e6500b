"""What a cluster sends: notices to a hub, and alarms, each once."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qs

from support.receiving import Received

_SECOND = len("2026-11-28T12:00:00")


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """The beginning of a condition, or that it `is_over`, as a node sent it.

    `since` is the moment at which it began.
    """

    sender: str
    code: str
    about: str
    since: str
    is_over: bool


@dataclass(slots=True, kw_only=True)
class Notices:
    """Reads what was `received`, each message once."""

    received: Received
    _read: int = 0
    _pings: Counter[tuple[str, str]] = field(default_factory=Counter)
    _alarms: list[Alarm] = field(default_factory=list)

    def pings(self, path: str) -> int:
        """Return how often the hub was notified that a document has changed."""
        self._take()
        return sum(number for (_, own), number in self._pings.items() if own == path)

    def alarms(self) -> Sequence[Alarm]:
        """Return all alarms in their order."""
        self._take()
        return self._alarms

    def begun_by(self, address: str) -> int:
        """Return how many notices, and alarms that something began, a node has sent."""
        begun = sum(one.sender == address and not one.is_over for one in self.alarms())
        return begun + sum(number for (own, _), number in self._pings.items() if own == address)

    def faults(self) -> list[str]:
        """Return which alarms a node has sent twice, or ended without a beginning.

        While no news goes out for one reason after another, that is one alarm: it ends under the
        last of them.
        """
        begun: list[Alarm] = []
        found = []
        for one in self.alarms():
            own = [other for other in begun if other == replace(one, is_over=False)]
            if one.is_over and not own:
                own = [other for other in begun if _began(other) == _began(one)]
            if bool(own) != one.is_over:
                found.append(f"{one.sender}: the alarm {one.code} came again, over: {one.is_over}")
            elif one.is_over:
                begun.remove(own[0])
            else:
                begun.append(one)
        return found

    def _take(self) -> None:
        for sender, where, data in self.received.posts[self._read :]:
            self._read += 1
            if where == "/hub":
                (address,) = parse_qs(data.decode("ascii"))["hub.url"]
                self._pings[sender, address.rpartition("/")[2]] += 1
                continue
            message = json.loads(data)
            self._alarms += [
                Alarm(
                    sender=sender,
                    code=one["condition"],
                    about=one["about"],
                    since=one["since"][:_SECOND],
                    is_over=message["over"],
                )
                for one in message["conditions"]
            ]


def _began(alarm: Alarm) -> tuple[str, str]:
    return alarm.sender, alarm.since
