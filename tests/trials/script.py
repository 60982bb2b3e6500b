"""Scripts of trials: drawn from a seed, kept as lines of JSON, and shortened.

A line is an act of a person, a fault, or the time that passes. Whether it has an object is known
only when it is carried out, so any part of a script is a script.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from random import Random
from typing import Any

from trials import faults, newsroom

Line = dict[str, Any]
_WAITS = (1, 5, 30, 100, 700, 700, 4000, 20_000, 86_400, 200_000, 600_000)
_BEFORE_UPGRADE = 4
# By its number, so that a few trials have tried each.
_UPGRADED = 4  # one of so many scripts begins with the earlier release
_SHARED = 3  # one of so many scripts has its entries on a share
_CALM = 0.2  # of blocks have no faults
_KILLED = (0, 1, 5, 20, 60, 150)  # after so many writes of an upgrade; 0 is never
_STOPS = 0.3  # of these are followed by one in which no news can go out
_RESTS = (0.2, 0.5, 1, 2)  # seconds until the next fault comes, or it settles
_DETAILS: Mapping[str, Sequence[str]] = {
    "drop": ("by",),
    "edit": ("what",),
    "answer": ("way",),
    "delete folder": ("folder",),
    "stop news": ("way",),
    "disturb share": ("way",),
    "kill": ("process",),
    "pause": ("process",),
    "lie": ("who", "way"),
}
_NOT_COUNTED = {"wait", "rest", "settle", "fail calls", "share", "earlier release"}
_SCRIPTS = 100  # that have every kind


def drawn(seed: int, blocks: int, *, has_earlier: bool = False) -> list[Line]:
    """Return the script of a seed: blocks of acts and faults, after each of which it settles."""
    dice = Random(seed)  # noqa: S311 - the same each time
    lines: list[Line] = []
    upgrade = _BEFORE_UPGRADE if has_earlier and seed % _UPGRADED == 0 else 0
    is_shared = seed % _SHARED == 0
    for number in range(blocks):
        if upgrade and number == upgrade:
            lines += [{"do": "upgrade", "kill": dice.choice(_KILLED)}, {"do": "settle"}]
        is_calm = number < upgrade or dice.random() < _CALM
        lines += _block(dice, is_calm=is_calm, is_shared=is_shared)
        if is_calm and dice.random() < _STOPS:
            lines += [{"do": "stop news", "way": dice.choice(faults.STOPS)}, {"do": "settle"}]
    if upgrade:
        lines.insert(0, {"do": "earlier release"})
    if is_shared:
        lines.insert(0, {"do": "share"})
    return lines


def _block(dice: Random, *, is_calm: bool, is_shared: bool) -> list[Line]:
    parts = [[newsroom.draw(dice)] for _ in range(dice.randint(1, 4))]
    if dice.random() < 0.6:
        parts.append([{"do": "wait", "seconds": dice.choice(_WAITS)}])
    if not is_calm:
        parts += [
            [faults.draw(dice, is_shared=is_shared), {"do": "rest", "seconds": dice.choice(_RESTS)}]
            for _ in range(dice.randint(2, 5))
        ]
    dice.shuffle(parts)
    return [*chain(*parts), {"do": "settle"}]


def kind_of(line: Line) -> str:
    """Return which kind of act or fault a line is, such as `edit: retract`."""
    details = [line[name] for name in _DETAILS.get(line["do"], ())]
    return ": ".join([line["do"], *filter(None, [" ".join(details)])])


def kinds() -> set[str]:
    """Return every kind that scripts may have, and that a trial counts."""
    lines = chain(*(drawn(seed, blocks=9, has_earlier=True) for seed in range(_SCRIPTS)))
    calls = {f"calls: {error} at {call}" for error, some in faults.CALLS.items() for call in some}
    return calls | {kind_of(line) for line in lines if is_counted(line)}


def is_counted(line: Line) -> bool:
    """Return whether a line is an act or a fault that counts when it has been done.

    A fault of system calls counts once it has met any.
    """
    return line["do"] not in _NOT_COUNTED


def write(path: Path, script: Sequence[Line]) -> None:
    """Write a script, a line of JSON for each step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{json.dumps(line)}\n" for line in script), encoding="utf-8")


def read(path: Path) -> list[Line]:
    """Read a script."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line]


def shortened(
    script: Sequence[Line], fails: Callable[[Sequence[Line]], bool], most: int = 30
) -> list[Line]:
    """Return a part of a failing script that still fails, after `most` tries at most.

    Delta debugging (Zeller, Hildebrandt 2002): halves are left out, then quarters, down to lines.
    """
    left, size = list(script), max(1, len(script) // 2)
    while size and most > 0:
        place, is_shorter = 0, False
        while place < len(left) and most > 0:
            shorter = left[:place] + left[place + size :]
            most -= 1
            if shorter and fails(shorter):
                left, is_shorter = shorter, True
            else:
                place += size
        if not is_shorter or size > len(left):
            size //= 2
    return left
