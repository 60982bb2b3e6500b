"""Regular expressions that are compiled when they are first used.

The modules of a short command have hundreds, and it uses few of them: compiling all takes a tenth
of its processor time.
"""

# ruff: noqa: D102 - `re.Pattern` documents these methods

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from typing import Any, AnyStr, Protocol, cast


class Expression(Protocol[AnyStr]):
    """What a compiled pattern has; functions of `re` do not take one of these."""

    @property
    def pattern(self) -> AnyStr: ...
    @property
    def groups(self) -> int: ...

    def match(
        self, string: AnyStr, pos: int = 0, endpos: int = sys.maxsize, /
    ) -> re.Match[AnyStr] | None: ...
    def fullmatch(
        self, string: AnyStr, pos: int = 0, endpos: int = sys.maxsize, /
    ) -> re.Match[AnyStr] | None: ...
    def search(
        self, string: AnyStr, pos: int = 0, endpos: int = sys.maxsize, /
    ) -> re.Match[AnyStr] | None: ...
    def finditer(
        self, string: AnyStr, pos: int = 0, endpos: int = sys.maxsize, /
    ) -> Iterator[re.Match[AnyStr]]: ...
    def findall(self, string: AnyStr, pos: int = 0, endpos: int = sys.maxsize, /) -> list[Any]: ...
    def split(self, string: AnyStr, maxsplit: int = 0) -> list[Any]: ...
    def sub(
        self, repl: AnyStr | Callable[[re.Match[AnyStr]], AnyStr], string: AnyStr, count: int = 0
    ) -> AnyStr: ...
    def subn(
        self, repl: AnyStr | Callable[[re.Match[AnyStr]], AnyStr], string: AnyStr, count: int = 0
    ) -> tuple[AnyStr, int]: ...


def regex(expression: AnyStr, flags: int = 0) -> Expression[AnyStr]:
    """Return a pattern for the head of a module, as `re.compile` does.

    >>> digits = regex(r"[0-9]+")
    >>> digits.findall("1 - 3 May")
    ['1', '3']
    """
    return cast("Expression[AnyStr]", _Deferred(lambda: re.compile(expression, flags)))


class _Deferred:
    """A pattern whose methods become attributes as they are used."""

    def __init__(self, compiled: Callable[[], object]) -> None:
        self._compiled = compiled

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._compiled(), name)
        setattr(self, name, found)
        return found
