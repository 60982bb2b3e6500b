"""Published documents over HTTP, and the processes that serve them."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from dateline.errors import DatelineError

if TYPE_CHECKING:  # the process that searches does without
    from dateline.config import Config, StoreSettings

TAKEN_UP = "DATELINE_TAKEN_UP"  # names a link to the configuration that `serve` took up last


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeCommands:
    """The commands of the processes that `serve` starts, and the `parts` of it that run here.

    These are of `publish`, with the newsroom, `follow` and `web`.
    """

    publisher: Sequence[str]
    newsroom: Sequence[str]
    replica: Sequence[str]
    parts: Collection[str] = ("publish", "follow", "web")


class Membership(Protocol):
    """The membership of a node in its cluster (`dateline.ledger.cluster.membership`)."""

    @property
    def epoch(self) -> int | None:
        """The epoch that this node holds; None while it does not lead."""

    @property
    def ahead(self) -> float:
        """Seconds by which this machine's clock is ahead of the database's."""

    @property
    def away(self) -> str:
        """The reason why the database cannot be reached, or an empty text."""

    def note_ability(self, *, is_able: bool) -> None:
        """Note whether this node could publish: it reaches the store, and its disk has room."""

    def let_others_try(self, seconds: float) -> None:
        """Leave the lead once, and come second for so many seconds: publishing has failed here."""

    def may_send(self) -> bool:
        """Return whether this node leads, by what the database says now."""

    def start(self) -> None:
        """Join the cluster, and go on in a thread."""

    def stop(self) -> None:
        """Step down, and leave the cluster."""


def configuration_path() -> Path:
    """Return the path of the configuration that the environment names for a process of the site.

    While it is there, it is the file that `serve` took up: a worker that is replaced must not go
    on with other folders than the others because a link to `config.toml` leads elsewhere.
    """
    taken_up = os.environ.get(TAKEN_UP, "")
    if taken_up and Path(taken_up).exists():
        return Path(taken_up)
    return Path(os.environ.get("DATELINE_CONFIG", "config.toml"))


def taken_up(path: Path, *, with_theme: bool = True) -> Config:
    """Read the configuration at `path`, in the folders of the one that `serve` took up last."""
    from dateline import config as configuration  # noqa: PLC0415 - many import no more than a name

    config = configuration.load(path, with_theme=with_theme)
    if not os.environ.get(TAKEN_UP):
        return config
    return in_folders_of(configuration.load(configuration_path(), with_theme=False), config)


def in_folders_of(first: Config, config: Config) -> Config:
    """Return a configuration with the state, the output and the log of another one."""
    if config.source and config.state != first.state:
        copied = first.state / config.entries.relative_to(config.state)
        config = replace(config, entries=copied, named_entries=copied)
    return replace(config, state=first.state, feeds_folder=first.feeds_folder, log=first.log)


def store_to_follow(config: Config) -> StoreSettings:
    """Return the store that a machine follows. Raises `DatelineError` where none is configured."""
    if config.store is None:
        raise DatelineError(
            "There is no store to follow: write its url under [store] in config.toml."
        )
    return config.store
