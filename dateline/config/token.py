"""The token of the newsroom: which ones are too easy to guess, and what makes a good one."""

from __future__ import annotations

import re
from itertools import pairwise

HOW_TO_MAKE = 'To make one, type: python -c "import secrets; print(secrets.token_urlsafe())"'
_WELL_KNOWN = re.compile(
    "password|passwort|secret|newsroom|dateline|token|admin|letmein|welcome|default|change|"
    "example|qwertyuiop|qwerty|asdfghjkl|asdf|zxcvbnm|azertyuiop|azerty",
    re.IGNORECASE,
)
_LEAST, _DIFFERENT = 12, 6  # characters by chance, as `_by_chance` has them


def hard_to_guess(text: str) -> str:
    """Return a token that nobody guesses. Raises `ValueError` for any other."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{16,}", text):
        raise ValueError(
            f"must be at least 16 letters, digits, - and _ that nobody can guess. {HOW_TO_MAKE}"
        )
    left = _by_chance(text)
    if len(left) < _LEAST or len({*left}) < _DIFFERENT:
        raise ValueError(f"is easy to guess. {HOW_TO_MAKE}")
    return text


def _by_chance(text: str) -> str:
    """Return the characters that are in no known word and no run, and end nothing said before."""
    text = _WELL_KNOWN.sub("", text)
    steps = [ord(after) - ord(before) for before, after in pairwise(text)]
    left = list(text[:2])
    for place in range(2, len(text)):
        step, last = steps[place - 1], steps[place - 2]
        is_run = step == last and abs(step) <= 1
        if not is_run and text[place - 2 : place + 1] not in text[:place]:
            left.append(text[place])
    return "".join(left)
