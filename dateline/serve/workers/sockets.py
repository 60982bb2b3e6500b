"""The network sockets of this process, which granian opens and gives nobody (Linux)."""

from __future__ import annotations

import errno
import os
import socket
import struct
from collections.abc import Collection, Iterator
from contextlib import suppress

_FAMILIES = frozenset({socket.AF_INET, socket.AF_INET6})
_NONE_LEFT = frozenset({errno.EMFILE, errno.ENFILE})
# States in which data is sent: TCP_ESTABLISHED and TCP_CLOSE_WAIT. A listening socket has 10.
OPEN = frozenset({1, 8})
_RESET = struct.pack("ii", 1, 0)  # for SO_LINGER: what was not read is dropped at once


def network_sockets() -> Iterator[tuple[int, socket.socket]]:
    """Yield the descriptor of each network socket, and the same socket at another descriptor.

    The other one is closed afterwards. Raises `OSError` where the system does not show
    descriptors, or none is left.
    """
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208 - a name is all that is wanted
        try:
            found = _duplicate(int(name))
        except OSError as error:
            if error.errno in _NONE_LEFT:
                raise
            continue  # it is no socket, or was closed meanwhile
        with found:
            if found.family in _FAMILIES:
                yield int(name), found


def close_connections(inodes: Collection[int]) -> None:
    """Close these connections, known by their inodes; granian drops what it keeps for them.

    Raises `OSError` as `network_sockets` does.
    """
    for _, client in network_sockets() if inodes else ():
        if os.fstat(client.fileno()).st_ino in inodes:
            with suppress(OSError):  # its client has just closed it
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                client.shutdown(socket.SHUT_RDWR)


def _duplicate(number: int) -> socket.socket:
    """Return the socket at a descriptor, at another one. Raises `OSError` where none is."""
    duplicate = os.dup(number)
    try:
        return socket.socket(fileno=duplicate)
    except OSError:
        os.close(duplicate)
        raise
