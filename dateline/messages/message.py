"""Entry of the table of messages, and the kinds of values in its places."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What stands in a place of a message; `dateline.messages.values` has the types.

    Every kind may also be plain text: that of a file, and that of a ledger of earlier releases.
    """

    TEXT = "text"
    """A text of a file, a name, an address, a code, or what is to be typed: never translated."""
    COUNT = "count"
    """A whole number."""
    DAY = "day"
    """A day, a month or a stretch of them, with the names of months."""
    MOMENT = "moment"
    """A day and a time of day."""
    WORDS = "words"
    """A phrase of Dateline's own (`dateline.messages.codes.words`)."""


TEXT, COUNT, DAY, MOMENT, WORDS = Kind.TEXT, Kind.COUNT, Kind.DAY, Kind.MOMENT, Kind.WORDS


@dataclass(frozen=True, slots=True)
class Counted:
    """A text with a number in it, for one thing and for many; `by` is the number's place."""

    one: str
    many: str
    by: str


@dataclass(frozen=True, slots=True)
class Message:
    """The state that a problem puts its file in, its wording in English, and its parameters.

    `found` and `wanted` are the kinds of what a `Problem` with this code carries, None where it
    carries nothing. A text names what it needs of them, and of the name of the field.
    """

    state: str
    text: str
    found: Kind | None = None
    wanted: Kind | None = None
