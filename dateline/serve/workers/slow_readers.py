"""Closing of slow clients' connections while a worker's memory is short (Linux).

Granian keeps a response in memory until its client has read all of it. Clients that read a byte a
second, or nothing, could fill the memory with large documents.
"""

from __future__ import annotations

import fcntl
import logging
import os
import socket
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep
from typing import NamedTuple

from dateline.serve.workers.sockets import OPEN, close_connections, network_sockets

_MORE_MEMORY = 512 << 20  # bytes above a worker's memory at its start
_MOST_MEMORY = 768 << 20  # the same: if it still grows, the slowest are closed at once
_CHECKS_EVERY = 0.25  # seconds
_CHECKS_SOONER = 0.05  # the same, while memory is short
_KNOWN_AFTER = 0.2  # seconds: a round trip, before which nobody is among the slowest
_JUDGED_OVER = 5.0  # seconds: a packet is lost, a player has enough for now
_SLOWEST = 10_000  # bytes a second
_ACKNOWLEDGED = 120  # where `tcpi_bytes_acked` is in the structure of TCP_INFO, <linux/tcp.h>
_UNSENT = 0x5411  # SIOCOUTQ of tcp(7)
_log = logging.getLogger(__name__)


class Wait(NamedTuple):
    """Since when something waits for a client, in seconds, and the bytes that it had read then."""

    since: float
    read: int


def cut_off_slow_readers() -> None:
    """Begin to close connections of slow clients whenever memory is short."""
    if sys.platform == "linux":
        threading.Thread(target=_watch, args=(_resident_memory(),), daemon=True).start()


def _watch(at_start: int) -> None:
    waits: Mapping[int, Wait] = {}
    before = 0
    while True:
        sleep(_CHECKS_SOONER if before > _MORE_MEMORY else _CHECKS_EVERY)
        try:
            more = _resident_memory() - at_start
            share = 1 - _MOST_MEMORY / more if more > max(_MOST_MEMORY, before) else 0.0
            waits = check(waits, monotonic(), share) if more > _MORE_MEMORY else {}
        except OSError as error:  # unlikely: a worker has files beside those for connections
            _log.warning("Slow clients cannot be found: %s", error)
            sleep(_JUDGED_OVER)
        else:
            before = more


def check(before: Mapping[int, Wait], now: float, share: float = 0.0) -> dict[int, Wait]:
    """Close the connections of slow clients, and return for what the others wait.

    A client is judged over some seconds, again and again while something waits for it. Of those
    that were already waiting, the slowest `share` is closed at once. Connections are known by
    their inodes, `before` is what was returned last. Raises `OSError` as `network_sockets` does.
    """
    waits, slow, speeds = {}, set(), {}
    for inode, read in _waiting().items():
        wait = before.get(inode, Wait(now, read))
        age = now - wait.since
        waits[inode] = wait
        if age >= _KNOWN_AFTER:
            speeds[inode] = (read - wait.read) / age
        if age >= _JUDGED_OVER:
            waits[inode] = Wait(now, read)
            if speeds[inode] < _SLOWEST:
                slow.add(inode)
    slow.update(sorted(speeds, key=speeds.__getitem__)[: int(share * len(waits))])
    if slow:
        close_connections(slow)
    return {inode: wait for inode, wait in waits.items() if inode not in slow}


def _waiting() -> dict[int, int]:
    """Return the bytes that each client has read for which something more waits."""
    found = {}
    for _, client in network_sockets():
        with suppress(OSError):  # it is no TCP
            info = client.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _ACKNOWLEDGED + 8)
            if info[0] in OPEN and any(fcntl.ioctl(client, _UNSENT, bytes(4))):
                inode = os.fstat(client.fileno()).st_ino
                found[inode] = int.from_bytes(info[_ACKNOWLEDGED:], sys.byteorder)
    return found


def _resident_memory() -> int:
    """Return the bytes of memory that this process has (proc_pid_statm(5))."""
    resident = Path("/proc/self/statm").read_text("ascii").split()[1]
    return int(resident) * os.sysconf("SC_PAGE_SIZE")
