"""Words by which newsrooms say that news is not public yet, in small letters.

Where they stand decides what they mean: alone in a title, beside a date, in the name of a file, or
as the value of a field.
"""

from __future__ import annotations

from collections.abc import Iterable

DRAFT = frozenset({"draft", "borrador", "brouillon", "entwurf", "rascunho", "черновик"})
DRAFT_UNCASED = frozenset({"مسودة", "草稿", "初稿", "待审"})  # in scripts without capitals
EMBARGO = frozenset({"embargo", "эмбарго"})
EMBARGOED = frozenset({"embargoed", "embargada", "embargado"})
EMBARGO_LINE = frozenset({"sperrfrist", "sperrvermerk"})
CONFIDENTIAL = frozenset({"confidencial", "confidential", "confidentiel", "vertraulich"})
PRIVATE = frozenset({"privat", "private"})
# What the state of news is while it is kept back.
STATES = DRAFT | CONFIDENTIAL | PRIVATE | {
    "hold", "intern", "internal", "interne", "interno", "pending", "unapproved", "unpublished",
    "unreleased", "wip",
}  # fmt: skip


def alternatives(words: Iterable[str]) -> str:
    """Return an expression for any of some words, the longest first.

    >>> alternatives({"draft", "entwurf"}), alternatives({"embargo", "embargoed"})
    ('(?:entwurf|draft)', '(?:embargoed|embargo)')
    """
    return f"(?:{'|'.join(sorted(words, key=lambda word: (-len(word), word)))})"
