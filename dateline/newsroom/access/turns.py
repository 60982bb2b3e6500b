"""Turns at costly work that anybody can ask for."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE = 5.0  # seconds
WAITING = 6  # requests: each has one of the newsroom's few threads meanwhile


class CostlyWork:
    """Work that so many do `at_once`; few others wait for a moment, and more are refused."""

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
