"""The reasons why an address gave no response: which are the server's, which this machine's."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator
from enum import StrEnum
from urllib.parse import urlsplit

from dateline.errors import FetchError
from dateline.system.addresses import is_public

_NO_NETWORK = {
    errno.ENETUNREACH,
    errno.ENETDOWN,
    errno.EADDRNOTAVAIL,  # IPv6 is switched off, as in many containers
    errno.EAFNOSUPPORT,
    errno.EPERM,  # this machine's own firewall
}


class Obstacle(StrEnum):
    """The reason why a server gave no response."""

    PRIVATE = "private"  # it is not asked
    NAME = "name"  # it cannot be resolved
    NETWORK = "network"  # this machine has no route to it
    CERTIFICATE = "certificate"
    OTHER = "other"


def obstacle(error: FetchError) -> Obstacle:
    """Return what kept a request from being answered."""
    if error.private:
        return Obstacle.PRIVATE
    causes = [*_causes(error)]
    if any(isinstance(one, socket.gaierror) for one in causes):
        return Obstacle.NAME
    if any(isinstance(one, ssl.SSLCertVerificationError) for one in causes):
        return Obstacle.CERTIFICATE
    # Of a name with several addresses, this machine may have a route to some alone. An error of
    # TLS has a number of its own.
    plain = (one for one in causes if not isinstance(one, ssl.SSLError))
    numbers = {number for one in plain if (number := getattr(one, "errno", None))}
    return Obstacle.NETWORK if numbers and numbers <= _NO_NETWORK else Obstacle.OTHER


def obstacle_to(address: str) -> Obstacle | None:
    """Return why a web address is not public, or cannot be resolved; None if it is public."""
    host = urlsplit(address).hostname or ""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return Obstacle.NAME
    return None if all(is_public(str(place[4][0])) for place in found) else Obstacle.PRIVATE


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and all that it stands for; of several addresses, each has one."""
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            for one in error.exceptions:
                yield from _causes(one)
        error = error.__cause__ or error.__context__
