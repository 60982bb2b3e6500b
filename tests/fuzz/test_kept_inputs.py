"""What the fuzzers begin with, and what once failed, holds without them, too."""

from __future__ import annotations

from pathlib import Path

import pytest

from fuzz.inputs import DOORS, KEPT, door, kept

FAILED = [(name, path) for name in DOORS for path in kept(name)]


@pytest.mark.long
@pytest.mark.parametrize("name", DOORS)
def test_every_seed_keeps_the_promises(name: str) -> None:
    """They are valid inputs, and the attacks of the tables."""
    found = door(name)

    for data in found.seeds():
        found.tried(data)


@pytest.mark.parametrize(("name", "path"), FAILED, ids=lambda one: getattr(one, "name", one))
def test_what_once_failed_keeps_the_promises(name: str, path: Path) -> None:
    """Each file is an input that broke a promise before its fix."""
    door(name).tried(path.read_bytes())


def test_every_kept_input_belongs_to_a_door() -> None:
    """A file elsewhere would never be tried."""
    assert {path.name for path in KEPT.iterdir() if path.is_dir()} <= {*DOORS}
