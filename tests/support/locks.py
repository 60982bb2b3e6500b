"""The lock files of `requirements/`, as `make lock` writes them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from support.paths import ROOT

FOLDER = ROOT / "requirements"
PROJECT = "dateline (pyproject.toml)"  # what requires a library, with extras but without groups
_HEAD = re.compile(r"^([a-z0-9._-]+)(?:\[[^]]*\])?==([^\s;]+)(?: ; (.*?))? \\$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked:
    """One version of a library, such as tomli 2.5.0, required by alembic and others."""

    name: str
    version: str
    marker: str  # the platforms that need it; empty for all
    required_by: tuple[str, ...]
    text: str  # its lines in the lock, with the hashes


def read(lock: Path) -> Iterator[Locked]:
    """Yield each version of a lock file.

    Raises ValueError if a line begins no version with hashes.
    """
    for block in re.split(r"\n(?=\S)", lock.read_text("utf-8").strip()):
        head, *rest = block.splitlines()
        match = _HEAD.match(head)
        if not match:
            raise ValueError(f"{lock.name} has a line that is no locked version: {head}")
        notes = [line.strip().removeprefix("# via").lstrip("# ") for line in rest if "# " in line]
        yield Locked(
            name=match[1],
            version=match[2],
            marker=match[3] or "",
            required_by=tuple(note for note in notes if note and not note.startswith("-")),
            text=block,
        )


def required(by: str, locked: Iterable[Locked]) -> list[Locked]:
    """Return what a library or the project requires, itself or by way of others."""
    found: dict[str, list[Locked]] = {}
    for one in locked:
        for parent in one.required_by:
            found.setdefault(parent, []).append(one)
    names, todo = set[str](), [by]
    while todo:
        new = {one.name for one in found.get(todo.pop(), ())} - names
        names |= new
        todo += new
    return [one for one in locked if one.name in names]
