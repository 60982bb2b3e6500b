"""How often a wrong token may be shown: a few times, and then after longer and longer pauses.

Counted for each address and for all together. Those who have a cookie never meet it, and an
address at which the token was right is let try though others are many.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

_FREE = 10  # wrong ones of an address, before it waits
_FREE_ALL = 100
_LONGEST = timedelta(minutes=15)
_LONGEST_ALL = timedelta(minutes=1)
_FORGOTTEN = timedelta(hours=1)  # after the last one
_REMEMBERED = 1000  # addresses
_EVERYBODY = "everybody"


@dataclass(slots=True)
class _Tries:
    """The wrong tokens of an address; `seen` are digests of the last ones."""

    count: int = 0
    last: datetime | None = None
    seen: list[bytes] = field(default_factory=list)


class Limit:
    """Counts wrong tokens."""

    def __init__(self) -> None:
        self._tries: dict[Hashable, _Tries] = {}
        self._good: dict[str, None] = {}
        self._lock = threading.Lock()

    def waits(self, address: str, now: datetime) -> bool:
        """Return whether a token that comes from this address is not to be looked at now."""
        place = _network(address)
        with self._lock:
            all_wait = place not in self._good and self._pause(
                _EVERYBODY, _FREE_ALL, _LONGEST_ALL, now
            )
            return all_wait or self._pause(place, _FREE, _LONGEST, now)

    def wrong(self, address: str, token: str, now: datetime) -> bool:
        """Count a wrong token, the same one once; return whether that begins a pause.

        An old bookmark or a feed reader shows the same one again and again.
        """
        place, digest = _network(address), hashlib.sha256(token.encode(errors="replace")).digest()
        with self._lock:
            own = self._of(place, now)
            if digest in own.seen:
                return False
            own.seen = [*own.seen[1 - _FREE :], digest]
            for tries in (own, self._of(_EVERYBODY, now)):
                tries.count, tries.last = tries.count + 1, now
            return own.count == _FREE or self._tries[_EVERYBODY].count == _FREE_ALL

    def right(self, address: str) -> None:
        """Remember that the right token came from this address, and forget its wrong ones."""
        place = _network(address)
        with self._lock:
            self._tries.pop(place, None)
            self._good[place] = None
            _forget(self._good)

    def _of(self, place: str, now: datetime) -> _Tries:
        tries = self._tries.pop(place, _Tries())
        if tries.last and not timedelta() <= now - tries.last < _FORGOTTEN:
            tries = _Tries()
        self._tries[place] = tries
        _forget(self._tries)
        return tries

    def _pause(self, place: str, free: int, longest: timedelta, now: datetime) -> bool:
        tries = self._tries.get(place, _Tries())
        if tries.last is None or tries.count < free:
            return False
        pause = min(timedelta(seconds=2 ** min(tries.count - free, 12)), longest)
        return timedelta() <= now - tries.last < pause


def _forget(some: dict[str, None] | dict[Hashable, _Tries]) -> None:
    """Keep the last ones; the count of all together is among them, for each adds to it."""
    while len(some) > _REMEMBERED:
        del some[next(iter(some))]  # type: ignore[arg-type]  # a key of this very dict


def _network(address: str) -> str:
    """Return what one person has: an address of IPv4, or a network of IPv6 (RFC 6177)."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if ip.version == 6:  # noqa: PLR2004
        return str(ip.ipv4_mapped or ip_network(f"{ip}/64", strict=False))
    return str(ip)
