"""News as staff write it: texts that have little, much or nearly everything in common.

Each text has the number of its news and of its version in a link, where no comparison of words
sees it; so what readers have is known whatever happened to files, titles and dates.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

_SYLLABLES = [first + second for first in "bdfgklmnprstv" for second in "aeiou"]
_WORDS = [
    "".join(Random(f"word {number}").choices(_SYLLABLES, k=3 + number % 2))  # noqa: S311
    for number in range(3000)
]
_MARK = re.compile(r"https://example\.org/n(\d+)v(\d+)")
_ENOUGH = 12  # words of which one can be changed, and still all is nearly the same
_SERIES = ("Situation report", "Weekly figures", "Press release")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The text of a file, about the news with this number; each change has its own version."""

    news: int
    version: int
    title: str
    day: date
    paragraphs: tuple[str, ...]
    id: str = ""
    corrections: tuple[str, ...] = ()
    is_draft: bool = False
    is_broken: bool = False

    def toml(self) -> str:
        """Return the text of the file."""
        lines = [f"title = {json.dumps(self.title)}", f"date = {self.day}"]
        if self.is_broken:
            lines[1] = f"datum = {self.day}"
        if self.id:
            lines.append(f"id = {json.dumps(self.id)}")
        if self.corrections:
            lines.append(f"correction = {json.dumps(list(self.corrections))}")
        if self.is_draft:
            lines.append("draft = true")
        first, *others = self.paragraphs
        mark = f"https://example.org/n{self.news}v{self.version}"
        body = "\n\n".join((f"[Here]({mark}) {first}", *others))
        return "\n".join((*lines, f'body = """\n{body}\n"""', ""))


def shown(html: str) -> tuple[int, int]:
    """Return the numbers of the news and of the version that a text says."""
    found = _MARK.search(html)
    assert found, html
    return int(found[1]), int(found[2])


def first_version(news: int, version: int, day: date, random: Random) -> Written:
    """Return news: of its own words, a short one, or one of a series with much in common."""
    kind = random.choice(["own", "own", "own", "short", "series"])
    title = _sentence(random, random.randint(3, 6))
    if kind == "own":
        lengths = [random.randint(12, 45) for _ in range(random.randint(1, 4))]
        paragraphs = [f"{_sentence(random, length)}." for length in lengths]
    elif kind == "short":
        paragraphs = [f"{_sentence(random, random.randint(5, 12))}."]
    else:
        series = random.choice(_SERIES)
        title = f"{series} {news}"
        paragraphs = [
            f"Until {_sentence(random, 2)}, {random.randint(2, 900)} cases were reported.",
            *(f"{_sentence(Random(f'{series} {one}'), 20)}." for one in range(2)),  # noqa: S311
        ]
    return Written(news=news, version=version, title=title, day=day, paragraphs=tuple(paragraphs))


def is_of_a_series(*texts: Written) -> bool:
    """Return whether some of the texts have paragraphs that others of their series have."""
    return any(text.paragraphs[0].startswith("Until ") for text in texts)


def retitled(text: Written, random: Random) -> Written:
    """Return a text with another title: a new one, or with one word more."""
    is_new = random.random() < 0.5
    title = _sentence(random, 4) if is_new else f"{text.title} {random.choice(_WORDS)}"
    return replace(text, title=title)


def redated(text: Written, random: Random) -> Written:
    """Return a text with an earlier date."""
    return replace(text, day=text.day - timedelta(days=random.choice([1, 2, 7, 20])))


def edited(text: Written, random: Random) -> Written:
    """Return a text with a few other words, and possibly with another paragraph."""
    paragraphs = [paragraph.split() for paragraph in text.paragraphs]
    for _ in range(random.randint(1, 3)):
        words = random.choice(paragraphs)
        words[random.randrange(len(words))] = random.choice(_WORDS)
    if random.random() < 0.3:
        paragraphs.append(_sentence(random, random.randint(5, 20)).split())
    return replace(text, paragraphs=tuple(" ".join(words) for words in paragraphs))


def touched_up(text: Written, random: Random) -> Written:
    """Return a text with another word at its end; a short one as it is."""
    *others, last = text.paragraphs
    words = last.split()
    if len(words) < _ENOUGH:
        return text
    words[-1] = random.choice(_WORDS)
    return replace(text, paragraphs=(*others, " ".join(words)))


def rewritten(text: Written, random: Random) -> Written:
    """Return a text of which every third word is another."""
    paragraphs = tuple(
        " ".join(random.choice(_WORDS) if random.random() < 0.35 else word for word in one.split())
        for one in text.paragraphs
    )
    return replace(text, paragraphs=paragraphs)


def based_on(text: Written, news: Written, random: Random) -> Written:
    """Return other news for which staff used a text as the form; it may keep a paragraph."""
    kept = text.paragraphs[-1:] if random.random() < 0.5 and len(text.paragraphs) > 1 else ()
    return replace(news, paragraphs=(*news.paragraphs, *kept))


def _sentence(random: Random, length: int) -> str:
    return " ".join(random.choices(_WORDS, k=length)).capitalize()
