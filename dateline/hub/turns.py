"""Whose turn it is: the deliveries that wait, by host, so that no host holds up another.

Hosts take turns. A host has one delivery at a time until it has accepted one, and then more with
each. One that answers nothing, again and again, rests for a while, and what waits for it with it.
Hosts in trouble take turns among themselves, so that they never take the places of others. All
names below a domain have few deliveries at a time: its owner can make up any number of them.
"""

from __future__ import annotations

import heapq
from collections import defaultdict, deque
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from dateline.system.addresses import site_of

MOST_OF_HOST = 8  # deliveries to one host at a time
MOST_OF_SITE = 32  # to all hosts of a domain
FIRST, LONGEST = 60, 6 * 3600  # seconds of a pause after a failure: the first, and the longest
_PATIENCE = 3  # deliveries without an answer, one after the other, before a host rests


@dataclass(slots=True)
class _Host:
    """A host, with the digests of what waits for it.

    `later` has when each that failed is due again, `silent_later` those that were not answered.
    `silent` counts the deliveries without an answer since the last answer, `rests` the pauses
    since then; it rests `until` a moment, or 0.
    """

    name: str
    waits: deque[bytes] = field(default_factory=deque)
    later: dict[bytes, float] = field(default_factory=dict)
    unanswered: set[bytes] = field(default_factory=set)
    active: int = 0
    accepted: int = 0
    silent: int = 0
    rests: int = 0
    until: float = 0
    is_queued: bool = False

    @property
    def site(self) -> str:
        return site_of(self.name)

    @property
    def is_ill(self) -> bool:
        return self.silent > 0

    @property
    def is_free(self) -> bool:
        """True if a delivery can begin."""
        limit = 1 if self.is_ill else min(MOST_OF_HOST, 1 + self.accepted)
        return bool(self.waits) and not self.until and self.active < limit

    @property
    def is_idle(self) -> bool:
        return not (self.waits or self.later or self.active or self.is_ill or self.is_queued)


class Turns:
    """The deliveries that wait, each known by a digest, for hosts that take turns.

    Moments are seconds of any clock.
    """

    def __init__(self) -> None:
        self._hosts: dict[str, _Host] = {}
        self._well: deque[_Host] = deque()
        self._ill: deque[_Host] = deque()
        self._active: defaultdict[str, int] = defaultdict(int)  # deliveries, by domain
        self._barred: dict[str, deque[_Host]] = {}  # hosts of domains that have their share
        self._due: list[tuple[float, str, bytes]] = []  # without a digest, a host has rested

    def clear(self) -> None:
        """Forget what waits; what is on its way stays, and what is known of hosts."""
        for name, host in [*self._hosts.items()]:
            host.waits.clear()
            host.later.clear()
            host.unanswered.clear()
            if host.is_idle:
                del self._hosts[name]
        self._due = [one for one in self._due if not one[2]]
        heapq.heapify(self._due)

    def add(self, name: str, digests: Iterable[bytes]) -> None:
        """Add deliveries to a host, behind those that wait already."""
        host = self._host(name)
        host.waits.extend(digests)
        self._queue(host)

    def postpone(self, name: str, digest: bytes, due: float, *, is_silent: bool) -> None:
        """Add a delivery that failed, and waits until it is due again.

        If it `is_silent`, since it was not answered, it is due once the host answers another.
        """
        host = self._host(name)
        host.later[digest] = due
        if is_silent:
            host.unanswered.add(digest)
        heapq.heappush(self._due, (due, name, digest))

    def doubt(self, names: Collection[str]) -> None:
        """Begin with one delivery at a time to hosts that did not answer before."""
        for name in names:
            host = self._host(name)
            host.silent = host.silent or 1

    def is_ill(self, name: str) -> bool:
        """Return whether a host did not answer its last delivery."""
        return self._host(name).is_ill

    def next(self, now: float, *, ill: bool = False) -> tuple[str, bytes] | None:
        """Begin the next delivery: return its host and its digest, or None if all have to wait.

        With `ill`, it is one to a host that did not answer its last one.
        """
        self._wake(now)
        queue = self._ill if ill else self._well
        while queue:
            host = queue.popleft()
            site = host.site
            if self._active.get(site, 0) >= MOST_OF_SITE:
                self._barred.setdefault(site, deque()).append(host)
                continue
            host.is_queued = False
            if host.is_free and host.is_ill == ill:
                host.active += 1
                self._active[site] += 1
                digest = host.waits.popleft()
                self._queue(host)
                return host.name, digest
            self._queue(host)
            self._admit(site)
        return None

    def next_due(self) -> float | None:
        """Return the next moment at which a delivery is due again, or a host has rested."""
        return self._due[0][0] if self._due else None

    def answered(self, name: str, *, is_success: bool) -> None:
        """End a delivery that was answered; what the host did not answer before is due."""
        host = self._host(name)
        self._end(host)
        host.accepted += is_success
        host.silent = host.rests = 0
        host.until = 0
        for digest in host.unanswered:
            if host.later.pop(digest, None) is not None:
                host.waits.append(digest)
        host.unanswered.clear()
        self._queue(host)

    def unanswered(self, name: str, now: float, pace: float) -> None:
        """End a delivery that was not answered.

        After too many, one after the other, the host rests; each rest is twice as long as the one
        before, and `pace` times that, so that hosts do not return together.
        """
        host = self._host(name)
        self._end(host)
        host.accepted = 0
        host.silent += 1
        if host.silent >= _PATIENCE and not host.until:
            host.until = now + min(LONGEST, FIRST * 2 ** min(host.rests, 16)) * pace
            host.rests += 1
            heapq.heappush(self._due, (host.until, name, b""))
        self._queue(host)

    def dropped(self, name: str) -> None:
        """End a delivery that was not sent."""
        host = self._host(name)
        self._end(host)
        self._queue(host)

    def _end(self, host: _Host) -> None:
        host.active -= 1
        site = host.site
        self._active[site] -= 1
        if not self._active[site]:
            del self._active[site]
        self._admit(site)

    def _admit(self, site: str) -> None:
        """Queue another host of a domain for its turn, since one is over."""
        barred = self._barred.get(site)
        while barred:
            host = barred.popleft()
            host.is_queued = False
            self._queue(host)
            if host.is_queued:
                return
        self._barred.pop(site, None)

    def _host(self, name: str) -> _Host:
        if name not in self._hosts:
            self._hosts[name] = _Host(name)
        return self._hosts[name]

    def _wake(self, now: float) -> None:
        """Add what is due again, and the turns of hosts that have rested."""
        while self._due and self._due[0][0] <= now:
            due, name, digest = heapq.heappop(self._due)
            host = self._host(name)
            if not digest and host.until == due:
                host.until = 0
            elif host.later.get(digest) == due:
                del host.later[digest]
                host.unanswered.discard(digest)
                host.waits.append(digest)
            self._queue(host)

    def _queue(self, host: _Host) -> None:
        """Queue a host for its next turn if it can have one."""
        if host.is_free and not host.is_queued:
            host.is_queued = True
            (self._ill if host.is_ill else self._well).append(host)
