"""Published documents over HTTP, and the processes that serve them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeCommands:
    """The commands of the processes that `serve` starts, and the `parts` of it that run here.

    These are of `publish`, with the newsroom, `follow` and `web`.
    """

    publisher: Sequence[str]
    newsroom: Sequence[str]
    replica: Sequence[str]
    parts: Collection[str] = ("publish", "follow", "web")
