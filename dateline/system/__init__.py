"""The machine and the network: files, processes, the HTTP client, systemd."""

from __future__ import annotations

import threading
from collections.abc import Callable

from dateline.errors import DatelineError


def start_thread(
    target: Callable[..., object], *values: object, is_daemon: bool = True
) -> threading.Thread:
    """Start a thread that calls `target` with these values, and return it.

    Raises `DatelineError` where the machine has no memory for it: record only afterwards that the
    thread runs, and the next call tries again.
    """
    thread = threading.Thread(target=target, args=values, daemon=is_daemon)
    try:
        thread.start()
    except RuntimeError as error:
        raise DatelineError("The machine has no memory for another thread.") from error
    return thread
