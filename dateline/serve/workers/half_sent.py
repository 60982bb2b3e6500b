"""Cutting off clients whose requests have not arrived (Linux).

Granian calls the application as soon as the head of a request is there; a thread that reads the
body waits for the client, without a limit.
"""

from __future__ import annotations

import os
import socket
import sys
from contextlib import suppress
from threading import Lock

from dateline.serve.workers.sockets import OPEN, close_connections, network_sockets

# Where these are in the structure of TCP_INFO, <linux/tcp.h>: milliseconds since data was last
# sent and received, and the bytes that the client has acknowledged.
_SENT, _RECEIVED, _ACKNOWLEDGED = 44, 52, 120
_SIZE = _ACKNOWLEDGED + 8
_MAPPED = "::ffff:"  # RFC 4291, section 2.5.5.2
_JUST_NOW = 1000  # milliseconds: a client that was sent something since is reading it
_one_at_a_time = Lock()


def cut_off(address: str, most: int) -> None:
    """Close `most` connections from an IP address, first those whose requests wait longest.

    Granian does not say which connection a request came by. One whose request has not arrived is
    among those on which data came after the last answer; a client could hide that, by sending the
    end of one request with the beginning of the next.
    """
    with _one_at_a_time, suppress(OSError):  # the system shows no descriptors, or has none left
        waits: dict[int, tuple[bool, bool, int]] = {}
        for _, client in network_sockets():
            with suppress(OSError):  # it listens, or has just ended
                if client.getpeername()[0].removeprefix(_MAPPED) == address.removeprefix(_MAPPED):
                    info = client.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _SIZE)
                    if info[0] in OPEN:
                        waits[os.fstat(client.fileno()).st_ino] = _wait(info)
        close_connections(sorted(waits, key=waits.__getitem__, reverse=True)[:most])


def _wait(info: bytes) -> tuple[bool, bool, int]:
    """Return whether a client waits, whether it reads nothing, and since when it sends nothing."""
    sent, received = (int.from_bytes(info[at : at + 4], sys.byteorder) for at in (_SENT, _RECEIVED))
    is_answered = int.from_bytes(info[_ACKNOWLEDGED:], sys.byteorder) > 1  # a SYN counts as one
    return received < sent or not is_answered, sent > _JUST_NOW, received
