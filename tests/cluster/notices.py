"""What a cluster sends: notices to a hub, and alarms, each once."""

from __future__ import annotations

import json
from dataclasses import dataclass
from urllib.parse import parse_qs

from support.receiving import Received


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """The beginning of a condition, or that it `is_over`, as a node sent it."""

    sender: str
    code: str
    about: str
    is_over: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Notices:
    """Reads what was `received`."""

    received: Received

    def pings(self, path: str) -> int:
        """Return how often the hub was notified that a document has changed."""
        return sum(
            parse_qs(data.decode("ascii"))["hub.url"][0].endswith(f"/{path}")
            for _, where, data in self.received.posts[:]
            if where == "/hub"
        )

    def alarms(self) -> list[Alarm]:
        """Return all alarms in their order."""
        found = []
        for sender, where, data in self.received.posts[:]:
            message = json.loads(data) if where == "/alarm" else {"conditions": []}
            found += [
                Alarm(
                    sender=sender,
                    code=one["condition"],
                    about=one["about"],
                    is_over=message["over"],
                )
                for one in message["conditions"]
            ]
        return found

    def faults(self) -> list[str]:
        """Return which alarms a node has sent twice, or ended without a beginning."""
        is_on: dict[tuple[str, str, str], bool] = {}
        found = []
        for one in self.alarms():
            key = (one.sender, one.code, one.about)
            if is_on.get(key, False) != one.is_over:
                found.append(f"{one.sender}: the alarm {one.code} came again, over: {one.is_over}")
            is_on[key] = not one.is_over
        return found

    def begun_by(self, address: str) -> int:
        """Return how many notices, and alarms that something began, a node has sent."""
        posts = self.received.posts[:]
        pings = sum((sender, where) == (address, "/hub") for sender, where, _ in posts)
        return pings + sum(one.sender == address and not one.is_over for one in self.alarms())
