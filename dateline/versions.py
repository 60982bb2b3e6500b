"""Which versions of an entry were published, and how does an old one come back?

A version comes back as a file, which is then published like any other.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path

from dateline.config import Config
from dateline.errors import LedgerError
from dateline.ledger import Ledger, exclusive
from dateline.model import Story, Version
from dateline.pipeline import ledger_url

_WORDS = {"html": "body", "path": "file name", "kind": "", "retraction": "status"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One version as staff see it; `accepted` is in the site's zone, `what` names fields."""

    number: int
    accepted: datetime
    owner: str
    editor: str
    what: tuple[str, ...]


def history(config: Config, name: str) -> list[Change]:
    """Give the versions of the entry whose file, page or id is called `name`, oldest first.

    Raises `LedgerError` where no such entry was published.
    """
    return list(_changes(_versions(config, name), config))


def restore(config: Config, name: str, number: int) -> Path:
    """Write a version's file where the newest lies, and give its path.

    Raises `LedgerError` where there is no such version, and where the file that is there now
    says something that was never published and so would be lost.
    """
    versions = _versions(config, name)
    wanted = next((version for version in versions if version.number == number), None)
    if wanted is None:
        numbers = ", ".join(str(version.number) for version in versions) or "none"
        raise LedgerError(f"There is no version {number} of {name}, only {numbers}.")
    path = config.entries / versions[-1].story.path
    if path.exists() and path.read_bytes() not in [version.file.data for version in versions]:
        raise LedgerError(
            f"{path.name} has changes that were never published. Move it to another folder first."
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.parent.resolve().is_relative_to(config.entries):
        raise LedgerError(f"{path.parent} leads out of {config.entries}. Nothing was written.")
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with temporary.open("xb") as file:
        file.write(wanted.file.data)
    temporary.replace(path)
    return path


def id_of(config: Config, name: str) -> str:
    """Give the id of the entry whose file, page or id is called `name`.

    Raises `LedgerError` where no such entry was published.
    """
    with exclusive(config.state), Ledger(ledger_url(config)) as ledger:
        return _id_of(name, ledger, config)


def _versions(config: Config, name: str) -> list[Version]:
    with exclusive(config.state), Ledger(ledger_url(config)) as ledger:
        return ledger.versions(_id_of(name, ledger, config))


def _id_of(name: str, ledger: Ledger, config: Config) -> str:
    folder = config.entries.name
    id_ = ledger.id_of(name.removeprefix("./").removeprefix(f"{folder}/"))
    if id_ is None:
        raise LedgerError(
            f"No entry called {name} was published. Name its file as it lies in "
            f"{folder}/, or its id."
        )
    return id_


def _changes(versions: Sequence[Version], config: Config) -> Iterator[Change]:
    before: Story | None = None
    for version in versions:
        yield Change(
            number=version.number,
            accepted=version.accepted.astimezone(config.publication.zone),
            owner=version.file.owner,
            editor=version.story.editor,
            what=_what(before, version.story),
        )
        before = version.story


def _what(before: Story | None, after: Story) -> tuple[str, ...]:
    """Name the fields in which two versions differ, in staff's words."""
    if before is None:
        return ("published",)
    differ = (f.name for f in fields(Story) if getattr(before, f.name) != getattr(after, f.name))
    named = (_WORDS.get(name, name) for name in differ)
    return tuple(word for word in named if word)
