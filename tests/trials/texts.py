"""The texts of a trial: as staff write them into files, and as readers see them in feeds.

Each version of a text has marks, words that stand nowhere else, so that whatever shows one shows
that version.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

MARK = re.compile(r"zq([a-z])(\d+)w(\d+)z")
ZONE = ZoneInfo("Europe/Vienna")


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """Content of one file, of news number `news`; its other numbers are those of its marks.

    `due` is the moment of its embargo, in seconds since 1970, or 0; `date` is what staff wrote.
    """

    news: int
    date: str
    due: float = 0
    title: int = 1
    body: int = 1
    corrections: tuple[int, ...] = ()
    retraction: int = 0
    is_draft: bool = False
    is_broken: bool = False
    is_about_lebanon: bool = False
    has_picture: bool = False

    def toml(self) -> str:
        """Return the file's text."""
        if self.is_broken:
            return f"title = {self.mark('t', self.title)} has no quotes\n"
        corrections = ", ".join(f'"{self.mark("c", one)} it was."' for one in self.corrections)
        lines = {
            "title": f'"{self.mark("t", self.title)} {words(self.news, 2)}"',
            "date": self.date,
            "correction": corrections and f"[{corrections}]",
            "status": self.retraction and '"retracted"',
            "retraction": self.retraction and f'"{self.mark("r", self.retraction)} is why."',
            "categories": self.is_about_lebanon and '["Lebanon"]',
            "draft": self.is_draft and "true",
            "image": self.has_picture and f'"{picture_name(self.news)}"',
            "image_alt": self.has_picture and '"A square"',
            "body": f'"""\n{self.mark("b", self.body)} {words(self.news, 9)}\n"""',
        }
        return "".join(f"{name} = {value}\n" for name, value in lines.items() if value)

    def mark(self, kind: str, number: int) -> str:
        """Return the mark of one part of the text: `t`itle, `b`ody, `c`orrection, `r`etraction."""
        return f"zq{kind}{self.news}w{number}z"

    @property
    def shown(self) -> str:
        """Return the mark of the body, or of the reason that replaces it."""
        return self.mark("r", self.retraction) if self.retraction else self.mark("b", self.body)

    @property
    def headline(self) -> str:
        """Return the mark of the title."""
        return self.mark("t", self.title)

    def wanted(self) -> set[str]:
        """Return the marks that readers must find in a feed."""
        return {self.headline, self.shown, *(self.mark("c", one) for one in self.corrections)}

    def marks(self) -> set[str]:
        """Return all marks that the file's text contains."""
        return {found[0] for found in MARK.finditer(self.toml())}


def words(number: int, count: int) -> str:
    """Return words that survive edits, and that no other news has."""
    name = f"{'bdfglmnprstvz'[number % 13]}{'aeiou'[number // 13 % 5]}{'klmnrs'[number // 65 % 6]}"
    endings = ("kabo", "kelu", "kiro", "komi", "kuna", "kafe", "kesi", "kidu", "kote")
    return " ".join(f"{name}{ending}" for ending in endings[:count])


def picture_name(number: int) -> str:
    """Return the name of the picture of one piece of news."""
    return f"picture{number}.png"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """An entry as readers see it in a feed."""

    id: str
    address: str
    title: str
    text: str
    published: float
    updated: float

    @property
    def marks(self) -> frozenset[str]:
        """Return the marks of title and text; its address keeps the first title."""
        place = self.address.rpartition("/")[2].removesuffix(".html")
        text = self.text.replace(place, "") if MARK.search(place) else self.text
        return frozenset(one[0] for one in MARK.finditer(f"{self.title} {text}"))


def today(now: float) -> str:
    """Return the day in the newsroom's zone, as staff write it."""
    return f"{datetime.fromtimestamp(now, ZONE):%Y-%m-%d}"


def days_ago(now: float, days: int) -> str:
    """Return an earlier day, as staff write it."""
    return f"{datetime.fromtimestamp(now, ZONE) - timedelta(days=days):%Y-%m-%d}"


def moment(seconds: float) -> str:
    """Return a moment, as staff write it."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"


def with_values(text: Text, **values: object) -> Text:
    """Return a text with other values."""
    return replace(text, **values)  # type: ignore[arg-type]  # by names of its own
