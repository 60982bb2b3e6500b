"""What stands on the newsroom's pages, in which language?

Each catalogue has the same keys; what the program puts in stands in braces. What is said of a
file is in `dateline.messages`.
"""

from __future__ import annotations

from collections.abc import Mapping

from dateline.newsroom.words.english import ENGLISH
from dateline.newsroom.words.french import FRENCH
from dateline.newsroom.words.spanish import SPANISH

CATALOGUES: Mapping[str, Mapping[str, str]] = {"en": ENGLISH, "fr": FRENCH, "es": SPANISH}
_THIN = "\u202f"


class Words:
    """The words of one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._words = CATALOGUES[language]

    def __call__(self, key: str, **values: object) -> str:
        """Give a text of the catalogue, with these values in their places."""
        return self._words[key].format(**values)

    def left(self, seconds: float) -> str:
        """Say how long something takes, in its two largest units.

        >>> Words("en").left(93784)
        '1 d 2 h'
        """
        whole = max(0, int(seconds))
        units = (("days", 86400), ("hours", 3600), ("minutes", 60), ("seconds", 1))
        sizes = [number for number, (_, unit) in enumerate(units) if whole >= unit] or [3]
        parts = []
        for key, unit in units[sizes[0] : sizes[0] + 2]:
            parts.append(f"{whole // unit} {self(key)}")
            whole %= unit
        return " ".join(parts)


def number(value: int) -> str:
    """Give a number as all three languages read it, in groups that no line breaks."""
    return f"{value:,}".replace(",", _THIN)
