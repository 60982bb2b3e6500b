"""Memoised functions: a feed shows the same entries from run to run."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import lru_cache, wraps
from typing import Any, TypeVar

_MOST = 512  # results, the latest that were used: a few megabytes
MANY = 1_024  # results of what recurs in documents that a run renders one after another
_SHORT = 20_000  # characters

_Of = TypeVar("_Of", bound=Hashable)
_Made = TypeVar("_Made")


def memoised(
    size: Callable[[Any], int], most: int = _MOST
) -> Callable[[Callable[[_Of], _Made]], Callable[[_Of], _Made]]:
    """Decorate a pure function so that `most` of its latest results are kept.

    `size` returns the length of an argument in characters. Fewer results are kept for longer
    arguments, and none for long ones: a few books would fill the memory. Callers must not change a
    result.
    """
    short = _SHORT * _MOST // most

    def decorate(make: Callable[[_Of], _Made]) -> Callable[[_Of], _Made]:
        known = lru_cache(maxsize=most)(make)
        longer = known if short == _SHORT else lru_cache(maxsize=_MOST)(make)

        @wraps(make)
        def made(of: _Of) -> _Made:
            length = size(of)
            if length < short:
                return known(of)
            return longer(of) if length < _SHORT else make(of)

        return made

    return decorate


def get_or_create(known: OrderedDict[_Of, _Made], of: _Of, make: Callable[[], _Made]) -> _Made:
    """Return a `known` value, or make it; only the latest that were used are kept."""
    if of in known:
        known.move_to_end(of)
        return known[of]
    made = known[of] = make()
    if len(known) > _MOST:
        known.popitem(last=False)
    return made
