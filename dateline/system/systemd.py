"""What does the service manager want to know? (`sd_notify(3)`, `sd_watchdog_enabled(3)`.)

Without a manager that asks, by `NOTIFY_SOCKET`, nothing is told.
"""

from __future__ import annotations

import logging
import os
import socket

# What a child must not have: what it said would be taken for the supervisor's.
VARIABLES = frozenset({"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"})
_log = logging.getLogger(__name__)


def is_listening() -> bool:
    """Say whether a manager wants to be told."""
    return bool(os.environ.get("NOTIFY_SOCKET"))


def notify(*states: str) -> None:
    """Tell states, like `READY=1`, in one datagram; a manager that is not there stops nothing."""
    name = os.environ.get("NOTIFY_SOCKET", "")
    if not name:
        return
    address = f"\0{name[1:]}" if name.startswith("@") else name  # unix(7): abstract
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.sendto("\n".join(states).encode(), address)
    except OSError as error:
        _log.warning("The service manager cannot be told %s: %s", " ".join(states), error)


def watchdog() -> float:
    """Give the seconds within which the manager wants to hear of us; 0 where it does not."""
    asked, of = os.environ.get("WATCHDOG_USEC", ""), os.environ.get("WATCHDOG_PID", "")
    if not asked.isdecimal() or of not in {"", str(os.getpid())}:
        return 0.0
    return int(asked) / 1_000_000
