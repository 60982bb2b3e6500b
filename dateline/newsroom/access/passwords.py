"""Passwords: their hashes, how many are checked at once, and those that are easy to guess.

Argon2id takes 64 MiB and a tenth of a second for each check, by design: two are checked at a time.
"""

from __future__ import annotations

import re
from contextlib import AbstractContextManager

from dateline.config.values import unpredictable_part
from dateline.newsroom.access.turns import PATIENCE, CostlyWork
from dateline.text.characters import normalised

_AT_ONCE = 2
_PATIENCE = PATIENCE  # seconds until a check is refused because others are under way
_FEWEST = 12  # characters
_FEWEST_RANDOM, _FEWEST_DISTINCT = 8, 5
_checks = CostlyWork(_AT_ONCE)


def hashed(password: str) -> str:
    """Return the hash of a password, with its parameters and salt, as a PHC string."""
    from argon2 import PasswordHasher  # noqa: PLC0415 - only where people have passwords

    return PasswordHasher().hash(_normal(password))


def is_right(password: str, own: str) -> bool | None:
    """Return whether a password has this hash; None where there is no memory to find that out.

    Call it in a `turn`.
    """
    from argon2 import PasswordHasher  # noqa: PLC0415
    from argon2.exceptions import (  # noqa: PLC0415
        InvalidHashError,
        VerificationError,
        VerifyMismatchError,
    )

    try:
        return PasswordHasher().verify(own, _normal(password))
    except (VerifyMismatchError, InvalidHashError):
        return False
    except VerificationError:
        return None


def turn() -> AbstractContextManager[bool]:
    """Wait for a moment until fewer than two passwords are being checked; yield whether so."""
    return _checks.turn(_PATIENCE)


def weakness(password: str, name: str) -> str:
    """Return the end of a sentence about a password that is easy to guess, or an empty text."""
    if len(_normal(password)) < _FEWEST:
        return f"has fewer than {_FEWEST} characters"
    left = _normal(password).casefold()
    for word in re.findall(r"\w{3,}", name.casefold()):
        left = left.replace(word, "")
    left = unpredictable_part(left)
    if len(left) < _FEWEST_RANDOM or len({*left}) < _FEWEST_DISTINCT:
        return "is easy to guess"
    return ""


def _normal(password: str) -> str:
    """Return a password as all keyboards send it."""
    return normalised("NFC", password)
