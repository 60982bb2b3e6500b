"""Attacks as data: the tables of `tests/data/attacks/`, one file for each door.

Each attack has a `name`, what is sent, and what must hold, in the words of its door's test module.
A text may hold what TOML and people cannot type: `{{n*text}}` is `text` n times. One that is `long`
takes seconds.
"""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest

from support.paths import DATA

_REPEATED = re.compile(r"\{\{(\d+)\*(.*?)\}\}", re.DOTALL)
Attack = dict[str, Any]


def attacks(door: str, table: str = "attack") -> list[Attack]:
    """Return the attacks on a door."""
    found: list[Attack] = tomllib.loads((DATA / f"attacks/{door}.toml").read_text("utf-8"))[table]
    return found


def cases(door: str) -> list[Any]:
    """Return the attacks on a door as the cases of a test, of which some are long."""
    return [
        pytest.param(one, id=name_of(one), marks=pytest.mark.long if one.get("long") else ())
        for one in attacks(door)
    ]


def name_of(attack: Attack) -> str:
    """Return the name of an attack, as the name of a case."""
    return str(attack["name"])


def whole(text: str) -> str:
    """Return a text with its repetitions written out.

    >>> whole("a{{3*bc}}")
    'abcbcbc'
    """
    return _REPEATED.sub(lambda found: int(found[1]) * found[2], text)
