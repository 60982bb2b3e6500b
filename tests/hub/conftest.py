"""A publication, and subscribers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.publication import PUBLICATION, Newsroom
from support.subscribers import Subscribers, subscribers


@pytest.fixture
def room(tmp_path: Path) -> Newsroom:
    """Return a publication with one entry."""
    room = Newsroom(tmp_path / "publication")
    room.folder.mkdir()
    (room.folder / "config.toml").write_text(PUBLICATION, encoding="utf-8")
    room.drop("first.toml")
    room.build()
    return room


@pytest.fixture
def there() -> Iterator[Subscribers]:
    """Run subscribers at four addresses."""
    with subscribers([f"127.0.0.{number}" for number in range(1, 5)]) as running:
        yield running
