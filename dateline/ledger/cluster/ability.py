"""A node's ability to publish: what it notices, and how it has fared when it led."""

from __future__ import annotations

from collections.abc import Callable

_FIRST, _LONGEST = 10.0, 300.0  # seconds


class Ability:
    """The ability of a node to publish; `clock` never goes back.

    Only the node that leads notices a store that can be read but takes nothing. So one that failed
    soon after it began to lead rests, longer each time: else all would lead in turn, each for too
    short a time to report it.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self.lacking_since: float | None = None  # by the clock; None while the node is able
        self._clock = clock
        self._began = self._rests_until = float("-inf")
        self._rest = _FIRST

    def note(self, *, is_able: bool, leads: bool) -> None:
        """Note what the node notices now."""
        now = self._clock()
        if is_able and (leads or now >= self._rests_until):
            self.lacking_since = None
        elif self.lacking_since is None:
            self.lacking_since = now

    def begin_term(self) -> None:
        """Note that the node begins to lead."""
        self._began = self._clock()

    def end_term(self) -> None:
        """Note that the node leaves the lead."""
        if self.lacking_since is None:
            return
        if self.lacking_since - self._began >= _FIRST:  # it could publish until then
            self._rest = _FIRST
        self._rests_until = self._clock() + self._rest
        self._rest = min(2 * self._rest, _LONGEST)
