"""Turns at work of which there is little at a time, whoever asks for it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE = 5.0  # seconds
WAITING = 6  # requests: each has one of the newsroom's few threads meanwhile


class Turns:
    """Lets so many work `at_once`; a few more wait for a moment, and others are refused at once."""

    def __init__(self, at_once: int) -> None:
        self._free = threading.BoundedSemaphore(at_once)
        self._places = threading.BoundedSemaphore(at_once + WAITING)

    @contextmanager
    def turn(self, patience: float = PATIENCE) -> Iterator[bool]:
        """Wait for a turn for so many seconds; yield whether there is one."""
        has_place = self._places.acquire(blocking=False)
        has_turn = has_place and self._free.acquire(timeout=patience)
        try:
            yield has_turn
        finally:
            if has_turn:
                self._free.release()
            if has_place:
                self._places.release()
