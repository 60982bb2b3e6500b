"""What stands on the newsroom's pages, in which language?

Each catalogue has the same keys; what the program puts in stands in braces. What is said of a
file is in `dateline.messages`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from markupsafe import Markup

from dateline.messages import spoken
from dateline.newsroom.language.arabic import ARABIC
from dateline.newsroom.language.chinese import CHINESE
from dateline.newsroom.language.english import ENGLISH
from dateline.newsroom.language.french import FRENCH
from dateline.newsroom.language.russian import RUSSIAN
from dateline.newsroom.language.spanish import SPANISH
from dateline.text.language import direction
from dateline.text.localise import day_and_time, day_of_year, time_of_day

CATALOGUES: Mapping[str, Mapping[str, str]] = {
    "ar": ARABIC,
    "en": ENGLISH,
    "es": SPANISH,
    "fr": FRENCH,
    "ru": RUSSIAN,
    "zh": CHINESE,
}
_THIN = "\u202f"


class Words:
    """The words of one language, and how it writes dates.

    `foreign` is the language of messages where it is another one, or empty.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self.direction = direction(language)
        messages = spoken(language)
        self.foreign = messages if messages != language else ""
        self._words = CATALOGUES[language]

    def __call__(self, key: str, **values: object) -> Markup:
        """Give a text of the catalogue, with these values in their places, safe in HTML."""
        return Markup(self._words[key]).format(**values)  # noqa: S704 - ours, without markup

    def moment(self, value: datetime) -> str:
        """Give the day and the time of a moment, in its own zone."""
        return day_and_time(value, self.language)

    def time(self, value: datetime) -> str:
        """Give the time of a moment, in its own zone."""
        return time_of_day(value, self.language)

    def day(self, value: date) -> str:
        """Give a day in few letters, without its year."""
        return day_of_year(value, self.language)

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
    """Give a number as all languages can read it, in groups that no line breaks."""
    return f"{value:,}".replace(",", _THIN)
