"""The limit on wrong tokens and passwords: after a few, further ones have to wait.

They are counted for each address, for each name, and for all together. Those who are signed in
never meet the limit. An address from which the right token or password came may go on while others
are made to wait, for all together and for the name that signed in there.
"""

from __future__ import annotations

import hmac
import secrets
import threading
from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from ipaddress import ip_address, ip_network

_FREE = 10  # wrong ones of an address or a name, before it waits
_FREE_ALL = 100
_LONGEST = timedelta(minutes=15)
_LONGEST_ALL = timedelta(minutes=1)  # and for a name, which others may try
_FORGOTTEN = timedelta(hours=1)  # after the last one
_REMEMBERED = 1000  # addresses and names
_EVERYBODY = "everybody"


@dataclass(slots=True)
class _Tries:
    """The wrong tries of an address or a name; `seen` are digests of the last ones."""

    count: int = 0
    last: datetime | None = None
    seen: list[bytes] = field(default_factory=list)


class LoginLimit:
    """Counts wrong tokens and passwords, and makes addresses and names wait."""

    def __init__(self) -> None:
        self._tries: dict[Hashable, _Tries] = {}
        self._good: dict[Hashable, None] = {}
        self._lock = threading.Lock()
        self._key = secrets.token_bytes()

    def waits(self, address: str, now: datetime, name: str = "") -> bool:
        """Return whether a token or password from this address is refused unseen now."""
        place = _network(address)
        waits = partial(self._pause, now)
        with self._lock:
            return (
                waits(place, _FREE, _LONGEST)
                or (place not in self._good and waits(_EVERYBODY, _FREE_ALL, _LONGEST_ALL))
                or ((place, name) not in self._good and waits(("", name), _FREE, _LONGEST_ALL))
            )

    def wrong(self, address: str, given: str, now: datetime, name: str = "") -> bool:
        """Count a wrong token or password, the same one once; return whether that begins a pause.

        An old bookmark or a feed reader shows the same one again and again.
        """
        place, digest = _network(address), self._digest(given, name)
        with self._lock:
            own = self._of(place, now)
            if digest in own.seen:
                return False
            own.seen = [*own.seen[1 - _FREE :], digest]
            everybody = self._of(_EVERYBODY, now)
            places = [own, self._of(("", name), now)] if name else [own]
            for tries in (*places, everybody):
                tries.count, tries.last = tries.count + 1, now
            return everybody.count == _FREE_ALL or any(one.count == _FREE for one in places)

    def is_known(self, address: str, given: str, name: str = "") -> bool:
        """Return whether this was one of the last wrong ones from this address."""
        digest = self._digest(given, name)
        with self._lock:
            return digest in self._tries.get(_network(address), _Tries()).seen

    def right(self, address: str, name: str = "") -> None:
        """Remember that the right one came from this address, and forget its wrong ones."""
        place = _network(address)
        with self._lock:
            self._tries.pop(place, None)
            for good in (place, (place, name)):
                self._good.pop(good, None)
                self._good[good] = None
            _forget(self._good)

    def _digest(self, given: str, name: str) -> bytes:
        return hmac.digest(self._key, f"{name} {given}".encode(errors="replace"), "sha256")

    def _of(self, place: Hashable, now: datetime) -> _Tries:
        tries = self._tries.pop(place, _Tries())
        if tries.last and not timedelta() <= now - tries.last < _FORGOTTEN:
            tries = _Tries()
        self._tries[place] = tries
        _forget(self._tries)
        return tries

    def _pause(self, now: datetime, place: Hashable, free: int, longest: timedelta) -> bool:
        tries = self._tries.get(place, _Tries())
        if tries.last is None or tries.count < free:
            return False
        pause = min(timedelta(seconds=2 ** min(tries.count - free, 12)), longest)
        return timedelta() <= now - tries.last < pause


def _forget(some: dict[Hashable, None] | dict[Hashable, _Tries]) -> None:
    """Keep the last ones; the count of all together is among them, for each adds to it."""
    while len(some) > _REMEMBERED:
        del some[next(iter(some))]


def _network(address: str) -> str:
    """Return the range of one person: an IPv4 address, or an IPv6 network (RFC 6177)."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if ip.version == 6:  # noqa: PLR2004
        return str(ip.ipv4_mapped or ip_network(f"{ip}/64", strict=False))
    return str(ip)
