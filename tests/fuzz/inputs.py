"""Inputs of the fuzzers: pieces from a table, and files that once broke a promise.

`tests/data/fuzz/words.toml` has the pieces, `tests/data/fuzz/DOOR/` a file for each input that has
failed once, named after what was wrong.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from support.paths import DATA

KEPT = DATA / "fuzz"
DOORS = ("entries", "dates", "markup", "requests", "imports", "logs", "forms", "search", "hub")


class Door(Protocol):
    """A module of `fuzz.doors`: what is fed to one kind of input, and what must hold then."""

    WORDS: Sequence[bytes]
    """Pieces that are put into inputs."""

    def seeds(self) -> Iterator[bytes]:
        """Yield inputs to begin with."""
        ...

    def tried(self, data: bytes) -> None:
        """Feed an input. Raises any exception but those of the door if a promise is broken."""
        ...


def door(name: str) -> Door:
    """Return a door by its name."""
    return cast("Door", import_module(f"fuzz.doors.{name}"))


def kept(name: str) -> list[Path]:
    """Return the inputs of a door that have failed once."""
    return sorted(path for path in (KEPT / name).glob("*") if path.is_file())


def pieces(name: str, *more: str) -> tuple[bytes, ...]:
    """Return the pieces of a door from the table, and others, as bytes in UTF-8."""
    return tuple(dict.fromkeys(word.encode() for word in (*_table()[name], *more)))


@cache
def _table() -> dict[str, list[str]]:
    return tomllib.loads((KEPT / "words.toml").read_text("utf-8"))
