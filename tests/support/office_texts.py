"""The texts of an office (`support.office`), whose links and reasons name their news and version.

No comparison of words sees a link; so what readers have is known whatever happened to files.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random

_SYLLABLES = [first + second for first in "bdfgklmnprstv" for second in "aeiou"]
_WORDS = [
    "".join(Random(f"word {number}").choices(_SYLLABLES, k=3 + number % 2))  # noqa: S311
    for number in range(3000)
]
_MARK = re.compile(r"\bn(\d+)v(\d+)\b")
_CORRECTION = re.compile(r"It was (\d+)\.")
_RETRACTED = ("Retracted: ", "Rétracté\xa0: ")
LONG = 30  # words by which a text is recognised under another title
SERIES = ("Situation report No.", "Weekly figures No.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What readers see of some news, as far as it is judged."""

    version: int
    title: str
    corrections: frozenset[int]
    is_retracted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """What a file says, about the news with this number; each body has its own version.

    `date` is a day, or a moment in UTC.
    """

    news: int
    version: int
    title: str
    date: date
    paragraphs: tuple[str, ...]
    id: str = ""
    language: str = "en"
    translates: str = ""
    corrections: tuple[int, ...] = ()
    is_retracted: bool = False
    is_draft: bool = False
    is_broken: bool = False

    @property
    def is_long(self) -> bool:
        """Whether a renamed file is recognised by this text under another title."""
        return sum(len(one.split()) for one in self.paragraphs) >= LONG

    @property
    def is_of_series(self) -> bool:
        """Whether others have its title, but for a number."""
        return self.title.startswith(SERIES)

    def is_due(self, now: datetime) -> bool:
        """Return whether its moment has come."""
        return not isinstance(self.date, datetime) or self.date <= now

    def said(self) -> Said:
        """Return what readers see of it."""
        return Said(
            version=self.version,
            title=self.title,
            corrections=frozenset(self.corrections),
            is_retracted=self.is_retracted,
        )

    def toml(self) -> str:
        """Return the text of the file."""
        name = "datum" if self.is_broken else "date"
        corrections = [f"It was {number}." for number in self.corrections]
        reason = f"Nothing of n{self.news}v{self.version} was true."
        lines = {
            "title": json.dumps(self.title),
            name: self.date.isoformat().replace("+00:00", "Z"),
            "id": self.id and json.dumps(self.id),
            "language": self.language != "en" and json.dumps(self.language),
            "translation_of": self.translates and json.dumps(self.translates),
            "correction": corrections and json.dumps(corrections),
            "status": self.is_retracted and '"retracted"',
            "retraction": self.is_retracted and json.dumps(reason),
            "draft": self.is_draft and "true",
        }
        first, *others = self.paragraphs
        mark = f"https://example.org/n{self.news}v{self.version}"
        body = "\n\n".join((f"[Here]({mark}) {first}", *others))
        head = "".join(f"{name} = {value}\n" for name, value in lines.items() if value)
        return f'{head}body = """\n{body}\n"""\n'


def shown(title: str, html: str) -> tuple[int, Said]:
    """Return the number of the news that readers see, and what they see of it."""
    found = _MARK.search(html)
    assert found, html
    prefix = next((one for one in _RETRACTED if title.startswith(one)), "")
    return int(found[1]), Said(
        version=int(found[2]),
        title=title.removeprefix(prefix),
        corrections=frozenset(map(int, _CORRECTION.findall(html))),
        is_retracted=bool(prefix),
    )


def written(number: int, now: datetime, random: Random) -> Text:
    """Return news: of its own words, or a short one; of a day, or ahead of its moment."""
    text = Text(
        news=number,
        version=number,
        title=sentence(random, random.randint(3, 6)),
        date=now.date() - timedelta(days=random.choice([0, 0, 0, 1, 3, 9, 25])),
        paragraphs=tuple(
            f"{sentence(random, random.randint(14, 40))}." for _ in range(random.randint(2, 4))
        ),
    )
    if random.random() < 0.2:
        text = replace(text, paragraphs=(f"{sentence(random, random.randint(6, 13))}.",))
    if random.random() < 0.35:
        text = replace(text, date=ahead(now, random))
    if random.random() < 0.08:
        text = replace(text, id=f"tag:example.org,2026:own-{number}")
    return replace(text, is_draft=random.random() < 0.06)


def issue(number: int, series: str, now: datetime, random: Random) -> Text:
    """Return a report of a series, most of which is the same every time."""
    days = random.choice([0, 0, 1])
    return Text(
        news=number,
        version=number,
        title=f"{series} {number}",
        date=ahead(now, random) if random.random() < 0.3 else now.date() - timedelta(days=days),
        paragraphs=(
            f"Until {sentence(random, 2)}, {random.randint(2, 900)} cases were reported.",
            *(f"{sentence(Random(f'{series} {one}'), 20)}." for one in range(2)),  # noqa: S311
        ),
    )


def ahead(now: datetime, random: Random) -> datetime:
    """Return a moment that has not come."""
    hours = random.choice([2, 3, 5, 20, 40])
    return (now + timedelta(hours=hours)).replace(minute=0, second=0, microsecond=0)


def sentence(random: Random, length: int) -> str:
    """Return words."""
    return " ".join(random.choices(_WORDS, k=length)).capitalize()


def edited(text: Text, version: int, random: Random) -> Text:
    """Return a text with another word or two, and possibly with another paragraph."""
    paragraphs = [one.split() for one in text.paragraphs]
    for _ in range(random.randint(1, 2) if text.is_long else 1):
        words = random.choice(paragraphs)
        words[random.randrange(len(words))] = random.choice(_WORDS)
    if random.random() < 0.25:
        paragraphs.append(sentence(random, 9).split())
    return replace(text, version=version, paragraphs=tuple(map(" ".join, paragraphs)))


def rewritten(text: Text, version: int, random: Random) -> Text:
    """Return a text with every fifth word another."""
    paragraphs = tuple(
        " ".join(random.choice(_WORDS) if random.random() < 0.2 else word for word in one.split())
        for one in text.paragraphs
    )
    return replace(text, version=version, paragraphs=paragraphs)


def translated(text: Text, number: int, stem: str, random: Random) -> Text:
    """Return a translation."""
    paragraphs = tuple(f"{sentence(random, len(one.split()))}." for one in text.paragraphs)
    return replace(
        text,
        news=number,
        version=number,
        title=sentence(random, 4),
        paragraphs=paragraphs,
        language="fr",
        translates=stem,
        id="",
        corrections=(),
    )
