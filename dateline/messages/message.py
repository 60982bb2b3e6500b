"""Entry of the table of messages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Message:
    """The state that a problem puts its file in, and its wording in English."""

    state: str
    text: str
