"""Notifications to systemd (`sd_notify(3)`, `sd_watchdog_enabled(3)`).

Nothing is sent unless the service manager has set `NOTIFY_SOCKET`.
"""

from __future__ import annotations

import logging
import os
import socket

# Variables that a child must not inherit: its notifications would pass for the supervisor's.
VARIABLES = frozenset({"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"})
_log = logging.getLogger(__name__)


def is_listening() -> bool:
    """Return whether a service manager expects notifications."""
    return bool(os.environ.get("NOTIFY_SOCKET"))


def notify(*states: str) -> None:
    """Send states such as `READY=1` in one datagram; a failure is only logged."""
    name = os.environ.get("NOTIFY_SOCKET", "")
    if not name:
        return
    address = f"\0{name[1:]}" if name.startswith("@") else name  # unix(7): abstract
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.sendto("\n".join(states).encode(), address)
    except OSError as error:
        _log.warning("The service manager cannot be notified of %s: %s", " ".join(states), error)


def watchdog() -> float:
    """Return the interval in seconds at which the manager expects a sign; 0 for none."""
    interval, of = os.environ.get("WATCHDOG_USEC", ""), os.environ.get("WATCHDOG_PID", "")
    if not interval.isdecimal() or of not in {"", str(os.getpid())}:
        return 0.0
    return int(interval) / 1_000_000
