"""Regular expressions that are compiled when they are first used.

The modules of a short command have hundreds, and it uses few of them: compiling all takes a tenth
of its processor time.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, AnyStr, cast


def regex(expression: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Return a pattern for the head of a module, as `re.compile` does.

    >>> digits = regex(r"[0-9]+")
    >>> digits.findall("1 - 3 May")
    ['1', '3']
    """
    return cast("re.Pattern[AnyStr]", _Deferred(lambda: re.compile(expression, flags)))


class _Deferred:
    """A pattern whose methods become attributes as they are used."""

    def __init__(self, compiled: Callable[[], object]) -> None:
        self._compiled = compiled

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._compiled(), name)
        setattr(self, name, found)
        return found
