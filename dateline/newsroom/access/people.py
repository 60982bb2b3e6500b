"""The people of a newsroom, and the actions that each role allows."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum, auto

from dateline.config import PersonSettings, StaffRole
from dateline.text.characters import normalised


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is let in; without a name for the token of the house, and on its own machine.

    >>> Person("Night editor", StaffRole.EDITOR)
    Person(name='Night editor', role=<StaffRole.EDITOR: 'editor'>)
    """

    name: str
    role: StaffRole


HOUSE = Person("", StaffRole.EDITOR)


class Action(StrEnum):
    """What somebody does on a page of the newsroom, or by sending one of its forms."""

    SEE = auto()
    WRITE = auto()
    EDIT = auto()
    STOP = auto()
    ASK = auto()
    ALLOW = auto()
    KEEP = auto()
    APPROVE = auto()
    WITHDRAW = auto()
    RETRACT = auto()
    RESTORE = auto()
    TAKE_DOWN = auto()


_ALLOWED_TO: Mapping[StaffRole, frozenset[Action]] = {
    StaffRole.READER: frozenset({Action.SEE}),
    StaffRole.WRITER: frozenset({Action.SEE, Action.WRITE, Action.EDIT, Action.STOP, Action.ASK}),
    StaffRole.EDITOR: frozenset(Action),
}


def may(person: Person, action: Action) -> bool:
    """Return whether somebody may do this."""
    return action in _ALLOWED_TO[person.role]


class People:
    """The people of the configuration, found by name or by token."""

    def __init__(self, listed: Iterable[PersonSettings]) -> None:
        self._listed = tuple(listed)
        self._named = {folded(one.name): one for one in self._listed}

    def __bool__(self) -> bool:
        """Return whether there is anybody."""
        return bool(self._listed)

    def settings(self, name: str) -> PersonSettings | None:
        """Return the table of a person; letters may be small or capital."""
        return self._named.get(folded(name))

    def named(self, name: str) -> Person | None:
        """Return the person of this name."""
        found = self.settings(name)
        return Person(found.name, found.role) if found else None

    def with_token(self, token: str) -> Person | None:
        """Return the person of a token.

        A token has 256 random bits, so a fast hash is enough: nobody can try them all.
        """
        digest = token_hash(token)
        found = [one for one in self._listed if hmac.compare_digest(one.token, digest)]
        return Person(found[0].name, found[0].role) if found else None

    def with_passwords(self) -> tuple[PersonSettings, ...]:
        """Return those who have a password."""
        return tuple(one for one in self._listed if one.password)

    def who_may(self, action: Action) -> tuple[str, ...]:
        """Return the names of those who may do this."""
        return tuple(one.name for one in self._listed if action in _ALLOWED_TO[one.role])


def folded(name: str) -> str:
    """Return a name in the form in which names are compared."""
    return " ".join(normalised("NFC", name).split()).casefold()


def token_hash(token: str) -> str:
    """Return the hash of a token as the configuration has it."""
    return f"sha256:{hashlib.sha256(token.encode(errors='replace')).hexdigest()}"


def fingerprint(own: PersonSettings) -> str:
    """Return a digest of all that the configuration has about a person."""
    return hashlib.sha256(repr(own).encode()).hexdigest()
