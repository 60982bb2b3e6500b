"""The places for deliveries that are on their way: how many may begin.

A delivery that takes longer than a moment leaves its place to another and goes on: subscribers
that answer slowly, or never, hold up nobody. Those to hosts in trouble have places of their own.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

PROMPT = 2.0  # seconds: a moment
_AT_ONCE = 256  # deliveries that began a moment ago
_ILL = 64  # deliveries to hosts that did not answer their last one
_FILES = 300  # of this process, for all else than deliveries
_FEWEST = 32  # files for deliveries
_KEPT = 3  # of the files for deliveries, one in so many is for connections that are kept


@dataclass(slots=True)
class DeliveryPlace:
    """The place of a delivery that began at a moment of a clock that is never set back."""

    began: float
    is_ill: bool
    is_prompt: bool
    is_over: bool = False


class Places:
    """The places of a process that may open so many `files`, of which each delivery is one.

    Connections that are `kept` between deliveries have files besides: so many, at most.
    """

    def __init__(self, files: int) -> None:
        own = max(files - _FILES, files // 2, _FEWEST)
        self.kept = own // _KEPT
        self._most = own - self.kept
        self._begun: deque[DeliveryPlace] = deque()
        self._prompt = self._ill = self._taken = 0

    @property
    def is_busy(self) -> bool:
        """True if some deliveries began a moment ago."""
        return self._prompt > 0

    def room(self, now: float, *, ill: bool = False) -> int:
        """Return how many deliveries may begin."""
        while self._begun and (self._begun[0].is_over or now - self._begun[0].began > PROMPT):
            self._leave(self._begun.popleft())
        room = _ILL - self._ill if ill else _AT_ONCE - self._prompt
        return max(0, min(room, self._most - self._taken))

    def take(self, now: float, *, ill: bool = False) -> DeliveryPlace:
        """Take a place for a delivery that begins."""
        place = DeliveryPlace(began=now, is_ill=ill, is_prompt=not ill)
        self._taken += 1
        self._ill += ill
        self._prompt += not ill
        if not ill:
            self._begun.append(place)
        return place

    def leave(self, place: DeliveryPlace) -> None:
        """Leave a place at the end of a delivery."""
        place.is_over = True
        self._taken -= 1
        self._ill -= place.is_ill
        self._leave(place)

    def _leave(self, place: DeliveryPlace) -> None:
        self._prompt -= place.is_prompt
        place.is_prompt = False
