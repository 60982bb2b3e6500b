"""The processor time that a function takes, and how it grows with the length of an input."""

from __future__ import annotations

import gc
from collections.abc import Callable
from time import process_time, sleep
from typing import TypeVar

_T = TypeVar("_T")
_TRIES = 6  # the machine may be busy, for seconds


def seconds(run: Callable[[_T], object], data: _T) -> float:
    """Return the processor time for an input, without a collection of garbage, as timeit does."""
    gc.disable()
    try:
        begun = process_time()
        run(data)
        return process_time() - begun
    finally:
        gc.enable()


def is_linear(
    time: Callable[[_T], float], short: _T, long: _T, *, most: float, brief: float
) -> bool:
    """Return whether a long input takes at most `most` times as long as a short one.

    Both are timed anew in each try, one beside the other, since a machine may be slow for a while.
    What takes less than `brief` seconds is not compared.
    """
    for number in range(_TRIES):
        sleep(number / 5)
        spent = time(long)
        if spent < brief or spent < most * min(time(short) for _ in range(2)):
            return True
    return False
