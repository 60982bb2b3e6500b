"""Published documents over HTTP, and the processes that serve them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dateline.errors import DatelineError

if TYPE_CHECKING:  # the process that searches does without
    from dateline.config import Config, StoreSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeCommands:
    """The commands of the processes that `serve` starts, and the `parts` of it that run here.

    These are of `publish`, with the newsroom, `follow` and `web`.
    """

    publisher: Sequence[str]
    newsroom: Sequence[str]
    replica: Sequence[str]
    parts: Collection[str] = ("publish", "follow", "web")


def store_to_follow(config: Config) -> StoreSettings:
    """Return the store that a machine follows. Raises `DatelineError` where none is configured."""
    if config.store is None:
        raise DatelineError(
            "There is no store to follow: write its url under [store] in config.toml."
        )
    return config.store
