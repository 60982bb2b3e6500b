"""What was made of something short is remembered: a feed shows the same entries from run to run."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import lru_cache, wraps
from typing import Any, TypeVar

_MOST = 512  # things, the latest that were asked for: a few megabytes
_SHORT = 20_000  # signs

_Of = TypeVar("_Of", bound=Hashable)
_Made = TypeVar("_Made")


def remembered(
    size: Callable[[Any], int],
) -> Callable[[Callable[[_Of], _Made]], Callable[[_Of], _Made]]:
    """Let a function that always makes the same of the same make it once.

    `size` is how many signs long that is of which it is made: the long is made anew, lest a few
    books fill the memory. Nobody may change what it gives.
    """

    def lasting(make: Callable[[_Of], _Made]) -> Callable[[_Of], _Made]:
        known = lru_cache(maxsize=_MOST)(make)

        @wraps(make)
        def made(of: _Of) -> _Made:
            return known(of) if size(of) < _SHORT else make(of)

        return made

    return lasting


def again(known: OrderedDict[_Of, _Made], of: _Of, make: Callable[[], _Made]) -> _Made:
    """Give what is `known` of this, or make it; the latest that were asked for stay known."""
    if of in known:
        known.move_to_end(of)
        return known[of]
    made = known[of] = make()
    if len(known) > _MOST:
        known.popitem(last=False)
    return made
