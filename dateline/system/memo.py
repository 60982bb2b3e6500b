"""Memoised functions: a feed shows the same entries from run to run."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import lru_cache, wraps
from typing import Any, TypeVar

_MOST = 512  # results, the latest that were used: a few megabytes
_SHORT = 20_000  # characters

_Of = TypeVar("_Of", bound=Hashable)
_Made = TypeVar("_Made")


def memoised(
    size: Callable[[Any], int],
) -> Callable[[Callable[[_Of], _Made]], Callable[[_Of], _Made]]:
    """Decorate a pure function so that its latest results are kept.

    `size` returns the length of an argument in characters. Results for long arguments are not
    kept: a few books would fill the memory. Callers must not change a result.
    """

    def decorate(make: Callable[[_Of], _Made]) -> Callable[[_Of], _Made]:
        known = lru_cache(maxsize=_MOST)(make)

        @wraps(make)
        def made(of: _Of) -> _Made:
            return known(of) if size(of) < _SHORT else make(of)

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
