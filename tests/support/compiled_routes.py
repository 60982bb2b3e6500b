"""What builds the addresses of routes, shared by all newsrooms and sites of a process.

Werkzeug compiles two functions for each route of each application, so each test that makes one
would compile a hundred.
"""

from __future__ import annotations

from collections.abc import Callable

from werkzeug.routing import Rule

_Builder = Callable[..., tuple[str, str]]
_compile = Rule._compile_builder  # noqa: SLF001 - there is no other way
_builders: dict[tuple[object, ...], _Builder] = {}


def _shared(rule: Rule, append_unknown: bool = True) -> _Builder:  # noqa: FBT001, FBT002 - as in Werkzeug
    if rule.defaults:
        return _compile(rule, append_unknown)
    key = (append_unknown, rule.rule, *rule._trace)  # noqa: SLF001
    if key not in _builders:
        _builders[key] = _compile(rule, append_unknown)
    return _builders[key]


def share() -> None:
    """Share them from now on."""
    Rule._compile_builder = _shared  # type: ignore[method-assign,assignment]  # noqa: SLF001
