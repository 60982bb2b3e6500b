"""Would this run hurt readers? (`DESIGN.md`, "Guards".) Pure."""

from __future__ import annotations

_MANY = 5
_PART = 5  # a fifth


def too_many_gone(gone: int, live: int) -> bool:
    """Say whether so many of `live` files are gone at once that nobody can have meant it.

    More than five and a fifth of all, or all of them: a share that is not there, a folder
    that was moved.
    """
    return 0 < live == gone or (gone > _MANY and gone * _PART > live)
